//! Section `[listen]`: the address of every service, for servers and clients alike.
use std::net::SocketAddr;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::serve::Role;

/// Where the services listen; other roles and the command line call them there.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listen {
    #[serde(deserialize_with = "address")]
    pub(crate) intake: SocketAddr,
    #[serde(deserialize_with = "address")]
    pub(crate) routing: SocketAddr,
    #[serde(deserialize_with = "address")]
    pub(crate) sla: SocketAddr,
    #[serde(deserialize_with = "address")]
    pub(crate) notification: SocketAddr,
    #[serde(deserialize_with = "address")]
    pub(crate) desk: SocketAddr,
    /// HTTP address of intake; each next role has the next port.
    #[serde(deserialize_with = "first_of_each")]
    pub(crate) http: SocketAddr,
}

impl Listen {
    /// gRPC address of a role; the relay has none.
    pub(crate) fn grpc_of(&self, role: Role) -> Option<SocketAddr> {
        match role {
            Role::Intake => Some(self.intake),
            Role::Routing => Some(self.routing),
            Role::Sla => Some(self.sla),
            Role::Notification => Some(self.notification),
            Role::Desk => Some(self.desk),
            Role::Relay => None,
        }
    }

    /// Every address at which one of the roles listens.
    pub(crate) fn all(&self) -> Vec<SocketAddr> {
        let of = |role: &Role| self.grpc_of(*role).into_iter().chain([self.http_of(*role)]);
        Role::EACH.iter().flat_map(of).collect()
    }

    /// HTTP address (health, metrics) of a role.
    pub(crate) fn http_of(&self, role: Role) -> SocketAddr {
        let offset = Role::EACH.iter().position(|&each| each == role).unwrap_or_default();
        let mut address = self.http;
        if address.port() != 0 {
            // `first_of_each` has made room.
            address.set_port(address.port().saturating_add(u16::try_from(offset).unwrap_or(0)));
        }
        address
    }
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| {
        de::Error::custom(format_args!(
            "expected an IP address with a port such as \"127.0.0.1:7601\", found \"{text}\""
        ))
    })
}

/// An address whose port has room for one more port per further role; port 0 is any.
fn first_of_each<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let address = address(deserializer)?;
    let last = u16::MAX - u16::try_from(Role::EACH.len() - 1).unwrap_or(u16::MAX);
    if address.port() > last {
        let rule = format_args!("port must be at most {last}: each role has the next one");
        return Err(de::Error::custom(rule));
    }
    Ok(address)
}
