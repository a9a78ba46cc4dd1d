//! Reads and writes rows of the table `tickets`, many at a time.
use std::collections::BTreeMap;

use sqlx::PgConnection;

use super::Ticket;
use crate::read_model::{Key, columns};

/// The lines of these tickets that are there.
pub(crate) async fn load(
    tx: &mut PgConnection,
    keys: &[Key],
) -> Result<BTreeMap<Key, Ticket>, sqlx::Error> {
    let (tenants, tickets) = columns(keys.iter());
    let rows: Vec<Ticket> = sqlx::query_as(include_str!("../../../sql/load_tickets.sql"))
        .bind(tenants)
        .bind(tickets)
        // Planned each time, for the size the table has now: it is read once per batch.
        .persistent(false)
        .fetch_all(tx)
        .await?;
    Ok(rows.into_iter().map(|row| ((row.tenant, row.ticket_id), row)).collect())
}

/// Writes whole lines, new or not, in one statement.
pub(crate) async fn store(
    tx: &mut PgConnection,
    tickets: &BTreeMap<Key, Ticket>,
) -> Result<(), sqlx::Error> {
    if tickets.is_empty() {
        return Ok(());
    }
    fn all<T>(tickets: &BTreeMap<Key, Ticket>, column: impl Fn(&Ticket) -> T) -> Vec<T> {
        tickets.values().map(column).collect()
    }
    sqlx::query(include_str!("../../../sql/store_tickets.sql"))
        .bind(all(tickets, |t| t.tenant))
        .bind(all(tickets, |t| t.ticket_id))
        .bind(all(tickets, |t| t.received_at))
        .bind(all(tickets, |t| t.update_time))
        .bind(all(tickets, |t| t.next_due_at))
        .bind(all(tickets, |t| t.state))
        .bind(all(tickets, |t| t.kind))
        .bind(all(tickets, |t| t.priority))
        .bind(all(tickets, |t| t.channel))
        .bind(all(tickets, |t| t.next_due_kind))
        .bind(all(tickets, |t| t.breached))
        .bind(all(tickets, |t| t.reopen_count))
        .bind(all(tickets, |t| t.reassignment_count))
        .bind(all(tickets, |t| t.number.clone()))
        .bind(all(tickets, |t| t.external_number.clone()))
        .bind(all(tickets, |t| t.category_code.clone()))
        .bind(all(tickets, |t| t.queue_id.clone()))
        .bind(all(tickets, |t| t.agent_id.clone()))
        .bind(all(tickets, |t| t.last_agent_id.clone()))
        .bind(all(tickets, |t| t.sealed_subject.clone()))
        .execute(tx)
        .await?;
    Ok(())
}
