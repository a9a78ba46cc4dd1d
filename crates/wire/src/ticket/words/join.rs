//! The enums of promises, parties and links, in both directions.
use domain::ticket;

use crate::intake::v1;
use crate::words::Unknown;

impl From<ticket::PromiseKind> for v1::PromiseKind {
    fn from(word: ticket::PromiseKind) -> Self {
        match word {
            ticket::PromiseKind::EtaResolution => Self::EtaResolution,
            ticket::PromiseKind::Callback => Self::Callback,
            ticket::PromiseKind::NextUpdate => Self::NextUpdate,
        }
    }
}

impl TryFrom<v1::PromiseKind> for ticket::PromiseKind {
    type Error = Unknown;

    fn try_from(word: v1::PromiseKind) -> Result<Self, Unknown> {
        Ok(match word {
            v1::PromiseKind::EtaResolution => Self::EtaResolution,
            v1::PromiseKind::Callback => Self::Callback,
            v1::PromiseKind::NextUpdate => Self::NextUpdate,
            v1::PromiseKind::Unspecified => return Err(Unknown),
        })
    }
}

impl From<ticket::PartyRole> for v1::PartyRole {
    fn from(word: ticket::PartyRole) -> Self {
        match word {
            ticket::PartyRole::Requester => Self::Requester,
            ticket::PartyRole::Affected => Self::Affected,
            ticket::PartyRole::Payer => Self::Payer,
            ticket::PartyRole::Representative => Self::Representative,
            ticket::PartyRole::Cc => Self::Cc,
        }
    }
}

impl TryFrom<v1::PartyRole> for ticket::PartyRole {
    type Error = Unknown;

    fn try_from(word: v1::PartyRole) -> Result<Self, Unknown> {
        Ok(match word {
            v1::PartyRole::Requester => Self::Requester,
            v1::PartyRole::Affected => Self::Affected,
            v1::PartyRole::Payer => Self::Payer,
            v1::PartyRole::Representative => Self::Representative,
            v1::PartyRole::Cc => Self::Cc,
            v1::PartyRole::Unspecified => return Err(Unknown),
        })
    }
}

impl From<ticket::LinkKind> for v1::LinkKind {
    fn from(word: ticket::LinkKind) -> Self {
        match word {
            ticket::LinkKind::Related => Self::Related,
            ticket::LinkKind::ChildOf => Self::ChildOf,
            ticket::LinkKind::ParentOf => Self::ParentOf,
            ticket::LinkKind::FollowUpOf => Self::FollowUpOf,
            ticket::LinkKind::FollowedUpBy => Self::FollowedUpBy,
            ticket::LinkKind::CausedBy => Self::CausedBy,
            ticket::LinkKind::CauseOf => Self::CauseOf,
        }
    }
}

impl TryFrom<v1::LinkKind> for ticket::LinkKind {
    type Error = Unknown;

    fn try_from(word: v1::LinkKind) -> Result<Self, Unknown> {
        Ok(match word {
            v1::LinkKind::Related => Self::Related,
            v1::LinkKind::ChildOf => Self::ChildOf,
            v1::LinkKind::ParentOf => Self::ParentOf,
            v1::LinkKind::FollowUpOf => Self::FollowUpOf,
            v1::LinkKind::FollowedUpBy => Self::FollowedUpBy,
            v1::LinkKind::CausedBy => Self::CausedBy,
            v1::LinkKind::CauseOf => Self::CauseOf,
            v1::LinkKind::Unspecified => return Err(Unknown),
        })
    }
}
