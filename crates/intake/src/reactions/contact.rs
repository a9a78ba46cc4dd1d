//! What a conversation means for its ticket: it counts as a reply, and a requested call back
//! becomes a promise.
use domain::contact::{Answered, Answerer, Contact, Direction, Ended, Event, Facts, Outcome};
use domain::ids::TicketId;
use domain::ticket::{Command, ContactNoted, PromiseKind, Ticket};
use eventlog::{Cause, HandlerError, Recorded, StreamId, Tenant, load_before};

use super::{Reactions, SERVICE};

/// The events of a contact that tickets react to.
pub(super) enum Talk {
    /// A person took it.
    Answered(Answered),
    /// It is over.
    Ended(Ended),
}

impl Talk {
    /// What the event of a contact means to a ticket; nothing for most of them.
    pub(super) fn read(event: &Recorded) -> Result<Option<Self>, HandlerError> {
        Ok(match event.decode::<Event>()? {
            Event::Answered(answered) if is_person(&answered) => Some(Self::Answered(answered)),
            Event::Ended(ended) => Some(Self::Ended(ended)),
            Event::Answered(_) | Event::Started(_) | Event::Routed(_) => None,
        })
    }
}

impl Reactions {
    /// Notes on the ticket that the customer was spoken with, or is to be called back.
    pub(super) async fn talked(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        talk: &Talk,
    ) -> Result<(), HandlerError> {
        let (log, id) = (&self.log, event.stream.id);
        let contact = load_before::<Contact>(log, tenant, id, event.position).await?;
        let Some(facts) = contact.facts() else { return Ok(()) };
        match talk {
            Talk::Answered(answered) => {
                let Some(ticket_id) = facts.started.resumed_ticket_id else { return Ok(()) };
                let spoken = (answered, event.position);
                self.note_contact(event, tenant, (ticket_id, facts), spoken).await
            }
            // Who is to be called back was not answered by it.
            Talk::Ended(ended) if ended.outcome == Outcome::CallbackRequested => {
                self.call_back(event, tenant, facts, ended).await
            }
            Talk::Ended(ended) => {
                let Some(ticket_id) = ended.ticket_id else { return Ok(()) };
                let Some((answered, position)) = self.first_answer(event, tenant).await? else {
                    return Ok(());
                };
                let spoken = (&answered, position);
                self.note_contact(event, tenant, (ticket_id, facts), spoken).await
            }
        }
    }

    /// The first person's answer in the contact that the event belongs to, and its position.
    async fn first_answer(
        &self,
        event: &Recorded,
        tenant: &Tenant,
    ) -> Result<Option<(Answered, u64)>, HandlerError> {
        let stream = StreamId::new("contact", event.stream.id);
        for told in self.log.read_stream(tenant, &stream, 0).await? {
            if let Event::Answered(answered) = told.decode::<Event>()?
                && is_person(&answered)
            {
                return Ok(Some((answered, told.position)));
            }
        }
        Ok(None)
    }

    /// Notes the conversation on a ticket, with the promise that was open when it began.
    async fn note_contact(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        (ticket_id, facts): (TicketId, &Facts),
        (answered, position): (&Answered, u64),
    ) -> Result<(), HandlerError> {
        let Answerer::Human(agent_id) = &answered.by else { return Ok(()) };
        let before = load_before::<Ticket>(&self.log, tenant, ticket_id.0, position).await?;
        let promises = before.facts().into_iter().flat_map(|facts| &facts.promises);
        let callback = promises.into_iter().find(|open| open.kind == PromiseKind::Callback);
        let command = Command::NoteContact(ContactNoted {
            contact_id: facts.started.contact_id,
            outbound: facts.started.direction == Direction::Outbound,
            agent_id: agent_id.clone(),
            answered_at: answered.answered_at,
            keeps: callback.map(|open| open.promise_id),
        });
        let cause = Cause::reaction(event, SERVICE)?;
        self.follow_if_allowed(cause, tenant, ticket_id, &command).await
    }
}

fn is_person(answered: &Answered) -> bool {
    matches!(answered.by, Answerer::Human(_))
}
