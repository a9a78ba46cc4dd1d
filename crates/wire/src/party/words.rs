//! The words of a party, in both directions.
use domain::party::{ConsumerStatus, PartyKind, PreferencePurpose, Register};

use crate::intake::v1;
use crate::words::Unknown;

impl From<PartyKind> for v1::PartyKind {
    fn from(kind: PartyKind) -> Self {
        match kind {
            PartyKind::Person => Self::Person,
            PartyKind::Company => Self::Company,
        }
    }
}

impl TryFrom<v1::PartyKind> for PartyKind {
    type Error = Unknown;

    fn try_from(kind: v1::PartyKind) -> Result<Self, Unknown> {
        Ok(match kind {
            v1::PartyKind::Person => Self::Person,
            v1::PartyKind::Company => Self::Company,
            v1::PartyKind::Unspecified => return Err(Unknown),
        })
    }
}

impl From<ConsumerStatus> for v1::ConsumerStatus {
    fn from(status: ConsumerStatus) -> Self {
        match status {
            ConsumerStatus::Consumer => Self::Consumer,
            ConsumerStatus::SoleTraderProtected => Self::SoleTraderProtected,
            ConsumerStatus::Business => Self::Business,
            ConsumerStatus::Unknown => Self::Unknown,
        }
    }
}

impl TryFrom<v1::ConsumerStatus> for ConsumerStatus {
    type Error = Unknown;

    fn try_from(status: v1::ConsumerStatus) -> Result<Self, Unknown> {
        Ok(match status {
            v1::ConsumerStatus::Consumer => Self::Consumer,
            v1::ConsumerStatus::SoleTraderProtected => Self::SoleTraderProtected,
            v1::ConsumerStatus::Business => Self::Business,
            v1::ConsumerStatus::Unknown => Self::Unknown,
            v1::ConsumerStatus::Unspecified => return Err(Unknown),
        })
    }
}

impl From<Register> for v1::Register {
    fn from(register: Register) -> Self {
        match register {
            Register::Plain => Self::Plain,
            Register::Expert => Self::Expert,
        }
    }
}

impl TryFrom<v1::Register> for Register {
    type Error = Unknown;

    fn try_from(register: v1::Register) -> Result<Self, Unknown> {
        Ok(match register {
            v1::Register::Plain => Self::Plain,
            v1::Register::Expert => Self::Expert,
            v1::Register::Unspecified => return Err(Unknown),
        })
    }
}

impl From<PreferencePurpose> for v1::PreferencePurpose {
    fn from(purpose: PreferencePurpose) -> Self {
        match purpose {
            PreferencePurpose::Service => Self::Service,
            PreferencePurpose::Survey => Self::Survey,
            PreferencePurpose::Proactive => Self::Proactive,
            PreferencePurpose::Dunning => Self::Dunning,
        }
    }
}

impl TryFrom<v1::PreferencePurpose> for PreferencePurpose {
    type Error = Unknown;

    fn try_from(purpose: v1::PreferencePurpose) -> Result<Self, Unknown> {
        Ok(match purpose {
            v1::PreferencePurpose::Service => Self::Service,
            v1::PreferencePurpose::Survey => Self::Survey,
            v1::PreferencePurpose::Proactive => Self::Proactive,
            v1::PreferencePurpose::Dunning => Self::Dunning,
            v1::PreferencePurpose::Unspecified => return Err(Unknown),
        })
    }
}
