//! One value of every event of a notice.
use domain::ids::{MessageId, NoticeId, TicketId};
use domain::notice::{
    Audience, Delivered, Event, Evidence, Failed, Purpose, Scheduled, Sent, Suppressed,
    SuppressionReason,
};
use domain::priority::Channel;
use jiff::Timestamp;
use uuid::Uuid;

pub(crate) fn samples() -> Vec<Event> {
    let notice_id = NoticeId(Uuid::from_u128(1));
    let ticket_id = Some(TicketId(Uuid::from_u128(2)));
    let cause_event_id = Uuid::from_u128(3);
    vec![
        Event::Scheduled(Scheduled {
            notice_id,
            key: "REPLY/ticket/party/message".to_owned(),
            purpose: Purpose::Reply,
            audience: Audience::Customer,
            recipient: "party".to_owned(),
            channel: Channel::Email,
            template_id: "reply".to_owned(),
            template_version: 1,
            locale: "pl".to_owned(),
            send_at: at("2026-06-09T00:00:02Z"),
            deferred: true,
            cause_event_id,
            cause_position: 42,
            ticket_id,
            message_id: Some(MessageId(Uuid::from_u128(4))),
        }),
        Event::Suppressed(Suppressed {
            notice_id,
            key: "ASSIGNMENT/assignment/agent/1".to_owned(),
            purpose: Purpose::Assignment,
            audience: Audience::Assignee,
            recipient: "agent-17".to_owned(),
            channel: Channel::Email,
            reason: SuppressionReason::SelfCaused,
            cause_event_id,
            ticket_id,
            message_id: Some(MessageId(Uuid::from_u128(4))),
        }),
        Event::Attempted { notice_id, attempt_no: 2, at: at("2026-06-09T00:01:02.345Z") },
        Event::Sent(Sent {
            notice_id,
            provider_ref: "250 queued as 7F".to_owned(),
            at: at("2026-06-09T00:01:02.456Z"),
            content_sha256: [7; 32],
            purpose: Purpose::Decision,
            ticket_id,
            message_id: Some(MessageId(Uuid::from_u128(4))),
            proof_due_at: Some(at("2026-06-09T00:16:02.456Z")),
            by_post: true,
        }),
        Event::Delivered(Delivered {
            notice_id,
            at: at("2026-06-09T00:01:02.456Z"),
            evidence: Evidence::Dsn,
            purpose: Purpose::Decision,
            ticket_id,
            message_id: Some(MessageId(Uuid::from_u128(4))),
        }),
        Event::Failed(Failed {
            notice_id,
            permanent: false,
            code: "SMTP_CUT".to_owned(),
            outcome_unknown: true,
            next_attempt_at: Some(at("2026-06-09T00:06:02Z")),
            purpose: Some(Purpose::Reply),
            ticket_id,
            message_id: Some(MessageId(Uuid::from_u128(4))),
        }),
        Event::Released { notice_id, due: at("2026-06-10T08:00:00Z") },
    ]
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}
