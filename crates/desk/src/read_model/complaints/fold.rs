//! How each event changes the line of a complaint.
use uuid::Uuid;
use wire::DecodeError;
use wire::desk::v1::{
    Complaint, ComplaintAppeal, ComplaintDeadline, ComplaintDecision, ComplaintRegime,
    ComplaintRemedy, ComplaintState, Timeliness,
};
use wire::intake::v1::{self, DecisionEvidence};
use wire::scalar::instant_opt;
use wire::sla::v1::{BreachCause, ClockKind, ClockOutcome, ClockStarted, VoidReason};

use crate::facts::{ComplaintFact, Fact};

/// The line of a new complaint.
pub(super) fn opened(ticket_id: Uuid, number: &str, e: &v1::ComplaintOpened) -> Complaint {
    Complaint {
        complaint_id: e.complaint_id.clone(),
        ticket_id: ticket_id.to_string(),
        number: number.to_owned(),
        state: ComplaintState::Open.into(),
        regimes: regimes(&e.regimes),
        received_at: e.received_at,
        submission_form: e.submission_form,
        consumer_status: e.consumer_status,
        claims: e.claims.clone(),
        ..Default::default()
    }
}

fn regimes(refs: &[v1::RegimeRef]) -> Vec<ComplaintRegime> {
    let pending = Timeliness::Pending.into();
    refs.iter()
        .map(|one| ComplaintRegime {
            code: one.code.clone(),
            version: one.version,
            timeliness: pending,
        })
        .collect()
}

/// Takes an event in; answers whether the line is another one now.
pub(super) fn apply(line: &mut Complaint, fact: &Fact) -> Result<bool, DecodeError> {
    let before = line.clone();
    match fact {
        Fact::Complaint(fact) => complaint(line, fact)?,
        Fact::TicketClosed(_) if line.state() == ComplaintState::Open => {
            line.set_state(ComplaintState::Ended);
        }
        Fact::TicketReopened(_) if line.state() == ComplaintState::Ended => {
            line.set_state(ComplaintState::Open);
        }
        fact => clock(line, fact),
    }
    judge(line);
    Ok(*line != before)
}

fn complaint(line: &mut Complaint, fact: &ComplaintFact) -> Result<(), DecodeError> {
    match fact {
        ComplaintFact::Reclassified(e) if e.not_a_complaint => {
            line.set_state(ComplaintState::StruckOff);
        }
        ComplaintFact::Reclassified(e) => line.regimes = regimes(&e.regimes),
        ComplaintFact::ClaimsStated(e) => line.claims.clone_from(&e.claims),
        ComplaintFact::Extended(e) => line.extended_to.clone_from(&e.new_last_day),
        ComplaintFact::Decided(e) => decided(line, e),
        ComplaintFact::Evidenced(e) => evidenced(line, e)?,
        ComplaintFact::Withdrawn(e) => withdrawn(line, e),
        ComplaintFact::RemedyExecuted(e) => {
            for remedy in of(&mut line.remedies, &e.remedy_id) {
                remedy.executed_on.clone_from(&e.executed_on);
                remedy.paid.clone_from(&e.amount);
            }
        }
        ComplaintFact::RemedyWaived(e) => {
            of(&mut line.remedies, &e.remedy_id).for_each(|remedy| remedy.waived = true);
        }
        ComplaintFact::AppealFiled(e) => {
            line.set_state(ComplaintState::Open);
            line.appeal = Some(ComplaintAppeal {
                appeal_id: e.appeal_id.clone(),
                decision_id: e.decision_id.clone(),
                received_at: e.received_at,
                in_time: e.in_time,
            });
        }
        // What is missing stops no term of the law, which its clocks tell, and another line begins
        // elsewhere.
        ComplaintFact::Opened(_)
        | ComplaintFact::ItemDelivered
        | ComplaintFact::InfoRequested(_)
        | ComplaintFact::InfoReceived(_) => {}
    }
    Ok(())
}

fn of<'a>(
    remedies: &'a mut [ComplaintRemedy],
    remedy_id: &'a str,
) -> impl Iterator<Item = &'a mut ComplaintRemedy> {
    let is = move |remedy: &&mut ComplaintRemedy| {
        remedy.remedy.as_ref().is_some_and(|remedy| remedy.remedy_id == remedy_id)
    };
    remedies.iter_mut().filter(is)
}

fn decided(line: &mut Complaint, e: &v1::ComplaintDecided) {
    let on_appeal = e.instance() == v1::ComplaintInstance::Appeal;
    let known = |one: &ComplaintDecision| one.instance() == v1::ComplaintInstance::Appeal;
    // Silence on the complaint does not decide an appeal that is open.
    if line.appeal.is_none() || on_appeal || line.decisions.iter().any(known) {
        line.set_state(ComplaintState::Decided);
    }
    line.decisions.push(ComplaintDecision {
        decision_id: e.decision_id.clone(),
        instance: e.instance,
        outcome: e.outcome,
        decided_at: e.decided_at,
        decided_by: e.decided_by.clone(),
        approved_by: e.approved_by.clone(),
        adr_statement: e.adr_statement,
        rebuttable: e.rebuttable,
        sent_at: None,
        delivered_at: None,
        withdrawn: false,
    });
    line.remedies.extend(e.remedies.iter().map(|remedy| ComplaintRemedy {
        remedy: Some(remedy.clone()),
        decision_id: e.decision_id.clone(),
        ..Default::default()
    }));
}

