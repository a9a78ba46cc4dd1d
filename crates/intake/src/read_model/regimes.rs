//! Table `regimes`: all regimes that sla has published.
use std::sync::Arc;

use domain::regime::Regimes;
use eventlog::{HandlerError, Recorded, TenantKey};
use prost::Message as _;
use sqlx::{PgConnection, PgPool};
use wire::DecodeError;
use wire::sla::v1::RegimePublished;

/// Every version of every regime of the tenant, in the order of publication.
pub(crate) async fn of_tenant(pool: &PgPool, tenant: TenantKey) -> Result<Regimes, HandlerError> {
    let published: Vec<Vec<u8>> =
        sqlx::query_scalar("select published from regimes where tenant = $1 order by position")
            .bind(tenant.0)
            .fetch_all(pool)
            .await?;
    let mut regimes = Regimes::default();
    for bytes in published {
        let message = RegimePublished::decode(&*bytes).map_err(DecodeError::from)?;
        regimes.publish(Arc::new(wire::regime::published(&message)?));
    }
    Ok(regimes)
}

/// Adds what the events publish and is not known.
pub(crate) fn publish<'a>(
    known: &mut Regimes,
    tenant: TenantKey,
    events: impl IntoIterator<Item = &'a Recorded>,
) -> Result<(), DecodeError> {
    for event in events {
        if event.event_type == wire::event::REGIME_PUBLISHED && event.tenant == tenant {
            let message = RegimePublished::decode(event.payload.clone())?;
            let regime = wire::regime::published(&message)?;
            if known.version(regime.code(), regime.version()).is_none() {
                known.publish(Arc::new(regime));
            }
        }
    }
    Ok(())
}

pub(super) async fn apply(tx: &mut PgConnection, events: &[Recorded]) -> Result<(), HandlerError> {
    for event in events.iter().filter(|event| event.event_type == wire::event::REGIME_PUBLISHED) {
        let message = RegimePublished::decode(event.payload.clone()).map_err(DecodeError::from)?;
        // Read whole, so that what cannot be understood stops here and not at a complaint.
        let regime = wire::regime::published(&message)?;
        let number = |what: &str| HandlerError::poison(format!("{what} is out of range"));
        sqlx::query(
            "insert into regimes (tenant, code, version, position, published)
             values ($1, $2, $3, $4, $5) on conflict (tenant, code, version) do nothing",
        )
        .bind(event.tenant.0)
        .bind(regime.code())
        .bind(i32::try_from(regime.version()).map_err(|_| number("the version"))?)
        .bind(i64::try_from(event.position).map_err(|_| number("the position"))?)
        .bind(event.payload.as_ref())
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}
