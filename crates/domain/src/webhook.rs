//! The HTTP endpoints of a tenant that receive events as signed calls.
//!
//! All endpoints of a tenant share one stream, so that "which endpoints are on" has one
//! answer at every position of the log.
mod decide;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::aggregate::Aggregate;
use crate::ids::{Personal, WebhookId};

/// Most endpoints that a tenant may have, switched off ones included.
pub const MOST_ENDPOINTS: usize = 100;

/// The namespace of the streams' ids; fixed for ever.
const NAMESPACE: Uuid = Uuid::from_u128(0x1d6b_83c2_94e7_4a05_b1f8_3e27_c5a9_4d60);

/// The aggregate behind the streams `webhook-<id>`.
#[derive(Debug, Clone, Copy)]
pub struct Webhooks;

impl Webhooks {
    /// Id of the one stream of a tenant.
    #[must_use]
    pub fn stream_id(tenant: &str) -> Uuid {
        Uuid::new_v5(&NAMESPACE, tenant.as_bytes())
    }
}

impl Aggregate for Webhooks {
    type State = State;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Command) -> Result<Vec<Event>, Rejection> {
        decide::decide(state, command)
    }

    fn evolve(mut state: State, event: &Event) -> State {
        match event {
            Event::Registered(registered) => {
                let endpoint = Endpoint { registered: registered.clone(), disabled: None };
                state.endpoints.entry(registered.webhook_id).or_insert(endpoint);
            }
            Event::Disabled { webhook_id, reason } => {
                if let Some(endpoint) = state.endpoints.get_mut(webhook_id) {
                    endpoint.disabled = Some(*reason);
                }
            }
        }
        state
    }
}

/// The endpoints of a tenant.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// By id.
    pub endpoints: BTreeMap<WebhookId, Endpoint>,
}

/// One endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// What it was registered with.
    pub registered: Registered,
    /// Why it is switched off; none while it is on.
    pub disabled: Option<DisableReason>,
}

impl Endpoint {
    /// Whether it is to get events of this type.
    #[must_use]
    pub fn wants(&self, event_type: &str) -> bool {
        let types = &self.registered.event_types;
        self.disabled.is_none() && (types.is_empty() || types.iter().any(|t| t == event_type))
    }
}

/// What happens to endpoints.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// One was registered.
    Registered(Registered),
    /// One was switched off.
    Disabled {
        /// The endpoint.
        webhook_id: WebhookId,
        /// Why.
        reason: DisableReason,
    },
}

/// An endpoint was registered.
#[derive(Debug, Clone, PartialEq)]
pub struct Registered {
    /// The endpoint.
    pub webhook_id: WebhookId,
    /// Where to send.
    pub url: String,
    /// Signing secret, `whsec_` and base64; none where it is sealed and its reader has no key.
    pub secret: Option<Personal>,
    /// Full names of the event types to send; empty for all.
    pub event_types: Vec<String>,
}

/// Why an endpoint was switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DisableReason {
    /// A caller asked for it.
    Requested,
    /// The endpoint answered 410.
    Gone,
    /// It took nothing for days.
    Failing,
}

/// A command to the endpoints of a tenant.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Register one; its URL was checked and its secret drawn outside.
    Register(Registered),
    /// Switch one off.
    Disable {
        /// The endpoint.
        webhook_id: WebhookId,
        /// Why.
        reason: DisableReason,
    },
}

/// The rule that stands against a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no such endpoint.
    #[error("there is no such webhook")]
    Unknown,
    /// The id was registered before.
    #[error("the webhook was registered before")]
    AlreadyRegistered,
    /// The tenant has [`MOST_ENDPOINTS`] endpoints.
    #[error("the tenant has as many webhooks as it may")]
    TooMany,
}
