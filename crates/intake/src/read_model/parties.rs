//! Tables `parties` and `contact_points`: which party has which contact point.
use std::collections::{BTreeMap, BTreeSet};

use domain::ids::PartyId;
use domain::party::{Event, Profile};
use eventlog::{HandlerError, Recorded, TenantKey};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::blind::{BlindIndex, Index};

/// A party of a tenant.
type Key = (i32, Uuid);

/// The parties that live and have a contact point, the oldest first; those merged into another
/// one as that one.
pub(crate) async fn find(
    pool: &PgPool,
    tenant: TenantKey,
    index: &Index,
    limit: i64,
) -> sqlx::Result<Vec<PartyId>> {
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "select party_id from parties
          where tenant = $1 and lives_as = party_id and party_id in (
                select p.lives_as from contact_points c join parties p using (tenant, party_id)
                 where c.tenant = $1 and c.blind_index = $2)
          order by registered_at, party_id
          limit $3",
    )
    .bind(tenant.0)
    .bind(index.as_slice())
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(ids.into_iter().map(PartyId).collect())
}

/// What a batch does. A merged party changes no more: so the order of the fields is the order of
/// any batch's events.
#[derive(Default)]
struct Changes {
    registered: BTreeMap<Key, Timestamp>,
    points: BTreeMap<Key, BTreeSet<Index>>,
    merged: Vec<(Key, Uuid)>,
}

pub(super) async fn apply(
    tx: &mut PgConnection,
    events: &[Recorded],
    index: &BlindIndex,
) -> Result<(), HandlerError> {
    let mut changes = Changes::default();
    for recorded in events.iter().filter(|event| event.stream.category == "party") {
        let event = recorded.decode::<Event>()?;
        changes.note(recorded, &event, index);
    }
    if !changes.registered.is_empty() {
        register(tx, &changes.registered).await?;
    }
    if !changes.points.is_empty() {
        replace(tx, &changes.points).await?;
    }
    for (from, into) in changes.merged {
        merge(tx, from, into).await?;
    }
    Ok(())
}

impl Changes {
    fn note(&mut self, recorded: &Recorded, event: &Event, index: &BlindIndex) {
        let key = (recorded.tenant.0, recorded.stream.id);
        let indexes = |profile: &Profile| {
            let points = profile.contact_points.iter();
            points.filter_map(|point| index.of(&recorded.tenant_name, point)).collect()
        };
        match event {
            Event::Registered(registered) => {
                self.registered.insert(key, registered.registered_at);
                self.points.insert(key, indexes(&registered.profile));
            }
            Event::Updated(profile) => {
                self.points.insert(key, indexes(profile));
            }
            Event::Merged(merged) => self.merged.push((key, merged.into.0)),
            Event::PreferenceChanged(_)
            | Event::LegalHoldChanged(_)
            | Event::RestrictionChanged(_)
            | Event::Erased(_) => {}
        }
    }
}

async fn register(
    tx: &mut PgConnection,
    registered: &BTreeMap<Key, Timestamp>,
) -> Result<(), HandlerError> {
    let (tenants, parties) = columns(registered.keys());
    let instants: Vec<_> = registered.values().map(|at| at.to_sqlx()).collect();
    sqlx::query(
        "insert into parties (tenant, party_id, lives_as, registered_at)
         select tenant, party_id, party_id, registered_at
           from unnest($1::integer[], $2::uuid[], $3::timestamptz[])
                as new (tenant, party_id, registered_at)
         on conflict (tenant, party_id) do nothing",
    )
    .bind(tenants)
    .bind(parties)
    .bind(instants)
    .execute(tx)
    .await?;
    Ok(())
}

async fn replace(
    tx: &mut PgConnection,
    points: &BTreeMap<Key, BTreeSet<Index>>,
) -> Result<(), HandlerError> {
    let (tenants, parties) = columns(points.keys());
    sqlx::query(
        "delete from contact_points
          where (tenant, party_id) in (select * from unnest($1::integer[], $2::uuid[]))",
    )
    .bind(tenants)
    .bind(parties)
    .execute(&mut *tx)
    .await?;
    let rows: Vec<(&Key, &Index)> =
        points.iter().flat_map(|(key, all)| all.iter().map(move |one| (key, one))).collect();
    let (tenants, parties) = columns(rows.iter().map(|(key, _)| *key));
    let indexes: Vec<&[u8]> = rows.iter().map(|(_, index)| index.as_slice()).collect();
    sqlx::query(
        "insert into contact_points (tenant, party_id, blind_index)
         select * from unnest($1::integer[], $2::uuid[], $3::bytea[])",
    )
    .bind(tenants)
    .bind(parties)
    .bind(indexes)
    .execute(tx)
    .await?;
    Ok(())
}

/// Everything that lived as `from` lives as `into` lives, also if that was erased a moment before.
async fn merge(tx: &mut PgConnection, from: Key, into: Uuid) -> Result<(), HandlerError> {
    sqlx::query(
        "update parties
            set lives_as = coalesce(
                (select lives_as from parties where tenant = $1 and party_id = $3), $3)
          where tenant = $1 and lives_as = $2",
    )
    .bind(from.0)
    .bind(from.1)
    .bind(into)
    .execute(tx)
    .await?;
    Ok(())
}

fn columns<'a>(keys: impl Iterator<Item = &'a Key>) -> (Vec<i32>, Vec<Uuid>) {
    keys.copied().unzip()
}
