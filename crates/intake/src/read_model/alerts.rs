//! Table `alerts`: the newest ticket of each alert key.
use std::collections::BTreeMap;

use domain::ids::TicketId;
use eventlog::{HandlerError, Recorded, TenantKey};
use prost::Message as _;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use wire::DecodeError;
use wire::intake::v1::TicketRegistered;

/// The newest ticket with the key, as far as the table knows.
pub(crate) async fn newest(
    pool: &PgPool,
    tenant: TenantKey,
    dedupe_key: &str,
) -> sqlx::Result<Option<TicketId>> {
    let found: Option<Uuid> =
        sqlx::query_scalar("select ticket_id from alerts where tenant = $1 and dedupe_key = $2")
            .bind(tenant.0)
            .bind(dedupe_key)
            .fetch_optional(pool)
            .await?;
    Ok(found.map(TicketId))
}

pub(super) async fn apply(tx: &mut PgConnection, events: &[Recorded]) -> Result<(), HandlerError> {
    let mut newest: BTreeMap<(i32, String), Uuid> = BTreeMap::new();
    let registered = events.iter().filter(|event| {
        event.stream.category == "ticket" && event.event_type == wire::event::TICKET_REGISTERED
    });
    for event in registered {
        let message = TicketRegistered::decode(event.payload.clone()).map_err(DecodeError::from)?;
        if !message.dedupe_key.is_empty() {
            newest.insert((event.tenant.0, message.dedupe_key), event.stream.id);
        }
    }
    if newest.is_empty() {
        return Ok(());
    }
    let (tenants, keys): (Vec<i32>, Vec<String>) = newest.keys().cloned().unzip();
    let tickets: Vec<Uuid> = newest.values().copied().collect();
    sqlx::query(
        "insert into alerts (tenant, dedupe_key, ticket_id)
         select * from unnest($1::integer[], $2::text[], $3::uuid[])
         on conflict (tenant, dedupe_key) do update set ticket_id = excluded.ticket_id",
    )
    .bind(tenants)
    .bind(keys)
    .bind(tickets)
    .execute(tx)
    .await?;
    Ok(())
}
