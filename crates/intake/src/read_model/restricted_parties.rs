//! Table `restricted_parties`: parties whose name and address most readers of a ticket do not see.
use std::collections::BTreeMap;

use domain::ids::PartyId;
use eventlog::{HandlerError, Recorded, TenantKey};
use prost::Message as _;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use wire::DecodeError;
use wire::intake::v1::PartyRestrictionChanged;

/// Whether the party, or the one that it was merged into, is restricted.
pub(crate) async fn has(pool: &PgPool, tenant: TenantKey, party_id: PartyId) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (
            select from restricted_parties
             where tenant = $1 and party_id in (
                   $2, (select lives_as from parties where tenant = $1 and party_id = $2)))",
    )
    .bind(tenant.0)
    .bind(party_id.0)
    .fetch_one(pool)
    .await
}

/// An erasure ends a restriction.
pub(super) async fn apply(tx: &mut PgConnection, events: &[Recorded]) -> Result<(), HandlerError> {
    let mut changed: BTreeMap<(i32, Uuid), bool> = BTreeMap::new();
    for event in events.iter().filter(|event| event.stream.category == "party") {
        let key = (event.tenant.0, event.stream.id);
        match event.event_type.as_str() {
            wire::event::PARTY_RESTRICTION_CHANGED => {
                let message = PartyRestrictionChanged::decode(event.payload.clone());
                changed.insert(key, message.map_err(DecodeError::from)?.on);
            }
            wire::event::PARTY_ERASED => {
                changed.insert(key, false);
            }
            _ => {}
        }
    }
    for (on, statement) in [
        (
            true,
            "insert into restricted_parties (tenant, party_id)
             select * from unnest($1::integer[], $2::uuid[])
             on conflict do nothing",
        ),
        (
            false,
            "delete from restricted_parties
              where (tenant, party_id) in (select * from unnest($1::integer[], $2::uuid[]))",
        ),
    ] {
        let (tenants, parties): (Vec<i32>, Vec<Uuid>) =
            changed.iter().filter(|(_, is)| **is == on).map(|(key, _)| *key).unzip();
        if !tenants.is_empty() {
            sqlx::query(statement).bind(tenants).bind(parties).execute(&mut *tx).await?;
        }
    }
    Ok(())
}
