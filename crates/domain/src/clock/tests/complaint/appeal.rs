//! Appeals: who decides them by when, until when they may come, and when a complaint is
//! closed by itself.
use super::*;
use crate::ids::TimerId;
use crate::regime::{Extension as LongerTime, NoticeContent};

const RECEIVED: &str = "2026-06-01T08:00:00Z";
const TOLD: &str = "2026-06-10T08:00:00Z";
const APPEAL: AppealId = AppealId(Uuid::from_u128(800));

/// Decided, told and resolved on Wednesday, 10 June.
fn told(terms: &Terms, code: &str) -> Given<Clocks> {
    complaint(terms, RECEIVED, &[code])
        .and(now(terms, TOLD, decided(false, &[])))
        .and(under(terms, TOLD, Fact::Resolved))
        .and(now(terms, "2026-06-10T08:00:10Z", proved(true, TOLD)))
}

fn appealed(terms: &Terms, time: &str) -> Command {
    now(terms, time, ComplaintFact::AppealFiled { appeal_id: APPEAL, received_at: at(time) })
}

fn to_come(state: &State) -> Vec<(TimerKind, Timestamp)> {
    let mut timers: Vec<_> = state.timers.iter().map(|t| (t.kind, t.fires_at)).collect();
    timers.sort_by_key(|(kind, at)| (*at, *kind));
    timers
}

#[test]
fn the_house_decides_an_appeal_where_no_law_sets_a_time() {
    let terms = law();
    let state = told(&terms, CONSUMER).and(appealed(&terms, "2026-06-15T08:00:00Z")).into_state();
    let clock = state.latest(ClockKind::AppealResponse).unwrap();
    assert_eq!(clock.basis, Basis::Regime { code: "INTERNAL_APPEAL".into(), version: 1 });
    assert_eq!((clock.class, day(clock)), (ClockClass::Internal, date(2026, 6, 29)));
    assert_eq!(clock.subject_ref, Some(APPEAL.0));
    assert_eq!(clock.silence, Some(SilenceEffect::None));
    // The time to appeal is over.
    assert!(state.timers.iter().all(|timer| timer.kind != TimerKind::AppealWindowEnd));
}

#[test]
fn the_time_to_decide_an_appeal_is_longer_once_the_customer_was_told() {
    let mut house = appeals();
    house.extension = Some(LongerTime {
        total: Some(Period::CalendarDays(30)),
        require: vec![NoticeContent::NewDate],
    });
    let terms = under_law([consumer(), house]);
    let (extended, left) = ("2026-06-20T08:00:00Z", "2026-06-20T08:00:05Z");
    let fact =
        ComplaintFact::Extended { new_last_day: date(2026, 7, 10), notice_message_id: NOTICE };
    let open = || {
        told(&terms, CONSUMER).and(appealed(&terms, "2026-06-15T08:00:00Z")).and(now(
            &terms,
            extended,
            fact.clone(),
        ))
    };
    let clock = |state: &State| state.latest(ClockKind::AppealResponse).unwrap().clone();
    assert_eq!(day(&clock(&open().into_state())), date(2026, 6, 29), "nobody was told yet");
    let sent = |time: &str| notice(false, time);
    let state = open().and(now(&terms, left, sent(left))).into_state();
    assert_eq!(day(&clock(&state)), date(2026, 7, 15));
    let (count, _) = count(&clock(&state), &state, &terms).unwrap();
    assert_eq!((count.period, count.waited_days), (Some(Period::CalendarDays(30)), 0));
    assert_eq!(clock(&state).safe_due_at, Some(at("2026-07-10T15:00:00Z")));
    assert_eq!(state.complaint.as_ref().unwrap().extension, None, "that of the complaint");
    // A proof that comes late takes the breach back.
    let late = open().into_state();
    let id = clock(&late).id.0;
    let fire = Command::Fire { id, what: What::Breach, now: at("2026-06-29T22:00:01Z") };
    let state = open().and(fire).and(now(&terms, "2026-07-01T08:00:00Z", sent(left))).into_state();
    assert_eq!((day(&clock(&state)), clock(&state).breach), (date(2026, 7, 15), None));
}

