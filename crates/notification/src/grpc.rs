//! The calls of `odzew.notification.v1.NotificationService`.
mod evidence;

use std::sync::Arc;
use std::time::Duration;

use calls::{Call, Subject};
use chassis::clock::Clock;
use chassis::fields::Fields;
use chassis::page::{Page, Sizes};
use chassis::rpc::{RequestContext, Role};
use domain::ids::{Personal, WebhookId};
use domain::notice::{self, Notice};
use domain::webhook::{self, DisableReason, Webhooks};
use eventlog::{Error, Log, RequestId, StreamId, Tenant};
use sqlx::PgPool;
use tonic::{Request, Response, Status};
use uuid::Uuid;
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

const PAGE: Sizes = Sizes { default: 50, most: 200 };
/// All that a tenant may have.
const WEBHOOKS: Sizes = Sizes { default: webhook::MOST_ENDPOINTS, most: webhook::MOST_ENDPOINTS };
const MOST_URL_CHARS: usize = 2_000;

/// Who may read the delivery log.
const READERS: [Role; 10] = Role::ALL_BUT_CUSTOMER;
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

impl Api {
    async fn call<T>(
        &self,
        request: &Request<T>,
        permission: &str,
        allowed: &[Role],
    ) -> Result<Call, Status> {
        let context = RequestContext::from_request(request)?;
        context.require_role(permission, allowed)?;
        Call::of(context, &self.log, &*self.clock, self.retry_after).await
    }

    fn subject(&self, request: RequestId) -> Subject {
        let retry_after = self.retry_after;
        Subject { request_id: request.id, text_field: "event_types", retry_after }
    }

