//! What a complaint lacks, and what asking for it does to the time to answer; extensions.
use super::*;
use crate::regime::{
    Extension as LongerTime, Incomplete, IncompleteEffect, NoticeContent, SupplementFailure,
};

const RECEIVED: &str = "2026-06-01T08:00:00Z";
const ASKED: &str = "2026-06-03T08:00:00Z";
const REQUEST: InfoRequestId = InfoRequestId(Uuid::from_u128(600));

fn lacking(effect: IncompleteEffect) -> Terms {
    let mut draft = consumer();
    draft.incomplete = Some(Incomplete {
        supplement: Period::CalendarDays(7),
        effect,
        failure: SupplementFailure::Decided,
    });
    under_law([draft, house()])
}

fn asked(terms: &Terms) -> Given<Clocks> {
    let (request_id, supplement_by) = (REQUEST, date(2026, 6, 10));
    let fact = ComplaintFact::InfoRequested { request_id, supplement_by };
    complaint(terms, RECEIVED, &[CONSUMER]).and(now(terms, ASKED, fact))
}

fn supplied(complete: bool) -> ComplaintFact {
    ComplaintFact::InfoReceived { request_id: REQUEST, complete }
}

fn supplement_end(state: &State) -> Option<&TimerSet> {
    state.timers.iter().find(|timer| timer.kind == TimerKind::SupplementEnd)
}

#[test]
fn a_supplement_keeps_restarts_or_suspends_the_time() {
    let answered = "2026-06-08T20:00:00Z";
    for (effect, complete, last) in [
        (IncompleteEffect::KeepOriginalDate, true, date(2026, 6, 15)),
        (IncompleteEffect::Restart, true, date(2026, 6, 22)),
        // Something is missing still.
        (IncompleteEffect::Restart, false, date(2026, 6, 15)),
        // Five days stood still: 15 + 5 is a Saturday.
        (IncompleteEffect::Suspend, true, date(2026, 6, 22)),
        (IncompleteEffect::Suspend, false, date(2026, 6, 22)),
    ] {
        let terms = lacking(effect);
        let state = asked(&terms).into_state();
        let paused = matches!(by_law(CONSUMER, &state).phase, Phase::Paused { .. });
        assert_eq!(paused, effect == IncompleteEffect::Suspend);
        assert!(matches!(by_law(HOUSE, &state).phase, Phase::Running { .. }));
        let state = asked(&terms).and(now(&terms, answered, supplied(complete))).into_state();
        let clock = by_law(CONSUMER, &state);
        assert_eq!(day(&clock), last, "{effect:?}, {complete}");
        assert!(matches!(clock.phase, Phase::Running { .. }));
        assert_eq!(
            clock.due_at.map(|at| at.as_second()),
            Some(
                crate::calendar::zone("Europe/Warsaw")
                    .unwrap()
                    .to_ambiguous_timestamp(last.at(23, 59, 59, 0))
                    .compatible()
                    .unwrap()
                    .as_second()
            )
        );
        assert_eq!(day(&by_law(HOUSE, &state)), date(2026, 6, 11));
    }
}

#[test]
fn a_wait_that_suspends_is_told_as_a_pause_and_a_new_last_day() {
    let terms = lacking(IncompleteEffect::Suspend);
    let clock = by_law(CONSUMER, &asked(&terms).into_state());
    let events = asked(&terms).when(now(&terms, "2026-06-08T20:00:00Z", supplied(true)));
    let events = events.into_events();
    let resumed = events
        .iter()
        .any(|event| matches!(event, Event::Resumed { clock_id, .. } if *clock_id == clock.id));
    assert!(resumed, "{events:?}");
    let change = events.iter().find_map(|event| match event {
        Event::Retargeted(change) => Some(change),
        _ => None,
    });
    let change = change.unwrap();
    assert_eq!((change.cause, change.clock_id), (RetargetCause::Supplement, clock.id));
    assert_eq!(change.old_last_day, Some(date(2026, 6, 15)));
    assert_eq!(change.safe_due_at, Some(at("2026-06-19T15:00:00Z")));
}

#[test]
fn the_time_to_supply_has_a_timer_and_its_end_ends_the_wait() {
    let terms = lacking(IncompleteEffect::Suspend);
    let state = asked(&terms).into_state();
    let timer = supplement_end(&state).unwrap();
    assert_eq!(timer.subject_ref, Some(REQUEST.0));
    assert_eq!(timer.wait, Wait::LastDay(date(2026, 6, 10)));
    assert_eq!(timer.basis, Basis::Regime { code: CONSUMER.into(), version: 1 });
    // The first instant of the eleventh.
    assert_eq!(timer.fires_at, at("2026-06-10T22:00:00Z"));
    let over = ComplaintFact::SupplementEnded { request_id: REQUEST };
    let state = asked(&terms).and(now(&terms, "2026-06-10T22:00:00Z", over)).into_state();
    // From the third to the eleventh.
    assert_eq!(day(&by_law(CONSUMER, &state)), date(2026, 6, 23));
}

