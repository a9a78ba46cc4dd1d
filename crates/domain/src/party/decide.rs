//! The rules of a party.
use jiff::civil::Date;

use super::command::{Command, Erase, Merge, Rejection, Restrict};
use super::event::{
    Erased, Event, LegalHold, LegalHoldChanged, Merged, Preference, Profile, Restriction,
    RestrictionChanged,
};
use super::{Facts, Kept, State};
use crate::ids::PartyId;

type Decision = Result<Vec<Event>, Rejection>;

pub(super) fn decide(state: &State, command: &Command) -> Decision {
    match (state, command) {
        (State::Absent, Command::Register(registered)) => {
            Ok(vec![Event::Registered(registered.clone())])
        }
        // A requester who wrote by mail is known from tickets only.
        (State::Absent, Command::Erase(erase)) if erase.tickets > 0 => erasing(None, erase),
        (State::Absent, Command::Restrict(restrict)) if restrict.tickets > 0 => {
            restricting(None, restrict)
        }
        (State::Absent, Command::SetLegalHold { hold, tickets: 1.., today }) => {
            holding(None, hold, *today)
        }
        (State::Absent, _) => Err(Rejection::NotRegistered),
        (State::Unregistered(known), command) => of_unregistered(known, command),
        (_, Command::Register(_)) => Err(Rejection::AlreadyRegistered),
        (State::Erased(_), Command::Erase(erase)) if erase.sealed == 0 => Ok(Vec::new()),
        // A ticket may have come for it since, or gone on.
        (State::Erased(_), Command::Erase(erase)) => erasing(None, erase),
        (State::Erased(_), _) => Err(Rejection::Erased),
        (State::Alias(_, into), Command::Merge(merge)) if merge.into == *into => Ok(Vec::new()),
        // Also not erased: it goes with the party that lives on, whose hold keeps its data, too.
        (State::Alias(_, into), _) => Err(Rejection::Merged { into: *into }),
        (State::Live(facts), command) => of_live(facts, command),
    }
}

/// Of a requester known from tickets only.
fn of_unregistered(known: &Kept, command: &Command) -> Decision {
    let (hold, restriction) = (known.hold.as_ref(), known.restriction.as_ref());
    match command {
        Command::Register(_) => Err(Rejection::AlreadyRegistered),
        Command::SetLegalHold { hold: wanted, today, .. } => holding(hold, wanted, *today),
        Command::LiftLegalHold { basis } => Ok(letting_go(hold, basis)),
        Command::Restrict(restrict) => restricting(restriction, restrict),
        Command::LiftRestriction { party_id, basis } => Ok(lifting(restriction, *party_id, basis)),
        Command::Erase(erase) => erasing(hold, erase),
        Command::Update(_)
        | Command::UpdateAllButNeeds(_)
        | Command::SetPreference(_)
        | Command::Merge(_) => Err(Rejection::NotRegistered),
    }
}

fn of_live(facts: &Facts, command: &Command) -> Decision {
    match command {
        Command::Register(_) => Err(Rejection::AlreadyRegistered),
        Command::Update(profile) => updating(facts, profile.clone()),
        Command::UpdateAllButNeeds(profile) => {
            let accessibility = facts.profile.accessibility.clone();
            updating(facts, Profile { accessibility, ..profile.clone() })
        }
        Command::SetPreference(preference) => preferring(facts, preference),
        Command::Merge(merge) => merging(facts, merge),
        Command::SetLegalHold { hold, today, .. } => holding(facts.hold.as_ref(), hold, *today),
        Command::LiftLegalHold { basis } => Ok(letting_go(facts.hold.as_ref(), basis)),
        Command::Restrict(restrict) => restricting(facts.restriction.as_ref(), restrict),
        Command::LiftRestriction { party_id, basis } => {
            Ok(lifting(facts.restriction.as_ref(), *party_id, basis))
        }
        Command::Erase(erase) => erasing(facts.hold.as_ref(), erase),
    }
}

