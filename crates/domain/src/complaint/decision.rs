//! What a decision must contain, and who may make it.
use std::collections::BTreeMap;
use std::sync::Arc;

use super::command::{Author, Authority, Decide, Step, Ticket, TicketStep};
use super::event::{
    AdrStatement, ClaimDecision, ClaimOutcome, Decided, Decider, Demand, Event, Instance, Outcome,
};
use super::opening::{not_negative, same_regimes, undecided};
use super::{Complaint, Rejection};
use crate::ids::{AgentId, Personal};
use crate::money::Currency;
use crate::regime::{Basis, DecisionContent, Regime, SupplementFailure};

type Decision = Result<Vec<Step>, Rejection>;

pub(super) fn deciding(ticket: &Ticket, complaint: &Complaint, command: &Decide) -> Decision {
    same_regimes(complaint, &command.regimes)?;
    match command.instance {
        Instance::First => undecided(complaint)?,
        Instance::Appeal if complaint.open_appeal().is_none() => return Err(Rejection::NoAppeal),
        Instance::Appeal => another_person(complaint, command)?,
    }
    let outcome = outcome(complaint, command)?;
    reasons(ticket, command)?;
    adr(complaint, command, outcome)?;
    remedies(complaint, command)?;
    authority(complaint, command, outcome)?;
    let decided = Decided {
        decision_id: command.decision_id,
        instance: command.instance,
        outcome,
        per_claim: command.per_claim.clone(),
        justification: Some(command.justification.clone()),
        evidence_waiver: some(&command.evidence_waiver),
        legal_basis: command.legal_basis.clone(),
        remedies: command.remedies.clone(),
        appeal_info: command.appeal_info.clone(),
        adr_statement: command.adr_statement,
        adr_body: command.adr_body.clone(),
        signatory: some(&command.signatory),
        rebuttable: false,
        decided_by: match command.author.authority {
            Authority::Bot => Decider::Bot(command.author.id.clone()),
            Authority::FirstLine | Authority::Specialist | Authority::Owner => {
                Decider::Person(command.author.id.clone())
            }
        },
        approved_by: command.approver.as_ref().map(|approver| approver.id.clone()),
        message_id: Some(command.message_id),
        decided_at: command.now,
        due_at: None,
    };
    let mut steps = vec![
        Step::Complaint(Event::Decided(Box::new(decided))),
        Step::Ticket(TicketStep::AddDecision(command.message_id)),
    ];
    if ticket.standing.is_waiting() {
        steps.push(Step::Ticket(TicketStep::Unhold));
    }
    steps.push(Step::Ticket(TicketStep::Resolve));
    Ok(steps)
}

fn some(text: &Personal) -> Option<Personal> {
    (!text.0.trim().is_empty()).then(|| text.clone())
}

/// True if a regime of the complaint demands this content of the decision.
fn demanded(command: &Decide, content: DecisionContent) -> bool {
    command.regimes.iter().any(|regime| regime.draft().must_contain.contains(&content))
}

/// The overall outcome, once every claim is decided exactly once.
fn outcome(complaint: &Complaint, command: &Decide) -> Result<Outcome, Rejection> {
    let claims = &complaint.opened.claims;
    let decided = |id| command.per_claim.iter().filter(|decision| decision.claim_id == id).count();
    let complete = command.per_claim.len() == claims.len()
        && claims.iter().all(|claim| decided(claim.claim_id) == 1);
    if !complete {
        return Err(Rejection::ClaimsUndecided);
    }
    let all = |outcome| command.per_claim.iter().all(|decision| decision.outcome == outcome);
    let any = |outcome| command.per_claim.iter().any(|decision| decision.outcome == outcome);
    if any(ClaimOutcome::LeftUnexamined) {
        // Only after the day that the customer was given.
        let lapsed = complaint.unanswered.as_ref().is_some_and(|request| {
            let zone = command.regimes.first().map(|regime| regime.local_day(command.now));
            zone.is_some_and(|today| request.supplement_by < today)
        });
        let unexaminable = all(ClaimOutcome::LeftUnexamined)
            && command.instance == Instance::First
            && lapsed
            && lets_be_left_unexamined(&command.regimes);
        return if unexaminable {
            Ok(Outcome::LeftUnexamined)
        } else {
            Err(Rejection::NotUnexaminable)
        };
    }
    Ok(if all(ClaimOutcome::Accepted) {
        Outcome::Accepted
    } else if all(ClaimOutcome::Rejected) {
        Outcome::Rejected
    } else {
        Outcome::PartiallyAccepted
    })
}

