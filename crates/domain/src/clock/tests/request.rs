//! The time that the law gives to answer a request of a data subject.
use super::*;
use crate::calendar::Period;
use crate::ids::{InfoRequestId, MessageId};
use crate::regime::sample::{consumer, house, regime};
use crate::regime::{
    Incomplete, IncompleteEffect, MetBy, Occasion, Rank, Regimes, SilenceEffect, SupplementFailure,
};
use jiff::civil::{Date, date};

/// A Monday.
const RECEIVED: &str = "2026-06-01T08:00:00Z";
/// Wednesday, 1 July 2026, at its end.
const DUE: &str = "2026-07-01T21:59:59.999Z";

/// The regulation beside the law of complaints, which asks for nothing here.
fn law() -> Terms {
    let mut gdpr = consumer();
    gdpr.code = "EU_GDPR_DSR".into();
    (gdpr.scope.occasion, gdpr.scope.rank) = (Occasion::Request, Rank::Special);
    gdpr.scope.subjects = vec!["DATA_SUBJECT_RIGHTS".into()];
    gdpr.scope.consumers.clear();
    gdpr.scope.countries = vec!["EU".into()];
    gdpr.base.period = Period::Months(1);
    gdpr.silence = SilenceEffect::AuthorityComplaint;
    gdpr.met_by = MetBy::Sent;
    gdpr.incomplete = Some(Incomplete {
        supplement: Period::CalendarDays(30),
        effect: IncompleteEffect::Suspend,
        failure: SupplementFailure::Decided,
    });
    let mut regimes = Regimes::default();
    for draft in [gdpr, consumer(), house()] {
        regimes.publish(Arc::new(regime(draft)));
    }
    Terms { regimes: Arc::new(regimes), ..terms() }
}

fn now(time: &str, fact: Fact) -> Command {
    under(&law(), time, fact)
}

fn request() -> Given<Clocks> {
    let facts = facts(RECEIVED, Some(Priority::P3));
    let entitlement = Entitlement::of_type(TicketType::DataSubjectRequest);
    let facts = TicketFacts { entitlement, ..facts };
    given::<Clocks>([]).and(now(RECEIVED, Fact::TicketRegistered(facts)))
}

fn inquiry() -> Given<Clocks> {
    let facts = facts(RECEIVED, Some(Priority::P3));
    given::<Clocks>([]).and(now(RECEIVED, Fact::TicketRegistered(facts)))
}

fn typed(data_subject_request: bool) -> Fact {
    let ticket_type =
        if data_subject_request { TicketType::DataSubjectRequest } else { TicketType::Inquiry };
    Fact::TypeChanged { ticket_type }
}

fn statutory(state: &State) -> Clock {
    state.latest(ClockKind::StatutoryResponse).unwrap().clone()
}

fn day(clock: &Clock) -> Date {
    let Goal::LastDay { day, .. } = clock.goal else { panic!("{:?}", clock.goal) };
    day
}

fn unsolved() -> Fact {
    Fact::Reopened { trigger: ReopenTrigger::Unsolved }
}

#[test]
fn a_request_is_to_be_answered_within_a_month_of_receipt() {
    let state = request().into_state();
    let clock = statutory(&state);
    assert_eq!(clock.basis, Basis::Regime { code: "EU_GDPR_DSR".into(), version: 1 });
    assert_eq!((clock.class, clock.subject_ref), (ClockClass::Statutory, None));
    assert_eq!((clock.started_at, clock.due_at), (at(RECEIVED), Some(at(DUE))));
    assert_eq!(clock.silence, Some(SilenceEffect::AuthorityComplaint));
    assert_eq!(state.live(ClockKind::StatutoryResponse).count(), 1);
    assert!(!state.has_live(ClockKind::InternalResponse));
    // What else was promised is promised all the same.
    assert!(state.has_live(ClockKind::Resolution));
    assert!(!inquiry().into_state().has_live(ClockKind::StatutoryResponse));
}

