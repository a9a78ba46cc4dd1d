//! Tables `unwanted_mails` and `merged_parties`: what parties do not want to be mailed.
use eventlog::{HandlerError, Recorded};
use sqlx::PgConnection;
use uuid::Uuid;
use wire::common::v1::Channel;
use wire::intake::v1::{PartiesMerged, PreferenceChanged};
use wire::scalar::uuid;

use super::ticket_facts::decode;

/// Changes are rare, and follow one another: each is its own statement.
pub(super) async fn apply(tx: &mut PgConnection, events: &[Recorded]) -> Result<(), HandlerError> {
    for event in events.iter().filter(|event| event.stream.category == "party") {
        let party = (event.tenant.0, event.stream.id);
        match event.event_type.as_str() {
            "odzew.intake.v1.PreferenceChanged" => {
                let changed = decode::<PreferenceChanged>(event)?.preference.unwrap_or_default();
                if changed.channel() == Channel::Email {
                    prefer(tx, party, changed.purpose, changed.allowed).await?;
                }
            }
            "odzew.intake.v1.PartiesMerged" => {
                let into = uuid(&decode::<PartiesMerged>(event)?.into_party_id, "into_party_id")?;
                merge(tx, party, into).await?;
            }
            "odzew.intake.v1.PartyErased" => forget(tx, party).await?,
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
    .execute(tx)
    .await?;
    Ok(())
}

/// Who was merged into it stays so: what comes for such a one is the other's.
async fn forget(tx: &mut PgConnection, (tenant, party_id): (i32, Uuid)) -> sqlx::Result<()> {
    sqlx::query("delete from unwanted_mails where tenant = $1 and party_id = $2")
        .bind(tenant)
        .bind(party_id)
        .execute(tx)
        .await?;
    Ok(())
}
