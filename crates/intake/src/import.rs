//! Converts a ticket's history in another system to commands of the past.
use chassis::fields::Fields;
use domain::backdating::Backdating;
use domain::complaint::Law;
use domain::identity::Identification;
use domain::ids::{AgentId, Personal};
use domain::ticket::{
    Authority, ClassificationSource, Classified, Command, HoldKind, Origin, PriorityCause,
    Register, Registered, Requester, Resolved, SetPriority, TicketType, UnholdTrigger,
};
use eventlog::{Actor, Past};
use jiff::Timestamp;
use tonic::Status;
use wire::common::v1::ActorKind;
use wire::intake::v1::{self, history_step::Step};

use crate::call::{Call, Target};
use crate::config::Config;
use crate::convert::{SUBJECT_CHARS, not_in_the_future};
use crate::identity;
use crate::rules::{
    category, channel, code, impact, instant, opaque_id, required, ticket_type, urgency,
};

/// Most steps of one history: with the events of each they still fit into one append.
const STEPS: usize = 500;

/// The past of the ticket, its registration first. The path of the step `n` in the
/// request is `steps[n - 1]`.
pub(crate) fn past(
    call: &Call,
    message: &v1::ImportTicketRequest,
    config: &Config,
) -> Result<(Target, Vec<Past<Command>>), Status> {
    let mut fields = Fields::new();
    let target = call.creation(&mut fields, message, &message.request_id);
    let received_at = instant(&mut fields, "received_at", message.received_at.as_ref());
    not_in_the_future(&mut fields, "received_at", received_at, call, config);
    let register = registration(&mut fields, call, message, &target, received_at);
    let kind = register.registered.kind;
    let mut past = vec![Past {
        actor: actor("import"),
        occurred_at: received_at,
        command: Command::Register(register),
    }];
    if message.steps.len() > STEPS {
        let given = message.steps.len();
        fields.refuse("steps", format!("must be at most {STEPS}, are {given}"));
    }
    let mut latest = received_at;
    for (place, step) in message.steps.iter().enumerate().take(STEPS) {
        fields.within(&format!("steps[{place}]"), |fields| {
            let occurred_at = instant(fields, "occurred_at", step.occurred_at.as_ref());
            not_in_the_future(fields, "occurred_at", occurred_at, call, config);
            if occurred_at < latest {
                fields.refuse("occurred_at", "must not be before the step before it");
            }
            latest = latest.max(occurred_at);
            let actor_id = opaque_id(fields, "actor_id", &step.actor_id);
            if let Some(said) = fields.required("step", step.step.as_ref()) {
                let command = command(fields, said, &actor_id, place, kind, &target);
                past.push(Past { actor: actor(&actor_id), occurred_at, command });
            }
        });
    }
    fields.finish()?;
    Ok((target, past))
}

fn registration(
    fields: &mut Fields,
    call: &Call,
    message: &v1::ImportTicketRequest,
    target: &Target,
    received_at: Timestamp,
) -> Register {
    let external_number = fields.line("external_number", &message.external_number, 1..=60);
    let requester = (!message.requester_ref.is_empty()).then(|| {
        let reference = opaque_id(fields, "requester_ref", &message.requester_ref);
        let party_id = identity::foreign_party(&call.tenant.name, &reference);
        Requester::unnamed(party_id)
    });
    let kind = ticket_type(fields, "type", message.r#type);
    let category_code = category(fields, &message.category_code);
    let ticket_id = target.source.ticket();
    let registered = Registered {
        ticket_id,
        number: identity::number(&call.tenant.name, ticket_id),
        kind,
        channel: channel(fields, "channel", message.channel),
        received_at,
        requester,
        subject: Personal(fields.line("subject", &message.subject, 1..=SUBJECT_CHARS)),
        body: Personal::default(),
        language: "pl".to_owned(),
        origin: Origin::Import,
        external_number: Some(external_number),
        parent: None,
        about: Vec::new(),
        public_venue: false,
        dedupe_key: None,
        backdate_reason: None,
    };
    let classified = (!category_code.is_empty()).then(|| classified(kind, category_code));
    Register {
        registered,
        classified: classified.map(Box::new),
        impact: impact(fields, "impact", message.impact),
        urgency: urgency(fields, "urgency", message.urgency),
        link: None,
        messages: Vec::new(),
        identification: Identification::None,
        // What was demanded, and under which law, the other system does not tell.
        complaint: None,
        backdating: Backdating::None,
    }
}

fn command(
    fields: &mut Fields,
    step: &Step,
    actor_id: &str,
    place: usize,
    kind: TicketType,
    target: &Target,
) -> Command {
    match step {
        Step::WorkStarted(_) => Command::StartWork { agent_id: AgentId(actor_id.to_owned()) },
        Step::Held(held) => Command::TakeOverHold {
            hold_id: target.source.hold_of_step(place),
            kind: required::<v1::HoldKind, _>(fields, "held.kind", held.kind, HoldKind::Customer),
        },
        Step::Unheld(_) => Command::Unhold { trigger: UnholdTrigger::Manual },
        Step::Resolved(resolved) => Command::TakeOverSolution(Resolved {
            resolution_code: code(fields, "resolved.resolution_code", &resolved.resolution_code),
            root_cause_code: None,
            summary: None,
            cascaded_from: None,
        }),
        Step::Reopened(_) => Command::Reopen { reason: String::new() },
        // Nothing tells whether the customer confirmed.
        Step::Closed(_) => Command::AutoClose { reopen_count: None, law: Law::default() },
        Step::Priority(priority) => Command::SetPriority(SetPriority {
            impact: impact(fields, "priority.impact", priority.impact),
            urgency: urgency(fields, "priority.urgency", priority.urgency),
            cause: PriorityCause::Misassessed,
            reason: String::new(),
            authority: Authority::Lead,
        }),
        Step::Classified(step) => Command::Classify(classified(
            kind,
            fields.within("classified", |fields| category(fields, &step.category_code)),
        )),
    }
}

fn classified(kind: TicketType, category_code: String) -> Classified {
    Classified {
        kind,
        category_code,
        // The codes are the other system's.
        taxonomy_version: 0,
        tags: Vec::new(),
        source: ClassificationSource::Agent,
        reason: String::new(),
    }
}

fn actor(id: &str) -> Actor {
    Actor { kind: ActorKind::Agent, id: id.to_owned(), role: "agent".to_owned() }
}
