//! The command line as an operator meets it.
use chassis::rpc::Role;
use testkit::{Nats, eventually};
use uuid::Uuid;
use wire::common::v1::Channel;
use wire::desk::v1::GetTicketSummaryRequest;
use wire::desk::v1::get_ticket_summary_request::Key;
use wire::intake::v1;
use wire::routing::v1::{PutTeamRequest, Team};

use crate::load;
use crate::world::{ROLES, World};

#[tokio::test(flavor = "multi_thread")]
async fn operators_verbs_work_on_a_running_system() {
    let nats = Nats::shared().await;
    let mut world = World::new(nats.url(), nats.prefix()).await;
    world.start(&ROLES).await;
    load::directory(&world).await;
    let acknowledged = load::run(&world, 0..2).await;
    crate::invariants::quiet(&world).await;
    let open = acknowledged.iter().find(|ticket| !ticket.resolved).unwrap();
    let ticket_id = open.ticket_id.as_str();

    let list = world.odzew(&["ticket", "list", "--tenant", "acme"]);
    assert!(list.contains("Ticket 0") && list.contains("Ticket 1"), "{list}");
    let show = world.odzew(&["ticket", "show", "--tenant", "acme", ticket_id]);
    assert!(show.contains("We are looking into it."), "{show}");
    let timeline = world.odzew(&["ticket", "timeline", "--tenant", "acme", ticket_id]);
    assert!(timeline.contains("TicketAssigned") && timeline.contains("ClockStarted"), "{timeline}");
    let explained = world.odzew(&["clock", "explain", "--tenant", "acme", ticket_id]);
    for told in ["FIRST_REPLY: met", "RESOLUTION: running", "started: ", "by PL_STANDARD v1"] {
        assert!(explained.contains(told), "{told}: {explained}");
    }
    let one = ["clock", "explain", "--tenant", "acme", "--kind", "resolution", ticket_id];
    assert!(!world.odzew(&one).contains("FIRST_REPLY"));
    let tail = world.odzew(&["tail", "--from", "1", "--no-follow"]);
    assert!(tail.contains("TicketRegistered"), "{tail}");
    assert!(!tail.contains("customer-0@example.org"), "personal data stays hidden");
    escalated_by_hand(&world, ticket_id).await;
    let doctor = world.odzew(&["doctor"]);
    assert!(doctor.contains("postgres") && !doctor.contains("wrong"), "{doctor}");
    let verified = world.odzew(&["verify"]);
    assert!(verified.contains("partition 0 is as it was written: "), "{verified}");
    let notes = verified.lines().filter_map(|line| line.split_once("to be noted down: "));
    let notes: Vec<&str> = notes.map(|(_, note)| note.trim()).collect();
    let held: Vec<&str> =
        ["verify"].into_iter().chain(notes.iter().flat_map(|note| ["--expect", note])).collect();
    assert!(notes.len() >= 2, "{verified}");
    world.odzew(&held);
    for note in &notes {
        let (kept, hash) = note.rsplit_once(':').unwrap();
        let forged = format!("{kept}:{}", hash.chars().rev().collect::<String>());
        let refused = world.command(&["verify", "--expect", &forged]).output().unwrap();
        let text = String::from_utf8_lossy(&refused.stderr);
        assert!(!refused.status.success() && text.contains("changed: "), "{forged}: {text}");
    }
    let parked = world.odzew(&["admin", "parked", "list"]);
    assert!(!parked.contains("TicketRegistered"), "{parked}");
    let tenants = world.odzew(&["admin", "tenant", "list"]);
    assert!(tenants.contains("acme"), "{tenants}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_requested_for_a_parked_event_is_shown_until_it_is_done() {
    let nats = Nats::shared().await;
    let world = World::new(nats.url(), nats.prefix()).await;
    sqlx::query(
        "insert into desk.parked_event
                (subscription, partition, position, tenant, category, stream_id, version, event_id,
                 event_type, reason, projection_due, reaction_due)
         values ('desk', 0, 7, 1, 'ticket', gen_random_uuid(), 1, gen_random_uuid(),
                 'odzew.intake.v1.TicketClosed', 'no such ticket', true, true)",
    )
    .execute(world.db.pool())
    .await
    .unwrap();
    for verb in ["retry", "skip"] {
        let list = world.odzew(&["admin", "parked", "list"]);
        assert!(list.contains("no such ticket") && !list.contains(verb), "{list}");
        let answer = world.odzew(&["admin", "parked", verb, "desk", "0:7"]);
        assert!(answer.contains("as soon as desk takes the request up"), "{answer}");
        let list = world.odzew(&["admin", "parked", "list", "desk"]);
        assert!(list.contains(verb), "{list}");
    }
}

/// Nobody leads the team at first, which is said; then its lead is told.
async fn escalated_by_hand(world: &World, ticket_id: &str) {
    let told = ["--summary", "No signal", "--done", "Reset it", "--next-step", "Send a technician"];
    let escalate =
        [&["ticket", "escalate", "--tenant", "acme"], &told[..], &[ticket_id][..]].concat();
    let refused = world.command(&escalate).output().unwrap();
    let text = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && text.contains("no lead"), "{text}");
    let team = Team {
        team_id: "all".to_owned(),
        display_name: "Everybody".to_owned(),
        lead_agent_ids: vec!["ania".to_owned()],
    };
    let request = PutTeamRequest { request_id: Uuid::now_v7().to_string(), team: Some(team) };
    world.clients("admin", Role::Admin).directory.put_team(request).await.unwrap();
    let escalated = world.odzew(&escalate);
    assert!(escalated.contains("hierarchical escalation of "), "{escalated}");
    assert!(escalated.contains("in all (level 1), owned by ania"), "{escalated}");
    eventually(|| async {
        let show = world.odzew(&["ticket", "show", "--tenant", "acme", ticket_id]);
        if show.contains("- Reset it") { Ok(()) } else { Err(show) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_shown_and_found() {
    let nats = Nats::shared().await;
    let mut world = World::with(nats.url(), nats.prefix(), "").await;
    world.start(&["intake"]).await;
    let mut platform = world.clients("telephony", Role::Integrator);
    let number = |typed: &str| v1::ContactPoint {
        kind: v1::ContactPointKind::Phone.into(),
        value: typed.to_owned(),
    };
    let request = v1::RegisterPartyRequest {
        request_id: Uuid::now_v7().to_string(),
        profile: Some(v1::PartyProfile {
            kind: v1::PartyKind::Person.into(),
            name: "Anna Nowak".to_owned(),
            contact_points: vec![number("+48 600 100 200")],
            ..Default::default()
        }),
    };
    let registered = platform.party.register_party(request).await.unwrap().into_inner();
    let party_id = registered.party.unwrap().party_id;
    let request = v1::FindPartiesRequest {
        contact_point: Some(number("+48600100200")),
        consistency_token: registered.consistency_token,
    };
    platform.party.find_parties(request).await.unwrap();
    let request = v1::StartContactRequest {
        request_id: Uuid::now_v7().to_string(),
        channel: v1::ContactChannel::Voice.into(),
        direction: v1::ContactDirection::Inbound.into(),
        entry_point: "hotline".to_owned(),
        party_hint: Some(number("0048600100200")),
        ..Default::default()
    };
    let started = platform.contact.start_contact(request).await.unwrap().into_inner();
    let contact_id = started.contact.unwrap().contact_id;

    let found = world.odzew(&["party", "find", "--tenant", "acme", "0048 600-100-200"]);
    assert!(found.contains(&party_id) && found.contains("Anna Nowak"), "{found}");
    let nobody = world.odzew(&["party", "find", "--tenant", "acme", "anna@example.org"]);
    assert!(nobody.contains("Nobody"), "{nobody}");
    eventually(|| async {
        let shown = world.odzew(&["party", "show", "--tenant", "acme", &party_id]);
        assert!(shown.contains("Anna Nowak") && shown.contains("+48 600 100 200"), "{shown}");
        if shown.contains(&contact_id) { Ok(()) } else { Err(shown) }
    })
    .await;
    let contact = world.odzew(&["contact", "show", "--tenant", "acme", &contact_id]);
    assert!(contact.contains("matched") && contact.contains("started"), "{contact}");
    let tail = world.odzew(&["tail", "--from", "1", "--no-follow"]);
    assert!(
        tail.contains("ContactStarted") && !tail.contains("48600100200"),
        "personal data stays hidden"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_configuration_is_told_whole_and_exits_64() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("odzew.toml");
    let wrong = "[grpc]\nmax_in_fligt = 1\ndefault_deadline = 7\n[nonsense]\na = 1\n\
                 [clock]\nfile = 3\n[subscription]\nleases = \"yes\"\n\
                 [listen]\nsla = \"0.0.0.0:7603\"\nrouting = \"127.0.0.1:7601\"\n";
    std::fs::write(&file, wrong).unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_odzew"))
        .args(["--config", file.to_str().unwrap(), "config"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(64), "{text}");
    let keys = ["max_in_fligt", "default_deadline", "nonsense", "clock.file", "leases"];
    for key in keys.into_iter().chain(["listen.sla", "listen.routing"]) {
        assert!(text.contains(key), "{key} is named: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_not_printed() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_odzew"))
        .env("ODZEW_POSTGRES__URL", "postgres://odzew:hunter2@127.0.0.1/odzew")
        .arg("config")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && !text.contains("hunter2"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_beyond_loopback_is_refused() {
    let nats = Nats::shared().await;
    let world = World::with(nats.url(), nats.prefix(), "").await;
    let output = world
        .command(&["serve", "intake"])
        .env("ODZEW_LISTEN__INTAKE", "0.0.0.0:0")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && text.contains("loopback"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_a_sentence_and_a_setting_at_fault_exits_64() {
    let nats = Nats::shared().await;
    let world = World::with(nats.url(), nats.prefix(), "").await;
    let refused = |arguments: &[&str], variable: (&str, &str)| {
        let output = world.command(arguments).env(variable.0, variable.1).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!text.contains("panicked") && !text.contains("source:"), "{text}");
        (output.status.code(), text)
    };
    let nothing = ("ODZEW_TENANT", "acme");
    let (code, text) = refused(&["ticket", "list"], nothing);
    assert!(code == Some(1) && text.contains("desk") && text.contains("refused"), "{text}");
    let (code, text) = refused(&["tail", "--tenant", "nobody"], nothing);
    assert!(code == Some(1) && text.contains("there is no tenant"), "{text}");
    let (code, text) = refused(&["verify"], ("ODZEW_POSTGRES__ADMIN_URL", "banana"));
    assert!(code == Some(64) && text.contains("postgres.admin_url"), "{text}");
    let away = ("ODZEW_POSTGRES__ADMIN_URL", "postgres://odzew@127.0.0.1:1/odzew");
    let (code, text) = refused(&["verify"], away);
    assert!(code == Some(1) && text.contains("refused"), "{text}");
    let (code, text) = refused(&["serve", "intake"], ("ODZEW_INTAKE__MASTER_KEY_FILE", "/nowhere"));
    assert!(code == Some(64) && text.contains("/nowhere"), "{text}");
    for role in ["desk", "all"] {
        let (code, text) = refused(&["serve", role], ("ODZEW_LISTEN__DESK", "0.0.0.0:0"));
        assert!(code == Some(64) && text.contains("loopback"), "{text}");
        assert!(!text.contains("serving gRPC"), "no role serves before all settings hold: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_had_enough_is_no_failure() {
    let nats = Nats::shared().await;
    let world = World::with(nats.url(), nats.prefix(), "").await;
    for arguments in [&["verify"][..], &["admin", "tenant", "list"], &["completions", "bash"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = world.command(arguments).stdout(writer).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !text.contains("panicked"), "{arguments:?}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_left_does_not_hide_a_verdict() {
    let nats = Nats::shared().await;
    let world = World::with(nats.url(), nats.prefix(), "").await;
    // An event that no batch holds: somebody wrote it past the log.
    sqlx::query(
        "insert into log.event select partition, tenant, 1, 1, gen_random_uuid(),
                gen_random_uuid(), now(), now(), 'ticket', 'x', '', '' from log.tenant limit 1",
    )
    .execute(world.db.pool())
    .await
    .unwrap();
    // Nor is there a mail server where doctor looks for one.
    let away = ("ODZEW_NOTIFICATION__EMAIL__PORT", "1");
    for verb in ["verify", "doctor"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = world.command(&[verb]);
        let output = command.env(away.0, away.1).stdout(writer).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{verb}: {text}");
    }
}

#[test]
fn what_needs_no_settings_works_with_broken_ones() {
    let folder = tempfile::tempdir().unwrap();
    let (settings, regime) = (folder.path().join("odzew.toml"), folder.path().join("regime.toml"));
    std::fs::write(&settings, "[grpc\n").unwrap();
    std::fs::write(&regime, b"kind = \"regime\"\ncode = \"\xff\"\n").unwrap();
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_odzew"));
        let output = command.arg("--config").arg(&settings).args(arguments).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code(), text)
    };
    for arguments in [["config", "--defaults"], ["config", "--reference"], ["completions", "bash"]]
    {
        let (code, text) = run(&arguments);
        assert!(code == Some(0) && !text.is_empty(), "{arguments:?}: {text}");
    }
    assert_eq!(run(&["config"]).0, Some(64));
    let preset = concat!(env!("CARGO_MANIFEST_DIR"), "/presets/calendars/ALWAYS.toml");
    assert_eq!(run(&["policy", "validate", preset]), (Some(0), "1 file is sound\n".to_owned()));
    // The others are checked all the same.
    let (code, text) = run(&["policy", "validate", regime.to_str().unwrap(), "Cargo.toml"]);
    assert!(code == Some(65) && text.contains("regime.toml:2:9: is not UTF-8 text"), "{text}");
    assert!(text.contains("Cargo.toml:"), "{text}");
}

async fn registered(world: &World, subject: &str) -> v1::RegisterTicketResponse {
    let request = v1::RegisterTicketRequest {
        request_id: Uuid::now_v7().to_string(),
        r#type: v1::TicketType::Incident.into(),
        channel: Channel::Portal.into(),
        subject: subject.to_owned(),
        body: "No power.".to_owned(),
        requester: Some(v1::Requester {
            name: "Anna".to_owned(),
            email: "anna@example.org".to_owned(),
            party_id: String::new(),
        }),
        ..Default::default()
    };
    let mut intake = world.clients("portal", Role::Integrator).intake;
    intake.register_ticket(request).await.unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_takes_its_last_calls_answers_by_what_is_new() {
    let nats = Nats::shared().await;
    let settings = "[grpc]\ndrain_delay = \"8s\"\n";
    let mut world = World::with(nats.url(), nats.prefix(), settings).await;
    world.start(&["intake", "desk"]).await;
    world.signal("desk", "TERM");
    eventually(|| async { world.http("desk", "/readyz").await.contains("shutting down") }).await;
    let v1::RegisterTicketResponse { ticket, consistency_token, .. } =
        registered(&world, "Late").await;
    let key = Some(Key::TicketId(ticket.unwrap().ticket_id));
    let request = GetTicketSummaryRequest { key, consistency_token };
    let mut desk = world.clients("operator", Role::Lead).desk;
    desk.get_ticket_summary(request).await.unwrap();
    assert!(world.ended("desk").await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_has_as_many_lines_as_are_asked_for() {
    let nats = Nats::shared().await;
    let mut world = World::with(nats.url(), nats.prefix(), "").await;
    world.start(&["intake", "desk"]).await;
    for place in 0..3 {
        registered(&world, &format!("Listed {place}")).await;
    }
    let list = |limit: &str| world.odzew(&["ticket", "list", "--tenant", "acme", "--limit", limit]);
    eventually(|| async {
        let all = list("100000");
        if all.matches("Listed").count() == 3 { Ok(()) } else { Err(all) }
    })
    .await;
    let two = list("2");
    assert!(two.matches("Listed").count() == 2 && two.contains("raise --limit"), "{two}");
    assert!(!list("3").contains("raise --limit"));
    let refused = world.command(&["ticket", "list", "--tenant", "acme", "--limit", "-5"]).output();
    let text = String::from_utf8_lossy(&refused.unwrap().stderr).into_owned();
    assert!(text.contains("--limit") && text.contains("1..=100000"), "{text}");
}

#[test]
fn made_up_time_is_never_told_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("now");
    let serve = |http: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_odzew"));
        command.args(["serve", "relay"]).env("ODZEW_LISTEN__HTTP", http);
        let output = command.env("ODZEW_CLOCK__FILE", &file).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, text) = serve("127.0.0.1:7701");
    assert!(code == Some(64) && text.contains("cannot read clock.file"), "{text}");
    std::fs::write(&file, "2026-06-09T00:00:00Z").unwrap();
    let (code, text) = serve("0.0.0.0:7701");
    assert!(code == Some(64) && text.contains("clock.file is for tests and training"), "{text}");
}
