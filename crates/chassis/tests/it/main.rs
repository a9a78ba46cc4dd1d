//! The chassis from outside: configuration from text, calls over loopback.
#![allow(clippy::unwrap_used)]

mod config;
mod contract;
mod export;
mod life;
mod probe;
