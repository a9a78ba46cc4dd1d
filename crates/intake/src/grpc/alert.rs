//! An alert that a machine raises repeatedly has one ticket at a time.
//!
//! The tickets of a key form a chain: the id of the first is derived from tenant and key, that of
//! each other from the one before. Two callers that raise the alert at the same moment therefore
//! name the same ticket. The log lets one of them register it; the other adds a note. The table
//! holds the end of the chain. It may lag, which costs only an extra step: whether a ticket is
//! closed is read from its stream.
//!
//! The place where a request starts to look is recorded before anything else. A repeated request
//! starts there too and finds its own answer, whatever was closed since.
use domain::backdating::Backdating;
use domain::ids::TicketId;
use domain::inbound::{Inbound, Receive, Received, State};
use domain::ticket::{Command, Event, Permission, Register, Rejection, Stage, Ticket};
use eventlog::{ExecuteError, Executed};
use tonic::Status;

use super::{Answer, Intake};
use crate::call::{Call, Target};
use crate::convert::complaint::Opening;
use crate::read_model::alerts;
use crate::{convert, identity, status};

/// Tickets in a row that one request looks at: those closed since the table was written.
const MOST_IN_A_ROW: usize = 100;

impl Intake {
    /// Registers the alert's ticket, or leaves a note on the one that is not closed. Answers
    /// whether it joined that one.
    pub(super) async fn raise(
        &self,
        call: &Call,
        (target, command): (Target, Command),
        told: Option<Opening>,
    ) -> Result<(Answer, bool), Status> {
        let alert = match &command {
            Command::Register(register) => register.registered.dedupe_key.clone(),
            _ => None,
        };
        let (Some(key), Command::Register(register)) = (alert, &command) else {
            let registered = self.register(call, (target, command), told, "body").await?;
            return Ok((registered, false));
        };
        call.require(Permission::Note)?;
        // The note of an alert that is raised again is as old as the alert.
        if register.backdating == Backdating::Denied {
            call.require(Permission::Backdate)?;
        }
        let note = convert::repeated_alert(call, &target, &register.registered);
        let note = Command::RepeatAlert(note);
        let mut ticket_id = self.where_to_look(call, &target, register, &key).await?;
        for _ in 0..MOST_IN_A_ROW {
            if let Some(begun) = self.begin(call, &target, ticket_id, register).await? {
                let joined =
                    !begun.events.iter().any(|event| matches!(event, Event::Registered(_)));
                return Ok((self.answered(call, &begun).await, joined));
            }
            if let Some(noted) = self.note(call, &target, ticket_id, &note).await? {
                return Ok((self.answered(call, &noted).await, true));
            }
            ticket_id = identity::next_of_alert(ticket_id);
        }
        Err(status::moved_too_often(ticket_id.0))
    }

    /// The ticket of the chain at which the request begins to look, as it was settled when the
    /// request came first.
    async fn where_to_look(
        &self,
        call: &Call,
        target: &Target,
        register: &Register,
        key: &str,
    ) -> Result<TicketId, Status> {
        let newest = alerts::newest(&self.pool, call.tenant.key, key).await;
        let newest = self.queried(newest.map_err(Into::into))?;
        let first = || identity::first_of_alert(&call.tenant.name, key);
        let receive = Receive {
            channel: register.registered.channel,
            received_at: register.registered.received_at,
            automatic: true,
            sender: None,
            other_sender: false,
            by_token: None,
            by_reference: None,
            same_object: Vec::new(),
            open: Vec::new(),
            by_key: Some(newest.unwrap_or_else(first)),
            new_ticket: target.source.ticket(),
        };
        let mut cause = call.cause(target);
        cause.correlation_id = newest.unwrap_or_else(first).0;
        let (log, id) = (&self.log, target.source.inbound());
        let executed = eventlog::execute::<Inbound>(log, &call.tenant, id, &cause, &receive).await;
        match executed.map(|executed| executed.state) {
            Ok(State::Received(Received { ticket_id, .. })) => Ok(ticket_id),
            Ok(State::Absent) => Err(status::no_ticket(target.id)),
            Err(error) => Err(status::people::inbound_refused(error, &self.meant(target, "body"))),
        }
    }

    /// Registers the alert under this id; `None` if another request has.
    async fn begin(
        &self,
        call: &Call,
        target: &Target,
        ticket_id: TicketId,
        register: &Register,
    ) -> Result<Option<Executed<Ticket>>, Status> {
        let mut register = register.clone();
        register.registered.ticket_id = ticket_id;
        register.registered.number = identity::number(&call.tenant.name, ticket_id);
        let (target, command) = (target.to(ticket_id), Command::Register(register));
        match self.execute(call, &target, &command).await? {
            Ok(executed) => Ok(Some(executed)),
            Err(ExecuteError::Rejected(Rejection::AlreadyRegistered)) => Ok(None),
            Err(error) => Err(status::refused(error, &self.subject(&target, &command, "body"))),
        }
    }

    /// Leaves the note there, or on the ticket that this one was merged into; `None` if that is
    /// closed.
    async fn note(
        &self,
        call: &Call,
        target: &Target,
        ticket_id: TicketId,
        note: &Command,
    ) -> Result<Option<Executed<Ticket>>, Status> {
        let mut at = ticket_id;
        for _ in 0..MOST_IN_A_ROW {
            let target = target.to(at);
            match self.execute(call, &target, note).await? {
                Ok(executed) => return Ok(Some(executed)),
                Err(ExecuteError::Rejected(Rejection::MovedTo { ticket_id })) => at = ticket_id,
                Err(ExecuteError::Rejected(Rejection::WrongStage {
                    current: Stage::Closed,
                    ..
                })) => return Ok(None),
                Err(error) => {
                    return Err(status::refused(error, &self.subject(&target, note, "body")));
                }
            }
        }
        Err(status::moved_too_often(at.0))
    }
}
