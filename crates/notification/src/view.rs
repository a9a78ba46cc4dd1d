//! Converts notices and webhooks to their API messages.
use domain::Aggregate as _;
use domain::notice::{Delivery, Event, Notice, Proof, Stage, State, Suppressed, Way};
use domain::webhook::Endpoint;
use eventlog::Recorded;
use wire::DecodeError;
use wire::common::v1 as common;
use wire::notification::v1::{
    Audience, DeliveryEvidence, Notice as View, NoticeState, Purpose, SuppressionReason, Webhook,
};
use wire::scalar::timestamp;

use crate::read_model::notices::Row;

/// A notice as its stream tells it; `None` if there is no such stream.
pub(crate) fn of_stream(events: &[Recorded]) -> Result<Option<View>, DecodeError> {
    let Some(first) = events.first() else { return Ok(None) };
    let mut state = State::default();
    for event in events {
        state = Notice::evolve(state, &event.decode::<Event>()?);
    }
    let create_time = Some(timestamp(first.recorded_at));
    Ok(of_state(&state).map(|view| View { create_time, ..view }))
}

/// A notice in a state, but for when it was made; `None` if it is absent.
pub(crate) fn of_state(state: &State) -> Option<View> {
    match state {
        State::Absent => None,
        State::Suppressed(suppressed) => Some(of_suppressed(suppressed)),
        State::Otherwise(suppressed, Way { posted_at, proof }) => {
            let mut view = of_suppressed(suppressed);
            if let Some(posted_at) = posted_at {
                view.state = NoticeState::Sent.into();
                view.sent_at = Some(timestamp(*posted_at));
            }
            if let Some(proof) = proof {
                prove(&mut view, proof);
            }
            Some(view)
        }
        State::Known(delivery) => Some(of_delivery(delivery)),
    }
}

fn of_suppressed(suppressed: &Suppressed) -> View {
    View {
        notice_id: suppressed.notice_id.0.to_string(),
        ticket_id: suppressed.ticket_id.map(|id| id.0.to_string()).unwrap_or_default(),
        purpose: Purpose::from(suppressed.purpose).into(),
        audience: Audience::from(suppressed.audience).into(),
        recipient_ref: suppressed.recipient.clone(),
        channel: common::Channel::from(suppressed.channel).into(),
        state: NoticeState::Suppressed.into(),
        suppression_reason: SuppressionReason::from(suppressed.reason).into(),
        message_id: suppressed.message_id.map(|id| id.0.to_string()).unwrap_or_default(),
        ..View::default()
    }
}

fn of_delivery(delivery: &Delivery) -> View {
    let scheduled = &delivery.scheduled;
    let mut view = View {
        notice_id: scheduled.notice_id.0.to_string(),
        ticket_id: scheduled.ticket_id.map(|id| id.0.to_string()).unwrap_or_default(),
        purpose: Purpose::from(scheduled.purpose).into(),
        audience: Audience::from(scheduled.audience).into(),
        recipient_ref: scheduled.recipient.clone(),
        channel: common::Channel::from(scheduled.channel).into(),
        template: format!("{}@{}", scheduled.template_id, scheduled.template_version),
        locale: scheduled.locale.clone(),
        attempts: delivery.attempts,
        unknown_attempts: delivery.unknown_attempts,
        last_error: delivery.last_code.clone().unwrap_or_default(),
        sent_at: delivery.sent_at.map(timestamp),
        message_id: scheduled.message_id.map(|id| id.0.to_string()).unwrap_or_default(),
        ..View::default()
    };
    let state = match delivery.stage {
        Stage::Scheduled { due } => {
            view.next_attempt_at = Some(timestamp(due));
            NoticeState::Scheduled
        }
        Stage::Attempting { .. } => NoticeState::Attempting,
        Stage::Held => NoticeState::Unknown,
        Stage::Sent { proof_due_at, .. } => {
            view.proof_due_at = proof_due_at.map(timestamp);
            NoticeState::Sent
        }
        Stage::Delivered(proof) => {
            prove(&mut view, &proof);
            NoticeState::Delivered
        }
        Stage::Failed => NoticeState::Failed,
        Stage::Suppressed(reason) => {
            view.suppression_reason = SuppressionReason::from(reason).into();
            NoticeState::Suppressed
        }
    };
    view.state = state.into();
    view
}

fn prove(view: &mut View, proof: &Proof) {
    view.state = NoticeState::Delivered.into();
    view.delivered_at = Some(timestamp(proof.at));
    view.evidence = DeliveryEvidence::from(proof.evidence).into();
}

/// A notice of the delivery log.
pub(crate) fn of_row(row: Row) -> View {
    View {
        notice_id: row.notice_id.to_string(),
        ticket_id: row.ticket_id.map(|id| id.to_string()).unwrap_or_default(),
        purpose: row.purpose,
        audience: row.audience,
        recipient_ref: row.recipient,
        channel: row.channel,
        template: row.template,
        locale: row.locale,
        state: row.state,
        attempts: row.attempts.unsigned_abs(),
        unknown_attempts: row.unknown_attempts.unsigned_abs(),
        last_error: row.last_error,
        create_time: Some(timestamp(row.created_at.to_jiff())),
        next_attempt_at: row.next_attempt_at.map(|at| timestamp(at.to_jiff())),
        sent_at: row.sent_at.map(|at| timestamp(at.to_jiff())),
        suppression_reason: row.suppression_reason,
        message_id: row.message_id.map(|id| id.to_string()).unwrap_or_default(),
        proof_due_at: row.proof_due_at.map(|at| timestamp(at.to_jiff())),
        delivered_at: row.delivered_at.map(|at| timestamp(at.to_jiff())),
        evidence: row.evidence,
    }
}

/// A webhook without its secret.
pub(crate) fn of_endpoint(endpoint: &Endpoint) -> Webhook {
    Webhook {
        webhook_id: endpoint.registered.webhook_id.0.to_string(),
        url: endpoint.registered.url.clone(),
        event_types: endpoint.registered.event_types.clone(),
        enabled: endpoint.disabled.is_none(),
        disabled_reason: endpoint
            .disabled
            .map(|reason| wire::webhook::reason_name(reason).to_owned())
            .unwrap_or_default(),
    }
}
