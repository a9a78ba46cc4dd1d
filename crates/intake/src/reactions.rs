//! What an event means for another ticket, and what time means for its own.
//!
//! A stream takes one command per causing event, and a reaction reads nothing that is later than
//! its event. Repeated delivery, however late, therefore changes nothing. News and solutions go
//! down a tree of tickets one level per event.
mod callback;
mod complaint;
mod contact;
mod disproof;
mod escalation;
mod family;
mod incident;
mod join;
mod no_news;
mod supplier;
mod task;
mod timer;

use std::time::Duration;

use domain::ids::TicketId;
use domain::ticket::{
    Command, Event, Link, LinkKind, MessageAdded, MessagePurpose, Rejection, Resolved, SplitOff,
    State, Ticket,
};
use domain::when::When;
use eventlog::{
    Cause, ExecuteError, HandlerError, Log, Recorded, StreamId, Subscriber, Tenant, load_before,
};
use prost::Message as _;
use sqlx::{PgConnection, PgPool};
use wire::routing::v1::TicketEscalated;

use crate::config::Config;
use crate::read_model::Projection;
use task::Task;

/// Name of the service in what it causes.
const SERVICE: &str = "intake";

/// Follows the log: keeps the read model of parties and contacts, and reacts. A reaction reads
/// tickets from their streams, and which law there is.
pub(crate) struct Reactions {
    log: Log,
    pool: PgPool,
    projection: Projection,
    /// Tells customers instants.
    when: When,
    /// Working time within which a requested call back is promised.
    callback_within: Duration,
}

impl Subscriber for Reactions {
    async fn project(
        &self,
        tx: &mut PgConnection,
        events: &[Recorded],
    ) -> Result<(), HandlerError> {
        self.projection.project(tx, events).await
    }

    fn committed(&self, events: &[Recorded]) {
        self.projection.committed(events);
    }

    async fn react(&self, event: &Recorded) -> Result<(), HandlerError> {
        let Some(reaction) = Reaction::to(event)? else { return Ok(()) };
        let tenant = event.to_tenant();
        match reaction {
            Reaction::TakeIn { source, target } => {
                let command = Command::TakeInMerged { source };
                self.follow(event, &tenant, target, &command).await
            }
            Reaction::RegisterSplit(split) => self.register_split(event, &tenant, &split).await,
            Reaction::NoteLinked(link) => {
                let command = Command::NoteLinked(from_other_side(event, link));
                self.follow(event, &tenant, link.other, &command).await
            }
            Reaction::NoteUnlinked(link) => {
                let command = Command::NoteUnlinked(from_other_side(event, link));
                self.follow(event, &tenant, link.other, &command).await
            }
            Reaction::CatchUp { child } => self.catch_up(event, &tenant, child).await,
            Reaction::Broadcast(message) => self.broadcast(event, &tenant, &message).await,
            Reaction::JoinIncident => self.join_incident(event, &tenant).await,
            Reaction::Cascade(resolved) => self.cascade(event, &tenant, &resolved).await,
            Reaction::Timer(timer) => self.time_is_over(event, &tenant, timer).await,
            Reaction::Deem(silence) => self.deem(event, &tenant, &silence).await,
            Reaction::DenySilence(disproof) => self.deny_silence(event, &tenant, &disproof).await,
            Reaction::Prove(letter) => self.prove(event, &tenant, &letter).await,
            Reaction::CloseLate => self.close_late(event, &tenant).await,
            Reaction::Task(ticket_id, task) => {
                self.leave_task(event, &tenant, (ticket_id, task)).await
            }
            Reaction::SupplierLate(late) => self.give_up_supplier(event, &tenant, &late).await,
            Reaction::Escalated(escalated) => self.hand_over(event, &tenant, &escalated).await,
            Reaction::Talk(talk) => self.talked(event, &tenant, &talk).await,
        }
    }
}

