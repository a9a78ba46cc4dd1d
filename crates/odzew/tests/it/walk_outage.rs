//! A critical outage at two in the morning, minute by minute: every event and every instant as the
//! business wrote it down, in the services' own processes. `cargo test -p odzew --test it
//! walk_outage -- --nocapture` prints what happened.
//!
//! Left out, because the parts that do it do not exist yet: paging over push, SMS and voice (the
//! owner is told by e-mail) and the roster behind it (the queue's people stand for it, so the first
//! owner is found by rule); a path of levels that goes on by itself after the second on call; the
//! outage notice to affected parties without a ticket of their own
//! and on the status page; quiet hours of text messages; surveys, and the improvement that the
//! problem's ticket begins.
use chassis::rpc::Role;
use testkit::Nats;
use wire::common::v1::Channel;
use wire::intake::v1::{
    BusinessObject, ContactPoint, ContactPointKind, Impact, LinkKind, LinkPartyRequest,
    LinkTicketRequest, MakePromiseRequest, MessagePurpose, ObjectKind, PartyKind, PartyProfile,
    PartyRole, PromiseKind, RegisterPartyRequest, RegisterTicketRequest, Requester,
    ResolveTicketRequest, SendUpdateRequest, StartWorkRequest, TicketState, TicketType, Urgency,
};
use wire::routing::v1::{
    AcceptAssignmentRequest, Agent, PutAgentRequest, PutQueueRequest, PutTeamRequest, Queue,
    SetAgentAvailabilityRequest, Team,
};
use wire::sla::v1::{ClockKind, ClockOutcome};

use crate::rehearsal::{Line, Rehearsal, happened, proto};
use crate::world::Clients;

fn id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// The second line of the network's operations centre: Ania is first on call, Bartek second, and
/// M1 leads both.
async fn on_call(night: &Rehearsal) {
    let mut admin = night.world.clients("admin", Role::Admin).directory;
    let team = Team { team_id: "noc".into(), display_name: "NOC".into(), ..Default::default() };
    let request = PutTeamRequest { request_id: id(), team: Some(team.clone()) };
    admin.put_team(request).await.unwrap();
    let queue = Queue {
        queue_id: "noc-l2".into(),
        display_name: "NOC, second line".into(),
        level: 2,
        team_id: "noc".into(),
        accept_within_s: 300,
        fallback: true,
    };
    admin.put_queue(PutQueueRequest { request_id: id(), queue: Some(queue) }).await.unwrap();
    for (agent_id, available, teams) in
        [("ania", true, vec!["noc"]), ("bartek", true, vec!["noc"]), ("m1", false, vec![])]
    {
        let clear = |text: String| {
            let content = wire::common::v1::sealed::Content::Clear(text);
            Some(wire::common::v1::Sealed { content: Some(content) })
        };
        let agent = Agent {
            agent_id: agent_id.into(),
            display_name: clear(agent_id.to_owned()),
            email: clear(format!("{agent_id}@acme.example.org")),
            team_ids: teams.into_iter().map(str::to_owned).collect(),
            skills: vec![],
            capacity: 10,
            language: "pl".into(),
            available: Some(available),
        };
        let request = PutAgentRequest { request_id: id(), agent: Some(agent), keep_teams: false };
        admin.put_agent(request).await.unwrap();
    }
    let led = Team { lead_agent_ids: vec!["m1".into()], ..team };
    admin.put_team(PutTeamRequest { request_id: id(), team: Some(led) }).await.unwrap();
    night.settled().await;
}

/// Ania has not answered all night and is taken off the roster.
async fn off_duty(night: &Rehearsal, agent_id: &str) {
    let mut admin = night.world.clients("admin", Role::Admin).directory;
    let agent_id = agent_id.to_owned();
    let request = SetAgentAvailabilityRequest { request_id: id(), agent_id, available: false };
    admin.set_agent_availability(request).await.unwrap();
}

