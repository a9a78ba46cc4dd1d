//! What may happen to endpoints.
use uuid::Uuid;

use super::*;
use crate::spec::given;

fn registered(id: u128, event_types: &[&str]) -> Registered {
    Registered {
        webhook_id: WebhookId(Uuid::from_u128(id)),
        url: "https://hooks.example.com/odzew".into(),
        secret: Some(Personal("whsec_AAAA".into())),
        event_types: event_types.iter().map(ToString::to_string).collect(),
    }
}

fn disable(id: u128, reason: DisableReason) -> Command {
    Command::Disable { webhook_id: WebhookId(Uuid::from_u128(id)), reason }
}

#[test]
fn an_endpoint_gets_the_types_it_asked_for_until_it_is_switched_off() {
    let state = Webhooks::fold(&[
        Event::Registered(registered(1, &["a.B"])),
        Event::Registered(registered(2, &[])),
    ]);
    let wants = |state: &State, id, t| state.endpoints[&WebhookId(Uuid::from_u128(id))].wants(t);
    assert!(wants(&state, 1, "a.B") && !wants(&state, 1, "a.C"));
    assert!(wants(&state, 2, "a.C"));
    let gone =
        Event::Disabled { webhook_id: WebhookId(Uuid::from_u128(2)), reason: DisableReason::Gone };
    assert!(!wants(&Webhooks::evolve(state, &gone), 2, "a.C"));
}

#[test]
fn switching_off_twice_changes_nothing() {
    given::<Webhooks>([Event::Registered(registered(1, &[]))])
        .and(disable(1, DisableReason::Gone))
        .when(disable(1, DisableReason::Requested))
        .then_nothing();
    given::<Webhooks>([])
        .when(disable(1, DisableReason::Requested))
        .then_rejected(Rejection::Unknown);
}

#[test]
fn an_id_is_registered_once_and_the_number_is_bounded() {
    given::<Webhooks>([Event::Registered(registered(1, &[]))])
        .when(Command::Register(registered(1, &[])))
        .then_rejected(Rejection::AlreadyRegistered);
    let full = (0..MOST_ENDPOINTS as u128).map(|id| Event::Registered(registered(id, &[])));
    given::<Webhooks>(full)
        .when(Command::Register(registered(9_999, &[])))
        .then_rejected(Rejection::TooMany);
}
