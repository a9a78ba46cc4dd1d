//! The gRPC surface: each handler reads the call, converts the message, executes the
//! command and answers with the ticket.
use std::sync::Arc;

use chassis::clock::Clock;
use chassis::rpc::{RequestContext, Role};
use domain::ticket::{Command, Ticket};
use eventlog::{Cursor, Log};
use tonic::{Request, Response, Status};
use wire::common::v1::ConsistencyToken;
use wire::intake::v1;
use wire::intake::v1::intake_service_server::IntakeService;

use crate::call::{Call, Target};
use crate::config::Config;
use crate::status::{self, Subject};
use crate::view::View;
use crate::{convert, import};

const REGISTER: &[Role] =
    &[Role::Customer, Role::Agent, Role::Lead, Role::Integrator, Role::System];
const WORK: &[Role] = &[Role::Agent, Role::Lead];
const NOTE: &[Role] = &[Role::Agent, Role::Lead, Role::Integrator, Role::System];
const UNHOLD: &[Role] = NOTE;
const RESOLVE: &[Role] = &[Role::Agent, Role::Lead, Role::System];
const REOPEN: &[Role] = &[Role::Customer, Role::Agent, Role::Lead];
const CLASSIFY: &[Role] =
    &[Role::Agent, Role::Lead, Role::ProcessOwner, Role::Integrator, Role::System];
const IMPORT: &[Role] = &[Role::Integrator, Role::System];
const READ: &[Role] = &[
    Role::Customer,
    Role::Agent,
    Role::Lead,
    Role::ProcessOwner,
    Role::Integrator,
    Role::System,
    Role::Auditor,
];

/// The service behind the API.
pub(crate) struct Intake {
    pub(crate) log: Log,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) config: Config,
}

/// The ticket after a command, and where the log stands.
type Answer = (Option<v1::Ticket>, Option<ConsistencyToken>);

impl Intake {
    /// Who asks for which tenant; whether the role may is settled before anything is read.
    async fn call<T>(
        &self,
        request: &Request<T>,
        permission: &str,
        roles: &[Role],
    ) -> Result<Call, Status> {
        let context = RequestContext::from_request(request)?;
        context.require_role(permission, roles)?;
        let tenant = self.log.tenant(&context.tenant).await;
        let tenant = tenant
            .map_err(|error| status::unreadable(&error, self.config.retry_after))?
            .ok_or_else(|| status::tenant_unknown(&context.tenant))?;
        Ok(Call { context, tenant, now: self.clock.now() })
    }

    /// Carries the command out; `text_field` is the field that can make it too large.
    async fn change(
        &self,
        call: &Call,
        (target, command): (Target, Command),
        text_field: &'static str,
    ) -> Result<Answer, Status> {
        let cause = call.cause(&target);
        let executed = eventlog::execute::<Ticket>(
            &self.log,
            &call.tenant,
            target.ticket_id,
            &cause,
            &command,
        )
        .await
        .map_err(|error| status::refused(error, &self.subject(&target, text_field)))?;
        let view = View {
            state: &executed.state,
            version: executed.version,
            updated_at: executed.recorded_at,
            viewer: call.role(),
        };
        Ok((view.ticket(&self.config), Some(token(call, executed.position))))
    }

    fn subject(&self, target: &Target, text_field: &'static str) -> Subject {
        Subject {
            ticket_id: target.ticket_id,
            request_id: target.request.id,
            text_field,
            retry_after: self.config.retry_after,
        }
    }
}

fn token(call: &Call, position: u64) -> ConsistencyToken {
    let partition = call.tenant.partition;
    ConsistencyToken { token: Cursor { partition, position }.to_string() }
}

#[tonic::async_trait]
impl IntakeService for Intake {
    async fn register_ticket(
        &self,
        request: Request<v1::RegisterTicketRequest>,
    ) -> Result<Response<v1::RegisterTicketResponse>, Status> {
        let call = self.call(&request, "ticket.create", REGISTER).await?;
        let asked = convert::register(&call, request.get_ref(), &self.config)?;
        let (ticket, consistency_token) = self.change(&call, asked, "body").await?;
        Ok(Response::new(v1::RegisterTicketResponse { ticket, consistency_token }))
    }

    async fn add_message(
        &self,
        request: Request<v1::AddMessageRequest>,
    ) -> Result<Response<v1::AddMessageResponse>, Status> {
        let internal = request.get_ref().direction() == v1::MessageDirection::Internal;
        let call = match internal {
            true => self.call(&request, "ticket.note", NOTE).await?,
            false => self.call(&request, "ticket.message", REGISTER).await?,
        };
        let asked = convert::add_message(&call, request.get_ref())?;
        let message_id = asked.0.source.message().0.to_string();
        let (ticket, consistency_token) = self.change(&call, asked, "body").await?;
        Ok(Response::new(v1::AddMessageResponse { ticket, message_id, consistency_token }))
    }

    async fn send_reply(
        &self,
        request: Request<v1::SendReplyRequest>,
    ) -> Result<Response<v1::SendReplyResponse>, Status> {
        let call = self.call(&request, "ticket.reply", WORK).await?;
        let asked = convert::send_reply(&call, request.get_ref())?;
        let message_id = asked.0.source.message().0.to_string();
        let (ticket, consistency_token) = self.change(&call, asked, "body").await?;
        Ok(Response::new(v1::SendReplyResponse { ticket, message_id, consistency_token }))
    }

