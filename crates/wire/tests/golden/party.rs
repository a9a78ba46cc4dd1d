//! One value of every event of a party.
use domain::identity::{ConsumerStatus, ContactPoint, ContactPointKind};
use domain::ids::{PartyId, Personal, TicketId};
use domain::party::{
    Erased, Event, ExternalRef, LegalHoldChanged, Merged, PartyKind, Preference, PreferencePurpose,
    Profile, Register, Registered, RestrictionChanged,
};
use domain::priority::Channel;
use domain::quiet_hours::QuietHours;
use jiff::civil::{date, time};
use uuid::Uuid;

pub(crate) fn samples() -> Vec<Event> {
    let party_id = PartyId(Uuid::from_u128(2));
    vec![
        Event::Registered(Registered {
            party_id,
            registered_at: "2026-06-09T08:00:00Z".parse().unwrap(),
            profile: profile(),
        }),
        Event::Updated(Profile {
            kind: PartyKind::Company,
            consumer_status: ConsumerStatus::Business,
            name: None,
            vip: true,
            register: Register::Expert,
            accessibility: None,
            ..profile()
        }),
        Event::PreferenceChanged(Preference {
            channel: Channel::Sms,
            purpose: PreferencePurpose::Proactive,
            allowed: true,
            quiet_hours: Some(QuietHours { from: time(22, 30, 0, 0), to: time(7, 0, 0, 0) }),
        }),
        Event::Merged(Merged {
            from: party_id,
            into: PartyId(Uuid::from_u128(1)),
            basis: "same customer number".to_owned(),
        }),
        Event::LegalHoldChanged(LegalHoldChanged {
            on: true,
            basis: "claim 7/2026".to_owned(),
            until: Some(date(2027, 12, 31)),
        }),
        Event::RestrictionChanged(RestrictionChanged {
            party_id,
            on: true,
            basis: "accuracy contested".to_owned(),
            request_ticket_id: Some(TicketId(Uuid::from_u128(3))),
        }),
        Event::Erased(Erased {
            party_id,
            basis: "request of the data subject".to_owned(),
            request_ticket_id: Some(TicketId(Uuid::from_u128(3))),
            retained: vec!["INVOICES".to_owned()],
        }),
    ]
}

fn profile() -> Profile {
    let point = |kind, value: &str| ContactPoint { kind, value: Personal(value.to_owned()) };
    Profile {
        kind: PartyKind::Person,
        consumer_status: ConsumerStatus::Consumer,
        name: Some(Personal("Anna Nowak".to_owned())),
        segment: "retail".to_owned(),
        vip: false,
        language: "pl".to_owned(),
        register: Register::Plain,
        time_zone: "Europe/Warsaw".to_owned(),
        contact_points: vec![
            point(ContactPointKind::Email, "anna@example.org"),
            point(ContactPointKind::Phone, "+48 600 100 200"),
            point(ContactPointKind::Social, "mastodon:@anna"),
            point(ContactPointKind::Postal, "Prosta 1, Warszawa"),
        ],
        accessibility: Some(Personal("large print".to_owned())),
        external_refs: vec![ExternalRef { system: "crm".to_owned(), id: "4711".to_owned() }],
    }
}
