//! The events of a tenant's webhooks, in both directions.
use bytes::Bytes;
use domain::ids::WebhookId;
use domain::webhook::{DisableReason, Event, Registered};
use prost::Message;

use crate::notification::v1;
use crate::scalar::uuid;
use crate::words::{personal, sealed};
use crate::{DecodeError, Payload};

const REGISTERED: &str = "odzew.notification.v1.WebhookRegistered";
const DISABLED: &str = "odzew.notification.v1.WebhookDisabled";

const REQUESTED: &str = "REQUESTED";
const GONE: &str = "GONE";
const FAILING: &str = "FAILING";

impl Payload for Event {
    const CATEGORY: &'static str = "webhook";

    fn event_type(&self) -> &'static str {
        match self {
            Self::Registered(_) => REGISTERED,
            Self::Disabled { .. } => DISABLED,
        }
    }

    fn encode(&self) -> Bytes {
        match self {
            Self::Registered(registered) => v1::WebhookRegistered {
                webhook_id: registered.webhook_id.0.to_string(),
                url: registered.url.clone(),
                secret: Some(sealed(&registered.secret)),
                event_types: registered.event_types.clone(),
            }
            .encode_to_vec(),
            Self::Disabled { webhook_id, reason } => v1::WebhookDisabled {
                webhook_id: webhook_id.0.to_string(),
                reason: reason_name(*reason).to_owned(),
            }
            .encode_to_vec(),
        }
        .into()
    }

    fn decode(event_type: &str, bytes: &[u8]) -> Result<Self, DecodeError> {
        match event_type {
            REGISTERED => {
                let message = v1::WebhookRegistered::decode(bytes)?;
                Ok(Self::Registered(Registered {
                    webhook_id: WebhookId(uuid(&message.webhook_id, "webhook_id")?),
                    url: message.url,
                    secret: personal(message.secret.as_ref(), "secret")?,
                    event_types: message.event_types,
                }))
            }
            DISABLED => {
                let message = v1::WebhookDisabled::decode(bytes)?;
                Ok(Self::Disabled {
                    webhook_id: WebhookId(uuid(&message.webhook_id, "webhook_id")?),
                    reason: match message.reason.as_str() {
                        REQUESTED => DisableReason::Requested,
                        GONE => DisableReason::Gone,
                        FAILING => DisableReason::Failing,
                        _ => return Err(DecodeError::field("reason")),
                    },
                })
            }
            unknown => Err(DecodeError::UnknownEventType(unknown.to_owned())),
        }
    }
}

/// The name of a reason as outsiders know it.
#[must_use]
pub fn reason_name(reason: DisableReason) -> &'static str {
    match reason {
        DisableReason::Requested => REQUESTED,
        DisableReason::Gone => GONE,
        DisableReason::Failing => FAILING,
    }
}
