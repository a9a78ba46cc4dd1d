//! The enums of regimes, in both directions.
use domain::regime::{
    Basis, Confidence, CountsFrom, DecisionContent, IncompleteEffect, MetBy, NoticeContent,
    Occasion, Rank, ReplyForm, SilenceEffect, SupplementFailure,
};

use crate::sla::v1;
use crate::words::Unknown;

impl From<Basis> for v1::RegimeBasis {
    fn from(word: Basis) -> Self {
        match word {
            Basis::Law => Self::Law,
            Basis::Contract => Self::Contract,
            Basis::House => Self::House,
        }
    }
}

impl TryFrom<v1::RegimeBasis> for Basis {
    type Error = Unknown;

    fn try_from(word: v1::RegimeBasis) -> Result<Self, Unknown> {
        Ok(match word {
            v1::RegimeBasis::Law => Self::Law,
            v1::RegimeBasis::Contract => Self::Contract,
            v1::RegimeBasis::House => Self::House,
            v1::RegimeBasis::Unspecified => return Err(Unknown),
        })
    }
}

impl From<Occasion> for v1::RegimeOccasion {
    fn from(word: Occasion) -> Self {
        match word {
            Occasion::Complaint => Self::Complaint,
            Occasion::Appeal => Self::Appeal,
            Occasion::Remedy => Self::Remedy,
            Occasion::Request => Self::Request,
        }
    }
}

impl TryFrom<v1::RegimeOccasion> for Occasion {
    type Error = Unknown;

    fn try_from(word: v1::RegimeOccasion) -> Result<Self, Unknown> {
        Ok(match word {
            v1::RegimeOccasion::Complaint => Self::Complaint,
            v1::RegimeOccasion::Appeal => Self::Appeal,
            v1::RegimeOccasion::Remedy => Self::Remedy,
            v1::RegimeOccasion::Request => Self::Request,
            v1::RegimeOccasion::Unspecified => return Err(Unknown),
        })
    }
}

impl From<Rank> for v1::RegimeRank {
    fn from(word: Rank) -> Self {
        match word {
            Rank::Special => Self::Special,
            Rank::General => Self::General,
            Rank::Parallel => Self::Parallel,
        }
    }
}

impl TryFrom<v1::RegimeRank> for Rank {
    type Error = Unknown;

    fn try_from(word: v1::RegimeRank) -> Result<Self, Unknown> {
        Ok(match word {
            v1::RegimeRank::Special => Self::Special,
            v1::RegimeRank::General => Self::General,
            v1::RegimeRank::Parallel => Self::Parallel,
            v1::RegimeRank::Unspecified => return Err(Unknown),
        })
    }
}

impl From<CountsFrom> for v1::RegimeStart {
    fn from(word: CountsFrom) -> Self {
        match word {
            CountsFrom::Received => Self::Received,
            CountsFrom::Filed => Self::Filed,
            CountsFrom::ItemDelivered => Self::ItemDelivered,
        }
    }
}

impl TryFrom<v1::RegimeStart> for CountsFrom {
    type Error = Unknown;

    fn try_from(word: v1::RegimeStart) -> Result<Self, Unknown> {
        Ok(match word {
            v1::RegimeStart::Received => Self::Received,
            v1::RegimeStart::Filed => Self::Filed,
            v1::RegimeStart::ItemDelivered => Self::ItemDelivered,
            v1::RegimeStart::Unspecified => return Err(Unknown),
        })
    }
}

impl From<SilenceEffect> for v1::SilenceEffect {
    fn from(word: SilenceEffect) -> Self {
        match word {
            SilenceEffect::None => Self::None,
            SilenceEffect::DeemedAccepted => Self::DeemedAccepted,
            SilenceEffect::DeemedPerCustomerWill => Self::DeemedPerCustomerWill,
            SilenceEffect::AdrOrCourt => Self::AdrOrCourt,
            SilenceEffect::AuthorityComplaint => Self::AuthorityComplaint,
            SilenceEffect::DeemedConsentAdr => Self::DeemedConsentAdr,
            SilenceEffect::DeemedRefusalAdr => Self::DeemedRefusalAdr,
        }
    }
}

impl TryFrom<v1::SilenceEffect> for SilenceEffect {
    type Error = Unknown;

    fn try_from(word: v1::SilenceEffect) -> Result<Self, Unknown> {
        Ok(match word {
            v1::SilenceEffect::None => Self::None,
            v1::SilenceEffect::DeemedAccepted => Self::DeemedAccepted,
            v1::SilenceEffect::DeemedPerCustomerWill => Self::DeemedPerCustomerWill,
            v1::SilenceEffect::AdrOrCourt => Self::AdrOrCourt,
            v1::SilenceEffect::AuthorityComplaint => Self::AuthorityComplaint,
            v1::SilenceEffect::DeemedConsentAdr => Self::DeemedConsentAdr,
            v1::SilenceEffect::DeemedRefusalAdr => Self::DeemedRefusalAdr,
            v1::SilenceEffect::Unspecified => return Err(Unknown),
        })
    }
}

impl From<MetBy> for v1::RegimeEvidence {
    fn from(word: MetBy) -> Self {
        match word {
            MetBy::Sent => Self::Sent,
            MetBy::Delivered => Self::Delivered,
            MetBy::Executed => Self::Executed,
        }
    }
}

impl TryFrom<v1::RegimeEvidence> for MetBy {
    type Error = Unknown;

    fn try_from(word: v1::RegimeEvidence) -> Result<Self, Unknown> {
        Ok(match word {
            v1::RegimeEvidence::Sent => Self::Sent,
            v1::RegimeEvidence::Delivered => Self::Delivered,
            v1::RegimeEvidence::Executed => Self::Executed,
            v1::RegimeEvidence::Unspecified => return Err(Unknown),
        })
    }
}

