//! The gRPC surface: each handler reads the call, converts the message, executes the
//! command or reads, and answers.
use std::sync::Arc;

use calls::{Call, Subject};
use chassis::clock::Clock;
use chassis::fields::Fields;
use chassis::page::{Page, Sizes};
use chassis::rpc::{RequestContext, Role};
use domain::clock::{self, Clocks, Event as ClockEvent};
use domain::regime::Dispatch;
use domain::slaconfig::{self, Command, Event, SlaConfig, State};
use eventlog::{Error, Log, RequestId, StreamId};
use sqlx::PgPool;
use tonic::{Request, Response, Status};
use wire::Payload as _;
use wire::sla::v1;
use wire::sla::v1::sla_service_server::SlaService;

use crate::config::Config;
use crate::read_model::clocks;
use crate::terms::Terms;
use crate::{convert, explain, status, view};

const PUBLISH: &[Role] = &[Role::SlaManager, Role::ProcessOwner, Role::Admin];
/// Which law applies is the business's to say, and legal's.
const PUBLISH_LAW: &[Role] = &[Role::SlaManager, Role::ProcessOwner];
const VOID: &[Role] = &[Role::SlaManager];
const READ: &[Role] = &Role::ALL_BUT_CUSTOMER;

const PAGE: Sizes = Sizes { default: 50, most: 500 };