fn updating(facts: &Facts, profile: Profile) -> Decision {
    if facts.profile == profile {
        return Ok(Vec::new());
    }
    if facts.restriction.is_some() {
        return Err(Rejection::Restricted);
    }
    Ok(vec![Event::Updated(profile)])
}

fn restricting(known: Option<&Restriction>, restrict: &Restrict) -> Decision {
    if restrict.foreign_request {
        return Err(Rejection::ForeignRequest);
    }
    if known == Some(&restrict.restriction) {
        return Ok(Vec::new());
    }
    let Restriction { basis, request_ticket_id } = restrict.restriction.clone();
    let party_id = restrict.party_id;
    Ok(vec![Event::RestrictionChanged(RestrictionChanged {
        party_id,
        on: true,
        basis,
        request_ticket_id,
    })])
}

fn lifting(known: Option<&Restriction>, party_id: PartyId, basis: &str) -> Vec<Event> {
    let Some(known) = known else { return Vec::new() };
    vec![Event::RestrictionChanged(RestrictionChanged {
        party_id,
        on: false,
        basis: basis.to_owned(),
        request_ticket_id: known.request_ticket_id,
    })]
}

fn preferring(facts: &Facts, preference: &Preference) -> Decision {
    if preference.quiet_hours.is_some_and(|quiet| quiet.from == quiet.to) {
        return Err(Rejection::QuietHoursEmpty);
    }
    let known = facts.preferences.get(&(preference.channel, preference.purpose));
    if known == Some(preference) {
        return Ok(Vec::new());
    }
    Ok(vec![Event::PreferenceChanged(*preference)])
}

fn merging(facts: &Facts, merge: &Merge) -> Decision {
    if merge.into == facts.party_id {
        return Err(Rejection::IntoItself);
    }
    if facts.age() < (merge.into_registered_at, merge.into) {
        return Err(Rejection::IntoYounger);
    }
    if facts.hold.as_ref().is_some_and(|hold| hold.holds_on(merge.today)) {
        return Err(Rejection::UnderLegalHold);
    }
    if facts.restriction.is_some() {
        return Err(Rejection::Restricted);
    }
    Ok(vec![Event::Merged(Merged {
        from: facts.party_id,
        into: merge.into,
        basis: merge.basis.clone(),
    })])
}

fn holding(known: Option<&LegalHold>, hold: &LegalHold, today: Date) -> Decision {
    if !hold.holds_on(today) {
        return Err(Rejection::HoldInThePast);
    }
    if known == Some(hold) {
        return Ok(Vec::new());
    }
    let LegalHold { basis, until } = hold.clone();
    Ok(vec![Event::LegalHoldChanged(LegalHoldChanged { on: true, basis, until })])
}

fn letting_go(known: Option<&LegalHold>, basis: &str) -> Vec<Event> {
    let lifted = LegalHoldChanged { on: false, basis: basis.to_owned(), until: None };
    known.map(|_| Event::LegalHoldChanged(lifted)).into_iter().collect()
}

fn erasing(hold: Option<&LegalHold>, erase: &Erase) -> Decision {
    if erase.foreign_request {
        return Err(Rejection::ForeignRequest);
    }
    if hold.is_some_and(|hold| hold.holds_on(erase.today)) {
        return Err(Rejection::UnderLegalHold);
    }
    if let Some(held) = erase.held {
        return Err(Rejection::OtherUnderLegalHold { held });
    }
    if erase.open_tickets > 0 {
        return Err(Rejection::OpenTickets(erase.open_tickets));
    }
    if let Some(until) = erase.retained_until
        && erase.today <= until
    {
        return Err(Rejection::Retention(until));
    }
    Ok(vec![Event::Erased(Erased {
        party_id: erase.party_id,
        basis: erase.basis.clone(),
        request_ticket_id: erase.request_ticket_id,
        retained: erase.retained.clone(),
    })])
}