impl From<IncompleteEffect> for v1::RegimeSupplement {
    fn from(word: IncompleteEffect) -> Self {
        match word {
            IncompleteEffect::KeepOriginalDate => Self::KeepOriginalDate,
            IncompleteEffect::Restart => Self::Restart,
            IncompleteEffect::Suspend => Self::Suspend,
        }
    }
}

impl TryFrom<v1::RegimeSupplement> for IncompleteEffect {
    type Error = Unknown;

    fn try_from(word: v1::RegimeSupplement) -> Result<Self, Unknown> {
        Ok(match word {
            v1::RegimeSupplement::KeepOriginalDate => Self::KeepOriginalDate,
            v1::RegimeSupplement::Restart => Self::Restart,
            v1::RegimeSupplement::Suspend => Self::Suspend,
            v1::RegimeSupplement::Unspecified => return Err(Unknown),
        })
    }
}

impl From<SupplementFailure> for v1::RegimeFailure {
    fn from(word: SupplementFailure) -> Self {
        match word {
            SupplementFailure::LeftUnexamined => Self::LeftUnexamined,
            SupplementFailure::Decided => Self::Decided,
        }
    }
}

impl TryFrom<v1::RegimeFailure> for SupplementFailure {
    type Error = Unknown;

    fn try_from(word: v1::RegimeFailure) -> Result<Self, Unknown> {
        Ok(match word {
            v1::RegimeFailure::LeftUnexamined => Self::LeftUnexamined,
            v1::RegimeFailure::Decided => Self::Decided,
            v1::RegimeFailure::Unspecified => return Err(Unknown),
        })
    }
}

impl From<ReplyForm> for v1::RegimeReplyForm {
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

impl TryFrom<v1::RegimeReplyForm> for ReplyForm {
    type Error = Unknown;

    fn try_from(word: v1::RegimeReplyForm) -> Result<Self, Unknown> {
        Ok(match word {
            v1::RegimeReplyForm::Any => Self::Any,
            v1::RegimeReplyForm::AsRequested => Self::AsRequested,
            v1::RegimeReplyForm::SameAsFiled => Self::SameAsFiled,
            v1::RegimeReplyForm::PaperOrDurable => Self::PaperOrDurable,
            v1::RegimeReplyForm::WrittenSigned => Self::WrittenSigned,
            v1::RegimeReplyForm::Electronic => Self::Electronic,
            v1::RegimeReplyForm::Unspecified => return Err(Unknown),
        })
    }
}

impl From<DecisionContent> for v1::RegimeContent {
    fn from(word: DecisionContent) -> Self {
        match word {
            DecisionContent::Decision => Self::Decision,
            DecisionContent::FactualReasons => Self::FactualReasons,
            DecisionContent::LegalReasons => Self::LegalReasons,
            DecisionContent::AppealInfo => Self::AppealInfo,
            DecisionContent::AdrInfo => Self::AdrInfo,
            DecisionContent::Signatory => Self::Signatory,
            DecisionContent::ExecutionDate => Self::ExecutionDate,
            DecisionContent::AuthorityInfo => Self::AuthorityInfo,
        }
    }
}

impl TryFrom<v1::RegimeContent> for DecisionContent {
    type Error = Unknown;

    fn try_from(word: v1::RegimeContent) -> Result<Self, Unknown> {
        Ok(match word {
            v1::RegimeContent::Decision => Self::Decision,
            v1::RegimeContent::FactualReasons => Self::FactualReasons,
            v1::RegimeContent::LegalReasons => Self::LegalReasons,
            v1::RegimeContent::AppealInfo => Self::AppealInfo,
            v1::RegimeContent::AdrInfo => Self::AdrInfo,
            v1::RegimeContent::Signatory => Self::Signatory,
            v1::RegimeContent::ExecutionDate => Self::ExecutionDate,
            v1::RegimeContent::AuthorityInfo => Self::AuthorityInfo,
            v1::RegimeContent::Unspecified => return Err(Unknown),
        })
    }
}

impl From<NoticeContent> for v1::RegimeNotice {
    fn from(word: NoticeContent) -> Self {
        match word {
            NoticeContent::Reason => Self::Reason,
            NoticeContent::Circumstances => Self::Circumstances,
            NoticeContent::NewDate => Self::NewDate,
        }
    }
}

impl TryFrom<v1::RegimeNotice> for NoticeContent {
    type Error = Unknown;

    fn try_from(word: v1::RegimeNotice) -> Result<Self, Unknown> {
        Ok(match word {
            v1::RegimeNotice::Reason => Self::Reason,
            v1::RegimeNotice::Circumstances => Self::Circumstances,
            v1::RegimeNotice::NewDate => Self::NewDate,
            v1::RegimeNotice::Unspecified => return Err(Unknown),
        })
    }
}

impl From<Confidence> for v1::RegimeConfidence {
    fn from(word: Confidence) -> Self {
        match word {
            Confidence::Text => Self::Text,
            Confidence::Secondary => Self::Secondary,
            Confidence::Unverified => Self::Unverified,
            Confidence::Policy => Self::Policy,
        }
    }
}

impl TryFrom<v1::RegimeConfidence> for Confidence {
    type Error = Unknown;

    fn try_from(word: v1::RegimeConfidence) -> Result<Self, Unknown> {
        Ok(match word {
            v1::RegimeConfidence::Text => Self::Text,
            v1::RegimeConfidence::Secondary => Self::Secondary,
            v1::RegimeConfidence::Unverified => Self::Unverified,
            v1::RegimeConfidence::Policy => Self::Policy,
            v1::RegimeConfidence::Unspecified => return Err(Unknown),
        })
    }
}
