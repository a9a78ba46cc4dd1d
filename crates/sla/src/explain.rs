//! Explains the clocks of a ticket: their history from their own events, and the time used and
//! left.
use domain::Aggregate as _;
use domain::calendar::OffDay;
use domain::clock::{self, Clock, ClockClass, ClockKind, Clocks, Event, Goal, State, Step, Terms};
use domain::ids::ClockId;
use domain::regime::{Changes, Counting, Dispatch, IncompleteEffect, Regime};
use eventlog::{Error, Recorded};
use jiff::Timestamp;
use jiff::civil::Date;
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
    let regime = terms.regime_of(&clock.basis).ok()??;
    let Goal::LastDay { day, unrolled } = clock.goal else { return None };
    let draft = regime.draft();
    let changes = match (&state.complaint, clock.subject_ref) {
        (Some(complaint), Some(_)) => complaint.changes(regime),
        (None, Some(_)) => return None,
        (_, None) => of_request(clock, regime, unrolled),
    };
    let effect = draft.incomplete.map(|incomplete| incomplete.effect);
    let answers = matches!(clock.kind, ClockKind::StatutoryResponse | ClockKind::InternalResponse);
    let from = match (effect, changes.supplied_at) {
        (Some(IncompleteEffect::Restart), Some(supplied_at)) if answers => supplied_at,
        (_, _) => clock.started_at,
    };
    let base = match clock.kind {
        ClockKind::StatutoryAck => draft.ack.map(|ack| ack.period),
        ClockKind::AppealResponse => draft.appeal.base.or(Some(draft.base.period)),
        _ => Some(draft.base.period),
    };
    let suspends = answers && effect == Some(IncompleteEffect::Suspend);
    Some(v1::DayCount {
        title: draft.title.clone(),
        period: if answers && extended(clock, state, regime) {
            draft.extension.as_ref().and_then(|extension| extension.total).map(Into::into)
        } else {
            base.map(Into::into)
        },
        from: match answers {
            true => v1::RegimeStart::from(draft.base.from).into(),
            false => v1::RegimeStart::Received.into(),
        },
        from_day: regime.local_day(from).to_string(),
        unrolled_day: unrolled.to_string(),
        rolled_for: match regime.rolls_for(unrolled).filter(|_| day != unrolled) {
            None => v1::RolledFor::Unspecified,
            Some(OffDay::Saturday) => v1::RolledFor::Saturday,
            Some(OffDay::Sunday) => v1::RolledFor::Sunday,
            Some(OffDay::Holiday) => v1::RolledFor::Holiday,
        }
        .into(),
        waited_days: if suspends { changes.waited_days.into() } else { 0 },
    })
}

/// What changed the time to answer a data subject's request: the days on which the identity was in
/// doubt.
fn of_request(clock: &Clock, regime: &Regime, unrolled: Date) -> Changes {
    let base = regime.due(&Counting::from_receipt(clock.started_at), Dispatch::Electronic);
    let waited = base.ok().and_then(|base| unrolled.since(base.unrolled).ok());
    let waited = waited.map_or(0, |span| span.get_days().max(0));
    Changes { waited_days: u16::try_from(waited).unwrap_or(u16::MAX), ..Changes::default() }
}

/// True if the clock's day is that of a longer time.
fn extended(clock: &Clock, state: &State, regime: &Regime) -> bool {
    let Some(complaint) = &state.complaint else { return false };
    let changes = Changes { extension: None, ..complaint.changes(regime) };
    let base = regime.due_after(&complaint.counting, Dispatch::Electronic, &changes);
    base.is_ok_and(|base| clock.due_at.is_some_and(|due_at| due_at > base.due_at))
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
        "odzew.sla.v1.ClockStarted" => Told::ClockStarted(decode(recorded)?),
        "odzew.sla.v1.ClockPaused" => Told::ClockPaused(decode(recorded)?),
        "odzew.sla.v1.ClockResumed" => Told::ClockResumed(decode(recorded)?),
        "odzew.sla.v1.ClockRetargeted" => Told::ClockRetargeted(decode(recorded)?),
        "odzew.sla.v1.ThresholdReached" => Told::ThresholdReached(decode(recorded)?),
        "odzew.sla.v1.ClockBreached" => Told::ClockBreached(decode(recorded)?),
        "odzew.sla.v1.ClockStopped" => Told::ClockStopped(decode(recorded)?),
        "odzew.sla.v1.BreachVoided" => Told::BreachVoided(decode(recorded)?),
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
