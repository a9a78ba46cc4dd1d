//! The enums of a complaint, in both directions.
use domain::complaint::{
    AdrStatement, ClaimOutcome, Demand, Evidence, Instance, Outcome, RemedyKind, SubmissionForm,
};
use domain::regime::ReplyForm;

use crate::intake::v1;
use crate::words::Unknown;

impl From<SubmissionForm> for v1::SubmissionForm {
    fn from(word: SubmissionForm) -> Self {
        match word {
            SubmissionForm::Paper => Self::Paper,
            SubmissionForm::Electronic => Self::Electronic,
            SubmissionForm::OralPhone => Self::OralPhone,
            SubmissionForm::OralPerson => Self::OralPerson,
        }
    }
}

impl TryFrom<v1::SubmissionForm> for SubmissionForm {
    type Error = Unknown;

    fn try_from(word: v1::SubmissionForm) -> Result<Self, Unknown> {
        Ok(match word {
            v1::SubmissionForm::Paper => Self::Paper,
            v1::SubmissionForm::Electronic => Self::Electronic,
            v1::SubmissionForm::OralPhone => Self::OralPhone,
            v1::SubmissionForm::OralPerson => Self::OralPerson,
            v1::SubmissionForm::Unspecified => return Err(Unknown),
        })
    }
}

impl From<Demand> for v1::Demand {
    fn from(word: Demand) -> Self {
        match word {
            Demand::Repair => Self::Repair,
            Demand::Replace => Self::Replace,
            Demand::PriceReduction => Self::PriceReduction,
            Demand::Refund => Self::Refund,
            Demand::Compensation => Self::Compensation,
            Demand::Explanation => Self::Explanation,
            Demand::Apology => Self::Apology,
            Demand::Other => Self::Other,
        }
    }
}

impl TryFrom<v1::Demand> for Demand {
    type Error = Unknown;

    fn try_from(word: v1::Demand) -> Result<Self, Unknown> {
        Ok(match word {
            v1::Demand::Repair => Self::Repair,
            v1::Demand::Replace => Self::Replace,
            v1::Demand::PriceReduction => Self::PriceReduction,
            v1::Demand::Refund => Self::Refund,
            v1::Demand::Compensation => Self::Compensation,
            v1::Demand::Explanation => Self::Explanation,
            v1::Demand::Apology => Self::Apology,
            v1::Demand::Other => Self::Other,
            v1::Demand::Unspecified => return Err(Unknown),
        })
    }
}

impl From<ReplyForm> for v1::ReplyForm {
    fn from(word: ReplyForm) -> Self {
        match word {
            ReplyForm::Any => Self::Any,
            ReplyForm::AsRequested => Self::AsRequested,
            ReplyForm::SameAsFiled => Self::SameAsFiled,
            ReplyForm::PaperOrDurable => Self::PaperOrDurable,
            ReplyForm::WrittenSigned => Self::WrittenSigned,
            ReplyForm::Electronic => Self::Electronic,
        }
    }
}

impl TryFrom<v1::ReplyForm> for ReplyForm {
    type Error = Unknown;

    fn try_from(word: v1::ReplyForm) -> Result<Self, Unknown> {
        Ok(match word {
            v1::ReplyForm::Any => Self::Any,
            v1::ReplyForm::AsRequested => Self::AsRequested,
            v1::ReplyForm::SameAsFiled => Self::SameAsFiled,
            v1::ReplyForm::PaperOrDurable => Self::PaperOrDurable,
            v1::ReplyForm::WrittenSigned => Self::WrittenSigned,
            v1::ReplyForm::Electronic => Self::Electronic,
            v1::ReplyForm::Unspecified => return Err(Unknown),
        })
    }
}

impl From<Instance> for v1::ComplaintInstance {
    fn from(word: Instance) -> Self {
        match word {
            Instance::First => Self::First,
            Instance::Appeal => Self::Appeal,
        }
    }
}

impl TryFrom<v1::ComplaintInstance> for Instance {
    type Error = Unknown;

    fn try_from(word: v1::ComplaintInstance) -> Result<Self, Unknown> {
        Ok(match word {
            v1::ComplaintInstance::First => Self::First,
            v1::ComplaintInstance::Appeal => Self::Appeal,
            v1::ComplaintInstance::Unspecified => return Err(Unknown),
        })
    }
}

impl From<Outcome> for v1::ComplaintOutcome {
    fn from(word: Outcome) -> Self {
        match word {
            Outcome::Accepted => Self::Accepted,
            Outcome::PartiallyAccepted => Self::PartiallyAccepted,
            Outcome::Rejected => Self::Rejected,
            Outcome::LeftUnexamined => Self::LeftUnexamined,
            Outcome::DeemedAccepted => Self::DeemedAccepted,
        }
    }
}

