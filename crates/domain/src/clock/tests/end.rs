//! Solutions, ends and reopenings.
use super::*;

#[test]
fn a_reopened_ticket_runs_on_and_keeps_its_first_outcome() {
    let state = monday()
        .and(seen("2026-06-01T14:00:00Z", Fact::Resolved))
        .when(seen("2026-06-03T09:00:00Z", Fact::Reopened { trigger: ReopenTrigger::Unsolved }))
        .into_state();
    let clock = of(ClockKind::Resolution, &state);
    assert_eq!(clock.first_outcome, Some(Outcome::Met));
    assert_eq!(clock.carried, minutes(6 * 60));
    assert!(clock.is_live());
}

#[test]
fn a_policy_may_start_a_new_cycle_instead() {
    let restart = with_policy(|draft| draft.reopen = Reopen::Restart);
    let reopened = Fact::Reopened { trigger: ReopenTrigger::Unsolved };
    let state = monday()
        .and(seen("2026-06-01T14:00:00Z", Fact::Resolved))
        .when(under(&restart, "2026-06-02T08:00:00Z", reopened))
        .into_state();
    let second = state.latest(ClockKind::Resolution).unwrap();
    assert_eq!((second.cycle, second.due_at), (2, Some(at("2026-06-03T08:00:00Z"))));
}

#[test]
fn an_appeal_and_a_missed_promise_run_no_further() {
    let resolved = || monday().and(seen("2026-06-01T14:00:00Z", Fact::Resolved));
    let open = || [Event::TicketNoted(facts("2026-06-01T08:00:00Z", Some(Priority::P3)))];
    let appeal = Fact::Reopened { trigger: ReopenTrigger::Appeal };
    resolved().when(seen("2026-06-03T09:00:00Z", appeal)).then(open());
    let missed = monday().and(seen("2026-06-03T14:00:00Z", Fact::Resolved));
    let unsolved = Fact::Reopened { trigger: ReopenTrigger::Unsolved };
    missed.when(seen("2026-06-05T09:00:00Z", unsolved)).then(open());
}

#[test]
fn spam_cancels_all_clocks_and_not_spam_takes_it_back() {
    let spam = Fact::Closed { reason: CloseReason::Spam };
    let closed = || monday().and(seen("2026-06-01T08:02:00Z", spam.clone()));
    let state = closed().when(seen("2026-06-01T08:02:00Z", spam.clone())).into_state();
    assert!(due_timers(&state).is_empty());
    let back = Fact::Reopened { trigger: ReopenTrigger::NotSpam };
    let state = closed().when(seen("2026-06-01T08:40:00Z", back)).into_state();
    let reply = of(ClockKind::FirstReply, &state);
    assert_eq!((reply.due_at, reply.carried), (Some(at("2026-06-01T09:00:00Z")), minutes(40)));
    assert_eq!(reply.warned, 50);
    // The confirmation is late by now, and its timer finds it with the right instant.
    let ack = of(ClockKind::Ack, &state);
    assert_eq!((ack.due_at, ack.breach), (Some(at("2026-06-01T08:05:00Z")), None));
    let first = due_timers(&state)[0];
    assert_eq!((first.id, first.what), (ack.id.0, What::Breach));
}

#[test]
fn what_not_spam_takes_back_does_not_run_beside_a_newer_wait() {
    let state = monday()
        .and(seen("2026-06-01T08:10:00Z", reply()))
        .and(seen("2026-06-01T08:20:00Z", inbound()))
        .and(seen("2026-06-01T08:30:00Z", Fact::Closed { reason: CloseReason::Spam }))
        .and(seen("2026-06-01T08:40:00Z", inbound()))
        .when(seen("2026-06-01T08:50:00Z", Fact::Reopened { trigger: ReopenTrigger::NotSpam }))
        .into_state();
    assert!(!of(ClockKind::NextReply, &state).is_live());
    assert!(state.has_live(ClockKind::NextReply));
}

#[test]
fn a_merged_ticket_has_no_clocks_and_keeps_its_breaches() {
    let now = "2026-06-01T09:30:00Z";
    let merged = Fact::Closed { reason: CloseReason::Duplicate };
    let state = monday().when(seen(now, merged)).into_state();
    assert!(state.clocks.iter().all(|clock| !clock.is_live()));
    assert!(of(ClockKind::FirstReply, &state).breach.is_some());
    assert!(of(ClockKind::Resolution, &state).breach.is_none());
}

#[test]
fn a_solution_the_customer_accepts_was_the_answer() {
    let state = monday()
        .and(seen("2026-06-01T08:20:00Z", Fact::Resolved))
        .when(seen("2026-06-03T08:00:00Z", Fact::Closed { reason: CloseReason::Confirmed }))
        .into_state();
    let (at, outcome) = (at("2026-06-01T08:20:00Z"), Outcome::Met);
    assert_eq!(of(ClockKind::FirstReply, &state).phase, Phase::Stopped { at, outcome });
}

#[test]
fn what_was_forgiven_stays_forgiven_after_spam() {
    let kind = ClockKind::FirstReply;
    let by = AgentId("sm-1".into());
    let (excuse, note) = (Excuse::Excused, "outage".into());
    let state = monday()
        .and(fire(kind, What::Breach, "2026-06-01T09:00:01Z"))
        .and(Command::VoidBreach { clock_id: id(kind), excuse, by, note })
        .and(seen("2026-06-01T09:20:00Z", Fact::Closed { reason: CloseReason::Spam }))
        .when(seen("2026-06-01T10:00:00Z", Fact::Reopened { trigger: ReopenTrigger::NotSpam }))
        .into_state();
    let due_at = at("2026-06-01T09:00:00Z");
    let clock = of(kind, &state);
    assert_eq!(clock.breach, Some(Breach { due_at, voided: true }));
    assert!(clock.is_live() && clock.due_at == Some(due_at));
}
