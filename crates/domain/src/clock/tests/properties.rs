//! What holds for clocks whatever happens to a ticket, and in whatever order.
mod any;
mod spam;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

use self::any::{CALENDARS, Step, any_steps, terms};
use super::super::*;
use crate::ids::{AgentId, ClockId, HoldId, TicketId};
use crate::policy::{Entitlement, Reopen};
use crate::priority::{Channel, Priority, TicketType};

fn command(
    state: &State,
    (n, step): (u128, &Step),
    now: Timestamp,
    terms: &Terms,
) -> Option<Command> {
    let pick = |n: u8| state.clocks.get(usize::from(n) % state.clocks.len().max(1));
    Some(match step {
        Step::Fact(fact) => Command::Observe(Observation {
            event_id: Uuid::from_u128(n),
            at: now,
            historical: n % 5 == 4,
            terms: terms.clone(),
            fact: fact.clone(),
        }),
        Step::FireDue => {
            let timer = *due_timers(state).first()?;
            Command::Fire { id: timer.id, what: timer.what, now: now.max(timer.at) }
        }
        Step::FireAny(n) => Command::Fire { id: pick(*n)?.id.0, what: What::Threshold(75), now },
        Step::Void(n) => Command::VoidBreach {
            clock_id: pick(*n)?.id,
            excuse: Excuse::Excused,
            by: AgentId("sm".into()),
            note: "why".into(),
        },
    })
}

/// What must hold of every state.
fn check(state: &State) {
    let several = [ClockKind::Promise, ClockKind::UcVendor];
    let one = |kind: &ClockKind| !several.contains(kind) && !kind.is_of_complaint();
    for kind in ClockKind::ALL.into_iter().filter(one) {
        assert!(state.live(kind).count() <= 1, "{kind:?}");
    }
    let ids: BTreeSet<_> = state.clocks.iter().map(|clock| clock.id).collect();
    assert_eq!(ids.len(), state.clocks.len(), "two clocks of one id");
    let running: BTreeSet<_> = due_timers(state).iter().map(|timer| ClockId(timer.id)).collect();
    for clock in &state.clocks {
        match clock.phase {
            Phase::Running { .. } => {
                assert!(clock.due_at.is_some());
                assert_eq!(running.contains(&clock.id), clock.breach.is_none());
            }
            Phase::Paused { .. } => {
                assert!(!running.contains(&clock.id) && clock.warn_at.is_empty());
                let suspended = clock.kind == ClockKind::StatutoryResponse;
                assert!(clock.kind.waits_for_customer() || suspended);
            }
            Phase::Stopped { outcome, .. } => {
                assert!(!running.contains(&clock.id));
                let counts = clock.breach.is_some_and(|breach| !breach.voided);
                assert!(!(counts && outcome == Outcome::Met), "met in spite of a breach");
            }
        }
        assert!(clock.warn_at.iter().all(|warn| warn.percent > clock.warned));
    }
}

/// Somebody is told that there is no news by the clock that runs, and by no other.
fn check_no_news(state: &State) {
    let kind = TimerKind::NoNewsUpdate;
    let timers: Vec<_> = state.timers.iter().filter(|timer| timer.kind == kind).collect();
    assert!(timers.len() <= 1, "at most one at a time");
    for timer in timers {
        let round = state.clock(ClockId(timer.subject_ref.unwrap())).unwrap();
        // What was found late stays; it is told all the same.
        assert!(matches!(round.phase, Phase::Running { .. }), "told while it stands still");
        assert_eq!(round.due_at, Some(timer.fires_at));
    }
}

/// Nobody is asked for a note that is there, nor twice for the same.
fn check_notes(state: &State, command: &Command) {
    let kind = TimerKind::NoteMissing;
    let of: Vec<_> =
        state.timers.iter().filter(|t| t.kind == kind).map(|t| t.subject_ref).collect();
    assert_eq!(of.iter().collect::<BTreeSet<_>>().len(), of.len());
    if let Command::Observe(Observation { fact: Fact::ContactNoted { contact_id }, .. }) = command {
        assert!(!of.contains(&Some(contact_id.0)));
    }
}