impl TryFrom<v1::ComplaintOutcome> for Outcome {
    type Error = Unknown;

    fn try_from(word: v1::ComplaintOutcome) -> Result<Self, Unknown> {
        Ok(match word {
            v1::ComplaintOutcome::Accepted => Self::Accepted,
            v1::ComplaintOutcome::PartiallyAccepted => Self::PartiallyAccepted,
            v1::ComplaintOutcome::Rejected => Self::Rejected,
            v1::ComplaintOutcome::LeftUnexamined => Self::LeftUnexamined,
            v1::ComplaintOutcome::DeemedAccepted => Self::DeemedAccepted,
            v1::ComplaintOutcome::Unspecified => return Err(Unknown),
        })
    }
}

impl From<ClaimOutcome> for v1::ClaimOutcome {
    fn from(word: ClaimOutcome) -> Self {
        match word {
            ClaimOutcome::Accepted => Self::Accepted,
            ClaimOutcome::PartiallyAccepted => Self::PartiallyAccepted,
            ClaimOutcome::Rejected => Self::Rejected,
            ClaimOutcome::LeftUnexamined => Self::LeftUnexamined,
        }
    }
}

impl TryFrom<v1::ClaimOutcome> for ClaimOutcome {
    type Error = Unknown;

    fn try_from(word: v1::ClaimOutcome) -> Result<Self, Unknown> {
        Ok(match word {
            v1::ClaimOutcome::Accepted => Self::Accepted,
            v1::ClaimOutcome::PartiallyAccepted => Self::PartiallyAccepted,
            v1::ClaimOutcome::Rejected => Self::Rejected,
            v1::ClaimOutcome::LeftUnexamined => Self::LeftUnexamined,
            v1::ClaimOutcome::Unspecified => return Err(Unknown),
        })
    }
}

impl From<RemedyKind> for v1::RemedyKind {
    fn from(word: RemedyKind) -> Self {
        match word {
            RemedyKind::Repair => Self::Repair,
            RemedyKind::Replacement => Self::Replacement,
            RemedyKind::PriceReduction => Self::PriceReduction,
            RemedyKind::Refund => Self::Refund,
            RemedyKind::Compensation => Self::Compensation,
            RemedyKind::Explanation => Self::Explanation,
            RemedyKind::Apology => Self::Apology,
            RemedyKind::Other => Self::Other,
        }
    }
}

impl TryFrom<v1::RemedyKind> for RemedyKind {
    type Error = Unknown;

    fn try_from(word: v1::RemedyKind) -> Result<Self, Unknown> {
        Ok(match word {
            v1::RemedyKind::Repair => Self::Repair,
            v1::RemedyKind::Replacement => Self::Replacement,
            v1::RemedyKind::PriceReduction => Self::PriceReduction,
            v1::RemedyKind::Refund => Self::Refund,
            v1::RemedyKind::Compensation => Self::Compensation,
            v1::RemedyKind::Explanation => Self::Explanation,
            v1::RemedyKind::Apology => Self::Apology,
            v1::RemedyKind::Other => Self::Other,
            v1::RemedyKind::Unspecified => return Err(Unknown),
        })
    }
}

impl From<AdrStatement> for v1::AdrStatement {
    fn from(word: AdrStatement) -> Self {
        match word {
            AdrStatement::Agrees => Self::Agrees,
            AdrStatement::Refuses => Self::Refuses,
            AdrStatement::NotApplicable => Self::NotApplicable,
        }
    }
}

impl TryFrom<v1::AdrStatement> for AdrStatement {
    type Error = Unknown;

    fn try_from(word: v1::AdrStatement) -> Result<Self, Unknown> {
        Ok(match word {
            v1::AdrStatement::Agrees => Self::Agrees,
            v1::AdrStatement::Refuses => Self::Refuses,
            v1::AdrStatement::NotApplicable => Self::NotApplicable,
            v1::AdrStatement::Unspecified => return Err(Unknown),
        })
    }
}

impl From<Evidence> for v1::DecisionEvidence {
    fn from(word: Evidence) -> Self {
        match word {
            Evidence::Sent => Self::Sent,
            Evidence::Delivered => Self::Delivered,
        }
    }
}

impl TryFrom<v1::DecisionEvidence> for Evidence {
    type Error = Unknown;

    fn try_from(word: v1::DecisionEvidence) -> Result<Self, Unknown> {
        Ok(match word {
            v1::DecisionEvidence::Sent => Self::Sent,
            v1::DecisionEvidence::Delivered => Self::Delivered,
            v1::DecisionEvidence::Unspecified => return Err(Unknown),
        })
    }
}
