//! The enums of a ticket's events, in both directions.
mod complaint;
mod join;

use domain::ticket;

use crate::intake::v1;
use crate::words::Unknown;

impl From<ticket::TicketType> for v1::TicketType {
    fn from(kind: ticket::TicketType) -> Self {
        match kind {
            ticket::TicketType::Incident => Self::Incident,
            ticket::TicketType::Request => Self::Request,
            ticket::TicketType::Inquiry => Self::Inquiry,
            ticket::TicketType::Complaint => Self::Complaint,
            ticket::TicketType::Payment => Self::Payment,
            ticket::TicketType::SalesInquiry => Self::SalesInquiry,
            ticket::TicketType::DataSubjectRequest => Self::DataSubjectRequest,
            ticket::TicketType::Regulatory => Self::Regulatory,
            ticket::TicketType::Problem => Self::Problem,
        }
    }
}

impl TryFrom<v1::TicketType> for ticket::TicketType {
    type Error = Unknown;

    fn try_from(kind: v1::TicketType) -> Result<Self, Unknown> {
        Ok(match kind {
            v1::TicketType::Incident => Self::Incident,
            v1::TicketType::Request => Self::Request,
            v1::TicketType::Inquiry => Self::Inquiry,
            v1::TicketType::Complaint => Self::Complaint,
            v1::TicketType::Payment => Self::Payment,
            v1::TicketType::SalesInquiry => Self::SalesInquiry,
            v1::TicketType::DataSubjectRequest => Self::DataSubjectRequest,
            v1::TicketType::Regulatory => Self::Regulatory,
            v1::TicketType::Problem => Self::Problem,
            v1::TicketType::Unspecified => return Err(Unknown),
        })
    }
}

impl From<ticket::Origin> for v1::TicketOrigin {
    fn from(origin: ticket::Origin) -> Self {
        match origin {
            ticket::Origin::New => Self::New,
            ticket::Origin::Split => Self::Split,
            ticket::Origin::FollowUp => Self::FollowUp,
            ticket::Origin::Dunning => Self::Dunning,
            ticket::Origin::Monitoring => Self::Monitoring,
            ticket::Origin::Import => Self::Import,
        }
    }
}

impl TryFrom<v1::TicketOrigin> for ticket::Origin {
    type Error = Unknown;

    fn try_from(origin: v1::TicketOrigin) -> Result<Self, Unknown> {
        Ok(match origin {
            v1::TicketOrigin::New => Self::New,
            v1::TicketOrigin::Split => Self::Split,
            v1::TicketOrigin::FollowUp => Self::FollowUp,
            v1::TicketOrigin::Dunning => Self::Dunning,
            v1::TicketOrigin::Monitoring => Self::Monitoring,
            v1::TicketOrigin::Import => Self::Import,
            v1::TicketOrigin::Unspecified => return Err(Unknown),
        })
    }
}

impl From<ticket::ClassificationSource> for v1::ClassificationSource {
    fn from(source: ticket::ClassificationSource) -> Self {
        match source {
            ticket::ClassificationSource::Rule => Self::Rule,
            ticket::ClassificationSource::Agent => Self::Agent,
            ticket::ClassificationSource::Bot => Self::Bot,
            ticket::ClassificationSource::Customer => Self::Customer,
        }
    }
}

impl TryFrom<v1::ClassificationSource> for ticket::ClassificationSource {
    type Error = Unknown;

    fn try_from(source: v1::ClassificationSource) -> Result<Self, Unknown> {
        Ok(match source {
            v1::ClassificationSource::Rule => Self::Rule,
            v1::ClassificationSource::Agent => Self::Agent,
            v1::ClassificationSource::Bot => Self::Bot,
            v1::ClassificationSource::Customer => Self::Customer,
            v1::ClassificationSource::Unspecified => return Err(Unknown),
        })
    }
}

impl From<ticket::PriorityCause> for v1::PriorityCause {
    fn from(cause: ticket::PriorityCause) -> Self {
        match cause {
            ticket::PriorityCause::Initial => Self::Initial,
            ticket::PriorityCause::Misassessed => Self::Misassessed,
            ticket::PriorityCause::ImpactGrew => Self::ImpactGrew,
            ticket::PriorityCause::ImpactMitigated => Self::ImpactMitigated,
            ticket::PriorityCause::Vip => Self::Vip,
            ticket::PriorityCause::Emotion => Self::Emotion,
            ticket::PriorityCause::StatutoryRisk => Self::StatutoryRisk,
            ticket::PriorityCause::Override => Self::Override,
        }
    }
}