/// The alert of the monitoring, or with an address what a customer writes about it.
fn outage(customer: Option<&str>) -> RegisterTicketRequest {
    let channel = if customer.is_some() { Channel::Email } else { Channel::Monitoring };
    RegisterTicketRequest {
        request_id: id(),
        r#type: TicketType::Incident.into(),
        channel: channel.into(),
        subject: "pay-api is down".into(),
        body: "No payment goes through.".into(),
        requester: customer.map(|email| Requester {
            name: "Anna".into(),
            email: email.to_owned(),
            party_id: String::new(),
        }),
        language: "pl".into(),
        category_code: "TECH/outage".into(),
        about: vec![BusinessObject { kind: ObjectKind::Service.into(), id: "pay-api".into() }],
        dedupe_key: if customer.is_some() { "" } else { "pay-api:down" }.into(),
        impact: Impact::High.into(),
        urgency: Urgency::High.into(),
        ..Default::default()
    }
}

async fn register(clients: &Clients, request: RegisterTicketRequest) -> String {
    let answer = clients.intake.clone().register_ticket(request).await.unwrap().into_inner();
    answer.ticket.unwrap().ticket_id
}

async fn broadcast(clients: &Clients, ticket_id: &str, body: &str) {
    let request = SendUpdateRequest {
        request_id: id(),
        ticket_id: ticket_id.to_owned(),
        etag: String::new(),
        channel: Channel::Email.into(),
        body: body.to_owned(),
        purpose: MessagePurpose::Broadcast.into(),
        ..Default::default()
    };
    clients.intake.clone().send_update(request).await.unwrap();
}

async fn promise(clients: &Clients, ticket_id: &str, kind: PromiseKind, due: &str) {
    let request = MakePromiseRequest {
        request_id: id(),
        ticket_id: ticket_id.to_owned(),
        kind: kind.into(),
        due_at: proto(due),
        ..Default::default()
    };
    clients.intake.clone().make_promise(request).await.unwrap();
}

/// Whom the outage affects.
const AFFECTED: [&str; 3] = ["zoo", "flowers", "bakery"];

fn address_of(affected: &str) -> String {
    format!("{affected}@example.org")
}

async fn affected(night: &Rehearsal, bartek: &Clients, ticket_id: &str) {
    let mut crm = night.world.clients("crm", Role::Integrator).party;
    for name in AFFECTED {
        let email = ContactPoint { kind: ContactPointKind::Email.into(), value: address_of(name) };
        let profile = PartyProfile {
            kind: PartyKind::Company.into(),
            name: name.into(),
            contact_points: vec![email],
            ..PartyProfile::default()
        };
        let request = RegisterPartyRequest { request_id: id(), profile: Some(profile) };
        let party = crm.register_party(request).await.unwrap().into_inner().party.unwrap();
        let request = LinkPartyRequest {
            request_id: id(),
            ticket_id: ticket_id.to_owned(),
            party_id: party.party_id,
            role: PartyRole::Affected.into(),
            ..Default::default()
        };
        bartek.intake.clone().link_party(request).await.unwrap();
    }
}

async fn accept(clients: &Clients, ticket_id: &str) {
    let ticket_id = ticket_id.to_owned();
    let request = AcceptAssignmentRequest { request_id: id(), ticket_id, etag: "".into() };
    clients.routing.clone().accept_assignment(request).await.unwrap();
}

/// The ticket of the alert until somebody works on it: Ania does not answer, and five minutes later
/// it is Bartek's by itself.
async fn nobody_accepts_at_first(night: &Rehearsal, incident: &str) -> Clients {
    let bartek = night.world.clients("bartek", Role::Agent);
    night.move_to("2026-06-09 02:05:01").await;
    off_duty(night, "ania").await;

    night.move_to("2026-06-09 02:06:20").await;
    accept(&bartek, incident).await;
    let ticket_id = incident.to_owned();
    let request = StartWorkRequest { request_id: id(), ticket_id, etag: "".into() };
    bartek.intake.clone().start_work(request).await.unwrap();
    bartek
}

