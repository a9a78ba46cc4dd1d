//! What the service has learnt from the log, one file per table.
pub(crate) mod agents;
pub(crate) mod notices;
pub(crate) mod queue;
pub(crate) mod ticket_facts;

use eventlog::{HandlerError, Recorded};
use serde::Serialize;
use sqlx::PgConnection;

/// Applies a batch of events, in the order in which a table may need another's rows.
pub(crate) async fn apply(tx: &mut PgConnection, events: &[Recorded]) -> Result<(), HandlerError> {
    ticket_facts::apply(tx, events).await?;
    agents::apply(tx, events).await?;
    notices::apply(tx, events).await?;
    notices::hasten(tx, &ticket_facts::waited_for(events)?).await
}

/// Rows as one JSON text: a statement of many rows has one parameter.
fn rows<R: Serialize>(rows: &[R]) -> Result<String, HandlerError> {
    serde_json::to_string(rows).map_err(|error| HandlerError::poison(error.to_string()))
}
