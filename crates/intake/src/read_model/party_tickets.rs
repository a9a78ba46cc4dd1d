//! Table `party_tickets`: what a party asked for.
use std::collections::BTreeMap;

use domain::ids::{PartyId, TicketId};
use eventlog::{HandlerError, Recorded, TenantKey};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use prost::Message as _;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use wire::DecodeError;
use wire::intake::v1::{PartyLinked, PartyRole, TicketRegistered};
use wire::scalar::{instant, uuid, uuid_opt};

/// A row for whoever asks what a party asked for.
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

/// A ticket of a tenant.
type Key = (i32, Uuid);

/// A ticket that came in with a requester.
struct New {
    party_id: Uuid,
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
    for event in events.iter().filter(|event| event.stream.category == "ticket") {
        let key = (event.tenant.0, event.stream.id);
        match event.event_type.as_str() {
            "odzew.intake.v1.TicketRegistered" => {
                new.extend(registered(event)?.map(|row| (key, row)));
            }
            "odzew.intake.v1.TicketClosed" => {
                ended.insert(key, Some(event.occurred_at));
            }
            "odzew.intake.v1.TicketReopened" => {
                ended.insert(key, None);
            }
            "odzew.intake.v1.PartyLinked" => {
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
    Ok(())
}

/// The party that asks from now on; none if the party has another part.
fn requester(event: &Recorded) -> Result<Option<Uuid>, HandlerError> {
    let message = PartyLinked::decode(event.payload.clone()).map_err(DecodeError::from)?;
    match message.role() {
        PartyRole::Requester => Ok(Some(uuid(&message.party_id, "party_id")?)),
        PartyRole::Unspecified
        | PartyRole::Affected
        | PartyRole::Payer
        | PartyRole::Representative
        | PartyRole::Cc => Ok(None),
    }
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

fn registered(event: &Recorded) -> Result<Option<New>, HandlerError> {
    let message = TicketRegistered::decode(event.payload.clone()).map_err(DecodeError::from)?;
    let Some(party_id) = uuid_opt(&message.requester_party_id, "requester_party_id")? else {
        return Ok(None);
    };
    Ok(Some(New {
        party_id,
        position: i64::try_from(event.position).unwrap_or(i64::MAX),
        number: message.number,
        kind: message.r#type,
        channel: message.channel,
        received_at: instant(message.received_at.as_ref(), "received_at")?,
    }))
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
