//! Registering a ticket.
use super::super::command::Register;
use super::super::event::{Event, PartyLinked, PriorityChanged, Registered};
use super::super::rejection::Rejection;
use super::super::words::{Origin, PartyRole, PriorityCause};
use super::assess::priority;
use super::complaint::from_the_beginning;
use super::{Decision, is_complaint};
use crate::identity::Identification;
use crate::priority::Channel;

pub(super) fn registering(register: &Register) -> Decision {
    let registered = &register.registered;
    let (denied, unexplained) = (Rejection::BackdatingDenied, Rejection::BackdateReasonMissing);
    let backdate_reason = register.backdating.reason(denied, unexplained)?;
    let asked = registered.requester.is_some();
    let alert = registered.channel == Channel::Monitoring || registered.dedupe_key.is_some();
    if !asked && !alert && registered.origin != Origin::Import {
        return Err(Rejection::RequesterMissing);
    }
    let kind = register.classified.as_ref().map_or(registered.kind, |classified| classified.kind);
    if is_complaint(kind) != is_complaint(registered.kind) {
        return Err(Rejection::ComplaintByClassification);
    }
    let mut events = vec![Event::Registered(Registered { backdate_reason, ..registered.clone() })];
    events.extend(register.classified.as_deref().cloned().map(Event::Classified));
    events.push(Event::PriorityChanged(PriorityChanged {
        impact: register.impact,
        urgency: register.urgency,
        priority: priority(kind, register.impact, register.urgency),
        previous: None,
        cause: PriorityCause::Initial,
        reason: String::new(),
    }));
    events.extend(register.link.map(Event::Linked));
    events.extend(register.messages.iter().cloned().map(Event::MessageAdded));
    events.extend(recognised(register).map(Event::PartyLinked));
    if let Some(open) = &register.complaint {
        // A ticket of another type becomes a complaint only by its own command.
        if !is_complaint(kind) {
            return Err(Rejection::ComplaintByClassification);
        }
        events.extend(from_the_beginning(registered, open)?);
    }
    Ok(events)
}

/// The requester, if it is known who that is.
fn recognised(register: &Register) -> Option<PartyLinked> {
    let identification = match register.identification {
        Identification::None => return None,
        known @ (Identification::Matched | Identification::Verified) => known,
    };
    let party_id = register.registered.requester.as_ref()?.party_id;
    Some(PartyLinked { party_id, role: PartyRole::Requester, identification, replaced: None })
}
