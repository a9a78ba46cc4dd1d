//! The rows of `parked_event`: events set aside, and what operators request for them; and those of
//! `skipped_event`: events given up.
//!
//! Only the running subscription parks, retries and skips. An operator leaves a request in the row,
//! so that events are never applied from two places.
use std::borrow::Cow;
use std::collections::HashSet;

use jiff::Timestamp;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::cursor::{signed, unsigned};
use crate::{Error, Partition, Recorded, StreamId, TenantKey};

/// A stream of one tenant: what a poison event stops.
pub(crate) type StreamKey = (TenantKey, StreamId);

/// A parked event, and what is still to be done for it.
#[derive(Debug, Clone)]
pub struct Parked {
    /// Name of the subscription.
    pub subscription: String,
    /// The partition.
    pub partition: Partition,
    /// Position of the event.
    pub position: u64,
    /// Tenant of the event.
    pub tenant: TenantKey,
    /// Stream of the event.
    pub stream: StreamId,
    /// Version of the event in its stream.
    pub version: u32,
    /// Id of the event.
    pub event_id: Uuid,
    /// Type of the event.
    pub event_type: String,
    /// What is wrong with it; `None` if it only waits behind an earlier event of its stream.
    pub reason: Option<String>,
    /// Tries so far.
    pub attempts: u32,
    /// Its effects are not in the tables yet.
    pub projection_due: bool,
    /// It was not reacted to yet.
    pub reaction_due: bool,
    /// `retry` or `skip`, until the running subscription has done it.
    pub requested: Option<String>,
    /// When it was parked.
    pub parked_at: Timestamp,
}

/// An event about to be parked.
#[derive(Debug, Clone)]
pub(crate) struct Parking {
    pub(crate) event: Recorded,
    pub(crate) reason: Option<String>,
    pub(crate) attempts: u32,
    pub(crate) projection_due: bool,
    pub(crate) reaction_due: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    subscription: String,
    partition: i16,
    position: i64,
    tenant: i32,
    category: String,
    stream_id: Uuid,
    version: i32,
    event_id: Uuid,
    event_type: String,
    reason: Option<String>,
    attempts: i32,
    projection_due: bool,
    reaction_due: bool,
    requested: Option<String>,
    parked_at: jiff_sqlx::Timestamp,
}

impl From<Row> for Parked {
    fn from(row: Row) -> Self {
        Self {
            subscription: row.subscription,
            partition: Partition(row.partition),
            position: unsigned(row.position),
            tenant: TenantKey(row.tenant),
            stream: StreamId { category: Cow::Owned(row.category), id: row.stream_id },
            version: u32::try_from(row.version).unwrap_or(0),
            event_id: row.event_id,
            event_type: row.event_type,
            reason: row.reason,
            attempts: u32::try_from(row.attempts).unwrap_or(0),
            projection_due: row.projection_due,
            reaction_due: row.reaction_due,
            requested: row.requested,
            parked_at: row.parked_at.to_jiff(),
        }
    }
}

/// Everything parked in the service's schema, in order of position.
///
/// # Errors
/// [`Error::Query`] if the database does not answer.
pub async fn list(pool: &PgPool) -> Result<Vec<Parked>, Error> {
    let rows: Vec<Row> =
        sqlx::query_as("select * from parked_event order by subscription, partition, position")
            .fetch_all(pool)
            .await
            .map_err(|source| Error::Query { operation: "list parked events", source })?;
    Ok(rows.into_iter().map(Parked::from).collect())
}

/// Asks the running subscription to apply the stream of this event again, in order from its
/// first parked event. `false`: the event is not parked.
///
/// # Errors
/// [`Error::Query`] if the database does not answer.
pub async fn retry(
    pool: &PgPool,
    subscription: &str,
    partition: Partition,
    position: u64,
) -> Result<bool, Error> {
    request(pool, subscription, partition, position, "retry").await
}

