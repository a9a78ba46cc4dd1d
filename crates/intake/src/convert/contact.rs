//! Converts requests about contacts to commands; every invalid field is named.
use std::time::Duration;

use chassis::fields::Fields;
use domain::backdating::Backdating;
use domain::contact::{
    Answered, Answerer, Command, ContactChannel, Direction, Ended, Outcome, RouteReason, Routed,
    Started, Target as Answering,
};
use domain::identity::{ContactPoint, ContactPointKind, Identification, Identity};
use domain::ids::{AgentId, ContactId, PartyId, Personal, QueueId, TicketId};
use domain::role::Role;
use jiff::Timestamp;
use tonic::Status;
use wire::intake::v1;

use super::{not_in_the_future, told_at};
use crate::call::{Call, Target};
use crate::config::Config;
use crate::rules::{opaque_id, optional, required, unused};

const HINT_CHARS: usize = 500;
const NOTE_CHARS: usize = 10_000;
const MENU_STEPS: usize = 20;
const MENU_CHARS: usize = 40;
/// Milliseconds of a day: no conversation is longer.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

type Converted = Result<(Target, Command), Status>;

/// A start, and the hint by which the party may be recognised.
pub(crate) struct Start {
    pub(crate) target: Target,
    pub(crate) started: Started,
    pub(crate) backdating: Backdating,
    pub(crate) hint: Option<ContactPoint>,
}

pub(crate) fn start(
    call: &Call,
    message: &v1::StartContactRequest,
    config: &Config,
) -> Result<Start, Status> {
    let mut fields = Fields::new();
    let target = call.creation(&mut fields, message, &message.request_id);
    let channel = required::<v1::ContactChannel, _>(
        &mut fields,
        "channel",
        message.channel,
        ContactChannel::Voice,
    );
    let direction = required::<v1::ContactDirection, _>(
        &mut fields,
        "direction",
        message.direction,
        Direction::Inbound,
    );
    let entry_point = opaque_id(&mut fields, "entry_point", &message.entry_point);
    let hint = message
        .party_hint
        .as_ref()
        .map(|hint| fields.within("party_hint", |fields| read_hint(fields, hint)));
    let party_id = fields.optional_uuid("party_id", &message.party_id).map(PartyId);
    let identity = identity(&mut fields, party_id, message.identification);
    let resumed = fields.optional_uuid("resumed_ticket_id", &message.resumed_ticket_id);
    let said = (message.started_at.as_ref(), &*message.backdate_reason);
    let (started_at, backdating) = told_at(&mut fields, "started_at", call, said, config);
    fields.finish()?;
    let started = Started {
        contact_id: ContactId(target.id),
        channel,
        direction,
        entry_point,
        party_hint: hint.as_ref().map(|hint| hint.value.clone()),
        identity,
        ai_disclosed: message.ai_disclosed,
        resumed_ticket_id: resumed.map(TicketId),
        started_at,
        backdate_reason: None,
    };
    Ok(Start { target, started, backdating, hint })
}

pub(crate) fn route(call: &Call, message: &v1::RouteContactRequest, config: &Config) -> Converted {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.contact_id, &*message.etag);
    let target = call.target_of(&mut fields, message, "contact_id", meant);
    let answering =
        required::<v1::ContactTarget, _>(&mut fields, "target", message.target, Answering::Human);
    let queue_id = match answering {
        // Whether there is one is a rule of contacts.
        Answering::Human => {
            (!message.queue_id.is_empty()).then(|| fields.name("queue_id", &message.queue_id))
        }
        Answering::Bot => {
            unused(&mut fields, "queue_id", message.queue_id.is_empty());
            None
        }
    };
    let context_ref = (!message.context_ref.is_empty())
        .then(|| opaque_id(&mut fields, "context_ref", &message.context_ref));
    let reason = required::<v1::ContactRouteReason, _>(
        &mut fields,
        "reason",
        message.reason,
        RouteReason::Transfer,
    );
    let routed = Routed {
        ivr_path: menu(&mut fields, &message.ivr_path),
        ivr: millis(&mut fields, "ivr_ms", message.ivr_ms),
        queue_id: queue_id.map(QueueId),
        target: answering,
        reason,
        context_ref,
        routed_at: moment(&mut fields, "routed_at", message.routed_at.as_ref(), call, config),
    };
    fields.finish()?;
    Ok((target, Command::Route(routed)))
}

