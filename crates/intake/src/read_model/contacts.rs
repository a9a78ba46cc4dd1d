//! Table `contacts`: the conversations of a party.
use std::collections::BTreeMap;

use domain::contact::{Answerer, Event};
use domain::identity::Identity;
use domain::ids::PartyId;
use eventlog::{HandlerError, Recorded, TenantKey};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use wire::intake::v1;

/// A row; its fields are the table's columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Contact {
    pub(crate) tenant: i32,
    pub(crate) contact_id: String,
    pub(crate) position: i64,
    pub(crate) party_id: Option<String>,
    pub(crate) identification: i32,
    pub(crate) channel: i32,
    pub(crate) direction: i32,
    pub(crate) state: i32,
    pub(crate) outcome: i32,
    pub(crate) ticket_id: Option<String>,
    pub(crate) agent_id: String,
    pub(crate) started_at: Timestamp,
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) has_note: bool,
}

/// A contact of a tenant.
type Key = (i32, Uuid);

/// The contacts of a party and of those merged into it, the newest first, older than position
/// `before`.
pub(crate) async fn of_party(
    pool: &PgPool,
    tenant: TenantKey,
    party_id: PartyId,
    before: i64,
    limit: i64,
) -> Result<Vec<Contact>, HandlerError> {
    let rows: Vec<String> = sqlx::query_scalar(
        "select row_to_json(c)::text from contacts c
          where tenant = $1 and position < $3 and party_id in (
                select party_id from parties where tenant = $1 and lives_as = (
                       select lives_as from parties where tenant = $1 and party_id = $2))
          order by position desc
          limit $4",
    )
    .bind(tenant.0)
    .bind(party_id.0)
    .bind(before)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    rows.iter().map(|row| read(row)).collect()
}

pub(super) async fn apply(tx: &mut PgConnection, events: &[Recorded]) -> Result<(), HandlerError> {
    let mut told = Vec::new();
    for recorded in events.iter().filter(|event| event.stream.category == "contact") {
        told.push((recorded, recorded.decode::<Event>()?));
    }
    if told.is_empty() {
        return Ok(());
    }
    let mut contacts = stored(tx, told.iter().map(|(recorded, _)| *recorded)).await?;
    for (recorded, event) in &told {
        let key = (recorded.tenant.0, recorded.stream.id);
        if let Event::Started(started) = event {
            contacts.entry(key).or_insert_with(|| Contact::new(recorded, started));
        } else if let Some(contact) = contacts.get_mut(&key) {
            contact.note(event);
        }
    }
    write(tx, contacts.values()).await
}

async fn stored<'a>(
    tx: &mut PgConnection,
    events: impl Iterator<Item = &'a Recorded>,
) -> Result<BTreeMap<Key, Contact>, HandlerError> {
    // The first event of a contact meets no row.
    let known = events.filter(|event| event.version > 1);
    let (tenants, ids): (Vec<_>, Vec<_>) =
        known.map(|event| (event.tenant.0, event.stream.id)).unzip();
    let rows: Vec<(i32, Uuid, String)> = sqlx::query_as(
        "select tenant, contact_id, row_to_json(c)::text from contacts c
          where (tenant, contact_id) in (select * from unnest($1::integer[], $2::uuid[]))",
    )
    .bind(tenants)
    .bind(ids)
    .fetch_all(tx)
    .await?;
    rows.iter().map(|(tenant, id, row)| Ok(((*tenant, *id), read(row)?))).collect()
}

async fn write(
    tx: &mut PgConnection,
    contacts: impl Iterator<Item = &Contact>,
) -> Result<(), HandlerError> {
    let rows: Vec<_> = contacts.collect();
    let rows = serde_json::to_string(&rows).map_err(|error| poison(&error))?;
    sqlx::query(
        "insert into contacts select * from json_populate_recordset(null::contacts, $1::json)
         on conflict (tenant, contact_id) do update
            set party_id = excluded.party_id, identification = excluded.identification,
                state = excluded.state, outcome = excluded.outcome,
                ticket_id = excluded.ticket_id, agent_id = excluded.agent_id,
                ended_at = excluded.ended_at, has_note = excluded.has_note",
    )
    .bind(rows)
    .execute(tx)
    .await?;
    Ok(())
}

fn read(row: &str) -> Result<Contact, HandlerError> {
    serde_json::from_str(row).map_err(|error| poison(&error))
}

fn poison(error: &serde_json::Error) -> HandlerError {
    HandlerError::poison(error.to_string())
}

impl Contact {
    fn new(recorded: &Recorded, started: &domain::contact::Started) -> Self {
        let mut contact = Self {
            tenant: recorded.tenant.0,
            contact_id: recorded.stream.id.to_string(),
            position: i64::try_from(recorded.position).unwrap_or(i64::MAX),
            party_id: None,
            identification: 0,
            channel: v1::ContactChannel::from(started.channel).into(),
            direction: v1::ContactDirection::from(started.direction).into(),
            state: v1::ContactState::Waiting.into(),
            outcome: 0,
            ticket_id: started.resumed_ticket_id.map(|id| id.0.to_string()),
            agent_id: String::new(),
            started_at: started.started_at,
            ended_at: None,
            has_note: false,
        };
        contact.recognise(started.identity);
        contact
    }

    fn note(&mut self, event: &Event) {
        match event {
            // Only ever the first event of a stream.
            Event::Started(_) => {}
            Event::Routed(_) => self.state = v1::ContactState::Waiting.into(),
            Event::Answered(answered) => {
                self.state = v1::ContactState::Talking.into();
                if let Answerer::Human(agent_id) = &answered.by {
                    self.agent_id.clone_from(&agent_id.0);
                }
            }
            Event::Ended(ended) => {
                self.state = v1::ContactState::Ended.into();
                self.outcome = v1::ContactOutcome::from(ended.outcome).into();
                self.recognise(ended.identity);
                self.ended_at = Some(ended.ended_at);
                self.has_note = ended.note.is_some();
                if let Some(ticket_id) = ended.ticket_id {
                    self.ticket_id = Some(ticket_id.0.to_string());
                }
            }
        }
    }

    fn recognise(&mut self, identity: Option<Identity>) {
        self.party_id = identity.map(|identity| identity.party_id.0.to_string());
        let identification = identity.map(|identity| identity.identification).unwrap_or_default();
        self.identification = v1::Identification::from(identification).into();
    }
}
