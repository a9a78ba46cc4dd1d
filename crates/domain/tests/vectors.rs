//! Clock arithmetic against tables: our own small ones, and the large shared ones
//! where they are at hand.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "vectors/complaint.rs"]
mod complaint;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use domain::aggregate::Aggregate;
use domain::calendar::{
    Calendar, Calendars, Draft, HolidaySet, Period, PreparedCalendar, StatutoryRule, preset,
    presets, zone,
};
use domain::clock::{
    ClockKind, Clocks, Command, Event, Fact, HoldKind, Observation, Outcome, ReopenTrigger, State,
    Terms, TicketFacts,
};
use domain::ids::{HoldId, TicketId};
use domain::policy::{self, Entitlement, Policies, Policy, Rule};
use domain::priority::{Channel, Priority, TicketType};
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

/// A row: what to do, and its fields by name.
type Row = BTreeMap<String, String>;

#[test]
fn our_own_clock_cases_hold() {
    let rows = include_str!("vectors/clocks.txt").lines().filter(|l| !l.starts_with('#'));
    let mut count = 0;
    for line in rows {
        let mut words = line.split(' ');
        let op = words.next().unwrap();
        let names = match op {
            "add" => "id calendar start seconds expect",
            "pause" => "id calendar start seconds pause resume expect",
            "retarget" => {
                "id calendar start seconds at new_calendar new_seconds min_remaining expect"
            }
            _ => "id received n unit unrolled last_day safe_day due_at",
        };
        let mut row: Row =
            names.split(' ').map(str::to_owned).zip(words.map(str::to_owned)).collect();
        row.insert("op".to_owned(), op.to_owned());
        check(&row);
        count += 1;
    }
    assert_eq!(count, 40);
}

#[test]
fn shared_clock_cases_hold() {
    let Some(text) = shared("clocks.json") else { return };
    let rows: Vec<Row> =
        text.split('}').filter_map(|part| part.split_once('{')).map(flat).collect();
    assert_eq!(rows.len(), 40);
    rows.iter().for_each(check);
}

#[test]
fn our_own_business_time_holds() {
    let lines = include_str!("vectors/business_time.csv").lines();
    assert_eq!(check_business_time(lines.filter(|l| !l.starts_with('#'))), 96);
}

#[test]
fn shared_business_time_holds() {
    let Some(text) = shared("business_time_pl.csv") else { return };
    assert_eq!(check_business_time(text.lines().skip(1)), 2400);
}

#[test]
fn our_own_holidays_hold() {
    let expected: Vec<Date> = include_str!("vectors/holidays.txt")
        .lines()
        .filter(|l| !l.starts_with('#'))
        .map(|l| l.parse().unwrap())
        .collect();
    let set = HolidaySet::polish();
    let computed: Vec<Date> = [2018, 2025, 2026].iter().flat_map(|y| set.in_year(*y)).collect();
    assert_eq!(computed, expected);
}

#[test]
fn shared_holidays_hold() {
    let Some(text) = shared("holidays_pl.csv") else { return };
    let mut expected: Vec<Date> =
        text.lines().skip(1).map(|l| l.split(',').next().unwrap().parse().unwrap()).collect();
    expected.sort_unstable();
    let set = HolidaySet::polish();
    let computed: Vec<Date> = (2015..=2035).flat_map(|year| set.in_year(year)).collect();
    assert_eq!(computed, expected);
}

/// A file of the shared tables, if they are at hand.
#[allow(clippy::disallowed_methods)]
fn shared(name: &str) -> Option<String> {
    let near = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors");
    let folder = std::env::var_os("ODZEW_VECTORS_DIR").map_or_else(near, PathBuf::from);
    let path = folder.join(name);
    if !path.exists() {
        println!("SKIPPED: {} is not there; set ODZEW_VECTORS_DIR", path.display());
        return None;
    }
    Some(std::fs::read_to_string(path).unwrap())
}

/// The fields of a flat JSON object without commas in its strings.
fn flat((_, body): (&str, &str)) -> Row {
    body.split(',')
        .map(|pair| {
            let (name, value) = pair.split_once(':').unwrap();
            let strip = |s: &str| s.trim().trim_matches('"').to_owned();
            (strip(name), strip(value))
        })
        .collect()
}

