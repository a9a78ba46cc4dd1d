//! The calls of `odzew.notification.v1.NotificationService`.
mod evidence;

use std::sync::Arc;
use std::time::Duration;

use chassis::clock::Clock;
use chassis::fields::Fields;
use chassis::page::Page;
use chassis::rpc::{RequestContext, RequestId, Role};
use domain::ids::{Personal, WebhookId};
use domain::notice::{self, Notice};
use domain::webhook::{self, DisableReason, Webhooks};
use eventlog::{Actor, Cause, Log, StreamId, Tenant};
use sqlx::PgPool;
use tonic::{Request, Response, Status};
use uuid::Uuid;
use wire::common::v1::ActorKind;
use wire::notification::v1::notification_service_server::NotificationService;
use wire::notification::v1::{
    CreateWebhookRequest, CreateWebhookResponse, DisableWebhookRequest, DisableWebhookResponse,
    GetNoticeRequest, GetNoticeResponse, ListNoticesRequest, ListNoticesResponse,
    ListWebhooksRequest, ListWebhooksResponse, RecordBounceRequest, RecordBounceResponse,
    RecordDeliveryRequest, RecordDeliveryResponse, ReleaseNoticeRequest, ReleaseNoticeResponse,
};

use crate::channel::webhook::guard::Guard;
use crate::channel::webhook::new_secret;
use crate::read_model::notices;
use crate::{event_types, status, view};

const PAGE_SIZE: i32 = 50;
const MOST_PAGE_SIZE: usize = 200;
const MOST_URL_CHARS: usize = 2_000;

/// Who may read the delivery log.
const READERS: [Role; 10] = [
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
/// Who may release a notice.
const RELEASERS: [Role; 4] = [Role::Agent, Role::Expert, Role::Lead, Role::Admin];
/// Who may change webhooks.
const INTEGRATORS: [Role; 2] = [Role::Admin, Role::Integrator];

/// The service behind the calls.
pub(crate) struct Api {
    pub(crate) log: Log,
    /// The same log, sealing the secrets of webhooks.
    pub(crate) sealed: Log,
    pub(crate) pool: PgPool,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) guard: Arc<Guard>,
    pub(crate) retry_after: Duration,
}

/// A call whose caller and tenant are known.
struct Call {
    context: RequestContext,
    tenant: Tenant,
}

impl Api {
    async fn call<T>(
        &self,
        request: &Request<T>,
        permission: &str,
        allowed: &[Role],
    ) -> Result<Call, Status> {
        let context = RequestContext::from_request(request)?;
        context.require_role(permission, allowed)?;
        let tenant = self.log.tenant(&context.tenant).await;
        let tenant = tenant.map_err(|error| status::unreadable(&error, self.retry_after))?;
        let tenant = tenant.ok_or_else(|| status::tenant_unknown(&context.tenant))?;
        Ok(Call { context, tenant })
    }

    fn cause(&self, call: &Call, request: RequestId, correlation_id: Uuid) -> Cause {
        let kind = match call.context.actor.role {
            Role::Integrator => ActorKind::Integrator,
            Role::System => ActorKind::System,
            Role::Customer => ActorKind::Customer,
            Role::Agent
            | Role::Expert
            | Role::Lead
            | Role::SlaManager
            | Role::ProcessOwner
            | Role::Admin
            | Role::Auditor
            | Role::Analyst => ActorKind::Agent,
        };
        Cause {
            actor: Actor {
                kind,
                id: call.context.actor.id.clone(),
                role: call.context.actor.role.to_string(),
            },
            request: Some(eventlog::RequestId { id: request.id, fingerprint: request.fingerprint }),
            causation_id: None,
            correlation_id,
            traceparent: call.context.traceparent.clone(),
            occurred_at: self.clock.now(),
            expected_version: None,
            follows: None,
            historical: false,
        }
    }

    async fn notice(
        &self,
        tenant: &Tenant,
        id: Uuid,
    ) -> Result<wire::notification::v1::Notice, Status> {
        let events = self
            .log
            .read_stream(tenant, &StreamId::new("notice", id), 0)
            .await
            .map_err(|error| status::unreadable(&error, self.retry_after))?;
        let found = view::of_stream(&events).map_err(|error| chassis::status::internal(&error))?;
        found.ok_or_else(|| chassis::status::not_found("notice", &id.to_string()))
    }