/// Asks the running subscription to give this event up and, once it is the first of its stream,
/// to go on with the ones behind it. `false`: the event is not parked.
///
/// # Errors
/// [`Error::Query`] if the database does not answer.
pub async fn skip(
    pool: &PgPool,
    subscription: &str,
    partition: Partition,
    position: u64,
) -> Result<bool, Error> {
    request(pool, subscription, partition, position, "skip").await
}

async fn request(
    pool: &PgPool,
    subscription: &str,
    partition: Partition,
    position: u64,
    verb: &'static str,
) -> Result<bool, Error> {
    let marked = sqlx::query(
        "update parked_event set requested = $4
          where subscription = $1 and partition = $2 and position = $3",
    )
    .bind(subscription)
    .bind(partition.0)
    .bind(signed(position))
    .bind(verb)
    .execute(pool)
    .await
    .map_err(|source| Error::Query { operation: "request a parked event", source })?;
    tracing::warn!(subscription, %partition, position, verb, "requested by an operator");
    Ok(marked.rows_affected() == 1)
}

/// The parked streams of one partition.
pub(crate) async fn streams(
    pool: &PgPool,
    subscription: &str,
    partition: Partition,
) -> Result<HashSet<StreamKey>, sqlx::Error> {
    let rows: Vec<(i32, String, Uuid)> = sqlx::query_as(
        "select distinct tenant, category, stream_id from parked_event
          where subscription = $1 and partition = $2",
    )
    .bind(subscription)
    .bind(partition.0)
    .fetch_all(pool)
    .await?;
    let key = |(tenant, category, id)| {
        (TenantKey(tenant), StreamId { category: Cow::Owned(category), id })
    };
    Ok(rows.into_iter().map(key).collect())
}

/// How many events are parked in one partition.
pub(crate) async fn count(
    pool: &PgPool,
    subscription: &str,
    partition: Partition,
) -> Result<u64, sqlx::Error> {
    let count: i64 = sqlx::query_scalar(
        "select count(*) from parked_event where subscription = $1 and partition = $2",
    )
    .bind(subscription)
    .bind(partition.0)
    .fetch_one(pool)
    .await?;
    Ok(unsigned(count))
}

/// The first parked event of every stream that is to move: an operator asked for a retry of any
/// of its events or to skip the first, or the first has no reason of its own (the one before it
/// went while this one was being parked).
pub(crate) async fn due(
    pool: &PgPool,
    subscription: &str,
    partition: Partition,
) -> Result<Vec<Parked>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "select first.* from (
            select distinct on (tenant, category, stream_id) * from parked_event
             where subscription = $1 and partition = $2
             order by tenant, category, stream_id, position) first
          where first.reason is null or first.requested is not null
             or exists (select from parked_event p
                         where p.subscription = $1 and p.partition = $2
                           and p.tenant = first.tenant and p.category = first.category
                           and p.stream_id = first.stream_id and p.requested = 'retry')
          order by first.position",
    )
    .bind(subscription)
    .bind(partition.0)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(Parked::from).collect())
}

/// At most `limit` parked events of one stream, in order.
pub(crate) async fn of_stream(
    pool: &PgPool,
    first: &Parked,
    limit: i64,
) -> Result<Vec<Parked>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "select * from parked_event
          where subscription = $1 and partition = $2
            and tenant = $3 and category = $4 and stream_id = $5
          order by position limit $6",
    )
    .bind(&first.subscription)
    .bind(first.partition.0)
    .bind(first.tenant.0)
    .bind(&*first.stream.category)
    .bind(first.stream.id)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(Parked::from).collect())
}

