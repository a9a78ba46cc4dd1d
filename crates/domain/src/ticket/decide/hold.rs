//! Waits for the customer and for third parties.
use super::super::command::{HoldForCustomer, HoldForThirdParty, NewMessage};
use super::super::event::{Event, Held};
use super::super::rejection::Rejection;
use super::super::words::{HoldKind, Origin, TicketType, UnholdTrigger};
use super::super::{Facts, State};
use super::Decision;
use super::message::{self, nothing_personal, question};
use crate::ids::HoldId;

pub(super) fn asking(facts: &Facts, hold: &HoldForCustomer) -> Decision {
    if facts.kind == TicketType::DataSubjectRequest && !hold.identity_doubt {
        return Err(Rejection::DataSubjectMayNotWait);
    }
    nothing_personal(facts, &hold.question, &hold.known)?;
    Ok(vec![
        question(&hold.question),
        Event::Held(Held {
            hold_id: hold.hold_id,
            kind: HoldKind::Customer,
            reason: hold.reason.clone(),
            question_message_id: Some(hold.question.message_id),
            vendor_id: None,
            expected_by: None,
        }),
    ])
}

pub(super) fn waiting(hold: &HoldForThirdParty) -> Decision {
    if hold.expected_by <= hold.now {
        return Err(Rejection::ExpectedInThePast);
    }
    Ok(vec![Event::Held(Held {
        hold_id: hold.hold_id,
        kind: HoldKind::ThirdParty,
        reason: hold.reason.clone(),
        question_message_id: None,
        vendor_id: Some(hold.vendor_id.clone()),
        expected_by: Some(hold.expected_by),
    })])
}

pub(super) fn taking_over(facts: &Facts, hold_id: HoldId, kind: HoldKind) -> Decision {
    if facts.registered.origin != Origin::Import {
        return Err(Rejection::NotImported);
    }
    Ok(vec![Event::Held(Held {
        hold_id,
        kind,
        reason: String::new(),
        question_message_id: None,
        vendor_id: None,
        expected_by: None,
    })])
}

/// The end of the present wait, if there is one.
pub(super) fn unheld(state: &State, trigger: UnholdTrigger) -> Option<Event> {
    state.hold().map(|hold_id| Event::Unheld { hold_id, trigger })
}

/// Another company has not answered in time: it is our turn, and somebody is told so. Nothing if
/// the time ran for an earlier wait.
pub(super) fn giving_up(state: &State, hold_id: HoldId, task: &NewMessage) -> Vec<Event> {
    if state.hold() != Some(hold_id) {
        return Vec::new();
    }
    let ended = unheld(state, UnholdTrigger::Timeout);
    ended.into_iter().chain([message::task(task)]).collect()
}
