//! What tests use: real servers of their own, waiting without sleeping, vendors that can fail.
//!
//! Forbidden here: any crate of this workspace (a cycle would give two copies of every type) and
//! any pretence: the databases, brokers and sinks are real ones.
//!
//! A test takes what it needs and drops it at its end:
//!
//! 1. [`Database`] is a Postgres database, empty or a copy of a [`Template`], [`Nats`] a broker
//!    with
//!    a subject prefix nobody else uses. Both live on servers shared by all tests: those named by
//!    `ODZEW_TEST_POSTGRES_URL` and `ODZEW_TEST_NATS_URL` (set by `./run test`), else private ones
//!    started once per process.
//! 2. [`Postgres`] and [`NatsServer`] are servers of one test, to be stopped, killed and restarted.
//! 3. [`SmtpSink`] and [`WebhookSink`] stand for vendors, record what they get and fail on demand.
//! 4. [`Running`] is a service in the test's own process.
//! 5. [`settings`] are those that operators get when they say nothing.
//! 6. [`eventually`] waits for an effect; nothing else waits.
//!
//! Helpers panic, with the reason, when the machinery itself fails: there is nothing to test then.

mod database;
mod eventually;
mod leash;
mod nats;
mod ports;
mod postgres;
mod process;
mod running;
mod settings;
mod signals;
mod smtp;
mod tools;
mod webhook;

pub use database::{Database, Template};
pub use eventually::{Probe, eventually, eventually_within};
pub use nats::{Nats, NatsServer};
pub use ports::{free_port, free_ports};
pub use postgres::Postgres;
pub use process::Process;
pub use running::Running;
pub use settings::settings;
pub use signals::signal;
pub use smtp::{Failure, Mail, Security, SmtpSink, Stage, Tls};
pub use webhook::{Answer, Request, WebhookSink};