fn check(row: &Row) {
    let id = &row["id"];
    match row["op"].as_str() {
        "statutory" => check_statutory(row),
        "add" => {
            let (start, amount) = (at(row, "start"), seconds(row, "seconds"));
            let due = at(row, "expect");
            // Within the prepared years, at their edge and beyond them.
            for years in [2020..=2030, 2026..=2026, 2001..=2002, 2040..=2041] {
                let calendar = PreparedCalendar::new(calendar(&row["calendar"]), years);
                assert_eq!(calendar.add(start, amount), Ok(due), "{id}");
                assert_eq!(calendar.elapsed(start, due), amount, "{id}");
            }
        }
        "pause" => {
            assert_eq!(paused_and_resumed(row), at(row, "expect"), "{id}");
            assert_eq!(resolved_and_reopened(row), at(row, "expect"), "{id}");
        }
        "retarget" => check_retarget(row),
        other => panic!("unknown case {other}"),
    }
}

fn check_statutory(row: &Row) {
    let n = row["n"].parse().unwrap();
    let period = match row["unit"].as_str() {
        "CALENDAR_DAYS" => Period::CalendarDays(n),
        "BUSINESS_DAYS" => Period::BusinessDays(n),
        "MONTHS" => Period::Months(n),
        other => panic!("unknown unit {other}"),
    };
    let rule = StatutoryRule::new(zone("Europe/Warsaw").unwrap(), HolidaySet::polish());
    let due = rule.due(at(row, "received"), period).unwrap();
    let found = (due.unrolled, due.last_day, due.safe_day, due.due_at);
    let day = |name: &str| row[name].parse::<Date>().unwrap();
    let expected = (day("unrolled"), day("last_day"), day("safe_day"), at(row, "due_at"));
    assert_eq!(found, expected, "{}", row["id"]);
    complaint::check(row, period, &due);
}

/// When the resolution clock is due after a hold for the customer.
fn paused_and_resumed(row: &Row) -> Timestamp {
    let hold_id = HoldId(Uuid::from_u128(1));
    let mut ticket = Ticket::registered(row);
    ticket.observe(
        at(row, "pause"),
        Fact::Held { hold_id, kind: HoldKind::Customer, expected_by: None },
    );
    assert_eq!(ticket.resolution().due_at, None);
    ticket.observe(at(row, "resume"), Fact::Unheld { hold_id });
    ticket.resolution().due_at.unwrap()
}

/// When the resolution clock is due after a solution that was none.
fn resolved_and_reopened(row: &Row) -> Timestamp {
    let mut ticket = Ticket::registered(row);
    ticket.observe(at(row, "pause"), Fact::Resolved);
    ticket.observe(at(row, "resume"), Fact::Reopened { trigger: ReopenTrigger::Unsolved });
    assert_eq!(ticket.resolution().first_outcome, Some(Outcome::Met));
    ticket.resolution().due_at.unwrap()
}

fn check_retarget(row: &Row) {
    let (id, changed_at, due) = (&row["id"], at(row, "at"), at(row, "expect"));
    let mut ticket = Ticket::registered(row);
    let events = ticket
        .observe(changed_at, Fact::PriorityChanged { priority: Priority::P1, mitigated: false });
    assert_eq!(ticket.resolution().due_at, Some(due), "{id}");
    let breached_at_once = events.iter().any(|e| matches!(e, Event::Breached { .. }));
    assert_eq!(breached_at_once, due == changed_at, "{id}");
}

/// A P3 ticket whose policy promises what a case says.
struct Ticket {
    state: State,
    terms: Terms,
}

