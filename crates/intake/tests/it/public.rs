//! What everybody reads: a post that begins a ticket, and an answer to it without personal data.
use chassis::rpc::Role;
use tonic::Code;
use wire::common::v1::Channel;
use wire::intake::v1::inbound_service_client::InboundServiceClient;
use wire::intake::v1::{self, ContactPointKind, ObjectKind};

use crate::parties::point;
use crate::world::{World, agent, fields, inbound, info, new_id, of, refusal, reply, update};

impl World {
    /// A post of somebody who is known.
    async fn post(&self) -> v1::Ticket {
        let points = [
            point(ContactPointKind::Social, "mastodon:@anna"),
            point(ContactPointKind::Postal, "ul. Prosta 1, 00-001 Warszawa"),
        ];
        self.party("Anna Nowak", &points).await;
        let sender = v1::MessageSender {
            contact_point: Some(point(ContactPointKind::Social, "mastodon:@anna")),
            ..Default::default()
        };
        let id = "ORD-2026/4242".to_owned();
        let about = vec![v1::BusinessObject { kind: ObjectKind::Order.into(), id }];
        let request = v1::ReceiveMessageRequest {
            channel: Channel::Social.into(),
            external_id: new_id(),
            sender: Some(sender),
            text: "Where is my parcel?".to_owned(),
            hints: Some(v1::ThreadHints { about, ..Default::default() }),
            public_venue: true,
            ..Default::default()
        };
        let url = format!("http://{}", self.addr);
        let mut client = InboundServiceClient::connect(url).await.unwrap();
        let answer = client.receive_message(of(Role::Integrator, request)).await.unwrap();
        answer.into_inner().ticket.unwrap()
    }
}

fn public(ticket_id: &str, body: &str) -> v1::SendReplyRequest {
    let channel = Channel::Social.into();
    v1::SendReplyRequest { channel, body: body.to_owned(), public_venue: true, ..reply(ticket_id) }
}

#[tokio::test]
async fn an_answer_that_everybody_reads_has_no_personal_data() {
    let world = World::new().await;
    let ticket = world.post().await;
    assert!(ticket.messages[0].public_venue, "the post is public");
    let mut client = world.client.clone();
    for (body, kinds) in [
        ("Write to anna@example.org, Anna Nowak.", "EMAIL,NAME"),
        ("Your order ORD 2026 4242 is lost.", "BUSINESS_OBJECT"),
        ("Is it ul. Prosta 1, 00-001 Warszawa?", "CONTACT_POINT"),
        (&*format!("Your number is {}.", ticket.number), "TICKET_NUMBER"),
        ("We call 600 100 200.", "PHONE"),
    ] {
        let refused = client.send_reply(agent(public(&ticket.ticket_id, body))).await.unwrap_err();
        let wanted = (Code::FailedPrecondition, "PUBLIC_PERSONAL_DATA".to_owned());
        assert_eq!(refusal(&refused), wanted, "{body}");
        assert_eq!(info(&refused).metadata["kinds"], kinds);
        assert_eq!(info(&refused).metadata["field"], "body");
        assert!(!format!("{refused:?}").contains("Nowak"), "never the data themselves");
    }
    let news = v1::SendUpdateRequest {
        body: "PESEL 44051401359".to_owned(),
        public_venue: true,
        ..update(&ticket.ticket_id, v1::MessagePurpose::Update)
    };
    let refused = client.send_update(agent(news)).await.unwrap_err();
    assert_eq!(info(&refused).metadata["kinds"], "PESEL");

    // To the customer alone everything may be said, and in public what tells nothing.
    let private =
        v1::SendReplyRequest { public_venue: false, ..public(&ticket.ticket_id, "Anna Nowak") };
    client.send_reply(agent(private)).await.unwrap();
    let plain = public(&ticket.ticket_id, "@anna We write to you, news by 14:30.");
    let answered = client.send_reply(agent(plain)).await.unwrap().into_inner().ticket.unwrap();
    let public: Vec<_> = answered.messages.iter().map(|message| message.public_venue).collect();
    assert_eq!(public, [true, false, true]);
}

#[tokio::test]
async fn a_message_of_the_customer_may_be_public_and_a_note_may_not() {
    let world = World::new().await;
    let ticket = world.post().await;
    let post = v1::AddMessageRequest { public_venue: true, ..inbound(&ticket.ticket_id) };
    let mut client = world.client.clone();
    let answer = client.add_message(agent(post.clone())).await.unwrap().into_inner();
    assert!(answer.ticket.unwrap().messages[1].public_venue);
    let direction = v1::MessageDirection::Internal.into();
    let note = v1::AddMessageRequest { request_id: new_id(), direction, ..post };
    let refused = client.add_message(agent(note)).await.unwrap_err();
    assert_eq!(fields(&refused), ["public_venue"]);
}

#[tokio::test]
async fn a_question_that_everybody_reads_has_no_personal_data() {
    let world = World::new().await;
    let ticket = world.post().await;
    let mut client = world.client.clone();
    let start = v1::StartWorkRequest {
        request_id: new_id(),
        ticket_id: ticket.ticket_id.clone(),
        etag: String::new(),
    };
    client.start_work(agent(start)).await.unwrap();
    let asking = |question: &str| v1::HoldTicketRequest {
        request_id: new_id(),
        ticket_id: ticket.ticket_id.clone(),
        kind: v1::HoldKind::Customer.into(),
        question: question.to_owned(),
        channel: Channel::Social.into(),
        public_venue: true,
        ..Default::default()
    };
    let refused = client.hold_ticket(agent(asking("Is that you, Anna Nowak?"))).await.unwrap_err();
    assert_eq!(refusal(&refused).1, "PUBLIC_PERSONAL_DATA");
    assert_eq!(info(&refused).metadata["field"], "question");
    assert_eq!(info(&refused).metadata["kinds"], "NAME");
    let private = v1::HoldTicketRequest { vendor_id: "carrier".to_owned(), ..asking("") };
    let supplier = v1::HoldTicketRequest {
        kind: v1::HoldKind::ThirdParty.into(),
        channel: 0,
        expected_by: crate::world::stamp("2026-06-20T00:00:00Z"),
        ..private
    };
    let refused = client.hold_ticket(agent(supplier)).await.unwrap_err();
    assert!(fields(&refused).contains(&"public_venue".to_owned()), "{refused:?}");
    let asked = client.hold_ticket(agent(asking("Which parcel is it?"))).await.unwrap();
    assert!(asked.into_inner().ticket.unwrap().messages[1].public_venue);
}
