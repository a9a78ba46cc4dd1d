//! The gRPC surface: each handler reads the call, converts the message, executes the
//! command or reads, and answers.
use std::sync::Arc;

use chassis::clock::Clock;
use chassis::fields::Fields;
use chassis::rpc::{RequestContext, Role};
use domain::clock::Clocks;
use domain::slaconfig::{Command, Event, SlaConfig};
use eventlog::{Error, Log, RequestId};
use sqlx::PgPool;
use tonic::{Request, Response, Status};
use wire::sla::v1;
use wire::sla::v1::sla_service_server::SlaService;

use crate::call::Call;
use crate::config::Config;
use crate::page::{Last, Scope};
use crate::read_model::clocks;
use crate::{convert, status, view};

const PUBLISH: &[Role] = &[Role::SlaManager, Role::ProcessOwner, Role::Admin];
const READ: &[Role] = &[
    Role::Agent,
    Role::Expert,
    Role::Lead,
    Role::SlaManager,
    Role::ProcessOwner,
    Role::Integrator,
    Role::System,
    Role::Admin,
    Role::Auditor,
    Role::Analyst,
];

const PAGE_SIZE: i32 = 50;
const PAGE_SIZE_MAX: i32 = 500;

/// The service behind the API.
pub(crate) struct Sla {
    pub(crate) log: Log,
    pub(crate) pool: PgPool,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) config: Config,
}

impl Sla {
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
            .map_err(|error| self.unreadable(&error))?
            .ok_or_else(|| status::tenant_unknown(&context.tenant))?;
        Ok(Call { context, tenant, now: self.clock.now() })
    }

    /// Publishes; answers what was published.
    async fn publish(
        &self,
        call: &Call,
        request: RequestId,
        command: Command,
    ) -> Result<Option<Event>, Status> {
        let (id, cause) = (call.config_id(), call.cause(request));
        let retry_after = self.config.retry_after;
        let executed =
            eventlog::execute::<SlaConfig>(&self.log, &call.tenant, id, &cause, &command)
                .await
                .map_err(|error| status::refused(error, &command, request.id, retry_after))?;
        Ok(executed.events.into_iter().next())
    }

    fn unreadable(&self, error: &Error) -> Status {
        status::unreadable(error, self.config.retry_after)
    }
}

#[tonic::async_trait]
impl SlaService for Sla {
    async fn publish_policy(
        &self,
        request: Request<v1::PublishPolicyRequest>,
    ) -> Result<Response<v1::PublishPolicyResponse>, Status> {
        let call = self.call(&request, "sla.publish", PUBLISH).await?;
        let message = request.get_ref();
        let mut fields = Fields::new();
        let id = call.request(&mut fields, message, &message.request_id);
        let from = message.effective_from.as_ref();
        let from = convert::effective_from(&mut fields, from, call.now);
        let command = convert::policy(&mut fields, message.policy.as_ref(), from);
        fields.finish()?;
        let command = command.ok_or_else(|| status::no_meaning("policy"))?;
        let policy = match self.publish(&call, id, command).await? {
            Some(Event::PolicyPublished(published)) => Some(published.policy.draft().into()),
            Some(Event::CalendarPublished(_)) | None => None,
        };
        Ok(Response::new(v1::PublishPolicyResponse { policy }))
    }

    async fn publish_calendar(
        &self,
        request: Request<v1::PublishCalendarRequest>,
    ) -> Result<Response<v1::PublishCalendarResponse>, Status> {
        let call = self.call(&request, "sla.publish", PUBLISH).await?;
        let message = request.get_ref();
        let mut fields = Fields::new();
        let id = call.request(&mut fields, message, &message.request_id);
        let from = message.effective_from.as_ref();
        let from = convert::effective_from(&mut fields, from, call.now);
        let command = convert::calendar(&mut fields, message.calendar.as_ref(), from);
        fields.finish()?;
        let command = command.ok_or_else(|| status::no_meaning("calendar"))?;
        let calendar = match self.publish(&call, id, command).await? {
            Some(Event::CalendarPublished(published)) => Some((&published.calendar.draft()).into()),
            Some(Event::PolicyPublished(_)) | None => None,
        };
        Ok(Response::new(v1::PublishCalendarResponse { calendar }))
    }

    async fn get_sla_config(
        &self,
        request: Request<v1::GetSlaConfigRequest>,
    ) -> Result<Response<v1::GetSlaConfigResponse>, Status> {
        let call = self.call(&request, "sla.read", READ).await?;
        let loaded = eventlog::load::<SlaConfig>(&self.log, &call.tenant, call.config_id())
            .await
            .map_err(|error| self.unreadable(&error))?;
        let policies = loaded.state.policies();
        let calendars = loaded.state.calendars_at(call.now);
        Ok(Response::new(v1::GetSlaConfigResponse {
            policy: Some(policies.at(call.now).draft().into()),
            calendars: calendars.iter().map(|calendar| (&calendar.draft()).into()).collect(),
        }))
    }

    async fn get_clocks(
        &self,
        request: Request<v1::GetClocksRequest>,
    ) -> Result<Response<v1::GetClocksResponse>, Status> {
        let call = self.call(&request, "sla.read", READ).await?;
        let mut fields = Fields::new();
        let id = fields.uuid("ticket_id", &request.get_ref().ticket_id);
        fields.finish()?;
        let loaded = eventlog::load::<Clocks>(&self.log, &call.tenant, id)
            .await
            .map_err(|error| self.unreadable(&error))?;
        let clocks = loaded.state.clocks.iter().map(view::clock).collect();
        Ok(Response::new(v1::GetClocksResponse { clocks }))
    }

    async fn list_due_clocks(
        &self,
        request: Request<v1::ListDueClocksRequest>,
    ) -> Result<Response<v1::ListDueClocksResponse>, Status> {
        let call = self.call(&request, "sla.read", READ).await?;
        let message = request.get_ref();
        let mut fields = Fields::new();
        let before = message.due_before.as_ref();
        let due_before = before.map(|at| fields.timestamp("due_before", at.seconds, at.nanos));
        if message.page_size < 0 {
            fields.refuse("page_size", "must not be negative");
        }
        fields.finish()?;
        let size = match message.page_size {
            0 => PAGE_SIZE,
            size => size.min(PAGE_SIZE_MAX),
        };
        let scope = Scope { tenant: call.tenant.key, due_before };
        let after = match message.page_token.as_str() {
            "" => None,
            token => Some(scope.open(token).ok_or_else(chassis::status::page_token_invalid)?),
        };
        // One more than asked for tells whether there is a next page.
        let limit = i64::from(size) + 1;
        let mut clocks = clocks::due(&self.pool, call.tenant.key, due_before, after, limit)
            .await
            .map_err(|source| Error::Query { operation: "list clocks", source })
            .map_err(|error| self.unreadable(&error))?;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let more = clocks.len() > size;
        clocks.truncate(size);
        let last = clocks
            .last()
            .filter(|_| more)
            .and_then(|clock| clock.due_at.map(|due_at| Last { due_at, clock_id: clock.id.0 }));
        Ok(Response::new(v1::ListDueClocksResponse {
            clocks: clocks.iter().map(view::clock).collect(),
            next_page_token: last.map(|last| scope.seal(last)).unwrap_or_default(),
        }))
    }
}