#[test]
fn an_answer_in_full_ends_the_timer_and_another_question_takes_its_place() {
    let terms = lacking(IncompleteEffect::KeepOriginalDate);
    let answer = |complete| {
        let state = asked(&terms).and(now(&terms, "2026-06-04T08:00:00Z", supplied(complete)));
        supplement_end(&state.into_state()).is_some()
    };
    assert!(!answer(true) && answer(false));
    let request_id = InfoRequestId(Uuid::from_u128(602));
    let supplement_by = date(2026, 6, 12);
    let again = ComplaintFact::InfoRequested { request_id, supplement_by };
    let state = asked(&terms).and(now(&terms, "2026-06-05T08:00:00Z", again)).into_state();
    assert_eq!(state.timers.len(), 1);
    assert_eq!(supplement_end(&state).unwrap().wait, Wait::LastDay(supplement_by));
}

#[test]
fn a_decision_waits_for_the_customer_no_more() {
    let terms = lacking(IncompleteEffect::Suspend);
    let decided = now(&terms, "2026-06-05T08:00:00Z", decided(false, &[]));
    let state = asked(&terms).and(decided).into_state();
    let clock = by_law(CONSUMER, &state);
    assert!(matches!(clock.phase, Phase::Running { .. }));
    assert_eq!(day(&clock), date(2026, 6, 17));
    assert!(state.timers.is_empty());
}

/// The wait for what is missing, which intake calls by the request.
const WAIT: HoldId = HoldId(REQUEST.0);

/// The customer was asked, and the ticket waits.
fn waiting(terms: &Terms) -> Given<Clocks> {
    let held = Fact::Held { hold_id: WAIT, kind: HoldKind::Customer, expected_by: None };
    asked(terms).and(under(terms, ASKED, held))
}

#[test]
fn whoever_is_asked_for_what_is_missing_is_reminded_like_anybody() {
    let terms = lacking(IncompleteEffect::KeepOriginalDate);
    let state = waiting(&terms).into_state();
    let kinds: Vec<TimerKind> = state.timers.iter().map(|timer| timer.kind).collect();
    let reminder = TimerKind::CustomerReminder;
    let expected = [TimerKind::SupplementEnd, reminder, reminder, TimerKind::NoReplyResolve];
    assert_eq!(kinds, expected);
    // Told again, the same wait sets nothing.
    let held = Fact::Held { hold_id: WAIT, kind: HoldKind::Customer, expected_by: None };
    waiting(&terms).when(under(&terms, "2026-06-03T08:01:00Z", held)).then_nothing();
    // A reminder names the day by which what is missing is wanted.
    let first = state.timers[1].clone();
    let ring = Command::Fire { id: first.timer_id.0, what: What::Timer, now: first.fires_at };
    let fired = waiting(&terms).when(ring).into_events();
    let [Event::TimerFired { wait_until, .. }] = &fired[..] else { panic!("{fired:?}") };
    assert_eq!(*wait_until, Some(at("2026-06-10T21:59:59.999Z")));
}

#[test]
fn any_answer_ends_the_wait_and_not_the_time_to_supply() {
    let terms = lacking(IncompleteEffect::Suspend);
    let before = by_law(CONSUMER, &waiting(&terms).into_state());
    let answered = under(&terms, "2026-06-04T08:00:00Z", Fact::Unheld { hold_id: WAIT });
    let state = waiting(&terms).and(answered).into_state();
    // Nobody has said that the complaint is complete: its law still waits.
    assert_eq!(by_law(CONSUMER, &state), before);
    let kinds: Vec<TimerKind> = state.timers.iter().map(|timer| timer.kind).collect();
    assert_eq!(kinds, [TimerKind::SupplementEnd]);
    let complete = now(&terms, "2026-06-08T20:00:00Z", supplied(true));
    let answered = under(&terms, "2026-06-04T08:00:00Z", Fact::Unheld { hold_id: WAIT });
    let state = waiting(&terms).and(answered).and(complete).into_state();
    let clock = by_law(CONSUMER, &state);
    assert_eq!((day(&clock), clock.breach), (date(2026, 6, 22), None));
    assert!(state.timers.is_empty());
}

#[test]
fn news_while_a_complaint_is_suspended_come_in_time_all_the_same() {
    let terms = lacking(IncompleteEffect::Suspend);
    let told = Fact::MessageAdded { kind: MessageKind::Update, channel: Channel::Email };
    let state = asked(&terms).and(under(&terms, "2026-06-03T09:00:00Z", told)).into_state();
    let round = state.latest(ClockKind::PeriodicUpdate).unwrap();
    assert!(matches!(round.phase, Phase::Running { .. }));
}

/// ST6: 30 days from Friday, 2 October 2026, or 60.
fn extended(last: Date) -> Given<Clocks> {
    let terms = law();
    let open = complaint(&terms, "2026-10-02T08:00:00Z", &[FINANCIAL, CONSUMER]);
    let fact = ComplaintFact::Extended { new_last_day: last, notice_message_id: NOTICE };
    open.and(now(&terms, "2026-10-30T08:00:00Z", fact))
}

fn left(time: &str) -> ComplaintFact {
    notice(false, time)
}

