//! Table `webhook_health`: since when an endpoint has accepted nothing. A healthy endpoint has no
//! row.
use std::collections::BTreeMap;

use domain::notice::{Event, Purpose};
use domain::webhook;
use eventlog::{HandlerError, Recorded, TenantKey};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::column;
use crate::channel::RECIPIENT_GONE;

/// Since when the endpoint has taken nothing; `None` if it took the last call, or is off.
pub(crate) async fn failing_since(
    pool: &PgPool,
    tenant: TenantKey,
    webhook_id: Uuid,
) -> sqlx::Result<Option<Timestamp>> {
    let since: Option<Option<jiff_sqlx::Timestamp>> = sqlx::query_scalar(
        "select failing_since from webhook_health where tenant = $1 and webhook_id = $2",
    )
    .bind(tenant.0)
    .bind(webhook_id)
    .fetch_optional(pool)
    .await?;
    Ok(since.flatten().map(|since| since.to_jiff()))
}

/// How long the endpoint that fails longest has taken nothing, in seconds; 0 if all take.
pub(crate) async fn longest_failure(pool: &PgPool) -> sqlx::Result<f64> {
    sqlx::query_scalar(
        "select coalesce(extract(epoch from now() - min(failing_since)), 0)::float8
           from webhook_health where failing_since is not null",
    )
    .fetch_one(pool)
    .await
}

/// An endpoint of a tenant.
type Key = (i32, Uuid);

/// What a batch says of an endpoint.
#[derive(Default)]
struct Health {
    /// It took a call.
    took: bool,
    /// The first failure after that.
    failing_since: Option<Timestamp>,
    disabled: bool,
}

/// After the batch's notices are in their table.
pub(super) async fn apply(tx: &mut PgConnection, events: &[Recorded]) -> Result<(), HandlerError> {
    let mut calls = Vec::new();
    let mut health = BTreeMap::<Key, Health>::new();
    for recorded in events {
        match recorded.event_type.as_str() {
            wire::event::NOTIFICATION_SENT | wire::event::NOTIFICATION_FAILED => {
                if let Some(took) = of_call(&recorded.decode::<Event>()?) {
                    let notice = (recorded.tenant.0, recorded.stream.id);
                    calls.push((notice, took, recorded.occurred_at));
                }
            }
            wire::event::WEBHOOK_DISABLED => {
                if let webhook::Event::Disabled { webhook_id, .. } = recorded.decode()? {
                    health.entry((recorded.tenant.0, webhook_id.0)).or_default().disabled = true;
                }
            }
            _ => {}
        }
    }
    let endpoints = endpoints(tx, &calls).await?;
    for (notice, took, at) in calls {
        let Some(endpoint) = endpoints.get(&notice) else { continue };
        let health = health.entry(*endpoint).or_default();
        if took {
            (health.took, health.failing_since) = (true, None);
        } else {
            health.failing_since.get_or_insert(at);
        }
    }
    if !health.is_empty() {
        store(tx, &Vec::from_iter(health)).await?;
    }
    Ok(())
}

/// Whether the endpoint accepted a call; `None` for outcomes that say nothing about the endpoint.
fn of_call(event: &Event) -> Option<bool> {
    match event {
        Event::Sent(sent) if sent.purpose == Purpose::Event => Some(true),
        Event::Failed(failed) if failed.purpose == Some(Purpose::Event) => {
            // That it was switched off does not mean that it fails.
            (failed.code != RECIPIENT_GONE).then_some(false)
        }
        Event::Sent(_)
        | Event::Failed(_)
        | Event::Scheduled(_)
        | Event::Suppressed(_)
        | Event::Attempted { .. }
        | Event::Delivered(_)
        | Event::Released { .. } => None,
    }
}

/// To which endpoint each of the notices goes.
async fn endpoints(
    tx: &mut PgConnection,
    calls: &[(Key, bool, Timestamp)],
) -> sqlx::Result<BTreeMap<Key, Key>> {
    if calls.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<(i32, Uuid, String)> = sqlx::query_as(
        "select n.tenant, n.notice_id, n.recipient
           from unnest($1::integer[], $2::uuid[]) as k (tenant, notice_id)
           join notices n on n.tenant = k.tenant and n.notice_id = k.notice_id",
    )
    .bind(column(calls, |((tenant, _), ..)| *tenant))
    .bind(column(calls, |((_, notice), ..)| *notice))
    .fetch_all(tx)
    .await?;
    let rows = rows.into_iter().filter_map(|(tenant, notice, recipient)| {
        Some(((tenant, notice), (tenant, recipient.parse().ok()?)))
    });
    Ok(rows.collect())
}

async fn store(tx: &mut PgConnection, rows: &[(Key, Health)]) -> sqlx::Result<()> {
    let took: Vec<_> = rows.iter().filter(|(_, health)| health.took).collect();
    if !took.is_empty() {
        sqlx::query(
            "delete from webhook_health h
              using unnest($1::integer[], $2::uuid[]) as k (tenant, webhook_id)
              where h.tenant = k.tenant and h.webhook_id = k.webhook_id and not h.disabled",
        )
        .bind(column(&took, |((tenant, _), _)| *tenant))
        .bind(column(&took, |((_, webhook), _)| *webhook))
        .execute(&mut *tx)
        .await?;
    }
    let told = |health: &Health| health.disabled || health.failing_since.is_some();
    let rows: Vec<_> = rows.iter().filter(|(_, health)| told(health)).collect();
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into webhook_health as h (tenant, webhook_id, failing_since, disabled)
         select tenant, webhook_id, case when not disabled then failing_since end, disabled
           from unnest($1::integer[], $2::uuid[], $3::timestamptz[], $4::boolean[])
             as k (tenant, webhook_id, failing_since, disabled)
         on conflict (tenant, webhook_id) do update
            set disabled = h.disabled or excluded.disabled,
                failing_since = case when not (h.disabled or excluded.disabled)
                                then coalesce(h.failing_since, excluded.failing_since) end",
    )
    .bind(column(&rows, |((tenant, _), _)| *tenant))
    .bind(column(&rows, |((_, webhook), _)| *webhook))
    .bind(column(&rows, |(_, health)| health.failing_since.map(Timestamp::to_sqlx)))
    .bind(column(&rows, |(_, health)| health.disabled))
    .execute(tx)
    .await?;
    Ok(())
}
