//! Links and merges between tickets, splits, and parties of a ticket.
use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::command::{LinkTo, Other, OtherComplaint, Split};
use super::super::event::{Closed, Event, Link, PartyLinked, SplitOff};
use super::super::rejection::Rejection;
use super::super::stage::Stage;
use super::super::words::{CloseReason, LinkKind, MessageDirection, PartyRole};
use super::super::{Facts, State};
use super::{Decision, is_complaint};
use crate::complaint::{self, AnswerDue, Claim, Complaint, Demand};
use crate::identity::Identification;
use crate::ids::{MessageId, PartyId, TicketId};
use crate::priority::TicketType;
use crate::regime::Regime;

/// Most links that people give a ticket; what is linked to it from elsewhere is not counted.
pub const MOST_LINKS: usize = 200;
/// Most parties of a ticket.
pub const MOST_PARTIES: usize = 500;
/// Most parents above each other: a deeper tree is a mistake, and each is looked up.
pub const MOST_ANCESTORS: usize = 16;

/// Stages of a ticket that another may be merged into.
const MERGED_INTO: &[Stage] =
    &[Stage::New, Stage::Open, Stage::WaitingCustomer, Stage::WaitingThirdParty, Stage::Resolved];

/// A ticket is merged into one that was received no later. Merges form no circle: a ticket that was
/// merged is closed, and takes no other in.
pub(super) fn merging(
    facts: &Facts,
    target: &Other,
    aliases: &BTreeMap<PartyId, PartyId>,
    regimes: &[Arc<Regime>],
) -> Decision {
    let source = facts.registered.ticket_id;
    if target.ticket_id == source {
        return Err(Rejection::Itself);
    }
    if !MERGED_INTO.contains(&target.stage) {
        return Err(Rejection::OtherInWrongStage {
            ticket_id: target.ticket_id,
            current: target.stage,
            allowed: MERGED_INTO,
        });
    }
    let lives_as = |party: PartyId| aliases.get(&party).copied().unwrap_or(party);
    if target.requester.map(lives_as) != facts.requester_party().map(lives_as) {
        return Err(Rejection::OtherParty);
    }
    if target.received_at > facts.registered.received_at {
        return Err(Rejection::TargetIsYounger);
    }
    if is_complaint(facts.kind) && !is_complaint(target.kind) {
        return Err(Rejection::ComplaintIntoOther);
    }
    let asks = TicketType::DataSubjectRequest;
    if facts.kind == asks && target.kind != asks {
        return Err(Rejection::DataSubjectRequestIntoOther);
    }
    if facts.kind == asks && target.extended && facts.request_extended.is_none() {
        return Err(Rejection::DataSubjectRequestIntoExtended);
    }
    if is_complaint(facts.kind) || facts.complaint.is_some() {
        answered_by(facts.complaint.as_ref(), target, regimes)?;
    }
    Ok(vec![
        Event::Merged { source, target: target.ticket_id },
        Event::Closed(Closed {
            merged_into: Some(target.ticket_id),
            ..Closed::by(CloseReason::Duplicate)
        }),
    ])
}

/// The answer to the other complaint is due no later by every law that this one is under, and
/// answers all that is claimed here: so nothing is lost if only that one is answered. One that
/// was never opened is under no law, but waits for an answer like any other.
fn answered_by(
    own: Option<&Complaint>,
    target: &Other,
    regimes: &[Arc<Regime>],
) -> Result<(), Rejection> {
    if own.is_some_and(|complaint| complaint.ruling().is_some()) {
        return Err(Rejection::DecidedComplaint);
    }
    let (there, claimed) = match (&target.complaint, own) {
        (OtherComplaint::Decided, _) => return Err(Rejection::ComplaintIntoDecided),
        (OtherComplaint::Unopened | OtherComplaint::Undecided { .. }, None) => return Ok(()),
        (OtherComplaint::Unopened, Some(_)) => return Err(Rejection::ComplaintUnderOtherLaw),
        (OtherComplaint::Undecided { due, claims }, Some(_)) => (due, claims),
    };
    let Some(own) = own else { return Ok(()) };
    for due in own.answer_due(regimes)? {
        let same = there.iter().find(|other| other.code == due.code);
        let other = same.ok_or(Rejection::ComplaintUnderOtherLaw)?;
        if !is_due_by(other, &due) {
            return Err(Rejection::TargetIsDueLater { regime: due.code });
        }
    }
    match is_claimed(&own.opened.claims, claimed) {
        true => Ok(()),
        false => Err(Rejection::ClaimsOfItsOwn),
    }
}

/// True if the other answer is due no later; whatever has no time yet is no later than that.
fn is_due_by(other: &AnswerDue, own: &AnswerDue) -> bool {
    let Some(latest) = own.at else { return true };
    !other.put_off && other.at.is_some_and(|at| at <= latest)
}

/// True if each claim is also made there, as often. An explanation is owed with every decision.
fn is_claimed(own: &[Claim], there: &[Claim]) -> bool {
    let mut left: Vec<_> = there.iter().map(|claim| (claim.demand, claim.amount)).collect();
    let mut wanted = own.iter().filter(|claim| claim.demand != Demand::Explanation);
    wanted.all(|claim| {
        let found = left.iter().position(|other| *other == (claim.demand, claim.amount));
        found.map(|place| left.swap_remove(place)).is_some()
    })
}

