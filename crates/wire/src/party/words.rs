//! The enums of a party, in both directions.
use domain::party::{PartyKind, PreferencePurpose, Register};

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
