//! A clock's life, told step by step, and how it stands.
use super::*;

/// Everything that happens to a P3 ticket of Monday, with the instants at which it did.
fn story(steps: &[(&str, Command)]) -> (Vec<(Timestamp, Event)>, State) {
    let mut log = Vec::new();
    let mut state = State::default();
    for (time, command) in steps {
        let events = Clocks::decide(&state, command).unwrap();
        state = events.iter().fold(state, Clocks::evolve);
        log.extend(events.into_iter().map(|event| (at(time), event)));
    }
    (log, state)
}

fn observed(time: &'static str, fact: Fact) -> (&'static str, Command) {
    (time, seen(time, fact))
}

fn received() -> (&'static str, Command) {
    let time = "2026-06-01T08:00:00Z";
    observed(time, Fact::TicketRegistered(facts(time, Some(Priority::P3))))
}

#[test]
fn every_step_says_when_why_how_much_had_counted_and_when_it_was_due() {
    let kind = ClockKind::Resolution;
    let half = "2026-06-03T15:00:00Z";
    // Nobody is punished for raising a priority: half an hour is left.
    let late = "2026-06-03T15:30:01Z";
    let (log, _) = story(&[
        received(),
        observed("2026-06-01T14:00:00Z", held()),
        observed("2026-06-03T09:00:00Z", Fact::Unheld { hold_id: HOLD }),
        (half, fire(kind, What::Threshold(50), half)),
        observed("2026-06-03T15:00:00Z", raised(Priority::P1)),
        (late, fire(kind, What::Breach, late)),
        observed("2026-06-03T16:00:00Z", Fact::Resolved),
    ]);
    let steps = life(log.iter().map(|(at, event)| (*at, event)));
    let told: Vec<_> = steps
        .into_iter()
        .flatten()
        .filter(|step| step.clock_id == id(kind))
        .map(|step| (step.at, step.elapsed, step.due_at))
        .collect();
    let (due, new_due) = (at("2026-06-05T03:00:00Z"), at("2026-06-03T15:30:00Z"));
    let hours = |n: u64| minutes(60 * n);
    assert_eq!(
        told,
        [
            (at("2026-06-01T08:00:00Z"), hours(0), Some(at("2026-06-02T08:00:00Z"))),
            (at("2026-06-01T14:00:00Z"), hours(6), None),
            (at("2026-06-03T09:00:00Z"), hours(6), Some(due)),
            (at("2026-06-03T15:00:00Z"), hours(12), Some(due)),
            (at("2026-06-03T15:00:00Z"), hours(12), Some(new_due)),
            (at("2026-06-03T15:00:00Z"), hours(12), Some(new_due)),
            (new_due, minutes(750), Some(new_due)),
            (at("2026-06-03T16:00:00Z"), hours(13), Some(new_due)),
        ]
    );
}

#[test]
fn a_clock_stands_as_it_runs() {
    let (_, state) = story(&[received(), observed("2026-06-01T14:00:00Z", held())]);
    let hours = |n: i64| jiff::SignedDuration::from_hours(n);
    let stands = |kind, time: &str| {
        let standing = standing(&of(kind, &state), at(time), &terms()).unwrap();
        (standing.elapsed, standing.remaining)
    };
    let paused = stands(ClockKind::Resolution, "2026-06-04T14:00:00Z");
    assert_eq!(paused, (minutes(360), hours(18)));
    // From 10:00 to 17:00, and it had an hour.
    let late = stands(ClockKind::FirstReply, "2026-06-01T20:00:00Z");
    assert_eq!(late, (minutes(420), hours(-6)));
}

#[test]
fn a_given_instant_is_as_far_as_the_clock_on_the_wall_says() {
    let fact = Fact::PromiseMade {
        promise_id: Uuid::from_u128(9),
        kind: PromiseKind::Callback,
        due_at: at("2026-06-02T08:00:00Z"),
        replaces: None,
    };
    let (_, state) = story(&[received(), observed("2026-06-01T20:00:00Z", fact)]);
    let standing = standing(&of(ClockKind::Promise, &state), at("2026-06-01T22:00:00Z"), &terms());
    let standing = standing.unwrap();
    assert_eq!((standing.elapsed, standing.remaining.as_hours()), (minutes(120), 10));
}
