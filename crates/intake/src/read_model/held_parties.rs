//! Table `held_parties`: parties under a legal hold. A party's own hold is checked in its stream;
//! this table is for other parties of the same ticket.
use std::collections::BTreeMap;

use eventlog::{HandlerError, Recorded};
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use prost::Message as _;
use sqlx::PgConnection;
use uuid::Uuid;
use wire::DecodeError;
use wire::intake::v1::LegalHoldChanged;
use wire::scalar::date_opt;

/// A party of a tenant, and its hold with the last day if there is one.
type Changed = BTreeMap<(i32, Uuid), Option<Option<Date>>>;

/// An erasure comes only after a hold.
pub(super) async fn apply(tx: &mut PgConnection, events: &[Recorded]) -> Result<(), HandlerError> {
    let mut changed = Changed::new();
    for event in events.iter().filter(|e| e.event_type == wire::event::LEGAL_HOLD_CHANGED) {
        let message = LegalHoldChanged::decode(event.payload.clone()).map_err(DecodeError::from)?;
        let until = date_opt(&message.until, "until")?;
        changed.insert((event.tenant.0, event.stream.id), message.on.then_some(until));
    }
    for ((tenant, party), hold) in changed {
        let query = match hold {
            Some(until) => sqlx::query(
                "insert into held_parties (tenant, party_id, until) values ($1, $2, $3)
                 on conflict (tenant, party_id) do update set until = excluded.until",
            )
            .bind(tenant)
            .bind(party)
            .bind(until.map(|until| until.to_sqlx())),
            None => sqlx::query("delete from held_parties where tenant = $1 and party_id = $2")
                .bind(tenant)
                .bind(party),
        };
        query.execute(&mut *tx).await?;
    }
    Ok(())
}
