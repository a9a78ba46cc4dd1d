//! A consumer complains by e-mail and goes on in the chat: every event and every instant as the
//! business wrote it down, in the services' own processes. `cargo test -p odzew --test it
//! walk_complaint -- --nocapture` prints what happened.
//!
//! The mailbox says that the mail complains, and of what; the complaint is opened with its ticket.
//! Left out, because the parts that do it do not exist yet: reading that out of the mail, the
//! decision as a PDF beside it, routing an appeal to another decider by itself (a lead gives it to
//! another person), and surveys. The
//! story passes over the news that the policy promises every day; here Odzew sends them.
use chassis::rpc::Role;
use testkit::{Nats, eventually};
use wire::common::v1::{Channel, ConsumerStatus, Money};
use wire::intake::v1::{
    AddMessageRequest, AdrStatement, AnswerContactRequest, ClaimDecision, ClaimOutcome,
    CloseReason, Complaint, ComplaintInstance, ContactChannel, ContactDirection, ContactOutcome,
    ContactRouteReason, ContactTarget, DecideComplaintRequest, Demand, EndContactRequest,
    FileAppealRequest, GetComplaintRequest, GetContactRequest, GetTicketRequest, HoldKind,
    HoldTicketRequest, Identification, Impact, MessageDirection, NewClaim, NewComplaint, NewRemedy,
    PartyKind, PartyProfile, RecordRemedyRequest, RegisterPartyRequest, RegisterTicketRequest,
    RemedyKind, Requester, RouteContactRequest, SendReplyRequest, StartContactRequest, Ticket,
    TicketState, TicketType, Urgency,
};
use wire::notification::v1::{
    Audience, DeliveryEvidence, ListNoticesRequest, Notice, NoticeState, Purpose,
    RecordDeliveryRequest,
};
use wire::routing::v1::{
    AcceptAssignmentRequest, Agent, AssignTicketRequest, PutAgentRequest, PutQueueRequest,
    PutTeamRequest, Queue, SetAgentAvailabilityRequest, Team,
};
use wire::sla::v1::{ClockKind, ClockOutcome};

use crate::rehearsal::{Line, Rehearsal, happened, proto};
use crate::world::Clients;

fn id() -> String {
    uuid::Uuid::now_v7().to_string()
}

fn pln(minor: i64) -> Option<Money> {
    Some(Money { minor, currency: "PLN".into() })
}

/// Celina answers complaints, Dorota approves them, Ewa decides appeals.
async fn office(walk: &Rehearsal) {
    let mut admin = walk.world.clients("admin", Role::Admin).directory;
    let team =
        Team { team_id: "office".into(), display_name: "Office".into(), ..Default::default() };
    admin.put_team(PutTeamRequest { request_id: id(), team: Some(team) }).await.unwrap();
    let queue = Queue {
        queue_id: "complaints".into(),
        display_name: "Complaints".into(),
        level: 1,
        team_id: "office".into(),
        accept_within_s: 86_400,
        fallback: true,
    };
    admin.put_queue(PutQueueRequest { request_id: id(), queue: Some(queue) }).await.unwrap();
    for agent_id in ["celina", "dorota", "ewa"] {
        let clear = |text: String| {
            let content = wire::common::v1::sealed::Content::Clear(text);
            Some(wire::common::v1::Sealed { content: Some(content) })
        };
        let agent = Agent {
            agent_id: agent_id.into(),
            display_name: clear(agent_id.to_owned()),
            email: clear(format!("{agent_id}@acme.example.org")),
            team_ids: vec!["office".into()],
            skills: vec![],
            capacity: 10,
            language: "pl".into(),
            // The office is closed; over the long weekend nobody is given anything.
            available: Some(false),
        };
        admin
            .put_agent(PutAgentRequest { request_id: id(), agent: Some(agent), keep_teams: false })
            .await
            .unwrap();
    }
    let published = walk.world.odzew(&["policy", "apply", "--tenant", "acme"]);
    assert!(published.contains("26 published"), "{published}");
    walk.settled().await;
}

