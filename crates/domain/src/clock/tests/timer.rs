//! What Odzew does by itself when nobody answers.
use super::*;

fn standard() -> Terms {
    promising(Policy::pl_standard())
}

fn now(time: &str, fact: Fact) -> Command {
    under(&standard(), time, fact)
}

fn ticket() -> Given<Clocks> {
    let fact = Fact::TicketRegistered(facts("2026-06-01T08:00:00Z", Some(Priority::P3)));
    given::<Clocks>([]).and(now("2026-06-01T08:00:00Z", fact))
}

/// We ask on Monday, 1 June 2026, at 16:00 in Warsaw.
fn asked() -> Given<Clocks> {
    ticket().and(now("2026-06-01T14:00:00Z", held()))
}

fn solved() -> Given<Clocks> {
    ticket().and(now("2026-06-01T14:00:00Z", Fact::Resolved))
}

fn to_come(state: &State) -> Vec<(TimerKind, u32, Timestamp)> {
    state.timers.iter().map(|timer| (timer.kind, timer.step, timer.fires_at)).collect()
}

fn ring(n: usize, state: &State, time: &str) -> Command {
    Command::Fire { id: state.timers[n].timer_id.0, what: What::Timer, now: at(time) }
}

#[test]
fn a_customer_is_reminded_twice_and_no_longer_waited_for_after_ten_working_days() {
    let state = asked().when(now("2026-06-01T14:00:01Z", Fact::AckSent)).into_state();
    // Thursday the 4th is Corpus Christi.
    let reminder = TimerKind::CustomerReminder;
    let expected = [
        (reminder, 1, at("2026-06-03T14:00:00Z")),
        (reminder, 2, at("2026-06-09T14:00:00Z")),
        (TimerKind::NoReplyResolve, 1, at("2026-06-16T14:00:00Z")),
    ];
    assert_eq!(to_come(&state), expected);
    assert!(state.timers.iter().all(|timer| timer.subject_ref == Some(HOLD.0)));
    let wakes = due_timers(&state).into_iter().filter(|timer| timer.what == What::Timer);
    assert_eq!(wakes.count(), 3);
}

#[test]
fn a_timer_fires_once_with_its_own_instant_however_late() {
    let state = asked().when(now("2026-06-01T14:00:01Z", Fact::AckSent)).into_state();
    let (early, late) = ("2026-06-03T13:59:59.999Z", "2026-06-05T10:00:00Z");
    let due_at = at("2026-06-03T14:00:00Z");
    asked().when(ring(0, &state, early)).then_rejected(Rejection::NotDue { at: due_at });
    let timer = state.timers[0].clone();
    asked().when(ring(0, &state, late)).then([Event::TimerFired {
        timer_id: timer.timer_id,
        ticket_id: TICKET,
        kind: TimerKind::CustomerReminder,
        step: 1,
        subject_ref: Some(HOLD.0),
        due_at,
        fired_at: at(late),
        wait_until: Some(at("2026-06-16T14:00:00Z")),
        no_news: None,
    }]);
    asked().and(ring(0, &state, late)).when(ring(0, &state, late)).then_nothing();
}

#[test]
fn nobody_is_reminded_once_the_wait_is_over() {
    for fact in [
        Fact::Unheld { hold_id: HOLD },
        Fact::Resolved,
        Fact::Closed { reason: CloseReason::Other },
    ] {
        let before = asked().when(now("2026-06-01T14:00:01Z", Fact::AckSent)).into_state();
        let over = || asked().and(now("2026-06-02T08:00:00Z", fact.clone()));
        let state = over().when(now("2026-06-02T08:00:01Z", Fact::AckSent)).into_state();
        let others = [TimerKind::AutoClose, TimerKind::NoNewsUpdate];
        assert!(state.timers.iter().all(|timer| others.contains(&timer.kind)), "{fact:?}");
        over().when(ring(0, &before, "2026-06-03T14:00:00Z")).then_nothing();
    }
}

#[test]
fn another_hold_does_not_end_the_wait() {
    let other = Fact::Unheld { hold_id: HoldId(Uuid::from_u128(6)) };
    asked().when(now("2026-06-02T08:00:00Z", other)).then_nothing();
}

#[test]
fn a_solution_stands_after_five_working_days_without_objection() {
    let state = solved().when(now("2026-06-01T14:00:01Z", Fact::AckSent)).into_state();
    // Of those one is Corpus Christi.
    assert_eq!(to_come(&state), [(TimerKind::AutoClose, 1, at("2026-06-09T14:00:00Z"))]);
    assert_eq!(state.timers[0].basis, Basis::Policy { id: "PL_STANDARD".into(), version: 1 });
}

#[test]
fn a_reopened_ticket_is_not_closed_by_itself_and_counts_anew() {
    for trigger in [ReopenTrigger::Unsolved, ReopenTrigger::Appeal] {
        let reopened = || solved().and(now("2026-06-02T08:00:00Z", Fact::Reopened { trigger }));
        let state = reopened().when(now("2026-06-02T08:00:01Z", Fact::AckSent)).into_state();
        assert!(state.timers.iter().all(|timer| timer.kind == TimerKind::NoNewsUpdate));
        let state = reopened().when(now("2026-06-02T14:00:00Z", Fact::Resolved)).into_state();
        assert_eq!(to_come(&state), [(TimerKind::AutoClose, 1, at("2026-06-10T14:00:00Z"))]);
    }
}

