//! Personal data stay where they belong: marked ones go through every call that takes some,
//! and no log line, span, metric, subject, header, table or message has them in clear.
mod complaints;
mod people;
mod rest;

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chassis::rpc::Role;
use futures::StreamExt as _;
use testkit::{Answer, Failure, Nats, Stage, WebhookSink, eventually};
use wire::common::v1::sealed::Content;
use wire::common::v1::{Channel, Sealed};
use wire::desk::v1::get_ticket_summary_request::Key;
use wire::desk::v1::{GetTicketSummaryRequest, GetTimelineRequest, ListTicketsRequest};
use wire::intake::v1::{
    AddMessageRequest, ClassifyTicketRequest, GetTicketRequest, HoldKind, HoldTicketRequest,
    Impact, ImportTicketRequest, MessageDirection, MessagePurpose, PriorityCause,
    RegisterTicketRequest, ReopenTicketRequest, Requester, ResolveTicketRequest, SendReplyRequest,
    SendUpdateRequest, SetPriorityRequest, SplitTicketRequest, TicketType, Urgency,
    WithdrawTicketRequest,
};
use wire::notification::v1::CreateWebhookRequest;
use wire::routing::v1::{
    Agent, EscalateTicketRequest, EscalationKind, GetDirectoryRequest, PutAgentRequest,
    PutTeamRequest, Team,
};

use crate::collector::Collector;
use crate::nats::streams_reach_the_head;
use crate::world::{ROLES, World};
use crate::{invariants, load};

/// In every text that nobody but its reader may see. Lower case.
const MARK: &str = "zqx7mark";
const CUSTOMER: &str = "zqx7mark-mail@example.org";
const AGENT: &str = "zqx7mark-agent@acme.example.org";

/// Subjects and headers of everything on the broker under the prefix.
type Envelopes = Arc<Mutex<Vec<String>>>;

