//! Identities and how they were established, in both directions.
use domain::identity::{ContactPoint, ContactPointKind, Identification, Identity};
use domain::ids::PartyId;

use crate::DecodeError;
use crate::intake::v1;
use crate::scalar::uuid_opt;
use crate::words::{Unknown, known, known_opt, personal, sealed};

/// A recognised party as it is stored: its id, and how surely it is that party.
pub(crate) fn identity_fields(identity: Option<&Identity>) -> (String, i32) {
    match identity {
        Some(Identity { party_id, identification }) => {
            (party_id.0.to_string(), v1::Identification::from(*identification).into())
        }
        None => (String::new(), v1::Identification::None.into()),
    }
}

/// A stored recognised party.
pub(crate) fn identity(
    party_id: &str,
    identification: i32,
) -> Result<Option<Identity>, DecodeError> {
    let identification =
        known_opt::<v1::Identification, _>(identification, "identification")?.unwrap_or_default();
    let party_id = uuid_opt(party_id, "party_id")?.map(PartyId);
    Ok(party_id.map(|party_id| Identity { party_id, identification }))
}

pub(crate) fn write_contact_point(point: &ContactPoint) -> v1::SealedContactPoint {
    v1::SealedContactPoint {
        kind: v1::ContactPointKind::from(point.kind).into(),
        value: Some(sealed(&point.value)),
    }
}

pub(crate) fn read_contact_point(
    point: &v1::SealedContactPoint,
) -> Result<ContactPoint, DecodeError> {
    Ok(ContactPoint {
        kind: known::<v1::ContactPointKind, _>(point.kind, "contact_points")?,
        value: personal(point.value.as_ref(), "contact_points")?,
    })
}

impl From<Identification> for v1::Identification {
    fn from(identification: Identification) -> Self {
        match identification {
            Identification::None => Self::None,
            Identification::Matched => Self::Matched,
            Identification::Verified => Self::Verified,
        }
    }
}

impl TryFrom<v1::Identification> for Identification {
    type Error = Unknown;

    fn try_from(identification: v1::Identification) -> Result<Self, Unknown> {
        Ok(match identification {
            v1::Identification::None => Self::None,
            v1::Identification::Matched => Self::Matched,
            v1::Identification::Verified => Self::Verified,
            v1::Identification::Unspecified => return Err(Unknown),
        })
    }
}

impl From<ContactPointKind> for v1::ContactPointKind {
    fn from(kind: ContactPointKind) -> Self {
        match kind {
            ContactPointKind::Email => Self::Email,
            ContactPointKind::Phone => Self::Phone,
            ContactPointKind::Social => Self::Social,
            ContactPointKind::Postal => Self::Postal,
        }
    }
}

impl TryFrom<v1::ContactPointKind> for ContactPointKind {
    type Error = Unknown;

    fn try_from(kind: v1::ContactPointKind) -> Result<Self, Unknown> {
        Ok(match kind {
            v1::ContactPointKind::Email => Self::Email,
            v1::ContactPointKind::Phone => Self::Phone,
            v1::ContactPointKind::Social => Self::Social,
            v1::ContactPointKind::Postal => Self::Postal,
            v1::ContactPointKind::Unspecified => return Err(Unknown),
        })
    }
}
