//! A mail that notification sent is answered, and the answer finds its ticket.
use chassis::rpc::Role;
use testkit::{Nats, eventually};
use wire::common::v1::Channel;
use wire::desk::v1::GetTimelineRequest;
use wire::intake::v1::{
    self, ContactPoint, ContactPointKind, HoldKind, HoldTicketRequest, IgnoreReason, JoinRule,
    MessageSender, ReceiveMessageRequest, StartWorkRequest, ThreadHints, TicketState,
};

use crate::load;
use crate::world::{ROLES, World};

fn id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// The Message-ID of the mail that has `text` in it.
async fn message_id(world: &World, text: &str) -> String {
    eventually(|| async {
        let mails = world.smtp.messages();
        let mail = mails.iter().map(testkit::Mail::text).find(|mail| mail.contains(text))?;
        let lines = mail.replace("\r\n ", " ");
        let line = lines.lines().find_map(|line| line.strip_prefix("Message-ID: "));
        line.map(str::to_owned)
    })
    .await
}

/// What the mailbox's adapter tells of an answer.
fn answer(email: &str, hints: ThreadHints) -> ReceiveMessageRequest {
    ReceiveMessageRequest {
        channel: Channel::Email.into(),
        external_id: format!("<{}@example.org>", id()),
        sender: Some(MessageSender {
            contact_point: Some(ContactPoint {
                kind: ContactPointKind::Email.into(),
                value: email.to_owned(),
            }),
            ..Default::default()
        }),
        subject: "Re: zapytanie".to_owned(),
        text: "It blinks.".to_owned(),
        hints: Some(hints),
        ..Default::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answered_mail_joins_its_ticket() {
    let nats = Nats::shared().await;
    let settings = "[threads]\nkey = \"a key of threads of one test of it\"\n";
    let mut world = World::with(nats.url(), nats.prefix(), settings).await;
    world.start(&ROLES).await;
    load::directory(&world).await;
    let mut customer = world.clients("portal", Role::Customer);
    let mut agent = world.clients("ania", Role::Agent);
    let registered = load::register(1);
    let email = registered.requester.clone().unwrap().email;
    let ticket = customer.intake.register_ticket(registered).await.unwrap().into_inner();
    let ticket_id = ticket.ticket.unwrap().ticket_id;
    let etag = String::new();
    let work = StartWorkRequest { request_id: id(), ticket_id: ticket_id.clone(), etag };
    agent.intake.start_work(work).await.unwrap();
    let question = HoldTicketRequest {
        request_id: id(),
        ticket_id: ticket_id.clone(),
        kind: HoldKind::Customer.into(),
        question: "Does the lamp blink?".into(),
        channel: Channel::Email.into(),
        ..Default::default()
    };
    agent.intake.hold_ticket(question).await.unwrap();

    let own_id = message_id(&world, "Does the lamp blink?").await;
    let mut adapter = world.clients("mailbox", Role::Integrator).inbound;
    let references = vec![own_id.clone()];
    let hints = ThreadHints { references, ..Default::default() };
    let joined = adapter.receive_message(answer(&email, hints)).await.unwrap().into_inner();
    assert_eq!(joined.rule(), JoinRule::References, "{own_id}");
    let now = joined.ticket.unwrap();
    assert_eq!((&now.ticket_id, now.state()), (&ticket_id, TicketState::Open));

    let read = v1::GetTicketRequest { ticket_id: ticket_id.clone(), ..Default::default() };
    let token = agent.intake.get_ticket(read).await.unwrap().into_inner().thread_token;
    let tokens = vec![format!("support+{token}@example.com")];
    let hints = ThreadHints { tokens, ..Default::default() };
    let from_elsewhere = answer("somebody@example.net", hints);
    let joined = adapter.receive_message(from_elsewhere).await.unwrap().into_inner();
    assert_eq!(joined.rule(), JoinRule::TicketToken);
    assert_eq!(joined.ticket.unwrap().ticket_id, ticket_id);

    let loop_headers = Some(v1::LoopHeaders { message_id: own_id, ..Default::default() });
    let back = ReceiveMessageRequest { loop_headers, ..answer(&email, ThreadHints::default()) };
    let ignored = adapter.receive_message(back).await.unwrap().into_inner();
    assert_eq!(ignored.ignored(), IgnoreReason::OwnMail);

    // The history says why each is there.
    eventually(|| async {
        let mut agent = agent.clone();
        let request = GetTimelineRequest { ticket_id: ticket_id.clone(), ..Default::default() };
        let entries = agent.desk.get_timeline(request).await.unwrap().into_inner().entries;
        let told: Vec<_> = entries
            .into_iter()
            .filter(|entry| entry.summary.contains("joined by"))
            .map(|entry| entry.summary)
            .collect();
        let expected = [
            "message over email joined by references",
            "message over email joined by ticket token, not from who asks",
        ];
        if told == expected { Ok(()) } else { Err(format!("{told:?}")) }
    })
    .await;
}