#[test]
fn what_becomes_a_request_counts_from_receipt_and_what_was_none_was_never_owed() {
    let became = || inquiry().and(now("2026-06-03T08:00:00Z", typed(true)));
    assert_eq!(statutory(&became().into_state()).due_at, Some(at(DUE)));
    became().when(now("2026-06-03T09:00:00Z", typed(true))).then_nothing();
    let late = "2026-07-10T08:00:00Z";
    let state = became().and(now(late, typed(false))).into_state();
    let clock = statutory(&state);
    let outcome = Outcome::Cancelled;
    assert_eq!(clock.phase, Phase::Stopped { at: at(late), outcome });
    assert_eq!(clock.breach, None);
    let again = now("2026-07-10T09:00:00Z", typed(true));
    let state = became().and(now(late, typed(false))).and(again).into_state();
    assert_eq!((statutory(&state).cycle, state.live(ClockKind::StatutoryResponse).count()), (2, 1));
}

#[test]
fn a_request_that_stood_still_when_it_was_taken_for_spam_is_due_on_its_day_again() {
    let asked = request().and(now("2026-06-03T08:00:00Z", held()));
    let spam = asked.and(now("2026-06-04T08:00:00Z", Fact::Closed { reason: CloseReason::Spam }));
    let back = Fact::Reopened { trigger: ReopenTrigger::NotSpam };
    let clock = statutory(&spam.and(now("2026-06-05T08:00:00Z", back)).into_state());
    assert_eq!((clock.due_at, clock.warn_at.len()), (Some(at(DUE)), 3));
}

#[test]
fn what_becomes_a_request_after_its_solution_is_answered_by_proof_as_any_other() {
    let became = || {
        let solved = inquiry().and(now("2026-06-03T08:00:00Z", Fact::Resolved));
        solved.and(now("2026-06-04T08:00:00Z", typed(true)))
    };
    let proof = now("2026-06-05T08:00:00Z", told(true));
    let (at, outcome) = (at("2026-06-05T08:00:00Z"), Outcome::Met);
    let state = became().and(proof.clone()).into_state();
    assert_eq!(statutory(&state).phase, Phase::Stopped { at, outcome });
    // Where the solution was none there is nothing that the customer could be told.
    for trigger in [ReopenTrigger::Unsolved, ReopenTrigger::Appeal, ReopenTrigger::NotSpam] {
        let reopened = now("2026-06-04T09:00:00Z", Fact::Reopened { trigger });
        became().and(reopened).when(proof.clone()).then_nothing();
    }
}

#[test]
fn the_count_of_a_request_tells_the_longer_time_and_the_days_waited_apart() {
    let told = |state: &State| {
        let (count, _) = count(&statutory(state), state, &extendable()).unwrap();
        (count.period, count.waited_days)
    };
    let hold_id = HoldId(uuid::Uuid::from_u128(60));
    let held = || Fact::Held { hold_id, kind: HoldKind::Customer, expected_by: None };
    let known = || longer("2026-06-08T08:00:00Z", Fact::Unheld { hold_id });
    let asked = || request().and(longer("2026-06-03T08:00:00Z", held())).and(known());
    assert_eq!(told(&asked().into_state()), (Some(Period::Months(1)), 5));
    let notice = "2026-06-20T08:00:00Z";
    let (new_last_day, notice_message_id) = (date(2026, 8, 31), id(50));
    let extend = longer(notice, Fact::RequestExtended { new_last_day, notice_message_id });
    let state = extended(notice).and(left(notice, notice, 50)).into_state();
    assert_eq!(told(&state), (Some(Period::Months(3)), 0));
    let state = asked().and(extend).and(left(notice, notice, 50)).into_state();
    assert_eq!(told(&state), (Some(Period::Months(3)), 5));
}

#[test]
fn what_stands_still_until_a_day_keeps_what_was_left() {
    let state = request().and(now("2026-06-21T21:59:59.999Z", held())).into_state();
    let later = at("2026-06-25T08:00:00Z");
    let standing = standing(&statutory(&state), later, &law()).unwrap();
    assert_eq!(standing.remaining, jiff::SignedDuration::from_hours(240));
}

/// There is proof that the customer was told.
fn told(delivered: bool) -> Fact {
    Fact::AnswerTold { delivered, is_solution: false }
}

