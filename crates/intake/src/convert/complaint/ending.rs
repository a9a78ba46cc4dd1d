//! Requests about remedies, proof and appeals.
use chassis::fields::Fields;
use domain::complaint::{Command, Evidence, FileAppeal};
use domain::ids::{DecisionId, MessageId, RemedyId};
use domain::priority::Channel;
use domain::ticket::AuthorKind;
use tonic::Status;
use wire::common::v1 as common;
use wire::intake::v1;

use super::super::{BODY_CHARS, new_message, not_in_the_future, received_at};
use super::parts::{amount, past_day};
use super::{Asked, Given, Said};
use crate::call::{Call, Target};
use crate::config::Config;
use crate::rules::{instant, optional, required};

/// Longest number of a transfer, parcel or order.
const REFERENCE_CHARS: usize = 200;

pub(crate) fn record_remedy(
    call: &Call,
    message: &v1::RecordRemedyRequest,
) -> Result<Asked, Status> {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let command = Command::RecordRemedy {
        remedy_id: RemedyId(fields.uuid("remedy_id", &message.remedy_id)),
        executed_on: past_day(&mut fields, "executed_on", &message.executed_on, call),
        amount: amount(&mut fields, "amount", message.amount.as_ref()),
        reference: fields.line("reference", &message.reference, 0..=REFERENCE_CHARS),
    };
    fields.finish()?;
    Ok(Asked::new(target, command))
}

pub(crate) fn waive_remedy(call: &Call, message: &v1::WaiveRemedyRequest) -> Result<Asked, Status> {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let remedy_id = RemedyId(fields.uuid("remedy_id", &message.remedy_id));
    let given = (&*message.message_id, &*message.statement, message.channel);
    let (message_id, said) = by_customer(&mut fields, call, &target, given);
    fields.finish()?;
    let command = Command::WaiveRemedy { remedy_id, message_id };
    Ok(Asked { said, ..Asked::new(target, command) })
}

pub(crate) fn file_appeal(
    call: &Call,
    message: &v1::FileAppealRequest,
    config: &Config,
) -> Result<Asked, Status> {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let given = (&*message.message_id, &*message.statement, message.channel);
    let (message_id, said) = by_customer(&mut fields, call, &target, given);
    let said_at = (message.received_at.as_ref(), &*message.backdate_reason);
    let (received_at, backdating) = received_at(&mut fields, call, said_at, config);
    fields.finish()?;
    let appeal = FileAppeal {
        appeal_id: target.source.appeal(),
        message_id,
        received_at,
        backdating,
        admitted_by_lead: message.admit_late,
        regimes: Vec::new(),
        appeal_regime: None,
    };
    let given = Given { dated: message.received_at.is_some(), ..Given::default() };
    Ok(Asked { said, given, ..Asked::new(target, Command::FileAppeal(appeal)) })
}

pub(crate) fn record_evidence(
    call: &Call,
    message: &v1::RecordDecisionEvidenceRequest,
    config: &Config,
) -> Result<Asked, Status> {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let decision_id = DecisionId(fields.uuid("decision_id", &message.decision_id));
    let proof = message.evidence;
    let evidence =
        required::<v1::DecisionEvidence, _>(&mut fields, "evidence", proof, Evidence::Sent);
    let at = instant(&mut fields, "at", message.at.as_ref());
    not_in_the_future(&mut fields, "at", at, call, config);
    fields.finish()?;
    Ok(Asked::new(target, Command::RecordEvidence { decision_id, evidence, at }))
}

/// What the customer said: in the thread already, or now.
fn by_customer(
    fields: &mut Fields,
    call: &Call,
    target: &Target,
    (message_id, statement, channel): (&str, &str, i32),
) -> (MessageId, Option<Said>) {
    let channel = optional::<common::Channel, _>(fields, "channel", channel);
    if !message_id.is_empty() {
        if !statement.is_empty() {
            fields.refuse("statement", "must be empty with message_id");
        }
        return (MessageId(fields.uuid("message_id", message_id)), None);
    }
    let body = fields.text("statement", statement, 1..=BODY_CHARS);
    let mut message = new_message(call, target, Channel::Email, body);
    message.author_kind = AuthorKind::Human;
    (message.message_id, Some(Said { message, channel, by_customer: true }))
}