/// The monitoring raises the same alert once more.
async fn the_alert_comes_again(night: &Rehearsal, t1: &str) {
    night.move_to("2026-06-09 02:07:00").await;
    let mut monitoring = night.world.clients("monitoring", Role::Integrator).intake;
    let again = monitoring.register_ticket(outage(None)).await.unwrap().into_inner();
    assert!(again.joined_existing);
    assert_eq!(again.ticket.unwrap().ticket_id, t1);
}

/// A customer's own ticket about the same, which becomes a child of the incident's by itself.
async fn a_customer_writes(night: &Rehearsal, bartek: &Clients) -> String {
    night.move_to("2026-06-09 02:20:00").await;
    let mailbox = night.world.clients("mailbox", Role::Integrator);
    let t2 = register(&mailbox, outage(Some("anna@example.org"))).await;
    night.settled().await;
    accept(bartek, &t2).await;
    night.settled().await;
    assert_eq!(night.due_at(&t2, ClockKind::FirstReply).await, "Tue 2026-06-09 02:35:00 CEST");
    let waits = night.clock(&t2, ClockKind::FirstReply).await.unwrap();
    assert_eq!(waits.outcome(), ClockOutcome::Unspecified, "an automatic mail is no answer");
    t2
}

/// What is behind the incident, to be worked on in the day.
async fn the_problem_gets_a_record(night: &Rehearsal, bartek: &Clients, t1: &str) -> String {
    night.move_to("2026-06-09 09:00:00").await;
    let problem = RegisterTicketRequest {
        r#type: TicketType::Problem.into(),
        channel: Channel::Api.into(),
        impact: Impact::Low.into(),
        urgency: Urgency::Low.into(),
        ..outage(Some("noc@acme.example.org"))
    };
    let t3 = register(bartek, problem).await;
    let request = LinkTicketRequest {
        request_id: id(),
        ticket_id: t1.to_owned(),
        other_ticket_id: t3.clone(),
        link: LinkKind::CausedBy.into(),
        ..Default::default()
    };
    bartek.intake.clone().link_ticket(request).await.unwrap();
    night.settled().await;
    t3
}

#[tokio::test(flavor = "multi_thread")]
async fn a_critical_outage_at_two_in_the_morning() {
    let nats = Nats::shared().await;
    let night = Rehearsal::at(&nats, "2026-06-09 02:00:00").await;
    on_call(&night).await;
    let monitoring = night.world.clients("monitoring", Role::Integrator);
    let t1 = register(&monitoring, outage(None)).await;
    night.settled().await;
    assert_eq!(night.due_at(&t1, ClockKind::Resolution).await, "Tue 2026-06-09 06:00:00 CEST");
    assert_eq!(night.due_at(&t1, ClockKind::PeriodicUpdate).await, "Tue 2026-06-09 02:30:00 CEST");
    assert_eq!(night.due_at(&t1, ClockKind::Accept).await, "Tue 2026-06-09 02:05:00 CEST");
    assert!(night.clock(&t1, ClockKind::FirstReply).await.is_none(), "nobody asked");

    let bartek = nobody_accepts_at_first(&night, &t1).await;
    the_alert_comes_again(&night, &t1).await;

    night.move_to("2026-06-09 02:12:00").await;
    affected(&night, &bartek, &t1).await;
    broadcast(&bartek, &t1, "Płatności nie działają od 02:00, pracujemy nad tym.").await;
    promise(&bartek, &t1, PromiseKind::NextUpdate, "2026-06-09 02:42").await;
    promise(&bartek, &t1, PromiseKind::EtaResolution, "2026-06-09 04:30").await;
    night.settled().await;
    assert_eq!(night.due_at(&t1, ClockKind::PeriodicUpdate).await, "Tue 2026-06-09 02:42:00 CEST");

    let t2 = a_customer_writes(&night, &bartek).await;

    night.move_to("2026-06-09 02:34:30").await;
    broadcast(&bartek, &t1, "Przyczyna znaleziona, nadal pracujemy.").await;
    night.settled().await;
    let answered = night.clock(&t2, ClockKind::FirstReply).await.unwrap();
    assert_eq!((answered.outcome(), answered.remaining_ms), (ClockOutcome::Met, 30_000));

    // The story passes over these news. Without them the next would have been due at 03:04:30,
    // thirty minutes after the last, and missed.
    night.move_to("2026-06-09 03:00:00").await;
    broadcast(&bartek, &t1, "Odnawiamy certyfikat.").await;

    night.move_to("2026-06-09 03:25:00").await;
    let request = ResolveTicketRequest {
        request_id: id(),
        ticket_id: t1.clone(),
        resolution_code: "FIXED".into(),
        root_cause_code: "CERTIFICATE_EXPIRED".into(),
        summary: "Odnowiliśmy certyfikat.".into(),
        ..Default::default()
    };
    bartek.intake.clone().resolve_ticket(request).await.unwrap();
    night.settled().await;
    let resolution = night.clock(&t1, ClockKind::Resolution).await.unwrap();
    assert_eq!((resolution.outcome(), resolution.elapsed_ms), (ClockOutcome::Met, 5_100_000));

    let t3 = the_problem_gets_a_record(&night, &bartek, &t1).await;
    let lines = night.timeline(&[("T1", &t1), ("T2", &t2), ("T3", &t3)]).await;
    the_night_of_the_incident(&lines);
    the_night_of_the_customer(&lines);
    for ticket_id in [t1, t2] {
        let request = wire::intake::v1::GetTicketRequest { ticket_id, ..Default::default() };
        let ticket = bartek.intake.clone().get_ticket(request).await.unwrap().into_inner().ticket;
        assert_eq!(ticket.unwrap().state(), TicketState::Resolved);
    }
    what_people_were_told(&night);
}