#[test]
fn a_solution_answers_it_once_there_is_proof_that_the_customer_was_told() {
    let solved = || request().and(now("2026-06-10T08:00:00Z", Fact::Resolved));
    assert!(statutory(&solved().into_state()).is_live());
    let stopped_at = at("2026-06-10T08:00:03Z");
    let outcome = Outcome::Met;
    for delivered in [false, true] {
        let state = solved().and(now("2026-06-10T08:00:03Z", told(delivered))).into_state();
        assert_eq!(statutory(&state).phase, Phase::Stopped { at: stopped_at, outcome });
    }
    // What was said before was no answer, and of another ticket nothing is proved.
    request().when(now("2026-06-05T08:00:00Z", told(true))).then_nothing();
    solved().when(now("2026-06-05T08:00:00Z", told(true))).then_nothing();
    let (delivered, is_solution) = (false, true);
    let solution = Fact::AnswerTold { delivered, is_solution };
    let state = solved().and(now("2026-06-10T07:59:59Z", solution)).into_state();
    assert!(!statutory(&state).is_live(), "another machine's clock may be behind");
    inquiry()
        .and(now("2026-06-10T08:00:00Z", Fact::Resolved))
        .when(now("2026-06-10T08:00:03Z", told(true)))
        .then_nothing();
    // A proof that is learnt late says when it was in time.
    let late = solved().and(Command::Fire {
        id: statutory(&solved().into_state()).id.0,
        what: What::Breach,
        now: at(DUE) + minutes(1),
    });
    let state = late.and(now("2026-06-30T08:00:00Z", told(true))).into_state();
    let clock = statutory(&state);
    assert!(clock.breach.is_some_and(|breach| breach.voided), "{clock:?}");
    assert_eq!(clock.phase, Phase::Stopped { at: at("2026-06-30T08:00:00Z"), outcome });
}

#[test]
fn where_the_law_wants_it_to_arrive_that_it_left_is_no_answer() {
    let mut terms = law();
    let mut gdpr = terms.regimes.version("EU_GDPR_DSR", 1).unwrap().draft().clone();
    gdpr.met_by = MetBy::Delivered;
    let mut regimes = Regimes::default();
    regimes.publish(Arc::new(regime(gdpr)));
    terms.regimes = Arc::new(regimes);
    let facts = facts(RECEIVED, Some(Priority::P3));
    let entitlement = Entitlement::of_type(TicketType::DataSubjectRequest);
    let facts = TicketFacts { entitlement, ..facts };
    let given = || {
        let solved = under(&terms, "2026-06-10T08:00:00Z", Fact::Resolved);
        let registered = under(&terms, RECEIVED, Fact::TicketRegistered(facts.clone()));
        given::<Clocks>([]).and(registered).and(solved)
    };
    given().when(under(&terms, "2026-06-10T08:00:03Z", told(false))).then_nothing();
    let state = given().and(under(&terms, "2026-06-10T08:00:03Z", told(true))).into_state();
    assert!(!statutory(&state).is_live());
}

#[test]
fn a_solution_that_was_none_does_not_answer_it() {
    let solved = || request().and(now("2026-06-10T08:00:00Z", Fact::Resolved));
    let answered = || solved().and(now("2026-06-10T08:00:03Z", told(false)));
    let (stopped_at, outcome) = (at("2026-06-10T08:00:03Z"), Outcome::Met);
    let reopened = || answered().and(now("2026-06-12T08:00:00Z", unsolved()));
    let clock = statutory(&reopened().into_state());
    assert!(matches!(clock.phase, Phase::Running { .. }));
    assert_eq!((clock.due_at, clock.first_outcome), (Some(at(DUE)), Some(outcome)));
    // It has no solution any more that the customer could be told.
    reopened().when(now("2026-06-13T08:00:00Z", told(true))).then_nothing();
    // Who was answered in time and comes back later was answered in time.
    let state = answered().and(now("2026-07-12T08:00:00Z", unsolved())).into_state();
    assert_eq!(statutory(&state).phase, Phase::Stopped { at: stopped_at, outcome });
}

