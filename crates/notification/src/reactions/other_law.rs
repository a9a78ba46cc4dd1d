//! Confirms a complaint again when other law applies, if that demands a confirmation or changes the
//! last day.
use domain::notice::Purpose;
use eventlog::{HandlerError, Recorded, StreamId};
use wire::DecodeError;
use wire::scalar::uuid_opt;
use wire::sla::v1::{ClockKind, ClockStarted};

use super::Reactions;

use super::wanted::{Wanted, customer};
use crate::answer_day::answer_day;
use crate::read_model::ticket_facts::decode;

impl Reactions {
    /// The formal confirmation once more, if the clocks have just learnt that other law applies,
    /// and this changes what the customer was told. All events of the clocks about it are one
    /// append.
    pub(super) async fn under_other_law(
        &self,
        event: &Recorded,
    ) -> Result<Option<Wanted>, HandlerError> {
        let ticket = self.ticket(event).await?;
        let cause = uuid_opt(&event.metadata()?.causation_id, "causation_id")?;
        let told = |step: &&Recorded| Some(step.event_id) == cause;
        let Some(told) = ticket
            .iter()
            .find(told)
            .filter(|told| told.event_type == wire::event::COMPLAINT_RECLASSIFIED)
        else {
            return Ok(None);
        };
        let stream = StreamId::new("clock", event.stream.id);
        let clocks = self.log.read_stream(&event.to_tenant(), &stream, 0).await?;
        if !changes_what_was_told(&clocks, event)? {
            return Ok(None);
        }
        let ack =
            Wanted { cycle: told.event_id.to_string(), ..customer(event, Purpose::ComplaintAck) };
        self.to_requester((&ticket, event), ack).await
    }
}

/// Whether with `noted` a confirmation became due, or the answer on another day.
fn changes_what_was_told(clocks: &[Recorded], noted: &Recorded) -> Result<bool, HandlerError> {
    let cause = noted.metadata()?.causation_id;
    let mut caused = Vec::new();
    for step in clocks.iter().filter(|step| step.position >= noted.position) {
        if step.metadata()?.causation_id == cause {
            caused.push(step);
        }
    }
    for step in &caused {
        if confirmation_is_due(step)? {
            return Ok(true);
        }
    }
    let before = || clocks.iter().filter(|step| step.position < noted.position);
    let day = answer_day(before().chain(caused))?;
    Ok(day.is_some() && day != answer_day(before())?)
}

fn confirmation_is_due(step: &Recorded) -> Result<bool, DecodeError> {
    Ok(step.event_type == wire::event::CLOCK_STARTED
        && decode::<ClockStarted>(step)?.kind() == ClockKind::StatutoryAck)
}
