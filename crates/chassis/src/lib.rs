//! A process without business: configuration, telemetry, health, a gRPC server that keeps the
//! error contract, and supervised tasks.
//!
//! It forbids: any business term (no ticket, no event), SQL, and other crates of this workspace.
//!
//! ```text
//! defaults < file < environment ──config──▶ typed settings
//! telemetry ─▶ logs, traces, metrics          health ─▶ /livez /readyz /metrics, gRPC health
//! call ─▶ serve (limits, deadline, span, error contract) ─▶ rpc (caller)   ─▶ handler
//!                                           handler ─▶ fields (what is wrong) ─▶ status
//! tasks: everything above runs as supervised tasks under one shutdown token; what calls rely on
//! ends after the last server
//! ```

pub mod clock;
pub mod config;
pub mod duration;
pub mod fields;
pub mod health;
pub mod page;
pub mod rpc;
pub mod secret;
pub mod serve;
pub mod status;
pub mod tasks;
pub mod telemetry;
