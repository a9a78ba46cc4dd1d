//! The service from outside: events go into a real log, answers come over gRPC.
#![allow(clippy::unwrap_used)]

mod complaints;
mod facts;
mod fresh;
mod lists;
mod refusals;
mod summaries;
mod tables;
mod timelines;
mod watches;
mod world;
