//! The whole product as its users meet it: real processes, real Postgres, real NATS.
#![allow(clippy::unwrap_used)]

mod canary;
mod cli;
mod collector;
mod complaint;
mod erasure;
mod import;
mod invariants;
mod journey;
mod keys;
mod kill;
mod load;
mod metrics;
mod migrate;
mod nats;
mod no_news;
mod notes;
mod policy;
mod register;
mod rehearsal;
mod silence;
mod threads;
mod trace;
mod walk_complaint;
mod walk_outage;
mod world;