    async fn start_work(
        &self,
        request: Request<v1::StartWorkRequest>,
    ) -> Result<Response<v1::StartWorkResponse>, Status> {
        let call = self.call(&request, "ticket.work", WORK).await?;
        let asked = convert::start_work(&call, request.get_ref())?;
        let (ticket, consistency_token) = self.change(&call, asked, "").await?;
        Ok(Response::new(v1::StartWorkResponse { ticket, consistency_token }))
    }

    async fn hold_ticket(
        &self,
        request: Request<v1::HoldTicketRequest>,
    ) -> Result<Response<v1::HoldTicketResponse>, Status> {
        let call = self.call(&request, "ticket.hold", WORK).await?;
        let asked = convert::hold(&call, request.get_ref())?;
        let (ticket, consistency_token) = self.change(&call, asked, "question").await?;
        Ok(Response::new(v1::HoldTicketResponse { ticket, consistency_token }))
    }

    async fn unhold_ticket(
        &self,
        request: Request<v1::UnholdTicketRequest>,
    ) -> Result<Response<v1::UnholdTicketResponse>, Status> {
        let call = self.call(&request, "ticket.hold", UNHOLD).await?;
        let asked = convert::unhold(&call, request.get_ref())?;
        let (ticket, consistency_token) = self.change(&call, asked, "").await?;
        Ok(Response::new(v1::UnholdTicketResponse { ticket, consistency_token }))
    }

    async fn resolve_ticket(
        &self,
        request: Request<v1::ResolveTicketRequest>,
    ) -> Result<Response<v1::ResolveTicketResponse>, Status> {
        let call = self.call(&request, "ticket.resolve", RESOLVE).await?;
        let asked = convert::resolve(&call, request.get_ref())?;
        let (ticket, consistency_token) = self.change(&call, asked, "summary").await?;
        Ok(Response::new(v1::ResolveTicketResponse { ticket, consistency_token }))
    }

    async fn confirm_resolution(
        &self,
        request: Request<v1::ConfirmResolutionRequest>,
    ) -> Result<Response<v1::ConfirmResolutionResponse>, Status> {
        let call = self.call(&request, "ticket.confirm", &[Role::Customer]).await?;
        let asked = convert::confirm(&call, request.get_ref())?;
        let (ticket, consistency_token) = self.change(&call, asked, "").await?;
        Ok(Response::new(v1::ConfirmResolutionResponse { ticket, consistency_token }))
    }

    async fn reopen_ticket(
        &self,
        request: Request<v1::ReopenTicketRequest>,
    ) -> Result<Response<v1::ReopenTicketResponse>, Status> {
        let call = self.call(&request, "ticket.reopen", REOPEN).await?;
        let asked = convert::reopen(&call, request.get_ref())?;
        let (ticket, consistency_token) = self.change(&call, asked, "reason").await?;
        Ok(Response::new(v1::ReopenTicketResponse { ticket, consistency_token }))
    }

    async fn classify_ticket(
        &self,
        request: Request<v1::ClassifyTicketRequest>,
    ) -> Result<Response<v1::ClassifyTicketResponse>, Status> {
        let call = self.call(&request, "ticket.classify", CLASSIFY).await?;
        let asked = convert::classify(&call, request.get_ref())?;
        let (ticket, consistency_token) = self.change(&call, asked, "reason").await?;
        Ok(Response::new(v1::ClassifyTicketResponse { ticket, consistency_token }))
    }

    async fn set_priority(
        &self,
        request: Request<v1::SetPriorityRequest>,
    ) -> Result<Response<v1::SetPriorityResponse>, Status> {
        let call = self.call(&request, "ticket.priority", CLASSIFY).await?;
        let asked = convert::set_priority(&call, request.get_ref())?;
        let (ticket, consistency_token) = self.change(&call, asked, "reason").await?;
        Ok(Response::new(v1::SetPriorityResponse { ticket, consistency_token }))
    }

    async fn get_ticket(
        &self,
        request: Request<v1::GetTicketRequest>,
    ) -> Result<Response<v1::GetTicketResponse>, Status> {
        let call = self.call(&request, "ticket.read", READ).await?;
        let mut fields = chassis::fields::Fields::new();
        let id = fields.uuid("ticket_id", &request.get_ref().ticket_id);
        fields.finish()?;
        let loaded = eventlog::load::<Ticket>(&self.log, &call.tenant, id)
            .await
            .map_err(|error| status::unreadable(&error, self.config.retry_after))?;
        let view = View {
            state: &loaded.state,
            version: loaded.version,
            updated_at: loaded.recorded_at,
            viewer: call.role(),
        };
        let ticket = view.ticket(&self.config).ok_or_else(|| status::no_ticket(id))?;
        Ok(Response::new(v1::GetTicketResponse {
            ticket: Some(ticket),
            consistency_token: Some(token(&call, loaded.position)),
        }))
    }

    async fn import_ticket(
        &self,
        request: Request<v1::ImportTicketRequest>,
    ) -> Result<Response<v1::ImportTicketResponse>, Status> {
        let call = self.call(&request, "ticket.import", IMPORT).await?;
        let (target, past) = import::past(&call, request.get_ref(), &self.config)?;
        let (id, cause) = (target.ticket_id, call.cause(&target));
        let executed =
            eventlog::execute_history::<Ticket>(&self.log, &call.tenant, id, &cause, &past)
                .await
                .map_err(|error| status::refused_history(error, &self.subject(&target, "steps")))?;
        let view = View {
            state: &executed.state,
            version: executed.version,
            updated_at: executed.recorded_at,
            viewer: call.role(),
        };
        Ok(Response::new(v1::ImportTicketResponse {
            ticket: view.ticket(&self.config),
            already_imported: executed.repeated,
            consistency_token: Some(token(&call, executed.position)),
        }))
    }
}
