//! Whom to notify of an event: an event of another service becomes at most one notice per
//! recipient.
//!
//! A reaction reads the log, not the read model, which may lag behind the event. Data that only the
//! read model has (an agent's address and language) are looked up when the notice is sent: a notice
//! comes after its cause in the log, so by then everything before is applied.
pub(crate) mod asking;
mod complaint;
mod deadline;
mod escalation;
mod incident;
mod message;
mod other_law;
mod task;
mod teams;
mod wanted;

use domain::notice::{Key, Notice, Purpose, Rejection, SuppressionReason};
use eventlog::{Cause, ExecuteError, HandlerError, Log, Recorded, StreamId};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use wire::common::v1 as common;
use wire::intake::v1::TicketRegistered;
use wire::routing::v1::{TicketAssigned, TicketQueued};
use wire::scalar::uuid_opt;
use wire::sla::v1::{TimerFired, TimerKind};

use crate::config::Config;
use crate::read_model::preferences;
use crate::read_model::ticket_facts::decode;
use crate::registry::Registry;
use crate::{template, zone};
use asking::{Asking, asking};
use teams::Teams;
use wanted::{Wanted, assigned, customer, to_webhook};

/// Stands for the owner of the process of complaints, whose address is a setting.
const PROCESS_OWNER: &str = "process-owner";

/// Turns foreign events into notices.
pub(crate) struct Reactions {
    log: Log,
    registry: std::sync::Arc<Registry>,
    teams: Teams,
    ack_grace: SignedDuration,
    default_locale: String,
    /// The zone of parties who have not told theirs.
    zone: TimeZone,
    /// A process owner is configured.
    has_process_owner: bool,
    /// An SLA manager is configured.
    has_sla_manager: bool,
}

impl Reactions {
    /// # Errors
    /// If the time zone is invalid, which the checks of [`Config::problems`] should have found.
    pub(crate) fn new(
        log: Log,
        registry: std::sync::Arc<Registry>,
        config: &Config,
    ) -> Result<Self, jiff::Error> {
        Ok(Self {
            teams: Teams::new(log.clone()),
            log,
            registry,
            ack_grace: SignedDuration::try_from(config.ack_grace).unwrap_or(SignedDuration::MAX),
            default_locale: config.texts.default_locale.clone(),
            zone: TimeZone::get(&config.texts.time_zone)?,
            has_process_owner: !config.process_owner.is_empty(),
            has_sla_manager: !config.sla_manager.is_empty(),
        })
    }

    /// Notes what the subscription was given.
    pub(crate) fn arrived(&self, events: &[Recorded]) {
        self.registry.arrived(events);
    }

    /// Schedules whatever follows from `event`.
    pub(crate) async fn react(&self, event: &Recorded) -> Result<(), HandlerError> {
        // Our own facts are nobody's news: a webhook that got them would never end.
        if matches!(event.stream.category.as_ref(), "notice" | "webhook") {
            return Ok(());
        }
        // Nobody is notified about the past.
        if event.metadata()?.historical {
            return Ok(());
        }
        for wanted in self.people(event).await? {
            self.schedule(event, wanted).await?;
        }
        for webhook_id in self.registry.wanting(event).await? {
            self.schedule(event, to_webhook(event, webhook_id.0)).await?;
        }
        Ok(())
    }

    /// The people whom the event concerns.
    async fn people(&self, event: &Recorded) -> Result<Vec<Wanted>, HandlerError> {
        match event.event_type.as_str() {
            wire::event::TICKET_ESCALATED => self.escalated(event).await,
            wire::event::THRESHOLD_REACHED => self.near(event).await,
            wire::event::CLOCK_BREACHED => self.over(event).await,
            wire::event::MESSAGE_ADDED => self.message(event, &decode(event)?).await,
            _ => Ok(self.person(event).await?.into_iter().collect()),
        }
    }

