//! What an erasure destroys, and table `erased_when_closed`: the tickets that it found open.
//!
//! `EraseParty` is refused while a ticket is open, but one may come between that look-up and the
//! event.
use std::collections::BTreeMap;

use eventlog::{HandlerError, Recorded};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::keys::{destroy_of_party, destroy_of_ticket};

/// Destroys the keys of what erased parties had, and what they were found by. The tables must be as
/// they were before the event.
pub(super) async fn erase(tx: &mut PgConnection, events: &[Recorded]) -> Result<(), HandlerError> {
    for event in events.iter().filter(|event| event.event_type == wire::event::PARTY_ERASED) {
        let destroyed = destroy_of_party(tx, event).await?;
        tracing::info!(party.id = %event.stream.id, destroyed, "keys of an erased party");
        forget(tx, (event.tenant.0, event.stream.id)).await?;
    }
    Ok(())
}

/// Destroys the keys of tickets that an erasure found open, once they close. Answers the ids of the
/// events that did so.
pub(super) async fn erase_closed(
    tx: &mut PgConnection,
    events: &[Recorded],
) -> Result<Vec<Uuid>, HandlerError> {
    let mut closed = BTreeMap::new();
    for event in events.iter().filter(|event| event.event_type == wire::event::TICKET_CLOSED) {
        closed.entry((event.tenant.0, event.stream.id)).or_insert(event);
    }
    if closed.is_empty() {
        return Ok(Vec::new());
    }
    let (tenants, tickets): (Vec<i32>, Vec<Uuid>) = closed.keys().copied().unzip();
    let positions: Vec<i64> = closed.values().map(|event| position(event)).collect();
    let due: Vec<(i32, Uuid)> = sqlx::query_as(
        "delete from erased_when_closed e
          using unnest($1::integer[], $2::uuid[], $3::bigint[])
                as c (tenant, ticket_id, position)
          where (e.tenant, e.ticket_id) = (c.tenant, c.ticket_id) and e.position < c.position
        returning e.tenant, e.ticket_id",
    )
    .bind(tenants)
    .bind(tickets)
    .bind(positions)
    .fetch_all(&mut *tx)
    .await?;
    let mut erased = Vec::with_capacity(due.len());
    for event in due.iter().filter_map(|key| closed.get(key)) {
        let destroyed = destroy_of_ticket(tx, event).await?;
        tracing::info!(ticket.id = %event.stream.id, destroyed, "keys of an erased party's ticket");
        erased.push(event.event_id);
    }
    Ok(erased)
}

/// An erased party is not found, and its contact points find nobody. Who was merged into it
/// stays so, or what came for such a one afterwards would never be erased with it.
async fn forget(
    tx: &mut PgConnection,
    (tenant, party_id): (i32, Uuid),
) -> Result<(), HandlerError> {
    for statement in [
        "delete from contact_points where tenant = $1 and party_id in (
                select party_id from parties where tenant = $1 and lives_as = $2
                union select $2)",
        "update contacts set party_id = null where tenant = $1 and party_id in (
                select party_id from parties where tenant = $1 and lives_as = $2
                union select $2)",
        "delete from parties where tenant = $1 and party_id = $2 and lives_as = $2",
    ] {
        sqlx::query(statement).bind(tenant).bind(party_id).execute(&mut *tx).await?;
    }
    Ok(())
}

fn position(event: &Recorded) -> i64 {
    i64::try_from(event.position).unwrap_or(i64::MAX)
}