#[test]
fn a_law_that_sets_a_time_reads_its_own_effect_into_silence_on_the_appeal() {
    let mut postal = financial();
    postal.appeal = Appeal {
        allowed: true,
        window: None,
        base: Some(Period::CalendarDays(30)),
        silence: Some(SilenceEffect::DeemedAccepted),
    };
    let terms = under_law([postal, appeals()]);
    let open = || told(&terms, FINANCIAL).and(appealed(&terms, "2026-06-15T08:00:00Z"));
    let state = open().into_state();
    assert_eq!(state.live(ClockKind::AppealResponse).count(), 1);
    let clock = state.latest(ClockKind::AppealResponse).unwrap();
    assert_eq!((clock.class, day(clock)), (ClockClass::Statutory, date(2026, 7, 15)));
    assert_eq!(clock.silence, Some(SilenceEffect::DeemedAccepted));
    let first = by_law(FINANCIAL, &told(&terms, FINANCIAL).into_state());
    // Proof of the first decision answers no appeal; proof of the second one does.
    let later = "2026-07-01T08:00:00Z";
    let state = open().and(now(&terms, later, proved(true, "2026-06-20T08:00:00Z"))).into_state();
    assert!(state.has_live(ClockKind::AppealResponse));
    assert_eq!(ended(state.clock(first.id).unwrap()), Some(Outcome::Met));
    let on_appeal = DecisionId(Uuid::from_u128(502));
    let proof =
        ComplaintFact::Evidenced { decision_id: on_appeal, delivered: false, at: at(later) };
    let state = open()
        .and(now(&terms, "2026-06-30T08:00:00Z", decided(true, &[])))
        .and(now(&terms, later, proof))
        .into_state();
    assert_eq!(ended(state.latest(ClockKind::AppealResponse).unwrap()), Some(Outcome::Met));
}

#[test]
fn a_decision_on_an_appeal_that_goes_by_post_leaves_earlier() {
    let mut postal = financial();
    postal.appeal.base = Some(Period::CalendarDays(30));
    let terms = under_law([postal]);
    let safe = |by_letter| {
        let counting = Counting::from_receipt(at(RECEIVED));
        let ComplaintFact::Opened { complaint_id, regimes, customer, .. } =
            opened(&[FINANCIAL], counting, ConsumerStatus::Consumer)
        else {
            unreachable!()
        };
        let (form, way) = (ReplyForm::Any, ReplyWay { by_letter, filed_on_paper: false });
        let fact = ComplaintFact::Opened { complaint_id, regimes, counting, customer, form, way };
        let registered = Fact::TicketRegistered(facts(RECEIVED, Some(Priority::P3)));
        let state = given::<Clocks>([])
            .and(under(&terms, RECEIVED, registered))
            .and(now(&terms, RECEIVED, fact))
            .and(now(&terms, TOLD, decided(false, &[])))
            .and(appealed(&terms, "2026-06-15T08:00:00Z"))
            .into_state();
        let clock = state.latest(ClockKind::AppealResponse).unwrap();
        assert_eq!(day(clock), date(2026, 7, 15));
        clock.safe_due_at
    };
    assert_eq!(safe(false), Some(at("2026-07-15T15:00:00Z")));
    assert_eq!(safe(true), Some(at("2026-07-10T15:00:00Z")));
}

#[test]
fn nothing_closes_a_complaint_before_the_time_to_appeal_is_over() {
    let terms = law();
    let state = told(&terms, CONSUMER).into_state();
    // Thirty days from when the customer was told, and not five working days.
    let over = at("2026-07-10T22:00:00Z");
    let expected = [(TimerKind::AutoClose, over), (TimerKind::AppealWindowEnd, over)];
    assert_eq!(to_come(&state), expected);
    let basis = Basis::Regime { code: "INTERNAL_APPEAL".into(), version: 1 };
    for timer in &state.timers {
        assert_eq!((&timer.basis, &timer.wait), (&basis, &Wait::LastDay(date(2026, 7, 10))));
    }
    let window = state.timers.iter().find(|t| t.kind == TimerKind::AppealWindowEnd).unwrap();
    assert_eq!(window.subject_ref, Some(DECISION.0));
}

#[test]
fn without_a_time_to_appeal_five_working_days_are_enough() {
    let terms = under_law([consumer(), house()]);
    let state = told(&terms, CONSUMER).into_state();
    assert_eq!(to_come(&state), [(TimerKind::AutoClose, at("2026-06-17T08:00:00Z"))]);
}