    /// The notice to the person that the event concerns. Events not named here concern no person.
    async fn person(&self, event: &Recorded) -> Result<Option<Wanted>, HandlerError> {
        match event.event_type.as_str() {
            wire::event::TICKET_REGISTERED => self.registered(event, &decode(event)?).await,
            wire::event::TICKET_RESOLVED => {
                let ticket = self.ticket(event).await?;
                let told = complaint::was_decided(&ticket, event)?;
                let resolution = customer(event, Purpose::Resolution);
                let resolution = self.to_requester((&ticket, event), resolution).await?;
                let duplicate = told.then_some(SuppressionReason::Duplicate);
                Ok(resolution
                    .map(|wanted| Wanted { suppressed: wanted.suppressed.or(duplicate), ..wanted }))
            }
            wire::event::COMPLAINT_OPENED => {
                let ack = customer(event, Purpose::ComplaintAck);
                let ack = Wanted { wait: self.ack_grace, ..ack };
                self.to_requester((&self.ticket(event).await?, event), ack).await
            }
            wire::event::COMPLAINT_NOTED => self.under_other_law(event).await,
            wire::event::TICKET_ASSIGNED => assigned(event, decode(event)?).map(Some),
            wire::event::TIMER_FIRED => match decode::<TimerFired>(event)?.timer() {
                TimerKind::CustomerReminder => {
                    let reminder = customer(event, Purpose::CustomerReminder);
                    self.to_requester((&self.ticket(event).await?, event), reminder).await
                }
                TimerKind::NoReplyResolve
                | TimerKind::AutoClose
                | TimerKind::SupplementEnd
                | TimerKind::AppealWindowEnd
                | TimerKind::NoNewsUpdate
                | TimerKind::NoteMissing
                | TimerKind::Unspecified => Ok(None),
            },
            _ => Ok(None),
        }
    }

    async fn registered(
        &self,
        event: &Recorded,
        message: &TicketRegistered,
    ) -> Result<Option<Wanted>, HandlerError> {
        let monitoring = message.channel() == common::Channel::Monitoring;
        if monitoring || message.requester_party_id.is_empty() {
            return Ok(None);
        }
        let ack = Wanted {
            wait: self.ack_grace,
            // A customer in a conversation is awake.
            at_once: message.channel() == common::Channel::Chat,
            ..customer(event, Purpose::Ack)
        };
        self.addressed(event, ack, message).await.map(Some)
    }

    /// What has happened to the ticket that the event belongs to.
    async fn ticket(&self, event: &Recorded) -> Result<Vec<Recorded>, HandlerError> {
        let stream = StreamId::new("ticket", event.stream.id);
        Ok(self.log.read_stream(&event.to_tenant(), &stream, 0).await?)
    }

    /// A notice to the requester of a ticket at the time of the event.
    async fn to_requester(
        &self,
        (ticket, event): (&[Recorded], &Recorded),
        wanted: Wanted,
    ) -> Result<Option<Wanted>, HandlerError> {
        Ok(match asking(ticket, event)? {
            Some(Asking::Registered(message)) => {
                Some(self.addressed(event, wanted, &message).await?)
            }
            // Its language and its address are looked up when the notice is sent.
            Some(Asking::Linked(party)) => Some(Wanted { recipient: party.to_string(), ..wanted }),
            None => None,
        })
    }

    /// The party that the ticket was registered with: at the address in the ticket, else at the one
    /// of its profile, if it has one.
    async fn addressed(
        &self,
        event: &Recorded,
        wanted: Wanted,
        message: &TicketRegistered,
    ) -> Result<Wanted, HandlerError> {
        let party = uuid_opt(&message.requester_party_id, "requester_party_id")?;
        // That there is an address is known without the key.
        let reachable = match party {
            _ if wire::sealed::is_given(message.requester_email.as_ref()) => true,
            Some(party) => self.has_profile(event, party).await?,
            None => false,
        };
        Ok(Wanted {
            recipient: party.map(|id| id.to_string()).unwrap_or_default(),
            locale: template::locale_of(&message.language, &self.default_locale).to_owned(),
            suppressed: wanted.suppressed.or((!reachable).then_some(SuppressionReason::NoChannel)),
            ..wanted
        })
    }

