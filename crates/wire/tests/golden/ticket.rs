//! One value of every event of a ticket.
use domain::business_object::{BusinessObject, ObjectKind};
use domain::complaint::Extended;
use domain::identity::Identification;
use domain::ids::{AgentId, ContactId, HoldId, MessageId, PartyId, Personal, PromiseId, TicketId};
use domain::priority::{Channel, Impact, Level, Priority, Urgency};
use domain::ticket::{
    AuthorKind, ClassificationSource, Classified, CloseReason, Closed, ContactNoted, Event, Held,
    HoldKind, Link, LinkKind, MessageAdded, MessageDirection, MessagePurpose, Origin, PartyLinked,
    PartyRole, PriorityCause, PriorityChanged, PromiseKind, PromiseMade, Registered, ReopenTrigger,
    Reopened, Requester, Resolved, SplitOff, TicketType, UnholdTrigger,
};
use jiff::Timestamp;
use jiff::civil::date;
use uuid::Uuid;

/// One value of every event of a ticket.
pub(crate) fn samples() -> Vec<Event> {
    let complaint = super::complaint::samples().into_iter().map(Event::Complaint).collect();
    [begun(), worked_on(), several_tickets(), complaint].concat()
}

fn begun() -> Vec<Event> {
    vec![
        Event::Registered(Registered {
            ticket_id: TicketId(id(1)),
            number: domain::ticket::number::Number::from_hash(0x2_3456_789a_bcde),
            kind: TicketType::Complaint,
            channel: Channel::Portal,
            received_at: at("2026-06-09T00:00:00.123Z"),
            requester: Some(Requester {
                party_id: PartyId(id(2)),
                name: Some(text("Zażółć Gęślą")),
                email: Some(text("zazolc@example.org")),
                segment: "gold".to_owned(),
                has_profile_email: true,
            }),
            subject: text("Faktura"),
            body: text("Proszę o wyjaśnienie.\n"),
            language: "pl".to_owned(),
            origin: Origin::Import,
            external_number: Some("INC0000045".to_owned()),
            parent: Some(TicketId(id(9))),
            about: vec![BusinessObject { kind: ObjectKind::Order, id: "ORD-2026/4242".to_owned() }],
            public_venue: true,
            dedupe_key: Some("pay-api:down".to_owned()),
            backdate_reason: Some("the letter lay in the post room".to_owned()),
        }),
        Event::Classified(Classified {
            kind: TicketType::Incident,
            category_code: "TECH/outage".to_owned(),
            taxonomy_version: 1,
            tags: vec!["fibre".to_owned(), "north".to_owned()],
            source: ClassificationSource::Bot,
            reason: "words of the subject".to_owned(),
        }),
        Event::PriorityChanged(PriorityChanged {
            impact: Impact(Level::High),
            urgency: Urgency(Level::Medium),
            priority: Priority::P2,
            previous: Some(Priority::P3),
            cause: PriorityCause::ImpactGrew,
            reason: "three more customers".to_owned(),
        }),
        Event::MessageAdded(MessageAdded {
            message_id: MessageId(id(3)),
            direction: MessageDirection::Internal,
            channel: Channel::Email,
            author_kind: AuthorKind::System,
            purpose: MessagePurpose::Handover,
            is_reply: true,
            body: text("Which router is it?"),
            written_at: at("2026-06-09T00:07:30Z"),
            public_venue: true,
            escalates: true,
            contact_id: Some(ContactId(id(12))),
        }),
    ]
}

fn worked_on() -> Vec<Event> {
    vec![
        Event::WorkStarted { agent_id: AgentId("agent-17".to_owned()) },
        Event::Held(Held {
            hold_id: HoldId(id(4)),
            kind: HoldKind::ThirdParty,
            reason: "line measured".to_owned(),
            question_message_id: Some(MessageId(id(3))),
            vendor_id: Some("carrier-3".to_owned()),
            expected_by: Some(at("2026-06-10T06:00:00Z")),
        }),
        Event::Unheld { hold_id: HoldId(id(4)), trigger: UnholdTrigger::VendorReply },
        Event::Resolved(Resolved {
            resolution_code: "FIXED".to_owned(),
            root_cause_code: Some("CABLE".to_owned()),
            summary: Some(text("A cable was changed.")),
            cascaded_from: Some(TicketId(id(9))),
        }),
        Event::Reopened(Reopened {
            reopen_no: 2,
            trigger: ReopenTrigger::CustomerMessage,
            message_id: Some(MessageId(id(5))),
            reason: "still down".to_owned(),
        }),
        Event::Closed(Closed {
            reason: CloseReason::Spam,
            merged_into: Some(TicketId(id(9))),
            reopen_until: Some(at("2026-09-07T00:07:30Z")),
        }),
        Event::PromiseMade(PromiseMade {
            promise_id: PromiseId(id(6)),
            kind: PromiseKind::NextUpdate,
            due_at: at("2026-06-09T02:42:00Z"),
            customer_visible: true,
            replaces: Some(PromiseId(id(7))),
        }),
        Event::RequestExtended(Extended {
            new_last_day: date(2026, 8, 31),
            reason: "three systems hold the data".to_owned(),
            circumstances: "what the archive holds".to_owned(),
            notice_message_id: MessageId(id(3)),
        }),
    ]
}

fn several_tickets() -> Vec<Event> {
    vec![
        Event::ContactNoted(ContactNoted {
            contact_id: ContactId(id(11)),
            outbound: true,
            agent_id: AgentId("agent-17".to_owned()),
            answered_at: at("2026-06-09T01:07:30Z"),
            keeps: Some(PromiseId(id(6))),
        }),
        Event::PartyLinked(PartyLinked {
            party_id: PartyId(id(8)),
            role: PartyRole::Requester,
            identification: Identification::Verified,
            replaced: Some(PartyId(id(2))),
        }),
        Event::Merged { source: TicketId(id(1)), target: TicketId(id(9)) },
        Event::Split(SplitOff {
            child: TicketId(id(10)),
            messages: vec![MessageId(id(3)), MessageId(id(5))],
            kind: TicketType::Payment,
            subject: text("Faktura za maj"),
        }),
        Event::Linked(Link { kind: LinkKind::ChildOf, other: TicketId(id(9)) }),
        Event::Unlinked(Link { kind: LinkKind::FollowedUpBy, other: TicketId(id(9)) }),
    ]
}

pub(crate) fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 + n)
}

pub(crate) fn at(instant: &str) -> Timestamp {
    instant.parse().unwrap()
}

pub(crate) fn text(text: &str) -> Personal {
    Personal(text.to_owned())
}