fn the_night_of_the_incident(lines: &[Line]) {
    let t1 = |time: &str, event: &str, part: &str| happened(lines, time, "T1", event, part);
    t1("02:00:00", "TicketRegistered", "registered as incident over monitoring");
    t1("02:00:00", "TicketClassified", "category TECH/outage");
    t1("02:00:00", "PriorityChanged", "priority P1 (initial)");
    t1("02:00:00", "ClockStarted", "resolution, due 2026-06-09T04:00:00Z");
    t1("02:00:00", "ClockStarted", "periodic update, due 2026-06-09T00:30:00Z");
    t1("02:00:00", "TicketQueued", "queued in noc-l2 (level 2");
    t1("02:00:00", "TicketAssigned", "assigned to ania");
    t1("02:00:00", "ClockStarted", "accept, due 2026-06-09T00:05:00Z");
    t1("02:00:00", "NotificationSent", "assignment");
    t1("02:05:01", "ClockBreached", "accept, due 2026-06-09T00:05:00Z");
    let level = "level 2 to 2 in noc-l2, to bartek";
    t1("02:05:01", "TicketEscalated", &format!("functional (not accepted): {level}"));
    t1("02:05:01", "TicketEscalated", "hierarchical (not accepted): the leads of noc: m1");
    t1("02:05:01", "TicketAssigned", "assigned to bartek (on call)");
    t1("02:05:01", "ClockStarted", "accept, due 2026-06-09T00:10:01Z");
    t1("02:06:20", "AssignmentAccepted", "bartek");
    t1("02:06:20", "WorkStarted", "bartek");
    t1("02:07:00", "MessageAdded", "note");
    t1("02:12:00", "MessageAdded", "broadcast to the customer");
    t1("02:12:00", "PromiseMade", "next update, due 2026-06-09T00:42:00Z");
    t1("02:12:00", "PromiseMade", "eta resolution, due 2026-06-09T02:30:00Z");
    t1("02:34:30", "ThresholdReached", "75 % used up: periodic update");
    t1("02:34:30", "MessageAdded", "broadcast to the customer");
    t1("03:25:00", "TicketResolved", "root cause CERTIFICATE_EXPIRED");
    t1("09:00:00", "TicketLinked", "caused by");
    let affected = lines.iter().filter(|line| line.summary.contains(" is affected")).count();
    assert_eq!(affected, 3);
    let told = lines.iter().filter(|line| {
        line.ticket == "T1" && line.event == "NotificationSent" && line.summary.contains("reply")
    });
    assert_eq!(told.count(), 9, "each of the three is told the three news");
    let breaches = lines.iter().filter(|line| line.event == "ClockBreached").count();
    assert_eq!(breaches, 1, "the only promise that was broken is Ania's");
}

