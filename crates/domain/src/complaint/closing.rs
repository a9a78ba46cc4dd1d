//! Proof, remedies, appeal, and when a complaint may be closed.
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::command::{FileAppeal, Standing, Step, Ticket, TicketStep};
use super::event::{AppealFiled, Decided, Event, Evidence};
use super::opening::{not_negative, same_regimes};
use super::{Complaint, Rejection, Ruling, silence};
use crate::ids::{DecisionId, MessageId, RemedyId};
use crate::money::Money;
use crate::regime::Regime;

type Decision = Result<Vec<Step>, Rejection>;

pub(super) fn evidenced(
    complaint: &Complaint,
    decision_id: DecisionId,
    evidence: Evidence,
    at: Timestamp,
) -> Decision {
    let ruling = complaint.decision(decision_id).ok_or(Rejection::UnknownDecision)?;
    // No letter left before its decision: clocks differ, and nobody gains time by a proof.
    let at = at.max(ruling.decided.decided_at);
    let known = match evidence {
        Evidence::Sent => ruling.sent_at,
        Evidence::Delivered => ruling.delivered_at,
    };
    // Later proof of the same is no news.
    if known.is_some_and(|known| known <= at) {
        return Ok(Vec::new());
    }
    let proof = Event::DecisionEvidenced { decision_id, evidence, at };
    let disproved = silence::disproved(complaint, ruling, at);
    Ok([proof].into_iter().chain(disproved).map(Step::Complaint).collect())
}

pub(super) fn executed(
    complaint: &Complaint,
    remedy_id: RemedyId,
    executed_on: Date,
    amount: Option<Money>,
    reference: &str,
) -> Decision {
    not_negative(amount)?;
    if !is_pending(complaint, remedy_id)? {
        return Ok(Vec::new());
    }
    let reference = reference.to_owned();
    let event = Event::RemedyExecuted { remedy_id, executed_on, amount, reference };
    Ok(vec![Step::Complaint(event)])
}

pub(super) fn waived(
    complaint: &Complaint,
    remedy_id: RemedyId,
    message_id: MessageId,
) -> Decision {
    if !is_pending(complaint, remedy_id)? {
        return Ok(Vec::new());
    }
    Ok(vec![Step::Complaint(Event::RemedyWaived { remedy_id, message_id })])
}

fn is_pending(complaint: &Complaint, remedy_id: RemedyId) -> Result<bool, Rejection> {
    let mut granted = complaint.decisions.iter().flat_map(|ruling| &ruling.decided.remedies);
    if !granted.any(|remedy| remedy.remedy_id == remedy_id) {
        return Err(Rejection::UnknownRemedy);
    }
    Ok(complaint.pending().any(|pending| pending == remedy_id))
}

pub(super) fn appealing(ticket: &Ticket, complaint: &Complaint, command: &FileAppeal) -> Decision {
    let (denied, unexplained) = (Rejection::BackdatingDenied, Rejection::BackdateReasonMissing);
    let backdate_reason = command.backdating.reason(denied, unexplained)?;
    same_regimes(complaint, &command.regimes)?;
    let ruling = complaint.ruling().ok_or(Rejection::NotDecided)?;
    if complaint.appeal.is_some() {
        return Err(Rejection::AlreadyAppealed);
    }
    let lawful = command.regimes.iter().any(|regime| regime.draft().appeal.allowed);
    if !lawful && command.appeal_regime.is_none() {
        return Err(Rejection::NotAppealable);
    }
    let decided_at = ruling.decided.decided_at;
    if command.received_at < decided_at {
        return Err(Rejection::AppealBeforeDecision { decided_at });
    }
    let until = appeal_until(ruling, &command.regimes, command.appeal_regime.as_ref());
    let in_time = until.is_none_or(|until| command.received_at <= until);
    // What is closed is final once the time to appeal has passed; a lead admits a late
    // appeal only before.
    let admitted = command.admitted_by_lead && ticket.standing != Standing::Closed;
    if !in_time && !admitted {
        return Err(Rejection::AppealTooLate);
    }
    let filed = AppealFiled {
        appeal_id: command.appeal_id,
        decision_id: ruling.decided.decision_id,
        received_at: command.received_at,
        in_time,
        backdate_reason,
    };
    let around = match ticket.standing {
        Standing::Resolved | Standing::Closed => Some(TicketStep::ReopenForAppeal),
        // The customer has spoken; what another company owes is still to come.
        Standing::WaitingCustomer => Some(TicketStep::Unhold),
        Standing::New | Standing::Open | Standing::WaitingThirdParty => None,
    };
    let steps = [
        Step::Ticket(TicketStep::AddInbound(command.message_id)),
        Step::Complaint(Event::AppealFiled(filed)),
    ];
    Ok(steps.into_iter().chain(around.map(Step::Ticket)).collect())
}

/// Until when the decision may be appealed: the longest time that law or policy gives, from
/// when the customer was told. None if there is no limit, or the time has not begun.
fn appeal_until(
    ruling: &Ruling,
    regimes: &[Arc<Regime>],
    appeal_regime: Option<&Arc<Regime>>,
) -> Option<Timestamp> {
    let told_at = ruling.delivered_at.or(ruling.sent_at)?;
    let by_law = regimes.iter().filter_map(|regime| regime.appeal_until(told_at).ok()?);
    let by_policy = appeal_regime.and_then(|regime| regime.filing_until(told_at).ok()?);
    by_law.chain(by_policy).map(|due| due.due_at).max()
}

/// Whether a ticket with this complaint may be resolved without a decision: never.
///
/// # Errors
/// [`Rejection::NotDecided`] or [`Rejection::AppealOpen`].
pub fn may_resolve(complaint: &Complaint) -> Result<(), Rejection> {
    if complaint.ruling().is_none() {
        return Err(Rejection::NotDecided);
    }
    if complaint.open_appeal().is_some() { Err(Rejection::AppealOpen) } else { Ok(()) }
}

/// The law that decides whether a complaint may be closed, looked up by the caller.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Law {
    /// The complaint's regimes.
    pub regimes: Vec<Arc<Regime>>,
    /// The regime of appeals where the law says nothing of them.
    pub appeal_regime: Option<Arc<Regime>>,
    /// The time of the command.
    pub now: Timestamp,
}

/// Whether a ticket with this complaint may be closed: decided, with the proof that every
/// regime asks for, everything granted carried out or waived, no open appeal, and the time
/// to appeal over or the decision accepted by the customer.
///
/// # Errors
/// The rule that keeps it open.
pub fn may_close(complaint: &Complaint, law: &Law, confirmed: bool) -> Result<(), Rejection> {
    may_resolve(complaint)?;
    let (regimes, now) = (law.regimes.as_slice(), law.now);
    let appeal_regime = law.appeal_regime.as_ref();
    same_regimes(complaint, regimes)?;
    let delivery = regimes.iter().any(|regime| regime.wants_delivery());
    let ruling = complaint.ruling().ok_or(Rejection::NotDecided)?;
    if ruling.told_at(delivery).is_none() {
        return Err(Rejection::NotEvidenced);
    }
    if complaint.pending().next().is_some() {
        return Err(Rejection::RemedyPending);
    }
    let Decided { instance, .. } = &ruling.decided;
    let appealable = complaint.appeal.is_none()
        && *instance == super::Instance::First
        && (appeal_regime.is_some() || regimes.iter().any(|r| r.draft().appeal.allowed));
    let until = appeal_until(ruling, regimes, appeal_regime);
    if appealable && !confirmed && until.is_some_and(|until| now <= until) {
        return Err(Rejection::AppealWindowOpen);
    }
    Ok(())
}
