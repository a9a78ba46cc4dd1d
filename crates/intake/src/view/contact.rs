//! Converts a contact to its API message.
use std::time::Duration;

use domain::contact::{Answered, Answerer, Ended, Facts, Routed, Stage, State};
use domain::identity::Identity;
use domain::ids::TicketId;
use jiff::Timestamp;
use wire::intake::v1;
use wire::scalar::timestamp;

use super::party::text;
use crate::read_model::contacts;

/// What is shown of a contact.
pub(crate) struct ContactView<'a> {
    pub(crate) state: &'a State,
    pub(crate) version: u32,
    pub(crate) updated_at: Option<Timestamp>,
}

impl ContactView<'_> {
    /// The contact; `None` if it never started.
    pub(crate) fn contact(&self) -> Option<v1::Contact> {
        let facts = self.state.facts()?;
        let (state, ended) = match self.state {
            State::Absent | State::Live(_) => (live(facts), None),
            State::Ended(_, ended) => (v1::ContactState::Ended, Some(ended)),
        };
        let started = &facts.started;
        let identity = ended.map_or(started.identity, |ended| ended.identity);
        let (party_id, identification) = recognised(identity);
        Some(v1::Contact {
            contact_id: started.contact_id.0.to_string(),
            state: state.into(),
            channel: v1::ContactChannel::from(started.channel).into(),
            direction: v1::ContactDirection::from(started.direction).into(),
            entry_point: started.entry_point.clone(),
            party_hint: text(started.party_hint.as_ref()),
            party_id,
            identification: identification.into(),
            ai_disclosed: started.ai_disclosed,
            resumed_ticket_id: id(started.resumed_ticket_id),
            start_time: Some(timestamp(started.started_at)),
            routes: facts.routes.iter().map(route).collect(),
            answers: facts.answers.iter().map(answer).collect(),
            end: ended.map(end),
            update_time: self.updated_at.map(timestamp),
            etag: chassis::status::etag(self.version),
        })
    }
}

fn live(facts: &Facts) -> v1::ContactState {
    match facts.stage {
        Stage::Waiting => v1::ContactState::Waiting,
        Stage::Talking => v1::ContactState::Talking,
    }
}

fn recognised(identity: Option<Identity>) -> (String, v1::Identification) {
    let party_id = identity.map(|identity| identity.party_id.0.to_string());
    let identification = identity.map(|identity| identity.identification).unwrap_or_default();
    (party_id.unwrap_or_default(), identification.into())
}

fn route(routed: &Routed) -> v1::ContactRoute {
    v1::ContactRoute {
        ivr_path: routed.ivr_path.clone(),
        ivr_ms: millis(routed.ivr),
        queue_id: routed.queue_id.as_ref().map(|id| id.0.clone()).unwrap_or_default(),
        target: v1::ContactTarget::from(routed.target).into(),
        reason: v1::ContactRouteReason::from(routed.reason).into(),
        context_ref: routed.context_ref.clone().unwrap_or_default(),
        route_time: Some(timestamp(routed.routed_at)),
    }
}

fn answer(answered: &Answered) -> v1::ContactAnswer {
    v1::ContactAnswer {
        by: v1::ContactTarget::from(answered.by.target()).into(),
        agent_id: match &answered.by {
            Answerer::Bot => String::new(),
            Answerer::Human(agent_id) => agent_id.0.clone(),
        },
        waited_ms: millis(answered.waited),
        answer_time: Some(timestamp(answered.answered_at)),
    }
}

fn end(ended: &Ended) -> v1::ContactEnd {
    v1::ContactEnd {
        outcome: v1::ContactOutcome::from(ended.outcome).into(),
        talk_ms: millis(ended.talk),
        hold_ms: millis(ended.hold),
        wrap_ms: millis(ended.wrap),
        ticket_id: id(ended.ticket_id),
        note: text(ended.note.as_ref()),
        end_time: Some(timestamp(ended.ended_at)),
    }
}

fn id(ticket_id: Option<TicketId>) -> String {
    ticket_id.map(|id| id.0.to_string()).unwrap_or_default()
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// A line of a list.
pub(crate) fn summary(row: contacts::Contact) -> v1::ContactSummary {
    v1::ContactSummary {
        contact_id: row.contact_id,
        channel: row.channel,
        direction: row.direction,
        state: row.state,
        outcome: row.outcome,
        identification: row.identification,
        ticket_id: row.ticket_id.unwrap_or_default(),
        agent_id: row.agent_id,
        start_time: Some(timestamp(row.started_at)),
        end_time: row.ended_at.map(timestamp),
        has_note: row.has_note,
    }
}
