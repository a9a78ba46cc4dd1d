//! A row of the table: how a notice starts, and how it changes.
use domain::notice::{Event, Scheduled, Suppressed};
use domain::priority::Channel;
use eventlog::Recorded;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;
use wire::common::v1 as common;
use wire::notification::v1::{Audience, DeliveryEvidence, NoticeState, Purpose, SuppressionReason};

use super::super::column;

/// A notice of a tenant.
pub(super) type Key = (i32, Uuid);

/// A new row.
pub(super) struct New {
    key: Key,
    ticket_id: Option<Uuid>,
    partition: i16,
    position: i64,
    purpose: i32,
    audience: i32,
    recipient: String,
    channel: i32,
    template: String,
    locale: String,
    cause_event_id: Uuid,
    cause_position: i64,
    state: i32,
    suppression_reason: i32,
    created_at: Timestamp,
    next_attempt_at: Option<Timestamp>,
    lane: String,
    traceparent: String,
    message_id: Option<Uuid>,
    deferred: bool,
}

/// Changes of a batch to an existing row; `None` keeps a value.
#[derive(Default)]
pub(super) struct Change {
    key: Key,
    state: i32,
    suppression_reason: Option<i32>,
    attempts: Option<i32>,
    lost: i32,
    last_error: Option<String>,
    next_attempt_at: Option<Timestamp>,
    attempted_at: Option<Timestamp>,
    sent_at: Option<Timestamp>,
    proof_due_at: Option<Timestamp>,
    delivered_at: Option<Timestamp>,
    evidence: i32,
}

pub(super) async fn insert(tx: &mut PgConnection, new: &[New]) -> sqlx::Result<()> {
    sqlx::query(include_str!("insert.sql"))
        .bind(column(new, |row| row.key.0))
        .bind(column(new, |row| row.key.1))
        .bind(column(new, |row| row.ticket_id))
        .bind(column(new, |row| row.partition))
        .bind(column(new, |row| row.position))
        .bind(column(new, |row| row.purpose))
        .bind(column(new, |row| row.audience))
        .bind(column(new, |row| row.recipient.clone()))
        .bind(column(new, |row| row.channel))
        .bind(column(new, |row| row.template.clone()))
        .bind(column(new, |row| row.locale.clone()))
        .bind(column(new, |row| row.cause_event_id))
        .bind(column(new, |row| row.cause_position))
        .bind(column(new, |row| row.state))
        .bind(column(new, |row| row.suppression_reason))
        .bind(column(new, |row| row.created_at.to_sqlx()))
        .bind(column(new, |row| row.next_attempt_at.map(Timestamp::to_sqlx)))
        .bind(column(new, |row| row.lane.clone()))
        .bind(column(new, |row| row.traceparent.clone()))
        .bind(column(new, |row| row.message_id))
        .bind(column(new, |row| row.deferred))
        .execute(tx)
        .await?;
    Ok(())
}

pub(super) async fn update(tx: &mut PgConnection, changes: &[Change]) -> sqlx::Result<()> {
    sqlx::query(include_str!("update.sql"))
        .bind(column(changes, |change| change.key.0))
        .bind(column(changes, |change| change.key.1))
        .bind(column(changes, |change| change.state))
        .bind(column(changes, |change| change.suppression_reason))
        .bind(column(changes, |change| change.attempts))
        .bind(column(changes, |change| change.lost))
        .bind(column(changes, |change| change.last_error.clone()))
        .bind(column(changes, |change| change.next_attempt_at.map(Timestamp::to_sqlx)))
        .bind(column(changes, |change| change.attempted_at.map(Timestamp::to_sqlx)))
        .bind(column(changes, |change| change.sent_at.map(Timestamp::to_sqlx)))
        .bind(column(changes, |change| change.proof_due_at.map(Timestamp::to_sqlx)))
        .bind(column(changes, |change| change.delivered_at.map(Timestamp::to_sqlx)))
        .bind(column(changes, |change| change.evidence))
        .execute(tx)
        .await?;
    Ok(())
}

impl New {
    /// The row of a stream's first event; none for a stream that begins otherwise.
    pub(super) fn of(recorded: &Recorded, event: &Event) -> Option<Self> {
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
}

fn scheduled_row(recorded: &Recorded, scheduled: &Scheduled) -> New {
    let Scheduled { template_id, template_version, .. } = scheduled;
    New {
        key: (recorded.tenant.0, recorded.stream.id),
        ticket_id: scheduled.ticket_id.map(|id| id.0),
        partition: recorded.partition.0,
        position: signed(recorded.position),
        purpose: Purpose::from(scheduled.purpose).into(),
        audience: Audience::from(scheduled.audience).into(),
        recipient: scheduled.recipient.clone(),
        channel: common::Channel::from(scheduled.channel).into(),
        template: format!("{template_id}@{template_version}"),
        locale: scheduled.locale.clone(),
        cause_event_id: scheduled.cause_event_id,
        cause_position: signed(scheduled.cause_position),
        state: NoticeState::Scheduled.into(),
        suppression_reason: 0,
        created_at: recorded.recorded_at,
        next_attempt_at: Some(scheduled.send_at),
        lane: match scheduled.channel {
            Channel::Webhook => scheduled.recipient.clone(),
            _ => recorded.tenant.0.to_string(),
        },
        traceparent: recorded.metadata().map(|m| m.traceparent).unwrap_or_default(),
        message_id: scheduled.message_id.map(|id| id.0),
        deferred: scheduled.deferred,
    }
}

fn suppressed_row(recorded: &Recorded, suppressed: &Suppressed) -> New {
    New {
        key: (recorded.tenant.0, recorded.stream.id),
        ticket_id: suppressed.ticket_id.map(|id| id.0),
        partition: recorded.partition.0,
        position: signed(recorded.position),
        purpose: Purpose::from(suppressed.purpose).into(),
        audience: Audience::from(suppressed.audience).into(),
        recipient: suppressed.recipient.clone(),
        channel: common::Channel::from(suppressed.channel).into(),
        template: String::new(),
        locale: String::new(),
        cause_event_id: suppressed.cause_event_id,
        cause_position: 0,
        state: NoticeState::Suppressed.into(),
        suppression_reason: SuppressionReason::from(suppressed.reason).into(),
        created_at: recorded.recorded_at,
        next_attempt_at: None,
        lane: String::new(),
        traceparent: String::new(),
        message_id: suppressed.message_id.map(|id| id.0),
        deferred: false,
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl Change {
    /// Nothing yet.
    pub(super) fn of(key: Key) -> Self {
        Self { key, ..Self::default() }
    }

    pub(super) fn note(&mut self, event: &Event) {
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
                self.attempts = Some(i32::try_from(*attempt_no).unwrap_or(i32::MAX));
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
                self.lost += i32::from(failed.outcome_unknown);
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
