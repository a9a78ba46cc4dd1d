//! A person is erased: what each place shows before and after, and that everything else holds.
use chassis::rpc::Role;
use eventlog::sealing::ERASED;
use prost::Message as _;
use testkit::{Nats, eventually};
use wire::common::v1::Channel;
use wire::desk::v1::{GetTimelineRequest, ListTicketsRequest};
use wire::intake::v1::{
    ConfirmResolutionRequest, ContactPoint, ContactPointKind, FindPartiesRequest, GetPartyRequest,
    GetTicketRequest, LinkPartyRequest, PartyKind, PartyProfile, PartyRole, RegisterPartyRequest,
    ResolveTicketRequest, WithdrawTicketRequest,
};

use wire::routing::v1::{
    EscalateTicketRequest, EscalationKind, PutTeamRequest, Team, TicketEscalated,
};

use crate::nats::streams_reach_the_head;
use crate::world::{ROLES, TENANT, World};
use crate::{invariants, load};

const NAME: &str = "Grażyna Żółć";
const MAIL: &str = "grazyna.zolc@example.org";
const SUBJECT: &str = "The meter of Grażyna Żółć is dark";
const BODY: &str = "It went dark at six.";
const REPLY: &str = "Please press the small button.";
const HANDOVER: &str = "Grażyna has pressed it twice.";
const PERSONAL: [&str; 6] = [NAME, MAIL, SUBJECT, BODY, REPLY, HANDOVER];

fn id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// A person with a closed ticket, and somebody else's open one.
struct Story {
    party_id: String,
    ticket_id: String,
    /// She asked in it until somebody else did.
    given_id: String,
    other_id: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_person_is_nowhere_and_everything_else_holds() {
    let nats = Nats::shared().await;
    let mut world = World::new(nats.url(), nats.prefix()).await;
    world.start(&ROLES).await;
    load::directory(&world).await;
    let story = told(&world).await;
    invariants::quiet(&world).await;
    streams_reach_the_head(&world, &nats.client().await, nats.prefix()).await;

    let before = places(&world, &story).await;
    for (place, text) in &before {
        let shown = PERSONAL.iter().any(|personal| text.contains(personal));
        let at_rest = place.starts_with("stored");
        assert_eq!(shown, !at_rest && *place != "desk timeline", "before, {place}: {text}");
    }
    assert!(handover_opens(&world, &story.ticket_id).await);
    let unmeant = ["party", "erase", "--tenant", TENANT, "--basis", "art. 17", &story.party_id];
    refuses(world.command(&unmeant), "--yes");
    let hold = ["party", "legal-hold", "--tenant", TENANT, "--basis", "claim 7", &story.party_id];
    assert!(world.odzew(&hold).contains("until it is lifted"));
    let erase =
        ["party", "erase", "--tenant", TENANT, "--basis", "art. 17", "--yes", &story.party_id];
    refuses(world.command(&erase), "under a legal hold");
    world.odzew(&[&hold[..], &["--lift"]].concat());
    assert!(world.odzew(&erase).contains("is erased"));
    invariants::quiet(&world).await;

    let after = places(&world, &story).await;
    for ((place, was), (_, is)) in before.iter().zip(&after) {
        println!("{place}\n  before  {}\n  after   {}", short(was), short(is));
    }
    nobody_is_shown(&after);
    assert!(!handover_opens(&world, &story.ticket_id).await, "it goes with the ticket's key");
    // The chain covers what is stored, and that has not changed.
    let verified = world.odzew(&["verify"]);
    println!("verify\n  {}", verified.trim().replace('\n', "\n  "));
    invariants::read_models_equal_a_rebuild(&world).await;
    nobody_is_shown(&places(&world, &story).await);
    let parked = world.odzew(&["admin", "parked", "list", "intake"]);
    assert!(!parked.contains("ticket"), "{parked}");

    keys_away(&mut world, &story).await;
    world.stop().await;
}

/// A legal hold keeps the data; until it is over they are restricted, and the matter goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_restricted_person_is_still_answered_and_shown_to_few() {
    let nats = Nats::shared().await;
    let mut world = World::new(nats.url(), nats.prefix()).await;
    world.start(&ROLES).await;
    load::directory(&world).await;
    let story = told(&world).await;
    let (party_id, tenant) = (&*story.party_id, ["--tenant", TENANT, "--basis"]);
    world.odzew(&[&["party", "legal-hold"][..], &tenant[..], &["claim 7", party_id]].concat());
    let restrict = [&["party", "restrict"][..], &tenant[..], &["art. 18", party_id]].concat();
    assert!(world.odzew(&restrict).contains("is restricted"));
    let shown = world.odzew(&["party", "show", "--tenant", TENANT, party_id]);
    assert!(shown.contains(NAME) && shown.contains("restricted: art. 18"), "as a lead: {shown}");
    let seen = seen_by_agent(&world, party_id).await;
    assert!(seen.contains("[ograniczono / restricted]"), "{seen}");
    assert!(!seen.contains(NAME) && !seen.contains(MAIL), "{seen}");

