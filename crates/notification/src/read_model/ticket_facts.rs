//! Table `ticket_facts`: what notices say about their ticket.
use std::collections::{BTreeMap, BTreeSet};

use eventlog::{HandlerError, Recorded, TenantKey};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use prost::Message as _;
use sqlx::{Encode, PgConnection, PgPool, Postgres, Type};
use uuid::Uuid;
use wire::common::v1::Sealed;
use wire::intake::v1::TicketRegistered;
use wire::notification::v1::{NotificationScheduled, Purpose};
use wire::routing::v1::TicketAssigned;
use wire::scalar::{date_opt, instant, uuid, uuid_opt};
use wire::sealed::is_given;
use wire::sla::v1::{ClockKind, ClockStarted};

use super::column;

/// What is known of a ticket.
#[derive(Clone, sqlx::FromRow)]
pub(crate) struct TicketFacts {
    pub(crate) number: String,
    /// A `common.v1.Sealed` as the event has it.
    sealed_subject: Option<Vec<u8>>,
    /// As `sealed_subject`.
    sealed_email: Option<Vec<u8>>,
    /// The party that it was registered with.
    pub(crate) requester: Option<Uuid>,
    received_at: jiff_sqlx::Timestamp,
    first_reply_due: Option<jiff_sqlx::Timestamp>,
    /// Name of the owner.
    pub(crate) owner_name: Option<String>,
    /// What for the recipient wants no mail: numbers of `intake.v1.PreferencePurpose`.
    pub(crate) unwanted: Vec<i32>,
}

impl TicketFacts {
    /// Subject and address of the requester, as they are to be opened.
    pub(crate) fn personal(&self) -> Result<[Option<Sealed>; 2], wire::DecodeError> {
        let sealed = |bytes: &Option<Vec<u8>>| bytes.as_deref().map(Sealed::decode).transpose();
        Ok([sealed(&self.sealed_subject)?, sealed(&self.sealed_email)?])
    }

    pub(crate) fn received_at(&self) -> Timestamp {
        self.received_at.to_jiff()
    }

    pub(crate) fn first_reply_due(&self) -> Option<Timestamp> {
        self.first_reply_due.map(|due| due.to_jiff())
    }
}

/// The ticket; `recipient` is the party that a notice is for, `None` for other recipients.
pub(crate) async fn find(
    pool: &PgPool,
    tenant: TenantKey,
    ticket_id: Uuid,
    recipient: Option<Uuid>,
) -> sqlx::Result<Option<TicketFacts>> {
    sqlx::query_as(
        "select t.number, t.sealed_subject, t.sealed_email, t.requester, t.received_at,
                t.first_reply_due, a.display_name as owner_name,
                array(select u.purpose from unwanted_mails u
                       where u.tenant = $1 and u.party_id = coalesce(
                             (select m.lives_as from merged_parties m
                               where m.tenant = $1 and m.party_id = $3), $3)) as unwanted
           from ticket_facts t
           left join agents a on a.tenant = t.tenant and a.agent_id = t.owner
          where t.tenant = $1 and t.ticket_id = $2",
    )
    .bind(tenant.0)
    .bind(ticket_id)
    .bind(recipient)
    .fetch_optional(pool)
    .await
}

struct Registered {
    key: Key,
    number: String,
    sealed_subject: Option<Vec<u8>>,
    sealed_email: Option<Vec<u8>>,
    requester: Option<Uuid>,
    received_at: Timestamp,
}

/// A ticket of a tenant.
type Key = (i32, Uuid);

/// What a batch says about tickets: the last value of each fact, and the earliest `answer_by`.
#[derive(Default)]
struct Changes {
    registered: Vec<Registered>,
    owned: BTreeMap<Key, Option<String>>,
    first_reply_due: BTreeMap<Key, Timestamp>,
    answer_by: BTreeMap<Key, Date>,
}

pub(super) async fn apply(tx: &mut PgConnection, events: &[Recorded]) -> Result<(), HandlerError> {
    let mut changes = Changes::default();
    for event in events {
        changes.note(event)?;
    }
    changes.insert(tx).await?;
    changes.update(tx).await?;
    Ok(())
}

