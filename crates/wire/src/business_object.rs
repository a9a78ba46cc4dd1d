//! Converts the business object of a ticket, in both directions.
use domain::business_object::{BusinessObject, ObjectKind};

use crate::DecodeError;
use crate::intake::v1;
use crate::words::{Unknown, known};

impl From<&BusinessObject> for v1::BusinessObject {
    fn from(object: &BusinessObject) -> Self {
        Self { kind: v1::ObjectKind::from(object.kind).into(), id: object.id.clone() }
    }
}

pub(crate) fn read(object: v1::BusinessObject) -> Result<BusinessObject, DecodeError> {
    Ok(BusinessObject { kind: known::<v1::ObjectKind, _>(object.kind, "about")?, id: object.id })
}

impl From<ObjectKind> for v1::ObjectKind {
    fn from(kind: ObjectKind) -> Self {
        match kind {
            ObjectKind::Order => Self::Order,
            ObjectKind::Invoice => Self::Invoice,
            ObjectKind::Service => Self::Service,
        }
    }
}

impl TryFrom<v1::ObjectKind> for ObjectKind {
    type Error = Unknown;

    fn try_from(kind: v1::ObjectKind) -> Result<Self, Unknown> {
        Ok(match kind {
            v1::ObjectKind::Order => Self::Order,
            v1::ObjectKind::Invoice => Self::Invoice,
            v1::ObjectKind::Service => Self::Service,
            v1::ObjectKind::Unspecified => return Err(Unknown),
        })
    }
}
