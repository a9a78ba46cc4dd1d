//! What a party does and never does.
#![allow(clippy::unwrap_used)]
mod properties;

use jiff::Timestamp;
use jiff::civil::{Date, date, time};
use uuid::Uuid;

use super::*;
use crate::identity::{ConsumerStatus, ContactPoint, ContactPointKind};
use crate::ids::{Personal, TicketId};
use crate::quiet_hours::QuietHours;
use crate::spec::{Given, given};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + second).unwrap()
}

fn id(n: u128) -> PartyId {
    PartyId(Uuid::from_u128(n))
}

fn today() -> Date {
    date(2026, 6, 9)
}

fn profile(name: &str) -> Profile {
    Profile {
        kind: PartyKind::Person,
        consumer_status: ConsumerStatus::Consumer,
        name: Some(Personal(name.to_owned())),
        segment: "retail".to_owned(),
        vip: false,
        language: "pl".to_owned(),
        register: Register::Plain,
        time_zone: "Europe/Warsaw".to_owned(),
        contact_points: vec![ContactPoint {
            kind: ContactPointKind::Email,
            value: Personal("anna@example.org".to_owned()),
        }],
        accessibility: None,
        external_refs: vec![ExternalRef { system: "crm".to_owned(), id: "4711".to_owned() }],
    }
}

/// Party `n`, registered at second `n`.
fn registered(n: u32) -> Registered {
    Registered {
        party_id: id(n.into()),
        registered_at: at(n.into()),
        profile: profile("Anna Nowak"),
    }
}

fn known() -> Given<Party> {
    given([Event::Registered(registered(5))])
}

fn merge(into: u32) -> Command {
    Command::Merge(Merge {
        into: id(into.into()),
        into_registered_at: at(into.into()),
        basis: "same customer number".to_owned(),
        today: today(),
    })
}

fn merged() -> Event {
    let basis = "same customer number".to_owned();
    Event::Merged(Merged { from: id(5), into: id(1), basis })
}

fn hold(until: Option<Date>) -> Command {
    held_with(until, 0)
}

fn held_with(until: Option<Date>, tickets: u64) -> Command {
    let hold = LegalHold { basis: "claim 7/2026".to_owned(), until };
    Command::SetLegalHold { hold, tickets, today: today() }
}

fn held(until: Option<Date>) -> Event {
    let basis = "claim 7/2026".to_owned();
    Event::LegalHoldChanged(LegalHoldChanged { on: true, basis, until })
}

fn erase() -> Erase {
    Erase {
        party_id: id(5),
        basis: "request of the data subject".to_owned(),
        request_ticket_id: None,
        foreign_request: false,
        retained: vec!["INVOICES".to_owned()],
        tickets: 0,
        sealed: 0,
        open_tickets: 0,
        held: None,
        retained_until: None,
        today: today(),
    }
}

fn erased() -> Event {
    Event::Erased(Erased {
        party_id: id(5),
        basis: "request of the data subject".to_owned(),
        request_ticket_id: None,
        retained: vec!["INVOICES".to_owned()],
    })
}

fn preference(quiet_hours: Option<QuietHours>) -> Preference {
    Preference {
        channel: Channel::Sms,
        purpose: PreferencePurpose::Survey,
        allowed: false,
        quiet_hours,
    }
}

#[test]
fn it_is_registered_once() {
    let register = || Command::Register(registered(5));
    given::<Party>([]).when(register()).then([Event::Registered(registered(5))]);
    known().when(register()).then_rejected(Rejection::AlreadyRegistered);
    given::<Party>([])
        .when(Command::Update(profile("Anna")))
        .then_rejected(Rejection::NotRegistered);
}

#[test]
fn an_update_replaces_the_profile_and_a_repeated_one_changes_nothing() {
    let update = || Command::Update(profile("Anna Nowak-Kowalska"));
    known().when(update()).then([Event::Updated(profile("Anna Nowak-Kowalska"))]);
    known().and(update()).when(update()).then_nothing();
    let state = known().when(update()).into_state();
    assert_eq!(state.facts().unwrap().profile, profile("Anna Nowak-Kowalska"));
}

