//! The gRPC surface for adapters of channels: finds the ticket of a message, records that, and adds
//! the message to the ticket.
//!
//! The result is recorded before the ticket changes: a message that is delivered again, because the
//! answer was lost, joins the same ticket, whatever has come in since.
use chassis::rpc::Role;
use domain::identity::{ContactPoint, ContactPointKind, Identification, Identity};
use domain::ids::{MessageId, TicketId};
use domain::inbound::{self, JoinRule, MOST_CANDIDATES, Receive, Received, Rejection, State};
use domain::ticket;
use eventlog::ExecuteError;
use tonic::{Request, Response, Status};
use wire::intake::v1;
use wire::intake::v1::inbound_service_server::InboundService;

use super::Intake;
use crate::call::Call;
use crate::convert::inbound as convert;
use crate::convert::inbound::Inbound;
use crate::read_model::{party_tickets, ticket_objects};
use crate::status;

/// Who brings messages of channels in.
const ADAPTERS: &[Role] = &[Role::Integrator];
/// With two or more candidates a person decides, so two are enough to read.
const SAME: i64 = 2;

#[tonic::async_trait]
impl InboundService for Intake {
    async fn receive_message(
        &self,
        request: Request<v1::ReceiveMessageRequest>,
    ) -> Result<Response<v1::ReceiveMessageResponse>, Status> {
        let call = self.caller(&request, "message.receive", ADAPTERS).await?;
        let inbound = convert::receive(&call, request.get_ref(), &self.config)?;
        if self.threads.find(&call.tenant.name, &inbound.own_id).is_some() {
            return Ok(Response::new(ignored(v1::IgnoreReason::OwnMail, inbound.automatic)));
        }
        let receive = match self.settled_before(&call, &inbound).await? {
            // Nothing is looked up: the tables may say otherwise by now, or lag.
            Some(received) => {
                Receive { by_token: Some(received.ticket_id), ..nothing_known(&inbound) }
            }
            None => self.look_up(&call, &inbound).await?,
        };
        let Some(received) = self.settle(&call, &inbound, receive).await? else {
            return Ok(Response::new(ignored(v1::IgnoreReason::Automatic, true)));
        };
        let answer = self.deliver(&call, inbound, received).await?;
        Ok(Response::new(answer))
    }
}

impl Intake {
    /// What is known of the message's tickets. Only those of its party are asked of the read
    /// model, once that knows everything that was there when the call began.
    async fn look_up(&self, call: &Call, inbound: &Inbound) -> Result<Receive, Status> {
        let by_token = self.first(call, &inbound.tokens).await?;
        let by_reference = match by_token {
            None => self.first(call, &inbound.references).await?,
            Some(_) => None,
        };
        let named = by_token.as_ref().or(by_reference.as_ref());
        if named.is_none() {
            self.caught_up(call).await?;
        }
        let point = inbound.contact_point.as_ref();
        let sender = self.identity(call, inbound.named, point).await?;
        let (mut same_object, mut open) = (Vec::new(), Vec::new());
        if let (None, Some(sender)) = (named, sender) {
            let (pool, tenant, party_id) = (&self.pool, call.tenant.key, sender.party_id);
            if sender.identification == Identification::Verified {
                let about = &inbound.about;
                let found = ticket_objects::open_about(pool, tenant, party_id, about, SAME).await;
                same_object = self.queried(found.map_err(Into::into))?;
            }
            let most = i64::try_from(MOST_CANDIDATES).unwrap_or(i64::MAX);
            let found = party_tickets::open_of_party(pool, tenant, party_id, most).await;
            open = self.queried(found.map_err(Into::into))?;
        }
        Ok(Receive {
            sender,
            other_sender: named.is_some_and(|(_, state)| is_other(state, sender, point)),
            by_token: by_token.map(|(id, _)| id),
            by_reference: by_reference.map(|(id, _)| id),
            same_object,
            open,
            ..nothing_known(inbound)
        })
    }

    /// What was settled when the message came in before.
    async fn settled_before(
        &self,
        call: &Call,
        inbound: &Inbound,
    ) -> Result<Option<Received>, Status> {
        let id = inbound.target.source.inbound();
        let loaded = eventlog::load::<inbound::Inbound>(&self.log, &call.tenant, id).await;
        let loaded = loaded.map_err(|error| self.unreadable(&error))?;
        Ok(match loaded.state {
            State::Absent => None,
            State::Received(received) => Some(received),
        })
    }

