//! The statutory last day of a complaint's answer, from the clocks of its ticket.
use std::collections::BTreeMap;

use eventlog::Recorded;
use jiff::civil::Date;
use wire::DecodeError;
use wire::scalar::date_opt;
use wire::sla::v1::{ClockKind, ClockOutcome, ClockRetargeted, ClockStarted, ClockStopped};

use crate::read_model::ticket_facts::decode;

/// The last days of the answers that laws want, by clock.
#[derive(Default)]
struct Days(BTreeMap<String, Date>);

/// The earliest last day after these events of a ticket's clocks; `None` if no law names one.
pub(crate) fn answer_day<'a>(
    clocks: impl IntoIterator<Item = &'a Recorded>,
) -> Result<Option<Date>, DecodeError> {
    let mut days = Days::default();
    for event in clocks {
        days.note(event)?;
    }
    Ok(days.0.into_values().min())
}

impl Days {
    fn note(&mut self, event: &Recorded) -> Result<(), DecodeError> {
        match event.event_type.as_str() {
            wire::event::CLOCK_STARTED => {
                let started = decode::<ClockStarted>(event)?;
                if started.kind() == ClockKind::StatutoryResponse {
                    let day = date_opt(&started.last_day, "last_day")?;
                    self.0.extend(day.map(|day| (started.clock_id, day)));
                }
            }
            wire::event::CLOCK_RETARGETED => {
                let moved = decode::<ClockRetargeted>(event)?;
                let day = date_opt(&moved.last_day, "last_day")?;
                if let (Some(known), Some(day)) = (self.0.get_mut(&moved.clock_id), day) {
                    *known = day;
                }
            }
            wire::event::CLOCK_STOPPED => {
                let stopped = decode::<ClockStopped>(event)?;
                // No law asks for it any more.
                if stopped.outcome() == ClockOutcome::Cancelled {
                    self.0.remove(&stopped.clock_id);
                }
            }
            _ => {}
        }
        Ok(())
    }
}