#[tokio::test(flavor = "multi_thread")]
async fn personal_data_stay_out_of_telemetry_and_envelopes() {
    let nats = Nats::shared().await;
    let collector = Collector::start();
    let settings = format!(
        "[log]\nformat = \"json\"\nlevel = \"debug\"\n\
         [notification.webhook]\nallow_private = true\n\
         [notification.webhook.attempts]\nretry = [\"100ms\", \"1s\"]\n{}",
        collector.settings()
    );
    let mut world = World::with(nats.url(), nats.prefix(), &settings).await;
    let envelopes = listen(&nats).await;
    let webhook = WebhookSink::start().await;
    world.start(&ROLES).await;
    load::directory(&world).await;
    let secret = marked_directory(&world, &webhook).await;
    refusals(&world).await;
    failures(&world, &webhook);
    let ticket_id = marked_ticket(&world).await;
    marked_alert(&world).await;
    marked_import(&world).await;
    people::marked(&world).await;
    complaints::marked(&world).await;
    invariants::quiet(&world).await;
    streams_reach_the_head(&world, &nats.client().await, nats.prefix()).await;

    the_readers_have_it(&world, &ticket_id).await;
    rest::tables(&world, &secret).await;
    rest::broker(&world, &nats.client().await, nats.prefix(), &secret).await;
    assert!(webhook.requests().len() > 1, "the endpoint is called, again after a failure");
    for role in ROLES {
        let metrics = world.metrics(role).await;
        assert!(metrics.contains("# TYPE") || role == "relay", "{role} measures: {metrics}");
        clean(&format!("metrics of {role}"), &metrics, &secret);
    }
    world.stop().await;
    for (role, log) in world.logs() {
        assert!(log.contains(r#""level":"DEBUG""#), "{role} logs at level debug");
        clean(&format!("log of {role}"), &log, &secret);
    }
    let spans = collector.spans();
    assert!(spans.iter().any(|each| each.span.name == "send"), "spans are exported");
    for each in spans {
        clean(&format!("span of {}", each.service), &format!("{:?}", each.span), &secret);
    }
    let envelopes = envelopes.lock().unwrap();
    for event in ["TicketResolved", "PartiesMerged", "ContactEnded"] {
        assert!(envelopes.iter().any(|each| each.contains(event)), "{envelopes:?}");
    }
    envelopes.iter().for_each(|each| clean("envelope", each, &secret));
}

/// Collects subjects and headers, not bodies.
async fn listen(nats: &Nats) -> Envelopes {
    let client = nats.client().await;
    let mut messages = client.subscribe(format!("{}.>", nats.prefix())).await.unwrap();
    client.flush().await.unwrap();
    let envelopes = Envelopes::default();
    let kept = Arc::clone(&envelopes);
    tokio::spawn(async move {
        // The connection ends with the task.
        let _client = client;
        while let Some(message) = messages.next().await {
            let envelope = format!("{} {:?}", message.subject, message.headers);
            kept.lock().unwrap().push(envelope);
        }
    });
    envelopes
}

/// An agent with a marked name and address, and an endpoint with a marked token; its secret.
async fn marked_directory(world: &World, webhook: &WebhookSink) -> String {
    let mut admin = world.clients("admin", Role::Admin);
    admin.directory.put_agent(put_agent("ania", AGENT)).await.unwrap();
    let request = CreateWebhookRequest {
        request_id: id(),
        url: format!("{}?token={MARK}-token", webhook.url()),
        event_types: vec![wire::event::TICKET_REGISTERED.into()],
    };
    admin.notification.create_webhook(request).await.unwrap().into_inner().secret
}

fn put_agent(agent_id: &str, email: &str) -> PutAgentRequest {
    let clear = |text: &str| Some(Sealed { content: Some(Content::Clear(text.into())) });
    let agent = Agent {
        agent_id: agent_id.into(),
        display_name: clear("zqx7mark-owner"),
        email: clear(email),
        team_ids: vec!["all".into()],
        skills: vec![],
        capacity: 1_000,
        language: "en".into(),
        available: Some(true),
    };
    PutAgentRequest { request_id: id(), agent: Some(agent), keep_teams: false }
}

/// Marks where no service takes them.
async fn refusals(world: &World) {
    let mut clients = world.clients("ania", Role::Agent);
    let mut admin = world.clients("admin", Role::Admin);
    for request in [put_agent(AGENT, AGENT), put_agent("ola", "zqx7mark without an at")] {
        admin.directory.put_agent(request).await.unwrap_err();
    }
    let mut bad = register();
    bad.requester = Some(Requester { email: "zqx7mark at example".into(), ..Default::default() });
    bad.subject = format!("{MARK}\u{7}");
    bad.category_code = format!("{MARK} {MARK}");
    bad.language = MARK.into();
    clients.intake.register_ticket(bad).await.unwrap_err();
    let request = GetTicketRequest { ticket_id: CUSTOMER.into(), ..Default::default() };
    clients.intake.get_ticket(request).await.unwrap_err();
    let key = Some(Key::Number(MARK.into()));
    let request = GetTicketSummaryRequest { key, consistency_token: None };
    clients.desk.get_ticket_summary(request).await.unwrap_err();
    let mut stranger = world.clients(CUSTOMER, Role::Agent);
    stranger.intake.register_ticket(register()).await.unwrap_err();
}

/// The servers of others fail once, the mail server with the address in its answer.
fn failures(world: &World, webhook: &WebhookSink) {
    let text = "4.2.1 zqx7mark-mail@example.org is busy";
    world.smtp.fail_next(1, Failure::Reply { at: Stage::Rcpt, code: 451, text });
    webhook.answer_next(1, Answer::Status(503));
}

fn register() -> RegisterTicketRequest {
    RegisterTicketRequest {
        request_id: id(),
        subject: "zqx7mark-subject".into(),
        body: "zqx7mark-body".into(),
        requester: Some(Requester {
            name: "zqx7mark-name".into(),
            email: CUSTOMER.into(),
            party_id: String::new(),
        }),
        language: "en".into(),
        ..load::register(1)
    }
}

/// A ticket's life with a mark in every text.
async fn marked_ticket(world: &World) -> String {
    let mut customer = world.clients("portal", Role::Customer);
    let mut agent = world.clients("ania", Role::Agent);
    let answer = customer.intake.register_ticket(register()).await.unwrap().into_inner();
    let ticket_id = answer.ticket.unwrap().ticket_id;
    for direction in [MessageDirection::Inbound, MessageDirection::Internal] {
        let request = AddMessageRequest {
            request_id: id(),
            ticket_id: ticket_id.clone(),
            direction: direction.into(),
            channel: Channel::Email.into(),
            body: "zqx7mark-message".into(),
            ..Default::default()
        };
        agent.intake.add_message(request).await.unwrap();
    }
    let request = load::reply(&id(), &ticket_id, "zqx7mark-reply");
    agent.intake.send_reply(request).await.unwrap();
    let public =
        SendReplyRequest { public_venue: true, ..load::reply(&id(), &ticket_id, CUSTOMER) };
    agent.intake.send_reply(public).await.unwrap_err();
    let request = HoldTicketRequest {
        request_id: id(),
        ticket_id: ticket_id.clone(),
        kind: HoldKind::Customer.into(),
        reason: "zqx7mark-hold".into(),
        question: "zqx7mark-question".into(),
        channel: Channel::Email.into(),
        ..Default::default()
    };
    agent.intake.hold_ticket(request).await.unwrap();
    told_and_split(world, &ticket_id).await;
    handed_over(world, &ticket_id).await;
    explained_changes(world, &ticket_id).await;
    for (at, summary) in ["zqx7mark-first", "zqx7mark-summary"].into_iter().enumerate() {
        if at > 0 {
            let request = ReopenTicketRequest {
                request_id: id(),
                ticket_id: ticket_id.clone(),
                reason: "zqx7mark-reopen".into(),
                ..Default::default()
            };
            agent.intake.reopen_ticket(request).await.unwrap();
        }
        let request = ResolveTicketRequest {
            request_id: id(),
            ticket_id: ticket_id.clone(),
            resolution_code: "FIXED".into(),
            root_cause_code: "CABLE".into(),
            summary: summary.into(),
            ..Default::default()
        };
        agent.intake.resolve_ticket(request).await.unwrap();
    }
    ticket_id
}

/// An escalation to the team's lead, of which the customer is told.
async fn handed_over(world: &World, ticket_id: &str) {
    let mut admin = world.clients("admin", Role::Admin);
    let team = Team {
        team_id: "all".into(),
        display_name: "Everybody".into(),
        lead_agent_ids: vec!["ania".into()],
    };
    let request = PutTeamRequest { request_id: id(), team: Some(team) };
    admin.directory.put_team(request).await.unwrap();
    let request = EscalateTicketRequest {
        request_id: id(),
        ticket_id: ticket_id.to_owned(),
        kind: EscalationKind::Hierarchical.into(),
        summary: "zqx7mark-handover".into(),
        actions_done: vec!["zqx7mark-action".into(), "zqx7mark-action-two".into()],
        next_step: "zqx7mark-next".into(),
        notify_customer: true,
        ..Default::default()
    };
    // The ticket has its route a moment after it is registered.
    eventually(|| async {
        let mut lead = world.clients("ola", Role::Lead).routing;
        lead.escalate_ticket(request.clone()).await.map(|_| ())
    })
    .await;
    let mut lead = world.clients("ola", Role::Lead).routing;
    let queue = EscalateTicketRequest {
        request_id: id(),
        kind: EscalationKind::Functional.into(),
        to_queue_id: format!("{MARK}\u{7}"),
        nothing_done: true,
        ..request
    };
    lead.escalate_ticket(queue).await.unwrap_err();
}

/// News for the tickets below, a split, and a matter taken back.
async fn told_and_split(world: &World, ticket_id: &str) {
    let mut agent = world.clients("ania", Role::Agent);
    let request = SendUpdateRequest {
        request_id: id(),
        ticket_id: ticket_id.to_owned(),
        channel: Channel::Email.into(),
        body: "zqx7mark-update".into(),
        purpose: MessagePurpose::Broadcast.into(),
        ..Default::default()
    };
    agent.intake.send_update(request).await.unwrap();
    let request = SplitTicketRequest {
        request_id: id(),
        ticket_id: ticket_id.to_owned(),
        message_ids: vec![ticket_id.to_owned()],
        r#type: TicketType::Inquiry.into(),
        subject: "zqx7mark-split".into(),
        ..Default::default()
    };
    let child = agent.intake.split_ticket(request).await.unwrap().into_inner().child_ticket_id;
    eventually(|| async {
        let request = WithdrawTicketRequest {
            request_id: id(),
            ticket_id: child.clone(),
            channel: Channel::Email.into(),
            statement: "zqx7mark-statement".into(),
            ..Default::default()
        };
        world.clients("ania", Role::Agent).intake.withdraw_ticket(request).await.map(|_| ())
    })
    .await;
}

/// Explanations are to be without personal data; people write them nevertheless.
async fn explained_changes(world: &World, ticket_id: &str) {
    let mut agent = world.clients("ania", Role::Agent);
    let request = ClassifyTicketRequest {
        request_id: id(),
        ticket_id: ticket_id.to_owned(),
        r#type: TicketType::Incident.into(),
        category_code: "TECH/outage".into(),
        tags: vec!["zqx7mark-tag".into()],
        reason: "zqx7mark-class".into(),
        ..Default::default()
    };
    agent.intake.classify_ticket(request).await.unwrap();
    let request = SetPriorityRequest {
        request_id: id(),
        ticket_id: ticket_id.to_owned(),
        impact: Impact::High.into(),
        urgency: Urgency::High.into(),
        cause: PriorityCause::Misassessed.into(),
        reason: "zqx7mark-priority".into(),
        ..Default::default()
    };
    agent.intake.set_priority(request).await.unwrap();
}

/// An alert that is raised twice: its text becomes a note.
async fn marked_alert(world: &World) {
    let mut monitoring = world.clients("monitoring", Role::Integrator);
    for joined in [false, true] {
        let request = RegisterTicketRequest {
            channel: Channel::Monitoring.into(),
            subject: "zqx7mark-alert".into(),
            requester: None,
            dedupe_key: "pay-api:down".into(),
            ..register()
        };
        let answer = monitoring.intake.register_ticket(request).await.unwrap().into_inner();
        assert_eq!(answer.joined_existing, joined);
    }
}

async fn marked_import(world: &World) {
    let request = ImportTicketRequest {
        request_id: id(),
        external_number: "INC0000045".into(),
        r#type: TicketType::Incident.into(),
        channel: Channel::Voice.into(),
        subject: "zqx7mark-import".into(),
        requester_ref: "zqx7mark-caller".into(),
        received_at: Some(prost_types::Timestamp { seconds: 1_456_708_560, nanos: 0 }),
        impact: Impact::Medium.into(),
        urgency: Urgency::Medium.into(),
        ..Default::default()
    };
    let mut integrator = world.clients("import", Role::Integrator);
    integrator.intake.import_ticket(request).await.unwrap();
}

/// What the test sends arrives where it belongs, so it can be found.
async fn the_readers_have_it(world: &World, ticket_id: &str) {
    let mails = || -> String {
        let mails = world.smtp.messages();
        // Without the soft line breaks of quoted-printable.
        mails.iter().map(|mail| mail.text().replace("=\r\n", "")).collect()
    };
    let in_mails = [
        "-subject",
        "-reply",
        "-question",
        "-summary",
        "-owner",
        "-mail@",
        "-agent@acme.",
        "-handover",
        "-action-two",
        "-next",
    ];
    for text in in_mails.map(|end| format!("{MARK}{end}")) {
        eventually(|| async {
            if mails().contains(&text) { Ok(()) } else { Err(format!("{text} in no mail")) }
        })
        .await;
    }
    assert!(found(&mails(), "no secret").is_some());

    let mut agent = world.clients("ania", Role::Agent);
    let request = GetTicketRequest { ticket_id: ticket_id.to_owned(), ..Default::default() };
    let ticket = agent.intake.get_ticket(request).await.unwrap().into_inner();
    let request = ListTicketsRequest::default();
    let list = agent.desk.list_tickets(request).await.unwrap().into_inner();
    let request = GetTimelineRequest { ticket_id: ticket_id.to_owned(), ..Default::default() };
    let timeline = agent.desk.get_timeline(request).await.unwrap().into_inner();
    assert!(timeline.entries.len() > 10, "the history is read");
    let mut admin = world.clients("admin", Role::Admin);
    let directory = admin.directory.get_directory(GetDirectoryRequest::default()).await.unwrap();
    let read = format!("{ticket:?} {list:?} {:?}", directory.into_inner());
    for end in ["-name", "-mail@", "-body", "-message", "-import", "-tag", "-owner", "-agent@"] {
        assert!(read.contains(&format!("{MARK}{end}")), "{end} is read back");
    }
}

fn clean(place: &str, text: &str, secret: &str) {
    if let Some(finding) = found(text, secret) {
        panic!("personal data in the {place}: {finding}");
    }
}

/// Where a text has the mark or the secret, in one of the forms that bytes are printed in.
fn found(text: &str, secret: &str) -> Option<String> {
    let decimal: Vec<String> = MARK.bytes().map(|byte| byte.to_string()).collect();
    let hex: String = MARK.bytes().map(|byte| format!("{byte:02x}")).collect();
    let lower = text.to_lowercase();
    let plain = [MARK.to_owned(), decimal.join(", "), decimal.join(","), hex];
    let secret = secret.trim_start_matches("whsec_").to_owned();
    let plain = plain.iter().find_map(|form| Some((&lower[..], lower.find(form)?)));
    let mut coded = in_base64().into_iter().chain([secret]);
    let (text, at) = plain.or_else(|| coded.find_map(|form| Some((text, text.find(&form)?))))?;
    let from = text.floor_char_boundary(at.saturating_sub(200));
    Some(text[from..text.ceil_char_boundary(at + 200)].to_owned())
}

/// The mark in Base64, at each of the three places that it can have in a group of bytes;
/// only the characters that do not depend on its neighbours.
fn in_base64() -> [String; 3] {
    [0, 1, 2].map(|before| {
        let coded = STANDARD.encode([vec![0; before], MARK.as_bytes().to_vec()].concat());
        let (from, to) = ((8 * before).div_ceil(6), 8 * (before + MARK.len()) / 6);
        coded[from..to].to_owned()
    })
}

#[test]
fn marks_are_found_in_any_form() {
    let text = "x".to_owned() + MARK;
    for before in ["", "a", "ab", "abc"] {
        let bytes = format!("{before}{text} and more");
        assert!(found(&STANDARD.encode(&bytes), "s-e-c").is_some());
        assert!(found(&format!("{:?}", bytes.as_bytes()), "s-e-c").is_some());
        assert!(found(&bytes.to_uppercase(), "s-e-c").is_some());
    }
    assert!(found("the s-e-c here", "whsec_s-e-c").is_some());
    assert!(found("nothing zqx7 mark", "s-e-c").is_none());
}

fn id() -> String {
    uuid::Uuid::now_v7().to_string()
}