/// Whether every law and contract of the complaint permits that; a regime that demands an answer
/// gets one. The organisation's own standard does not count, because it gives the customer no
/// right.
fn lets_be_left_unexamined(regimes: &[Arc<Regime>]) -> bool {
    let drafts = regimes.iter().map(|regime| regime.draft());
    let failures: Vec<_> = drafts
        .filter(|draft| draft.basis != Basis::House)
        .map(|draft| draft.incomplete.map(|incomplete| incomplete.failure))
        .collect();
    let lets = |failure: &Option<_>| *failure == Some(SupplementFailure::LeftUnexamined);
    !failures.is_empty() && failures.iter().all(lets)
}

fn reasons(ticket: &Ticket, command: &Decide) -> Result<(), Rejection> {
    let none = |texts: &[String]| texts.iter().all(|text| text.trim().is_empty());
    if !ticket.has_evidence && command.evidence_waiver.0.trim().is_empty() {
        return Err(Rejection::EvidenceMissing);
    }
    if command.justification.0.trim().is_empty() {
        return Err(Rejection::JustificationMissing);
    }
    if demanded(command, DecisionContent::LegalReasons) && none(&command.legal_basis) {
        return Err(Rejection::LegalBasisMissing);
    }
    // Who decides on an appeal tells of no further one.
    let appealable =
        command.instance == Instance::First && demanded(command, DecisionContent::AppealInfo);
    if appealable && command.appeal_info.trim().is_empty() {
        return Err(Rejection::AppealInfoMissing);
    }
    if demanded(command, DecisionContent::Signatory) && command.signatory.0.trim().is_empty() {
        return Err(Rejection::SignatoryMissing);
    }
    Ok(())
}

/// A consumer who does not get everything is told whether the trader takes part in
/// out-of-court resolution (Act of 23 September 2016, art. 32: no statement is consent). Who
/// takes part says before which body, to a consumer and wherever a regime asks for it.
fn adr(complaint: &Complaint, command: &Decide, outcome: Outcome) -> Result<(), Rejection> {
    let protected = complaint.opened.consumer_status.is_protected();
    let owed = protected && outcome != Outcome::Accepted;
    let names_body = protected || demanded(command, DecisionContent::AdrInfo);
    match command.adr_statement {
        AdrStatement::NotApplicable if owed => Err(Rejection::AdrStatementMissing),
        AdrStatement::Agrees if names_body && command.adr_body.trim().is_empty() => {
            Err(Rejection::AdrBodyMissing)
        }
        AdrStatement::NotApplicable | AdrStatement::Agrees | AdrStatement::Refuses => Ok(()),
    }
}

/// What is granted is to be carried out, each thing once and in time. Words need no remedy, unless
/// a regime wants a day for everything that is granted.
fn remedies(complaint: &Complaint, command: &Decide) -> Result<(), Rejection> {
    let granted = |decision: &&ClaimDecision| {
        matches!(decision.outcome, ClaimOutcome::Accepted | ClaimOutcome::PartiallyAccepted)
    };
    let mere_words = |decision: &ClaimDecision| {
        let claim = complaint.opened.claims.iter().find(|c| c.claim_id == decision.claim_id);
        claim.is_some_and(|claim| matches!(claim.demand, Demand::Explanation | Demand::Apology))
    };
    let mut deeds = command.per_claim.iter().filter(granted);
    let anything = command.per_claim.iter().any(|decision| granted(&decision));
    let with_a_day = demanded(command, DecisionContent::ExecutionDate);
    let needed = deeds.any(|decision| with_a_day || !mere_words(decision));
    let known = |id| {
        let decisions = complaint.decisions.iter();
        let mut before = decisions.flat_map(|ruling| &ruling.decided.remedies);
        before.any(|remedy| remedy.remedy_id == id)
    };
    for (place, remedy) in command.remedies.iter().enumerate() {
        not_negative(remedy.amount)?;
        if remedy.kind.is_money() && remedy.amount.is_none() {
            return Err(Rejection::RemedyAmountMissing { place });
        }
        let before = &command.remedies[..place];
        let twice = before.iter().any(|other| other.remedy_id == remedy.remedy_id);
        let today = command.regimes.first().map(|regime| regime.local_day(command.now));
        let past = today.is_some_and(|today| remedy.execute_by < today);
        if twice || past || known(remedy.remedy_id) {
            return Err(Rejection::Remedies);
        }
    }
    command.per_claim.iter().try_for_each(|decision| not_negative(decision.amount))?;
    // What silence on the complaint has granted is owed already.
    let needed = needed && !(command.instance == Instance::Appeal && complaint.owes_by_silence());
    let fits = if command.remedies.is_empty() { !needed } else { anything };
    if fits { Ok(()) } else { Err(Rejection::Remedies) }
}

