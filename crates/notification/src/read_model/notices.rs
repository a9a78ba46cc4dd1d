//! Table `notices`: the delivery log.
use std::collections::{BTreeMap, BTreeSet};

use domain::notice::{Event, Scheduled, Suppressed};
use domain::priority::Channel;
use eventlog::{HandlerError, Recorded, TenantKey};
use jiff::Timestamp;
use serde::Serialize;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;
use wire::common::v1 as common;
use wire::notification::v1::{Audience, DeliveryEvidence, NoticeState, Purpose, SuppressionReason};

/// A row for whoever asks what became of a ticket's notices.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) position: i64,
    pub(crate) notice_id: Uuid,
    pub(crate) ticket_id: Option<Uuid>,
    pub(crate) purpose: i32,
    pub(crate) audience: i32,
    pub(crate) recipient: String,
    pub(crate) channel: i32,
    pub(crate) template: String,
    pub(crate) locale: String,
    pub(crate) state: i32,
    pub(crate) suppression_reason: i32,
    pub(crate) attempts: i32,
    pub(crate) unknown_attempts: i32,
    pub(crate) last_error: String,
    pub(crate) created_at: jiff_sqlx::Timestamp,
    pub(crate) next_attempt_at: Option<jiff_sqlx::Timestamp>,
    pub(crate) sent_at: Option<jiff_sqlx::Timestamp>,
    pub(crate) message_id: Option<Uuid>,
    pub(crate) proof_due_at: Option<jiff_sqlx::Timestamp>,
    pub(crate) delivered_at: Option<jiff_sqlx::Timestamp>,
    pub(crate) evidence: i32,
}

/// The notices of a ticket after a position, oldest first.
pub(crate) async fn of_ticket(
    pool: &PgPool,
    tenant: TenantKey,
    ticket_id: Uuid,
    after: i64,
    limit: i64,
) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as(
        "select position, notice_id, ticket_id, purpose, audience, recipient, channel, template,
                locale, state, suppression_reason, attempts, unknown_attempts, last_error,
                created_at, next_attempt_at, sent_at, message_id, proof_due_at, delivered_at,
                evidence
           from notices
          where tenant = $1 and ticket_id = $2 and position > $3
          order by position
          limit $4",
    )
    .bind(tenant.0)
    .bind(ticket_id)
    .bind(after)
    .bind(limit)
    .fetch_all(pool)
    .await
}

/// A new row; its columns are named as in the table.
#[derive(Serialize)]
struct New {
    tenant: i32,
    notice_id: String,
    ticket_id: Option<String>,
    partition: i16,
    position: u64,
    purpose: i32,
    audience: i32,
    recipient: String,
    channel: i32,
    template: String,
    locale: String,
    cause_event_id: String,
    cause_position: u64,
    state: i32,
    suppression_reason: i32,
    created_at: Timestamp,
    next_attempt_at: Option<Timestamp>,
    lane: String,
    traceparent: String,
    message_id: Option<String>,
}

/// What a batch made of a row that is there; `None` keeps what it has.
#[derive(Serialize, Default)]
struct Change {
    tenant: i32,
    notice_id: String,
    state: i32,
    suppression_reason: Option<i32>,
    attempts: Option<u32>,
    lost: u32,
    last_error: Option<String>,
    next_attempt_at: Option<Timestamp>,
    attempted_at: Option<Timestamp>,
    sent_at: Option<Timestamp>,
    proof_due_at: Option<Timestamp>,
    delivered_at: Option<Timestamp>,
    evidence: i32,
}

pub(super) async fn apply(tx: &mut PgConnection, events: &[Recorded]) -> Result<(), HandlerError> {
    let mut new = Vec::new();
    let mut changes = BTreeMap::new();
    for recorded in events.iter().filter(|event| event.stream.category == "notice") {
        let event = recorded.decode::<Event>()?;
        if recorded.version == 1 {
            new.extend(row_of(recorded, &event));
        } else {
            let key = (recorded.tenant.0, recorded.stream.id);
            let change = changes.entry(key).or_insert_with(|| Change {
                tenant: recorded.tenant.0,
                notice_id: recorded.stream.id.to_string(),
                ..Change::default()
            });
            change.note(&event);
        }
    }
    if !new.is_empty() {
        insert(tx, &new).await?;
    }
    if !changes.is_empty() {
        update(tx, &changes.into_values().collect::<Vec<_>>()).await?;
    }
    Ok(())
}

