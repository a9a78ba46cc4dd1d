//! A network of addresses, as settings write it: `10.96.0.0/12`, `2001:db8::/32`.
use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize, de};

/// All addresses that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Network(IpNet);

impl Network {
    /// Whether the address is of this network, also when it is written as one of IPv6.
    #[must_use]
    pub(crate) fn has(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rule = "must be networks such as \"10.96.0.0/12\" or \"2001:db8::/32\"";
        let network = String::deserialize(deserializer)?.parse();
        network.map(Self).map_err(|_| de::Error::custom(rule))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(text: &str) -> Result<Network, serde_json::Error> {
        serde_json::from_value(text.into())
    }

    fn has(network: &str, address: &str) -> bool {
        read(network).unwrap().has(address.parse().unwrap())
    }

    #[test]
    fn a_network_has_the_addresses_that_begin_alike() {
        for (network, inside, outside) in [
            ("203.0.113.0/24", "203.0.113.255", "203.0.114.0"),
            ("203.0.113.7/32", "203.0.113.7", "203.0.113.6"),
            ("203.0.113.0/24", "::ffff:203.0.113.1", "::203.0.113.1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
        ] {
            assert!(has(network, inside), "{network} {inside}");
            assert!(!has(network, outside), "{network} {outside}");
        }
        assert!(has("0.0.0.0/0", "203.0.113.1") && has("::/0", "2001:db8::1"));
        assert!(!has("0.0.0.0/0", "2001:db8::1") && !has("::/0", "203.0.113.1"));
    }

    #[test]
    fn a_network_is_read_as_it_is_written() {
        for text in ["203.0.113.0/24", "2001:db8::/32", "0.0.0.0/0"] {
            assert_eq!(serde_json::to_value(read(text).unwrap()).unwrap(), text);
        }
        for text in ["203.0.113.0", "203.0.113.0/33", "::/129", "example.com/8", "::/-1", ""] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
