//! Routing from outside: gRPC over loopback, a real Postgres behind it, tickets as intake
//! writes them into the log.
#![allow(clippy::unwrap_used)]

mod appeal;
mod assignment;
mod capacity;
mod deadlines;
mod directory;
mod escalation;
mod import;
mod people;
mod replay;
mod rules;
mod shifts;
mod world;