/// What must hold between a state and the next one.
fn check_step(before: &State, after: &State) {
    for (old, new) in before.clocks.iter().zip(&after.clocks) {
        assert_eq!(old.id, new.id);
        assert!(old.carried <= new.carried, "{:?} shrank", old.kind);
        assert!(old.warned <= new.warned);
        let paused = |c: &Clock| matches!(c.phase, Phase::Paused { .. });
        if paused(old) && paused(new) {
            assert_eq!(old.carried, new.carried, "ran while paused");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_happens_clocks_keep_their_laws(
        steps in any_steps(), priority in proptest::sample::select(Priority::ALL.to_vec()),
        restart in any::<bool>(),
    ) {
        let terms = terms(if restart { Reopen::Restart } else { Reopen::Continue });
        let mut now: Timestamp = "2026-03-27T15:30:00Z".parse().unwrap();
        let ticket = TicketFacts {
            ticket_id: TicketId(Uuid::from_u128(3)),
            received_at: now,
            channel: Channel::Email,
            has_requester: true,
            awaits_reply: true,
            priority: Some(priority),
            entitlement: Entitlement::of_type(TicketType::Inquiry),
            solved_at: None,
            extension: None,
        };
        let mut log: Vec<Event> = Vec::new();
        let mut state = State::default();
        let register = Step::Fact(Fact::TicketRegistered(ticket));
        for (n, (gap, step)) in (0..).zip(std::iter::once(&(0, register)).chain(&steps)) {
            now = now.checked_add(SignedDuration::from_millis(*gap)).unwrap();
            let Some(command) = command(&state, (n, step), now, &terms) else { continue };
            let Ok(events) = Clocks::decide(&state, &command) else { continue };
            let before = state.clone();
            for event in &events {
                state = Clocks::evolve(state, event);
                check(&state);
            }
            check_step(&before, &state);
            check_no_news(&state);
            check_notes(&state, &command);
            log.extend(events);
        }
        prop_assert_eq!(&Clocks::fold(&log), &state);
        let mut warned: BTreeMap<(ClockId, u8), u32> = BTreeMap::new();
        for event in &log {
            if let Event::ThresholdReached { clock_id, percent, .. } = event {
                *warned.entry((*clock_id, *percent)).or_default() += 1;
            }
        }
        prop_assert!(warned.values().all(|count| *count == 1), "warned twice");
        let mut set = BTreeSet::new();
        let mut ended = BTreeSet::new();
        for event in &log {
            match event {
                Event::TimerSet(timer) => prop_assert!(set.insert(timer.timer_id), "set twice"),
                Event::TimerCancelled { timer_id, .. } | Event::TimerFired { timer_id, .. } => {
                    prop_assert!(set.contains(timer_id) && ended.insert(*timer_id));
                }
                _ => {}
            }
        }
        let mut told = BTreeSet::new();
        for event in &log {
            if let Event::TimerFired { subject_ref, no_news: Some(_), .. } = event {
                prop_assert!(told.insert(*subject_ref), "told twice in a round");
            }
        }
        let open: BTreeSet<_> = state.timers.iter().map(|timer| timer.timer_id).collect();
        prop_assert_eq!(open, set.difference(&ended).copied().collect::<BTreeSet<_>>());
        let told = life(log.iter().map(|event| (now, event)));
        let of_clocks = log.iter().filter(|event| event.clock_id().is_some()).count();
        prop_assert_eq!(told.into_iter().flatten().count(), of_clocks, "a step is missing");
        for clock in &state.clocks {
            standing(clock, now, &terms).unwrap();
        }
    }

    #[test]
    fn a_pause_costs_nothing(
        start in 0..3_000_000i64, worked in 0..28_800i64, waited in 0..3_000_000i64,
    ) {
        let terms = terms(Reopen::Continue);
        let base: Timestamp = "2026-02-01T00:00:00Z".parse().unwrap();
        let after = |seconds: i64| base.checked_add(SignedDuration::from_secs(seconds)).unwrap();
        let (received_at, hold_id) = (after(start), HoldId(Uuid::from_u128(1)));
        let ticket = TicketFacts {
            ticket_id: TicketId(Uuid::from_u128(3)),
            received_at,
            channel: Channel::Email,
            has_requester: false,
            awaits_reply: false,
            priority: Some(Priority::P2),
            entitlement: Entitlement::of_type(TicketType::Inquiry),
            solved_at: None,
            extension: None,
        };
        let calendar = CALENDARS.at("PL_BH_0820_6", Timestamp::MIN).unwrap();
        let target = Duration::from_secs(8 * 3600);
        let paused = calendar.add(received_at, Duration::from_secs(worked.unsigned_abs())).unwrap();
        let resumed = paused.checked_add(SignedDuration::from_secs(waited)).unwrap();
        let mut state = State::default();
        for (at, fact) in [
            (received_at, Fact::TicketRegistered(ticket)),
            (paused, Fact::Held { hold_id, kind: HoldKind::Customer, expected_by: None }),
            (resumed, Fact::Unheld { hold_id }),
        ] {
            let (event_id, terms, historical) = (Uuid::nil(), terms.clone(), false);
            let seen = Observation { event_id, at, historical, terms, fact };
            let events = Clocks::decide(&state, &Command::Observe(seen)).unwrap();
            state = events.iter().fold(state, Clocks::evolve);
        }
        let due = state.latest(ClockKind::Resolution).unwrap().due_at.unwrap();
        let counted = calendar.elapsed(received_at, paused) + calendar.elapsed(resumed, due);
        prop_assert_eq!(counted, target);
    }
}