    async fn change_notice(
        &self,
        call: &Call,
        request: RequestId,
        notice_id: Uuid,
        command: &notice::Command,
    ) -> Result<wire::notification::v1::Notice, Status> {
        let before = self.notice(&call.tenant, notice_id).await?;
        let correlation = before.ticket_id.parse().unwrap_or(notice_id);
        let cause = self.cause(call, request, correlation);
        eventlog::execute::<Notice>(&self.log, &call.tenant, notice_id, &cause, command)
            .await
            .map_err(|error| {
                status::refused(error, request.id, self.retry_after, |rejection| {
                    status::notice(rejection, notice_id)
                })
            })?;
        self.notice(&call.tenant, notice_id).await
    }

    /// `log` seals and opens the secret, or does without it.
    async fn change_webhooks(
        &self,
        log: &Log,
        call: &Call,
        request: RequestId,
        (id, command): (WebhookId, &webhook::Command),
    ) -> Result<webhook::Endpoint, Status> {
        let stream = Webhooks::stream_id(&call.tenant.name);
        let cause = self.cause(call, request, stream);
        let executed = eventlog::execute::<Webhooks>(log, &call.tenant, stream, &cause, command)
            .await
            .map_err(|error| {
                status::refused(error, request.id, self.retry_after, |rejection| {
                    status::webhook(rejection, id.0)
                })
            })?;
        let endpoint = executed.state.endpoints.get(&id);
        endpoint.cloned().ok_or_else(|| chassis::status::not_found("webhook", &id.0.to_string()))
    }
}

#[tonic::async_trait]
impl NotificationService for Api {
    async fn get_notice(
        &self,
        request: Request<GetNoticeRequest>,
    ) -> Result<Response<GetNoticeResponse>, Status> {
        let call = self.call(&request, "notice.read", &READERS).await?;
        let mut fields = Fields::new();
        let id = fields.uuid("notice_id", &request.get_ref().notice_id);
        fields.finish()?;
        let notice = self.notice(&call.tenant, id).await?;
        Ok(Response::new(GetNoticeResponse { notice: Some(notice) }))
    }

    async fn list_notices(
        &self,
        request: Request<ListNoticesRequest>,
    ) -> Result<Response<ListNoticesResponse>, Status> {
        let call = self.call(&request, "notice.read", &READERS).await?;
        let message = request.get_ref();
        let mut fields = Fields::new();
        let ticket_id = fields.uuid("ticket_id", &message.ticket_id);
        if message.page_size < 0 {
            fields.refuse("page_size", "must not be negative");
        }
        fields.finish()?;
        let tenant = &call.tenant;
        let size = if message.page_size == 0 { PAGE_SIZE } else { message.page_size };
        let scope = format!("{}/{ticket_id}", tenant.name);
        let asked = (size, message.page_token.as_str());
        let page = Page::read("ListNotices", &scope, asked, MOST_PAGE_SIZE)?;
        let after = page.after().map_or(Ok(0), str::parse);
        let after = after.map_err(|_| chassis::status::page_token_invalid())?;
        // One more than asked for tells whether there is another page.
        let limit = i64::try_from(page.size()).unwrap_or(i64::MAX).saturating_add(1);
        let rows = notices::of_ticket(&self.pool, tenant.key, ticket_id, after, limit)
            .await
            .map_err(|error| status::not_queried(&error, self.retry_after))?;
        // As long as any position, so that they are in order as texts, too.
        let keyed =
            rows.into_iter().map(|row| (format!("{:019}", row.position), view::of_row(row)));
        let (notices, next_page_token) = page.cut(keyed);
        Ok(Response::new(ListNoticesResponse { notices, next_page_token }))
    }

    async fn release_notice(
        &self,
        request: Request<ReleaseNoticeRequest>,
    ) -> Result<Response<ReleaseNoticeResponse>, Status> {
        let call = self.call(&request, "notice.release", &RELEASERS).await?;
        let message = request.get_ref();
        let mut fields = Fields::new();
        fields.uuid("request_id", &message.request_id);
        let notice_id = fields.uuid("notice_id", &message.notice_id);
        fields.finish()?;
        let id = call.context.request_id(&message.request_id, message)?;
        // The queue is read with the database's clock, so its time is the one that counts.
        let at = match self.clock.instead_of_database() {
            Some(now) => now,
            None => {
                let now = self.log.now().await;
                now.map_err(|error| status::unreadable(&error, self.retry_after))?
            }
        };
        let command = notice::Command::Release { at: chassis::clock::truncate_to_millis(at) };
        let notice = self.change_notice(&call, id, notice_id, &command).await?;
        Ok(Response::new(ReleaseNoticeResponse { notice: Some(notice) }))
    }

