//! What a ticket has to do with other tickets and with parties.
use super::super::command::{LinkTo, Other, OtherComplaint, Split};
use super::super::event::{Closed, Event, Link, PartyLinked, SplitOff};
use super::super::rejection::Rejection;
use super::super::stage::Stage;
use super::super::words::{CloseReason, LinkKind, MessageDirection, PartyRole};
use super::super::{Facts, State};
use super::{Decision, is_complaint};
use crate::complaint::Complaint;
use crate::identity::Identification;
use crate::ids::{MessageId, PartyId, TicketId};

/// Most links that people give a ticket; what is linked to it from elsewhere is not counted.
pub const MOST_LINKS: usize = 200;
/// Most parties of a ticket.
pub const MOST_PARTIES: usize = 500;
/// Most parents above each other: a deeper tree is a mistake, and each is looked up.
pub const MOST_ANCESTORS: usize = 16;

/// Stages of a ticket that another may be merged into.
const MERGED_INTO: &[Stage] =
    &[Stage::New, Stage::Open, Stage::WaitingCustomer, Stage::WaitingThirdParty, Stage::Resolved];

/// A ticket is merged into an older one. The order by time, and by id where the times are
/// equal, never changes: so two merges at the same moment cannot make a circle.
pub(super) fn merging(facts: &Facts, target: &Other) -> Decision {
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
    if target.requester != facts.requester_party() {
        return Err(Rejection::OtherParty);
    }
    if (target.received_at, target.ticket_id) > (facts.registered.received_at, source) {
        return Err(Rejection::TargetIsYounger);
    }
    if is_complaint(facts.kind) && !is_complaint(target.kind) {
        return Err(Rejection::ComplaintIntoOther);
    }
    if is_complaint(facts.kind) || facts.complaint.is_some() {
        answered_by(facts.complaint.as_ref(), target)?;
    }
    Ok(vec![
        Event::Merged { source, target: target.ticket_id },
        Event::Closed(Closed {
            merged_into: Some(target.ticket_id),
            ..Closed::by(CloseReason::Duplicate)
        }),
    ])
}

/// The answer to the other complaint is due no later, and under every law that this one is
/// under: so nothing is lost if only that one is answered. One that was never opened is under
/// none, but waits for an answer like any other.
fn answered_by(own: Option<&Complaint>, target: &Other) -> Result<(), Rejection> {
    if own.is_some_and(|complaint| !complaint.decisions.is_empty()) {
        return Err(Rejection::DecidedComplaint);
    }
    let mut laws = own.into_iter().flat_map(|complaint| &complaint.opened.regimes);
    match &target.complaint {
        OtherComplaint::Decided => Err(Rejection::ComplaintIntoDecided),
        OtherComplaint::Undecided(codes) if laws.all(|law| codes.contains(&law.code)) => Ok(()),
        OtherComplaint::Unopened if own.is_none() => Ok(()),
        OtherComplaint::Undecided(_) | OtherComplaint::Unopened => {
            Err(Rejection::ComplaintUnderOtherLaw)
        }
    }
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
    /// What another ticket's decision wants to know of this one; none if there is no such
    /// ticket.
    #[must_use]
    pub fn as_other(&self) -> Option<Other> {
        let (stage, facts) = (self.stage()?, self.facts()?);
        Some(Other {
            ticket_id: facts.registered.ticket_id,
            stage,
            kind: facts.kind,
            received_at: facts.registered.received_at,
            requester: facts.requester_party(),
            complaint: facts.complaint.as_ref().map_or(OtherComplaint::Unopened, standing),
        })
    }
}

fn standing(complaint: &Complaint) -> OtherComplaint {
    if !complaint.decisions.is_empty() {
        return OtherComplaint::Decided;
    }
    let codes = complaint.opened.regimes.iter().map(|regime| regime.code.clone());
    OtherComplaint::Undecided(codes.collect())
}
