//! Opening a complaint: its regimes, its claims, and information that is missing.
use std::sync::Arc;

use jiff::Timestamp;

use super::command::{Open, Reclassify, RequestInfo, Standing, Step, Ticket, TicketStep};
use super::event::{Claim, Event, InfoRequested, Opened, Reclassified, RegimeRef};
use super::{Complaint, Rejection, Stage};
use crate::ids::InfoRequestId;
use crate::money::Money;
use crate::regime::{Occasion, Regime, ReplyForm};

type Decision = Result<Vec<Step>, Rejection>;

pub(super) fn opening(ticket: &Ticket, open: &Open) -> Decision {
    let regimes = in_force(&open.regimes, ticket.received_at)?;
    sound(&open.claims)?;
    // Law that counts from filing would give more time than from receipt.
    if open.filed_at.is_some_and(|filed_at| filed_at > ticket.received_at) {
        return Err(Rejection::FiledAfterReceipt);
    }
    let opened = Opened {
        complaint_id: open.complaint_id,
        message_id: open.message_id,
        regimes,
        received_at: ticket.received_at,
        filed_at: open.filed_at,
        item_delivered_at: open.item_delivered_at,
        submission_form: open.submission_form,
        consumer_status: open.consumer_status,
        claims: open.claims.clone(),
        reply_form: reply_form(open.reply_form, &open.regimes),
        requested_form: Some(open.reply_form),
        reply_channel: open.reply_channel,
    };
    Ok(vec![Step::Complaint(Event::Opened(opened)), Step::Ticket(TicketStep::BecomesComplaint)])
}

/// The form of the answer: the one that the customer asked for, else the strictest that a law
/// demands.
fn reply_form(requested: ReplyForm, regimes: &[Arc<Regime>]) -> ReplyForm {
    match requested {
        ReplyForm::Any => strictest(regimes.iter().map(|regime| regime.draft().reply_form)),
        asked => asked,
    }
}

fn strictest(forms: impl Iterator<Item = ReplyForm>) -> ReplyForm {
    forms.max_by_key(|form| form.strictness()).unwrap_or(ReplyForm::Any)
}

/// The form of the answer under other law. Where nobody noted what the customer asked for, no form
/// that may be their wish gets laxer.
fn form_under(complaint: &Complaint, regimes: &[Arc<Regime>]) -> ReplyForm {
    match complaint.opened.requested_form {
        Some(requested) => reply_form(requested, regimes),
        None => {
            let of_law = reply_form(ReplyForm::Any, regimes);
            strictest([complaint.opened.reply_form, of_law].into_iter())
        }
    }
}

/// At least one claim, each once, and none negative.
fn sound(claims: &[Claim]) -> Result<(), Rejection> {
    let once = |place: usize| {
        let id = claims[place].claim_id;
        claims[..place].iter().all(|claim| claim.claim_id != id)
    };
    if claims.is_empty() || !(0..claims.len()).all(once) {
        return Err(Rejection::Claims);
    }
    claims.iter().try_for_each(|claim| not_negative(claim.amount))
}

/// The customer states, or is understood to state, other claims than before; the time to answer
/// continues.
pub(super) fn claiming(complaint: &Complaint, claims: &[Claim]) -> Decision {
    undecided(complaint)?;
    sound(claims)?;
    Ok(vec![Step::Complaint(Event::ClaimsStated { claims: claims.to_vec() })])
}

pub(super) fn reclassifying(complaint: &Complaint, command: &Reclassify) -> Decision {
    undecided(complaint)?;
    if command.not_a_complaint {
        return dismissing(command);
    }
    let reason = reason(command)?;
    let regimes = in_force(&command.regimes, complaint.opened.received_at)?;
    let approved_by = command.approved_by.clone();
    let reply_form = Some(form_under(complaint, &command.regimes));
    let change = Reclassified { regimes, not_a_complaint: false, reason, approved_by, reply_form };
    Ok(vec![Step::Complaint(Event::Reclassified(change))])
}

