//! Intake from outside: gRPC over loopback, a real Postgres behind it.
#![allow(clippy::unwrap_used)]

mod contacts;
mod idempotency;
mod import;
mod life;
mod outage;
mod parties;
mod refusals;
mod world;
