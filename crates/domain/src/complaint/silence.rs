//! Decisions that the law reads into silence.
use jiff::Timestamp;

use super::command::{BreachCause, DeemAccepted, Standing, Step, Ticket, TicketStep};
use super::event::{
    AdrStatement, ClaimDecision, ClaimOutcome, Decided, Decider, Event, Instance, Outcome,
};
use super::{Complaint, Rejection, Ruling};
use crate::ids::{DecisionId, MessageId};
use crate::regime::SilenceEffect;

/// Nobody answered in time, so the law decides. What it decides about is what the clock
/// waited for: an appeal that is open says nothing of the answer to the complaint, which may
/// never have left, nor does that answer say anything of the appeal's.
pub(super) fn deeming(
    ticket: &Ticket,
    complaint: &Complaint,
    command: &DeemAccepted,
) -> Result<Vec<Step>, Rejection> {
    let known = complaint.opened.regimes.iter().any(|known| {
        known.code == command.regime.code() && known.version == command.regime.version()
    });
    if !known {
        return Err(Rejection::OtherRegimes);
    }
    if command.instance == Instance::Appeal && complaint.appeal.is_none() {
        return Err(Rejection::NoAppeal);
    }
    let silence = silence(complaint, command).ok_or(Rejection::SilenceIsSilent)?;
    if command.cause == BreachCause::ProofPending {
        return Err(Rejection::SilenceIsSilent);
    }
    if command.now <= command.due_at {
        return Err(Rejection::NotDue { due_at: command.due_at });
    }
    // A decision that left in time leaves nothing to silence, even where the law wants it to
    // arrive: that is a lawyer's matter. So does an earlier silence.
    let told = |ruling: &Ruling| {
        ruling.stands_by_silence() || ruling.left_at().is_some_and(|at| at <= command.due_at)
    };
    let mut of_instance =
        complaint.decisions.iter().filter(|ruling| ruling.decided.instance == command.instance);
    if of_instance.any(told) {
        return Err(Rejection::AlreadyDecided);
    }
    let decided = decided(complaint, command, silence);
    let mut steps = vec![Step::Complaint(Event::Decided(Box::new(decided)))];
    if ticket.standing == Standing::Resolved {
        steps.push(Step::Ticket(TicketStep::ReopenUndelivered));
    }
    Ok(steps)
}

/// What silence means in that instance, where it decides at all.
fn silence(complaint: &Complaint, command: &DeemAccepted) -> Option<SilenceEffect> {
    let silence = match command.instance {
        Instance::First => Some(command.regime.silence(complaint.opened.consumer_status)),
        Instance::Appeal => command.regime.draft().appeal.silence,
    };
    silence.filter(|silence| silence.decides())
}

fn decided(complaint: &Complaint, command: &DeemAccepted, silence: SilenceEffect) -> Decided {
    // Nothing is owed twice, should both the complaint and the appeal meet with silence.
    let owed = complaint.owes_by_silence();
    Decided {
        decision_id: command.decision_id,
        instance: command.instance,
        outcome: Outcome::DeemedAccepted,
        per_claim: (complaint.opened.claims.iter())
            .map(|claim| ClaimDecision {
                claim_id: claim.claim_id,
                outcome: ClaimOutcome::Accepted,
                amount: claim.amount,
            })
            .collect(),
        justification: None,
        evidence_waiver: None,
        legal_basis: command.regime.draft().sources.clone(),
        remedies: if owed { Vec::new() } else { command.remedies.clone() },
        appeal_info: String::new(),
        adr_statement: AdrStatement::NotApplicable,
        adr_body: String::new(),
        signatory: None,
        rebuttable: silence.is_rebuttable(),
        decided_by: Decider::System,
        approved_by: None,
        message_id: None,
        decided_at: command.now,
        due_at: Some(command.due_at),
    }
}

/// The end of what the law had read into silence, if the decision of the same instance is
/// proved to have left while there was time: then there was no silence.
pub(super) fn disproved(complaint: &Complaint, told: &Ruling, at: Timestamp) -> Option<Event> {
    let by_silence = complaint.decisions.iter().find(|ruling| {
        ruling.stands_by_silence()
            && ruling.decided.instance == told.decided.instance
            && ruling.decided.due_at.is_some_and(|due_at| at <= due_at)
    });
    let by_person = told.decided.decided_by != Decider::System;
    by_silence.filter(|_| by_person).map(|by_silence| withdrawn(complaint, by_silence))
}

/// The end of what silence on that instance has decided, if it has: the time to answer turned out
/// not to have passed. Where nobody else has decided, somebody has to.
pub(super) fn denied(ticket: &Ticket, complaint: &Complaint, instance: Instance) -> Vec<Step> {
    let mut of_instance =
        complaint.decisions.iter().filter(|ruling| ruling.decided.instance == instance);
    let Some(by_silence) = of_instance.clone().find(|ruling| ruling.stands_by_silence()) else {
        return Vec::new();
    };
    let mut steps = vec![Step::Complaint(withdrawn(complaint, by_silence))];
    let decided = of_instance.any(|ruling| ruling.decided.decided_by != Decider::System);
    if ticket.standing == Standing::Resolved && !decided {
        steps.push(Step::Ticket(TicketStep::ReopenUndelivered));
    }
    steps
}

fn withdrawn(complaint: &Complaint, by_silence: &Ruling) -> Event {
    // Who decided the appeal has granted nothing once more that was owed then.
    let relied_on = complaint.decisions.iter().any(|ruling| {
        let Decided { instance, outcome, remedies, .. } = &ruling.decided;
        let grants = match outcome {
            Outcome::Accepted | Outcome::PartiallyAccepted | Outcome::DeemedAccepted => true,
            Outcome::Rejected | Outcome::LeftUnexamined => false,
        };
        *instance > by_silence.decided.instance && grants && remedies.is_empty()
    });
    Event::AcceptanceWithdrawn {
        decision_id: by_silence.decided.decision_id,
        remedies: if relied_on { Vec::new() } else { by_silence.pending.clone() },
    }
}

/// A letter may tell the decision that the law has read into silence.
///
/// # Errors
/// The one that stands is a person's, or has its letter; or there is none.
pub(crate) fn may_be_told(complaint: Option<&Complaint>) -> Result<(), Rejection> {
    let complaint = complaint.ok_or(Rejection::NoComplaint)?;
    complaint.ruling().ok_or(Rejection::NotDecided)?;
    complaint.untold().map(drop).ok_or(Rejection::NoLetterOwed)
}

impl Complaint {
    /// The decision by silence that stands, while no letter tells it.
    fn untold(&self) -> Option<DecisionId> {
        let untold =
            |ruling: &&Ruling| ruling.stands_by_silence() && ruling.decided.message_id.is_none();
        self.ruling().filter(untold).map(|ruling| ruling.decided.decision_id)
    }

    /// A letter with a decision has been written. That of a person is named by its decision.
    pub(crate) fn told_by(&mut self, letter: MessageId) {
        let untold = self.untold();
        let mut decisions = self.decisions.iter_mut();
        let told = decisions.find(|ruling| Some(ruling.decided.decision_id) == untold);
        if let Some(ruling) = told {
            ruling.decided.message_id = Some(letter);
        }
    }

    /// The law has granted by silence what was demanded.
    pub(super) fn owes_by_silence(&self) -> bool {
        self.decisions.iter().any(Ruling::stands_by_silence)
    }
}

impl Ruling {
    fn stands_by_silence(&self) -> bool {
        self.decided.decided_by == Decider::System && !self.withdrawn
    }
}
