//! Signed calls to endpoints: Standard Webhooks 1.0.0.
mod body;
pub(crate) mod guard;
mod sign;

pub(crate) use sign::new_secret;

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use domain::ids::WebhookId;
use domain::notice::{FailureKind, SuppressionReason};
use domain::webhook::DisableReason;
use eventlog::{Log, Tenant};
use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER, USER_AGENT};
use reqwest::{Client, Response, StatusCode, redirect};
use sha2::{Digest as _, Sha256};
use tokio::time::timeout;
use uuid::Uuid;
use wire::common::v1 as common;

use crate::channel::{Channel, Outcome, Prepared, Quiet, Unsendable, cause_of};
use crate::config::{self, Attempts};
use crate::delivery::metrics;
use crate::read_model::queue::Claimed;
use crate::read_model::webhook_health::failing_since;
use crate::registry::Registry;

use guard::{Forbidden, Guard};

/// The channel.
pub(crate) struct Webhook {
    log: Log,
    registry: Arc<Registry>,
    settings: config::Webhook,
    guard: Arc<Guard>,
    client: Client,
}

/// A call that is ready to leave.
pub(crate) struct Call {
    webhook_id: WebhookId,
    notice_id: Uuid,
    url: String,
    secret: String,
    body: Vec<u8>,
}

impl Webhook {
    /// The TLS provider of the process must be installed: see [`install_tls_provider`].
    pub(crate) fn new(
        log: Log,
        registry: Arc<Registry>,
        guard: Arc<Guard>,
        settings: &config::Webhook,
    ) -> reqwest::Result<Self> {
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .timeout(settings.timeout)
            .dns_resolver(guard::Resolver(Arc::clone(&guard)))
            .https_only(!settings.allow_private)
            .build()?;
        Ok(Self { log, registry, settings: settings.clone(), guard, client })
    }

    async fn call(&self, call: &Call, now: Timestamp) -> Outcome {
        let Ok(url) = self.guard.check(&call.url) else {
            return Outcome::failed(FailureKind::Permanent, Forbidden::CODE);
        };
        let id = call.notice_id.to_string();
        let seconds = now.as_second().to_string();
        let Some(signature) = sign::signature(&call.secret, &id, &seconds, &call.body) else {
            return Outcome::failed(FailureKind::Permanent, "SECRET_INVALID");
        };
        let sent = self
            .client
            .post(url)
            .header("webhook-id", id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", signature)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, concat!("Odzew/", env!("CARGO_PKG_VERSION")))
            .body(call.body.clone())
            .send();
        match sent.await {
            Ok(response) => self.answered(response, now).await,
            Err(error) => unanswered(&error),
        }
    }

    /// Switches the endpoint off after a call that it did not take, if it says that it is gone, or
    /// has taken nothing for too long. What fails here is tried again after the next such call.
    async fn judge(&self, tenant: &Tenant, webhook_id: WebhookId, code: &str, now: Timestamp) {
        let reason = match code {
            "HTTP_410" => DisableReason::Gone,
            _ => match failing_since(self.log.pool(), tenant.key, webhook_id.0).await {
                Ok(Some(since)) if self.is_too_long(since, now) => DisableReason::Failing,
                Ok(_) => return,
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, webhook.id = %webhook_id.0, "its health is not known");
                    return;
                }
            },
        };
        match self.registry.disable(tenant, (webhook_id, reason), now).await {
            Ok(true) => {
                let reason = wire::webhook::reason_name(reason);
                metrics::disabled(reason);
                tracing::warn!(webhook.id = %webhook_id.0, reason, "a webhook was switched off");
            }
            Ok(false) => {}
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, webhook.id = %webhook_id.0, "a webhook stays on");
            }
        }
    }

    fn is_too_long(&self, since: Timestamp, now: Timestamp) -> bool {
        let failed = Duration::try_from(now.duration_since(since)).unwrap_or_default();
        failed >= self.settings.disable_after
    }

    async fn answered(&self, response: Response, now: Timestamp) -> Outcome {
        let status = response.status();
        let retry_after = retry_after(response.headers(), now)
            .map(|asked| asked.min(self.settings.max_retry_after));
        // The answer's text is not needed; a bounded part of it is read so that the
        // connection may be used again.
        let drained = timeout(self.settings.timeout, drain(response, &self.settings)).await;
        let code = format!("HTTP_{}", status.as_u16());
        if status.is_success() {
            return match drained {
                Ok(Ok(())) => Outcome::Sent { provider_ref: code },
                Ok(Err(Limit)) => Outcome::failed(FailureKind::Transient, "RESPONSE_LIMIT"),
                Err(_) => Outcome::failed(FailureKind::Unknown, "HTTP_TIMEOUT"),
            };
        }
        let kind = match status {
            StatusCode::GONE => FailureKind::Permanent,
            _ => FailureKind::Transient,
        };
        let wanted = matches!(status.as_u16(), 429 | 502 | 503 | 504);
        Outcome::Failed { kind, code, retry_after: retry_after.filter(|_| wanted) }
    }
}

