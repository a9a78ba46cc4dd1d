//! A customer who has heard nothing is told that there is no news.
use super::*;

fn now(time: &str, fact: Fact) -> Command {
    under(&promising(Policy::pl_standard()), time, fact)
}

fn registered(facts: TicketFacts) -> Given<Clocks> {
    let received_at = facts.received_at.to_string();
    given::<Clocks>([]).and(now(&received_at, Fact::TicketRegistered(facts)))
}

/// A P1 ticket of Monday, 10:00 in Warsaw: news are due every half hour.
fn p1() -> Given<Clocks> {
    registered(facts("2026-06-01T08:00:00Z", Some(Priority::P1)))
}

fn told() -> Fact {
    Fact::MessageAdded { kind: MessageKind::Update, channel: Channel::Email }
}

fn round(n: u32) -> ClockId {
    clock_id(TICKET, ClockKind::PeriodicUpdate, n)
}

/// The timer, if it is set.
fn to_come(state: &State) -> Option<TimerSet> {
    let mut timers = state.timers.iter().filter(|timer| timer.kind == TimerKind::NoNewsUpdate);
    let timer = timers.next().cloned();
    assert!(timers.next().is_none(), "there is one at most");
    timer
}

fn fires_at(given: Given<Clocks>) -> Option<Timestamp> {
    to_come(&given.into_state()).map(|timer| timer.fires_at)
}

fn ring(state: &State, time: &str) -> Command {
    let timer = to_come(state).unwrap();
    Command::Fire { id: timer.timer_id.0, what: What::Timer, now: at(time) }
}

#[test]
fn the_timer_is_set_with_the_clock_and_knows_when_there_would_be_news_again() {
    let timer = to_come(&p1().into_state()).unwrap();
    assert_eq!(timer.fires_at, at("2026-06-01T08:30:00Z"));
    assert_eq!((timer.step, timer.subject_ref), (1, Some(round(1).0)));
    assert_eq!(timer.set_at, at("2026-06-01T08:00:00Z"));
    let Wait::WorkingTime { calendar, after } = timer.wait else { panic!("{:?}", timer.wait) };
    assert_eq!((calendar.id.as_str(), after), ("ALWAYS", minutes(30)));
    let no_news = timer.no_news.unwrap();
    assert_eq!(no_news.silent_since, at("2026-06-01T08:00:00Z"));
    assert_eq!(no_news.next_due_at, Some(at("2026-06-01T09:00:00Z")));
}

#[test]
fn whatever_the_customer_sees_puts_it_off() {
    for fact in [told(), reply()] {
        let timer = to_come(&p1().and(now("2026-06-01T08:12:00Z", fact)).into_state()).unwrap();
        assert_eq!(timer.fires_at, at("2026-06-01T08:42:00Z"));
        assert_eq!(timer.subject_ref, Some(round(2).0));
        assert_eq!(timer.no_news.unwrap().silent_since, at("2026-06-01T08:12:00Z"));
    }
    p1().when(now("2026-06-01T08:12:00Z", inbound())).then_nothing();
}

#[test]
fn it_waits_with_its_clock() {
    let asked = || p1().and(now("2026-06-01T08:10:00Z", held()));
    assert_eq!(fires_at(asked()), None);
    let state =
        asked().and(now("2026-06-01T09:00:00Z", Fact::Unheld { hold_id: HOLD })).into_state();
    let timer = to_come(&state).unwrap();
    assert_eq!(
        (timer.set_at, timer.fires_at),
        (at("2026-06-01T09:00:00Z"), at("2026-06-01T09:20:00Z"))
    );
    assert_eq!(timer.no_news.unwrap().silent_since, at("2026-06-01T08:00:00Z"));
    let Wait::WorkingTime { after, .. } = timer.wait else { panic!("{:?}", timer.wait) };
    assert_eq!(after, minutes(20));
}

#[test]
fn another_priority_moves_it_or_takes_it_away() {
    let p3 = || registered(facts("2026-06-01T08:00:00Z", Some(Priority::P3)));
    assert_eq!(fires_at(p3()), Some(at("2026-06-02T08:00:00Z")));
    let raised = |priority| p3().and(now("2026-06-01T08:10:00Z", raised(priority)));
    assert_eq!(fires_at(raised(Priority::P1)), Some(at("2026-06-01T08:40:00Z")));
    assert_eq!(fires_at(raised(Priority::P4)), None);
}

#[test]
fn nobody_is_told_anything_after_the_solution_until_it_was_none() {
    let solved = || p1().and(now("2026-06-01T08:10:00Z", Fact::Resolved));
    assert_eq!(fires_at(solved()), None);
    let reopened = Fact::Reopened { trigger: ReopenTrigger::Unsolved };
    let reopened = solved().and(now("2026-06-01T09:00:00Z", reopened));
    assert_eq!(fires_at(reopened), Some(at("2026-06-01T09:30:00Z")));
    let closed = Fact::Closed { reason: CloseReason::Other };
    assert_eq!(fires_at(p1().and(now("2026-06-01T08:10:00Z", closed))), None);
}