/// A mail that complains: its ticket is a complaint from the beginning.
async fn complains(walk: &Rehearsal) -> (String, String) {
    let mut crm = walk.world.clients("crm", Role::Integrator).party;
    let profile = PartyProfile {
        kind: PartyKind::Person.into(),
        consumer_status: ConsumerStatus::Consumer.into(),
        name: "Anna Nowak".into(),
        ..PartyProfile::default()
    };
    let request = RegisterPartyRequest { request_id: id(), profile: Some(profile) };
    let party = crm.register_party(request).await.unwrap().into_inner().party.unwrap();
    let mailbox = walk.world.clients("mailbox", Role::System);
    let claim = |demand: Demand, amount| NewClaim { demand: demand.into(), amount };
    let request = RegisterTicketRequest {
        request_id: id(),
        r#type: TicketType::Complaint.into(),
        channel: Channel::Email.into(),
        subject: "Czajnik przestał działać".into(),
        body: "Proszę o wymianę i zwrot 49 zł za przesyłkę.".into(),
        requester: Some(Requester {
            name: "Anna Nowak".into(),
            email: "anna@example.org".into(),
            party_id: party.party_id.clone(),
        }),
        language: "pl".into(),
        impact: Impact::Low.into(),
        urgency: Urgency::Medium.into(),
        complaint: Some(NewComplaint {
            claims: vec![claim(Demand::Replace, None), claim(Demand::Compensation, pln(4_900))],
            sector: "GOODS".into(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let ticket = mailbox.intake.clone().register_ticket(request).await.unwrap().into_inner();
    let ticket_id = ticket.ticket.unwrap().ticket_id;
    walk.settled().await;
    (ticket_id, party.party_id)
}

async fn accept(clients: &Clients, ticket_id: &str) {
    let ticket_id = ticket_id.to_owned();
    let request = AcceptAssignmentRequest { request_id: id(), ticket_id, etag: "".into() };
    clients.routing.clone().accept_assignment(request).await.unwrap();
}

async fn ticket(clients: &Clients, ticket_id: &str) -> Ticket {
    let request = GetTicketRequest { ticket_id: ticket_id.to_owned(), ..Default::default() };
    clients.intake.clone().get_ticket(request).await.unwrap().into_inner().ticket.unwrap()
}

async fn complaint(clients: &Clients, ticket_id: &str) -> Complaint {
    let request = GetComplaintRequest { ticket_id: ticket_id.to_owned(), ..Default::default() };
    let found = clients.complaint.clone().get_complaint(request).await.unwrap().into_inner();
    found.complaint.unwrap()
}

/// The chat: first a bot, then at the customer's wish a person. Answers the contact's id.
async fn the_bot_hands_over(walk: &Rehearsal, ticket_id: &str, party_id: &str) -> String {
    walk.move_to("2026-05-04 18:05:00").await;
    let mut chat = walk.world.clients("chat", Role::Integrator).contact;
    let request = StartContactRequest {
        request_id: id(),
        channel: ContactChannel::Chatbot.into(),
        direction: ContactDirection::Inbound.into(),
        entry_point: "portal".into(),
        party_id: party_id.to_owned(),
        identification: Identification::Verified.into(),
        ai_disclosed: true,
        resumed_ticket_id: ticket_id.to_owned(),
        ..Default::default()
    };
    let contact = chat.start_contact(request).await.unwrap().into_inner().contact.unwrap();
    let contact_id = contact.contact_id;
    let answered = |by: ContactTarget, agent: &str, waited_ms| AnswerContactRequest {
        request_id: id(),
        contact_id: contact_id.clone(),
        by: by.into(),
        agent_id: agent.to_owned(),
        waited_ms,
        ..Default::default()
    };
    chat.answer_contact(answered(ContactTarget::Bot, "", 0)).await.unwrap();
    let request = RouteContactRequest {
        request_id: id(),
        contact_id: contact_id.clone(),
        queue_id: "complaints".into(),
        target: ContactTarget::Human.into(),
        reason: ContactRouteReason::BotHandover.into(),
        context_ref: "chat-4711".into(),
        ..Default::default()
    };
    chat.route_contact(request).await.unwrap();
    walk.move_to("2026-05-04 18:05:24").await;
    chat.answer_contact(answered(ContactTarget::Human, "celina", 24_000)).await.unwrap();
    contact_id
}

/// The person sees the whole thread, and goes on.
async fn chats(walk: &Rehearsal, celina: &Clients, ticket_id: &str, contact_id: String) {
    let mut chat = walk.world.clients("chat", Role::Integrator).contact;
    walk.move_to("2026-05-04 18:07:00").await;
    let request = AddMessageRequest {
        request_id: id(),
        ticket_id: ticket_id.to_owned(),
        direction: MessageDirection::Inbound.into(),
        channel: Channel::Chat.into(),
        body: "Oto zdjęcie pękniętej podstawy.".into(),
        ..Default::default()
    };
    walk.world.clients("chat", Role::Customer).intake.add_message(request).await.unwrap();
    walk.settled().await;
    let request = SendReplyRequest {
        request_id: id(),
        ticket_id: ticket_id.to_owned(),
        channel: Channel::Chat.into(),
        body: "Dziękuję, zdjęcie wystarczy. Odpowiemy do 14 maja.".into(),
        promise: Some(wire::intake::v1::NewPromise {
            kind: wire::intake::v1::PromiseKind::NextUpdate.into(),
            due_at: proto("2026-05-14 17:00"),
        }),
        ..Default::default()
    };
    celina.intake.clone().send_reply(request).await.unwrap();
    let request = EndContactRequest {
        request_id: id(),
        contact_id: contact_id.clone(),
        outcome: ContactOutcome::Handled.into(),
        talk_ms: 96_000,
        ticket_id: ticket_id.to_owned(),
        note: "Customer sent the photo; answer by 14 May.".into(),
        ..Default::default()
    };
    chat.end_contact(request).await.unwrap();
    walk.settled().await;
    let request = GetContactRequest { contact_id };
    let contact = chat.get_contact(request).await.unwrap().into_inner().contact.unwrap();
    assert!(contact.ai_disclosed);
    assert_eq!(contact.end.as_ref().unwrap().outcome(), ContactOutcome::Handled);
    assert_eq!(contact.identification(), Identification::Verified);
}

/// A decision that Celina prepared and the caller approves; by claim, in the claims' order.
fn decision(
    complaint: &Complaint,
    instance: ComplaintInstance,
    outcomes: [ClaimOutcome; 2],
    remedy: NewRemedy,
) -> DecideComplaintRequest {
    let claims = complaint.claims.iter().zip(outcomes);
    let per_claim = claims.map(|(claim, outcome)| ClaimDecision {
        claim_id: claim.claim_id.clone(),
        outcome: outcome.into(),
        amount: claim.amount.clone().filter(|_| outcome == ClaimOutcome::Accepted),
    });
    DecideComplaintRequest {
        request_id: id(),
        ticket_id: complaint.ticket_id.clone(),
        instance: instance.into(),
        per_claim: per_claim.collect(),
        justification: "Wada istniała przy wydaniu, przesyłka nie była nasza.".into(),
        legal_basis: vec!["art. 43d ustawy o prawach konsumenta".into()],
        remedies: vec![remedy],
        appeal_info: "odwołanie w ciągu 30 dni, odpowiadając na tę wiadomość.".into(),
        evidence_waiver: "Zdjęcie klientki jest w wątku.".into(),
        letter: "Czajnik miał wadę przy wydaniu, dlatego go wymienimy.".into(),
        ..Default::default()
    }
}

async fn decision_notice(walk: &Rehearsal, ticket_id: &str, nth: usize) -> Notice {
    let mut auditor = walk.world.clients("auditor", Role::Auditor).notification;
    let request = ListNoticesRequest { ticket_id: ticket_id.to_owned(), ..Default::default() };
    let notices = auditor.list_notices(request).await.unwrap().into_inner().notices;
    let decisions = notices.into_iter().filter(|notice| notice.purpose() == Purpose::Decision);
    decisions.into_iter().nth(nth).expect("the decision is a notice")
}

/// The first decision: prepared by Celina, approved by Dorota, proved by the mail server's report.
async fn decides(walk: &Rehearsal, ticket_id: &str) {
    walk.move_to("2026-05-07 13:00:00").await;
    let dorota = walk.world.clients("dorota", Role::Expert);
    let before = complaint(&dorota, ticket_id).await;
    assert_eq!(before.answer_by, "2026-05-14");
    let remedy = NewRemedy {
        kind: RemedyKind::Replacement.into(),
        amount: None,
        execute_by: "2026-05-21".into(),
    };
    let outcomes = [ClaimOutcome::Accepted, ClaimOutcome::Rejected];
    let request = DecideComplaintRequest {
        adr_statement: AdrStatement::Refuses.into(),
        author_id: "celina".into(),
        ..decision(&before, ComplaintInstance::First, outcomes, remedy)
    };
    dorota.complaint.clone().decide_complaint(request).await.unwrap();
    walk.settled().await;
    let statutory = walk.clock(ticket_id, ClockKind::StatutoryResponse).await.unwrap();
    assert_eq!(statutory.outcome(), ClockOutcome::Unspecified, "sent is not delivered");
    let internal = walk.clock(ticket_id, ClockKind::InternalResponse).await.unwrap();
    assert_eq!(internal.outcome(), ClockOutcome::Met, "the house's own goal is met by sending");

    walk.move_to("2026-05-07 13:02:00").await;
    let notice = decision_notice(walk, ticket_id, 0).await;
    assert_eq!(notice.state(), NoticeState::Sent);
    let mut reports = walk.world.clients("mail-reports", Role::Integrator).notification;
    let request = RecordDeliveryRequest {
        request_id: id(),
        notice_id: notice.notice_id,
        evidence: DeliveryEvidence::Dsn.into(),
        delivered_at: proto("2026-05-07 13:02:00"),
    };
    reports.record_delivery(request).await.unwrap();
    walk.settled().await;
    let statutory = walk.clock(ticket_id, ClockKind::StatutoryResponse).await.unwrap();
    assert_eq!(statutory.outcome(), ClockOutcome::Met);
    assert_eq!(statutory.stopped_at, proto("2026-05-07 13:02:00"));
}

/// The appeal, its decision by somebody else, and what was granted.
async fn appeals(walk: &Rehearsal, celina: &Clients, ticket_id: &str) {
    walk.move_to("2026-05-12 10:00:00").await;
    let request = FileAppealRequest {
        request_id: id(),
        ticket_id: ticket_id.to_owned(),
        statement: "Nie zgadzam się, za przesyłkę zapłaciłam Państwu.".into(),
        ..Default::default()
    };
    let customer = walk.world.clients("portal", Role::Customer);
    customer.complaint.clone().file_appeal(request).await.unwrap();
    walk.settled().await;
    assert_eq!(ticket(celina, ticket_id).await.state(), TicketState::Open);
    let appeal = walk.clock(ticket_id, ClockKind::AppealResponse).await.unwrap();
    assert_eq!(appeal.last_day, "2026-05-26");
    let mut lead = walk.world.clients("m1", Role::Lead).routing;
    let request = AssignTicketRequest {
        request_id: id(),
        ticket_id: ticket_id.to_owned(),
        agent_id: "ewa".into(),
        ..Default::default()
    };
    lead.assign_ticket(request).await.unwrap();
    let ewa = walk.world.clients("ewa", Role::Expert);
    accept(&ewa, ticket_id).await;
    let request = SendReplyRequest {
        request_id: id(),
        ticket_id: ticket_id.to_owned(),
        channel: Channel::Email.into(),
        body: "Rozpatrzę Pani odwołanie do 26 maja.".into(),
        ..Default::default()
    };
    ewa.intake.clone().send_reply(request).await.unwrap();

    walk.move_to("2026-05-15 12:00:00").await;
    execute(walk, ticket_id, "2026-05-15", None, "parcel-1").await;

    walk.move_to("2026-05-20 11:00:00").await;
    let before = complaint(&ewa, ticket_id).await;
    let remedy = NewRemedy {
        kind: RemedyKind::Refund.into(),
        amount: pln(4_900),
        execute_by: "2026-06-03".into(),
    };
    let outcomes = [ClaimOutcome::Accepted, ClaimOutcome::Accepted];
    let request = DecideComplaintRequest {
        justification: "Przesyłka była nasza.".into(),
        letter: "Zwrócimy 49 zł za przesyłkę.".into(),
        ..decision(&before, ComplaintInstance::Appeal, outcomes, remedy)
    };
    ewa.complaint.clone().decide_complaint(request).await.unwrap();
    // Nobody reports anything: it was delivered, since it did not come back.
    walk.move_to("2026-05-20 11:15:00").await;
    eventually(|| async {
        decision_notice(walk, ticket_id, 1).await.state() == NoticeState::Delivered
    })
    .await;
    walk.settled().await;
    let appeal = walk.clock(ticket_id, ClockKind::AppealResponse).await.unwrap();
    assert_eq!(appeal.outcome(), ClockOutcome::Met);
    walk.move_to("2026-05-22 14:00:00").await;
    execute(walk, ticket_id, "2026-05-22", pln(4_900), "transfer-1").await;
}

/// What the warehouse and the bank tell: the only remedy that is still to be carried out was.
async fn execute(walk: &Rehearsal, ticket_id: &str, on: &str, amount: Option<Money>, what: &str) {
    let erp = walk.world.clients("erp", Role::Integrator);
    let celina = walk.world.clients("celina", Role::Agent);
    let decisions = complaint(&celina, ticket_id).await.decisions;
    let mut pending: Vec<_> =
        decisions.into_iter().flat_map(|decision| decision.pending_remedy_ids).collect();
    let request = RecordRemedyRequest {
        request_id: id(),
        ticket_id: ticket_id.to_owned(),
        remedy_id: pending.pop().expect("a remedy is pending"),
        executed_on: on.to_owned(),
        amount,
        reference: what.to_owned(),
        ..Default::default()
    };
    assert!(pending.is_empty(), "one at a time");
    erp.complaint.clone().record_remedy(request).await.unwrap();
    walk.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_complains_by_mail_and_goes_on_in_the_chat() {
    let nats = Nats::shared().await;
    let walk = Rehearsal::at(&nats, "2026-04-27 09:00:00").await;
    office(&walk).await;
    walk.move_to("2026-04-30 21:15:00").await;
    let (ticket_id, party_id) = complains(&walk).await;
    let statutory = walk.clock(&ticket_id, ClockKind::StatutoryResponse).await.unwrap();
    assert_eq!(statutory.last_day, "2026-05-14");
    assert_eq!(statutory.safe_due_at, proto("2026-05-14 17:00:00"));
    let internal = walk.due_at(&ticket_id, ClockKind::InternalResponse).await;
    assert!(internal.starts_with("Tue 2026-05-12"), "{internal}");
    assert_eq!(
        walk.due_at(&ticket_id, ClockKind::FirstReply).await,
        "Mon 2026-05-04 10:00:00 CEST"
    );
    let ack = walk.clock(&ticket_id, ClockKind::Ack).await.unwrap();
    assert_eq!(ack.outcome(), ClockOutcome::Met);

    walk.move_to("2026-05-04 09:00:00").await;
    let mut admin = walk.world.clients("admin", Role::Admin).directory;
    let agent_id = "celina".to_owned();
    let request = SetAgentAvailabilityRequest { request_id: id(), agent_id, available: true };
    admin.set_agent_availability(request).await.unwrap();

    walk.move_to("2026-05-04 09:20:00").await;
    let celina = walk.world.clients("celina", Role::Agent);
    accept(&celina, &ticket_id).await;
    let request = wire::intake::v1::StartWorkRequest {
        request_id: id(),
        ticket_id: ticket_id.clone(),
        etag: "".into(),
    };
    celina.intake.clone().start_work(request).await.unwrap();
    let request = HoldTicketRequest {
        request_id: id(),
        ticket_id: ticket_id.clone(),
        kind: HoldKind::Customer.into(),
        question: "Prosimy o zdjęcie wady.".into(),
        channel: Channel::Email.into(),
        ..Default::default()
    };
    celina.intake.clone().hold_ticket(request).await.unwrap();
    walk.settled().await;
    let first = walk.clock(&ticket_id, ClockKind::FirstReply).await.unwrap();
    assert_eq!((first.outcome(), first.elapsed_ms), (ClockOutcome::Met, 1_200_000));
    assert_eq!(ticket(&celina, &ticket_id).await.state(), TicketState::WaitingCustomer);

    let contact_id = the_bot_hands_over(&walk, &ticket_id, &party_id).await;
    chats(&walk, &celina, &ticket_id, contact_id).await;
    assert_eq!(ticket(&celina, &ticket_id).await.state(), TicketState::Open);
    let next = walk.clock(&ticket_id, ClockKind::NextReply).await.unwrap();
    assert_eq!(next.outcome(), ClockOutcome::Met, "answered in the chat");

    decides(&walk, &ticket_id).await;
    appeals(&walk, &celina, &ticket_id).await;

    // Five working days after it was resolved, and nothing is left to do.
    walk.move_to("2026-05-27 11:00:01").await;
    let closed = ticket(&celina, &ticket_id).await;
    assert_eq!((closed.state(), closed.close_reason()), (TicketState::Closed, CloseReason::Auto));
    let lines = walk.timeline(&[("T1", &ticket_id)]).await;
    the_way_of_the_complaint(&lines);
    the_letters(&walk, &ticket_id).await;
}

fn the_way_of_the_complaint(lines: &[Line]) {
    let t1 = |time: &str, event: &str, part: &str| happened(lines, time, "T1", event, part);
    t1("2026-04-30 21:15:00", "TicketRegistered", "over email");
    t1("2026-04-30 21:15:00", "ComplaintOpened", "");
    t1("2026-04-30 21:15:00", "PriorityChanged", "priority P3");
    t1("2026-04-30 21:15:00", "ClockStarted", "statutory response");
    t1("2026-04-30 21:15:00", "ClockStarted", "internal response");
    t1("2026-04-30 21:15:00", "NotificationSent", "complaint ack");
    // It is known a quarter of an hour later, and dated to when the mail server took it.
    t1("2026-04-30 21:30:00", "NotificationDelivered", "complaint ack");
    t1("2026-05-04 09:20:00", "AssignmentAccepted", "celina");
    t1("2026-05-04 09:20:00", "MessageAdded", "question to the customer over email");
    t1("2026-05-04 09:20:00", "TicketHeld", "waits for the customer");
    t1("2026-05-04 18:07:00", "MessageAdded", "message from the customer over chat");
    t1("2026-05-04 18:07:00", "TicketUnheld", "customer reply");
    t1("2026-05-07 13:00:00", "ComplaintDecided", "partially accepted");
    t1("2026-05-07 13:00:00", "MessageAdded", "decision to the customer");
    t1("2026-05-07 13:00:00", "TicketResolved", "");
    t1("2026-05-07 13:00:00", "NotificationSent", "decision");
    t1("2026-05-07 13:02:00", "NotificationDelivered", "decision (dsn)");
    t1("2026-05-12 10:00:00", "AppealFiled", "");
    t1("2026-05-12 10:00:00", "TicketReopened", "appeal");
    t1("2026-05-15 12:00:00", "RemedyExecuted", "");
    t1("2026-05-20 11:00:00", "ComplaintDecided", "accepted");
    t1("2026-05-20 11:15:00", "NotificationDelivered", "decision (dsn)");
    t1("2026-05-22 14:00:00", "RemedyExecuted", "");
    t1("2026-05-27 11:00:00", "TicketClosed", "auto");
    // The news that its priority promises every day, while it is neither asked nor resolved.
    for day in ["05-05 18:07", "05-06 18:07"] {
        t1(&format!("2026-{day}:00"), "MessageAdded", "update to the customer over email");
    }
    for day in ["05-13", "05-14", "05-15", "05-18", "05-19", "05-20"] {
        t1(&format!("2026-{day} 10:00:00"), "MessageAdded", "update to the customer over email");
    }
    let breaches: Vec<_> = lines.iter().filter(|line| line.event == "ClockBreached").collect();
    assert!(breaches.is_empty(), "{breaches:?}");
}

/// What Anna was told, and over what.
async fn the_letters(walk: &Rehearsal, ticket_id: &str) {
    let mut auditor = walk.world.clients("auditor", Role::Auditor).notification;
    let request = ListNoticesRequest { ticket_id: ticket_id.to_owned(), ..Default::default() };
    let notices = auditor.list_notices(request).await.unwrap().into_inner().notices;
    let hers = notices.iter().filter(|notice| notice.audience() == Audience::Customer);
    let told: Vec<_> = hers.map(|notice| (notice.purpose(), notice.state())).collect();
    let reply = (Purpose::Reply, NoticeState::Sent);
    let decision = (Purpose::Decision, NoticeState::Delivered);
    let resolution = (Purpose::Resolution, NoticeState::Suppressed);
    // The answer of the chat was read there.
    let mut expected =
        vec![(Purpose::Ack, NoticeState::Sent), (Purpose::ComplaintAck, NoticeState::Delivered)];
    // The question, and twice that there is no news.
    expected.extend([reply; 3]);
    expected.extend([decision, resolution]);
    // Ewa's word, and six times that there is no news.
    expected.extend([reply; 7]);
    expected.extend([decision, resolution]);
    assert_eq!(told, expected);
    let mails = walk.world.smtp.messages();
    let anna = mails.iter().filter(|mail| mail.to.iter().any(|to| to == "anna@example.org"));
    assert_eq!(anna.count(), 14, "what was suppressed was not sent");
}