#[test]
fn a_notice_that_leaves_in_time_gives_the_whole_time_from_receipt() {
    let terms = law();
    let last = "2026-11-02T22:59:59.999Z";
    let open = || extended(date(2026, 12, 1));
    // Nobody has been told anything yet.
    assert_eq!(day(&by_law(FINANCIAL, &open().into_state())), date(2026, 11, 2));
    let events = open().when(now(&terms, "2026-11-03T08:00:00Z", left(last))).into_events();
    let changed = events.iter().filter_map(|event| match event {
        Event::Retargeted(change) => Some((change.at, change.cause, change.old_last_day)),
        _ => None,
    });
    let expected = (at(last), RetargetCause::Extension, Some(date(2026, 11, 2)));
    assert_eq!(changed.collect::<Vec<_>>(), [expected]);
    let state = open().and(now(&terms, last, left(last))).into_state();
    let clock = by_law(FINANCIAL, &state);
    assert_eq!((day(&clock), clock.started_at), (date(2026, 12, 1), at("2026-10-02T08:00:00Z")));
    // The law that knows no extension goes on as it is.
    assert_eq!(day(&by_law(CONSUMER, &state)), date(2026, 10, 16));
    // Other messages are no notice.
    let message_id = MessageId(Uuid::nil());
    let other = ComplaintFact::MessageTold { message_id, delivered: false, at: at(last) };
    open().when(now(&terms, last, other)).then_nothing();
}

#[test]
fn a_notice_that_leaves_too_late_extends_nothing() {
    let terms = law();
    let late = "2026-11-02T23:00:00Z";
    let state = extended(date(2026, 12, 1)).and(now(&terms, late, left(late))).into_state();
    assert_eq!(day(&by_law(FINANCIAL, &state)), date(2026, 11, 2));
}

#[test]
fn a_notice_whose_proof_comes_late_takes_the_breach_back() {
    let terms = law();
    let state = extended(date(2026, 12, 1)).into_state();
    let fired = due(&state, FINANCIAL, "2026-11-02T23:00:00.999Z");
    let fired = Clocks::decide(&state, &fired).unwrap();
    let state = fired.iter().fold(state, Clocks::evolve);
    assert!(by_law(FINANCIAL, &state).breach.is_some());
    let proof = now(&terms, "2026-11-05T08:00:00Z", left("2026-10-30T08:00:05Z"));
    let events = Clocks::decide(&state, &proof).unwrap();
    let state = events.iter().fold(state, Clocks::evolve);
    let clock = by_law(FINANCIAL, &state);
    assert_eq!((day(&clock), clock.breach), (date(2026, 12, 1), None));
    assert!(due_timers(&state).iter().any(|timer| timer.id == clock.id.0));
}

#[test]
fn where_the_law_wants_it_to_arrive_a_notice_that_left_extends_nothing() {
    let mut accessibility = financial();
    accessibility.code = "PL_ACCESSIBILITY".into();
    accessibility.met_by = MetBy::Delivered;
    let terms = under_law([accessibility, financial()]);
    let fact =
        ComplaintFact::Extended { new_last_day: date(2026, 12, 1), notice_message_id: NOTICE };
    let time = "2026-10-30T08:00:00Z";
    let codes = [FINANCIAL, "PL_ACCESSIBILITY"];
    let open = || {
        let open = complaint(&terms, "2026-10-02T08:00:00Z", &codes);
        open.and(now(&terms, time, fact.clone())).and(now(&terms, time, left(time)))
    };
    let days = |state: State| codes.map(|code| day(&by_law(code, &state)));
    let (base, longer) = (date(2026, 11, 2), date(2026, 12, 1));
    assert_eq!(days(open().into_state()), [longer, base]);
    for (arrived, last_day) in
        [("2026-11-02T22:59:59.999Z", longer), ("2026-11-02T23:00:00Z", base)]
    {
        let state = open().and(now(&terms, arrived, notice(true, arrived))).into_state();
        assert_eq!(days(state), [longer, last_day], "{arrived}");
    }
    // What arrived had left.
    let posted = complaint(&terms, "2026-10-02T08:00:00Z", &codes).and(now(&terms, time, fact));
    let state = posted.and(now(&terms, time, notice(true, time))).into_state();
    assert_eq!(days(state), [longer, longer]);
}

#[test]
fn the_day_the_customer_was_told_is_the_safe_one() {
    let mut draft = financial();
    draft.extension = Some(LongerTime {
        total: Some(Period::CalendarDays(60)),
        require: vec![NoticeContent::NewDate],
    });
    let terms = under_law([draft]);
    let fact =
        ComplaintFact::Extended { new_last_day: date(2026, 11, 20), notice_message_id: NOTICE };
    let time = "2026-10-30T08:00:00Z";
    let state = complaint(&terms, "2026-10-02T08:00:00Z", &[FINANCIAL])
        .and(now(&terms, time, fact))
        .and(now(&terms, time, left(time)))
        .into_state();
    let clock = by_law(FINANCIAL, &state);
    assert_eq!(day(&clock), date(2026, 12, 1));
    assert_eq!(clock.safe_due_at, Some(at("2026-11-20T16:00:00Z")));
}
