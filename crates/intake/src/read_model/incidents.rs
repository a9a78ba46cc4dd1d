//! Table `incidents`: incidents from monitoring, and the log positions between which each was open.
use std::collections::BTreeMap;

use domain::ids::TicketId;
use eventlog::{HandlerError, Recorded, TenantKey};
use prost::Message as _;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use wire::DecodeError;
use wire::common::v1::Channel;
use wire::intake::v1::{ObjectKind, TicketRegistered, TicketType};

/// The incidents about one of the services that were open at the position, as far as the table
/// knows; the oldest first.
pub(crate) async fn open_about(
    pool: &PgPool,
    tenant: TenantKey,
    services: &[&str],
    position: u64,
    limit: i64,
) -> sqlx::Result<Vec<TicketId>> {
    let found: Vec<Uuid> = sqlx::query_scalar(
        "select i.ticket_id from incidents i
          where i.tenant = $1 and i.position < $2
            and (i.closed_position is null or i.closed_position > $2)
            and exists (
                select from ticket_objects o
                 where o.tenant = $1 and o.ticket_id = i.ticket_id and o.kind = $3
                   and o.object_id = any($4))
          order by i.position
          limit $5",
    )
    .bind(tenant.0)
    .bind(i64::try_from(position).unwrap_or(i64::MAX))
    .bind(i32::from(ObjectKind::Service))
    .bind(services)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(found.into_iter().map(TicketId).collect())
}

/// Whether the ticket began as an incident that monitoring raised.
pub(crate) fn is_raised(message: &TicketRegistered) -> bool {
    message.r#type() == TicketType::Incident && message.channel() == Channel::Monitoring
}

/// A ticket of a tenant.
type Key = (i32, Uuid);

pub(super) async fn apply(tx: &mut PgConnection, events: &[Recorded]) -> Result<(), HandlerError> {
    let mut raised: BTreeMap<Key, i64> = BTreeMap::new();
    let mut closed: BTreeMap<Key, Option<i64>> = BTreeMap::new();
    for event in events.iter().filter(|event| event.stream.category == "ticket") {
        let key = (event.tenant.0, event.stream.id);
        let position = i64::try_from(event.position).unwrap_or(i64::MAX);
        match event.event_type.as_str() {
            wire::event::TICKET_REGISTERED => {
                let message = TicketRegistered::decode(event.payload.clone());
                if is_raised(&message.map_err(DecodeError::from)?) {
                    raised.insert(key, position);
                }
            }
            wire::event::TICKET_CLOSED => {
                closed.insert(key, Some(position));
            }
            wire::event::TICKET_REOPENED => {
                closed.insert(key, None);
            }
            _ => {}
        }
    }
    if !raised.is_empty() {
        let (tenants, tickets): (Vec<_>, Vec<_>) = raised.keys().copied().unzip();
        sqlx::query(
            "insert into incidents (tenant, ticket_id, position)
             select * from unnest($1::integer[], $2::uuid[], $3::bigint[])
             on conflict (tenant, ticket_id) do nothing",
        )
        .bind(tenants)
        .bind(tickets)
        .bind(raised.values().copied().collect::<Vec<_>>())
        .execute(&mut *tx)
        .await?;
    }
    if !closed.is_empty() {
        let (tenants, tickets): (Vec<_>, Vec<_>) = closed.keys().copied().unzip();
        sqlx::query(
            "update incidents i set closed_position = c.position
               from unnest($1::integer[], $2::uuid[], $3::bigint[])
                    as c (tenant, ticket_id, position)
              where i.tenant = c.tenant and i.ticket_id = c.ticket_id",
        )
        .bind(tenants)
        .bind(tickets)
        .bind(closed.values().copied().collect::<Vec<_>>())
        .execute(tx)
        .await?;
    }
    Ok(())
}
