//! A message of a channel finds its ticket: by a token, by a mail that it answers, by what a
//! verified party asks about; otherwise it begins a ticket. Never by the words of its subject.
use std::time::Duration;

use chassis::rpc::Role;
use domain::ids::TicketId;
use tonic::{Code, Status};
use wire::common::v1::Channel;
use wire::intake::v1::inbound_service_client::InboundServiceClient;
use wire::intake::v1::{
    self, ContactPointKind, IgnoreReason, JoinRule, ObjectKind, TicketOrigin, TicketState,
};

use crate::follow::closed;
use crate::join::merge;
use crate::parties::{anna, point};
use crate::world::{
    World, agent, fields, for_tenant, new_id, of, refusal, register, resolve, stamp, tokens,
};

/// A mail of Anna that names nothing.
pub(crate) fn mail(external_id: &str) -> v1::ReceiveMessageRequest {
    v1::ReceiveMessageRequest {
        channel: Channel::Email.into(),
        external_id: external_id.to_owned(),
        received_at: stamp("2026-06-08T23:59:00Z"),
        sender: Some(v1::MessageSender {
            contact_point: Some(point(ContactPointKind::Email, "anna@example.org")),
            name: "Anna Nowak".to_owned(),
            ..Default::default()
        }),
        subject: "No service".to_owned(),
        text: "It is gone again.".to_owned(),
        ..Default::default()
    }
}

pub(crate) fn with_token(external_id: &str, token: &str) -> v1::ReceiveMessageRequest {
    let tokens = vec![format!("support+{token}@example.com")];
    let hints = Some(v1::ThreadHints { tokens, ..Default::default() });
    v1::ReceiveMessageRequest { hints, ..mail(external_id) }
}

fn answering(external_id: &str, token: &str) -> v1::ReceiveMessageRequest {
    let references = vec!["<other@elsewhere>".to_owned(), format!("<0197.{token}@example.com>")];
    let hints = Some(v1::ThreadHints { references, ..Default::default() });
    v1::ReceiveMessageRequest { hints, ..mail(external_id) }
}

fn from(
    request: v1::ReceiveMessageRequest,
    party_id: &str,
    identification: v1::Identification,
) -> v1::ReceiveMessageRequest {
    let sender = v1::MessageSender {
        party_id: party_id.to_owned(),
        identification: identification.into(),
        ..request.sender.clone().unwrap()
    };
    v1::ReceiveMessageRequest { sender: Some(sender), ..request }
}

fn order(id: &str) -> Vec<v1::BusinessObject> {
    vec![v1::BusinessObject { kind: ObjectKind::Order.into(), id: id.to_owned() }]
}

fn about(request: v1::ReceiveMessageRequest, id: &str) -> v1::ReceiveMessageRequest {
    let hints = Some(v1::ThreadHints { about: order(id), ..Default::default() });
    v1::ReceiveMessageRequest { hints, ..request }
}

fn by_machine(request: v1::ReceiveMessageRequest) -> v1::ReceiveMessageRequest {
    let auto_submitted = "auto-replied; type=vacation".to_owned();
    let loop_headers = Some(v1::LoopHeaders { auto_submitted, ..Default::default() });
    v1::ReceiveMessageRequest { loop_headers, ..request }
}

pub(crate) fn token(ticket_id: &str) -> String {
    tokens().token("acme", TicketId(ticket_id.parse().unwrap()))
}

impl World {
    pub(crate) async fn receive(
        &self,
        request: v1::ReceiveMessageRequest,
    ) -> v1::ReceiveMessageResponse {
        self.try_receive(request).await.unwrap()
    }

    async fn try_receive(
        &self,
        request: v1::ReceiveMessageRequest,
    ) -> Result<v1::ReceiveMessageResponse, Status> {
        let url = format!("http://{}", self.addr);
        let mut client = InboundServiceClient::connect(url).await.unwrap();
        let answer = client.receive_message(of(Role::Integrator, request)).await;
        answer.map(tonic::Response::into_inner)
    }