/// What an event asks of other tickets.
enum Reaction {
    /// A ticket was merged into another, which notes it.
    TakeIn { source: TicketId, target: TicketId },
    /// Messages were split off and become a ticket.
    RegisterSplit(SplitOff),
    /// A link was made; the other ticket notes it.
    NoteLinked(Link),
    /// A link was taken away; the other ticket notes it.
    NoteUnlinked(Link),
    /// A parent has noted its child, which may have missed something.
    CatchUp { child: TicketId },
    /// News for all tickets below.
    Broadcast(MessageAdded),
    /// A ticket may be about an incident that monitoring has raised.
    JoinIncident,
    /// The solution of an incident is that of its children.
    Cascade(Resolved),
    /// A time is over.
    Timer(timer::Timer),
    /// The law reads acceptance into silence.
    Deem(complaint::Silence),
    /// The law reads nothing into a silence that there was not.
    DenySilence(disproof::Disproof),
    /// A decision's letter left, or reached the customer.
    Prove(complaint::Letter),
    /// Perhaps nothing keeps a complaint open any longer.
    CloseLate,
    /// Another company has not answered in time.
    SupplierLate(supplier::Late),
    /// Somebody has to act.
    Task(TicketId, Task),
    /// The ticket was escalated: its receiver must know what was done so far.
    Escalated(Box<TicketEscalated>),
    /// A person spoke with a customer, or has to call one back.
    Talk(contact::Talk),
}

impl Reaction {
    /// Every event that intake answers; it ignores all others on purpose.
    fn to(event: &Recorded) -> Result<Option<Self>, HandlerError> {
        let metadata = event.metadata()?;
        // The past of another system is over.
        if metadata.historical {
            return Ok(None);
        }
        match &*event.stream.category {
            "ticket" => Self::to_own(event, metadata.causation_id.is_empty()),
            "contact" => Ok(contact::Talk::read(event)?.map(Self::Talk)),
            _ => Self::to_foreign(event),
        }
    }

    fn to_foreign(event: &Recorded) -> Result<Option<Self>, HandlerError> {
        Ok(match event.event_type.as_str() {
            wire::event::TIMER_FIRED => timer::Timer::read(event)?.map(Self::Timer),
            wire::event::CLOCK_BREACHED | wire::event::BREACH_VOIDED => {
                return Self::to_breach(event);
            }
            wire::event::NOTIFICATION_SENT => complaint::Letter::sent(event)?.map(Self::Prove),
            wire::event::NOTIFICATION_DELIVERED => {
                complaint::Letter::delivered(event)?.map(Self::Prove)
            }
            wire::event::NOTIFICATION_FAILED | wire::event::NOTIFICATION_SUPPRESSED => {
                Task::of_notice(event)?.map(|(ticket_id, task)| Self::Task(ticket_id, task))
            }
            wire::event::TICKET_ESCALATED => {
                let escalated = TicketEscalated::decode(&*event.payload);
                Some(Self::Escalated(Box::new(escalated.map_err(wire::DecodeError::from)?)))
            }
            _ => None,
        })
    }

    /// To an event of a ticket; `asked` if a caller asked for it, and no reaction.
    fn to_own(event: &Recorded, asked: bool) -> Result<Option<Self>, HandlerError> {
        let own = TicketId(event.stream.id);
        Ok(match event.decode::<Event>()? {
            Event::Merged { source, target } if source == own => {
                Some(Self::TakeIn { source, target })
            }
            Event::Split(split) => Some(Self::RegisterSplit(split)),
            // Only a child is linked from here without being asked.
            Event::Linked(link) if asked || link.kind == LinkKind::ChildOf => {
                Some(Self::NoteLinked(link))
            }
            Event::Linked(link) => join::child(link).map(|child| Self::CatchUp { child }),
            Event::Unlinked(link) if asked => Some(Self::NoteUnlinked(link)),
            Event::MessageAdded(message) if message.purpose == MessagePurpose::Broadcast => {
                Some(Self::Broadcast(message))
            }
            Event::Resolved(resolved) => Some(Self::Cascade(resolved)),
            Event::Complaint(told) if complaint::settles(&told) => Some(Self::CloseLate),
            Event::Complaint(told) => Task::of_silence(&told).map(|task| Self::Task(own, task)),
            Event::Registered(registered) if incident::may_join(&registered) => {
                Some(Self::JoinIncident)
            }
            Event::Registered(_)
            | Event::Classified(_)
            | Event::PriorityChanged(_)
            | Event::MessageAdded(_)
            | Event::WorkStarted { .. }
            | Event::Held(_)
            | Event::Unheld { .. }
            | Event::Reopened(_)
            | Event::Closed(_)
            | Event::PromiseMade(_)
            | Event::RequestExtended(_)
            | Event::ContactNoted(_)
            | Event::PartyLinked(_)
            | Event::Merged { .. }
            | Event::Unlinked(_) => None,
        })
    }
}