impl TryFrom<v1::PriorityCause> for ticket::PriorityCause {
    type Error = Unknown;

    fn try_from(cause: v1::PriorityCause) -> Result<Self, Unknown> {
        Ok(match cause {
            v1::PriorityCause::Initial => Self::Initial,
            v1::PriorityCause::Misassessed => Self::Misassessed,
            v1::PriorityCause::ImpactGrew => Self::ImpactGrew,
            v1::PriorityCause::ImpactMitigated => Self::ImpactMitigated,
            v1::PriorityCause::Vip => Self::Vip,
            v1::PriorityCause::Emotion => Self::Emotion,
            v1::PriorityCause::StatutoryRisk => Self::StatutoryRisk,
            v1::PriorityCause::Override => Self::Override,
            v1::PriorityCause::Unspecified => return Err(Unknown),
        })
    }
}

impl From<ticket::MessageDirection> for v1::MessageDirection {
    fn from(direction: ticket::MessageDirection) -> Self {
        match direction {
            ticket::MessageDirection::Inbound => Self::Inbound,
            ticket::MessageDirection::Outbound => Self::Outbound,
            ticket::MessageDirection::Internal => Self::Internal,
        }
    }
}

impl TryFrom<v1::MessageDirection> for ticket::MessageDirection {
    type Error = Unknown;

    fn try_from(direction: v1::MessageDirection) -> Result<Self, Unknown> {
        Ok(match direction {
            v1::MessageDirection::Inbound => Self::Inbound,
            v1::MessageDirection::Outbound => Self::Outbound,
            v1::MessageDirection::Internal => Self::Internal,
            v1::MessageDirection::Unspecified => return Err(Unknown),
        })
    }
}

impl From<ticket::AuthorKind> for v1::AuthorKind {
    fn from(kind: ticket::AuthorKind) -> Self {
        match kind {
            ticket::AuthorKind::Human => Self::Human,
            ticket::AuthorKind::Bot => Self::Bot,
            ticket::AuthorKind::System => Self::System,
        }
    }
}

impl TryFrom<v1::AuthorKind> for ticket::AuthorKind {
    type Error = Unknown;

    fn try_from(kind: v1::AuthorKind) -> Result<Self, Unknown> {
        Ok(match kind {
            v1::AuthorKind::Human => Self::Human,
            v1::AuthorKind::Bot => Self::Bot,
            v1::AuthorKind::System => Self::System,
            v1::AuthorKind::Unspecified => return Err(Unknown),
        })
    }
}

impl From<ticket::MessagePurpose> for v1::MessagePurpose {
    fn from(purpose: ticket::MessagePurpose) -> Self {
        match purpose {
            ticket::MessagePurpose::Reply => Self::Reply,
            ticket::MessagePurpose::Question => Self::Question,
            ticket::MessagePurpose::Update => Self::Update,
            ticket::MessagePurpose::Broadcast => Self::Broadcast,
            ticket::MessagePurpose::Decision => Self::Decision,
            ticket::MessagePurpose::Note => Self::Note,
            ticket::MessagePurpose::Evidence => Self::Evidence,
            ticket::MessagePurpose::Task => Self::Task,
            ticket::MessagePurpose::Handover => Self::Handover,
        }
    }
}

impl TryFrom<v1::MessagePurpose> for ticket::MessagePurpose {
    type Error = Unknown;

    fn try_from(purpose: v1::MessagePurpose) -> Result<Self, Unknown> {
        Ok(match purpose {
            v1::MessagePurpose::Reply => Self::Reply,
            v1::MessagePurpose::Question => Self::Question,
            v1::MessagePurpose::Update => Self::Update,
            v1::MessagePurpose::Broadcast => Self::Broadcast,
            v1::MessagePurpose::Decision => Self::Decision,
            v1::MessagePurpose::Note => Self::Note,
            v1::MessagePurpose::Evidence => Self::Evidence,
            v1::MessagePurpose::Task => Self::Task,
            v1::MessagePurpose::Handover => Self::Handover,
            v1::MessagePurpose::Unspecified => return Err(Unknown),
        })
    }
}

impl From<ticket::HoldKind> for v1::HoldKind {
    fn from(kind: ticket::HoldKind) -> Self {
        match kind {
            ticket::HoldKind::Customer => Self::Customer,
            ticket::HoldKind::ThirdParty => Self::ThirdParty,
        }
    }
}

