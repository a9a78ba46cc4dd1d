//! Intake from outside: gRPC over loopback, a real Postgres behind it.
#![allow(clippy::unwrap_used)]

mod alerts;
mod complaints;
mod contacts;
mod ending;
mod erased_beside;
mod erasure;
mod escalated;
mod family;
mod follow;
mod idempotency;
mod import;
mod incidents;
mod join;
mod life;
mod no_news;
mod outage;
mod parties;
mod promises;
mod public;
mod refusals;
mod requesters;
mod restriction;
mod roles;
mod sealing;
mod talks;
mod tasks;
mod taxonomies;
mod threads;
mod timers;
mod world;
