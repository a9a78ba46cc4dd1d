//! Explains the clocks of a ticket: their history from their own events, and the time used and
//! left.
use domain::Aggregate as _;
use domain::calendar::OffDay;
use domain::clock::{self, Clock, ClockClass, ClockKind, Clocks, Event, Goal, State, Step, Terms};
use domain::ids::ClockId;
use eventlog::{Error, Recorded};
use jiff::Timestamp;
use prost::Message;
use wire::DecodeError;
use wire::scalar::timestamp;
use wire::sla::v1;
use wire::sla::v1::clock_event::Event as Told;

use crate::view;

/// The explanation of a ticket's clocks, from all events of their stream.
///
/// # Errors
/// [`Error::Corrupt`] if an event cannot be read or its calendar is not at hand.
pub(crate) fn clocks(
    recorded: &[Recorded],
    terms: &Terms,
    now: Timestamp,
) -> Result<v1::GetClocksResponse, Error> {
    let events: Vec<Event> = recorded
        .iter()
        .map(|event| event.decode().map_err(|error| corrupt(event, &error.to_string())))
        .collect::<Result<_, _>>()?;
    let occurred = recorded.iter().map(|event| event.occurred_at);
    let steps = clock::life(occurred.zip(&events));
    let mut told: Vec<(ClockId, v1::ClockStep)> = Vec::with_capacity(steps.len());
    for (event, step) in recorded.iter().zip(steps) {
        let Some(step) = step else { continue };
        let message = step_of(event, step).map_err(|error| corrupt(event, &error.to_string()))?;
        told.push((step.clock_id, message));
    }
    let state = Clocks::fold(&events);
    let mut clocks = Vec::with_capacity(state.clocks.len());
    for clock in &state.clocks {
        let standing = match (clock::standing(clock, now, terms), recorded.last()) {
            (Ok(standing), _) => standing,
            (Err(error), Some(last)) => return Err(corrupt(last, &error.to_string())),
            (Err(_), None) => continue,
        };
        let its = told.iter().filter(|(id, _)| *id == clock.id);
        clocks.push(v1::Clock {
            elapsed_now_ms: i64::try_from(standing.elapsed.as_millis()).unwrap_or(i64::MAX),
            remaining_ms: i64::try_from(standing.remaining.as_millis()).unwrap_or(i64::MAX),
            steps: its.map(|(_, step)| step.clone()).collect(),
            day_count: day_count(clock, &state, terms),
            ..view::clock(clock)
        });
    }
    Ok(v1::GetClocksResponse {
        clocks,
        as_of: Some(timestamp(now)),
        timers: state.timers.iter().map(Into::into).collect(),
        answer_due_clock_id: answer_due(&state).map(|id| id.0.to_string()).unwrap_or_default(),
    })
}

/// The clock whose answer is due first, without the organisation's own goals.
fn answer_due(state: &State) -> Option<ClockId> {
    let answers = state.clocks.iter().filter(|clock| {
        clock.kind.awaits_decision() && clock.class != ClockClass::Internal && clock.is_live()
    });
    let due = answers.filter_map(|clock| Some((clock.due_at?, clock.id)));
    due.min().map(|(_, id)| id)
}

/// How the days of a clock were counted; none for a clock that no law demands, or that ended
/// under a law which the complaint is no longer under.
fn day_count(clock: &Clock, state: &State, terms: &Terms) -> Option<v1::DayCount> {
    let (count, regime) = clock::count(clock, state, terms)?;
    let Goal::LastDay { day, .. } = clock.goal else { return None };
    let draft = regime.draft();
    let answers = matches!(clock.kind, ClockKind::StatutoryResponse | ClockKind::InternalResponse);
    Some(v1::DayCount {
        title: draft.title.clone(),
        period: count.period.map(Into::into),
        from: match answers {
            true => v1::RegimeStart::from(draft.base.from).into(),
            false => v1::RegimeStart::Received.into(),
        },
        from_day: regime.local_day(count.from).to_string(),
        unrolled_day: count.unrolled.to_string(),
        rolled_for: match regime.rolls_for(count.unrolled).filter(|_| day != count.unrolled) {
            None => v1::RolledFor::Unspecified,
            Some(OffDay::Saturday) => v1::RolledFor::Saturday,
            Some(OffDay::Sunday) => v1::RolledFor::Sunday,
            Some(OffDay::Holiday) => v1::RolledFor::Holiday,
        }
        .into(),
        waited_days: count.waited_days.into(),
    })
}

fn step_of(recorded: &Recorded, step: Step) -> Result<v1::ClockStep, DecodeError> {
    Ok(v1::ClockStep {
        at: Some(timestamp(step.at)),
        elapsed_ms: i64::try_from(step.elapsed.as_millis()).unwrap_or(i64::MAX),
        due_at: step.due_at.map(timestamp),
        event: Some(v1::ClockEvent { event: message(recorded)? }),
    })
}

/// The event as its own message; `None` if it is about no clock.
fn message(recorded: &Recorded) -> Result<Option<Told>, DecodeError> {
    fn decode<M: Message + Default>(recorded: &Recorded) -> Result<M, DecodeError> {
        Ok(M::decode(recorded.payload.as_ref())?)
    }
    Ok(Some(match recorded.event_type.as_str() {
        wire::event::CLOCK_STARTED => Told::ClockStarted(decode(recorded)?),
        wire::event::CLOCK_PAUSED => Told::ClockPaused(decode(recorded)?),
        wire::event::CLOCK_RESUMED => Told::ClockResumed(decode(recorded)?),
        wire::event::CLOCK_RETARGETED => Told::ClockRetargeted(decode(recorded)?),
        wire::event::THRESHOLD_REACHED => Told::ThresholdReached(decode(recorded)?),
        wire::event::CLOCK_BREACHED => Told::ClockBreached(decode(recorded)?),
        wire::event::CLOCK_STOPPED => Told::ClockStopped(decode(recorded)?),
        wire::event::BREACH_VOIDED => Told::BreachVoided(decode(recorded)?),
        _ => return Ok(None),
    }))
}

fn corrupt(event: &Recorded, reason: &str) -> Error {
    Error::Corrupt {
        partition: event.partition,
        position: event.position,
        reason: reason.to_owned(),
    }
}
