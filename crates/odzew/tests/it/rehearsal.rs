//! A world whose time the test moves: real processes that live through hours in seconds, and the
//! timeline of what they did, as people in Warsaw read it.
use std::path::PathBuf;

use chassis::rpc::Role;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use testkit::{Nats, eventually};
use wire::desk::v1::{GetTimelineRequest, TimelineEntry};
use wire::scalar::{instant, timestamp};
use wire::sla::v1::{Clock, ClockKind, GetClocksRequest};

use crate::invariants;
use crate::world::{ROLES, World};

/// An instant as people in Warsaw write it, for example `2026-06-09 02:12`.
pub(crate) fn warsaw(local: &str) -> Timestamp {
    let local: DateTime = local.parse().unwrap();
    local.to_zoned(zone()).unwrap().timestamp()
}

/// The same for a message.
pub(crate) fn proto(local: &str) -> Option<prost_types::Timestamp> {
    Some(timestamp(warsaw(local)))
}

fn zone() -> TimeZone {
    TimeZone::get("Europe/Warsaw").unwrap()
}

fn local(at: Option<&prost_types::Timestamp>) -> Zoned {
    instant(at, "at").unwrap().to_zoned(zone())
}

/// One line of a timeline.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// What the test calls the ticket.
    pub(crate) ticket: &'static str,
    /// Day, time and zone in Warsaw, to the second.
    pub(crate) at: String,
    position: u64,
    pub(crate) event: String,
    pub(crate) summary: String,
}

pub(crate) struct Rehearsal {
    pub(crate) world: World,
    time: PathBuf,
    _folder: tempfile::TempDir,
}

impl Rehearsal {
    /// All roles, each a process, at an instant in Warsaw.
    pub(crate) async fn at(nats: &Nats, instant: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let time = folder.path().join("now");
        std::fs::write(&time, warsaw(instant).to_string()).unwrap();
        let settings = format!("[clock]\nfile = {:?}\n", time.display().to_string());
        let mut world = World::with(nats.url(), nats.prefix(), &settings).await;
        world.start(&ROLES).await;
        Self { world, time, _folder: folder }
    }

    /// Lives through every instant at which something is due, one after the other, until an
    /// instant in Warsaw; waits each time until it has had its effects.
    pub(crate) async fn move_to(&self, instant: &str) {
        let until = warsaw(instant);
        self.settled().await;
        while let Some(next) = self.next_due().await.filter(|next| *next < until) {
            self.set(next);
            self.settled().await;
        }
        self.set(until);
        self.settled().await;
    }

    fn set(&self, instant: Timestamp) {
        let next = self.time.with_extension("next");
        std::fs::write(&next, instant.to_string()).unwrap();
        std::fs::rename(&next, &self.time).unwrap();
    }

    async fn next_due(&self) -> Option<Timestamp> {
        let sql = "select least((select min(wake_at) from sla.timers),
                                (select min(proof_due_at) from notification.notices))";
        let next: Option<jiff_sqlx::Timestamp> =
            sqlx::query_scalar(sql).fetch_one(self.world.db.pool()).await.unwrap();
        next.map(|next| next.to_jiff())
    }

    /// Waits until nothing is under way and nothing is due any more.
    pub(crate) async fn settled(&self) {
        loop {
            eventually(|| async {
                match self.due().await {
                    0 => Ok(()),
                    due => Err(format!("{due} rows are due")),
                }
            })
            .await;
            invariants::quiet(&self.world).await;
            // What was on its way may have made something due.
            if self.due().await == 0 {
                return;
            }
        }
    }

    async fn due(&self) -> i64 {
        let now: Timestamp = std::fs::read_to_string(&self.time).unwrap().parse().unwrap();
        let sql = "select (select count(*) from sla.timers where wake_at <= $1::timestamptz)
                        + (select count(*) from notification.notices
                            where proof_due_at <= $1::timestamptz)";
        let count = sqlx::query_scalar(sql).bind(now.to_string());
        count.fetch_one(self.world.db.pool()).await.unwrap()
    }

    /// What happened to tickets, in the order of the log, also printed.
    pub(crate) async fn timeline(&self, tickets: &[(&'static str, &str)]) -> Vec<Line> {
        let mut lines = Vec::new();
        for (ticket, ticket_id) in tickets {
            let entries = self.entries(ticket_id).await;
            lines.extend(entries.into_iter().map(|entry| line(ticket, &entry)));
        }
        lines.sort_by_key(|line| line.position);
        #[expect(clippy::print_stdout, reason = "what `--nocapture` is for")]
        for Line { at, ticket, event, summary, .. } in &lines {
            println!("{at}  {ticket}  {event:<24} {summary}");
        }
        lines
    }

    async fn entries(&self, ticket_id: &str) -> Vec<TimelineEntry> {
        let mut desk = self.world.clients("auditor", Role::Auditor).desk;
        let (mut entries, mut page_token) = (Vec::new(), String::new());
        loop {
            let ticket_id = ticket_id.to_owned();
            let request = GetTimelineRequest { ticket_id, page_token, ..Default::default() };
            let page = desk.get_timeline(request).await.unwrap().into_inner();
            entries.extend(page.entries);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return entries;
            }
        }
    }

    /// The clock of a kind, of its latest round.
    pub(crate) async fn clock(&self, ticket_id: &str, kind: ClockKind) -> Option<Clock> {
        let mut sla = self.world.clients("auditor", Role::Auditor).sla;
        let request = GetClocksRequest { ticket_id: ticket_id.to_owned() };
        let clocks = sla.get_clocks(request).await.unwrap().into_inner().clocks;
        clocks.into_iter().filter(|clock| clock.kind() == kind).max_by_key(|clock| clock.cycle)
    }

    /// Until when the clock of a kind is on time, in Warsaw.
    pub(crate) async fn due_at(&self, ticket_id: &str, kind: ClockKind) -> String {
        let clock = self.clock(ticket_id, kind).await;
        let clock = clock.unwrap_or_else(|| panic!("the ticket has a clock {kind:?}"));
        written(&local(clock.due_at.as_ref()))
    }
}

fn line(ticket: &'static str, entry: &TimelineEntry) -> Line {
    Line {
        ticket,
        at: written(&local(entry.occurred_at.as_ref())),
        position: entry.position,
        event: entry.event_type.rsplit('.').next().unwrap().to_owned(),
        summary: entry.summary.clone(),
    }
}

fn written(at: &Zoned) -> String {
    at.strftime("%a %Y-%m-%d %H:%M:%S %Z").to_string()
}

/// The line with an event of a ticket whose summary holds `part`; there is exactly one with it at
/// that time of the day (`HH:MM:SS`).
pub(crate) fn happened(lines: &[Line], time: &str, ticket: &str, event: &str, part: &str) {
    let found = lines.iter().filter(|line| {
        line.ticket == ticket
            && line.event == event
            && line.summary.contains(part)
            && line.at.contains(time)
    });
    let count = found.count();
    let others: Vec<_> = lines
        .iter()
        .filter(|line| line.ticket == ticket && line.event == event)
        .map(|line| format!("{} {}", line.at, line.summary))
        .collect();
    assert_eq!(count, 1, "{time} {ticket} {event} {part:?}, of {others:#?}");
}