/// Writes rows for events that are taken out of the flow.
pub(crate) async fn insert(
    tx: &mut PgConnection,
    subscription: &str,
    parkings: &[Parking],
) -> Result<(), sqlx::Error> {
    let events = || parkings.iter().map(|parking| &parking.event);
    sqlx::query(
        "insert into parked_event
                (subscription, partition, position, tenant, category, stream_id, version,
                 event_id, event_type, reason, attempts, projection_due, reaction_due)
         select $1, * from unnest($2::smallint[], $3::bigint[], $4::integer[], $5::text[],
                                  $6::uuid[], $7::integer[], $8::uuid[], $9::text[], $10::text[],
                                  $11::integer[], $12::boolean[], $13::boolean[])
             on conflict (subscription, partition, position) do update
                set reason = coalesce(excluded.reason, parked_event.reason),
                    attempts = parked_event.attempts + excluded.attempts,
                    projection_due = parked_event.projection_due or excluded.projection_due,
                    reaction_due = parked_event.reaction_due or excluded.reaction_due",
    )
    .bind(subscription)
    .bind(events().map(|event| event.partition.0).collect::<Vec<_>>())
    .bind(events().map(|event| signed(event.position)).collect::<Vec<_>>())
    .bind(events().map(|event| event.tenant.0).collect::<Vec<_>>())
    .bind(events().map(|event| &*event.stream.category).collect::<Vec<&str>>())
    .bind(events().map(|event| event.stream.id).collect::<Vec<_>>())
    .bind(events().map(|event| integer(event.version)).collect::<Vec<_>>())
    .bind(events().map(|event| event.event_id).collect::<Vec<_>>())
    .bind(events().map(|event| event.event_type.as_str()).collect::<Vec<&str>>())
    .bind(parkings.iter().map(|parking| parking.reason.as_deref()).collect::<Vec<_>>())
    .bind(parkings.iter().map(|parking| integer(parking.attempts)).collect::<Vec<_>>())
    .bind(parkings.iter().map(|parking| parking.projection_due).collect::<Vec<_>>())
    .bind(parkings.iter().map(|parking| parking.reaction_due).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

fn integer(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Notes a retry that failed; the request is answered by it.
pub(crate) async fn failed_again(
    pool: &PgPool,
    parked: &Parked,
    reason: &str,
) -> Result<(), sqlx::Error> {
    // A request may stand on any event of the stream; the first one's failure answers them all.
    sqlx::query(
        "update parked_event
            set requested = null,
                reason = case when position = $6 then $7 else reason end,
                attempts = attempts + case when position = $6 then 1 else 0 end
          where subscription = $1 and partition = $2 and tenant = $3 and category = $4
            and stream_id = $5 and (requested = 'retry' or position = $6)",
    )
    .bind(&parked.subscription)
    .bind(parked.partition.0)
    .bind(parked.tenant.0)
    .bind(&*parked.stream.category)
    .bind(parked.stream.id)
    .bind(signed(parked.position))
    .bind(reason)
    .execute(pool)
    .await?;
    Ok(())
}

/// The events of one partition that operators gave up.
pub(crate) async fn skipped(
    pool: &PgPool,
    subscription: &str,
    partition: Partition,
) -> Result<HashSet<Uuid>, sqlx::Error> {
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "select event_id from skipped_event where subscription = $1 and partition = $2",
    )
    .bind(subscription)
    .bind(partition.0)
    .fetch_all(pool)
    .await?;
    Ok(ids.into_iter().collect())
}

/// Notes that a parked event is given up, also for every rebuild. If only its reaction was still due,
/// its effects are in the tables and stay there.
pub(crate) async fn note_skipped(
    tx: &mut PgConnection,
    parked: &Parked,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into skipped_event (subscription, event_id, partition, position, tenant, category,
                                    stream_id, event_type, reason)
         select subscription, event_id, partition, position, tenant, category, stream_id,
                event_type, reason
           from parked_event
          where subscription = $1 and partition = $2 and position = $3 and projection_due
             on conflict do nothing",
    )
    .bind(&parked.subscription)
    .bind(parked.partition.0)
    .bind(signed(parked.position))
    .execute(tx)
    .await?;
    Ok(())
}

/// Removes a parked event; `false` if another caller did.
pub(crate) async fn delete(tx: &mut PgConnection, parked: &Parked) -> Result<bool, sqlx::Error> {
    let deleted = sqlx::query(
        "delete from parked_event where subscription = $1 and partition = $2 and position = $3",
    )
    .bind(&parked.subscription)
    .bind(parked.partition.0)
    .bind(signed(parked.position))
    .execute(tx)
    .await?;
    Ok(deleted.rows_affected() == 1)
}
