//! What the law reads into silence.
use super::command::{BreachCause, DeemAccepted, Standing, Step, Ticket, TicketStep};
use super::event::{
    AdrStatement, ClaimDecision, ClaimOutcome, Decided, Decider, Event, Instance, Outcome,
};
use super::{Complaint, Rejection, Ruling};
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
    // A decision that was told in time leaves nothing to silence; so does an earlier silence.
    let told = |ruling: &Ruling| {
        ruling.decided.decided_by == Decider::System
            || ruling
                .told_at(command.regime.wants_delivery())
                .is_some_and(|at| at <= command.due_at)
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
        legal_basis: command.regime.draft().sources.clone(),
        remedies: if owed { Vec::new() } else { command.remedies.clone() },
        appeal_info: String::new(),
        adr_statement: AdrStatement::NotApplicable,
        rebuttable: silence.is_rebuttable(),
        decided_by: Decider::System,
        approved_by: None,
        message_id: None,
        decided_at: command.now,
    }
}

impl Complaint {
    /// The law has granted by silence what was demanded.
    pub(super) fn owes_by_silence(&self) -> bool {
        self.decisions.iter().any(|ruling| ruling.decided.decided_by == Decider::System)
    }
}
