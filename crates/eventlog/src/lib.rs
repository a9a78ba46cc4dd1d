//! Facts at rest: the event log in Postgres, the only thing that acknowledges.
//!
//! It forbids: knowing any event's meaning, publishing, and a second way to write.
//!
//! **Order.** Inside a partition every event has a position: 1, 2, 3, … in commit order. An
//! append takes the lock of its partition's row, *then* reads the last position in a new
//! statement, writes, and commits; the lock is held until the commit is visible. So whoever
//! comes next sees everything before it, and three orders are one: commit, position and
//! visibility. A reader that has seen position *n* has seen all up to *n* and will never be
//! shown an earlier one. It needs no watermark and no waiting for gaps: a hole is a fault.
//! Nothing follows from times, and nothing is ordered across partitions. On a standby rows
//! may become visible in another order, therefore reads there are refused.
//!
//! **Speed.** The lock is paid once per batch: one writer task per partition and process
//! takes whatever is waiting and sends it as one call in one transaction; no round trip
//! happens while the lock is held. The unique key on stream and version checks all expected
//! versions at once. If it objects, the writer looks the streams up and gives every append a
//! verdict of its own.
//!
//! **Outcome.** A lost connection leaves open whether the batch was committed. The writer
//! sends the same batch again: the unique key lets it happen once, and the event ids at the
//! expected versions tell whether it was ours. Only when Postgres stays away does the caller
//! hear `OutcomeUnknown`. A commit that comes with a warning (it was cancelled while waiting
//! for a synchronous standby) is treated as lost, and the look-up that follows waits for the
//! standbys itself.
//!
//! ```text
//! execute: read_stream ─ fold ─ decide ─ append ──▶ queue ─ writer ─ log.append()
//! readers: read_partition(after) …                         (one per partition)
//! ```
mod append;
mod cause;
mod cursor;
pub mod duration;
mod error;
mod event;
mod execute;
mod generations;
mod hash;
mod log;
pub mod migrate;
pub mod positive;
mod read;
pub mod sealing;
mod settings;
pub mod subscription;
mod tenants;
pub mod trace;
mod verify;

pub use append::{AppendCounts, AppendError, Appended};
pub use cause::{Actor, Cause, RequestId};
pub use cursor::{Cursor, Partition};
pub use error::{Error, describe, is_away};
pub use event::{Guard, NewEvent, Place, Recorded, StreamId};
pub use execute::{
    ExecuteError, Executed, Kept, Loaded, Past, RefusedStep, create, execute, execute_history,
    execute_kept, execute_together, load, load_before, load_many, load_on,
};
pub use log::Log;
pub use migrate::{MigrateError, SERVICES, grant_roles, migrate, schema_current};
pub use read::StreamPage;
pub use settings::{MESSAGE_HEADROOM, Settings};
pub use subscription::{
    Changes, HandlerError, LiveFeed, LiveSource, Subscriber, Subscription, live_feed,
};
pub use tenants::{Tenant, TenantKey};
pub use verify::{Checkpoint, Fault, Verified, VerifyError};
