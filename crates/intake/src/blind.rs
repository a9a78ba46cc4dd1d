//! The blind index: contact points are found by a keyed hash, so that the tables reveal no address,
//! and nobody can try addresses without the key.
use std::net::IpAddr;

use anyhow::ensure;
use chassis::secret::Secret;
use domain::identity::{ContactPoint, ContactPointKind};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Known to everybody: for development on one machine.
const DEVELOPMENT_KEY: &[u8] = b"odzew intake: contact key for development on one machine";

/// What stands for a contact point in the tables.
pub(crate) type Index = [u8; 32];

/// Makes indexes.
#[derive(Clone)]
pub(crate) struct BlindIndex {
    mac: Hmac<Sha256>,
}

impl BlindIndex {
    /// Without a key, the development key is taken.
    pub(crate) fn new(key: &Secret) -> Self {
        let key = if key.is_empty() { DEVELOPMENT_KEY } else { key.expose().as_bytes() };
        Self { mac: Hmac::new_from_slice(key).expect("a MAC takes keys of any length") }
    }

    /// The same, but the development key only where nobody else can call.
    pub(crate) fn serving(key: &Secret, listens_on: IpAddr) -> anyhow::Result<Self> {
        ensure!(
            !key.is_empty() || listens_on.is_loopback(),
            "intake.contact_key is required where the server listens beyond this machine"
        );
        Ok(Self::new(key))
    }

    /// The index of a tenant's contact point; `None` if such a point identifies nobody. The same
    /// address has another index in each tenant.
    pub(crate) fn of(&self, tenant: &str, point: &ContactPoint) -> Option<Index> {
        let normalised = point.normalised()?;
        let mut mac = self.mac.clone();
        for part in [tenant, kind(point.kind), &normalised.0] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        Some(mac.finalize().into_bytes().into())
    }
}

/// Part of every index; never changes.
fn kind(kind: ContactPointKind) -> &'static str {
    match kind {
        ContactPointKind::Email => "email",
        ContactPointKind::Phone => "phone",
        ContactPointKind::Social => "social",
        ContactPointKind::Postal => "postal",
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::Personal;

    use super::*;

    fn point(kind: ContactPointKind, value: &str) -> ContactPoint {
        ContactPoint { kind, value: Personal(value.to_owned()) }
    }

    #[test]
    fn an_index_depends_on_key_tenant_kind_and_value() {
        use ContactPointKind::{Email, Social};
        let (one, other) = (Secret::new("k".repeat(32)), Secret::new("l".repeat(32)));
        let of = |key, tenant, kind, value| BlindIndex::new(key).of(tenant, &point(kind, value));
        let anna = of(&one, "acme", Email, "anna@example.org");
        assert_eq!(anna, of(&one, "acme", Email, " Anna@Example.ORG"));
        for different in [
            of(&other, "acme", Email, "anna@example.org"),
            of(&one, "zeta", Email, "anna@example.org"),
            of(&one, "acme", Email, "anna@example.com"),
            of(&one, "acme", Social, "anna:anna@example.org"),
        ] {
            assert!(different.is_some() && different != anna);
        }
        assert_eq!(of(&one, "acme", ContactPointKind::Postal, "Prosta 1"), None);
    }

    #[test]
    fn the_development_key_stays_on_this_machine() {
        let none = Secret::default();
        assert!(BlindIndex::serving(&none, "127.0.0.1".parse().unwrap()).is_ok());
        assert!(BlindIndex::serving(&none, "0.0.0.0".parse().unwrap()).is_err());
        let key = Secret::new("k".repeat(32));
        assert!(BlindIndex::serving(&key, "0.0.0.0".parse().unwrap()).is_ok());
    }
}
