//! One value of every event of a tenant's webhooks.
use domain::ids::{Personal, WebhookId};
use domain::webhook::{DisableReason, Event, Registered};
use uuid::Uuid;

pub(crate) fn samples() -> Vec<Event> {
    let webhook_id = WebhookId(Uuid::from_u128(1));
    vec![
        Event::Registered(Registered {
            webhook_id,
            url: "https://hooks.example.com/odzew".to_owned(),
            secret: Some(Personal("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned())),
            event_types: vec![wire::event::TICKET_RESOLVED.to_owned()],
        }),
        Event::Disabled { webhook_id, reason: DisableReason::Gone },
    ]
}
