//! The bus between a real Postgres and a real nats-server.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod fixture;
mod injected;
mod outage;
mod relay;
mod restored;
