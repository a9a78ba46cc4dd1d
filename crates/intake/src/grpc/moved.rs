//! Finds the ticket that takes a message of the customer, after merges and closing.
//!
//! The message is offered first to the ticket that it names, so that a repeated request gets its
//! earlier answer. Only a refusal of that ticket leads to another one.
use domain::ids::{MessageId, TicketId};
use domain::ticket::{AuthorKind, Command, Permission, Rejection, Stage};
use eventlog::ExecuteError;
use tonic::Status;

use super::{Answer, Intake};
use crate::call::{Call, Target};
use crate::view::keep_requester;
use crate::{convert, status};

/// How many merges in a row a message follows.
const MOST_MOVES: usize = 64;

impl Intake {
    /// Brings a message to its ticket, to the one that this was merged into, or to a new one
    /// that follows it. Answers with the message's id, too; with nothing if a machine's message
    /// met a closed ticket, which no ticket follows then.
    pub(super) async fn bring(
        &self,
        call: &Call,
        (mut target, command): (Target, Command),
    ) -> Result<Option<(MessageId, Answer)>, Status> {
        let mut message_id = target.source.message();
        for _ in 0..MOST_MOVES {
            let error = match self.execute(call, &target, &command).await? {
                Ok(executed) => {
                    return Ok(Some((message_id, self.answered(call, &executed).await)));
                }
                Err(error) => error,
            };
            match (&error, &command) {
                (ExecuteError::Rejected(Rejection::MovedTo { ticket_id }), _) => {
                    if *ticket_id == target.source.ticket() {
                        message_id = MessageId(ticket_id.0);
                    }
                    target.id = ticket_id.0;
                    // The caller has seen the other ticket's version.
                    target.etag = None;
                }
                (
                    ExecuteError::Rejected(Rejection::WrongStage {
                        current: Stage::Closed, ..
                    }),
                    Command::AddInboundMessage { message, .. },
                ) if Permission::FollowUp.is_of(call.role()) => {
                    return match message.author_kind {
                        AuthorKind::Human => self.follow_up(call, target, command).await.map(Some),
                        AuthorKind::Bot | AuthorKind::System => Ok(None),
                    };
                }
                _ => {
                    return Err(status::refused(error, &self.subject(&target, &command, "body")));
                }
            }
        }
        Err(status::moved_too_often(target.id))
    }

    /// Registers the ticket that takes the message in place of a closed one.
    async fn follow_up(
        &self,
        call: &Call,
        target: Target,
        command: Command,
    ) -> Result<(MessageId, Answer), Status> {
        let closed = target.id;
        let state = self.read(call, closed).await?;
        let (Some(facts), Command::AddInboundMessage { message, follow_up }) =
            (state.facts(), command)
        else {
            return Err(status::no_ticket(closed));
        };
        let register = convert::follow_up(call, (TicketId(closed), facts), (follow_up, message));
        let target = Target { id: follow_up.0, etag: None, ..target };
        let (mut ticket, token) = self.register(call, (target, register), None, "body").await?;
        // The requester is that of the closed ticket, not the caller that brings the message.
        if self.keeps_requester(call, &state).await {
            ticket.iter_mut().for_each(keep_requester);
        }
        Ok((MessageId(follow_up.0), (ticket, token)))
    }
}
