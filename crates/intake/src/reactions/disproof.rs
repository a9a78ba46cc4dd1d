//! The time to answer turns out not to have passed: word that it takes longer had left in time, or
//! the law waited for the customer by then. So there was no silence to read anything into.
use std::collections::BTreeMap;

use domain::complaint::{Command as Complaint, Instance};
use domain::ids::{ClockId, TicketId};
use eventlog::{Cause, HandlerError, Recorded, StreamId, Tenant};
use prost::Message as _;
use wire::DecodeError;
use wire::scalar::uuid;
use wire::sla::v1::{BreachVoided, VoidReason};

use super::complaint::{Silence, complaining};
use super::{Reactions, SERVICE};

/// A breach was none.
pub(super) struct Disproof {
    ticket_id: TicketId,
    clock_id: ClockId,
}

impl Disproof {
    /// What the event disproves; nothing where a person has forgiven a breach, which changes
    /// nothing for the customer.
    pub(super) fn read(event: &Recorded) -> Result<Option<Self>, DecodeError> {
        let voided = BreachVoided::decode(&*event.payload)?;
        if voided.reason() != VoidReason::LateProof {
            return Ok(None);
        }
        let clock_id = ClockId(uuid(&voided.clock_id, "clock_id")?);
        Ok(Some(Self { ticket_id: TicketId(event.stream.id), clock_id }))
    }
}

impl Reactions {
    /// Takes back what silence decided, unless the time of another law has passed, too.
    pub(super) async fn deny_silence(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        disproof: &Disproof,
    ) -> Result<(), HandlerError> {
        let stream = StreamId::new("clock", disproof.ticket_id.0);
        let mut silent: BTreeMap<ClockId, Instance> = BTreeMap::new();
        let mut disproved = None;
        for told in self.log.read_stream(tenant, &stream, 0).await? {
            if told.position > event.position {
                break;
            }
            if told.event_type == wire::event::CLOCK_BREACHED
                && let Some(silence) = Silence::read(&told)?
            {
                silent.insert(silence.clock_id, silence.instance);
            }
            if told.event_type == wire::event::BREACH_VOIDED
                && let Some(Disproof { clock_id, .. }) = Disproof::read(&told)?
            {
                let instance = silent.remove(&clock_id);
                disproved = instance.filter(|_| clock_id == disproof.clock_id);
            }
        }
        let Some(instance) = disproved else { return Ok(()) };
        if silent.values().any(|other| *other == instance) {
            return Ok(());
        }
        let cause = Cause::reaction(event, SERVICE)?;
        let deny = complaining(Complaint::DenySilence { instance });
        self.follow_if_allowed(cause, tenant, disproof.ticket_id, &deny).await
    }
}
