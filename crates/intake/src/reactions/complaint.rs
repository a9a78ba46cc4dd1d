//! What silence, proof of letters and remedies mean for a complaint: decided, evidenced, closed.
use domain::complaint::{
    BreachCause, Claim, Command as Complaint, DeemAccepted, Demand, Evidence, Instance, Remedy,
    RemedyKind,
};
use domain::ids::{ClockId, TicketId};
use domain::personal_data::Known;
use domain::ticket::{ClassificationSource, Command, Complain, State};
use eventlog::{Cause, HandlerError, Recorded, StreamId, Tenant};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use prost::Message as _;
use uuid::Uuid;
use wire::DecodeError;
use wire::notification::v1::{NotificationDelivered, NotificationSent, Purpose};
use wire::scalar::{instant, uuid, uuid_opt};
use wire::sla::v1::{self, ClockBreached, ClockKind, SilenceEffect};

use super::timer::Timer;
use super::{Reactions, SERVICE};
use crate::identity;
use crate::read_model::regimes;

/// Days to carry out what silence has granted. The law that knows such a time gives 14 for a
/// refund (Polish Consumer Rights Act, art. 32); the same is asked of the rest.
const REMEDY_DAYS: i64 = 14;

/// The law reads acceptance into silence.
pub(super) struct Silence {
    ticket_id: TicketId,
    /// The clock of that law.
    pub(super) clock_id: ClockId,
    /// On what nobody answered.
    pub(super) instance: Instance,
    /// Code and version of the law whose time has passed.
    regime: (String, u32),
    due_at: Timestamp,
    detected_at: Timestamp,
}

impl Silence {
    /// The silence that an event tells of; nothing where it decides nothing.
    pub(super) fn read(event: &Recorded) -> Result<Option<Self>, DecodeError> {
        let breached = ClockBreached::decode(&*event.payload)?;
        let instance = match breached.kind() {
            ClockKind::StatutoryResponse => Instance::First,
            ClockKind::AppealResponse => Instance::Appeal,
            _ => return Ok(None),
        };
        let deemed = matches!(
            breached.silence_effect(),
            SilenceEffect::DeemedAccepted | SilenceEffect::DeemedPerCustomerWill
        );
        // Sent in time and not proved is a lawyer's matter.
        if !deemed || breached.cause() != v1::BreachCause::Time {
            return Ok(None);
        }
        Ok(Some(Self {
            ticket_id: TicketId(uuid(&breached.ticket_id, "ticket_id")?),
            clock_id: ClockId(uuid(&breached.clock_id, "clock_id")?),
            instance,
            due_at: instant(breached.due_at.as_ref(), "due_at")?,
            detected_at: instant(breached.detected_at.as_ref(), "detected_at")?,
            regime: (breached.regime_code, breached.regime_version),
        }))
    }
}

/// A decision's letter left, or reached the customer.
pub(super) struct Letter {
    ticket_id: TicketId,
    message_id: Uuid,
    evidence: Evidence,
    at: Timestamp,
}

impl Letter {
    /// The letter that left; nothing for other notices.
    pub(super) fn sent(event: &Recorded) -> Result<Option<Self>, DecodeError> {
        let sent = NotificationSent::decode(&*event.payload)?;
        let at = instant(sent.sent_at.as_ref(), "sent_at")?;
        Self::of(sent.purpose(), &sent.ticket_id, &sent.message_id, (Evidence::Sent, at))
    }

    /// The letter that reached the customer; nothing for other notices.
    pub(super) fn delivered(event: &Recorded) -> Result<Option<Self>, DecodeError> {
        let delivered = NotificationDelivered::decode(&*event.payload)?;
        let at = instant(delivered.delivered_at.as_ref(), "delivered_at")?;
        let proof = (Evidence::Delivered, at);
        Self::of(delivered.purpose(), &delivered.ticket_id, &delivered.message_id, proof)
    }

    fn of(
        purpose: Purpose,
        ticket_id: &str,
        message_id: &str,
        (evidence, at): (Evidence, Timestamp),
    ) -> Result<Option<Self>, DecodeError> {
        if purpose != Purpose::Decision {
            return Ok(None);
        }
        let ticket_id = uuid_opt(ticket_id, "ticket_id")?.map(TicketId);
        let message_id = uuid_opt(message_id, "message_id")?;
        let letter = |(ticket_id, message_id)| Self { ticket_id, message_id, evidence, at };
        Ok(ticket_id.zip(message_id).map(letter))
    }
}