fn authority(complaint: &Complaint, command: &Decide, outcome: Outcome) -> Result<(), Rejection> {
    let author = &command.author;
    if author.authority == Authority::Bot {
        let may = |regime: &Arc<Regime>| {
            let draft = regime.draft();
            let rejects = outcome != Outcome::Accepted;
            draft.may_decide_automatically && (!rejects || draft.may_reject_automatically)
        };
        if !command.regimes.iter().all(may) {
            return Err(Rejection::PersonNeeded);
        }
    }
    if command.approver.as_ref().is_some_and(|approver| approver.id == author.id) {
        return Err(Rejection::SelfApproval);
    }
    let value = value(complaint, command);
    let covered = |by: &Author| by.authority.covers(&command.limits, value.clone());
    if covered(author) || command.approver.as_ref().is_some_and(covered) {
        Ok(())
    } else {
        Err(Rejection::ApproverMissing)
    }
}

/// The granted value: by the claims or by the remedies, whichever is more. An accepted claim
/// without a granted amount counts with everything that it demands: a missing amount lifts no
/// limit.
fn value(complaint: &Complaint, command: &Decide) -> BTreeMap<Currency, i64> {
    let granted = command.per_claim.iter().filter(|decision| {
        matches!(decision.outcome, ClaimOutcome::Accepted | ClaimOutcome::PartiallyAccepted)
    });
    let demanded = |id| {
        let claim = complaint.opened.claims.iter().find(|claim| claim.claim_id == id);
        claim.and_then(|claim| claim.amount)
    };
    let by_claims =
        granted.filter_map(|decision| decision.amount.or_else(|| demanded(decision.claim_id)));
    let by_remedies = command.remedies.iter().filter_map(|remedy| remedy.amount);
    let mut sums: [BTreeMap<Currency, i64>; 2] = Default::default();
    for amount in by_claims {
        let sum = sums[0].entry(amount.currency).or_default();
        *sum = sum.saturating_add(amount.minor);
    }
    for amount in by_remedies {
        let sum = sums[1].entry(amount.currency).or_default();
        *sum = sum.saturating_add(amount.minor);
    }
    let [mut most, other] = sums;
    for (currency, minor) in other {
        let sum = most.entry(currency).or_default();
        *sum = minor.max(*sum);
    }
    most
}

/// Neither the author nor the approver of a decision on an appeal took part in the first decision.
/// The caller is one of the two: the author, or the approver of a decision that a named person
/// prepared.
fn another_person(complaint: &Complaint, command: &Decide) -> Result<(), Rejection> {
    let first = complaint.decisions.iter().map(|ruling| &ruling.decided);
    let first = first.filter(|decided| decided.instance == Instance::First);
    let took_part = |id: &AgentId| {
        first.clone().any(|decided| {
            let author = match &decided.decided_by {
                Decider::Person(id) | Decider::Bot(id) => Some(id),
                Decider::System => None,
            };
            author == Some(id) || decided.approved_by.as_ref() == Some(id)
        })
    };
    let mut now = [Some(&command.author), command.approver.as_ref()].into_iter().flatten();
    if now.any(|person| took_part(&person.id)) {
        return Err(Rejection::SamePersonOnAppeal);
    }
    Ok(())
}