#[test]
fn a_preference_is_of_one_channel_and_purpose() {
    let night = QuietHours { from: time(22, 0, 0, 0), to: time(7, 0, 0, 0) };
    let set = |quiet| Command::SetPreference(preference(quiet));
    known().when(set(Some(night))).then([Event::PreferenceChanged(preference(Some(night)))]);
    known().and(set(None)).when(set(None)).then_nothing();
    let state = known().and(set(Some(night))).when(set(None)).into_state();
    assert_eq!(state.facts().unwrap().preferences.len(), 1);
    let none = QuietHours { from: night.from, to: night.from };
    known().when(set(Some(none))).then_rejected(Rejection::QuietHoursEmpty);
}

#[test]
fn it_is_merged_into_an_older_party_only() {
    known().when(merge(1)).then([merged()]);
    known().when(merge(9)).then_rejected(Rejection::IntoYounger);
    known().when(merge(5)).then_rejected(Rejection::IntoItself);
}

#[test]
fn twins_are_merged_one_way_only() {
    let into = |n: u128| {
        Command::Merge(Merge {
            into: id(n),
            into_registered_at: at(5),
            basis: "twins".to_owned(),
            today: today(),
        })
    };
    known().when(into(6)).then_rejected(Rejection::IntoYounger);
    assert_eq!(known().when(into(4)).into_events().len(), 1);
}

#[test]
fn what_a_party_needs_stays_where_whoever_changes_the_rest_does_not_see_it() {
    let needs =
        |text: &str| Profile { accessibility: Some(Personal(text.to_owned())), ..profile("Anna") };
    let known = || known().and(Command::Update(needs("large print")));
    let blind = |profile| Command::UpdateAllButNeeds(profile);
    known().when(blind(profile("Anna"))).then_nothing();
    let renamed = Profile { name: profile("Maria").name, ..needs("large print") };
    known().when(blind(profile("Maria"))).then([Event::Updated(renamed)]);
    known().when(Command::Update(profile("Anna"))).then([Event::Updated(profile("Anna"))]);
}

#[test]
fn an_alias_says_where_the_party_lives_on() {
    let alias = || given::<Party>([Event::Registered(registered(5)), merged()]);
    alias().when(merge(1)).then_nothing();
    for command in [Command::Update(profile("Anna")), merge(2), hold(None)] {
        alias().when(command).then_rejected(Rejection::Merged { into: id(1) });
    }
}

#[test]
fn an_alias_is_erased_with_the_party_that_lives_on_alone() {
    let alias = given::<Party>([Event::Registered(registered(5)), merged()]);
    let erase = Erase { tickets: 1, sealed: 2, ..erase() };
    alias.when(Command::Erase(erase)).then_rejected(Rejection::Merged { into: id(1) });
}

#[test]
fn a_legal_hold_keeps_the_data() {
    known().when(hold(None)).then([held(None)]);
    for until in [None, Some(date(2026, 6, 9)), Some(date(2030, 1, 1))] {
        known()
            .and(hold(until))
            .when(Command::Erase(erase()))
            .then_rejected(Rejection::UnderLegalHold);
        known().and(hold(until)).when(merge(1)).then_rejected(Rejection::UnderLegalHold);
    }
    known().when(hold(Some(date(2026, 6, 8)))).then_rejected(Rejection::HoldInThePast);
    known().and(hold(None)).when(hold(None)).then_nothing();
}

#[test]
fn a_hold_that_is_over_or_lifted_keeps_nothing() {
    let lift = || Command::LiftLegalHold { basis: "claim settled".to_owned() };
    let day_after = Erase { today: date(2026, 6, 10), ..erase() };
    known().and(hold(Some(today()))).when(Command::Erase(day_after)).then([erased()]);
    known().and(hold(None)).and(lift()).when(Command::Erase(erase())).then([erased()]);
    known().when(lift()).then_nothing();
}

#[test]
fn a_hold_of_whoever_asked_in_the_same_ticket_keeps_the_data() {
    let shared = || Command::Erase(Erase { held: Some(id(9)), tickets: 1, sealed: 1, ..erase() });
    let refused = || Rejection::OtherUnderLegalHold { held: id(9) };
    known().when(shared()).then_rejected(refused());
    given::<Party>([]).when(shared()).then_rejected(refused());
    given::<Party>([erased()]).when(shared()).then_rejected(refused());
}

