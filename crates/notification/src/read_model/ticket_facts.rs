//! Table `ticket_facts`: what a notice says about its ticket.
use std::collections::{BTreeMap, BTreeSet};

use eventlog::{HandlerError, Recorded, TenantKey};
use jiff::Timestamp;
use jiff::civil::Date;
use prost::Message as _;
use serde::Serialize;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use wire::common::v1::{Sealed, sealed::Content};
use wire::intake::v1::TicketRegistered;
use wire::notification::v1::{NotificationScheduled, Purpose};
use wire::routing::v1::TicketAssigned;
use wire::scalar::{date_opt, instant, uuid};
use wire::sealed::is_given;
use wire::sla::v1::{ClockKind, ClockStarted};

/// A clock of sla's has started.
pub(crate) const CLOCK_STARTED: &str = "odzew.sla.v1.ClockStarted";

/// What is known of a ticket.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct TicketFacts {
    pub(crate) number: String,
    /// In clear, as an older version wrote it; empty since.
    subject: String,
    /// As `subject`.
    requester_email: Option<String>,
    /// A `common.v1.Sealed` as the event has it.
    sealed_subject: Option<Vec<u8>>,
    /// As `sealed_subject`.
    sealed_email: Option<Vec<u8>>,
    received_at: jiff_sqlx::Timestamp,
    first_reply_due: Option<jiff_sqlx::Timestamp>,
    answer_by: Option<jiff_sqlx::Date>,
    /// Name of the owner.
    pub(crate) owner_name: Option<String>,
}

impl TicketFacts {
    /// Subject and address of the requester, as they are to be opened.
    pub(crate) fn personal(&self) -> Result<[Option<Sealed>; 2], wire::DecodeError> {
        let sealed = |sealed: &Option<Vec<u8>>, clear: Option<&String>| match sealed {
            Some(bytes) => Ok::<_, wire::DecodeError>(Some(Sealed::decode(bytes.as_slice())?)),
            None => Ok(clear.map(|text| Sealed { content: Some(Content::Clear(text.clone())) })),
        };
        let subject = sealed(&self.sealed_subject, Some(&self.subject))?;
        Ok([subject, sealed(&self.sealed_email, self.requester_email.as_ref())?])
    }

    pub(crate) fn received_at(&self) -> Timestamp {
        self.received_at.to_jiff()
    }

    /// Last day to answer the complaint by law; the earliest if several laws apply.
    pub(crate) fn answer_by(&self) -> Option<Date> {
        self.answer_by.map(|day| day.to_jiff())
    }

    pub(crate) fn first_reply_due(&self) -> Option<Timestamp> {
        self.first_reply_due.map(|due| due.to_jiff())
    }
}

pub(crate) async fn find(
    pool: &PgPool,
    tenant: TenantKey,
    ticket_id: Uuid,
) -> sqlx::Result<Option<TicketFacts>> {
    sqlx::query_as(
        "select t.number, t.subject, t.requester_email, t.sealed_subject, t.sealed_email,
                t.received_at, t.first_reply_due, t.answer_by, a.display_name as owner_name
           from ticket_facts t
           left join agents a on a.tenant = t.tenant and a.agent_id = t.owner
          where t.tenant = $1 and t.ticket_id = $2",
    )
    .bind(tenant.0)
    .bind(ticket_id)
    .fetch_optional(pool)
    .await
}

#[derive(Serialize)]
struct Registered {
    tenant: i32,
    ticket_id: String,
    number: String,
    /// Bytes in the way Postgres reads them from text.
    sealed_subject: Option<String>,
    sealed_email: Option<String>,
    received_at: Timestamp,
}

#[derive(Serialize)]
struct Owned {
    tenant: i32,
    ticket_id: String,
    owner: Option<String>,
}

#[derive(Serialize)]
struct Due {
    tenant: i32,
    ticket_id: String,
    first_reply_due: Timestamp,
}

#[derive(Serialize)]
struct AnswerBy {
    tenant: i32,
    ticket_id: String,
    answer_by: Date,
}

#[derive(Default)]
struct Changes {
    registered: Vec<Registered>,
    owned: BTreeMap<(i32, Uuid), Owned>,
    due: BTreeMap<(i32, Uuid), Due>,
    answer_by: BTreeMap<(i32, Uuid), AnswerBy>,
}