/// The service behind the API.
pub(crate) struct Sla {
    pub(crate) log: Log,
    pub(crate) pool: PgPool,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) terms: Arc<Terms>,
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
        Call::of(context, &self.log, &*self.clock, self.config.retry_after).await
    }

    /// Publishes; answers what was published.
    async fn publish(
        &self,
        call: &Call,
        request: RequestId,
        command: Command,
    ) -> Result<Option<Event>, Status> {
        let id = slaconfig::stream_id(&call.tenant.name);
        let cause = call.cause(request, id, None);
        let executed =
            eventlog::execute::<SlaConfig>(&self.log, &call.tenant, id, &cause, &command)
                .await
                .map_err(|error| {
                    let rejected = |rejection| status::rejected(&rejection, &command);
                    calls::refused(error, &self.subject(request), rejected)
                })?;
        Ok(executed.events.into_iter().next())
    }

    /// Everything that the tenant has published.
    async fn published(&self, call: &Call) -> Result<State, Status> {
        let id = slaconfig::stream_id(&call.tenant.name);
        let loaded = eventlog::load::<SlaConfig>(&self.log, &call.tenant, id).await;
        Ok(loaded.map_err(|error| self.unreadable(&error))?.state)
    }

    fn subject(&self, request: RequestId) -> Subject {
        let retry_after = self.config.retry_after;
        Subject { request_id: request.id, text_field: "request", retry_after }
    }

    fn unreadable(&self, error: &Error) -> Status {
        calls::unreadable(error, self.config.retry_after)
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
            Some(Event::CalendarPublished(_) | Event::RegimePublished(_)) | None => None,
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
            Some(Event::PolicyPublished(_) | Event::RegimePublished(_)) | None => None,
        };
        Ok(Response::new(v1::PublishCalendarResponse { calendar }))
    }

    async fn publish_regime(
        &self,
        request: Request<v1::PublishRegimeRequest>,
    ) -> Result<Response<v1::PublishRegimeResponse>, Status> {
        let call = self.call(&request, "sla.publish", PUBLISH_LAW).await?;
        let message = request.get_ref();
        let mut fields = Fields::new();
        let id = call.request(&mut fields, message, &message.request_id);
        let command = convert::regime(&mut fields, message.regime.as_ref());
        fields.finish()?;
        let command = command.ok_or_else(|| status::no_meaning("regime"))?;
        let regime = match self.publish(&call, id, command).await? {
            Some(Event::RegimePublished(published)) => Some(published.regime.draft().into()),
            Some(Event::PolicyPublished(_) | Event::CalendarPublished(_)) | None => None,
        };
        Ok(Response::new(v1::PublishRegimeResponse { regime }))
    }

    async fn get_sla_config(
        &self,
        request: Request<v1::GetSlaConfigRequest>,
    ) -> Result<Response<v1::GetSlaConfigResponse>, Status> {
        let call = self.call(&request, "sla.read", READ).await?;
        let state = self.published(&call).await?;
        Ok(Response::new(view::config(&state, call.now, self.config.regime_review_days)))
    }

    async fn get_regimes(
        &self,
        request: Request<v1::GetRegimesRequest>,
    ) -> Result<Response<v1::GetRegimesResponse>, Status> {
        let call = self.call(&request, "sla.read", READ).await?;
        let message = request.get_ref();
        let mut fields = Fields::new();
        let matter = convert::matter(&mut fields, message);
        let counting = convert::counting(&mut fields, message, call.now);
        fields.finish()?;
        let matter = matter.ok_or_else(|| status::no_meaning("occasion"))?;
        let dispatch = if message.on_paper { Dispatch::Paper } else { Dispatch::Electronic };
        let regimes = self.published(&call).await?.regimes();
        let applying = regimes.applying(&matter, counting.received_at);
        Ok(Response::new(view::applying(&applying, &matter, &counting, dispatch)))
    }

    async fn get_clocks(
        &self,
        request: Request<v1::GetClocksRequest>,
    ) -> Result<Response<v1::GetClocksResponse>, Status> {
        let call = self.call(&request, "sla.read", READ).await?;
        let mut fields = Fields::new();
        let id = fields.uuid("ticket_id", &request.get_ref().ticket_id);
        fields.finish()?;
        let stream = StreamId::new(ClockEvent::CATEGORY, id);
        let events = self.log.read_stream(&call.tenant, &stream, 0);
        let events = events.await.map_err(|error| self.unreadable(&error))?;
        let head = self.log.head(call.tenant.partition).await;
        let head = head.map_err(|error| self.unreadable(&error))?;
        let terms = self.terms.at(&call.tenant, head).await;
        let terms = terms.map_err(|error| self.unreadable(&error))?;
        let answer = explain::clocks(&events, &terms, call.now);
        Ok(Response::new(answer.map_err(|error| self.unreadable(&error))?))
    }

    async fn void_breach(
        &self,
        request: Request<v1::VoidBreachRequest>,
    ) -> Result<Response<v1::VoidBreachResponse>, Status> {
        let call = self.call(&request, "breach.void", VOID).await?;
        let message = request.get_ref();
        let mut fields = Fields::new();
        let id = call.request(&mut fields, message, &message.request_id);
        let ticket_id = fields.uuid("ticket_id", &message.ticket_id);
        let by = call.context.actor.id.clone();
        let command = convert::void_breach(&mut fields, message, by);
        fields.finish()?;
        let command = command.ok_or_else(|| status::no_meaning("reason"))?;
        let cause = call.cause(id, ticket_id, None);
        let executed =
            eventlog::execute::<Clocks>(&self.log, &call.tenant, ticket_id, &cause, &command)
                .await
                .map_err(|error| {
                    let rejected = |rejection| status::not_voided(&rejection);
                    calls::refused(error, &self.subject(id), rejected)
                })?;
        let clock::Command::VoidBreach { clock_id, .. } = command else {
            return Err(status::no_meaning("clock_id"));
        };
        let clock = executed.state.clock(clock_id).map(view::clock);
        Ok(Response::new(v1::VoidBreachResponse { clock }))
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
        fields.finish()?;
        let asked = (message.page_size, message.page_token.as_str());
        // A page belongs to the list before one instant.
        let scope = format!("{}/{due_before:?}", call.tenant.name);
        let page = Page::read("ListDueClocks", scope, asked, PAGE)?;
        let (after, limit) = (page.after::<clocks::Last>()?, page.limit());
        let due = clocks::due(&self.pool, call.tenant.key, due_before, after, limit).await;
        let due = due.map_err(|error| calls::unanswered(&error, self.config.retry_after))?;
        let due: Vec<_> =
            due.iter().filter_map(|clock| Some((clocks::Last::of(clock)?, clock))).collect();
        let (due, next_page_token) = page.cut(due, |(last, _)| *last);
        let clocks = due.into_iter().map(|(_, clock)| view::clock(clock)).collect();
        Ok(Response::new(v1::ListDueClocksResponse { clocks, next_page_token }))
    }
}
