//! Table `timeline`: what happened to a ticket, in all services.
use eventlog::{Recorded, TenantKey};
use jiff_sqlx::{Timestamp, ToSqlx as _};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use wire::DecodeError;
use wire::events::v1::Metadata;
use wire::scalar::uuid_opt;

use super::{Error, cannot, small};
use crate::facts::Fact;
use crate::summary::summary;

/// One line of a history.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Entry {
    pub(crate) tenant: i32,
    pub(crate) position: i64,
    pub(crate) ticket_id: Uuid,
    pub(crate) stream_id: Uuid,
    pub(crate) event_id: Uuid,
    /// The event that caused it; `None` if a request did.
    pub(crate) causation_id: Option<Uuid>,
    pub(crate) occurred_at: Timestamp,
    pub(crate) recorded_at: Timestamp,
    /// `common.v1.ActorKind`.
    pub(crate) actor_kind: i16,
    pub(crate) category: String,
    pub(crate) event_type: String,
    pub(crate) actor_id: String,
    pub(crate) actor_role: String,
    pub(crate) summary: String,
}

impl Entry {
    /// The line of an event of this ticket.
    pub(crate) fn new(
        event: &Recorded,
        metadata: Metadata,
        ticket_id: Uuid,
        fact: &Fact,
    ) -> Result<Self, DecodeError> {
        let actor = metadata.actor.unwrap_or_default();
        Ok(Self {
            tenant: event.tenant.0,
            position: i64::try_from(event.position).unwrap_or(i64::MAX),
            ticket_id,
            stream_id: event.stream.id,
            event_id: event.event_id,
            causation_id: uuid_opt(&metadata.causation_id, "causation_id")?,
            occurred_at: event.occurred_at.to_sqlx(),
            recorded_at: event.recorded_at.to_sqlx(),
            actor_kind: small(actor.kind),
            category: event.stream.category.clone().into_owned(),
            event_type: event.event_type.clone(),
            actor_id: actor.id,
            actor_role: actor.role,
            summary: summary(&event.event_type, fact),
        })
    }
}

/// Adds lines in one statement; those that are there already stay as they are.
pub(crate) async fn store(tx: &mut PgConnection, entries: &[Entry]) -> Result<(), sqlx::Error> {
    fn all<T>(entries: &[Entry], column: impl Fn(&Entry) -> T) -> Vec<T> {
        entries.iter().map(column).collect()
    }
    sqlx::query(include_str!("../../sql/store_timeline.sql"))
        .bind(all(entries, |e| e.tenant))
        .bind(all(entries, |e| e.position))
        .bind(all(entries, |e| e.ticket_id))
        .bind(all(entries, |e| e.stream_id))
        .bind(all(entries, |e| e.event_id))
        .bind(all(entries, |e| e.causation_id))
        .bind(all(entries, |e| e.occurred_at))
        .bind(all(entries, |e| e.recorded_at))
        .bind(all(entries, |e| e.actor_kind))
        .bind(all(entries, |e| e.category.clone()))
        .bind(all(entries, |e| e.event_type.clone()))
        .bind(all(entries, |e| e.actor_id.clone()))
        .bind(all(entries, |e| e.actor_role.clone()))
        .bind(all(entries, |e| e.summary.clone()))
        .execute(tx)
        .await?;
    Ok(())
}

/// A ticket's lines after a position, oldest first.
pub(crate) async fn page(
    pool: &PgPool,
    tenant: TenantKey,
    ticket_id: Uuid,
    after: i64,
    limit: i64,
) -> Result<Vec<Entry>, Error> {
    sqlx::query_as(
        "select tenant, position, ticket_id, stream_id, event_id, causation_id, occurred_at,
                recorded_at, actor_kind, category, event_type, actor_id, actor_role, summary
           from timeline
          where tenant = $1 and ticket_id = $2 and position > $3
          order by position limit $4",
    )
    .bind(tenant.0)
    .bind(ticket_id)
    .bind(after)
    .bind(limit)
    .fetch_all(pool)
    .await
    .map_err(cannot("read a timeline"))
}
