//! Table `notices`: the delivery log.
mod row;

use std::collections::{BTreeMap, BTreeSet};

use domain::notice::Event;
use eventlog::{HandlerError, Recorded, TenantKey};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use wire::notification::v1::{NoticeState, Purpose};

use row::{Change, New};

/// A row for listing the notices of a ticket.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) position: i64,
    pub(crate) notice_id: Uuid,
    pub(crate) ticket_id: Option<Uuid>,
    pub(crate) purpose: i32,
    pub(crate) audience: i32,
    pub(crate) recipient: String,
    pub(crate) channel: i32,
    pub(crate) template: String,
    pub(crate) locale: String,
    pub(crate) state: i32,
    pub(crate) suppression_reason: i32,
    pub(crate) attempts: i32,
    pub(crate) unknown_attempts: i32,
    pub(crate) last_error: String,
    pub(crate) created_at: jiff_sqlx::Timestamp,
    pub(crate) next_attempt_at: Option<jiff_sqlx::Timestamp>,
    pub(crate) sent_at: Option<jiff_sqlx::Timestamp>,
    pub(crate) message_id: Option<Uuid>,
    pub(crate) proof_due_at: Option<jiff_sqlx::Timestamp>,
    pub(crate) delivered_at: Option<jiff_sqlx::Timestamp>,
    pub(crate) evidence: i32,
}

/// The notices of a ticket after a position, oldest first.
pub(crate) async fn of_ticket(
    pool: &PgPool,
    tenant: TenantKey,
    ticket_id: Uuid,
    after: i64,
    limit: i64,
) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as(
        "select position, notice_id, ticket_id, purpose, audience, recipient, channel, template,
                locale, state, suppression_reason, attempts, unknown_attempts, last_error,
                created_at, next_attempt_at, sent_at, message_id, proof_due_at, delivered_at,
                evidence
           from notices
          where tenant = $1 and ticket_id = $2 and position > $3
          order by position
          limit $4",
    )
    .bind(tenant.0)
    .bind(ticket_id)
    .bind(after)
    .bind(limit)
    .fetch_all(pool)
    .await
}

pub(super) async fn apply(tx: &mut PgConnection, events: &[Recorded]) -> Result<(), HandlerError> {
    let mut new = Vec::new();
    let mut changes = BTreeMap::new();
    for recorded in events.iter().filter(|event| event.stream.category == "notice") {
        let event = recorded.decode::<Event>()?;
        if recorded.version == 1 {
            new.extend(New::of(recorded, &event));
        } else {
            let key = (recorded.tenant.0, recorded.stream.id);
            changes.entry(key).or_insert_with(|| Change::of(key)).note(&event);
        }
    }
    if !new.is_empty() {
        row::insert(tx, &new).await?;
    }
    if !changes.is_empty() {
        row::update(tx, &changes.into_values().collect::<Vec<_>>()).await?;
    }
    Ok(())
}

/// Makes the confirmations of receipt due that waited for the time of the first reply, or for the
/// last day to answer a complaint, and for nothing else: those of `tickets` whose facts have it.
/// Whichever came first, the facts or the notice, the row is the same.
pub(super) async fn hasten(
    tx: &mut PgConnection,
    tickets: &BTreeSet<(i32, Uuid)>,
) -> Result<(), HandlerError> {
    if tickets.is_empty() {
        return Ok(());
    }
    let (tenants, tickets): (Vec<i32>, Vec<Uuid>) = tickets.iter().copied().unzip();
    sqlx::query(include_str!("notices/hasten.sql"))
        .bind(tenants)
        .bind(tickets)
        .bind(i32::from(Purpose::Ack))
        .bind(i32::from(Purpose::ComplaintAck))
        .bind(i32::from(NoticeState::Scheduled))
        .execute(tx)
        .await?;
    Ok(())
}
