//! The service from outside: gRPC over loopback, a real Postgres behind it, and events as
//! intake and notification write them.
#![allow(clippy::unwrap_used)]

mod complaints;
mod config;
mod contacts;
mod deadlines;
mod explain;
mod import;
mod list;
mod no_news;
mod owners;
mod promises;
mod regimes;
mod replay;
mod scopes;
mod world;