/// It is no complaint; nor is a ticket of that type which no law has made one.
pub(super) fn dismissing(command: &Reclassify) -> Decision {
    let reason = reason(command)?;
    if command.approved_by.is_none() {
        return Err(Rejection::ApprovalOfLeadMissing);
    }
    let message_id = command.message_id.ok_or(Rejection::MessageMissing)?;
    let approved_by = command.approved_by.clone();
    let change = Reclassified {
        regimes: Vec::new(),
        not_a_complaint: true,
        reason,
        approved_by,
        reply_form: None,
    };
    Ok(vec![
        Step::Ticket(TicketStep::AddUpdate(message_id)),
        Step::Complaint(Event::Reclassified(change)),
        Step::Ticket(TicketStep::BecomesInquiry),
    ])
}

fn reason(command: &Reclassify) -> Result<String, Rejection> {
    let given = !command.reason.trim().is_empty();
    given.then(|| command.reason.clone()).ok_or(Rejection::ReasonMissing)
}

pub(super) fn asking(complaint: &Complaint, command: &RequestInfo) -> Decision {
    undecided(complaint)?;
    same_regimes(complaint, &command.regimes)?;
    if complaint.asked.is_some() {
        return Err(Rejection::InfoRequest);
    }
    if command.missing.iter().all(|code| code.trim().is_empty()) {
        return Err(Rejection::NothingMissing);
    }
    // The customer has the longest time that any of the regimes gives.
    let days =
        command.regimes.iter().filter_map(|regime| regime.supplement_due(command.now).ok()?);
    let supplement_by = days.map(|due| due.last_day).max().ok_or(Rejection::NoSupplement)?;
    Ok(vec![
        Step::Ticket(TicketStep::AddQuestion(command.message_id)),
        Step::Complaint(Event::InfoRequested(InfoRequested {
            request_id: command.request_id,
            missing: command.missing.clone(),
            supplement_by,
            message_id: command.message_id,
        })),
        Step::Ticket(TicketStep::HoldForCustomer),
    ])
}

pub(super) fn informed(
    ticket: &Ticket,
    complaint: &Complaint,
    request_id: InfoRequestId,
    complete: bool,
) -> Decision {
    if complaint.asked != Some(request_id) || complaint.stage() != Stage::InfoRequested {
        return Err(Rejection::InfoRequest);
    }
    let mut steps = vec![Step::Complaint(Event::InfoReceived { request_id, complete })];
    if ticket.standing == Standing::WaitingCustomer {
        steps.push(Step::Ticket(TicketStep::Unhold));
    }
    Ok(steps)
}

pub(super) fn undecided(complaint: &Complaint) -> Result<(), Rejection> {
    if complaint.ruling().is_none() { Ok(()) } else { Err(Rejection::AlreadyDecided) }
}

/// The regimes that were looked up are those the complaint is under.
pub(super) fn same_regimes(
    complaint: &Complaint,
    regimes: &[Arc<Regime>],
) -> Result<(), Rejection> {
    let mut given: Vec<_> = regimes.iter().map(|r| (r.code(), r.version())).collect();
    let mut known: Vec<_> =
        complaint.opened.regimes.iter().map(|r| (&*r.code, r.version)).collect();
    given.sort_unstable();
    known.sort_unstable();
    if given == known { Ok(()) } else { Err(Rejection::OtherRegimes) }
}

pub(super) fn not_negative(amount: Option<Money>) -> Result<(), Rejection> {
    if amount.is_some_and(|amount| amount.minor < 0) {
        Err(Rejection::NegativeAmount)
    } else {
        Ok(())
    }
}

/// Regimes of complaints in the versions of the day of receipt.
fn in_force(regimes: &[Arc<Regime>], received_at: Timestamp) -> Result<Vec<RegimeRef>, Rejection> {
    if regimes.is_empty() {
        return Err(Rejection::RegimeMissing);
    }
    let mut references = Vec::new();
    for regime in regimes {
        let complaint = regime.draft().scope.occasion == Occasion::Complaint;
        if !complaint || regime.draft().disabled || !regime.covers(received_at) {
            return Err(Rejection::RegimeNotInForce(regime.code().to_owned()));
        }
        references.push(reference(regime));
    }
    Ok(references)
}

fn reference(regime: &Regime) -> RegimeRef {
    RegimeRef { code: regime.code().to_owned(), version: regime.version(), sha256: regime.sha256() }
}