impl Reactions {
    /// Records the decision that the law reads into silence.
    pub(super) async fn deem(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        silence: &Silence,
    ) -> Result<(), HandlerError> {
        let before = self.before(event, tenant, silence.ticket_id).await?;
        let Some(complaint) = before.facts().and_then(|facts| facts.complaint.as_ref()) else {
            return Ok(());
        };
        let regimes = regimes::of_tenant(&self.pool, tenant.key).await?;
        let (code, version) = &silence.regime;
        let regime = regimes.version(code, *version).cloned();
        let regime = regime.ok_or_else(|| HandlerError::poison("the regime is not known"))?;
        let today = regime.local_day(silence.detected_at);
        let execute_by = today.checked_add(REMEDY_DAYS.days()).unwrap_or(Date::MAX);
        let claims = complaint.opened.claims.iter();
        let remedies = claims.map(|claim| demanded(event.event_id, claim, execute_by)).collect();
        let deem = Complaint::DeemAccepted(DeemAccepted {
            decision_id: identity::deemed(event.event_id),
            instance: silence.instance,
            regime,
            cause: BreachCause::Time,
            remedies,
            due_at: silence.due_at,
            now: silence.detected_at,
        });
        let cause = Cause::reaction(event, SERVICE)?;
        self.follow_if_allowed(cause, tenant, silence.ticket_id, &complaining(deem)).await
    }

    /// Notes that the decision's letter left, or reached the customer.
    pub(super) async fn prove(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        letter: &Letter,
    ) -> Result<(), HandlerError> {
        let before = self.before(event, tenant, letter.ticket_id).await?;
        let complaint = before.facts().and_then(|facts| facts.complaint.as_ref());
        let mut decided = complaint.iter().flat_map(|complaint| &complaint.decisions);
        let told = decided
            .find(|ruling| ruling.decided.message_id.is_some_and(|id| id.0 == letter.message_id));
        let Some(ruling) = told else { return Ok(()) };
        let decision_id = ruling.decided.decision_id;
        let Letter { evidence, at, .. } = *letter;
        let proof = Complaint::RecordEvidence { decision_id, evidence, at };
        let cause = Cause::reaction(event, SERVICE)?;
        self.follow_if_allowed(cause, tenant, letter.ticket_id, &complaining(proof)).await
    }

    /// Closes a complaint that stayed resolved only because proof or a remedy was missing, if the
    /// time to object was already over.
    pub(super) async fn close_late(
        &self,
        event: &Recorded,
        tenant: &Tenant,
    ) -> Result<(), HandlerError> {
        let ticket_id = TicketId(event.stream.id);
        let before = self.before(event, tenant, ticket_id).await?;
        let State::Resolved(_) = before else { return Ok(()) };
        let own = self.stream(tenant, ticket_id).await?;
        let mut before = own.iter().filter(|told| told.position < event.position);
        let resolved = before.rfind(|told| told.event_type == wire::event::TICKET_RESOLVED);
        let Some(resolved) = resolved else { return Ok(()) };
        let clock = StreamId::new("clock", ticket_id.0);
        for told in self.log.read_stream(tenant, &clock, 0).await? {
            let since = resolved.position < told.position && told.position < event.position;
            if since
                && told.event_type == wire::event::TIMER_FIRED
                && let Some(over @ Timer::AutoClose { .. }) = Timer::read(&told)?
            {
                return self.time_is_over(event, tenant, over).await;
            }
        }
        Ok(())
    }
}

/// True for what may take away the last reason to keep a complaint open.
pub(super) fn settles(event: &domain::complaint::Event) -> bool {
    use domain::complaint::Event as Told;
    match event {
        Told::DecisionEvidenced { .. }
        | Told::RemedyExecuted { .. }
        | Told::RemedyWaived { .. } => true,
        Told::Opened(_)
        | Told::Reclassified(_)
        | Told::ClaimsStated { .. }
        | Told::ItemDelivered { .. }
        | Told::InfoRequested(_)
        | Told::InfoReceived { .. }
        | Told::Extended(_)
        | Told::Decided(_)
        | Told::AcceptanceWithdrawn { .. }
        | Told::AppealFiled(_) => false,
    }
}

pub(super) fn complaining(command: Complaint) -> Command {
    let (source, known) = (ClassificationSource::Rule, Known::default());
    Command::Complaint(Box::new(Complain { command, message: None, source, known }))
}

/// What the customer demanded, as something to carry out.
fn demanded(event: Uuid, claim: &Claim, execute_by: Date) -> Remedy {
    let kind = match claim.demand {
        Demand::Repair => RemedyKind::Repair,
        Demand::Replace => RemedyKind::Replacement,
        Demand::PriceReduction => RemedyKind::PriceReduction,
        Demand::Refund => RemedyKind::Refund,
        Demand::Compensation => RemedyKind::Compensation,
        Demand::Explanation => RemedyKind::Explanation,
        Demand::Apology => RemedyKind::Apology,
        Demand::Other => RemedyKind::Other,
    };
    let remedy_id = identity::remedy_for(event, claim.claim_id);
    Remedy { remedy_id, kind, amount: claim.amount, execute_by }
}