pub(super) fn taking_in(facts: &Facts, source: TicketId) -> Vec<Event> {
    if facts.merged.contains(&source) {
        return Vec::new();
    }
    vec![Event::Merged { source, target: facts.registered.ticket_id }]
}

pub(super) fn splitting(facts: &Facts, split: &Split) -> Decision {
    if split.messages.is_empty() {
        return Err(Rejection::NothingToSplit);
    }
    let of_customer = thread_of_customer(facts);
    let unknown = split.messages.iter().find(|id| !of_customer.contains(id));
    if let Some(message_id) = unknown {
        return Err(Rejection::MessageUnknown { message_id: *message_id });
    }
    let messages = of_customer.into_iter().filter(|id| split.messages.contains(id)).collect();
    Ok(vec![Event::Split(SplitOff {
        child: split.child,
        messages,
        kind: split.kind,
        subject: split.subject.clone(),
    })])
}

/// The customer's messages, oldest first; the first has the ticket's own id.
fn thread_of_customer(facts: &Facts) -> Vec<MessageId> {
    let registered = &facts.registered;
    let first = (!registered.body.0.is_empty()).then_some(MessageId(registered.ticket_id.0));
    let later = facts
        .messages
        .iter()
        .filter(|message| message.direction == MessageDirection::Inbound)
        .map(|message| message.message_id);
    first.into_iter().chain(later).collect()
}

pub(super) fn linking(facts: &Facts, link: &LinkTo) -> Decision {
    let new = Link { kind: link.kind, other: link.other };
    let own = facts.registered.ticket_id;
    if link.other == own {
        return Err(Rejection::Itself);
    }
    if facts.links.contains(&new) {
        return Ok(Vec::new());
    }
    if link.kind == LinkKind::ChildOf {
        if let Some(parent) = facts.parent() {
            return Err(Rejection::ParentTaken { parent });
        }
        if link.ancestors.contains(&own) {
            return Err(Rejection::ChildOfCycle);
        }
        if link.ancestors.len() >= MOST_ANCESTORS {
            return Err(Rejection::TooManyAncestors);
        }
    }
    let given = facts.links.iter().filter(|known| is_given(known.kind)).count();
    if given >= MOST_LINKS {
        return Err(Rejection::TooManyLinks);
    }
    Ok(vec![Event::Linked(new)])
}

/// Links that are made here; the others are the far side of links made on other tickets.
fn is_given(kind: LinkKind) -> bool {
    match kind {
        LinkKind::Related | LinkKind::ChildOf | LinkKind::FollowUpOf | LinkKind::CausedBy => true,
        LinkKind::ParentOf | LinkKind::FollowedUpBy | LinkKind::CauseOf => false,
    }
}

pub(super) fn unlinking(facts: &Facts, link: Link) -> Decision {
    match facts.links.contains(&link) {
        true => Ok(vec![Event::Unlinked(link)]),
        false => Err(Rejection::NotLinked),
    }
}

pub(super) fn noting_linked(facts: &Facts, link: Link) -> Vec<Event> {
    match facts.links.contains(&link) {
        true => Vec::new(),
        false => vec![Event::Linked(link)],
    }
}

pub(super) fn noting_unlinked(facts: &Facts, link: Link) -> Vec<Event> {
    match facts.links.contains(&link) {
        true => vec![Event::Unlinked(link)],
        false => Vec::new(),
    }
}

pub(super) fn linking_party(
    facts: &Facts,
    party_id: PartyId,
    role: PartyRole,
    identification: Identification,
) -> Decision {
    let same = facts.parties.iter().any(|party| {
        (party.party_id, party.role, party.identification) == (party_id, role, identification)
    });
    if same {
        return Ok(Vec::new());
    }
    let known = facts.parties.iter().any(|party| (party.party_id, party.role) == (party_id, role));
    if !known && facts.parties.len() >= MOST_PARTIES {
        return Err(Rejection::TooManyParties);
    }
    let replaced = match role {
        PartyRole::Requester => facts.requester_party().filter(|before| *before != party_id),
        PartyRole::Affected | PartyRole::Payer | PartyRole::Representative | PartyRole::Cc => None,
    };
    Ok(vec![Event::PartyLinked(PartyLinked { party_id, role, identification, replaced })])
}

impl State {
    /// What another ticket's decision wants to know of this one, whose complaint is under
    /// these regimes; `None` if there is no such ticket.
    ///
    /// # Errors
    /// If the complaint is under others.
    pub fn as_other(&self, regimes: &[Arc<Regime>]) -> Result<Option<Other>, complaint::Rejection> {
        let (Some(stage), Some(facts)) = (self.stage(), self.facts()) else { return Ok(None) };
        let complaint = match &facts.complaint {
            None => OtherComplaint::Unopened,
            Some(complaint) if complaint.ruling().is_some() => OtherComplaint::Decided,
            Some(complaint) => OtherComplaint::Undecided {
                due: complaint.answer_due(regimes)?,
                claims: complaint.opened.claims.clone(),
            },
        };
        Ok(Some(Other {
            ticket_id: facts.registered.ticket_id,
            stage,
            kind: facts.kind,
            received_at: facts.registered.received_at,
            requester: facts.requester_party(),
            complaint,
            extended: facts.request_extended.is_some(),
        }))
    }
}