async fn insert(tx: &mut PgConnection, new: &[New]) -> Result<(), HandlerError> {
    sqlx::query(
        "insert into notices (tenant, notice_id, ticket_id, partition, position, purpose,
                              audience, recipient, channel, template, locale, cause_event_id,
                              cause_position, state, suppression_reason, created_at,
                              next_attempt_at, lane, traceparent, message_id)
         select tenant, notice_id, ticket_id, partition, position, purpose, audience, recipient,
                channel, template, locale, cause_event_id, cause_position, state,
                suppression_reason, created_at, next_attempt_at, lane, traceparent, message_id
           from json_populate_recordset(null::notices, $1::json)
         on conflict (tenant, notice_id) do nothing",
    )
    .bind(super::rows(new)?)
    .execute(tx)
    .await?;
    Ok(())
}

async fn update(tx: &mut PgConnection, changes: &[Change]) -> Result<(), HandlerError> {
    sqlx::query(
        "update notices n
            set state = c.state, next_attempt_at = c.next_attempt_at, claimed_until = null,
                proof_due_at = c.proof_due_at, delivered_at = c.delivered_at,
                evidence = c.evidence,
                suppression_reason = coalesce(c.suppression_reason, n.suppression_reason),
                attempts = coalesce(c.attempts, n.attempts),
                unknown_attempts = n.unknown_attempts + c.lost,
                last_error = coalesce(c.last_error, n.last_error),
                attempted_at = coalesce(c.attempted_at, n.attempted_at),
                sent_at = coalesce(c.sent_at, n.sent_at)
           from json_to_recordset($1::json)
                as c (tenant integer, notice_id uuid, state integer, suppression_reason integer,
                      attempts integer, lost integer, last_error text,
                      next_attempt_at timestamptz, attempted_at timestamptz,
                      sent_at timestamptz, proof_due_at timestamptz, delivered_at timestamptz,
                      evidence integer)
          where n.tenant = c.tenant and n.notice_id = c.notice_id",
    )
    .bind(super::rows(changes)?)
    .execute(tx)
    .await?;
    Ok(())
}

/// Makes the confirmations of receipt due that waited for the time of the first reply, or for the
/// last day to answer a complaint, and for nothing else: those of `tickets` whose facts have it.
/// Whichever came first, the facts or the notice, the row is the same.
pub(super) async fn hasten(
    tx: &mut PgConnection,
    tickets: &BTreeSet<(i32, Uuid)>,
) -> Result<(), HandlerError> {
    if tickets.is_empty() {
        return Ok(());
    }
    let (tenants, tickets): (Vec<i32>, Vec<Uuid>) = tickets.iter().copied().unzip();
    sqlx::query(include_str!("notices/hasten.sql"))
        .bind(tenants)
        .bind(tickets)
        .bind(i32::from(Purpose::Ack))
        .bind(i32::from(Purpose::ComplaintAck))
        .bind(i32::from(NoticeState::Scheduled))
        .execute(tx)
        .await?;
    Ok(())
}

/// The row of a stream's first event; none for a stream that begins otherwise.
fn row_of(recorded: &Recorded, event: &Event) -> Option<New> {
    match event {
        Event::Scheduled(scheduled) => Some(scheduled_row(recorded, scheduled)),
        Event::Suppressed(suppressed) => Some(suppressed_row(recorded, suppressed)),
        Event::Attempted { .. }
        | Event::Sent(_)
        | Event::Delivered(_)
        | Event::Failed(_)
        | Event::Released { .. } => None,
    }
}