impl Changes {
    async fn insert(&self, tx: &mut PgConnection) -> sqlx::Result<()> {
        let rows = &self.registered;
        if rows.is_empty() {
            return Ok(());
        }
        sqlx::query(
            "insert into ticket_facts (tenant, ticket_id, number, sealed_subject, sealed_email,
                                       requester, received_at)
             select tenant, ticket_id, number, sealed_subject, sealed_email, requester,
                    received_at
               from unnest($1::integer[], $2::uuid[], $3::text[], $4::bytea[], $5::bytea[],
                           $6::uuid[], $7::timestamptz[])
                 as k (tenant, ticket_id, number, sealed_subject, sealed_email, requester,
                       received_at)
             on conflict (tenant, ticket_id) do nothing",
        )
        .bind(column(rows, |row| row.key.0))
        .bind(column(rows, |row| row.key.1))
        .bind(column(rows, |row| row.number.clone()))
        .bind(column(rows, |row| row.sealed_subject.clone()))
        .bind(column(rows, |row| row.sealed_email.clone()))
        .bind(column(rows, |row| row.requester))
        .bind(column(rows, |row| row.received_at.to_sqlx()))
        .execute(tx)
        .await?;
        Ok(())
    }

    async fn update(self, tx: &mut PgConnection) -> sqlx::Result<()> {
        let set = "update ticket_facts t set owner = k.value
                     from unnest($1::integer[], $2::uuid[], $3::text[])
                       as k (tenant, ticket_id, value)
                    where t.tenant = k.tenant and t.ticket_id = k.ticket_id";
        let (keys, values) = self.owned.into_iter().unzip();
        set_each(tx, set, keys, values).await?;
        let set = "update ticket_facts t set first_reply_due = k.value
                     from unnest($1::integer[], $2::uuid[], $3::timestamptz[])
                       as k (tenant, ticket_id, value)
                    where t.tenant = k.tenant and t.ticket_id = k.ticket_id";
        let due = self.first_reply_due.into_iter();
        let (keys, values) = due.map(|(key, due)| (key, due.to_sqlx())).unzip();
        set_each(tx, set, keys, values).await?;
        let set = "update ticket_facts t set answer_by = least(t.answer_by, k.value)
                     from unnest($1::integer[], $2::uuid[], $3::date[])
                       as k (tenant, ticket_id, value)
                    where t.tenant = k.tenant and t.ticket_id = k.ticket_id";
        let answer_by = self.answer_by.into_iter();
        let (keys, values) = answer_by.map(|(key, day)| (key, day.to_sqlx())).unzip();
        set_each(tx, set, keys, values).await
    }
}

/// Sets one column of tickets that are there.
async fn set_each<T>(
    tx: &mut PgConnection,
    statement: &'static str,
    keys: Vec<Key>,
    values: Vec<T>,
) -> sqlx::Result<()>
where
    Vec<T>: for<'q> Encode<'q, Postgres> + Type<Postgres>,
{
    if keys.is_empty() {
        return Ok(());
    }
    let (tenants, tickets): (Vec<i32>, Vec<Uuid>) = keys.into_iter().unzip();
    sqlx::query(statement).bind(tenants).bind(tickets).bind(values).execute(tx).await?;
    Ok(())
}

/// The tickets whose confirmations of receipt may have all they would like to say with these
/// events: the time of the first reply, or the last day to answer a complaint, became known, or
/// the confirmation was scheduled.
pub(super) fn waited_for(events: &[Recorded]) -> Result<BTreeSet<Key>, HandlerError> {
    let mut tickets = BTreeSet::new();
    for event in events {
        match event.event_type.as_str() {
            wire::event::CLOCK_STARTED if is_waited_for(event)? => {
                tickets.insert((event.tenant.0, event.stream.id));
            }
            wire::event::NOTIFICATION_SCHEDULED => {
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
    Ok(event.event_type == wire::event::CLOCK_STARTED
        && matches!(
            decode::<ClockStarted>(event)?.kind(),
            ClockKind::FirstReply | ClockKind::StatutoryResponse
        ))
}

impl Changes {
    fn note(&mut self, event: &Recorded) -> Result<(), HandlerError> {
        let key = (event.tenant.0, event.stream.id);
        match event.event_type.as_str() {
            wire::event::TICKET_REGISTERED => {
                let message = decode::<TicketRegistered>(event)?;
                let kept = |sealed: Option<&Sealed>| {
                    sealed.filter(|_| is_given(sealed)).map(|sealed| sealed.encode_to_vec())
                };
                self.registered.push(Registered {
                    key,
                    sealed_subject: kept(message.subject.as_ref()),
                    sealed_email: kept(message.requester_email.as_ref()),
                    requester: uuid_opt(&message.requester_party_id, "requester_party_id")?,
                    received_at: instant(message.received_at.as_ref(), "received_at")?,
                    number: message.number,
                });
            }
            wire::event::TICKET_ASSIGNED => {
                self.owned.insert(key, Some(decode::<TicketAssigned>(event)?.agent_id));
            }
            wire::event::TICKET_QUEUED => {
                self.owned.insert(key, None);
            }
            wire::event::CLOCK_STARTED => self.note_clock(event)?,
            _ => {}
        }
        Ok(())
    }

    fn note_clock(&mut self, event: &Recorded) -> Result<(), HandlerError> {
        let message = decode::<ClockStarted>(event)?;
        let key = (event.tenant.0, uuid(&message.ticket_id, "ticket_id")?);
        match message.kind() {
            ClockKind::FirstReply => {
                let due_at = instant(message.due_at.as_ref(), "due_at")?;
                self.first_reply_due.insert(key, due_at);
            }
            ClockKind::StatutoryResponse => {
                if let Some(day) = date_opt(&message.last_day, "last_day")? {
                    let earliest = self.answer_by.entry(key).or_insert(day);
                    *earliest = day.min(*earliest);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// A foreign event's message.
pub(crate) fn decode<M: prost::Message + Default>(
    event: &Recorded,
) -> Result<M, wire::DecodeError> {
    Ok(M::decode(event.payload.clone())?)
}
