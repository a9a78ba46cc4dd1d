//! The business in pure code: state, commands, events, rejections.
//!
//! It forbids: async, I/O, clocks, randomness, serde and protobuf. Time, new ids and
//! looked-up facts arrive inside commands.
//!
//! ```text
//! decide(state, command) -> events or a rejection      may refuse, never writes
//! evolve(state, event)   -> state                      total, never refuses
//! ```
pub mod aggregate;
pub mod backdating;
pub mod business_object;
pub mod calendar;
pub mod clock;
pub mod complaint;
pub mod contact;
pub mod directory;
pub mod identity;
pub mod ids;
pub mod inbound;
pub mod money;
pub mod notice;
pub mod party;
pub mod personal_data;
pub mod policy;
pub mod priority;
pub mod problem;
pub mod quiet_hours;
pub mod regime;
pub mod role;
pub mod route;
pub mod rules;
pub mod skill;
pub mod slaconfig;
pub mod spec;
pub mod taxonomy;
pub mod ticket;
pub mod webhook;
pub mod when;

pub use aggregate::Aggregate;
