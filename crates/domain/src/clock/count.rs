//! How the days of a clock that a law demands were counted, for somebody who counts them again.
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Clock, ClockKind, Goal, State, Terms};
use crate::calendar::Period;
use crate::regime::{Changes, Counting, Dispatch, IncompleteEffect, Regime};

/// How the days of a clock were counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// The time that the law gives, now that it may have become longer; `None` if a notice to the
    /// customer named the last day.
    pub period: Option<Period>,
    /// The instant on whose day they begin to count.
    pub from: Timestamp,
    /// Days for which the time stood still, while we waited for the customer.
    pub waited_days: u16,
    /// Where the count ended, before it moved on to a day on which something expires.
    pub unrolled: Date,
}

/// How the days of a clock were counted, and the law that they were counted by; none for a clock
/// that no law demands, or that ended under a law which its complaint is no longer under.
#[must_use]
pub fn count<'a>(clock: &Clock, state: &State, terms: &'a Terms) -> Option<(Count, &'a Regime)> {
    let regime = terms.regime_of(&clock.basis).ok()??;
    let Goal::LastDay { day, unrolled } = clock.goal else { return None };
    let draft = regime.draft();
    let total = draft.extension.as_ref().and_then(|extension| extension.total);
    let plain = Count { period: None, from: clock.started_at, waited_days: 0, unrolled };
    let longer = |base: Option<Date>| base.is_some_and(|base| base < day);
    let count = match (clock.kind, &state.complaint, clock.subject_ref) {
        (_, None, Some(_)) => return None,
        (ClockKind::StatutoryAck, ..) => Count { period: draft.ack.map(|ack| ack.period), ..plain },
        (ClockKind::AppealResponse, ..) => {
            let base = draft.appeal.base.unwrap_or(draft.base.period);
            let counting = Counting::from_receipt(clock.started_at);
            let by_law = regime.appeal_due(clock.started_at, Dispatch::Electronic).ok().flatten();
            let due = by_law.or(regime.due(&counting, Dispatch::Electronic).ok());
            let extended = longer(due.map(|due| due.last_day));
            Count { period: if extended { total } else { Some(base) }, ..plain }
        }
        (ClockKind::StatutoryResponse | ClockKind::InternalResponse, complaint, subject) => {
            let (counting, changes) = match (complaint, subject, &state.ticket) {
                (Some(complaint), Some(_), _) => (complaint.counting, complaint.changes(regime)),
                (_, _, Some(ticket)) => {
                    let counting = Counting::from_receipt(clock.started_at);
                    (counting, ticket.changes(clock, regime))
                }
                (_, _, None) => return None,
            };
            let before = Changes { extension: None, ..changes };
            let base = regime.due_after(&counting, Dispatch::Electronic, &before);
            let extended = changes.extension.is_some() && longer(base.ok().map(|due| due.last_day));
            let effect = draft.incomplete.map(|incomplete| incomplete.effect);
            let restarts = effect == Some(IncompleteEffect::Restart);
            let suspends = effect == Some(IncompleteEffect::Suspend);
            Count {
                period: if extended { total } else { Some(draft.base.period) },
                from: changes.supplied_at.filter(|_| restarts).unwrap_or(clock.started_at),
                waited_days: if suspends { changes.waited_days } else { 0 },
                unrolled,
            }
        }
        _ => Count { period: Some(draft.base.period), ..plain },
    };
    Some((count, regime))
}
