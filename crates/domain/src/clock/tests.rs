//! What clocks do, one behaviour per test.
mod breach;
mod complaint;
mod end;
mod given;
mod life;
mod no_news;
mod owner;
mod pause;
mod policy;
mod properties;
mod reply;
mod request;
mod start;
mod target;
mod timer;
mod update;
mod walkthrough;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::*;
use crate::calendar::{CalendarRef, Calendars, PreparedCalendar, presets};
use crate::ids::{AgentId, ClockId, ContactId, HoldId, TicketId};
use crate::policy::{Draft, Entitlement, Policies, Policy, PolicyError, Reopen, Scope};
use crate::priority::{Channel, Priority, TicketType};
use crate::spec::{Given, given};

const TICKET: TicketId = TicketId(Uuid::from_u128(42));
const EVENT: Uuid = Uuid::from_u128(77);
const HOLD: HoldId = HoldId(Uuid::from_u128(5));

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn minutes(n: u64) -> Duration {
    Duration::from_secs(n * 60)
}

fn id(kind: ClockKind) -> ClockId {
    clock_id(TICKET, kind, 1)
}

fn calendars() -> Arc<Calendars> {
    Arc::new(
        presets().into_iter().map(|c| Arc::new(PreparedCalendar::new(c, 2026..=2026))).collect(),
    )
}

/// What `PL_STANDARD` promises, without updates and timers: those have specs of their own.
fn terms() -> Terms {
    let mut draft = Policy::pl_standard().draft().clone();
    draft.rules.retain(|rule| rule.kind != ClockKind::PeriodicUpdate);
    draft.automations.clear();
    draft.no_news_updates.clear();
    promising(Policy::new(draft).unwrap())
}

fn promising(policy: Policy) -> Terms {
    let policies = Arc::new(Policies::new(Arc::new(policy)));
    Terms { policies, calendars: calendars(), regimes: Arc::default() }
}

fn with_policy(change: impl FnOnce(&mut Draft)) -> Terms {
    let standard = Policy::pl_standard();
    let mut draft = Draft {
        id: standard.id().into(),
        version: 2,
        rules: terms().policies.of_everybody(Timestamp::MIN).rules().to_vec(),
        warn_percents: standard.warn_percents().to_vec(),
        ..Draft::default()
    };
    change(&mut draft);
    promising(Policy::new(draft).unwrap())
}

fn seen(time: &str, fact: Fact) -> Command {
    under(&terms(), time, fact)
}

fn under(terms: &Terms, time: &str, fact: Fact) -> Command {
    let (at, terms) = (at(time), terms.clone());
    Command::Observe(Observation { event_id: EVENT, at, historical: false, terms, fact })
}

fn facts(received: &str, priority: Option<Priority>) -> TicketFacts {
    TicketFacts {
        ticket_id: TICKET,
        received_at: at(received),
        channel: Channel::Email,
        has_requester: true,
        awaits_reply: true,
        priority,
        entitlement: Entitlement::of_type(TicketType::Inquiry),
        solved_at: None,
        extension: None,
    }
}

/// A ticket received at that time.
fn ticket(received: &str, priority: Priority) -> Given<Clocks> {
    let fact = Fact::TicketRegistered(facts(received, Some(priority)));
    given::<Clocks>([]).and(seen(received, fact))
}

/// A P3 ticket of Monday, 1 June 2026, 10:00 in Warsaw: resolution is due on Tuesday
/// at 10:00.
fn monday() -> Given<Clocks> {
    ticket("2026-06-01T08:00:00Z", Priority::P3)
}

fn fire(kind: ClockKind, what: What, now: &str) -> Command {
    Command::Fire { id: id(kind).0, what, now: at(now) }
}

fn reply() -> Fact {
    Fact::MessageAdded { kind: MessageKind::Reply, channel: Channel::Email }
}

fn inbound() -> Fact {
    written(Timestamp::MAX)
}

/// A message that its source says was written then.
fn written(written_at: Timestamp) -> Fact {
    Fact::MessageAdded { kind: MessageKind::Inbound { written_at }, channel: Channel::Email }
}

/// A person of ours spoke with the customer.
fn spoken(outbound: bool) -> Fact {
    Fact::ContactAnswered { outbound }
}

fn held() -> Fact {
    Fact::Held { hold_id: HOLD, kind: HoldKind::Customer, expected_by: None }
}

fn raised(priority: Priority) -> Fact {
    Fact::PriorityChanged { priority, mitigated: false }
}

fn stopped(kind: ClockKind, time: &str, outcome: Outcome, elapsed: Duration) -> Event {
    Event::Stopped { clock_id: id(kind), at: at(time), outcome, elapsed, stop_event_id: EVENT }
}

fn breached(kind: ClockKind, due: &str, detected: &str, cause: BreachCause) -> Event {
    let (due_at, detected_at) = (at(due), at(detected));
    let (clock_id, ticket_id, silence_effect, regime) = (id(kind), TICKET, None, None);
    Event::Breached {
        clock_id,
        ticket_id,
        kind,
        due_at,
        detected_at,
        cause,
        silence_effect,
        regime,
    }
}

fn reached(kind: ClockKind, percent: u8, due_at: Timestamp, remaining: Duration) -> Event {
    let (clock_id, ticket_id) = (id(kind), TICKET);
    Event::ThresholdReached { clock_id, ticket_id, kind, percent, due_at, remaining }
}

fn voided(kind: ClockKind) -> Event {
    let reason = VoidReason::LateProof;
    Event::BreachVoided { clock_id: id(kind), reason, by: None, note: String::new() }
}

fn of(kind: ClockKind, state: &State) -> Clock {
    state.clock(id(kind)).unwrap().clone()
}