    /// A ticket of the party about an order.
    async fn ticket_about(&self, party_id: &str, order_id: &str) -> v1::Ticket {
        let requester = v1::Requester {
            name: "Anna Nowak".to_owned(),
            email: "anna@example.org".to_owned(),
            party_id: party_id.to_owned(),
        };
        let request = v1::RegisterTicketRequest {
            requester: Some(requester),
            about: order(order_id),
            ..register()
        };
        self.register_as(request).await
    }

    async fn waiting(&self) -> String {
        let ticket_id = self.open().await.ticket_id;
        let request = v1::HoldTicketRequest {
            request_id: new_id(),
            ticket_id: ticket_id.clone(),
            kind: v1::HoldKind::Customer.into(),
            question: "Does the lamp blink?".to_owned(),
            channel: Channel::Email.into(),
            ..Default::default()
        };
        self.client.clone().hold_ticket(agent(request)).await.unwrap();
        ticket_id
    }

    async fn resolved(&self) -> String {
        let ticket_id = self.open().await.ticket_id;
        self.client.clone().resolve_ticket(agent(resolve(&ticket_id))).await.unwrap();
        ticket_id
    }

    /// What was settled for messages so far, oldest first.
    async fn settled_messages(&self) -> Vec<v1::MessageReceived> {
        use prost::Message as _;
        let partition = self.tenant.partition;
        let events = self.log.read_partition(partition, 0, 10_000).await.unwrap();
        let settled = events.iter().filter(|event| event.stream.category == "inbound");
        settled.map(|event| v1::MessageReceived::decode(event.payload.clone()).unwrap()).collect()
    }
}

fn joined(answer: &v1::ReceiveMessageResponse) -> (JoinRule, &str) {
    (answer.rule(), &answer.ticket.as_ref().unwrap().ticket_id)
}

#[tokio::test]
async fn a_token_joins_in_an_address_and_in_a_subject() {
    let world = World::new().await;
    let ticket_id = world.waiting().await;
    let read = v1::GetTicketRequest { ticket_id: ticket_id.clone(), ..Default::default() };
    let read = world.client.clone().get_ticket(agent(read)).await.unwrap().into_inner();
    assert_eq!(read.thread_token, token(&ticket_id), "who may read a ticket gets its token");

    let answer = world.receive(with_token("<1@mail>", &read.thread_token)).await;
    assert_eq!(joined(&answer), (JoinRule::TicketToken, &*ticket_id));
    let ticket = answer.ticket.unwrap();
    assert_eq!(ticket.state(), TicketState::Open, "the customer has answered");
    let last = ticket.messages.last().unwrap();
    assert_eq!((&*last.message_id, &*last.body), (&*answer.message_id, "It is gone again."));
    assert_eq!(last.create_time, stamp("2026-06-08T23:59:00Z"), "told by the source");
    let settled = world.settled_messages().await;
    assert!(!settled[0].other_sender && !settled[0].automatic);

    let subject = format!("Re: No service [{}]", token(&ticket_id).to_uppercase());
    let answer = world.receive(v1::ReceiveMessageRequest { subject, ..mail("<2@mail>") }).await;
    assert_eq!(joined(&answer), (JoinRule::TicketToken, &*ticket_id));
}

#[tokio::test]
async fn an_answer_to_a_mail_of_ours_joins_and_a_token_goes_before_it() {
    let world = World::new().await;
    let (first, second) = (world.register().await.ticket_id, world.register().await.ticket_id);
    let answer = world.receive(answering("<1@mail>", &token(&first))).await;
    assert_eq!(joined(&answer), (JoinRule::References, &*first));

    let mut both = answering("<2@mail>", &token(&first));
    both.hints.as_mut().unwrap().tokens.push(token(&second));
    assert_eq!(joined(&world.receive(both).await), (JoinRule::TicketToken, &*second));
}

#[tokio::test]
async fn a_token_of_nobody_joins_nothing() {
    let world = World::new().await;
    let ticket_id = world.register().await.ticket_id;
    let foreign = tokens().token("zeta", TicketId(ticket_id.parse().unwrap()));
    let mut edited = token(&ticket_id);
    edited.replace_range(..1, if edited.starts_with('a') { "b" } else { "a" });
    let unknown = token(&new_id());
    for (at, wrong) in [foreign, edited, unknown, ticket_id.clone()].iter().enumerate() {
        let answer = world.receive(with_token(&format!("<{at}@mail>"), wrong)).await;
        assert_eq!(answer.rule(), JoinRule::NewTicket, "{wrong}");
        assert_eq!(answer.message_id, answer.ticket.unwrap().ticket_id);
    }
    assert_eq!(world.story(&ticket_id).await.len(), 3, "nothing was added");
}

