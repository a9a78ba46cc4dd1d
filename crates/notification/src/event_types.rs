//! The event types that a webhook may subscribe to.
use std::collections::BTreeSet;
use std::sync::LazyLock;

use chassis::fields::Fields;
use wire::POOL;

/// Most types in one filter.
const MOST_TYPES: usize = 100;

/// Full names of all events that are sent to webhooks: every event but those of notices and
/// webhooks.
static KNOWN: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    POOL.all_messages()
        .filter(|message| {
            message.package_name() != "odzew.notification.v1" && message.name().ends_with("Event")
        })
        .flat_map(|message| message.oneofs().collect::<Vec<_>>())
        .filter(|oneof| oneof.name() == "event")
        .flat_map(|oneof| oneof.fields().collect::<Vec<_>>())
        .filter_map(|field| Some(field.kind().as_message()?.full_name().to_owned()))
        .collect()
});

/// Notes every type that is not one.
pub(crate) fn check(fields: &mut Fields, event_types: &[String]) {
    if event_types.len() > MOST_TYPES {
        fields.refuse("event_types", format!("must be at most {MOST_TYPES}"));
        return;
    }
    for (index, event_type) in event_types.iter().enumerate() {
        if !KNOWN.contains(event_type) {
            let rule = "must be the full name of an event, such as odzew.intake.v1.TicketResolved";
            fields.refuse(&format!("event_types[{index}]"), rule);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_known_and_our_own_are_not_sent() {
        assert!(KNOWN.contains(wire::event::TICKET_REGISTERED));
        assert!(KNOWN.contains(wire::event::TICKET_ASSIGNED));
        assert!(KNOWN.contains(wire::event::CLOCK_BREACHED));
        assert!(!KNOWN.contains(wire::event::NOTIFICATION_SENT));
        assert!(!KNOWN.contains("odzew.intake.v1.Ticket"));
    }
}
