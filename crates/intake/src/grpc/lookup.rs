//! What a command must know of other tickets: read before the decision, strongly consistent, and at
//! most as many as a tree may be high.
use std::collections::BTreeMap;

use domain::Aggregate;
use domain::identity::{ContactPoint, ContactPointKind};
use domain::ids::{Personal, TicketId};
use domain::party::{Facts, PartyKind};
use domain::ticket::{
    Command, Complain, HoldForCustomer, Link, LinkKind, LinkTo, MOST_ANCESTORS, Other, SendReply,
    SendUpdate, State, Ticket,
};
use eventlog::{Guard, StreamId};
use tonic::Status;
use uuid::Uuid;
use wire::Payload as _;

use super::Intake;
use crate::call::{Call, Target};
use crate::{convert, status};

impl Intake {
    /// The merge of a ticket into another; `NOT_FOUND` if there is no such other.
    pub(super) async fn merge_into(
        &self,
        call: &Call,
        merged: Uuid,
        into: Uuid,
    ) -> Result<(Command, Vec<Guard>), Status> {
        let state = self.read(call, merged).await?;
        let regimes = self.law_under(call, &state).await?.regimes;
        let (target, guard) = self.other(call, into).await?;
        let asking = [state.facts().and_then(|facts| facts.requester_party()), target.requester];
        let mut aliases = BTreeMap::new();
        // The requester of both is one party, whatever alias it has.
        if asking[0] != asking[1] {
            for party_id in asking.into_iter().flatten() {
                aliases.insert(party_id, self.living_id(call, party_id).await?);
            }
        }
        Ok((Command::Merge { target, aliases, regimes }, vec![guard]))
    }

    /// Another ticket; `NOT_FOUND` if there is none.
    async fn other(&self, call: &Call, ticket_id: Uuid) -> Result<(Other, Guard), Status> {
        let (state, guard) = self.guarded(call, ticket_id).await?;
        let regimes = self.law_under(call, &state).await?.regimes;
        // Looked up for this very state.
        let other = state.as_other(&regimes).map_err(|_| chassis::status::conflict())?;
        Ok((other.ok_or_else(|| status::no_ticket(ticket_id))?, guard))
    }

    /// The link with the ancestors of the other ticket; `NOT_FOUND` if there is no such ticket.
    pub(super) async fn link_to(
        &self,
        call: &Call,
        link: Link,
    ) -> Result<(Command, Vec<Guard>), Status> {
        let Link { kind, other } = link;
        let (mut state, guard) = self.guarded(call, other.0).await?;
        if state.facts().is_none() {
            return Err(status::no_ticket(other.0));
        }
        let mut ancestors = Vec::new();
        let mut guards = Vec::from_iter((kind == LinkKind::ChildOf).then_some(guard));
        while kind == LinkKind::ChildOf
            && ancestors.len() < MOST_ANCESTORS
            && let Some(parent) = parent(&state)
        {
            ancestors.push(parent);
            let (above, guard) = self.guarded(call, parent.0).await?;
            state = above;
            guards.push(guard);
        }
        Ok((Command::Link(LinkTo { kind, other, ancestors }), guards))
    }

    /// A confirmation that nobody has written is in the language of the ticket.
    pub(super) async fn confirm_withdrawal(
        &self,
        call: &Call,
        (target, command): &mut (Target, Command),
    ) -> Result<(), Status> {
        let Command::Withdraw { confirmation, .. } = command else { return Ok(()) };
        if confirmation.body.0.is_empty() {
            let state = self.read(call, target.id).await?;
            let language = state.facts().map_or("", |facts| facts.registered.language.as_str());
            confirmation.body = Personal(convert::taken_back(language).to_owned());
        }
        Ok(())
    }

    /// What is known of the requester, for a message that everybody will read: another one needs
    /// nothing of it.
    pub(super) async fn know_requester(
        &self,
        call: &Call,
        (target, command): &mut (Target, Command),
    ) -> Result<(), Status> {
        let (message, known) = match command {
            Command::SendReply(SendReply { message, known, .. })
            | Command::SendUpdate(SendUpdate { message, known, .. })
            | Command::HoldForCustomer(HoldForCustomer { question: message, known, .. }) => {
                (message, known)
            }
            Command::ExtendRequest(command) => (&mut command.message, &mut command.known),
            Command::Complaint(complain) => {
                let Complain { message: Some(message), known, .. } = &mut **complain else {
                    return Ok(());
                };
                (message, known)
            }
            _ => return Ok(()),
        };
        if !message.public_venue {
            return Ok(());
        }
        known.token = Personal(self.threads.token(&call.tenant.name, TicketId(target.id)));
        let state = self.read(call, target.id).await?;
        let Some(requester) = state.facts().and_then(|facts| facts.requester.as_ref()) else {
            return Ok(());
        };
        let email = requester.email.clone();
        let email = email.map(|value| ContactPoint { kind: ContactPointKind::Email, value });
        known.contact_points.extend(email);
        let party = self.lives_as(call, requester.party_id).await?;
        if let Some(Facts { profile, .. }) = party.facts() {
            // The name of a company is no secret, and its words stand in any text.
            let name = profile.name.clone().filter(|_| profile.kind == PartyKind::Person);
            known.names.extend(name);
            known.contact_points.extend_from_slice(&profile.contact_points);
        }
        Ok(())
    }

    pub(super) async fn read(&self, call: &Call, ticket_id: Uuid) -> Result<State, Status> {
        Ok(self.guarded(call, ticket_id).await?.0)
    }

    /// The same, for a decision that holds only as long as that ticket stays as it is.
    async fn guarded(&self, call: &Call, ticket_id: Uuid) -> Result<(State, Guard), Status> {
        let loaded = eventlog::load::<Ticket>(&self.log, &call.tenant, ticket_id).await;
        let loaded = loaded.map_err(|error| self.unreadable(&error))?;
        let stream = StreamId::new(<Ticket as Aggregate>::Event::CATEGORY, ticket_id);
        Ok((loaded.state, Guard { stream, version: loaded.version }))
    }
}

fn parent(state: &State) -> Option<TicketId> {
    state.facts().and_then(|facts| facts.parent())
}