impl Channel for Webhook {
    type Message = Call;

    fn kind(&self) -> common::Channel {
        common::Channel::Webhook
    }

    fn attempts(&self) -> &Attempts {
        &self.settings.attempts
    }

    /// One endpoint gets several calls at once.
    fn in_order(&self) -> bool {
        false
    }

    /// Machines do not sleep.
    async fn quiet_hours(&self, _: &Tenant, _: &Claimed) -> Result<Option<Quiet>, Unsendable> {
        Ok(None)
    }

    fn bounce_window(&self) -> Duration {
        Duration::ZERO
    }

    async fn prepare(
        &self,
        tenant: &Tenant,
        notice: &Claimed,
    ) -> Result<Prepared<Call>, Unsendable> {
        let webhook_id = notice.recipient.parse().map(WebhookId);
        let webhook_id = webhook_id.map_err(|_| Unsendable::Broken("WEBHOOK_UNKNOWN"))?;
        let endpoint = self.registry.now(tenant, webhook_id).await.map_err(Unsendable::away)?;
        let endpoint = endpoint.ok_or(Unsendable::Broken("WEBHOOK_UNKNOWN"))?;
        if endpoint.disabled.is_some() {
            return Err(Unsendable::Suppress(SuppressionReason::Preference));
        }
        let secret = endpoint.registered.secret.ok_or(Unsendable::Broken("SECRET_INVALID"))?;
        let cause = cause_of(&self.log, tenant, notice).await?;
        let body = body::of(&cause, self.settings.max_body_bytes)
            .map_err(|_| Unsendable::Broken("CAUSE_UNREADABLE"))?;
        Ok(Prepared {
            content_sha256: Sha256::digest(&body).into(),
            message: Call {
                webhook_id,
                notice_id: notice.notice_id,
                url: endpoint.registered.url,
                secret: secret.0,
                body,
            },
        })
    }

    async fn send(&self, tenant: &Tenant, call: Call, now: Timestamp) -> Outcome {
        let outcome = self.call(&call, now).await;
        if let Outcome::Failed { code, .. } = &outcome {
            self.judge(tenant, call.webhook_id, code, now).await;
        }
        outcome
    }
}

/// The endpoint answers more than is read.
struct Limit;

async fn drain(mut response: Response, settings: &config::Webhook) -> Result<(), Limit> {
    let mut left = settings.max_response_bytes;
    // An answer that breaks off changes nothing: its status was read.
    while let Ok(Some(chunk)) = response.chunk().await {
        left = left.checked_sub(chunk.len()).ok_or(Limit)?;
    }
    Ok(())
}

fn unanswered(error: &reqwest::Error) -> Outcome {
    let mut source = error.source();
    while let Some(error) = source {
        if error.is::<Forbidden>() {
            return Outcome::failed(FailureKind::Permanent, Forbidden::CODE);
        }
        source = error.source();
    }
    match () {
        () if error.is_connect() => Outcome::failed(FailureKind::Transient, "HTTP_CONNECTION"),
        () if error.is_builder() => Outcome::failed(FailureKind::Permanent, "HTTP_INVALID"),
        () if error.is_timeout() => Outcome::failed(FailureKind::Unknown, "HTTP_TIMEOUT"),
        () => Outcome::failed(FailureKind::Unknown, "HTTP_CUT"),
    }
}

/// `Retry-After` in seconds or as a date.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Duration::try_from(date.duration_since(now)).ok()
}

/// Installs the process's TLS provider, which calls to webhooks need. Once is enough; more
/// often does no harm.
pub fn install_tls_provider() {
    // An error means that one is installed.
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
}
