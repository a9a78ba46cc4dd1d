//! Section `[threads]`: the keys of the tokens by which answers find their tickets.
use std::net::IpAddr;

use anyhow::{Result, ensure};
use chassis::secret::Secret;
use serde::{Deserialize, Serialize};
use wire::thread::Tokens;

/// Known to everybody: for development on one machine.
const DEVELOPMENT_KEY: &[u8] = b"odzew threads: token key for development on one machine";

/// What notification signs tokens with and intake checks them with.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Threads {
    #[serde(deserialize_with = "chassis::secret::deserialize_key")]
    pub(crate) key: Secret,
    #[serde(deserialize_with = "chassis::secret::deserialize_key")]
    pub(crate) former_key: Secret,
}

impl Threads {
    /// The tokens of a service; the development key only where nobody else can call.
    pub(crate) fn tokens(&self, listens_on: IpAddr) -> Result<Tokens> {
        ensure!(
            !self.key.is_empty() || listens_on.is_loopback(),
            "threads.key is required where a server listens beyond this machine"
        );
        let bytes = |key: &Secret| key.expose().as_bytes().to_vec();
        let key = if self.key.is_empty() { DEVELOPMENT_KEY.to_vec() } else { bytes(&self.key) };
        let former = (!self.former_key.is_empty()).then(|| bytes(&self.former_key));
        Ok(Tokens::new(&key, former.as_deref()))
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::TicketId;

    use super::*;

    #[test]
    fn the_development_key_stays_on_this_machine() {
        let (here, anywhere) = ("127.0.0.1".parse().unwrap(), "0.0.0.0".parse().unwrap());
        let none = Threads { key: Secret::default(), former_key: Secret::default() };
        assert!(none.tokens(here).is_ok() && none.tokens(anywhere).is_err());
        let keyed = Threads { key: Secret::new("k".repeat(32)), ..none.clone() };
        assert!(keyed.tokens(anywhere).is_ok());
    }

    #[test]
    fn a_former_key_is_still_read() {
        let here = "127.0.0.1".parse().unwrap();
        let ticket = TicketId(uuid::Uuid::from_u128(7));
        let keys = |key: &str, former_key: &str| Threads {
            key: Secret::new(key),
            former_key: Secret::new(former_key),
        };
        let old = keys("the old one", "").tokens(here).unwrap().token("acme", ticket);
        let new = keys("the new one", "the old one").tokens(here).unwrap();
        assert_eq!(new.find("acme", &old), Some(ticket));
        assert_eq!(keys("the new one", "").tokens(here).unwrap().find("acme", &old), None);
    }
}