#[test]
fn a_request_of_somebody_else_proves_nothing() {
    let foreign = || Erase { foreign_request: true, tickets: 1, sealed: 1, ..erase() };
    let alias = [Event::Registered(registered(5)), merged()];
    for party in [vec![], alias[..1].to_vec(), vec![erased()]] {
        let party = given::<Party>(party);
        party.when(Command::Erase(foreign())).then_rejected(Rejection::ForeignRequest);
    }
    let restriction = Restriction { request_ticket_id: Some(TicketId(id(9).0)), ..restriction() };
    let (foreign_request, tickets) = (true, 1);
    let restrict = || {
        let restriction = restriction.clone();
        Command::Restrict(Restrict { party_id: id(5), restriction, foreign_request, tickets })
    };
    known().when(restrict()).then_rejected(Rejection::ForeignRequest);
    given::<Party>([]).when(restrict()).then_rejected(Rejection::ForeignRequest);
    // Which of its parties it is comes first.
    let rejection = Rejection::Merged { into: id(1) };
    given::<Party>(alias).when(restrict()).then_rejected(rejection);
}

#[test]
fn open_matters_and_retention_keep_the_data() {
    let erase = |open_tickets, retained_until| {
        Command::Erase(Erase { open_tickets, retained_until, ..erase() })
    };
    known().when(erase(2, None)).then_rejected(Rejection::OpenTickets(2));
    known().when(erase(0, Some(today()))).then_rejected(Rejection::Retention(today()));
    known().when(erase(0, Some(date(2026, 6, 8)))).then([erased()]);
}

#[test]
fn a_requester_who_was_never_registered_is_erased_if_there_are_tickets() {
    let erase = |tickets, open_tickets| Command::Erase(Erase { tickets, open_tickets, ..erase() });
    let nobody = || given::<Party>([]);
    nobody().when(erase(0, 0)).then_rejected(Rejection::NotRegistered);
    nobody().when(erase(2, 1)).then_rejected(Rejection::OpenTickets(1));
    nobody().when(erase(2, 0)).then([erased()]);
    let gone = given::<Party>([erased()]);
    gone.when(Command::Register(registered(5))).then_rejected(Rejection::AlreadyRegistered);
}

#[test]
fn nothing_is_known_of_an_erased_party() {
    let gone = || given::<Party>([Event::Registered(registered(5)), erased()]);
    let state = gone().when(Command::Erase(erase())).into_state();
    assert_eq!(state.facts(), None);
    assert!(!format!("{state:?}").contains("retail"));
    for command in [Command::Update(profile("Anna")), merge(1), hold(None)] {
        gone().when(command).then_rejected(Rejection::Erased);
    }
    gone().when(Command::Register(registered(5))).then_rejected(Rejection::AlreadyRegistered);
}

fn restriction() -> Restriction {
    Restriction { basis: "accuracy contested".to_owned(), request_ticket_id: None }
}

fn restrict(tickets: u64) -> Command {
    let (restriction, foreign_request) = (restriction(), false);
    Command::Restrict(Restrict { party_id: id(5), restriction, foreign_request, tickets })
}

fn lift_restriction() -> Command {
    Command::LiftRestriction { party_id: id(5), basis: "verified".to_owned() }
}

fn restricted(on: bool) -> Event {
    let basis = if on { "accuracy contested" } else { "verified" }.to_owned();
    let (party_id, request_ticket_id) = (id(5), None);
    Event::RestrictionChanged(RestrictionChanged { party_id, on, basis, request_ticket_id })
}