/// A decision by silence was withdrawn: it no longer stands, and its remedies are not owed.
fn withdrawn(line: &mut Complaint, e: &v1::DeemedAcceptanceWithdrawn) {
    let meant = line.decisions.iter_mut().filter(|one| one.decision_id == e.decision_id);
    meant.for_each(|decision| decision.withdrawn = true);
    for remedy_id in &e.remedy_ids {
        of(&mut line.remedies, remedy_id).for_each(|remedy| remedy.withdrawn = true);
    }
    // Unless another one of that instance or on the appeal stands, it is still to be decided.
    let gone = line.decisions.iter().find(|one| one.decision_id == e.decision_id);
    let gone = gone.map(|one| one.instance);
    let decided = line.decisions.iter().any(|one| !one.withdrawn && Some(one.instance) >= gone);
    if line.state() == ComplaintState::Decided && !decided {
        line.set_state(ComplaintState::Open);
    }
}

/// Of two proofs of the same the earlier instant counts.
fn evidenced(line: &mut Complaint, e: &v1::DecisionEvidenced) -> Result<(), DecodeError> {
    let Some(decision) = line.decisions.iter_mut().find(|one| one.decision_id == e.decision_id)
    else {
        return Ok(());
    };
    let known = match e.evidence() {
        DecisionEvidence::Sent => &mut decision.sent_at,
        DecisionEvidence::Delivered => &mut decision.delivered_at,
        DecisionEvidence::Unspecified => return Err(DecodeError::field("evidence")),
    };
    let (before, now) = (instant_opt(known.as_ref(), "at")?, instant_opt(e.at.as_ref(), "at")?);
    if before.is_none_or(|before| now.is_some_and(|now| now < before)) {
        *known = e.at;
    }
    Ok(())
}

fn clock(line: &mut Complaint, fact: &Fact) {
    match fact {
        Fact::ClockStarted(e) => started(line, e),
        Fact::ClockPaused(e) => {
            if let Some(deadline) = deadline(line, &e.clock_id) {
                deadline.due_at = None;
            }
        }
        Fact::ClockResumed(e) => {
            if let Some(deadline) = deadline(line, &e.clock_id) {
                deadline.due_at = e.due_at;
            }
        }
        Fact::ClockRetargeted(e) => {
            if let Some(deadline) = deadline(line, &e.clock_id) {
                deadline.due_at = e.due_at;
                deadline.last_day.clone_from(&e.last_day);
                if !e.regime_code.is_empty() {
                    deadline.regime_code.clone_from(&e.regime_code);
                    deadline.regime_version = e.regime_version;
                }
            }
        }
        Fact::ClockBreached(e) => {
            if let Some(deadline) = deadline(line, &e.clock_id) {
                deadline.set_timeliness(match e.cause() {
                    BreachCause::ProofPending => Timeliness::ProofPending,
                    BreachCause::Unspecified | BreachCause::Time | BreachCause::Retarget => {
                        Timeliness::Late
                    }
                });
            }
        }
        Fact::ClockStopped(e) => {
            if let Some(deadline) = deadline(line, &e.clock_id) {
                deadline.set_timeliness(ended(deadline.timeliness(), e.outcome()));
            }
        }
        Fact::BreachVoided(e) => {
            if let Some(deadline) = deadline(line, &e.clock_id) {
                deadline.set_timeliness(match e.reason() {
                    // It had been done in time, which the end of the clock tells, or got more time.
                    VoidReason::LateProof => Timeliness::Pending,
                    VoidReason::Unspecified | VoidReason::Misclassified | VoidReason::Excused => {
                        Timeliness::Voided
                    }
                });
            }
        }
        _ => {}
    }
}

fn deadline<'a>(line: &'a mut Complaint, clock_id: &str) -> Option<&'a mut ComplaintDeadline> {
    line.deadlines.iter_mut().find(|deadline| deadline.clock_id == clock_id)
}

fn started(line: &mut Complaint, e: &ClockStarted) {
    if !super::is_of_complaints(e.kind()) {
        return;
    }
    let mut begun = ComplaintDeadline {
        clock_id: e.clock_id.clone(),
        kind: e.kind,
        regime_code: e.regime_code.clone(),
        regime_version: e.regime_version,
        last_day: e.last_day.clone(),
        due_at: e.due_at,
        subject_ref: e.subject_ref.clone(),
        timeliness: Timeliness::Pending.into(),
    };
    match deadline(line, &e.clock_id) {
        // It runs again after its end; what was late stays so.
        Some(known) => {
            if known.timeliness() == Timeliness::Late {
                begun.set_timeliness(Timeliness::Late);
            }
            *known = begun;
        }
        None => line.deadlines.push(begun),
    }
}

/// What the end of a clock says. Lateness stays until somebody voids it.
fn ended(before: Timeliness, outcome: ClockOutcome) -> Timeliness {
    match (before, outcome) {
        (Timeliness::Voided | Timeliness::Late, _) => before,
        (_, ClockOutcome::Met) => Timeliness::InTime,
        (_, ClockOutcome::Missed) => Timeliness::Late,
        (_, ClockOutcome::Cancelled) => Timeliness::Cancelled,
        (_, ClockOutcome::Unspecified) => before,
    }
}

/// What follows from the terms: the timeliness of each regime's answer, and of all.
fn judge(line: &mut Complaint) {
    let is_answer =
        |kind| matches!(kind, ClockKind::StatutoryResponse | ClockKind::InternalResponse);
    for regime in &mut line.regimes {
        let answers = line.deadlines.iter().rev();
        let last = answers
            .filter(|deadline| is_answer(deadline.kind()))
            .find(|deadline| deadline.regime_code == regime.code);
        regime.set_timeliness(last.map_or(Timeliness::Pending, ComplaintDeadline::timeliness));
    }
    line.late = line.deadlines.iter().any(|deadline| {
        let counts = is_answer(deadline.kind()) || deadline.kind() == ClockKind::AppealResponse;
        counts && deadline.timeliness() == Timeliness::Late
    });
}
