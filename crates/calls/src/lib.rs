//! What every service does with a call: who asks, for which tenant, why events come of it, and
//! what the caller is told when the log does not carry the command out.
//!
//! It forbids: rules of the business, which each service tells in its own `status.rs`, and SQL.
//!
//! ```text
//! metadata ─▶ chassis::rpc (who asks) ─▶ Call (the tenant is known) ─▶ Cause ─▶ eventlog::execute
//!                  status ◀─ refused, unreadable ◀─ the log's errors ◀───────────────┘
//! ```
mod call;
mod failure;

pub use call::{Call, cursor, tenant};
pub use failure::{Subject, away, refused, unanswered, unreadable};