#[tokio::test]
async fn whoever_has_the_token_joins_and_the_requester_stays_who_it_is() {
    let world = World::new().await;
    let anna_id = world.party("Anna Nowak", &anna()).await.party_id;
    let ticket = world.ticket_about(&anna_id, "ORD-1").await;
    let piotr = [point(ContactPointKind::Email, "piotr@example.org")];
    let piotr_id = world.party("Piotr", &piotr).await.party_id;
    let mut request = with_token("<1@mail>", &token(&ticket.ticket_id));
    request.sender.as_mut().unwrap().contact_point = Some(piotr[0].clone());
    world.find(piotr[0].clone()).await;
    let answer = world.receive(request).await;
    assert_eq!(joined(&answer), (JoinRule::TicketToken, &*ticket.ticket_id));
    let after = answer.ticket.unwrap();
    assert_eq!((after.requester, after.parties), (ticket.requester, ticket.parties));
    let settled = world.settled_messages().await;
    assert!(settled[0].other_sender);
    assert_eq!(settled[0].party_id, piotr_id);
    assert_eq!(settled[0].identification(), v1::Identification::Matched);
}

#[tokio::test]
async fn a_verified_party_joins_its_one_ticket_about_the_same() {
    let world = World::new().await;
    let verified = v1::Identification::Verified;
    let party_id = world.party("Anna Nowak", &anna()).await.party_id;
    let one = world.ticket_about(&party_id, "ORD-1").await.ticket_id;
    let other = world.ticket_about(&party_id, "ORD-2").await.ticket_id;

    let asked = |id: &str, order_id: &str| about(from(mail(id), &party_id, verified), order_id);
    let answer = world.receive(asked("<1@mail>", "ORD-1")).await;
    assert_eq!(joined(&answer), (JoinRule::SameObject, &*one));
    assert!(answer.candidate_ticket_ids.is_empty());

    let matched = v1::Identification::Matched;
    let answer = world.receive(about(from(mail("<2@mail>"), &party_id, matched), "ORD-1")).await;
    assert_eq!(answer.rule(), JoinRule::NewTicket, "anybody could write that address");
    assert_eq!(answer.candidate_ticket_ids, [other.clone(), one.clone()], "the newest first");
    let second = answer.ticket.unwrap();
    assert_eq!(second.about, order("ORD-1"));

    world.clock.advance(Duration::from_secs(1));
    let now = v1::ReceiveMessageRequest { received_at: None, ..asked("<3@mail>", "ORD-1") };
    let answer = world.receive(now).await;
    assert_eq!(answer.rule(), JoinRule::NewTicket, "of two a person chooses");
    let third = answer.ticket.unwrap();
    let proposed = [second.ticket_id, other, one.clone()];
    assert_eq!(answer.candidate_ticket_ids, proposed);
    assert_eq!(third.parties[0].identification(), verified);

    // The person confirms a candidate.
    let request = agent(merge(&third.ticket_id, &one));
    let merged = world.client.clone().merge_ticket(request).await.unwrap().into_inner();
    assert_eq!(merged.ticket.unwrap().merged_into, one);
}