pub(crate) fn answer(
    call: &Call,
    message: &v1::AnswerContactRequest,
    config: &Config,
) -> Converted {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.contact_id, &*message.etag);
    let target = call.target_of(&mut fields, message, "contact_id", meant);
    let by = required::<v1::ContactTarget, _>(&mut fields, "by", message.by, Answering::Human);
    let by = match by {
        Answering::Bot => {
            unused(&mut fields, "agent_id", message.agent_id.is_empty());
            Answerer::Bot
        }
        Answering::Human => Answerer::Human(AgentId(answering_agent(&mut fields, call, message))),
    };
    let waited = millis(&mut fields, "waited_ms", message.waited_ms);
    let said = (message.answered_at.as_ref(), &*message.backdate_reason);
    let (answered_at, backdating) = told_at(&mut fields, "answered_at", call, said, config);
    fields.finish()?;
    let answered = Answered { by, waited, answered_at, backdate_reason: None };
    Ok((target, Command::Answer(answered, backdating)))
}

/// The person who answered: the caller, or whom a system names.
fn answering_agent(fields: &mut Fields, call: &Call, message: &v1::AnswerContactRequest) -> String {
    let person = matches!(call.role(), Role::Agent | Role::Expert | Role::Lead);
    match message.agent_id.as_str() {
        "" if person => call.context.actor.id.clone(),
        "" => {
            fields.refuse("agent_id", "is required when a system tells who answered");
            String::new()
        }
        agent_id => opaque_id(fields, "agent_id", agent_id),
    }
}

/// How a contact ended, and whether its party is the one known from the start.
pub(crate) fn end(
    call: &Call,
    message: &v1::EndContactRequest,
    config: &Config,
) -> Result<(Target, Ended, bool), Status> {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.contact_id, &*message.etag);
    let target = call.target_of(&mut fields, message, "contact_id", meant);
    let outcome = required::<v1::ContactOutcome, _>(
        &mut fields,
        "outcome",
        message.outcome,
        Outcome::CallbackRequested,
    );
    let party_id = fields.optional_uuid("party_id", &message.party_id).map(PartyId);
    let identity = identity(&mut fields, party_id, message.identification);
    let ticket_id = fields.optional_uuid("ticket_id", &message.ticket_id).map(TicketId);
    let note = fields.optional_text("note", &message.note, NOTE_CHARS).map(Personal);
    let ended = Ended {
        outcome,
        talk: millis(&mut fields, "talk_ms", message.talk_ms),
        hold: millis(&mut fields, "hold_ms", message.hold_ms),
        wrap: millis(&mut fields, "wrap_ms", message.wrap_ms),
        ticket_id,
        note,
        identity,
        ended_at: moment(&mut fields, "ended_at", message.ended_at.as_ref(), call, config),
    };
    fields.finish()?;
    let as_started = party_id.is_none() && message.identification == 0;
    Ok((target, ended, as_started))
}

/// What the network tells: whatever it is, nothing is expected of it.
pub(super) fn read_hint(fields: &mut Fields, hint: &v1::ContactPoint) -> ContactPoint {
    let fallback = ContactPointKind::Phone;
    let kind = required::<v1::ContactPointKind, _>(fields, "kind", hint.kind, fallback);
    let value = Personal(fields.line("value", &hint.value, 1..=HINT_CHARS));
    ContactPoint { kind, value }
}

/// The identity: a party and how surely it is identified, or none.
pub(super) fn identity(
    fields: &mut Fields,
    party_id: Option<PartyId>,
    said: i32,
) -> Option<Identity> {
    let identification = optional::<v1::Identification, _>(fields, "identification", said);
    match (party_id, identification) {
        (Some(party_id), Some(identification)) if identification != Identification::None => {
            Some(Identity { party_id, identification })
        }
        (None, None | Some(Identification::None)) => None,
        (Some(_), _) => {
            fields.refuse("identification", "must be MATCHED or VERIFIED with a party_id");
            None
        }
        (None, Some(_)) => {
            fields.refuse("party_id", "is required with this identification");
            None
        }
    }
}

fn menu(fields: &mut Fields, steps: &[String]) -> Vec<String> {
    if steps.len() > MENU_STEPS {
        fields.refuse("ivr_path", format!("must be at most {MENU_STEPS}, are {}", steps.len()));
        return Vec::new();
    }
    let steps = steps.iter().enumerate();
    steps
        .map(|(place, step)| fields.line(&format!("ivr_path[{place}]"), step, 1..=MENU_CHARS))
        .collect()
}

fn millis(fields: &mut Fields, field: &str, value: i64) -> Duration {
    let value = fields.number(field, value, 0..=DAY_MS);
    Duration::from_millis(value.unsigned_abs())
}

/// When something happened that decides nothing for a ticket: now, or what the caller says.
fn moment(
    fields: &mut Fields,
    field: &str,
    said: Option<&prost_types::Timestamp>,
    call: &Call,
    config: &Config,
) -> Timestamp {
    let Some(said) = said else { return call.now };
    let at = fields.timestamp(field, said.seconds, said.nanos);
    not_in_the_future(fields, field, at, call, config);
    at
}
