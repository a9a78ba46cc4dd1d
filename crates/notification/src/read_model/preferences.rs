//! Tables `unwanted_mails`, `quiet_hours` and `merged_parties`: which mails parties do not want,
//! and when.
use domain::quiet_hours::QuietHours;
use eventlog::{HandlerError, Recorded, TenantKey};
use jiff::civil::Time;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use wire::common::v1::Channel;
use wire::intake::v1::{self, PartiesMerged, PreferenceChanged, PreferencePurpose};
use wire::scalar::uuid;

use super::ticket_facts::decode;

/// The quiet hours of a party for this purpose, and the party whose time zone counts: for a merged
/// party the one that it was merged into. `None` if there are none.
pub(crate) async fn quiet_hours(
    pool: &PgPool,
    tenant: TenantKey,
    party_id: Uuid,
    purpose: PreferencePurpose,
) -> sqlx::Result<Option<(Uuid, QuietHours)>> {
    let row: Option<(Uuid, i32, i32)> = sqlx::query_as(
        "select party_id, from_minute, to_minute from quiet_hours
          where tenant = $1 and purpose = $3 and party_id = coalesce(
                (select lives_as from merged_parties where tenant = $1 and party_id = $2), $2)",
    )
    .bind(tenant.0)
    .bind(party_id)
    .bind(i32::from(purpose))
    .fetch_optional(pool)
    .await?;
    let quiet = |from, to| Some(QuietHours { from: time(from)?, to: time(to)? });
    Ok(row.and_then(|(party, from, to)| Some((party, quiet(from, to)?))))
}

fn time(minute: i32) -> Option<Time> {
    let (hour, minute) = (i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?);
    Time::new(hour, minute, 0, 0).ok()
}

/// Changes are rare, and follow one another: each is its own statement.
pub(super) async fn apply(tx: &mut PgConnection, events: &[Recorded]) -> Result<(), HandlerError> {
    for event in events.iter().filter(|event| event.stream.category == "party") {
        let party = (event.tenant.0, event.stream.id);
        match event.event_type.as_str() {
            wire::event::PREFERENCE_CHANGED => {
                let changed = decode::<PreferenceChanged>(event)?.preference.unwrap_or_default();
                if changed.channel() == Channel::Email {
                    prefer(tx, party, changed.purpose, changed.allowed).await?;
                    keep_quiet(tx, party, changed.purpose, changed.quiet_hours).await?;
                }
            }
            wire::event::PARTIES_MERGED => {
                let into = uuid(&decode::<PartiesMerged>(event)?.into_party_id, "into_party_id")?;
                merge(tx, party, into).await?;
            }
            wire::event::PARTY_ERASED => forget(tx, party).await?,
            _ => {}
        }
    }
    Ok(())
}

async fn prefer(
    tx: &mut PgConnection,
    (tenant, party_id): (i32, Uuid),
    purpose: i32,
    allowed: bool,
) -> sqlx::Result<()> {
    let statement = match allowed {
        true => "delete from unwanted_mails where tenant = $1 and party_id = $2 and purpose = $3",
        false => {
            "insert into unwanted_mails (tenant, party_id, purpose) values ($1, $2, $3)
             on conflict do nothing"
        }
    };
    sqlx::query(statement).bind(tenant).bind(party_id).bind(purpose).execute(tx).await?;
    Ok(())
}

async fn keep_quiet(
    tx: &mut PgConnection,
    (tenant, party_id): (i32, Uuid),
    purpose: i32,
    quiet: Option<v1::QuietHours>,
) -> sqlx::Result<()> {
    let Some(quiet) = quiet else {
        let statement =
            "delete from quiet_hours where tenant = $1 and party_id = $2 and purpose = $3";
        sqlx::query(statement).bind(tenant).bind(party_id).bind(purpose).execute(tx).await?;
        return Ok(());
    };
    let minute = |minute: u32| i32::try_from(minute).unwrap_or(i32::MAX);
    sqlx::query(
        "insert into quiet_hours (tenant, party_id, purpose, from_minute, to_minute)
         values ($1, $2, $3, $4, $5)
         on conflict (tenant, party_id, purpose) do update
            set from_minute = excluded.from_minute, to_minute = excluded.to_minute",
    )
    .bind(tenant)
    .bind(party_id)
    .bind(purpose)
    .bind(minute(quiet.from_minute))
    .bind(minute(quiet.to_minute))
    .execute(tx)
    .await?;
    Ok(())
}

/// Everything that lived as the party lives as the other one lives.
async fn merge(tx: &mut PgConnection, (tenant, from): (i32, Uuid), into: Uuid) -> sqlx::Result<()> {
    sqlx::query(
        "with living as (
            select coalesce((select lives_as from merged_parties
                              where tenant = $1 and party_id = $3), $3) as party_id),
         moved as (
            update merged_parties set lives_as = living.party_id
              from living where tenant = $1 and lives_as = $2)
         insert into merged_parties (tenant, party_id, lives_as)
         select $1, $2, party_id from living
         on conflict do nothing",
    )
    .bind(tenant)
    .bind(from)
    .bind(into)
    .execute(&mut *tx)
    .await?;
    hand_over(tx, (tenant, from)).await
}

/// What the one did not want the other does not want either, until it says otherwise; where both have
/// quiet hours, those of the one that lives on stay.
async fn hand_over(tx: &mut PgConnection, (tenant, from): (i32, Uuid)) -> sqlx::Result<()> {
    for statement in [
        "with taken as (
            delete from unwanted_mails where tenant = $1 and party_id = $2 returning purpose)
         insert into unwanted_mails (tenant, party_id, purpose)
         select m.tenant, m.lives_as, taken.purpose
           from merged_parties m, taken where m.tenant = $1 and m.party_id = $2
         on conflict do nothing",
        "with taken as (
            delete from quiet_hours where tenant = $1 and party_id = $2
            returning purpose, from_minute, to_minute)
         insert into quiet_hours (tenant, party_id, purpose, from_minute, to_minute)
         select m.tenant, m.lives_as, taken.purpose, taken.from_minute, taken.to_minute
           from merged_parties m, taken where m.tenant = $1 and m.party_id = $2
         on conflict do nothing",
    ] {
        sqlx::query(statement).bind(tenant).bind(from).execute(&mut *tx).await?;
    }
    Ok(())
}

/// Who was merged into it stays so: what comes for such a one is the other's.
async fn forget(tx: &mut PgConnection, (tenant, party_id): (i32, Uuid)) -> sqlx::Result<()> {
    for statement in [
        "delete from unwanted_mails where tenant = $1 and party_id = $2",
        "delete from quiet_hours where tenant = $1 and party_id = $2",
    ] {
        sqlx::query(statement).bind(tenant).bind(party_id).execute(&mut *tx).await?;
    }
    Ok(())
}