#[test]
fn what_may_not_be_erased_is_restricted_until_it_is_lifted_or_erased() {
    let held = || known().and(hold(None));
    held().when(Command::Erase(erase())).then_rejected(Rejection::UnderLegalHold);
    held().when(restrict(0)).then([restricted(true)]);
    let kept = || held().and(restrict(0));
    kept().when(restrict(0)).then_nothing();
    for command in [Command::Update(profile("Anna")), merge(1)] {
        let lifted = || kept().and(Command::LiftLegalHold { basis: "settled".to_owned() });
        lifted().when(command).then_rejected(Rejection::Restricted);
    }
    kept().when(Command::SetPreference(preference(None))).into_events();
    kept().when(lift_restriction()).then([restricted(false)]);
    known().when(lift_restriction()).then_nothing();
    let lifted = kept().when(lift_restriction()).into_state();
    assert_eq!((lifted.restriction(), lifted.facts().is_some()), (None, true));
    let over = kept().and(Command::LiftLegalHold { basis: "settled".to_owned() });
    let gone = over.when(Command::Erase(erase())).into_state();
    assert_eq!(gone.restriction(), None);
    assert!(matches!(gone, State::Erased(_)));
}

#[test]
fn a_requester_who_was_never_registered_is_restricted_if_there_are_tickets() {
    let nobody = || given::<Party>([]);
    nobody().when(restrict(0)).then_rejected(Rejection::NotRegistered);
    nobody().when(lift_restriction()).then_rejected(Rejection::NotRegistered);
    nobody().when(restrict(1)).then([restricted(true)]);
    let kept = || nobody().and(restrict(1));
    assert_eq!(kept().when(restrict(1)).into_state().restriction(), Some(&restriction()));
    for command in [Command::Update(profile("Anna")), merge(1)] {
        kept().when(command).then_rejected(Rejection::NotRegistered);
    }
    let lifted = kept().and(lift_restriction());
    lifted.when(Command::Update(profile("Anna"))).then_rejected(Rejection::NotRegistered);
    let tickets = Erase { tickets: 1, open_tickets: 1, ..erase() };
    kept().when(Command::Erase(tickets.clone())).then_rejected(Rejection::OpenTickets(1));
    kept().when(Command::Erase(Erase { open_tickets: 0, ..tickets })).then([erased()]);
}

#[test]
fn a_requester_who_was_never_registered_is_held_if_there_are_tickets() {
    let nobody = || given::<Party>([]);
    let hold = |tickets| held_with(None, tickets);
    let lift = || Command::LiftLegalHold { basis: "settled".to_owned() };
    nobody().when(hold(0)).then_rejected(Rejection::NotRegistered);
    nobody().when(lift()).then_rejected(Rejection::NotRegistered);
    nobody().when(hold(1)).then([held(None)]);
    let gone = Erase { tickets: 1, sealed: 1, ..erase() };
    let erase = || Command::Erase(gone.clone());
    let kept = || nobody().and(hold(1));
    kept().when(hold(1)).then_nothing();
    kept().when(erase()).then_rejected(Rejection::UnderLegalHold);
    kept().and(lift()).when(erase()).then([erased()]);
    // It is held and restricted apart.
    let both = || kept().and(restrict(1));
    both().and(lift_restriction()).when(erase()).then_rejected(Rejection::UnderLegalHold);
    let restricted = both().and(lift()).into_state();
    assert_eq!((restricted.hold(), restricted.restriction()), (None, Some(&restriction())));
    assert_eq!(both().and(lift()).and(lift_restriction()).into_state(), State::Absent);
    let over = nobody().and(held_with(Some(today()), 1));
    let day_after = Erase { today: date(2026, 6, 10), ..gone.clone() };
    over.when(Command::Erase(day_after)).then([erased()]);
}

#[test]
fn what_came_after_an_erasure_is_erased_again() {
    let gone = || given::<Party>([Event::Registered(registered(5)), erased()]);
    gone().when(Command::Erase(erase())).then_nothing();
    let again = Erase { sealed: 1, tickets: 1, ..erase() };
    let open = Erase { open_tickets: 1, ..again.clone() };
    gone().when(Command::Erase(open)).then_rejected(Rejection::OpenTickets(1));
    let kept = Erase { retained_until: Some(today()), ..again.clone() };
    gone().when(Command::Erase(kept)).then_rejected(Rejection::Retention(today()));
    gone().when(Command::Erase(again)).then([erased()]);
    gone().when(restrict(1)).then_rejected(Rejection::Erased);
}

#[test]
fn personal_data_do_not_print() {
    let printed = format!("{:?}", registered(5));
    assert!(!printed.contains("Anna") && !printed.contains("anna@"), "{printed}");
}
