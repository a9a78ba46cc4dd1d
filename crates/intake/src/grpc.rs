//! The gRPC surface, one file per service, and what they share: checking the caller, and executing
//! and answering a command to a ticket.
mod alert;
mod complaint;
mod contact;
mod erase;
mod inbound;
mod keys;
mod law;
mod lookup;
mod moved;
mod opening;
mod party;
mod people;
mod shown;
mod taxonomy;
mod ticket;

use std::sync::Arc;

use chassis::clock::Clock;
use chassis::rpc::RequestContext;
use domain::ticket::{Command, Link, Permission, Rejection, Ticket};
use eventlog::{AppendError, Cause, ExecuteError, Executed, Log};
use jiff::tz::TimeZone;
use sqlx::PgPool;
use tonic::{Request, Status};
use uuid::Uuid;
use wire::common::v1::ConsistencyToken;
use wire::intake::v1;
use wire::thread::Tokens;

use crate::blind::BlindIndex;
use crate::call::{self, Call, Target};
use crate::config::Config;
use crate::keys::Store;
use crate::status::{self, Subject};
use crate::taxonomies::Known;
use crate::view::{View, keep_requester};

/// The services behind the API.
#[derive(Clone)]
pub(crate) struct Intake {
    pub(crate) log: Log,
    pub(crate) pool: PgPool,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) config: Config,
    pub(crate) index: BlindIndex,
    pub(crate) threads: Tokens,
    pub(crate) taxonomies: Known,
    pub(crate) keys: Store,
    /// The zone whose days count.
    pub(crate) zone: TimeZone,
}

/// How often other tickets are looked up for one call before the caller is asked to try again.
const MOST_LOOKS: usize = 16;

/// How a ticket is joined to another one.
enum Join {
    MergeInto(Uuid),
    LinkTo(Link),
}

/// The ticket after a command, and where the log stands.
type Answer = (Option<v1::Ticket>, Option<ConsistencyToken>);

impl Intake {
    /// Who asks for which tenant; whether the role may is settled before anything is read.
    async fn call<T>(&self, request: &Request<T>, permission: Permission) -> Result<Call, Status> {
        let context = RequestContext::from_request(request)?;
        call::require(&context, permission)?;
        self.of_tenant(context).await
    }

    async fn of_tenant(&self, context: RequestContext) -> Result<Call, Status> {
        let call = calls::Call::of(context, &self.log, &*self.clock, self.config.retry_after);
        Ok(Call { call: call.await?, zone: self.zone.clone() })
    }

    fn unreadable(&self, error: &eventlog::Error) -> Status {
        calls::unreadable(error, self.config.retry_after)
    }

    /// Carries out a command on a ticket that is there; `text_field` is the field that can make it
    /// too large.
    async fn change(
        &self,
        call: &Call,
        (target, command): (Target, Command),
        text_field: &'static str,
    ) -> Result<Answer, Status> {
        match self.execute(call, &target, &command).await? {
            Ok(executed) => Ok(self.answered(call, &executed).await),
            Err(error) => Err(status::refused(error, &self.subject(&target, &command, text_field))),
        }
    }

    /// Joins a ticket to another one, which is looked up again if it has gone on before the append.
    async fn join(&self, call: &Call, target: &Target, to: Join) -> Result<Answer, Status> {
        for _ in 0..MOST_LOOKS {
            let (command, guards) = match to {
                Join::MergeInto(other) => self.merge_into(call, target.id, other).await?,
                Join::LinkTo(link) => self.link_to(call, link).await?,
            };
            call.require(command.permission())?;
            let cause = Cause { guards, ..call.cause(target) };
            let (log, tenant) = (&self.log, &call.tenant);
            match eventlog::execute::<Ticket>(log, tenant, target.id, &cause, &command).await {
                Ok(executed) => return Ok(self.answered(call, &executed).await),
                Err(ExecuteError::Append(AppendError::Moved)) => {}
                Err(error) => {
                    return Err(status::refused(error, &self.subject(target, &command, "")));
                }
            }
        }
        Err(chassis::status::conflict())
    }

    /// Carries the command out if the caller's role may ask for it; the inner error is the
    /// ticket's or the log's.
    async fn execute(
        &self,
        call: &Call,
        target: &Target,
        command: &Command,
    ) -> Result<Result<Executed<Ticket>, ExecuteError<Rejection>>, Status> {
        call.require(command.permission())?;
        let cause = call.cause(target);
        let (log, tenant) = (&self.log, &call.tenant);
        Ok(eventlog::execute::<Ticket>(log, tenant, target.id, &cause, command).await)
    }

    fn answer(&self, call: &Call, executed: &Executed<Ticket>) -> Answer {
        let view = View::after(executed, call.role());
        (view.ticket(&self.config), Some(call.token(executed.position)))
    }

    /// The answer without what a restriction keeps from the caller.
    async fn answered(&self, call: &Call, executed: &Executed<Ticket>) -> Answer {
        let (mut ticket, token) = self.answer(call, executed);
        if self.keeps_requester(call, &executed.state).await {
            ticket.iter_mut().for_each(keep_requester);
        }
        (ticket, token)
    }

    fn subject(&self, target: &Target, command: &Command, text_field: &'static str) -> Subject {
        Subject {
            id: target.id,
            message_field: match command {
                Command::Complaint(_) => "message_id",
                _ => "message_ids",
            },
            due_field: match command {
                Command::SendReply(_) => "promise.due_at",
                _ => "due_at",
            },
            call: self.subject_of(target, text_field),
        }
    }

    fn subject_of(&self, target: &Target, text_field: &'static str) -> calls::Subject {
        let (request_id, retry_after) = (target.request.id, self.config.retry_after);
        calls::Subject { request_id, text_field, retry_after }
    }
}
