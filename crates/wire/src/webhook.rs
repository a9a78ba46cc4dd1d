//! The events of a tenant's webhooks, in both directions.
use bytes::Bytes;
use domain::ids::{Personal, WebhookId};
use domain::webhook::{DisableReason, Event, Registered};
use prost::Message;

use crate::common::v1::Sealed;
use crate::common::v1::sealed::Content;
use crate::event;
use crate::notification::v1;
use crate::scalar::uuid;
use crate::words::{personal, sealed};
use crate::{DecodeError, Payload};

const REQUESTED: &str = "REQUESTED";
const GONE: &str = "GONE";
const FAILING: &str = "FAILING";

impl Payload for Event {
    const CATEGORY: &'static str = "webhook";

    fn event_type(&self) -> &'static str {
        match self {
            Self::Registered(_) => event::WEBHOOK_REGISTERED,
            Self::Disabled { .. } => event::WEBHOOK_DISABLED,
        }
    }

    fn encode(&self) -> Bytes {
        match self {
            Self::Registered(registered) => v1::WebhookRegistered {
                webhook_id: registered.webhook_id.0.to_string(),
                url: registered.url.clone(),
                secret: registered.secret.as_ref().map(sealed),
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
            event::WEBHOOK_REGISTERED => {
                let message = v1::WebhookRegistered::decode(bytes)?;
                Ok(Self::Registered(Registered {
                    webhook_id: WebhookId(uuid(&message.webhook_id, "webhook_id")?),
                    url: message.url,
                    secret: read_secret(message.secret.as_ref())?,
                    event_types: message.event_types,
                }))
            }
            event::WEBHOOK_DISABLED => {
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

/// None where it is sealed: which endpoints there are is known without it.
fn read_secret(secret: Option<&Sealed>) -> Result<Option<Personal>, DecodeError> {
    match secret.and_then(|secret| secret.content.as_ref()) {
        Some(Content::Ciphertext(_)) => Ok(None),
        Some(Content::Clear(_)) | None => personal(secret, "secret").map(Some),
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::common::v1::Ciphertext;

    #[test]
    fn an_endpoint_is_known_without_its_secret_and_not_with_none() {
        let registered = v1::WebhookRegistered {
            webhook_id: uuid::Uuid::from_u128(1).to_string(),
            url: "https://example.org".to_owned(),
            secret: Some(Sealed { content: Some(Content::Ciphertext(Ciphertext::default())) }),
            event_types: Vec::new(),
        };
        let read = |message: &v1::WebhookRegistered| {
            Event::decode(event::WEBHOOK_REGISTERED, &message.encode_to_vec())
        };
        let Event::Registered(found) = read(&registered).unwrap() else { unreachable!() };
        assert_eq!(found.secret, None);
        let without = v1::WebhookRegistered { secret: None, ..registered };
        assert!(read(&without).is_err());
    }
}
