//! Table `agents`: the addresses and languages of agents.
use std::collections::BTreeMap;

use eventlog::{HandlerError, Recorded, TenantKey};
use sqlx::{PgConnection, PgPool};
use wire::routing::v1::DirectoryChanged;
use wire::routing::v1::directory_changed::Object;
use wire::words::personal_opt;

use super::column;
use super::ticket_facts::decode;

/// Where an agent is reached.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Agent {
    pub(crate) email: Option<String>,
    pub(crate) language: String,
}

pub(crate) async fn find(
    pool: &PgPool,
    tenant: TenantKey,
    agent_id: &str,
) -> sqlx::Result<Option<Agent>> {
    sqlx::query_as("select email, language from agents where tenant = $1 and agent_id = $2")
        .bind(tenant.0)
        .bind(agent_id)
        .fetch_optional(pool)
        .await
}

struct Row {
    tenant: i32,
    agent_id: String,
    display_name: Option<String>,
    email: Option<String>,
    language: String,
}

pub(super) async fn apply(tx: &mut PgConnection, events: &[Recorded]) -> Result<(), HandlerError> {
    let mut changed = BTreeMap::new();
    let changes = events.iter().filter(|e| e.event_type == wire::event::DIRECTORY_CHANGED);
    for event in changes {
        let Some(Object::Agent(agent)) = decode::<DirectoryChanged>(event)?.object else {
            continue;
        };
        let text = |sealed, field| {
            personal_opt(sealed, field)
                .map(|text| text.map(|text| text.0).filter(|t| !t.is_empty()))
        };
        let tenant = event.tenant.0;
        let row = Row {
            tenant,
            display_name: text(agent.display_name.as_ref(), "display_name")?,
            email: text(agent.email.as_ref(), "email")?,
            language: agent.language,
            agent_id: agent.agent_id.clone(),
        };
        changed.insert((tenant, agent.agent_id), row);
    }
    let rows: Vec<_> = changed.into_values().collect();
    if rows.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into agents (tenant, agent_id, display_name, email, language)
         select * from unnest($1::integer[], $2::text[], $3::text[], $4::text[], $5::text[])
         on conflict (tenant, agent_id) do update
            set display_name = excluded.display_name, email = excluded.email,
                language = excluded.language",
    )
    .bind(column(&rows, |row| row.tenant))
    .bind(column(&rows, |row| row.agent_id.clone()))
    .bind(column(&rows, |row| row.display_name.clone()))
    .bind(column(&rows, |row| row.email.clone()))
    .bind(column(&rows, |row| row.language.clone()))
    .execute(tx)
    .await?;
    Ok(())
}