impl TryFrom<v1::HoldKind> for ticket::HoldKind {
    type Error = Unknown;

    fn try_from(kind: v1::HoldKind) -> Result<Self, Unknown> {
        Ok(match kind {
            v1::HoldKind::Customer => Self::Customer,
            v1::HoldKind::ThirdParty => Self::ThirdParty,
            v1::HoldKind::Unspecified => return Err(Unknown),
        })
    }
}

impl From<ticket::UnholdTrigger> for v1::UnholdTrigger {
    fn from(trigger: ticket::UnholdTrigger) -> Self {
        match trigger {
            ticket::UnholdTrigger::CustomerReply => Self::CustomerReply,
            ticket::UnholdTrigger::VendorReply => Self::VendorReply,
            ticket::UnholdTrigger::Manual => Self::Manual,
            ticket::UnholdTrigger::Timeout => Self::Timeout,
            ticket::UnholdTrigger::Resolved => Self::Resolved,
        }
    }
}

impl TryFrom<v1::UnholdTrigger> for ticket::UnholdTrigger {
    type Error = Unknown;

    fn try_from(trigger: v1::UnholdTrigger) -> Result<Self, Unknown> {
        Ok(match trigger {
            v1::UnholdTrigger::CustomerReply => Self::CustomerReply,
            v1::UnholdTrigger::VendorReply => Self::VendorReply,
            v1::UnholdTrigger::Manual => Self::Manual,
            v1::UnholdTrigger::Timeout => Self::Timeout,
            v1::UnholdTrigger::Resolved => Self::Resolved,
            v1::UnholdTrigger::Unspecified => return Err(Unknown),
        })
    }
}

impl From<ticket::ReopenTrigger> for v1::ReopenTrigger {
    fn from(trigger: ticket::ReopenTrigger) -> Self {
        match trigger {
            ticket::ReopenTrigger::CustomerMessage => Self::CustomerMessage,
            ticket::ReopenTrigger::CustomerRejected => Self::CustomerRejected,
            ticket::ReopenTrigger::Agent => Self::Agent,
            ticket::ReopenTrigger::Appeal => Self::Appeal,
            ticket::ReopenTrigger::NotSpam => Self::NotSpam,
            ticket::ReopenTrigger::DecisionUndelivered => Self::DecisionUndelivered,
        }
    }
}

impl TryFrom<v1::ReopenTrigger> for ticket::ReopenTrigger {
    type Error = Unknown;

    fn try_from(trigger: v1::ReopenTrigger) -> Result<Self, Unknown> {
        Ok(match trigger {
            v1::ReopenTrigger::CustomerMessage => Self::CustomerMessage,
            v1::ReopenTrigger::CustomerRejected => Self::CustomerRejected,
            v1::ReopenTrigger::Agent => Self::Agent,
            v1::ReopenTrigger::Appeal => Self::Appeal,
            v1::ReopenTrigger::NotSpam => Self::NotSpam,
            v1::ReopenTrigger::DecisionUndelivered => Self::DecisionUndelivered,
            v1::ReopenTrigger::Unspecified => return Err(Unknown),
        })
    }
}

impl From<ticket::CloseReason> for v1::CloseReason {
    fn from(reason: ticket::CloseReason) -> Self {
        match reason {
            ticket::CloseReason::Confirmed => Self::Confirmed,
            ticket::CloseReason::Auto => Self::Auto,
            ticket::CloseReason::NoCustomerReply => Self::NoCustomerReply,
            ticket::CloseReason::Duplicate => Self::Duplicate,
            ticket::CloseReason::Spam => Self::Spam,
            ticket::CloseReason::Withdrawn => Self::Withdrawn,
            ticket::CloseReason::OutOfScope => Self::OutOfScope,
        }
    }
}

impl TryFrom<v1::CloseReason> for ticket::CloseReason {
    type Error = Unknown;

    fn try_from(reason: v1::CloseReason) -> Result<Self, Unknown> {
        Ok(match reason {
            v1::CloseReason::Confirmed => Self::Confirmed,
            v1::CloseReason::Auto => Self::Auto,
            v1::CloseReason::NoCustomerReply => Self::NoCustomerReply,
            v1::CloseReason::Duplicate => Self::Duplicate,
            v1::CloseReason::Spam => Self::Spam,
            v1::CloseReason::Withdrawn => Self::Withdrawn,
            v1::CloseReason::OutOfScope => Self::OutOfScope,
            v1::CloseReason::Unspecified => return Err(Unknown),
        })
    }
}