fn scheduled_row(recorded: &Recorded, scheduled: &Scheduled) -> New {
    let Scheduled { template_id, template_version, .. } = scheduled;
    New {
        tenant: recorded.tenant.0,
        notice_id: recorded.stream.id.to_string(),
        ticket_id: scheduled.ticket_id.map(|id| id.0.to_string()),
        partition: recorded.partition.0,
        position: recorded.position,
        purpose: Purpose::from(scheduled.purpose).into(),
        audience: Audience::from(scheduled.audience).into(),
        recipient: scheduled.recipient.clone(),
        channel: common::Channel::from(scheduled.channel).into(),
        template: format!("{template_id}@{template_version}"),
        locale: scheduled.locale.clone(),
        cause_event_id: scheduled.cause_event_id.to_string(),
        cause_position: scheduled.cause_position,
        state: NoticeState::Scheduled.into(),
        suppression_reason: 0,
        created_at: recorded.recorded_at,
        next_attempt_at: Some(scheduled.send_at),
        lane: match scheduled.channel {
            Channel::Webhook => scheduled.recipient.clone(),
            _ => recorded.tenant.0.to_string(),
        },
        traceparent: recorded.metadata().map(|m| m.traceparent).unwrap_or_default(),
        message_id: scheduled.message_id.map(|id| id.0.to_string()),
    }
}

fn suppressed_row(recorded: &Recorded, suppressed: &Suppressed) -> New {
    New {
        tenant: recorded.tenant.0,
        notice_id: recorded.stream.id.to_string(),
        ticket_id: suppressed.ticket_id.map(|id| id.0.to_string()),
        partition: recorded.partition.0,
        position: recorded.position,
        purpose: Purpose::from(suppressed.purpose).into(),
        audience: Audience::from(suppressed.audience).into(),
        recipient: suppressed.recipient.clone(),
        channel: common::Channel::from(suppressed.channel).into(),
        template: String::new(),
        locale: String::new(),
        cause_event_id: suppressed.cause_event_id.to_string(),
        cause_position: 0,
        state: NoticeState::Suppressed.into(),
        suppression_reason: SuppressionReason::from(suppressed.reason).into(),
        created_at: recorded.recorded_at,
        next_attempt_at: None,
        lane: String::new(),
        traceparent: String::new(),
        message_id: suppressed.message_id.map(|id| id.0.to_string()),
    }
}

impl Change {
    fn note(&mut self, event: &Event) {
        self.next_attempt_at = None;
        self.proof_due_at = None;
        self.delivered_at = None;
        self.evidence = DeliveryEvidence::Unspecified.into();
        match event {
            // Only ever the first event of a stream.
            Event::Scheduled(_) => {}
            Event::Suppressed(suppressed) => {
                self.state = NoticeState::Suppressed.into();
                let reason = SuppressionReason::from(suppressed.reason);
                self.suppression_reason = Some(reason.into());
            }
            Event::Attempted { attempt_no, at, .. } => {
                self.state = NoticeState::Attempting.into();
                self.attempts = Some(*attempt_no);
                self.attempted_at = Some(*at);
            }
            Event::Sent(sent) => {
                self.state = NoticeState::Sent.into();
                self.sent_at = Some(sent.at);
                self.proof_due_at = sent.proof_due_at;
            }
            Event::Delivered(delivered) => {
                self.state = NoticeState::Delivered.into();
                self.delivered_at = Some(delivered.at);
                self.evidence = DeliveryEvidence::from(delivered.evidence).into();
            }
            Event::Failed(failed) => {
                self.state = match failed.next_attempt_at {
                    _ if failed.permanent => NoticeState::Failed,
                    Some(_) => NoticeState::Scheduled,
                    None => NoticeState::Unknown,
                }
                .into();
                self.lost += u32::from(failed.outcome_unknown);
                self.last_error = Some(failed.code.clone());
                self.next_attempt_at = failed.next_attempt_at;
            }
            Event::Released { due, .. } => {
                self.state = NoticeState::Scheduled.into();
                self.next_attempt_at = Some(*due);
            }
        }
    }
}