#[tokio::test]
async fn the_words_of_a_subject_join_nothing() {
    let world = World::new().await;
    let ticket = world.register().await;
    let subject = format!("Re: [{}] No service", ticket.number);
    let answer = world.receive(v1::ReceiveMessageRequest { subject, ..mail("<1@mail>") }).await;
    assert_eq!(answer.rule(), JoinRule::NewTicket);
    assert!(answer.candidate_ticket_ids.is_empty(), "nobody is known by that address");
    let new = answer.ticket.unwrap();
    assert_eq!((new.state(), new.r#type()), (TicketState::New, v1::TicketType::Inquiry));
    assert_eq!(new.received_at, stamp("2026-06-08T23:59:00Z"));
    assert_eq!(new.requester.unwrap().email, "anna@example.org");

    let chat = v1::ReceiveMessageRequest {
        channel: Channel::Chat.into(),
        subject: String::new(),
        text: "Is there\nan outage?".to_owned(),
        ..mail("<1@mail>")
    };
    let answer = world.receive(chat).await;
    let begun = answer.ticket.unwrap();
    assert_ne!(begun.ticket_id, new.ticket_id, "ids of two channels are two ids");
    assert_eq!(begun.subject, "Is there an outage?");
}

#[tokio::test]
async fn a_message_that_comes_again_meets_its_first_answer() {
    let world = World::new().await;
    let party_id = world.party("Anna Nowak", &anna()).await.party_id;
    let verified = v1::Identification::Verified;
    let one = world.ticket_about(&party_id, "ORD-1").await.ticket_id;
    let request = about(from(mail("<1@mail>"), &party_id, verified), "ORD-1");
    let first = world.receive(request.clone()).await;
    assert_eq!(joined(&first), (JoinRule::SameObject, &*one));
    let begun = world.receive(mail("<2@mail>")).await;
    assert_eq!(begun.rule(), JoinRule::NewTicket);

    // By now two tickets are about that order, and another one is open.
    world.ticket_about(&party_id, "ORD-1").await;
    world.settled().await;
    let heads = world.heads().await;
    assert_eq!(world.receive(request.clone()).await, first);
    assert_eq!(world.receive(mail("<2@mail>")).await, begun);
    assert_eq!(world.heads().await, heads, "nothing was added");

    let other = v1::ReceiveMessageRequest { text: "Another text".to_owned(), ..request };
    let status = world.try_receive(other).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::FailedPrecondition, "REQUEST_ID_REUSED".to_owned()));
}

#[tokio::test]
async fn a_ticket_passes_the_message_on() {
    let world = World::new().await;
    let old = closed(&world).await;
    let request = with_token("<1@mail>", &token(&old.ticket_id));
    let answer = world.receive(request.clone()).await;
    assert_eq!(answer.rule(), JoinRule::TicketToken);
    let new = answer.ticket.clone().unwrap();
    assert_eq!((new.origin(), &new.parent_ticket_id), (TicketOrigin::FollowUp, &old.ticket_id));
    assert_eq!(new.received_at, stamp("2026-06-08T23:59:00Z"));
    assert_eq!(world.receive(request).await, answer);

    let party_id = new_id();
    let older = world.next_of_party(&party_id).await.ticket_id;
    let younger = world.next_of_party(&party_id).await.ticket_id;
    world.client.clone().merge_ticket(agent(merge(&younger, &older))).await.unwrap();
    let answer = world.receive(answering("<2@mail>", &token(&younger))).await;
    assert_eq!(joined(&answer), (JoinRule::References, &*older));
}

#[tokio::test]
async fn a_machine_opens_nothing_and_begins_nothing() {
    let world = World::new().await;
    let (waiting, resolved) = (world.waiting().await, world.resolved().await);
    let states = [(waiting, TicketState::WaitingCustomer), (resolved, TicketState::Resolved)];
    for (ticket_id, state) in &states {
        let request = by_machine(answering(&format!("<{ticket_id}@mail>"), &token(ticket_id)));
        let answer = world.receive(request).await;
        assert_eq!(joined(&answer), (JoinRule::References, &**ticket_id));
        assert!(answer.automatic);
        let ticket = answer.ticket.unwrap();
        assert_eq!(ticket.state(), *state, "an absence note answers nothing");
        assert_eq!(ticket.messages.last().unwrap().message_id, answer.message_id);
    }
    let old = closed(&world).await;
    let on_closed = by_machine(with_token("<closed@mail>", &token(&old.ticket_id)));
    assert_eq!(world.receive(on_closed).await.ignored(), IgnoreReason::Automatic);

    let headers = |precedence: &str, null_return_path: bool, message_id: String| v1::LoopHeaders {
        auto_submitted: "no".to_owned(),
        precedence: precedence.to_owned(),
        null_return_path,
        message_id,
    };
    let heads = world.heads().await;
    let own = format!("<0197-1.{}@example.com>", token(&states[0].0));
    for (loop_headers, reason) in [
        (headers("bulk", false, "<a@b>".to_owned()), IgnoreReason::Automatic),
        (headers("", true, String::new()), IgnoreReason::Automatic),
        (headers("", false, own), IgnoreReason::OwnMail),
    ] {
        let request = v1::ReceiveMessageRequest {
            loop_headers: Some(loop_headers),
            ..mail("<nowhere@mail>")
        };
        let answer = world.receive(request).await;
        assert_eq!((answer.ignored(), answer.ticket), (reason, None));
    }
    assert_eq!(world.heads().await, heads, "nothing was added");
    let plain = v1::ReceiveMessageRequest {
        loop_headers: Some(headers("", false, "<a@b>".to_owned())),
        ..mail("<person@mail>")
    };
    assert_eq!(world.receive(plain).await.rule(), JoinRule::NewTicket);
}

