//! Replies and confirmations: what answers a customer, and who waits.
use super::*;

#[test]
fn a_reply_at_the_last_instant_is_in_time() {
    let due = "2026-06-01T09:00:00Z";
    monday().when(seen(due, reply())).then([stopped(
        ClockKind::FirstReply,
        due,
        Outcome::Met,
        minutes(60),
    )]);
}

#[test]
fn a_reply_a_millisecond_later_is_late() {
    let late = "2026-06-01T09:00:00.001Z";
    let elapsed = minutes(60) + Duration::from_millis(1);
    monday().when(seen(late, reply())).then([
        breached(ClockKind::FirstReply, "2026-06-01T09:00:00Z", late, BreachCause::Time),
        stopped(ClockKind::FirstReply, late, Outcome::Missed, elapsed),
    ]);
}

#[test]
fn an_automatic_confirmation_is_no_reply() {
    let sent = "2026-06-01T08:01:00Z";
    monday().when(seen(sent, Fact::AckSent)).then([stopped(
        ClockKind::Ack,
        sent,
        Outcome::Met,
        minutes(1),
    )]);
}

#[test]
fn a_confirmation_that_is_not_sent_is_not_waited_for() {
    let spared = "2026-06-01T08:00:02Z";
    let cancelled = stopped(ClockKind::Ack, spared, Outcome::Cancelled, Duration::from_secs(2));
    monday().when(seen(spared, Fact::AckSpared)).then([cancelled]);
    let sent = monday().and(seen("2026-06-01T08:01:00Z", Fact::AckSent));
    sent.when(seen("2026-06-01T08:02:00Z", Fact::AckSpared)).then_nothing();
}

#[test]
fn updates_and_notes_stop_nothing() {
    for kind in [MessageKind::Update, MessageKind::Automatic, MessageKind::Internal] {
        let fact = Fact::MessageAdded { kind, channel: Channel::Email };
        monday().when(seen("2026-06-01T08:30:00Z", fact)).then_nothing();
    }
}

#[test]
fn the_customer_waits_again_from_the_oldest_message_without_an_answer() {
    let replied = monday().and(seen("2026-06-01T08:30:00Z", reply()));
    let asked = replied.and(seen("2026-06-01T10:00:00Z", inbound()));
    let state = asked.and(seen("2026-06-01T11:00:00Z", inbound()));
    let state = state.when(seen("2026-06-01T12:00:00Z", reply())).into_state();
    let clock = of(ClockKind::NextReply, &state);
    assert_eq!((clock.started_at, clock.carried), (at("2026-06-01T10:00:00Z"), minutes(120)));
    assert_eq!(state.clocks.iter().filter(|c| c.kind == ClockKind::NextReply).count(), 1);
}

#[test]
fn the_customer_waits_since_they_wrote_however_long_it_takes_to_process() {
    let since = |written_at: &str| {
        let replied = monday().and(seen("2026-06-01T08:30:00Z", reply()));
        let state = replied.when(seen("2026-06-01T10:00:00Z", written(at(written_at))));
        of(ClockKind::NextReply, &state.into_state()).started_at
    };
    assert_eq!(since("2026-06-01T09:10:00Z"), at("2026-06-01T09:10:00Z"));
    // Who answered meanwhile did not know of it.
    assert_eq!(since("2026-06-01T08:20:00Z"), at("2026-06-01T08:20:00Z"));
    // No source is believed to be ahead of us, or older than the ticket.
    assert_eq!(since("2026-06-01T10:00:01Z"), at("2026-06-01T10:00:00Z"));
    assert_eq!(since("2026-05-01T08:00:00Z"), at("2026-06-01T08:00:00Z"));
}

#[test]
fn each_wait_is_a_cycle_of_its_own() {
    let state = monday()
        .and(seen("2026-06-01T08:30:00Z", reply()))
        .and(seen("2026-06-01T09:00:00Z", inbound()))
        .and(seen("2026-06-01T09:30:00Z", reply()))
        .when(seen("2026-06-01T10:00:00Z", inbound()))
        .into_state();
    let second = state.clock(clock_id(TICKET, ClockKind::NextReply, 2)).unwrap();
    assert!(second.is_live());
}

#[test]
fn a_message_before_the_first_reply_starts_nothing() {
    monday().when(seen("2026-06-01T08:30:00Z", inbound())).then_nothing();
}

#[test]
fn what_was_written_before_the_answer_waits_for_none() {
    let answered = monday().and(seen("2026-06-01T08:30:00Z", reply()));
    answered.when(seen("2026-06-01T08:20:00Z", inbound())).then_nothing();
}

#[test]
fn what_was_said_before_the_message_is_no_answer_to_it() {
    let waiting = monday()
        .and(seen("2026-06-01T08:10:00Z", reply()))
        .and(seen("2026-06-01T08:30:00Z", inbound()));
    waiting.when(seen("2026-06-01T08:20:00Z", reply())).then_nothing();
}

#[test]
fn whoever_was_spoken_to_was_answered() {
    let picked_up = "2026-06-01T08:20:00Z";
    for outbound in [true, false] {
        let first = stopped(ClockKind::FirstReply, picked_up, Outcome::Met, minutes(20));
        monday().when(seen(picked_up, spoken(outbound))).then([first]);
        let answered = monday().and(seen(picked_up, spoken(outbound)));
        let asked = answered.and(seen("2026-06-01T09:00:00Z", inbound()));
        let next = stopped(ClockKind::NextReply, "2026-06-01T09:30:00Z", Outcome::Met, minutes(30));
        asked.when(seen("2026-06-01T09:30:00Z", spoken(outbound))).then([next]);
    }
}

#[test]
fn another_priority_asks_for_an_answer_as_the_message_came() {
    // The ticket came by e-mail, and the customer goes on in a chat.
    let kind = MessageKind::Inbound { written_at: at("2026-06-01T08:30:00Z") };
    let said = Fact::MessageAdded { kind, channel: Channel::Chat };
    let state = monday()
        .and(seen("2026-06-01T08:10:00Z", reply()))
        .and(seen("2026-06-01T08:30:00Z", said))
        .and(seen("2026-06-01T08:30:30Z", raised(Priority::P2)))
        .into_state();
    let clock = of(ClockKind::NextReply, &state);
    assert_eq!((clock.goal, clock.channel), (Goal::Target(minutes(2)), Some(Channel::Chat)));
    assert_eq!(clock.due_at, Some(at("2026-06-01T08:32:00Z")));
}