#[test]
fn silence_is_a_breach_that_says_what_the_law_reads_into_it() {
    let clock = statutory(&request().into_state());
    let ring = Command::Fire { id: clock.id.0, what: What::Breach, now: at(DUE) + minutes(1) };
    let events = request().when(ring).into_events();
    let [Event::Breached { cause, silence_effect, .. }] = &events[..] else { panic!("{events:?}") };
    let expected = (BreachCause::Time, Some(SilenceEffect::AuthorityComplaint));
    assert_eq!((*cause, *silence_effect), expected);
}

#[test]
fn the_days_stand_still_while_it_is_in_doubt_who_asks() {
    let asked = |time| now(time, held());
    let known = |time| now(time, Fact::Unheld { hold_id: HOLD });
    let once = || request().and(asked("2026-06-03T08:00:00Z"));
    assert!(matches!(statutory(&once().into_state()).phase, Phase::Paused { hold_id: HOLD, .. }));
    // Five days: the sixth of July is a Monday.
    let once = || once().and(known("2026-06-08T20:00:00Z"));
    assert_eq!(day(&statutory(&once().into_state())), date(2026, 7, 6));
    let twice = once().and(asked("2026-06-10T08:00:00Z")).and(known("2026-06-12T08:00:00Z"));
    let clock = statutory(&twice.into_state());
    assert_eq!((day(&clock), clock.breach), (date(2026, 7, 8), None));
    assert!(matches!(clock.phase, Phase::Running { .. }));
}

#[test]
fn the_days_go_on_when_the_time_to_settle_who_asks_is_over() {
    let asked = || request().and(now("2026-06-03T08:00:00Z", held()));
    let state = asked().into_state();
    let ends: Vec<_> = state.timers.iter().filter(|t| t.kind == TimerKind::SupplementEnd).collect();
    let [end] = &ends[..] else { panic!("{ends:?}") };
    assert_eq!(
        (end.subject_ref, end.wait.clone()),
        (Some(HOLD.0), Wait::LastDay(date(2026, 7, 3)))
    );
    let over =
        Fact::Complaint(ComplaintFact::SupplementEnded { request_id: InfoRequestId(HOLD.0) });
    let late = || {
        let fired = Command::Fire { id: end.timer_id.0, what: What::Timer, now: end.fires_at };
        asked().and(fired).and(now("2026-07-03T22:00:01Z", over.clone()))
    };
    // Thirty-one days, for the fourth of July has begun: the first of August is a Saturday.
    let clock = statutory(&late().into_state());
    assert_eq!(day(&clock), date(2026, 8, 3));
    assert!(matches!(clock.phase, Phase::Running { .. }));
    let known = late().and(now("2026-07-06T08:00:00Z", Fact::Unheld { hold_id: HOLD }));
    assert_eq!(statutory(&known.into_state()), clock, "it runs already");
    // Who answers in time takes the timer back.
    let state =
        asked().and(now("2026-06-08T20:00:00Z", Fact::Unheld { hold_id: HOLD })).into_state();
    assert!(state.timers.iter().all(|timer| timer.kind != TimerKind::SupplementEnd));
}

#[test]
fn spam_is_no_request_and_a_ticket_that_was_none_is_one_again() {
    let spam = || {
        let closed = Fact::Closed { reason: CloseReason::Spam };
        request().and(now("2026-06-02T08:00:00Z", closed))
    };
    assert!(!statutory(&spam().into_state()).is_live());
    let back = Fact::Reopened { trigger: ReopenTrigger::NotSpam };
    let state = spam().and(now("2026-06-05T08:00:00Z", back)).into_state();
    let clock = statutory(&state);
    assert_eq!((clock.is_live(), clock.due_at), (true, Some(at(DUE))));
    // Any other end leaves what the law demands as it is.
    let closed = Fact::Closed { reason: CloseReason::Other };
    let state = request().and(now("2026-06-02T08:00:00Z", closed)).into_state();
    assert!(statutory(&state).is_live());
}

fn id(n: u128) -> MessageId {
    MessageId(uuid::Uuid::from_u128(n))
}

