//! The tables of the service, one file per table.
pub(crate) mod acknowledged;
pub(crate) mod agents;
pub(crate) mod notices;
pub(crate) mod preferences;
pub(crate) mod queue;
pub(crate) mod ticket_facts;
pub(crate) mod webhook_health;

use eventlog::{HandlerError, Recorded};
use sqlx::PgConnection;

/// Applies a batch of events, in the order in which a table may need another's rows.
pub(crate) async fn apply(tx: &mut PgConnection, events: &[Recorded]) -> Result<(), HandlerError> {
    ticket_facts::apply(tx, events).await?;
    agents::apply(tx, events).await?;
    preferences::apply(tx, events).await?;
    notices::apply(tx, events).await?;
    webhook_health::apply(tx, events).await?;
    notices::hasten(tx, &ticket_facts::waited_for(events)?).await
}

/// One column of many rows: a statement has one parameter for each.
fn column<R, T>(rows: &[R], value: impl Fn(&R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}
