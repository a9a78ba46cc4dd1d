//! Section `[listen]`: the address of every service, for servers and clients alike.
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::serve::Role;

/// Where the services listen; other roles and the command line call them there.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listen {
    pub(crate) intake: SocketAddr,
    pub(crate) routing: SocketAddr,
    pub(crate) sla: SocketAddr,
    pub(crate) notification: SocketAddr,
    pub(crate) desk: SocketAddr,
    /// HTTP address of intake; each next role has the next port.
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
            address.set_port(address.port() + u16::try_from(offset).unwrap_or_default());
        }
        address
    }
}