#[test]
fn it_fires_once_in_a_round_and_the_message_meets_the_clock() {
    let state = p1().into_state();
    let timer = to_come(&state).unwrap();
    let due = "2026-06-01T08:30:00Z";
    let (early, late) = ("2026-06-01T08:29:59.999Z", "2026-06-01T08:30:00.250Z");
    p1().when(ring(&state, early)).then_rejected(Rejection::NotDue { at: at(due) });
    p1().when(ring(&state, late)).then([Event::TimerFired {
        timer_id: timer.timer_id,
        ticket_id: TICKET,
        kind: TimerKind::NoNewsUpdate,
        step: 1,
        subject_ref: Some(round(1).0),
        due_at: at(due),
        fired_at: at(late),
        wait_until: None,
        no_news: timer.no_news,
    }]);
    let first = due_timers(&state).into_iter().find(|timer| timer.at >= at(due)).unwrap();
    assert_eq!(first.what, What::Timer, "before anybody looks for the breach");
    let fired = || p1().and(ring(&state, late));
    fired().when(ring(&state, late)).then_nothing();
    let waited = fired().and(now("2026-06-01T08:30:00.300Z", Fact::Queued));
    assert_eq!(fires_at(waited), None);
    let sent = fired().and(now(due, told())).into_state();
    let (phase, outcome) = (sent.clock(round(1)).unwrap().phase, Outcome::Met);
    assert_eq!(phase, Phase::Stopped { at: at(due), outcome });
    assert_eq!(to_come(&sent).unwrap().fires_at, at("2026-06-01T09:00:00Z"));
}

#[test]
fn what_was_late_by_then_is_late() {
    let late = fire(ClockKind::PeriodicUpdate, What::Breach, "2026-06-01T08:30:01Z");
    let state = p1().into_state();
    let late = p1().and(ring(&state, "2026-06-01T08:30:00Z")).and(late);
    let state = late.and(now("2026-06-01T08:50:00Z", inbound())).into_state();
    assert_eq!(to_come(&state), None);
}

#[test]
fn some_are_told_nothing_by_a_machine() {
    let facts = |change: fn(&mut TicketFacts)| {
        let mut facts = facts("2026-06-01T08:00:00Z", Some(Priority::P1));
        change(&mut facts);
        facts
    };
    let nobody = facts(|t| t.has_requester = false);
    let public = facts(|t| t.channel = Channel::Social);
    let unimportant = facts(|t| t.priority = Some(Priority::P4));
    for facts in [nobody, public, unimportant] {
        assert_eq!(fires_at(registered(facts.clone())), None, "{facts:?}");
    }
    let mut draft = Policy::pl_standard().draft().clone();
    draft.no_news_updates.clear();
    let silent = promising(Policy::new(draft).unwrap());
    let time = "2026-06-01T08:00:00Z";
    let registered = under(&silent, time, Fact::TicketRegistered(facts(|_| {})));
    assert_eq!(fires_at(given::<Clocks>([]).and(registered)), None);
}

#[test]
fn a_ticket_whose_clock_ran_before_the_policy_said_so_is_told_from_its_next_fact_on() {
    let mut draft = Policy::pl_standard().draft().clone();
    draft.no_news_updates.clear();
    let silent = promising(Policy::new(draft).unwrap());
    let time = "2026-06-01T08:00:00Z";
    let facts = facts(time, Some(Priority::P1));
    let before = given::<Clocks>([]).and(under(&silent, time, Fact::TicketRegistered(facts)));
    let after = before.and(now("2026-06-01T08:05:00Z", Fact::Queued));
    assert_eq!(fires_at(after), Some(at("2026-06-01T08:30:00Z")));
}

#[test]
fn a_policy_names_each_priority_once_and_only_where_news_are_due() {
    let refused = |change: fn(&mut Draft)| {
        let mut draft = Policy::pl_standard().draft().clone();
        change(&mut draft);
        Policy::new(draft).unwrap_err()
    };
    let twice = refused(|draft| draft.no_news_updates.push(Priority::P3));
    assert_eq!(twice, PolicyError::NoNewsTwice(Priority::P3));
    let without = refused(|draft| {
        let updates = |rule: &crate::policy::Rule| {
            rule.priority == Priority::P2 && rule.kind == ClockKind::PeriodicUpdate
        };
        draft.rules.retain(|rule| !updates(rule));
    });
    assert_eq!(without, PolicyError::NoNewsWithoutUpdates(Priority::P2));
    let kind = TimerKind::NoNewsUpdate;
    let timer = refused(|draft| draft.automations[0].kind = TimerKind::NoNewsUpdate);
    assert_eq!(timer, PolicyError::TimerOfClock(kind));
}
