//! What the mail about a solution says of the end of the matter.
use std::collections::BTreeMap;

use eventlog::Recorded;
use jiff::Timestamp;
use wire::DecodeError;
use wire::scalar::instant;
use wire::sla::v1::{TimerCancelled, TimerFired, TimerKind, TimerSet};

use super::complaint::Words;
use crate::read_model::ticket_facts::decode;
use crate::template::{Slots, in_both};

impl Words<'_> {
    /// Until when the customer may object before the ticket is closed by itself. sla sets that time a
    /// moment after the solution; a mail that leaves before says only that the ticket may be closed.
    pub(super) fn of_closing(&self, clocks: &[Recorded]) -> Result<Slots, DecodeError> {
        let until = closes_at(clocks)?.map(|at| self.when.minute(at, self.locale));
        Ok(in_both([(["termin", "due"], until.unwrap_or_default())]))
    }
}

/// When the ticket of these clocks will be closed, as far as they tell.
fn closes_at(clocks: &[Recorded]) -> Result<Option<Timestamp>, DecodeError> {
    let mut to_come = BTreeMap::new();
    for event in clocks {
        match event.event_type.as_str() {
            wire::event::TIMER_SET => {
                let set = decode::<TimerSet>(event)?;
                if set.timer() == TimerKind::AutoClose {
                    to_come.insert(set.timer_id, instant(set.fires_at.as_ref(), "fires_at")?);
                }
            }
            wire::event::TIMER_CANCELLED => {
                to_come.remove(&decode::<TimerCancelled>(event)?.timer_id);
            }
            wire::event::TIMER_FIRED => {
                to_come.remove(&decode::<TimerFired>(event)?.timer_id);
            }
            _ => {}
        }
    }
    Ok(to_come.into_values().min())
}