#[test]
fn a_policy_without_timers_leaves_all_of_it_to_people() {
    let asked = monday().when(seen("2026-06-01T14:00:00Z", held())).into_state();
    assert!(asked.timers.is_empty());
}

#[test]
fn timers_that_make_no_sense_are_refused() {
    let refused = |change: fn(&mut Draft)| {
        let mut draft = Policy::pl_standard().draft().clone();
        change(&mut draft);
        Policy::new(draft).unwrap_err()
    };
    let kind = TimerKind::CustomerReminder;
    assert_eq!(refused(|d| d.automations[0].after = Duration::ZERO), PolicyError::TimerWait(kind));
    assert_eq!(
        refused(|d| d.automations[1].calendar = "a b".into()),
        PolicyError::CalendarName("a b".into())
    );
    let again = |d: &mut Draft| d.automations.push(d.automations[0].clone());
    assert!(
        Policy::new({
            let mut draft = Policy::pl_standard().draft().clone();
            (0..3).for_each(|_| again(&mut draft));
            draft
        })
        .is_ok()
    );
    let many = |d: &mut Draft| (0..4).for_each(|_| d.automations.push(d.automations[0].clone()));
    assert_eq!(refused(many), PolicyError::TooManyTimers { kind, limit: 5 });
    let kind = TimerKind::SupplementEnd;
    let of_law = |d: &mut Draft| d.automations[0].kind = TimerKind::SupplementEnd;
    assert_eq!(refused(of_law), PolicyError::TimerOfRegime(kind));
    let twice = |d: &mut Draft| d.automations.push(d.automations[3].clone());
    let kind = TimerKind::AutoClose;
    assert_eq!(refused(twice), PolicyError::TooManyTimers { kind, limit: 1 });
}

const CONTACT: ContactId = ContactId(Uuid::from_u128(15));

fn ended(noted: bool) -> Fact {
    Fact::ContactEnded { contact_id: CONTACT, noted }
}

/// A conversation of Friday, 5 June 2026, 16:00 in Warsaw.
fn spoken() -> Given<Clocks> {
    ticket().and(now("2026-06-05T14:00:00Z", ended(false)))
}

fn missing_notes(state: &State) -> Vec<(Option<Uuid>, Timestamp)> {
    let timers = state.timers.iter().filter(|timer| timer.kind == TimerKind::NoteMissing);
    timers.map(|timer| (timer.subject_ref, timer.fires_at)).collect()
}

#[test]
fn a_conversation_without_a_note_is_missed_a_day_later_whatever_day_that_is() {
    let state = spoken().when(now("2026-06-05T14:00:01Z", Fact::AckSent)).into_state();
    let saturday = at("2026-06-06T14:00:00Z");
    assert_eq!(missing_notes(&state), [(Some(CONTACT.0), saturday)]);
    let n = state.timers.iter().position(|t| t.kind == TimerKind::NoteMissing).unwrap();
    let fired = spoken().when(ring(n, &state, "2026-06-06T14:00:02Z"));
    fired.then([Event::TimerFired {
        timer_id: state.timers[n].timer_id,
        ticket_id: TICKET,
        kind: TimerKind::NoteMissing,
        step: 1,
        subject_ref: Some(CONTACT.0),
        due_at: saturday,
        fired_at: at("2026-06-06T14:00:02Z"),
        wait_until: None,
        no_news: None,
    }]);
}

#[test]
fn a_note_of_the_conversation_is_not_missed() {
    let noted = Fact::ContactNoted { contact_id: CONTACT };
    let state = spoken().when(now("2026-06-06T13:59:59Z", noted.clone())).into_state();
    assert!(missing_notes(&state).is_empty());
    ticket().when(now("2026-06-05T14:00:00Z", ended(true))).then_nothing();
    ticket().when(now("2026-06-05T14:00:00Z", noted)).then_nothing();
    let other = Fact::ContactNoted { contact_id: ContactId(Uuid::from_u128(16)) };
    spoken().when(now("2026-06-05T15:00:00Z", other)).then_nothing();
}

#[test]
fn the_end_of_the_ticket_takes_no_note_along() {
    for fact in [Fact::Resolved, Fact::Closed { reason: CloseReason::Confirmed }] {
        let state = spoken().when(now("2026-06-05T15:00:00Z", fact)).into_state();
        assert_eq!(missing_notes(&state).len(), 1);
    }
}

#[test]
fn a_conversation_of_another_system_is_not_asked_about() {
    let Command::Observe(seen) = now("2026-06-05T14:00:00Z", ended(false)) else { unreachable!() };
    let past = Command::Observe(Observation { historical: true, ..seen });
    ticket().when(past).then_nothing();
}

#[test]
fn no_policy_sets_what_a_contact_sets() {
    let kind = TimerKind::NoteMissing;
    let mut draft = Policy::pl_standard().draft().clone();
    draft.automations[0].kind = kind;
    assert_eq!(Policy::new(draft), Err(PolicyError::TimerOfContact(kind)));
}
