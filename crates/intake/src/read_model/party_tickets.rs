//! Table `party_tickets`: the tickets of a party.
use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{PartyId, TicketId};
use eventlog::{HandlerError, Recorded, TenantKey};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use prost::Message as _;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use wire::DecodeError;
use wire::intake::v1::{TicketRegistered, TicketType};
use wire::scalar::{instant, uuid_opt};

use super::ticket_requesters::requester;

/// A row for listing the tickets of a party.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) position: i64,
    pub(crate) ticket_id: Uuid,
    pub(crate) number: String,
    pub(crate) r#type: i32,
    pub(crate) channel: i32,
    pub(crate) received_at: jiff_sqlx::Timestamp,
    pub(crate) closed_at: Option<jiff_sqlx::Timestamp>,
}

/// The tickets of a party and of those merged into it, the newest first, older than position
/// `before`.
pub(crate) async fn of_party(
    pool: &PgPool,
    tenant: TenantKey,
    party_id: PartyId,
    before: i64,
    limit: i64,
) -> sqlx::Result<Vec<Row>> {
    // A requester who was never registered as a party has tickets, too.
    sqlx::query_as(
        "select position, ticket_id, number, type, channel, received_at, closed_at
           from party_tickets
          where tenant = $1 and position < $3 and party_id in (
                select $2
                union select party_id from parties where tenant = $1 and lives_as = (
                       select lives_as from parties where tenant = $1 and party_id = $2))
          order by position desc
          limit $4",
    )
    .bind(tenant.0)
    .bind(party_id.0)
    .bind(before)
    .bind(limit)
    .fetch_all(pool)
    .await
}

/// The tickets of a party and of those merged into it that are not closed, the newest first.
pub(crate) async fn open_of_party(
    pool: &PgPool,
    tenant: TenantKey,
    party_id: PartyId,
    limit: i64,
) -> sqlx::Result<Vec<TicketId>> {
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "select ticket_id from party_tickets
          where tenant = $1 and closed_at is null and party_id in (
                select $2
                union select party_id from parties where tenant = $1 and lives_as = (
                       select lives_as from parties where tenant = $1 and party_id = $2))
          order by position desc
          limit $3",
    )
    .bind(tenant.0)
    .bind(party_id.0)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(ids.into_iter().map(TicketId).collect())
}

/// What an erasure asks of the tickets of a party.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub(crate) struct Standing {
    pub(crate) tickets: i64,
    /// Those that are not closed.
    pub(crate) open: i64,
    /// When the last complaint was closed.
    pub(crate) last_complaint: Option<jiff_sqlx::Timestamp>,
    /// Whether the ticket of the data subject's request is one of them.
    pub(crate) has_request: bool,
    /// Another party that asked in one of them and whose data must be kept.
    pub(crate) held: Option<Uuid>,
}

/// The states of all tickets in which a party, or one merged into it, was ever the requester.
pub(crate) async fn standing(
    pool: &PgPool,
    tenant: TenantKey,
    party_id: PartyId,
    request: Option<TicketId>,
    today: Date,
) -> sqlx::Result<Standing> {
    sqlx::query_as(
        // Where nobody else ever asked, `party_tickets` alone says who does.
        "with own as (
            select $2::uuid as party_id
             union
            select party_id from parties where tenant = $1 and lives_as = $2),
         asked as (
            select ticket_id from ticket_requesters
             where tenant = $1 and party_id in (select party_id from own)
             union
            select ticket_id from party_tickets
             where tenant = $1 and party_id in (select party_id from own))
         select count(*) as tickets, count(*) filter (where closed_at is null) as open,
                max(closed_at) filter (where complaint or type = $3) as last_complaint,
                coalesce(bool_or(ticket_id = $5), false) as has_request,
                (select r.party_id
                   from ticket_requesters r
                   left join parties p on p.tenant = r.tenant and p.party_id = r.party_id
                   join held_parties h on h.tenant = r.tenant
                                      and h.party_id = coalesce(p.lives_as, r.party_id)
                  where r.tenant = $1 and r.ticket_id in (select ticket_id from asked)
                    and r.party_id not in (select party_id from own)
                    and (h.until is null or h.until >= $4)
                  limit 1) as held
           from party_tickets
          where tenant = $1 and ticket_id in (select ticket_id from asked)",
    )
    .bind(tenant.0)
    .bind(party_id.0)
    .bind(i32::from(TicketType::Complaint))
    .bind(today.to_sqlx())
    .bind(request.map(|id| id.0))
    .fetch_one(pool)
    .await
}

/// A ticket of a tenant.
type Key = (i32, Uuid);

/// A ticket that came in.
struct New {
    /// `None` without a requester.
    party_id: Option<Uuid>,
    position: i64,
    number: String,
    kind: i32,
    channel: i32,
    received_at: Timestamp,
}

