//! The gRPC surface of routes: each handler reads the call, converts it to a command, executes it
//! and answers with the route.
mod convert;
mod directory;
mod escalate;
mod import;

use std::sync::Arc;

use calls::{Call, Subject};
use chassis::clock::Clock;
use chassis::fields::Fields;
use chassis::rpc::{RequestContext, Role};
use domain::directory::{Rejection, State as DirectoryState};
use domain::ids::{AgentId, QueueId, TicketId};
use domain::route::{Assign, Command, Method, Requeue, Route};
use eventlog::{Error, Executed, Log};
use sqlx::PgPool;
use tonic::{Request, Response, Status};
use wire::routing::v1;
use wire::routing::v1::routing_service_server::RoutingService;

use crate::config::Config;
use crate::directories::Directories;
use crate::reactions::{accept_by, assignment_id};
use crate::status;
use crate::target::Target;
use crate::view;

const WORK: &[Role] = &[Role::Agent, Role::Expert, Role::Lead];
/// Who may tell the leads; only those who [`WORK`] may pass a ticket on.
const ESCALATE: &[Role] =
    &[Role::Agent, Role::Expert, Role::Lead, Role::SlaManager, Role::ProcessOwner];
const ASSIGN: &[Role] = &[Role::Agent, Role::Expert, Role::Lead, Role::Integrator, Role::System];
const IMPORT: &[Role] = &[Role::Integrator, Role::System];
const READ: &[Role] = &Role::ALL_BUT_CUSTOMER;

/// Whether the role acts for itself only, not for a team.
fn works_alone(role: Role) -> bool {
    matches!(role, Role::Agent | Role::Expert)
}

/// Seconds to accept in a queue that is not in the directory.
const ACCEPT_WITHIN_S: u32 = 15 * 60;

/// The services behind the API.
#[derive(Clone)]
pub(crate) struct Handlers {
    pub(crate) log: Log,
    /// The same log, sealing what it appends: for hand-overs.
    pub(crate) sealed: Log,
    pub(crate) pool: PgPool,
    pub(crate) directories: Arc<Directories>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) config: Config,
}

impl Handlers {
    /// Who asks for which tenant; whether the role may is settled before anything is read.
    async fn call<T>(
        &self,
        request: &Request<T>,
        permission: &str,
        roles: &[Role],
    ) -> Result<Call, Status> {
        let context = RequestContext::from_request(request)?;
        context.require_role(permission, roles)?;
        Call::of(context, &self.log, &*self.clock, self.config.retry_after).await
    }

    fn subject(&self, target: &Target) -> Subject {
        let retry_after = self.config.retry_after;
        Subject { request_id: target.request.id, text_field: "request", retry_after }
    }

    fn unreadable(&self, error: &Error) -> Status {
        calls::unreadable(error, self.config.retry_after)
    }

    /// Reads from the directory as it is now.
    async fn directory<R>(
        &self,
        call: &Call,
        read: impl FnOnce(&DirectoryState) -> R,
    ) -> Result<R, Status> {
        let read = self.directories.read(&call.tenant, read).await;
        read.map_err(|error| self.unreadable(&error))
    }

    async fn change(
        &self,
        call: &Call,
        target: &Target,
        command: Command,
    ) -> Result<Executed<Route>, Status> {
        self.change_in(&self.log, call, target, command).await
    }

    async fn change_in(
        &self,
        log: &Log,
        call: &Call,
        target: &Target,
        command: Command,
    ) -> Result<Executed<Route>, Status> {
        let cause = target.cause(call);
        eventlog::execute::<Route>(log, &call.tenant, target.id, &cause, &command).await.map_err(
            |error| {
                calls::refused(error, &self.subject(target), |rejection| {
                    status::route_rejected(&rejection, target.id)
                })
            },
        )
    }

    /// The command that assigns a ticket to `agent_id`, in its present queue.
    async fn assignment(
        &self,
        call: &Call,
        target: &Target,
        agent_id: AgentId,
    ) -> Result<Command, Status> {
        let route = eventlog::load::<Route>(&self.log, &call.tenant, target.id).await;
        let route = route.map_err(|error| self.unreadable(&error))?;
        // Without a route the queue does not matter: the route refuses.
        let queue_id =
            route.state.course().map_or(QueueId(String::new()), |c| c.queue.queue_id.clone());
        let (known, queue) = self
            .directory(call, |directory| {
                let queue = directory.queues.get(&queue_id).cloned();
                (directory.agents.contains_key(&agent_id), queue)
            })
            .await?;
        if !known {
            return Err(status::directory_rejected(&Rejection::AgentUnknown(agent_id)));
        }
        let pulls = works_alone(call.role());
        Ok(Command::Assign(Assign {
            assignment_id: assignment_id(target.request.id, TicketId(target.id)),
            team_id: queue.as_ref().map(|queue| queue.team_id.clone()),
            accept_by: accept_by(
                call.now,
                queue.map_or(ACCEPT_WITHIN_S, |queue| queue.accept_within_s),
            ),
            queue_id,
            agent_id,
            method: if pulls { Method::Pull } else { Method::Manual },
        }))
    }
}

