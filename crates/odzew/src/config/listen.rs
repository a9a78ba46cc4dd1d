//! Section `[listen]`: the address of every service, for servers and clients alike.
use std::net::SocketAddr;

use chassis::config::Broken;
use chassis::rpc::AuthSettings;
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

    /// Addresses beyond this machine where none may be, and addresses that are taken twice.
    pub(super) fn problems(&self, auth: AuthSettings) -> Vec<Broken> {
        let places = self.places();
        let mut problems = Vec::new();
        for (place, taken) in places.iter().enumerate() {
            let exposed =
                if taken.key == HTTP { None } else { auth.check_bind(taken.address).err() };
            problems.extend(
                exposed.map(|rule| Broken { keys: vec![taken.key], rule: rule.to_string() }),
            );
            for other in places[..place].iter().filter(|other| other.meets(taken)) {
                let rule = format!(
                    "{} and {} are the same address: {}",
                    other.what, taken.what, taken.address
                );
                problems.push(Broken { keys: vec![other.key, taken.key], rule });
            }
        }
        problems
    }

    fn places(&self) -> Vec<Place> {
        let grpc = Role::EACH.into_iter().filter_map(|role| {
            let (key, address) = (key(role)?, self.grpc_of(role)?);
            Some(Place { key, what: key.to_owned(), address })
        });
        let http = Role::EACH.into_iter().map(|role| {
            let what = format!("the HTTP address of {role} (listen.http and the next ports)");
            Place { key: HTTP, what, address: self.http_of(role) }
        });
        grpc.chain(http).collect()
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

const HTTP: &str = "listen.http";

/// The setting of a role's gRPC address.
fn key(role: Role) -> Option<&'static str> {
    match role {
        Role::Intake => Some("listen.intake"),
        Role::Routing => Some("listen.routing"),
        Role::Sla => Some("listen.sla"),
        Role::Notification => Some("listen.notification"),
        Role::Desk => Some("listen.desk"),
        Role::Relay => None,
    }
}

/// An address with the setting behind it, and what it is.
struct Place {
    key: &'static str,
    what: String,
    address: SocketAddr,
}

impl Place {
    /// Only one of them can be listened at. Port 0 is any free one.
    fn meets(&self, other: &Self) -> bool {
        let (one, two) = (self.address, other.address);
        let everywhere = one.ip().is_unspecified() || two.ip().is_unspecified();
        one.port() != 0 && one.port() == two.port() && (one.ip() == two.ip() || everywhere)
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
