//! What all services do with a call: read its caller and its tenant, note the cause of the events
//! it leads to, and report a failure of the log.
//!
//! It forbids: rules of the business, which each service tells in its own `status.rs`, and SQL.
//!
//! ```text
//! metadata ─▶ chassis::rpc (caller)   ─▶ Call (the tenant is known) ─▶ Cause ─▶ eventlog::execute
//!                  status ◀─ refused, unreadable ◀─ the log's errors ◀───────────────┘
//! ```
mod call;
mod failure;

pub use call::{Call, cursor, tenant};
pub use failure::{Subject, away, refused, unanswered, unreadable};
