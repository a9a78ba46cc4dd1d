//! `odzew complaint register`: every complaint, page after page, as CSV and as JSON.
use eventlog::{Log, NewEvent, StreamId};
use jiff::{SignedDuration, Timestamp};
use prost::Message;
use testkit::{Nats, eventually};
use uuid::Uuid;
use wire::common::v1::Money;
use wire::events::v1::Metadata;
use wire::intake::v1::{
    Claim, ComplaintOpened, Demand, RegimeRef, SubmissionForm, TicketRegistered,
};
use wire::scalar::timestamp;

use crate::world::{TENANT, World};

/// More than a page.
const COMPLAINTS: u32 = 503;

fn received_at(n: u32) -> Timestamp {
    let first: Timestamp = "2026-04-30T19:15:00Z".parse().unwrap();
    first + SignedDuration::from_mins(n.into())
}

fn event(event_type: &'static str, ticket_id: Uuid, message: &impl Message) -> NewEvent {
    NewEvent {
        event_id: Uuid::now_v7(),
        event_type,
        payload: message.encode_to_vec().into(),
        metadata: Metadata { correlation_id: ticket_id.to_string(), ..Metadata::default() },
        occurred_at: received_at(0),
    }
}

/// What intake would tell of the `n`th complaint.
fn told(n: u32, ticket_id: Uuid) -> Vec<NewEvent> {
    let received_at = Some(timestamp(received_at(n)));
    let registered = TicketRegistered {
        ticket_id: ticket_id.to_string(),
        number: domain::ticket::number::Number::from_hash(n.into()).to_string(),
        received_at,
        ..Default::default()
    };
    let amount = Some(Money { minor: 4_900, currency: "PLN".to_owned() });
    let opened = ComplaintOpened {
        complaint_id: Uuid::from_u128(n.into()).to_string(),
        regimes: vec![RegimeRef { code: "PL_POSTAL".into(), version: 1, ..Default::default() }],
        received_at,
        submission_form: SubmissionForm::Paper.into(),
        claims: vec![Claim { demand: Demand::Refund.into(), amount, ..Default::default() }],
        ..Default::default()
    };
    vec![
        event(wire::event::TICKET_REGISTERED, ticket_id, &registered),
        event(wire::event::COMPLAINT_OPENED, ticket_id, &opened),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_register_is_written_whole() {
    let nats = Nats::shared().await;
    let mut world = World::new(nats.url(), nats.prefix()).await;
    world.start(&["desk"]).await;
    let empty = world.odzew(&["complaint", "register", "--tenant", TENANT, "--format", "json"]);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&empty).unwrap(), serde_json::json!([]));

    let log = Log::open(world.db.pool().clone(), testkit::settings("eventlog")).await.unwrap();
    let tenant = log.tenant(TENANT).await.unwrap().unwrap();
    for n in 1..=COMPLAINTS {
        let ticket_id = Uuid::now_v7();
        let stream = StreamId::new("ticket", ticket_id);
        log.append(&tenant, &stream, 0, told(n, ticket_id)).await.unwrap();
    }
    let register = |more: &[&str]| {
        world.odzew(&[&["complaint", "register", "--tenant", TENANT][..], more].concat())
    };
    let text = eventually(|| async {
        let text = register(&[]);
        (text.lines().count() == COMPLAINTS as usize + 1).then_some(text)
    })
    .await;
    assert!(text.contains("\r\n"), "lines end as RFC 4180 says");
    let mut csv = csv::Reader::from_reader(text.as_bytes());
    let header = csv.headers().unwrap().clone();
    let place = |name: &str| header.iter().position(|column| column == name).unwrap();
    let rows: Vec<csv::StringRecord> = csv.records().map(Result::unwrap).collect();
    let at = |row: &csv::StringRecord| row[place("received_at")].parse::<Timestamp>().unwrap();
    let instants: Vec<_> = rows.iter().map(at).collect();
    let newest_first: Vec<_> = (1..=COMPLAINTS).rev().map(received_at).collect();
    assert_eq!(instants, newest_first, "each once, the newest first");
    assert_eq!(&rows[0][place("regimes")], "PL_POSTAL v1 PENDING");
    assert_eq!(&rows[0][place("claims")], "REFUND 49.00 PLN");

    let json = register(&["--format", "json", "--state", "open", "--regime", "PL_POSTAL"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json.as_array().unwrap().len(), COMPLAINTS as usize);
    assert_eq!(json[0]["claims"][0]["amount"]["minor"], "4900");
    // In Warsaw the first of May begins at 22:00 of the day before, UTC.
    let may = register(&["--from", "2026-05-01"]);
    let before = register(&["--to", "2026-05-01", "--outcome", "accepted"]);
    assert_eq!((may.lines().count() - 1, before.lines().count()), (339, 1));
    assert_eq!(register(&["--late"]).lines().count(), 1);
    let refused = world
        .command(&["complaint", "register", "--tenant", TENANT, "--state", "shut"])
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&refused.stderr).contains("\"shut\" is no complaint state"));
}