    async fn has_profile(&self, event: &Recorded, party: Uuid) -> Result<bool, HandlerError> {
        let stream = StreamId::new("party", party);
        Ok(!self.log.read_stream(&event.to_tenant(), &stream, 0).await?.is_empty())
    }

    /// Where a ticket stood when the event happened.
    async fn route(&self, event: &Recorded, ticket_id: Uuid) -> Result<Route, HandlerError> {
        let stream = StreamId::new("route", ticket_id);
        let steps = self.log.read_stream(&event.to_tenant(), &stream, 0).await?;
        let mut route = Route::default();
        for step in steps.iter().filter(|step| step.position < event.position) {
            match step.event_type.as_str() {
                wire::event::TICKET_ASSIGNED => {
                    route.owner = Some(decode::<TicketAssigned>(step)?.agent_id);
                }
                wire::event::TICKET_QUEUED => {
                    let queue_id = decode::<TicketQueued>(step)?.queue_id;
                    route = Route { owner: None, queue_id: Some(queue_id) };
                }
                _ => {}
            }
        }
        Ok(route)
    }

    async fn schedule(&self, event: &Recorded, wanted: Wanted) -> Result<(), HandlerError> {
        if let Some(told) = wanted.told_once() {
            if self.make(event, &told).await? {
                return Ok(());
            }
            // In another ticket of the same customer: here it is only said that it is.
            let duplicate = Some(SuppressionReason::Duplicate);
            self.make(event, &Wanted { suppressed: duplicate, ..wanted }).await?;
            return Ok(());
        }
        self.make(event, &wanted).await.map(drop)
    }

    /// The end of the recipient's quiet hours, if the notice would leave in them. What the law
    /// demands leaves at any time.
    async fn quiet_until(
        &self,
        event: &Recorded,
        wanted: &Wanted,
    ) -> Result<Option<Timestamp>, HandlerError> {
        let asked = wanted.part.preference(wanted.purpose).zip(wanted.recipient.parse().ok());
        let (Some((purpose, party)), None, false) = (asked, wanted.suppressed, wanted.at_once)
        else {
            return Ok(None);
        };
        let found = preferences::quiet_hours(self.log.pool(), event.tenant, party, purpose).await?;
        let Some((party, quiet)) = found else { return Ok(None) };
        let zone = self.zone_of(event, party).await?;
        Ok(quiet.end(wanted.send_at(event), &zone))
    }

    /// The zone in which a party lives.
    async fn zone_of(&self, event: &Recorded, party: Uuid) -> Result<TimeZone, HandlerError> {
        let stream = StreamId::new("party", party);
        let events = self.log.read_stream(&event.to_tenant(), &stream, 0).await?;
        Ok(zone::of_party(&events)?.unwrap_or_else(|| self.zone.clone()))
    }

    /// Makes the notice; false if another cause made it before.
    async fn make(&self, event: &Recorded, wanted: &Wanted) -> Result<bool, HandlerError> {
        let tenant = event.to_tenant();
        let key = Key {
            purpose: wanted.purpose,
            subject: &wanted.subject,
            recipient: &wanted.recipient,
            cycle: &wanted.cycle,
        };
        let notice_id = key.notice_id(&tenant.name);
        let not_before = self.quiet_until(event, wanted).await?;
        let command = wanted.command(event, notice_id, key.to_string(), not_before);
        let cause = Cause::reaction(event, "notification")?;
        match eventlog::create::<Notice>(&self.log, &tenant, notice_id.0, &cause, &command).await {
            Ok(_) => Ok(true),
            Err(ExecuteError::Rejected(Rejection::AlreadyMade)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// Where a ticket stands.
#[derive(Default)]
struct Route {
    owner: Option<String>,
    queue_id: Option<String>,
}