pub(super) async fn apply(tx: &mut PgConnection, events: &[Recorded]) -> Result<(), HandlerError> {
    let mut changes = Changes::default();
    for event in events {
        changes.note(event)?;
    }
    if !changes.registered.is_empty() {
        sqlx::query(
            "insert into ticket_facts (tenant, ticket_id, number, subject, sealed_subject,
                                       sealed_email, received_at)
             select tenant, ticket_id, number, '', sealed_subject, sealed_email, received_at
               from json_populate_recordset(null::ticket_facts, $1::json)
             on conflict (tenant, ticket_id) do nothing",
        )
        .bind(super::rows(&changes.registered)?)
        .execute(&mut *tx)
        .await?;
    }
    let owned: Vec<_> = changes.owned.into_values().collect();
    if !owned.is_empty() {
        sqlx::query(
            "update ticket_facts t set owner = c.owner
               from json_populate_recordset(null::ticket_facts, $1::json) c
              where t.tenant = c.tenant and t.ticket_id = c.ticket_id",
        )
        .bind(super::rows(&owned)?)
        .execute(&mut *tx)
        .await?;
    }
    let answer_by: Vec<_> = changes.answer_by.into_values().collect();
    if !answer_by.is_empty() {
        sqlx::query(
            "update ticket_facts t set answer_by = least(t.answer_by, c.answer_by)
               from json_populate_recordset(null::ticket_facts, $1::json) c
              where t.tenant = c.tenant and t.ticket_id = c.ticket_id",
        )
        .bind(super::rows(&answer_by)?)
        .execute(&mut *tx)
        .await?;
    }
    let due: Vec<_> = changes.due.into_values().collect();
    if !due.is_empty() {
        sqlx::query(
            "update ticket_facts t set first_reply_due = c.first_reply_due
               from json_populate_recordset(null::ticket_facts, $1::json) c
              where t.tenant = c.tenant and t.ticket_id = c.ticket_id",
        )
        .bind(super::rows(&due)?)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// The tickets whose confirmations of receipt may have all they would like to say with these
/// events: the time of the first reply, or the last day to answer a complaint, became known, or
/// the confirmation was scheduled.
pub(super) fn waited_for(events: &[Recorded]) -> Result<BTreeSet<(i32, Uuid)>, HandlerError> {
    let mut tickets = BTreeSet::new();
    for event in events {
        match event.event_type.as_str() {
            CLOCK_STARTED if is_waited_for(event)? => {
                tickets.insert((event.tenant.0, event.stream.id));
            }
            "odzew.notification.v1.NotificationScheduled" => {
                let message = decode::<NotificationScheduled>(event)?;
                if matches!(message.purpose(), Purpose::Ack | Purpose::ComplaintAck) {
                    let ticket_id = uuid(&message.ticket_id, "ticket_id")?;
                    tickets.insert((event.tenant.0, ticket_id));
                }
            }
            _ => {}
        }
    }
    Ok(tickets)
}

/// Whether a started clock is one that a confirmation of receipt names.
pub(crate) fn is_waited_for(event: &Recorded) -> Result<bool, wire::DecodeError> {
    Ok(event.event_type == CLOCK_STARTED
        && matches!(
            decode::<ClockStarted>(event)?.kind(),
            ClockKind::FirstReply | ClockKind::StatutoryResponse
        ))
}

impl Changes {
    fn note(&mut self, event: &Recorded) -> Result<(), HandlerError> {
        let tenant = event.tenant.0;
        match event.event_type.as_str() {
            "odzew.intake.v1.TicketRegistered" => {
                let message = decode::<TicketRegistered>(event)?;
                let kept = |sealed: Option<&Sealed>| {
                    sealed.filter(|_| is_given(sealed)).map(|sealed| hex(&sealed.encode_to_vec()))
                };
                self.registered.push(Registered {
                    tenant,
                    ticket_id: event.stream.id.to_string(),
                    sealed_subject: kept(message.subject.as_ref()),
                    sealed_email: kept(message.requester_email.as_ref()),
                    received_at: instant(message.received_at.as_ref(), "received_at")?,
                    number: message.number,
                });
            }
            "odzew.routing.v1.TicketAssigned" => {
                let owner = Some(decode::<TicketAssigned>(event)?.agent_id);
                self.own(tenant, event.stream.id, owner);
            }
            "odzew.routing.v1.TicketQueued" => self.own(tenant, event.stream.id, None),
            CLOCK_STARTED => {
                let message = decode::<ClockStarted>(event)?;
                let id = uuid(&message.ticket_id, "ticket_id")?;
                let (key, ticket_id) = ((tenant, id), id.to_string());
                match message.kind() {
                    ClockKind::FirstReply => {
                        let first_reply_due = instant(message.due_at.as_ref(), "due_at")?;
                        self.due.insert(key, Due { tenant, ticket_id, first_reply_due });
                    }
                    ClockKind::StatutoryResponse => {
                        if let Some(answer_by) = date_opt(&message.last_day, "last_day")? {
                            let known = self.answer_by.get(&key).map(|known| known.answer_by);
                            let answer_by = known.map_or(answer_by, |known| known.min(answer_by));
                            self.answer_by.insert(key, AnswerBy { tenant, ticket_id, answer_by });
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn own(&mut self, tenant: i32, ticket_id: Uuid, owner: Option<String>) {
        let key = (tenant, ticket_id);
        self.owned.insert(key, Owned { tenant, ticket_id: ticket_id.to_string(), owner });
    }
}

/// Bytes as Postgres reads a `bytea` from text.
fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digits = digits.filter_map(|digit| char::from_digit(u32::from(digit), 16));
    "\\x".chars().chain(digits).collect()
}

/// A foreign event's message.
pub(crate) fn decode<M: prost::Message + Default>(
    event: &Recorded,
) -> Result<M, wire::DecodeError> {
    Ok(M::decode(event.payload.clone())?)
}