impl Ticket {
    fn registered(row: &Row) -> Self {
        let promise = |priority, kind, target, calendar: &str| Rule {
            priority,
            kind,
            channels: Vec::new(),
            target,
            calendar: calendar.to_owned(),
        };
        let hour = Duration::from_secs(3600);
        let new_calendar = row.get("new_calendar").unwrap_or(&row["calendar"]);
        let new_target = row.get("new_seconds").map_or(hour, |_| seconds(row, "new_seconds"));
        let mut rules = Vec::new();
        for priority in Priority::ALL {
            for kind in [ClockKind::FirstReply, ClockKind::NextReply] {
                rules.push(promise(priority, kind, hour, "ALWAYS"));
            }
            let (target, calendar) = match priority {
                Priority::P1 => (new_target, new_calendar),
                _ => (seconds(row, "seconds"), &row["calendar"]),
            };
            rules.push(promise(priority, ClockKind::Resolution, target, calendar));
        }
        let minimum =
            row.get("min_remaining").map_or(Duration::ZERO, |_| seconds(row, "min_remaining"));
        let policy = Policy::new(policy::Draft {
            id: "CASE".to_owned(),
            version: 1,
            rules,
            warn_percents: vec![50, 75, 90],
            retarget_min_remaining: [minimum; 4],
            ..policy::Draft::default()
        });
        let calendars: Calendars = presets()
            .into_iter()
            .map(|calendar| Arc::new(PreparedCalendar::new(calendar, 2025..=2027)))
            .collect();
        let policies = Arc::new(Policies::new(Arc::new(policy.unwrap())));
        let terms = Terms { policies, calendars: Arc::new(calendars), regimes: Arc::default() };
        let mut ticket = Self { state: State::default(), terms };
        let received_at = at(row, "start");
        ticket.observe(
            received_at,
            Fact::TicketRegistered(TicketFacts {
                ticket_id: TicketId(Uuid::from_u128(7)),
                received_at,
                channel: Channel::Email,
                has_requester: true,
                awaits_reply: true,
                priority: Some(Priority::P3),
                entitlement: Entitlement::of_type(TicketType::Inquiry),
                solved_at: None,
                extension: None,
            }),
        );
        ticket
    }

    fn observe(&mut self, at: Timestamp, fact: Fact) -> Vec<Event> {
        let terms = self.terms.clone();
        let event_id = Uuid::from_u128(9);
        let command =
            Command::Observe(Observation { event_id, at, historical: false, terms, fact });
        let events = Clocks::decide(&self.state, &command).unwrap();
        self.state = events.iter().fold(std::mem::take(&mut self.state), Clocks::evolve);
        events
    }

    fn resolution(&self) -> &domain::clock::Clock {
        self.state.latest(ClockKind::Resolution).unwrap()
    }
}

fn check_business_time<'a>(lines: impl Iterator<Item = &'a str>) -> usize {
    let prepared: BTreeMap<&str, PreparedCalendar> = ["A", "B", "C", "D"]
        .into_iter()
        .map(|name| (name, PreparedCalendar::new(calendar(name), 2016..=2030)))
        .collect();
    let mut count = 0;
    for line in lines {
        let field: Vec<&str> = line.split(',').collect();
        let calendar = &prepared[&field[0][..1]];
        let (start, end) = (field[1].parse().unwrap(), field[2].parse().unwrap());
        let amount = |n: usize| Duration::from_secs(field[n].parse().unwrap());
        assert_eq!(calendar.elapsed(start, end), amount(3), "{line}");
        assert_eq!(calendar.add(start, amount(4)), Ok(field[5].parse().unwrap()), "{line}");
        count += 1;
    }
    count
}

/// A preset, or one of the calendars of the tables.
fn calendar(id: &str) -> Calendar {
    if let Some(calendar) = preset(id) {
        return calendar;
    }
    let mut draft = Draft {
        id: id.to_owned(),
        version: 1,
        zone: "Europe/Warsaw".to_owned(),
        holidays: Some(HolidaySet::polish()),
        ..Draft::default()
    };
    match id {
        "NY_BH_0917" => {
            draft.zone = "America/New_York".to_owned();
            draft.holidays = None;
            draft.week[..5].fill(vec![(540, 1020)]);
        }
        "A" => draft.week[..5].fill(vec![(480, 960)]),
        "B" => {
            draft.week[..5].fill(vec![(540, 780), (840, 1080)]);
            draft.week[5] = vec![(600, 840)];
        }
        "C" => {
            draft.holidays = None;
            draft.week[..5].fill(vec![(1320, 1800)]);
        }
        _ => {
            draft.holidays = None;
            draft.always = true;
        }
    }
    Calendar::new(draft).unwrap()
}

fn at(row: &Row, name: &str) -> Timestamp {
    row[name].parse().unwrap()
}

fn seconds(row: &Row, name: &str) -> Duration {
    Duration::from_secs(row[name].parse().unwrap())
}