    let mut customer = world.clients("portal", Role::Customer);
    let mut request = load::register(3);
    let requester = request.requester.as_mut().unwrap();
    (requester.name, requester.email) = (NAME.into(), MAIL.into());
    let ticket = customer.intake.register_ticket(request).await.unwrap().into_inner();
    let ticket_id = ticket.ticket.unwrap().ticket_id;
    let mut agent = world.clients("ania", Role::Agent);
    let reply = load::reply(&id(), &ticket_id, "Your meter is read on Monday.");
    let answer = agent.intake.send_reply(reply).await.unwrap().into_inner();
    let requester = answer.ticket.unwrap().requester.unwrap();
    assert_eq!(requester.party_id, party_id, "a restricted party is recognised");
    assert_eq!(requester.name, "[ograniczono / restricted]");
    eventually(|| async {
        let mails = world.smtp.messages();
        let told = mails.iter().any(|mail| {
            mail.to.iter().any(|to| to == MAIL) && mail.text().contains("read on Monday")
        });
        if told { Ok(()) } else { Err("the answer is under way") }
    })
    .await;
    let lifted = world.odzew(&[&restrict[..], &["--lift"]].concat());
    assert!(lifted.contains("is not restricted"), "{lifted}");
    assert!(seen_by_agent(&world, party_id).await.contains(NAME));
    world.stop().await;
}

async fn seen_by_agent(world: &World, party_id: &str) -> String {
    let mut agent = world.clients("ania", Role::Agent);
    let request = GetPartyRequest { party_id: party_id.to_owned() };
    format!("{:?}", agent.party.get_party(request).await.unwrap().into_inner().party)
}

fn refuses(mut command: std::process::Command, with: &str) {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && text.contains(with), "{text}");
}

async fn told(world: &World) -> Story {
    let mut agent = world.clients("ania", Role::Agent);
    let mut customer = world.clients("portal", Role::Customer);
    let profile = PartyProfile {
        kind: PartyKind::Person.into(),
        name: NAME.into(),
        contact_points: vec![point()],
        ..Default::default()
    };
    let request = RegisterPartyRequest { request_id: id(), profile: Some(profile) };
    let party = agent.party.register_party(request).await.unwrap().into_inner();
    let request = FindPartiesRequest {
        contact_point: Some(point()),
        consistency_token: party.consistency_token,
    };
    assert_eq!(agent.party.find_parties(request).await.unwrap().into_inner().parties.len(), 1);

    let mut request = load::register(1);
    request.request_id = id();
    (request.subject, request.body) = (SUBJECT.into(), BODY.into());
    let requester = request.requester.as_mut().unwrap();
    (requester.name, requester.email) = (NAME.into(), MAIL.into());
    let ticket = customer.intake.register_ticket(request).await.unwrap().into_inner();
    let ticket_id = ticket.ticket.unwrap().ticket_id;
    agent.intake.send_reply(load::reply(&id(), &ticket_id, REPLY)).await.unwrap();
    escalated(world, &ticket_id).await;
    let request = ResolveTicketRequest {
        request_id: id(),
        ticket_id: ticket_id.clone(),
        resolution_code: "FIXED".into(),
        root_cause_code: "BUTTON".into(),
        summary: "The button helped.".into(),
        ..Default::default()
    };
    agent.intake.resolve_ticket(request).await.unwrap();
    let request = ConfirmResolutionRequest {
        request_id: id(),
        ticket_id: ticket_id.clone(),
        etag: String::new(),
    };
    customer.intake.confirm_resolution(request).await.unwrap();
    let other = customer.intake.register_ticket(load::register(2)).await.unwrap().into_inner();
    let other = other.ticket.unwrap();
    let given_id = given_away(world, other.requester.unwrap().party_id).await;
    let party_id = party.party.unwrap().party_id;
    Story { party_id, ticket_id, given_id, other_id: other.ticket_id }
}

