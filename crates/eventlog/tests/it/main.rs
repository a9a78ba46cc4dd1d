//! The event log against a real Postgres.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod append;
mod conflict;
mod failover;
mod fixture;
mod follows;
mod guards;
mod idempotency;
mod kept;
mod migrate;
mod order;
mod outage;
mod page;
mod pages;
mod plans;
mod remembered;
mod roles;
mod subscription;
mod together;
mod verify;