impl Reaction {
    /// What a time that has passed asks for, or one that turns out not to have.
    fn to_breach(event: &Recorded) -> Result<Option<Self>, HandlerError> {
        if event.event_type == wire::event::BREACH_VOIDED {
            return Ok(disproof::Disproof::read(event)?.map(Self::DenySilence));
        }
        if let Some(late) = supplier::Late::read(event)? {
            return Ok(Some(Self::SupplierLate(late)));
        }
        Ok(match complaint::Silence::read(event)? {
            Some(silence) => Some(Self::Deem(silence)),
            None => Task::breached(event)?.map(|(ticket_id, task)| Self::Task(ticket_id, task)),
        })
    }
}

impl Reactions {
    pub(crate) fn new(log: Log, projection: Projection, when: When, config: &Config) -> Self {
        let callback_within = config.callback_within;
        Self { pool: log.pool().clone(), log, projection, when, callback_within }
    }

    /// Carries a command out on a ticket because of an event of another.
    async fn follow(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        ticket_id: TicketId,
        command: &Command,
    ) -> Result<(), HandlerError> {
        let cause = Cause::reaction(event, SERVICE)?;
        Ok(self.execute(cause, tenant, ticket_id, command).await?)
    }

    async fn execute(
        &self,
        cause: Cause,
        tenant: &Tenant,
        ticket_id: TicketId,
        command: &Command,
    ) -> Result<(), ExecuteError<Rejection>> {
        let cause = Cause { correlation_id: ticket_id.0, ..cause };
        eventlog::execute::<Ticket>(&self.log, tenant, ticket_id.0, &cause, command).await?;
        Ok(())
    }

    /// The same for one of many tickets: what its rules refuse is left as it is, and a fault
    /// in its stream is not one of the event at hand.
    async fn follow_if_allowed(
        &self,
        cause: Cause,
        tenant: &Tenant,
        ticket_id: TicketId,
        command: &Command,
    ) -> Result<(), HandlerError> {
        self.follow_unless_refused(cause, tenant, ticket_id, command).await.map(drop)
    }

    /// The same, and answers the rule that refused.
    async fn follow_unless_refused(
        &self,
        cause: Cause,
        tenant: &Tenant,
        ticket_id: TicketId,
        command: &Command,
    ) -> Result<Option<Rejection>, HandlerError> {
        let error = match self.execute(cause, tenant, ticket_id, command).await {
            Ok(()) => return Ok(None),
            Err(ExecuteError::Rejected(rule)) => {
                tracing::debug!(ticket.id = %ticket_id.0, %rule, "left as it is");
                return Ok(Some(rule));
            }
            Err(error) => error,
        };
        match HandlerError::from(error) {
            HandlerError::Transient(source) => Err(HandlerError::Transient(source)),
            HandlerError::Poison(reason) => {
                tracing::error!(ticket.id = %ticket_id.0, reason, "not told what happened");
                Ok(None)
            }
        }
    }

    /// A ticket as it was before the event.
    async fn before(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        ticket_id: TicketId,
    ) -> Result<State, HandlerError> {
        Ok(load_before::<Ticket>(&self.log, tenant, ticket_id.0, event.position).await?)
    }

    async fn stream(
        &self,
        tenant: &Tenant,
        ticket_id: TicketId,
    ) -> Result<Vec<Recorded>, HandlerError> {
        let stream = StreamId::new("ticket", ticket_id.0);
        Ok(self.log.read_stream(tenant, &stream, 0).await?)
    }
}

/// The link that the event tells of, as the other ticket sees it.
fn from_other_side(event: &Recorded, link: Link) -> Link {
    Link { kind: link.kind.inverse(), other: TicketId(event.stream.id) }
}