/// A closed ticket of the person in which another party asks at the end.
async fn given_away(world: &World, to: String) -> String {
    let mut agent = world.clients("ania", Role::Agent);
    let mut customer = world.clients("portal", Role::Customer);
    let mut request = load::register(4);
    request.request_id = id();
    (request.subject, request.body) = (SUBJECT.into(), BODY.into());
    let requester = request.requester.as_mut().unwrap();
    (requester.name, requester.email) = (NAME.into(), MAIL.into());
    let ticket = customer.intake.register_ticket(request).await.unwrap().into_inner();
    let ticket_id = ticket.ticket.unwrap().ticket_id;
    let request = LinkPartyRequest {
        request_id: id(),
        ticket_id: ticket_id.clone(),
        party_id: to,
        role: PartyRole::Requester.into(),
        ..Default::default()
    };
    agent.intake.link_party(request).await.unwrap();
    let request = WithdrawTicketRequest {
        request_id: id(),
        ticket_id: ticket_id.clone(),
        channel: Channel::Email.into(),
        statement: "It is bright again.".into(),
        ..Default::default()
    };
    agent.intake.withdraw_ticket(request).await.unwrap();
    ticket_id
}

/// What an agent hands over to the lead, in the stream of the ticket's route.
async fn escalated(world: &World, ticket_id: &str) {
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
        summary: HANDOVER.into(),
        nothing_done: true,
        next_step: "Send somebody.".into(),
        ..Default::default()
    };
    eventually(|| async {
        let mut agent = world.clients("ania", Role::Agent).routing;
        agent.escalate_ticket(request.clone()).await.map(|_| ())
    })
    .await;
}

/// Whether the key is there that opens the hand-over in the stream of the ticket's route.
async fn handover_opens(world: &World, ticket_id: &str) -> bool {
    let log = invariants::open_log(world).await;
    let events = invariants::all_events(&log).await;
    let escalated = events.iter().find(|event| {
        event.event_type.ends_with(".TicketEscalated") && event.stream.id.to_string() == ticket_id
    });
    let escalated = TicketEscalated::decode(&*escalated.unwrap().payload).unwrap();
    let summary = escalated.handover.unwrap().summary.unwrap();
    let key_id = wire::sealed::key_id(&summary).unwrap().expect("sealed");
    sqlx::query_scalar("select wrapped is not null from keys.subject_key where key_id = $1")
        .bind(key_id)
        .fetch_one(world.db.pool())
        .await
        .unwrap()
}

fn point() -> ContactPoint {
    ContactPoint { kind: ContactPointKind::Email.into(), value: MAIL.into() }
}

