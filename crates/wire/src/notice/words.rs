//! The enums of a notice's events, in both directions.
use domain::notice;

use crate::notification::v1;
use crate::words::Unknown;

impl From<notice::Purpose> for v1::Purpose {
    fn from(purpose: notice::Purpose) -> Self {
        match purpose {
            notice::Purpose::Ack => Self::Ack,
            notice::Purpose::Assignment => Self::Assignment,
            notice::Purpose::Reply => Self::Reply,
            notice::Purpose::Breach => Self::Breach,
            notice::Purpose::Resolution => Self::Resolution,
            notice::Purpose::Event => Self::Event,
            notice::Purpose::Reminder => Self::Reminder,
            notice::Purpose::CustomerReminder => Self::CustomerReminder,
            notice::Purpose::ComplaintAck => Self::ComplaintAck,
            notice::Purpose::Decision => Self::Decision,
            notice::Purpose::ComplaintExtension => Self::ComplaintExtension,
            notice::Purpose::InfoRequest => Self::InfoRequest,
            notice::Purpose::Task => Self::Task,
            notice::Purpose::Escalation => Self::Escalation,
            notice::Purpose::CustomerEscalation => Self::CustomerEscalation,
        }
    }
}

impl TryFrom<v1::Purpose> for notice::Purpose {
    type Error = Unknown;

    fn try_from(purpose: v1::Purpose) -> Result<Self, Unknown> {
        Ok(match purpose {
            v1::Purpose::Ack => Self::Ack,
            v1::Purpose::Assignment => Self::Assignment,
            v1::Purpose::Reply => Self::Reply,
            v1::Purpose::Breach => Self::Breach,
            v1::Purpose::Resolution => Self::Resolution,
            v1::Purpose::Event => Self::Event,
            v1::Purpose::Reminder => Self::Reminder,
            v1::Purpose::CustomerReminder => Self::CustomerReminder,
            v1::Purpose::ComplaintAck => Self::ComplaintAck,
            v1::Purpose::Decision => Self::Decision,
            v1::Purpose::ComplaintExtension => Self::ComplaintExtension,
            v1::Purpose::InfoRequest => Self::InfoRequest,
            v1::Purpose::Task => Self::Task,
            v1::Purpose::Escalation => Self::Escalation,
            v1::Purpose::CustomerEscalation => Self::CustomerEscalation,
            v1::Purpose::Unspecified => return Err(Unknown),
        })
    }
}

impl From<notice::Audience> for v1::Audience {
    fn from(audience: notice::Audience) -> Self {
        match audience {
            notice::Audience::Customer => Self::Customer,
            notice::Audience::Assignee => Self::Assignee,
            notice::Audience::Lead => Self::Lead,
            notice::Audience::SlaManager => Self::SlaManager,
            notice::Audience::ProcessOwner => Self::ProcessOwner,
            notice::Audience::System => Self::System,
        }
    }
}

impl TryFrom<v1::Audience> for notice::Audience {
    type Error = Unknown;

    fn try_from(audience: v1::Audience) -> Result<Self, Unknown> {
        Ok(match audience {
            v1::Audience::Customer => Self::Customer,
            v1::Audience::Assignee => Self::Assignee,
            v1::Audience::Lead => Self::Lead,
            v1::Audience::SlaManager => Self::SlaManager,
            v1::Audience::ProcessOwner => Self::ProcessOwner,
            v1::Audience::System => Self::System,
            // Those to whom no version speaks are as good as none.
            v1::Audience::Team | v1::Audience::Unspecified => return Err(Unknown),
        })
    }
}

impl From<notice::SuppressionReason> for v1::SuppressionReason {
    fn from(reason: notice::SuppressionReason) -> Self {
        match reason {
            notice::SuppressionReason::Duplicate => Self::Duplicate,
            notice::SuppressionReason::Preference => Self::Preference,
            notice::SuppressionReason::NoChannel => Self::NoChannel,
            notice::SuppressionReason::Erased => Self::Erased,
            notice::SuppressionReason::Loop => Self::Loop,
            notice::SuppressionReason::SelfCaused => Self::SelfCaused,
        }
    }
}

impl TryFrom<v1::SuppressionReason> for notice::SuppressionReason {
    type Error = Unknown;

    fn try_from(reason: v1::SuppressionReason) -> Result<Self, Unknown> {
        Ok(match reason {
            v1::SuppressionReason::Duplicate => Self::Duplicate,
            v1::SuppressionReason::Preference => Self::Preference,
            v1::SuppressionReason::NoChannel => Self::NoChannel,
            v1::SuppressionReason::Erased => Self::Erased,
            v1::SuppressionReason::Loop => Self::Loop,
            v1::SuppressionReason::SelfCaused => Self::SelfCaused,
            // Those that no version gives are as good as none.
            v1::SuppressionReason::QuietHoursMerged
            | v1::SuppressionReason::MergedTicket
            | v1::SuppressionReason::Unspecified => return Err(Unknown),
        })
    }
}

impl From<notice::Evidence> for v1::DeliveryEvidence {
    fn from(evidence: notice::Evidence) -> Self {
        match evidence {
            notice::Evidence::Dsn => Self::Dsn,
            notice::Evidence::Api => Self::Api,
            notice::Evidence::PortalOpen => Self::PortalOpen,
            notice::Evidence::PostReceipt => Self::PostReceipt,
            notice::Evidence::Tracking => Self::Tracking,
            notice::Evidence::VoiceAnswered => Self::VoiceAnswered,
        }
    }
}

impl TryFrom<v1::DeliveryEvidence> for notice::Evidence {
    type Error = Unknown;

    fn try_from(evidence: v1::DeliveryEvidence) -> Result<Self, Unknown> {
        Ok(match evidence {
            v1::DeliveryEvidence::Dsn => Self::Dsn,
            v1::DeliveryEvidence::Api => Self::Api,
            v1::DeliveryEvidence::PortalOpen => Self::PortalOpen,
            v1::DeliveryEvidence::PostReceipt => Self::PostReceipt,
            v1::DeliveryEvidence::Tracking => Self::Tracking,
            v1::DeliveryEvidence::VoiceAnswered => Self::VoiceAnswered,
            v1::DeliveryEvidence::Unspecified => return Err(Unknown),
        })
    }
}
