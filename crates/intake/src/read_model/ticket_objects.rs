//! Table `ticket_objects`: the order, invoice or service that a ticket is about.
use std::collections::BTreeSet;

use domain::business_object::BusinessObject;
use domain::ids::{PartyId, TicketId};
use eventlog::{HandlerError, Recorded, TenantKey};
use prost::Message as _;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use wire::DecodeError;
use wire::intake::v1::{ObjectKind, TicketRegistered};

/// The tickets of a party and of those merged into it that are not closed and are about one of
/// the objects, the newest first.
pub(crate) async fn open_about(
    pool: &PgPool,
    tenant: TenantKey,
    party_id: PartyId,
    about: &[BusinessObject],
    limit: i64,
) -> sqlx::Result<Vec<TicketId>> {
    let kinds: Vec<i32> = about.iter().map(|object| ObjectKind::from(object.kind).into()).collect();
    let ids: Vec<&str> = about.iter().map(|object| object.id.as_str()).collect();
    let found: Vec<Uuid> = sqlx::query_scalar(
        "select ticket_id from party_tickets
          where tenant = $1 and closed_at is null and party_id in (
                select $2
                union select party_id from parties where tenant = $1 and lives_as = (
                       select lives_as from parties where tenant = $1 and party_id = $2))
            and exists (
                select from ticket_objects o
                 where o.tenant = $1 and o.ticket_id = party_tickets.ticket_id
                   and (o.kind, o.object_id) in (select * from unnest($3::integer[], $4::text[])))
          order by position desc
          limit $5",
    )
    .bind(tenant.0)
    .bind(party_id.0)
    .bind(kinds)
    .bind(ids)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(found.into_iter().map(TicketId).collect())
}

/// A ticket of a tenant and a thing that it is about.
type Row = (i32, Uuid, i32, String);

pub(super) async fn apply(tx: &mut PgConnection, events: &[Recorded]) -> Result<(), HandlerError> {
    let mut rows = BTreeSet::new();
    let registered = events.iter().filter(|event| {
        event.stream.category == "ticket" && event.event_type == wire::event::TICKET_REGISTERED
    });
    for event in registered {
        rows.extend(about(event)?);
    }
    if rows.is_empty() {
        return Ok(());
    }
    let rows: Vec<Row> = rows.into_iter().collect();
    sqlx::query(
        "insert into ticket_objects (tenant, ticket_id, kind, object_id)
         select * from unnest($1::integer[], $2::uuid[], $3::integer[], $4::text[])
         on conflict do nothing",
    )
    .bind(rows.iter().map(|row| row.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.1).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.2).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.3.clone()).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

fn about(event: &Recorded) -> Result<impl Iterator<Item = Row>, HandlerError> {
    let message = TicketRegistered::decode(event.payload.clone()).map_err(DecodeError::from)?;
    let key = (event.tenant.0, event.stream.id);
    Ok(message.about.into_iter().map(move |object| (key.0, key.1, object.kind, object.id)))
}