    async fn record_bounce(
        &self,
        request: Request<RecordBounceRequest>,
    ) -> Result<Response<RecordBounceResponse>, Status> {
        let call = self.call(&request, "notice.record_bounce", &evidence::WITNESSES).await?;
        let message = request.get_ref();
        let (notice_id, command) = evidence::bounce(message)?;
        let id = call.context.request_id(&message.request_id, message)?;
        let notice = self.change_notice(&call, id, notice_id, &command).await?;
        Ok(Response::new(RecordBounceResponse { notice: Some(notice) }))
    }

    async fn record_delivery(
        &self,
        request: Request<RecordDeliveryRequest>,
    ) -> Result<Response<RecordDeliveryResponse>, Status> {
        let call = self.call(&request, "notice.record_delivery", &evidence::WITNESSES).await?;
        let message = request.get_ref();
        let (notice_id, command) = evidence::delivery(message, self.clock.now())?;
        let id = call.context.request_id(&message.request_id, message)?;
        let notice = self.change_notice(&call, id, notice_id, &command).await?;
        Ok(Response::new(RecordDeliveryResponse { notice: Some(notice) }))
    }

    async fn create_webhook(
        &self,
        request: Request<CreateWebhookRequest>,
    ) -> Result<Response<CreateWebhookResponse>, Status> {
        let call = self.call(&request, "webhook.create", &INTEGRATORS).await?;
        let message = request.get_ref();
        let mut fields = Fields::new();
        fields.uuid("request_id", &message.request_id);
        let url = fields.line("url", &message.url, 1..=MOST_URL_CHARS);
        event_types::check(&mut fields, &message.event_types);
        fields.finish()?;
        let request_id = call.context.request_id(&message.request_id, message)?;
        let checked = self.guard.check_and_resolve(&url).await;
        checked.map_err(|forbidden| status::url_forbidden(&forbidden.to_string()))?;
        let secret = new_secret().map_err(|error| {
            let error = std::io::Error::other(format!("{error:?}"));
            chassis::status::internal(&error)
        })?;
        // The same request makes the same endpoint: it meets its own first answer.
        let source = format!("{}\n{}", call.tenant.name, request_id.id);
        let id = WebhookId(Uuid::new_v5(&Uuid::NAMESPACE_OID, source.as_bytes()));
        let command = webhook::Command::Register(webhook::Registered {
            webhook_id: id,
            url,
            secret: Some(Personal(secret)),
            event_types: message.event_types.clone(),
        });
        let endpoint =
            self.change_webhooks(&self.sealed, &call, request_id, (id, &command)).await?;
        let webhook = Some(view::of_endpoint(&endpoint));
        let secret = endpoint.registered.secret.expect("a log that seals opens what it has sealed");
        Ok(Response::new(CreateWebhookResponse { webhook, secret: secret.0 }))
    }

    async fn list_webhooks(
        &self,
        request: Request<ListWebhooksRequest>,
    ) -> Result<Response<ListWebhooksResponse>, Status> {
        let allowed = [Role::Admin, Role::Integrator, Role::Auditor];
        let call = self.call(&request, "webhook.read", &allowed).await?;
        let asked = (request.get_ref().page_size, request.get_ref().page_token.as_str());
        let page = Page::read("ListWebhooks", &call.tenant.name, asked, webhook::MOST_ENDPOINTS)?;
        let stream = Webhooks::stream_id(&call.tenant.name);
        let loaded = eventlog::load::<Webhooks>(&self.log, &call.tenant, stream)
            .await
            .map_err(|error| status::unreadable(&error, self.retry_after))?;
        let all = loaded.state.endpoints.iter();
        let all = all.map(|(id, endpoint)| (id.0.to_string(), view::of_endpoint(endpoint)));
        let (webhooks, next_page_token) = page.cut(all);
        Ok(Response::new(ListWebhooksResponse { webhooks, next_page_token }))
    }

    async fn disable_webhook(
        &self,
        request: Request<DisableWebhookRequest>,
    ) -> Result<Response<DisableWebhookResponse>, Status> {
        let call = self.call(&request, "webhook.disable", &INTEGRATORS).await?;
        let message = request.get_ref();
        let mut fields = Fields::new();
        fields.uuid("request_id", &message.request_id);
        let id = WebhookId(fields.uuid("webhook_id", &message.webhook_id));
        fields.finish()?;
        let request_id = call.context.request_id(&message.request_id, message)?;
        let command =
            webhook::Command::Disable { webhook_id: id, reason: DisableReason::Requested };
        let endpoint = self.change_webhooks(&self.log, &call, request_id, (id, &command)).await?;
        let webhook = Some(view::of_endpoint(&endpoint));
        Ok(Response::new(DisableWebhookResponse { webhook }))
    }
}
