//! Intake from outside: gRPC over loopback, a real Postgres behind it.
#![allow(clippy::unwrap_used)]

mod idempotency;
mod import;
mod life;
mod outage;
mod refusals;
mod world;