    fn unreadable(&self, error: &Error) -> Status {
        calls::unreadable(error, self.retry_after)
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
            .map_err(|error| self.unreadable(&error))?;
        let found = view::of_stream(&events).map_err(|error| chassis::status::internal(&error))?;
        found.ok_or_else(|| no_notice(id))
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
        let cause = call.cause(request, correlation, None);
        let executed =
            eventlog::execute::<Notice>(&self.log, &call.tenant, notice_id, &cause, command)
                .await
                .map_err(|error| {
                    calls::refused(error, &self.subject(request), |rejection| {
                        status::notice(&rejection, notice_id)
                    })
                })?;
        // Not read anew: a repeated request is answered as the first time.
        let after = view::of_state(&executed.state).ok_or_else(|| no_notice(notice_id))?;
        Ok(wire::notification::v1::Notice { create_time: before.create_time, ..after })
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
        let cause = call.cause(request, stream, None);
        let executed = eventlog::execute::<Webhooks>(log, &call.tenant, stream, &cause, command)
            .await
            .map_err(|error| {
                calls::refused(error, &self.subject(request), |rejection| {
                    status::webhook(&rejection, id.0)
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
        fields.page_size(message.page_size);
        fields.finish()?;
        let tenant = &call.tenant;
        let scope = format!("{}/{ticket_id}", tenant.name);
        let asked = (message.page_size, message.page_token.as_str());
        let page = Page::read("ListNotices", scope, asked, PAGE)?;
        let after = page.after()?.unwrap_or(0);
        let rows = notices::of_ticket(&self.pool, tenant.key, ticket_id, after, page.limit())
            .await
            .map_err(|error| calls::unanswered(&error, self.retry_after))?;
        let (rows, next_page_token) = page.cut(rows, |row| row.position);
        let notices = rows.into_iter().map(view::of_row).collect();
        Ok(Response::new(ListNoticesResponse { notices, next_page_token }))
    }

    async fn release_notice(
        &self,
        request: Request<ReleaseNoticeRequest>,
    ) -> Result<Response<ReleaseNoticeResponse>, Status> {
        let call = self.call(&request, "notice.release", &RELEASERS).await?;
        let message = request.get_ref();
        let mut fields = Fields::new();
        let request = call.request(&mut fields, message, &message.request_id);
        let notice_id = fields.uuid("notice_id", &message.notice_id);
        fields.finish()?;
        // The queue is read with the database's clock, so its time is the one that counts.
        let at = match self.clock.instead_of_database() {
            Some(now) => now,
            None => {
                let now = self.log.now().await;
                now.map_err(|error| self.unreadable(&error))?
            }
        };
        let command = notice::Command::Release { at: chassis::clock::truncate_to_millis(at) };
        let notice = self.change_notice(&call, request, notice_id, &command).await?;
        Ok(Response::new(ReleaseNoticeResponse { notice: Some(notice) }))
    }

    async fn record_bounce(
        &self,
        request: Request<RecordBounceRequest>,
    ) -> Result<Response<RecordBounceResponse>, Status> {
        let call = self.call(&request, "notice.record_bounce", &evidence::WITNESSES).await?;
        let message = request.get_ref();
        let (request, notice_id, command) = evidence::bounce(&call, message)?;
        let notice = self.change_notice(&call, request, notice_id, &command).await?;
        Ok(Response::new(RecordBounceResponse { notice: Some(notice) }))
    }

    async fn record_delivery(
        &self,
        request: Request<RecordDeliveryRequest>,
    ) -> Result<Response<RecordDeliveryResponse>, Status> {
        let call = self.call(&request, "notice.record_delivery", &evidence::WITNESSES).await?;
        let message = request.get_ref();
        let (request, notice_id, command) = evidence::delivery(&call, message)?;
        evidence::may_witness(&call, &self.notice(&call.tenant, notice_id).await?)?;
        let notice = self.change_notice(&call, request, notice_id, &command).await?;
        Ok(Response::new(RecordDeliveryResponse { notice: Some(notice) }))
    }

    async fn create_webhook(
        &self,
        request: Request<CreateWebhookRequest>,
    ) -> Result<Response<CreateWebhookResponse>, Status> {
        let call = self.call(&request, "webhook.create", &INTEGRATORS).await?;
        let message = request.get_ref();
        let mut fields = Fields::new();
        let request = call.request(&mut fields, message, &message.request_id);
        let url = fields.line("url", &message.url, 1..=MOST_URL_CHARS);
        event_types::check(&mut fields, &message.event_types);
        fields.finish()?;
        let checked = self.guard.check_and_resolve(&url).await;
        checked.map_err(|forbidden| status::url_forbidden(&forbidden.to_string()))?;
        let secret = new_secret().map_err(|error| {
            let error = std::io::Error::other(format!("{error:?}"));
            chassis::status::internal(&error)
        })?;
        // The same request makes the same endpoint: it meets its own first answer.
        let source = format!("{}\n{}", call.tenant.name, request.id);
        let id = WebhookId(Uuid::new_v5(&Uuid::NAMESPACE_OID, source.as_bytes()));
        let command = webhook::Command::Register(webhook::Registered {
            webhook_id: id,
            url,
            secret: Some(Personal(secret)),
            event_types: message.event_types.clone(),
        });
        let endpoint = self.change_webhooks(&self.sealed, &call, request, (id, &command)).await?;
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
        let page = Page::read("ListWebhooks", &call.tenant.name, asked, WEBHOOKS)?;
        let stream = Webhooks::stream_id(&call.tenant.name);
        let loaded = eventlog::load::<Webhooks>(&self.log, &call.tenant, stream)
            .await
            .map_err(|error| self.unreadable(&error))?;
        let all = loaded.state.endpoints.iter();
        let all = all.map(|(id, endpoint)| (id.0.to_string(), view::of_endpoint(endpoint)));
        let (webhooks, next_page_token) = page.of(all);
        Ok(Response::new(ListWebhooksResponse { webhooks, next_page_token }))
    }

    async fn disable_webhook(
        &self,
        request: Request<DisableWebhookRequest>,
    ) -> Result<Response<DisableWebhookResponse>, Status> {
        let call = self.call(&request, "webhook.disable", &INTEGRATORS).await?;
        let message = request.get_ref();
        let mut fields = Fields::new();
        let request = call.request(&mut fields, message, &message.request_id);
        let id = WebhookId(fields.uuid("webhook_id", &message.webhook_id));
        fields.finish()?;
        let command =
            webhook::Command::Disable { webhook_id: id, reason: DisableReason::Requested };
        let endpoint = self.change_webhooks(&self.log, &call, request, (id, &command)).await?;
        let webhook = Some(view::of_endpoint(&endpoint));
        Ok(Response::new(DisableWebhookResponse { webhook }))
    }
}

fn no_notice(id: Uuid) -> Status {
    chassis::status::not_found("notice", &id.to_string())
}