#[tokio::test]
async fn what_is_old_decides_nothing() {
    let consistency_wait = Duration::from_millis(300);
    let world =
        World::configured(intake::Config { consistency_wait, ..testkit::settings("intake") }).await;
    let party_id = world.party("Anna Nowak", &anna()).await.party_id;
    let before = world.receive(mail("<0@mail>")).await;
    world.settled().await;
    // The read model stands still.
    let mut holding = world.db.pool().begin().await.unwrap();
    sqlx::query("lock table intake.party_tickets in exclusive mode")
        .execute(&mut *holding)
        .await
        .unwrap();
    let one = world.ticket_about(&party_id, "ORD-1").await.ticket_id;
    let verified = v1::Identification::Verified;
    let request = about(from(mail("<1@mail>"), &party_id, verified), "ORD-1");
    let status = world.try_receive(request.clone()).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::Unavailable, "NOT_CAUGHT_UP".to_owned()));
    assert_eq!(world.settled_messages().await.len(), 1);
    assert_eq!(
        world.receive(mail("<0@mail>")).await,
        before,
        "nor does a message that comes again"
    );
    let answer = world.receive(with_token("<2@mail>", &token(&one))).await;
    assert_eq!(joined(&answer), (JoinRule::TicketToken, &*one), "a token needs no table");

    holding.rollback().await.unwrap();
    world.settled().await;
    assert_eq!(joined(&world.receive(request).await), (JoinRule::SameObject, &*one));
}

#[tokio::test]
async fn what_is_wrong_is_named_and_only_adapters_may() {
    let world = World::new().await;
    let wrong = v1::ReceiveMessageRequest {
        external_id: String::new(),
        sender: None,
        text: String::new(),
        received_at: stamp("2027-01-01T00:00:00Z"),
        hints: Some(v1::ThreadHints {
            tokens: vec!["x".to_owned(); 11],
            about: order("Anna Nowak"),
            ..Default::default()
        }),
        loop_headers: Some(v1::LoopHeaders { precedence: "x".repeat(101), ..Default::default() }),
        ..mail("")
    };
    let status = world.try_receive(wrong).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let expected = [
        "external_id",
        "received_at",
        "sender",
        "text",
        "hints.tokens",
        "hints.about[0].id",
        "loop_headers.precedence",
    ];
    assert_eq!(fields(&status), expected);
    let mut nameless = mail("<1@mail>");
    nameless.sender.as_mut().unwrap().identification = v1::Identification::Verified.into();
    let status = world.try_receive(nameless).await.unwrap_err();
    assert_eq!(fields(&status), ["sender.party_id"]);

    let url = format!("http://{}", world.addr);
    let mut client = InboundServiceClient::connect(url).await.unwrap();
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Integrator) {
        let status = client.receive_message(of(role, mail("<1@mail>"))).await.unwrap_err();
        assert_eq!(refusal(&status), (Code::PermissionDenied, "PERMISSION_DENIED".to_owned()));
    }
    // Another tenant's mail with the same id is another mail.
    let ours = world.receive(mail("<1@mail>")).await.ticket.unwrap();
    let theirs = for_tenant("zeta", Role::Integrator, mail("<1@mail>"));
    let theirs = client.receive_message(theirs).await.unwrap().into_inner().ticket.unwrap();
    assert_ne!(ours.ticket_id, theirs.ticket_id);
}
