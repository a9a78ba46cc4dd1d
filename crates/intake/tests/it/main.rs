//! Intake from outside: gRPC over loopback, a real Postgres behind it.
#![allow(clippy::unwrap_used)]

mod complaints;
mod contacts;
mod ending;
mod erasure;
mod escalated;
mod family;
mod follow;
mod idempotency;
mod import;
mod join;
mod life;
mod outage;
mod parties;
mod promises;
mod refusals;
mod roles;
mod sealing;
mod taxonomies;
mod threads;
mod timers;
mod undelivered;
mod world;