/// Other events of a ticket change nothing here.
pub(super) async fn apply(tx: &mut PgConnection, events: &[Recorded]) -> Result<(), HandlerError> {
    let mut new = BTreeMap::new();
    let mut ended = BTreeMap::new();
    let mut linked = BTreeMap::new();
    let mut complaints = BTreeSet::new();
    for event in events.iter().filter(|event| event.stream.category == "ticket") {
        let key = (event.tenant.0, event.stream.id);
        match event.event_type.as_str() {
            wire::event::TICKET_REGISTERED => {
                new.insert(key, registered(event)?);
            }
            wire::event::TICKET_CLOSED => {
                ended.insert(key, Some(event.occurred_at));
            }
            wire::event::TICKET_REOPENED => {
                ended.insert(key, None);
            }
            wire::event::COMPLAINT_OPENED => {
                complaints.insert(key);
            }
            wire::event::PARTY_LINKED => {
                linked.extend(requester(event)?.map(|party_id| (key, party_id)));
            }
            _ => {}
        }
    }
    if !new.is_empty() {
        insert(tx, &new).await?;
    }
    if !ended.is_empty() {
        update(tx, &ended).await?;
    }
    if !linked.is_empty() {
        give(tx, &linked).await?;
    }
    if !complaints.is_empty() {
        mark(tx, &complaints).await?;
    }
    Ok(())
}

/// Listings of a party's tickets do not see it; an erasure does.
async fn mark(tx: &mut PgConnection, complaints: &BTreeSet<Key>) -> Result<(), HandlerError> {
    let (tenants, tickets): (Vec<_>, Vec<_>) = complaints.iter().copied().unzip();
    sqlx::query(
        "update party_tickets set complaint = true
          where (tenant, ticket_id) in (select * from unnest($1::integer[], $2::uuid[]))",
    )
    .bind(tenants)
    .bind(tickets)
    .execute(tx)
    .await?;
    Ok(())
}

async fn give(tx: &mut PgConnection, linked: &BTreeMap<Key, Uuid>) -> Result<(), HandlerError> {
    let (tenants, tickets): (Vec<_>, Vec<_>) = linked.keys().copied().unzip();
    let parties: Vec<Uuid> = linked.values().copied().collect();
    sqlx::query(
        "update party_tickets t set party_id = l.party_id
           from unnest($1::integer[], $2::uuid[], $3::uuid[])
                as l (tenant, ticket_id, party_id)
          where t.tenant = l.tenant and t.ticket_id = l.ticket_id",
    )
    .bind(tenants)
    .bind(tickets)
    .bind(parties)
    .execute(tx)
    .await?;
    Ok(())
}

fn registered(event: &Recorded) -> Result<New, HandlerError> {
    let message = TicketRegistered::decode(event.payload.clone()).map_err(DecodeError::from)?;
    Ok(New {
        party_id: uuid_opt(&message.requester_party_id, "requester_party_id")?,
        position: i64::try_from(event.position).unwrap_or(i64::MAX),
        number: message.number,
        kind: message.r#type,
        channel: message.channel,
        received_at: instant(message.received_at.as_ref(), "received_at")?,
    })
}

async fn insert(tx: &mut PgConnection, new: &BTreeMap<Key, New>) -> Result<(), HandlerError> {
    fn column<T>(new: &BTreeMap<Key, New>, value: impl Fn(&New) -> T) -> Vec<T> {
        new.values().map(value).collect()
    }
    let (tenants, tickets): (Vec<_>, Vec<_>) = new.keys().copied().unzip();
    sqlx::query(
        "insert into party_tickets (tenant, ticket_id, party_id, position, number, type, channel,
                                    received_at)
         select * from unnest($1::integer[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[],
                              $6::integer[], $7::integer[], $8::timestamptz[])
         on conflict (tenant, ticket_id) do nothing",
    )
    .bind(tenants)
    .bind(tickets)
    .bind(column(new, |row| row.party_id))
    .bind(column(new, |row| row.position))
    .bind(column(new, |row| row.number.clone()))
    .bind(column(new, |row| row.kind))
    .bind(column(new, |row| row.channel))
    .bind(column(new, |row| row.received_at.to_sqlx()))
    .execute(tx)
    .await?;
    Ok(())
}

async fn update(
    tx: &mut PgConnection,
    ended: &BTreeMap<Key, Option<Timestamp>>,
) -> Result<(), HandlerError> {
    let (tenants, tickets): (Vec<_>, Vec<_>) = ended.keys().copied().unzip();
    let instants: Vec<_> = ended.values().map(|at| at.map(|at| at.to_sqlx())).collect();
    sqlx::query(
        "update party_tickets t set closed_at = e.closed_at
           from unnest($1::integer[], $2::uuid[], $3::timestamptz[])
                as e (tenant, ticket_id, closed_at)
          where t.tenant = e.tenant and t.ticket_id = e.ticket_id",
    )
    .bind(tenants)
    .bind(tickets)
    .bind(instants)
    .execute(tx)
    .await?;
    Ok(())
}
