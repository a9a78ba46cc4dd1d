//! The rules by which an inbound message finds its ticket.
use super::{Event, JoinRule, MOST_CANDIDATES, Receive, Received, Rejection, State};
use crate::identity::Identification;
use crate::ids::TicketId;

pub(super) fn decide(state: &State, receive: &Receive) -> Result<Vec<Event>, Rejection> {
    match state {
        State::Received(_) => Err(Rejection::AlreadyReceived),
        State::Absent => Ok(vec![Event::Received(receive.settled()?)]),
    }
}

impl Receive {
    /// The ticket and the rule that leads to it.
    ///
    /// # Errors
    /// [`Rejection::Automatic`] if it would begin a ticket that nobody asks for.
    pub fn settled(&self) -> Result<Received, Rejection> {
        let (rule, ticket_id) = self.join();
        let begins = rule == JoinRule::NewTicket;
        if begins && self.automatic {
            return Err(Rejection::Automatic);
        }
        let named = matches!(rule, JoinRule::TicketToken | JoinRule::References);
        let candidates = self.open.iter().copied().filter(|_| begins).take(MOST_CANDIDATES);
        Ok(Received {
            channel: self.channel,
            received_at: self.received_at,
            automatic: self.automatic,
            sender: self.sender,
            other_sender: named && self.other_sender,
            ticket_id,
            rule,
            candidates: candidates.collect(),
        })
    }

    fn join(&self) -> (JoinRule, TicketId) {
        let verified =
            self.sender.is_some_and(|sender| sender.identification == Identification::Verified);
        if let Some(ticket) = self.by_key {
            return (JoinRule::DedupeKey, ticket);
        }
        match (self.by_token, self.by_reference, &self.same_object[..]) {
            (Some(ticket), _, _) => (JoinRule::TicketToken, ticket),
            (None, Some(ticket), _) => (JoinRule::References, ticket),
            (None, None, [only]) if verified => (JoinRule::SameObject, *only),
            (None, None, _) => (JoinRule::NewTicket, self.new_ticket),
        }
    }
}
