//! Taking over another system's tickets: killed in the middle, repeated, interrupted.
use std::path::{Path, PathBuf};

use chassis::rpc::Role;
use testkit::{Nats, Process, eventually};
use wire::desk::v1::{GetTimelineRequest, ListTicketsRequest};
use wire::routing::v1::GetDirectoryRequest;

use crate::invariants;
use crate::world::{TENANT, World};

const ROLES: [&str; 4] = ["intake", "routing", "desk", "relay"];
const INCIDENTS: usize = 60;

const HEADER: &str = "number,incident_state,reassignment_count,reopen_count,sys_mod_count,\
    caller_id,opened_at,sys_updated_by,sys_updated_at,contact_type,category,impact,urgency,\
    priority,assignment_group,assigned_to,closed_code\n";

/// Incidents that are held, moved to another group, reopened, and closed.
fn export(folder: &Path) -> PathBuf {
    let mut text = HEADER.to_owned();
    for number in 0..INCIDENTS {
        let updates = [
            ("New", 0, 0, "2/3/2016 08:00", "70", "?"),
            ("Awaiting User Info", 0, 0, "2/3/2016 09:00", "70", "13"),
            ("Active", 1, 0, "2/3/2016 10:00", "71", "14"),
            ("Resolved", 1, 0, "2/3/2016 11:00", "71", "14"),
            ("Active", 1, 1, "3/3/2016 08:00", "71", "14"),
            ("Resolved", 1, 1, "3/3/2016 09:00", "71", "14"),
            ("Closed", 1, 1, "8/3/2016 10:00", "71", "14"),
        ];
        for (count, (state, moves, reopens, at, group, agent)) in updates.into_iter().enumerate() {
            text += &format!(
                "{number:07},{state},{moves},{reopens},{count},99,2/3/2016 07:55,9,{at},Phone,5,\
                 2,1,2,{group},{agent},6\n"
            );
        }
    }
    let file = folder.join("incidents.csv");
    std::fs::write(&file, text).unwrap();
    file
}

struct Import {
    world: World,
    folder: tempfile::TempDir,
    file: PathBuf,
    _nats: Nats,
}

impl Import {
    async fn new() -> Self {
        let nats = Nats::shared().await;
        let mut world = World::new(nats.url(), nats.prefix()).await;
        world.start(&ROLES).await;
        let folder = tempfile::tempdir().unwrap();
        let file = export(folder.path());
        Self { world, folder, file, _nats: nats }
    }

    fn arguments(&self) -> [&str; 7] {
        let file = self.file.to_str().unwrap();
        ["import", "servicenow", file, "--tenant", TENANT, "--concurrency", "1"]
    }

    /// Starts the import and waits until some tickets, but not all, are there.
    async fn half_way(&self) -> Process {
        let command = self.world.command(&self.arguments());
        let process = Process::spawn(command, &self.folder.path().join("import.log"));
        eventually(|| async {
            let tickets = self.tickets().await;
            if tickets > 3 { Ok(()) } else { Err(format!("{tickets}; {}", process.output())) }
        })
        .await;
        process
    }

    async fn tickets(&self) -> usize {
        let log = invariants::open_log(&self.world).await;
        let events = invariants::all_events(&log).await;
        events.iter().filter(|event| event.event_type.ends_with(".TicketRegistered")).count()
    }

    async fn events(&self) -> usize {
        let log = invariants::open_log(&self.world).await;
        invariants::all_events(&log).await.len()
    }

    /// Every line of the table agrees, and the tickets are what the file says.
    async fn all_there(&self, report: &str) {
        assert!(!report.contains("differs"), "{report}");
        let mut desk = self.world.clients("duty-lead", Role::Lead).desk;
        let page = ListTicketsRequest { page_size: 500, ..Default::default() };
        let tickets = desk.list_tickets(page).await.unwrap().into_inner().tickets;
        assert_eq!(tickets.len(), INCIDENTS);
        for ticket in &tickets {
            assert_eq!((ticket.reopen_count, ticket.reassignment_count), (1, 1), "{ticket:?}");
        }
        let timeline = GetTimelineRequest {
            ticket_id: tickets[0].ticket_id.clone(),
            page_size: 1_000,
            ..Default::default()
        };
        let entries = desk.get_timeline(timeline).await.unwrap().into_inner().entries;
        let closed = entries.iter().find(|entry| entry.event_type.ends_with(".TicketClosed"));
        let closed = closed.and_then(|entry| entry.occurred_at).unwrap();
        assert_eq!(closed.seconds, 1_457_431_200, "closed when the file says");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_import_goes_on_and_a_second_one_changes_nothing() {
    let import = Import::new().await;
    let mut process = import.half_way().await;
    process.kill();
    let before = import.tickets().await;
    assert!(before < INCIDENTS, "killed in the middle");

    let report = import.world.odzew(&import.arguments());
    import.all_there(&report).await;
    let events = import.events().await;

    let report = import.world.odzew(&import.arguments());
    let said = format!("{INCIDENTS} incidents taken over, {INCIDENTS} of them before, 0 refused");
    assert!(report.contains(&said), "{report}");
    assert_eq!(import.events().await, events, "nothing was added");
    import.all_there(&report).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_waits_for_a_service_that_comes_back() {
    let mut import = Import::new().await;
    let process = import.half_way().await;
    import.world.kill("intake");
    import.world.start(&["intake"]).await;
    eventually(|| async {
        let output = process.output();
        if output.contains("incidents taken over") { Ok(()) } else { Err(output) }
    })
    .await;
    let report = import.world.odzew(&import.arguments());
    import.all_there(&report).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn imports_at_the_same_time_leave_every_agent_in_the_teams_of_both() {
    let import = Import::new().await;
    let (groups, agents) = (["80", "81"], 12);
    let processes = groups.map(|group| {
        let mut text = HEADER.to_owned();
        for agent in 0..agents {
            text += &format!(
                "{group}-{agent},New,0,0,0,99,2/3/2016 07:55,9,2/3/2016 08:00,Phone,5,2,1,2,\
                 {group},{agent},6\n"
            );
        }
        let file = import.folder.path().join(format!("{group}.csv"));
        std::fs::write(&file, text).unwrap();
        let arguments = ["import", "servicenow", file.to_str().unwrap(), "--tenant", TENANT];
        let command = import.world.command(&arguments);
        Process::spawn(command, &file.with_extension("log"))
    });
    for mut process in processes {
        let ended = eventually(|| {
            let status = process.exit_status();
            async move { status }
        });
        assert!(ended.await.success(), "{}", process.output());
    }
    let mut directory = import.world.clients("admin", Role::Admin).directory;
    let present =
        directory.get_directory(GetDirectoryRequest::default()).await.unwrap().into_inner();
    assert_eq!(present.agents.len(), agents);
    for agent in present.agents {
        let mut teams = agent.team_ids.clone();
        teams.sort();
        assert_eq!(teams, ["sn-group-80", "sn-group-81"], "{}", agent.agent_id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_writes_nothing() {
    let import = Import::new().await;
    let mut arguments = import.arguments().to_vec();
    arguments.push("--dry-run");
    let report = import.world.odzew(&arguments);
    assert!(report.contains("Nothing was written"), "{report}");
    assert_eq!(import.events().await, 0);
}
