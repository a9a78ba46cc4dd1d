//! The only crate that knows protobuf: what goes over the wire and into the log.
//!
//! It forbids: business rules, I/O, and any second way to encode a thing. Domain
//! types never see protobuf; protobuf messages never decide.
//!
//! ```text
//! domain event ──encode──▶ message bytes ──▶ log, JetStream, outsiders
//! domain event ◀──decode── message bytes ◀── log (bytes of every version, for ever)
//! ```
mod business_object;
mod clock;
mod contact;
mod directory;
mod identity;
mod inbound;
/// The stored names of all events: each is its message's full name.
pub mod event {
    include!(concat!(env!("OUT_DIR"), "/event.rs"));
}
pub mod json;
mod notice;
pub mod party;
mod payload;
pub mod regime;
mod route;
mod rules;
pub mod scalar;
pub mod sealed;
mod slaconfig;
pub mod taxonomy;
pub mod thread;
mod ticket;
pub mod webhook;
pub mod words;

pub use payload::{DecodeError, Payload};

use std::sync::LazyLock;

/// Encoded `FileDescriptorSet` of all our files with their comments; served by reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// The same descriptors, decoded: renders any message as JSON by its full name.
pub static POOL: LazyLock<prost_reflect::DescriptorPool> = LazyLock::new(|| {
    prost_reflect::DescriptorPool::decode(DESCRIPTORS).expect("build.rs wrote valid descriptors")
});

#[allow(missing_docs, clippy::all, clippy::pedantic, unreachable_pub)]
mod generated {
    pub mod common {
        pub mod v1 {
            tonic::include_proto!("odzew.common.v1");
        }
    }
    pub mod desk {
        pub mod v1 {
            tonic::include_proto!("odzew.desk.v1");
        }
    }
    pub mod events {
        pub mod v1 {
            tonic::include_proto!("odzew.events.v1");
        }
    }
    pub mod intake {
        pub mod v1 {
            tonic::include_proto!("odzew.intake.v1");
        }
    }
    pub mod notification {
        pub mod v1 {
            tonic::include_proto!("odzew.notification.v1");
        }
    }
    pub mod routing {
        pub mod v1 {
            tonic::include_proto!("odzew.routing.v1");
        }
    }
    pub mod sla {
        pub mod v1 {
            tonic::include_proto!("odzew.sla.v1");
        }
    }
}
pub use generated::*;
