//! Requests that decide a complaint.
use chassis::fields::Fields;
use domain::complaint::{
    AdrStatement, Author, Authority, ClaimDecision, ClaimOutcome, Command, Decide, Instance,
    Remedy, RemedyKind,
};
use domain::ids::{AgentId, ClaimId, Personal};
use domain::role::Role;
use domain::ticket::Permission;
use jiff::Timestamp;
use tonic::Status;
use wire::intake::v1;

use super::super::agent;
use super::parts::amount;
use super::{Asked, REASON_CHARS, other_person, to_customer};
use crate::call::{Call, Target};
use crate::config::Config;
use crate::rules::{code, day_ahead, optional, required};

/// Most claims, remedies and provisions of a decision.
const MOST: usize = 20;
const PROVISION_CHARS: usize = 200;
const JUSTIFICATION_CHARS: usize = 20_000;
const APPEAL_CHARS: usize = 2_000;
const BODY_OF_ADR_CHARS: usize = 500;
const SIGNATORY_CHARS: usize = 200;

pub(crate) fn decide(
    call: &Call,
    message: &v1::DecideComplaintRequest,
    config: &Config,
) -> Result<Asked, Status> {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let instance = optional::<v1::ComplaintInstance, _>(&mut fields, "instance", message.instance)
        .unwrap_or(Instance::First);
    let adr = optional::<v1::AdrStatement, _>(&mut fields, "adr_statement", message.adr_statement);
    let prepared_by = other_person(&mut fields, "author_id", &message.author_id);
    let decide = Decide {
        decision_id: target.source.decision(),
        instance,
        per_claim: per_claim(&mut fields, &message.per_claim),
        justification: Personal(fields.text(
            "justification",
            &message.justification,
            1..=JUSTIFICATION_CHARS,
        )),
        legal_basis: provisions(&mut fields, &message.legal_basis),
        remedies: remedies(&mut fields, &message.remedies, (&target, call.now)),
        appeal_info: fields.text("appeal_info", &message.appeal_info, 0..=APPEAL_CHARS),
        adr_statement: adr.unwrap_or(AdrStatement::NotApplicable),
        adr_body: fields.line("adr_body", &message.adr_body, 0..=BODY_OF_ADR_CHARS),
        signatory: Personal(fields.line("signatory", &message.signatory, 0..=SIGNATORY_CHARS)),
        root_cause_code: (!message.root_cause_code.is_empty())
            .then(|| code(&mut fields, "root_cause_code", &message.root_cause_code)),
        author: author(call, prepared_by.clone()),
        approver: prepared_by.is_some().then(|| person(call)),
        limits: config.limits(),
        evidence_waiver: Personal(fields.line(
            "evidence_waiver",
            &message.evidence_waiver,
            0..=REASON_CHARS,
        )),
        message_id: target.source.message(),
        regimes: Vec::new(),
        now: call.now,
    };
    let letter = ("letter", &*message.letter, message.channel);
    let said = to_customer(&mut fields, call, &target, letter, message.public_venue);
    fields.finish()?;
    if decide.approver.is_some() {
        call.require(Permission::ApproveDecision)?;
    }
    Ok(Asked::new(target, Command::Decide(Box::new(decide))).saying(said))
}

/// Who decides: who calls, or somebody of whom is known only the name. They may grant what
/// anybody may who decides; more needs who calls.
fn author(call: &Call, prepared_by: Option<AgentId>) -> Author {
    match prepared_by {
        Some(id) => Author { id, authority: Authority::FirstLine },
        None => person(call),
    }
}

fn person(call: &Call) -> Author {
    let authority = match call.role() {
        Role::Lead | Role::ProcessOwner => Authority::Owner,
        Role::Expert => Authority::Specialist,
        Role::Agent
        | Role::Customer
        | Role::SlaManager
        | Role::Integrator
        | Role::System
        | Role::Admin
        | Role::Auditor
        | Role::Analyst => Authority::FirstLine,
    };
    Author { id: agent(call), authority }
}

fn few<'a, T>(fields: &mut Fields, field: &str, given: &'a [T]) -> &'a [T] {
    if given.len() > MOST {
        fields.refuse(field, format!("must be at most {MOST}, are {}", given.len()));
    }
    &given[..given.len().min(MOST)]
}

fn per_claim(fields: &mut Fields, given: &[v1::ClaimDecision]) -> Vec<ClaimDecision> {
    let given = few(fields, "per_claim", given).iter().enumerate();
    given
        .map(|(place, one)| {
            fields.within(&format!("per_claim[{place}]"), |fields| ClaimDecision {
                claim_id: ClaimId(fields.uuid("claim_id", &one.claim_id)),
                outcome: required::<v1::ClaimOutcome, _>(
                    fields,
                    "outcome",
                    one.outcome,
                    ClaimOutcome::Rejected,
                ),
                amount: amount(fields, "amount", one.amount.as_ref()),
            })
        })
        .collect()
}

fn remedies(
    fields: &mut Fields,
    given: &[v1::NewRemedy],
    (target, now): (&Target, Timestamp),
) -> Vec<Remedy> {
    let given = few(fields, "remedies", given).iter().enumerate();
    given
        .map(|(place, one)| {
            fields.within(&format!("remedies[{place}]"), |fields| Remedy {
                remedy_id: target.source.remedy(place),
                kind: required::<v1::RemedyKind, _>(fields, "kind", one.kind, RemedyKind::Other),
                amount: amount(fields, "amount", one.amount.as_ref()),
                execute_by: day_ahead(fields, "execute_by", &one.execute_by, now),
            })
        })
        .collect()
}

fn provisions(fields: &mut Fields, given: &[String]) -> Vec<String> {
    let given = few(fields, "legal_basis", given).iter().enumerate();
    given
        .map(|(place, one)| fields.line(&format!("legal_basis[{place}]"), one, 1..=PROVISION_CHARS))
        .collect()
}