#[test]
fn the_later_of_both_closes_it() {
    let mut short = appeals();
    short.filing_window = Some(Period::CalendarDays(2));
    let terms = under_law([consumer(), short]);
    let state = told(&terms, CONSUMER).into_state();
    let expected = [
        (TimerKind::AppealWindowEnd, at("2026-06-12T22:00:00Z")),
        (TimerKind::AutoClose, at("2026-06-17T08:00:00Z")),
    ];
    assert_eq!(to_come(&state), expected);
}

#[test]
fn an_earlier_proof_moves_the_end_and_the_same_again_moves_nothing() {
    let terms = law();
    let later = "2026-06-11T08:00:00Z";
    let sent = now(&terms, later, proved(false, TOLD));
    let open = || {
        complaint(&terms, RECEIVED, &[CONSUMER])
            .and(now(&terms, TOLD, decided(false, &[])))
            .and(under(&terms, TOLD, Fact::Resolved))
            .and(sent.clone())
    };
    let window = |state: State| to_come(&state).last().unwrap().1;
    assert_eq!(window(open().into_state()), at("2026-07-10T22:00:00Z"));
    // It reached the customer a day later, who has a day more.
    let delivered = now(&terms, "2026-06-12T08:00:00Z", proved(true, later));
    let told = || open().and(delivered.clone());
    assert_eq!(window(told().into_state()), at("2026-07-13T22:00:00Z"));
    told().when(delivered.clone()).then_nothing();
    let ids: Vec<TimerId> = told().into_state().timers.iter().map(|t| t.timer_id).collect();
    assert_eq!(ids.len(), 2);
}

#[test]
fn a_complaint_that_is_worked_on_again_is_not_closed_by_itself() {
    let terms = law();
    let reopened =
        under(&terms, "2026-06-15T08:00:00Z", Fact::Reopened { trigger: ReopenTrigger::Appeal });
    let open = || told(&terms, CONSUMER).and(reopened.clone());
    assert!(open().into_state().timers.is_empty());
    // Proof that comes meanwhile sets nothing.
    let proof = now(&terms, "2026-06-16T08:00:00Z", proved(true, "2026-06-09T08:00:00Z"));
    assert!(open().and(proof).into_state().timers.is_empty());
    // Neither does it when the ticket is closed.
    let closed = Fact::Closed { reason: CloseReason::Other };
    let closed = under(&terms, "2026-06-16T08:00:00Z", closed);
    let proof = now(&terms, "2026-06-16T08:00:00Z", proved(true, "2026-06-09T08:00:00Z"));
    assert!(told(&terms, CONSUMER).and(closed).and(proof).into_state().timers.is_empty());
}

#[test]
fn what_could_not_be_closed_is_tried_every_working_day_and_in_the_end_every_week() {
    let terms = law();
    let over = "2026-07-10T22:00:00Z";
    let tried = |step, time: &str| {
        now(&terms, time, ComplaintFact::CloseTried { step, fired_at: at(time) })
    };
    let state = told(&terms, CONSUMER).into_state();
    let close = state.timers.iter().find(|t| t.kind == TimerKind::AutoClose).unwrap();
    let fire = Command::Fire { id: close.timer_id.0, what: What::Timer, now: at(over) };
    let fired = || told(&terms, CONSUMER).and(fire.clone());
    let again = |state: &State| {
        let timers = state.timers.iter().filter(|timer| timer.kind == TimerKind::AutoClose);
        timers.map(|timer| (timer.step, timer.fires_at)).collect::<Vec<_>>()
    };
    // Friday is over: a working day later Monday is.
    let state = fired().and(tried(1, over)).into_state();
    assert_eq!(again(&state), [(2, at("2026-07-13T22:00:00Z"))]);
    fired().and(tried(1, over)).when(tried(1, over)).then_nothing();
    let last = fired().and(tried(29, over)).into_state();
    assert_eq!(again(&last), [(30, at("2026-07-13T22:00:00Z"))]);
    // After six weeks of working days a week later: for ever, if nobody does anything.
    for step in [30, 31, 1_000] {
        let state = fired().and(tried(step, over)).into_state();
        assert_eq!(again(&state), [(step + 1, at("2026-07-17T22:00:00Z"))]);
    }
    let reopened = Fact::Reopened { trigger: ReopenTrigger::Unsolved };
    fired().and(under(&terms, over, reopened)).when(tried(1, over)).then_nothing();
    let closed = Fact::Closed { reason: CloseReason::Other };
    let closed = fired().and(tried(1, over)).and(under(&terms, over, closed)).into_state();
    assert_eq!(again(&closed), []);
}