    /// The first ticket that one of the texts proves and that is there: a log that was restored
    /// from a backup may have lost it.
    async fn first(
        &self,
        call: &Call,
        texts: &[String],
    ) -> Result<Option<(TicketId, ticket::State)>, Status> {
        let proved = |text: &String| self.threads.find(&call.tenant.name, text);
        let Some(ticket_id) = texts.iter().find_map(proved) else { return Ok(None) };
        let state = self.read(call, ticket_id.0).await?;
        Ok(Some((ticket_id, state)).filter(|(_, state)| state.facts().is_some()))
    }

    /// Settles the message's ticket, or meets what was settled before; `None` if it is ignored.
    async fn settle(
        &self,
        call: &Call,
        inbound: &Inbound,
        receive: Receive,
    ) -> Result<Option<Received>, Status> {
        let target = &inbound.target;
        let mut cause = call.cause(target);
        // The history of the ticket tells why the message is there.
        if let Ok(settled) = receive.settled() {
            cause.correlation_id = settled.ticket_id.0;
        }
        let (log, id) = (&self.log, target.source.inbound());
        let executed =
            eventlog::execute::<inbound::Inbound>(log, &call.tenant, id, &cause, &receive).await;
        match executed.map(|executed| executed.state) {
            Ok(State::Received(received)) => Ok(Some(received)),
            Ok(State::Absent) | Err(ExecuteError::Rejected(Rejection::Automatic)) => Ok(None),
            Err(error) => Err(status::people::inbound_refused(error, &self.meant(target, "text"))),
        }
    }

    /// Brings the message to its ticket.
    async fn deliver(
        &self,
        call: &Call,
        inbound: Inbound,
        received: Received,
    ) -> Result<v1::ReceiveMessageResponse, Status> {
        let asked = inbound.command(call, &received);
        let brought = match received.rule {
            JoinRule::NewTicket => {
                let message_id = MessageId(asked.0.id);
                Some((message_id, self.register(call, asked, None, "text").await?))
            }
            JoinRule::TicketToken
            | JoinRule::References
            | JoinRule::SameObject
            | JoinRule::DedupeKey => self.bring(call, asked).await?,
        };
        let Some((message_id, (ticket, consistency_token))) = brought else {
            return Ok(ignored(v1::IgnoreReason::Automatic, true));
        };
        Ok(v1::ReceiveMessageResponse {
            ticket,
            message_id: message_id.0.to_string(),
            rule: v1::JoinRule::from(received.rule).into(),
            automatic: received.automatic,
            ignored: v1::IgnoreReason::Unspecified.into(),
            candidate_ticket_ids: received.candidates.iter().map(|id| id.0.to_string()).collect(),
            consistency_token,
        })
    }
}

/// A message of which nothing was looked up.
fn nothing_known(inbound: &Inbound) -> Receive {
    Receive {
        channel: inbound.channel,
        received_at: inbound.received_at,
        automatic: inbound.automatic,
        sender: None,
        other_sender: false,
        by_token: None,
        by_reference: None,
        same_object: Vec::new(),
        open: Vec::new(),
        by_key: None,
        new_ticket: inbound.target.source.ticket(),
    }
}

/// Whether somebody other than the requester of the ticket sent the message.
fn is_other(state: &ticket::State, sender: Option<Identity>, point: Option<&ContactPoint>) -> bool {
    let Some(asks) = state.facts().and_then(|facts| facts.requester.as_ref()) else { return true };
    let email = asks.email.clone();
    let email = email.map(|value| ContactPoint { kind: ContactPointKind::Email, value });
    let address = |point: &ContactPoint| match point.kind {
        ContactPointKind::Email => point.normalised(),
        ContactPointKind::Phone | ContactPointKind::Social | ContactPointKind::Postal => None,
    };
    let theirs = email.as_ref().and_then(address);
    let same_address = theirs.is_some() && theirs == point.and_then(address);
    !same_address && sender.map(|sender| sender.party_id) != Some(asks.party_id)
}

fn ignored(reason: v1::IgnoreReason, automatic: bool) -> v1::ReceiveMessageResponse {
    v1::ReceiveMessageResponse { ignored: reason.into(), automatic, ..Default::default() }
}