/// The regulation, which lets the answer take three months.
fn extendable() -> Terms {
    let terms = law();
    let mut regimes = Regimes::default();
    for known in terms.regimes.all() {
        let mut draft = known.draft().clone();
        if known.code() == "EU_GDPR_DSR" {
            draft.extension = Some(crate::regime::Extension {
                total: Some(Period::Months(3)),
                require: vec![crate::regime::NoticeContent::Reason],
            });
        }
        regimes.publish(Arc::new(regime(draft)));
    }
    Terms { regimes: Arc::new(regimes), ..terms }
}

fn longer(time: &str, fact: Fact) -> Command {
    under(&extendable(), time, fact)
}

/// A request that is to be answered by the end of August, if the customer is told so in time.
fn extended(time: &str) -> Given<Clocks> {
    let (new_last_day, notice_message_id) = (date(2026, 8, 31), id(50));
    request().and(longer(time, Fact::RequestExtended { new_last_day, notice_message_id }))
}

fn left(noticed: &str, at_: &str, message: u128) -> Command {
    let (message_id, at) = (id(message), at(at_));
    let fact = ComplaintFact::MessageTold { message_id, delivered: false, at };
    longer(noticed, Fact::Complaint(fact))
}

#[test]
fn it_may_take_three_months_from_receipt_once_the_customer_was_told_so_within_the_first() {
    let told = "2026-06-20T08:00:00Z";
    let state = extended(told).into_state();
    assert_eq!(day(&statutory(&state)), date(2026, 7, 1), "nobody was told yet");
    let state = extended(told).and(left(told, told, 50)).into_state();
    let clock = statutory(&state);
    assert_eq!(day(&clock), date(2026, 9, 1));
    // The day that the customer was told is the safe one.
    assert_eq!(clock.safe_due_at.map(|at| at.to_string()), Some("2026-08-31T15:00:00Z".into()));
    extended(told).and(left(told, told, 50)).when(left(told, told, 50)).then_nothing();
    extended(told).when(left(told, told, 51)).then_nothing();
    let late = "2026-07-01T22:00:00Z";
    let state = extended(told).and(left(late, late, 50)).into_state();
    assert_eq!(day(&statutory(&state)), date(2026, 7, 1), "that was too late");
}

#[test]
fn a_notice_that_left_in_time_takes_back_the_breach_that_was_noticed_before_it() {
    let told = "2026-07-01T20:00:00Z";
    let breach = Command::Fire {
        id: statutory(&request().into_state()).id.0,
        what: What::Breach,
        now: at("2026-07-01T22:00:01Z"),
    };
    let late = || extended(told).and(breach.clone());
    assert!(statutory(&late().into_state()).breach.is_some_and(|breach| !breach.voided));
    let notice = left("2026-07-01T22:05:00Z", told, 50);
    let events = late().when(notice.clone()).into_events();
    let voided =
        |event: &Event| matches!(event, Event::BreachVoided { reason: VoidReason::LateProof, .. });
    assert!(events.iter().any(voided), "{events:?}");
    let clock = statutory(&late().and(notice).into_state());
    assert_eq!((clock.breach, day(&clock)), (None, date(2026, 9, 1)));
}

#[test]
fn the_days_that_it_stood_still_are_added_to_the_longer_time_too() {
    let hold_id = HoldId(uuid::Uuid::from_u128(60));
    let held = Fact::Held { hold_id, kind: HoldKind::Customer, expected_by: None };
    let asked = || request().and(longer("2026-06-03T08:00:00Z", held.clone()));
    let known = || longer("2026-06-08T08:00:00Z", Fact::Unheld { hold_id });
    let (new_last_day, notice_message_id) = (date(2026, 8, 31), id(50));
    let told = "2026-06-20T08:00:00Z";
    let extend = || longer(told, Fact::RequestExtended { new_last_day, notice_message_id });
    let after = asked().and(known()).and(extend()).and(left(told, told, 50)).into_state();
    assert_eq!(day(&statutory(&after)), date(2026, 9, 7), "five days, to a Sunday, and on");
    // The same while it stands still.
    let extend =
        longer("2026-06-05T08:00:00Z", Fact::RequestExtended { new_last_day, notice_message_id });
    let told = "2026-06-05T08:00:00Z";
    let during = asked().and(extend).and(left(told, told, 50)).and(known()).into_state();
    assert_eq!(day(&statutory(&during)), date(2026, 9, 7));
}
