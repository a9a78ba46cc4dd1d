//! A complaint as a lead meets it on the command line, under the law that comes with Odzew.
use chassis::clock::{Clock as _, System};
use chassis::rpc::Role;
use testkit::{Nats, eventually};
use uuid::Uuid;
use wire::common::v1::Channel;
use wire::intake::v1;

use crate::world::{ROLES, World};

async fn registered(world: &World) -> String {
    let mut portal = world.clients("portal", Role::Integrator);
    let request = v1::RegisterTicketRequest {
        request_id: Uuid::now_v7().to_string(),
        r#type: v1::TicketType::Inquiry.into(),
        channel: Channel::Email.into(),
        subject: "The kettle leaks".to_owned(),
        body: "Since yesterday.".to_owned(),
        requester: Some(v1::Requester {
            name: "Anna Nowak".to_owned(),
            email: "anna@example.org".to_owned(),
            party_id: String::new(),
        }),
        ..Default::default()
    };
    let ticket = portal.intake.register_ticket(request).await.unwrap().into_inner().ticket.unwrap();
    let ticket_id = ticket.ticket_id;
    let work = v1::StartWorkRequest {
        request_id: Uuid::now_v7().to_string(),
        ticket_id: ticket_id.clone(),
        etag: String::new(),
    };
    world.clients("agent-1", Role::Agent).intake.start_work(work).await.unwrap();
    eventually(|| async {
        let list = world.odzew(&["ticket", "list", "--tenant", "acme"]);
        if list.contains("The kettle leaks") { Ok(()) } else { Err(list) }
    })
    .await;
    ticket_id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_is_opened_decided_and_carried_out_from_the_command_line() {
    let nats = Nats::shared().await;
    let mut world = World::new(nats.url(), nats.prefix()).await;
    world.start(&ROLES).await;
    world.odzew(&["policy", "apply", "--tenant", "acme"]);
    let ticket = registered(&world).await;
    let complaint = |verb: &str, more: &[&str]| {
        let arguments = [&["complaint", verb, "--tenant", "acme", &*ticket][..], more].concat();
        world.odzew(&arguments)
    };
    let opened = complaint("open", &["--claim", "refund:10.00"]);
    for told in ["assessed", "PL_CONSUMER_GENERAL v1", "answer by ", "claim 1: refund 10.00 PLN"] {
        assert!(opened.contains(told), "{told}: {opened}");
    }
    let stated = complaint("claims", &["--claim", "replace", "--claim", "compensation:49.00"]);
    assert!(stated.contains("claim 2: compensation 49.00 PLN"), "{stated}");
    assert!(!stated.contains("refund"), "{stated}");
    let in_a_month =
        (System.now() + jiff::SignedDuration::from_hours(30 * 24)).strftime("%Y-%m-%d").to_string();
    let decided = complaint(
        "decide",
        &[
            "--claim=accepted",
            "--claim=rejected",
            &format!("--remedy=replacement={in_a_month}"),
            "--why=The seam was broken.",
            "--basis=art. 43d",
            "--letter=You get a new kettle.",
            "--appeal-info=Write to us.",
            "--adr=refuses",
            "--no-evidence=the photo came with the ticket",
        ],
    );
    let by = format!("replacement, by {in_a_month}");
    for told in ["partially accepted, first instance by operator", &by] {
        assert!(decided.contains(told), "{told}: {decided}");
    }
    let remedy = decided.split("\n  remedy ").nth(1).unwrap().split(':').next().unwrap();
    let done = complaint("remedy", &[remedy, "--on", "2026-01-02", "--reference", "parcel 7"]);
    assert!(done.contains("replacement, done"), "{done}");
    let shown = complaint("show", &[]);
    assert!(shown.contains("replacement, done"), "{shown}");
    // A mail reopens the ticket, and is the appeal.
    let message = v1::AddMessageRequest {
        request_id: Uuid::now_v7().to_string(),
        ticket_id: ticket.clone(),
        direction: v1::MessageDirection::Inbound.into(),
        channel: Channel::Email.into(),
        body: "I want the compensation, too.".to_owned(),
        ..Default::default()
    };
    world.clients("portal", Role::Customer).intake.add_message(message).await.unwrap();
    let thread = world.odzew(&["ticket", "show", "--tenant", "acme", &ticket]);
    let told = thread.split("\n  I want the compensation").next().unwrap();
    let letter = told.rsplit(" · ").next().unwrap();
    let appealed = complaint("appeal", &["--message", letter]);
    assert!(appealed.contains("appealed 2"), "{appealed}");
    eventually(|| async {
        let timeline = world.odzew(&["ticket", "timeline", "--tenant", "acme", &ticket]);
        let told = [
            "ComplaintOpened",
            "claims stated anew: 2 claims",
            "ComplaintDecided",
            "TicketResolved",
            "RemedyExecuted",
            "AppealFiled",
        ];
        if told.iter().all(|event| timeline.contains(event)) { Ok(()) } else { Err(timeline) }
    })
    .await;
}