fn the_night_of_the_customer(lines: &[Line]) {
    let t2 = |time: &str, event: &str, part: &str| happened(lines, time, "T2", event, part);
    t2("02:20:00", "TicketRegistered", "registered as incident over email");
    t2("02:20:00", "TicketLinked", "child of");
    t2("02:20:00", "ClockStarted", "first reply, due 2026-06-09T00:35:00Z");
    t2("02:20:00", "NotificationSent", "ack");
    t2("02:34:30", "MessageAdded", "broadcast to the customer");
    t2("02:34:30", "NotificationSent", "reply");
    t2("03:25:00", "TicketResolved", "with its incident");
    t2("03:25:00", "NotificationSent", "resolution");
}

fn what_people_were_told(night: &Rehearsal) {
    let mails = night.world.smtp.messages();
    let to =
        |address: &str| mails.iter().filter(|mail| mail.to.iter().any(|to| to == address)).count();
    assert_eq!(to("anna@example.org"), 4, "receipt, news twice, solution");
    for affected in AFFECTED {
        assert_eq!(to(&address_of(affected)), 3, "news three times: {affected}");
    }
    assert!(to("ania@acme.example.org") >= 1 && to("bartek@acme.example.org") >= 1);
    let m1 = mails.iter().find(|mail| mail.to.iter().any(|to| to == "m1@acme.example.org"));
    let told = m1.expect("the lead is told").text().replace("=\r\n", "");
    assert_eq!(to("m1@acme.example.org"), 1, "once");
    // What routing knows of the alert, and that Ania did not take it.
    for fact in ["INCIDENT, TECH/outage, P1, 2026-06-09T00:00:00Z, noc-l2", "ania: "] {
        assert!(told.contains(fact), "{fact}: {told}");
    }
}

/// The same alert in the night in which the clocks go from 02:00 to 03:00: minutes are minutes.
#[tokio::test(flavor = "multi_thread")]
async fn an_outage_in_the_night_of_the_clock_change() {
    let nats = Nats::shared().await;
    let night = Rehearsal::at(&nats, "2026-03-29 01:52:00").await;
    on_call(&night).await;
    let monitoring = night.world.clients("monitoring", Role::Integrator);
    let alert = register(&monitoring, outage(None)).await;
    let asked = register(&monitoring, outage(Some("anna@example.org"))).await;
    night.settled().await;
    assert_eq!(night.due_at(&alert, ClockKind::Accept).await, "Sun 2026-03-29 01:57:00 CET");
    let update = night.due_at(&alert, ClockKind::PeriodicUpdate).await;
    assert_eq!(update, "Sun 2026-03-29 03:22:00 CEST");
    assert_eq!(night.due_at(&alert, ClockKind::Resolution).await, "Sun 2026-03-29 06:52:00 CEST");
    assert_eq!(night.due_at(&asked, ClockKind::FirstReply).await, "Sun 2026-03-29 03:07:00 CEST");

    night.move_to("2026-03-29 03:07:00").await;
    let waits = night.clock(&asked, ClockKind::FirstReply).await.unwrap();
    assert!(!waits.breached, "the last second is on time");
    night.move_to("2026-03-29 03:07:01").await;
    let late = night.clock(&asked, ClockKind::FirstReply).await.unwrap();
    assert!(late.breached, "fifteen minutes after 01:52 it is 03:07");
    night.move_to("2026-03-29 03:14:30").await;
    let lines = night.timeline(&[("T1", &alert), ("T2", &asked)]).await;
    // A time is missed a second after its last one.
    happened(&lines, "01:57:01 CET", "T1", "ClockBreached", "due 2026-03-29T00:57:00Z");
    happened(&lines, "03:07:01 CEST", "T2", "ClockBreached", "due 2026-03-29T01:07:00Z");
    happened(&lines, "03:14:30", "T1", "ThresholdReached", "75 % used up: periodic update");
}