#[tonic::async_trait]
impl RoutingService for Handlers {
    async fn assign_ticket(
        &self,
        request: Request<v1::AssignTicketRequest>,
    ) -> Result<Response<v1::AssignTicketResponse>, Status> {
        let call = self.call(&request, "route.assign", ASSIGN).await?;
        let message = request.get_ref();
        if works_alone(call.role()) && message.agent_id != call.context.actor.id {
            return Err(chassis::status::permission_denied("route.assign.others"));
        }
        let mut fields = Fields::new();
        let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
        let target = Target::route(&call, &mut fields, message, meant);
        let agent_id = convert::agent_id(&mut fields, "agent_id", &message.agent_id);
        fields.finish()?;
        let command = self.assignment(&call, &target, agent_id).await?;
        let executed = self.change(&call, &target, command).await?;
        Ok(Response::new(v1::AssignTicketResponse {
            route: view::route(target.id, &executed.state, executed.version),
            consistency_token: Some(call.token(executed.position)),
        }))
    }

    async fn accept_assignment(
        &self,
        request: Request<v1::AcceptAssignmentRequest>,
    ) -> Result<Response<v1::AcceptAssignmentResponse>, Status> {
        let call = self.call(&request, "route.accept", WORK).await?;
        let message = request.get_ref();
        let mut fields = Fields::new();
        let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
        let target = Target::route(&call, &mut fields, message, meant);
        fields.finish()?;
        let command = Command::Accept { agent_id: AgentId(call.context.actor.id.clone()) };
        let executed = self.change(&call, &target, command).await?;
        Ok(Response::new(v1::AcceptAssignmentResponse {
            route: view::route(target.id, &executed.state, executed.version),
            consistency_token: Some(call.token(executed.position)),
        }))
    }

    async fn requeue_ticket(
        &self,
        request: Request<v1::RequeueTicketRequest>,
    ) -> Result<Response<v1::RequeueTicketResponse>, Status> {
        let call = self.call(&request, "route.requeue", ASSIGN).await?;
        let message = request.get_ref();
        let mut fields = Fields::new();
        let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
        let target = Target::route(&call, &mut fields, message, meant);
        let queue_id = (!message.queue_id.is_empty())
            .then(|| QueueId(fields.name("queue_id", &message.queue_id)));
        fields.finish()?;
        let to = match queue_id {
            None => None,
            Some(queue_id) => {
                let level = self.directory(&call, |d| d.queues.get(&queue_id).map(|q| q.level));
                let level = level.await?.ok_or_else(|| status::queue_unknown(&queue_id.0))?;
                Some((queue_id, level))
            }
        };
        let only_owner = works_alone(call.role()).then(|| AgentId(call.context.actor.id.clone()));
        let command = Command::Requeue(Requeue { to, only_owner });
        let executed = self.change(&call, &target, command).await?;
        Ok(Response::new(v1::RequeueTicketResponse {
            route: view::route(target.id, &executed.state, executed.version),
            consistency_token: Some(call.token(executed.position)),
        }))
    }

    async fn escalate_ticket(
        &self,
        request: Request<v1::EscalateTicketRequest>,
    ) -> Result<Response<v1::EscalateTicketResponse>, Status> {
        let call = self.call(&request, "route.escalate", ESCALATE).await?;
        let message = request.get_ref();
        if message.kind() == v1::EscalationKind::Functional && !WORK.contains(&call.role()) {
            return Err(chassis::status::permission_denied("route.escalate.functional"));
        }
        let (target, asked) = escalate::read(&call, message)?;
        let command = self.escalation(&call, &target, asked).await?;
        let executed = self.change_in(&self.sealed, &call, &target, command).await?;
        Ok(Response::new(v1::EscalateTicketResponse {
            route: view::route(target.id, &executed.state, executed.version),
            consistency_token: Some(call.token(executed.position)),
        }))
    }

    async fn get_route(
        &self,
        request: Request<v1::GetRouteRequest>,
    ) -> Result<Response<v1::GetRouteResponse>, Status> {
        let call = self.call(&request, "route.read", READ).await?;
        let mut fields = Fields::new();
        let ticket_id = fields.uuid("ticket_id", &request.get_ref().ticket_id);
        fields.finish()?;
        let loaded = eventlog::load::<Route>(&self.log, &call.tenant, ticket_id).await;
        let loaded = loaded.map_err(|error| self.unreadable(&error))?;
        let route = view::route(ticket_id, &loaded.state, loaded.version);
        Ok(Response::new(v1::GetRouteResponse {
            route: Some(route.ok_or_else(|| status::no_route(ticket_id))?),
            consistency_token: Some(call.token(loaded.position)),
        }))
    }

    async fn import_route(
        &self,
        request: Request<v1::ImportRouteRequest>,
    ) -> Result<Response<v1::ImportRouteResponse>, Status> {
        let call = self.call(&request, "route.import", IMPORT).await?;
        let (target, past) = self.past(&call, request.get_ref()).await?;
        let cause = target.cause(&call);
        let executed =
            eventlog::execute_history::<Route>(&self.log, &call.tenant, target.id, &cause, &past)
                .await
                .map_err(|error| {
                    calls::refused(error, &self.subject(&target), |refused| {
                        status::route_rejected(&refused.rejection, target.id)
                    })
                })?;
        Ok(Response::new(v1::ImportRouteResponse {
            route: view::route(target.id, &executed.state, executed.version),
            already_imported: executed.repeated,
            consistency_token: Some(call.token(executed.position)),
        }))
    }
}