/// What each place shows of the person.
async fn places(world: &World, story: &Story) -> Vec<(&'static str, String)> {
    let mut agent = world.clients("ania", Role::Agent);
    let request = GetTicketRequest { ticket_id: story.ticket_id.clone(), ..Default::default() };
    let ticket = agent.intake.get_ticket(request).await.unwrap().into_inner().ticket.unwrap();
    let request = GetPartyRequest { party_id: story.party_id.clone() };
    let party = agent.party.get_party(request).await.unwrap().into_inner().party.unwrap();
    let request = FindPartiesRequest { contact_point: Some(point()), consistency_token: None };
    let found = agent.party.find_parties(request).await.unwrap().into_inner();
    let request = GetTimelineRequest { ticket_id: story.ticket_id.clone(), ..Default::default() };
    let timeline = agent.desk.get_timeline(request).await.unwrap().into_inner();
    let bodies: Vec<_> = ticket.messages.iter().map(|message| &*message.body).collect();
    let request = GetTicketRequest { ticket_id: story.given_id.clone(), ..Default::default() };
    let given = agent.intake.get_ticket(request).await.unwrap().into_inner().ticket.unwrap();
    let given_bodies: Vec<_> = given.messages.iter().map(|message| &*message.body).collect();
    let requester = ticket.requester.clone().unwrap_or_default();
    let profile = party.profile.clone().unwrap_or_default();
    let timeline: Vec<_> = timeline.entries.iter().map(|entry| &*entry.summary).collect();
    vec![
        ("ticket subject", ticket.subject.clone()),
        ("ticket requester", format!("{} <{}>", requester.name, requester.email)),
        ("ticket thread", bodies.join(" | ")),
        ("ticket given away", format!("{} | {}", given.subject, given_bodies.join(" | "))),
        ("desk list", subjects(world, &story.ticket_id).await),
        ("desk timeline", timeline.join(" | ")),
        ("party", format!("{:?} {}", party.state(), profile.name)),
        ("found by address", format!("{:?}", found.parties)),
        ("command line", world.odzew(&["ticket", "show", "--tenant", TENANT, &ticket.number])),
        ("stored log", stored(world).await),
        ("stored tables", tables(world).await),
    ]
}

async fn subjects(world: &World, ticket_id: &str) -> String {
    let mut agent = world.clients("ania", Role::Agent);
    let states = (1..=6).collect();
    let request = ListTicketsRequest { states, ..Default::default() };
    let list = agent.desk.list_tickets(request).await.unwrap().into_inner().tickets;
    let line = list.into_iter().find(|ticket| ticket.ticket_id == ticket_id);
    line.unwrap().subject
}

async fn stored(world: &World) -> String {
    let log = invariants::open_log(world).await;
    let events = invariants::all_events(&log).await;
    let events = events.iter().filter(|event| event.stream.category != "directory");
    events.map(|event| String::from_utf8_lossy(&event.payload).into_owned()).collect()
}

async fn tables(world: &World) -> String {
    let rows: Vec<String> = sqlx::query_scalar(
        "select to_jsonb(t)::text from desk.tickets t
         union all select to_jsonb(t)::text from desk.timeline t
         union all select to_jsonb(t)::text from notification.ticket_facts t
         union all select to_jsonb(t)::text from notification.notices t
         union all select to_jsonb(t)::text from intake.contact_points t
         union all select to_jsonb(t)::text from keys.subject_key t",
    )
    .fetch_all(world.db.pool())
    .await
    .unwrap();
    rows.concat()
}

fn nobody_is_shown(places: &[(&'static str, String)]) {
    for (place, text) in places {
        for personal in PERSONAL {
            assert!(!text.contains(personal), "after, {place}: {text}");
        }
    }
    for place in ["ticket subject", "ticket thread", "ticket given away", "desk list"] {
        let (_, text) = places.iter().find(|(one, _)| *one == place).unwrap();
        assert!(text.contains(ERASED), "{place}: {text}");
    }
}

/// Intake is away: the desk shows its list, and that a subject is sealed; not that it is erased.
async fn keys_away(world: &mut World, story: &Story) {
    world.kill("intake");
    world.kill("desk");
    world.start(&["desk"]).await;
    assert_eq!(subjects(world, &story.other_id).await, "[zapieczętowano / sealed]");
    world.start(&["intake"]).await;
    let world = &*world;
    eventually(|| async {
        match subjects(world, &story.other_id).await {
            subject if subject == "Ticket 2" => Ok(()),
            subject => Err(subject),
        }
    })
    .await;
    assert_eq!(subjects(world, &story.ticket_id).await, ERASED);
}

fn short(text: &str) -> String {
    let line: String = text.chars().filter(|c| !c.is_control()).take(90).collect();
    if line.is_empty() { "-".to_owned() } else { line }
}
