//! What may be published, one behaviour per test.
use std::time::Duration;

use super::*;
use crate::policy::{Entitlement, Reopen, Scope};
use crate::priority::TicketType;
use crate::regime::sample;
use crate::spec::{Given, given};

const HASH: [u8; 32] = [7; 32];

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn policy(id: &str, calendar: &str) -> policy::Draft {
    let mut rules = Policy::pl_standard().rules().to_vec();
    rules[4].calendar = calendar.to_owned();
    policy::Draft { id: id.into(), rules, reopen: Reopen::Restart, ..policy::Draft::default() }
}

fn publish(draft: policy::Draft, from: &str) -> Command {
    Command::PublishPolicy { draft, effective_from: at(from), sha256: HASH }
}

fn always(id: &str, from: &str) -> Command {
    let draft =
        calendar::Draft { id: id.into(), zone: "UTC".into(), always: true, ..Default::default() };
    Command::PublishCalendar { draft, effective_from: at(from), sha256: HASH }
}

fn nothing() -> Given<SlaConfig> {
    given::<SlaConfig>([])
}

fn versions(state: &State) -> Vec<(String, u32)> {
    let policies = state.policies.iter().map(|p| (p.policy.id().to_owned(), p.policy.version()));
    let calendars = state.calendars.iter().map(|p| p.calendar.reference());
    policies.chain(calendars.map(|r| (r.id.clone(), r.version))).collect()
}

#[test]
fn versions_count_by_name_and_after_what_comes_with_the_product() {
    let from = "2026-06-01T00:00:00Z";
    let state = nothing()
        .and(publish(policy("HOUSE", "ALWAYS"), from))
        .and(publish(policy("PL_STANDARD", "ALWAYS"), from))
        .and(publish(policy("HOUSE", "ALWAYS"), from))
        .and(always("NIGHT", from))
        .when(always("ALWAYS", from))
        .into_state();
    let expected = [("HOUSE", 1), ("PL_STANDARD", 2), ("HOUSE", 2), ("NIGHT", 1), ("ALWAYS", 2)];
    assert_eq!(versions(&state), expected.map(|(id, version)| (id.to_owned(), version)));
}

#[test]
fn the_version_with_the_latest_beginning_applies() {
    let state = nothing()
        .and(publish(policy("LATE", "ALWAYS"), "2026-07-01T00:00:00Z"))
        .and(publish(policy("EARLY", "ALWAYS"), "2026-06-01T00:00:00Z"))
        .when(always("ALWAYS", "2026-06-01T00:00:00Z"))
        .into_state();
    let policies = state.policies();
    let applies = |time: &str| policies.of_everybody(at(time)).id().to_owned();
    assert_eq!(applies("2026-05-31T23:59:59.999Z"), "PL_STANDARD");
    assert_eq!(applies("2026-06-01T00:00:00Z"), "EARLY");
    assert_eq!(applies("2026-07-01T00:00:00Z"), "LATE");
    let always = |time: &str| {
        let calendars = state.calendars_at(at(time));
        assert_eq!(calendars.len(), 5);
        calendars.iter().find(|c| c.reference().id == "ALWAYS").unwrap().reference().version
    };
    assert_eq!((always("2026-05-31T00:00:00Z"), always("2026-06-02T00:00:00Z")), (1, 2));
}

#[test]
fn a_policy_names_calendars_that_apply_when_it_begins_to() {
    let from = "2026-06-01T00:00:00Z";
    let refused = || Rejection::UnknownCalendar { rule: 4, name: "NIGHT".into() };
    let draft = policy("HOUSE", "NIGHT");
    nothing().when(publish(draft.clone(), from)).then_rejected(refused());
    let later = nothing().and(always("NIGHT", "2026-06-02T00:00:00Z"));
    later.when(publish(draft.clone(), from)).then_rejected(refused());
    let there = nothing().and(always("NIGHT", from));
    assert_eq!(there.when(publish(draft, from)).into_events().len(), 1);
}

#[test]
fn what_is_no_policy_or_calendar_is_refused() {
    let from = "2026-06-01T00:00:00Z";
    let mut draft = policy("HOUSE", "ALWAYS");
    draft.rules[2].target = Duration::from_secs(4 * 3600 + 1);
    let priority = draft.rules[2].priority;
    let long = Rejection::Policy(PolicyError::FirstReplyTooLong(priority));
    nothing().when(publish(draft, from)).then_rejected(long);
    let draft = calendar::Draft { id: "EMPTY".into(), zone: "UTC".into(), ..Default::default() };
    let command = Command::PublishCalendar { draft, effective_from: at(from), sha256: HASH };
    nothing().when(command).then_rejected(Rejection::Calendar(CalendarError::EmptyWeek));
}

#[test]
fn a_calendar_is_made_of_its_own_draft_again() {
    for calendar in presets() {
        assert_eq!(Calendar::new(calendar.draft()).as_ref(), Ok(&calendar));
    }
}

#[test]
fn what_is_left_when_no_other_policy_is_for_a_ticket_is_for_everybody() {
    let scope = Scope::Segments(vec!["gold".into()]);
    let from = "2026-06-01T00:00:00Z";
    let standard = policy::Draft { scope: scope.clone(), ..policy("PL_STANDARD", "ALWAYS") };
    nothing().when(publish(standard, from)).then_rejected(Rejection::StandardForSome);
    let gold = policy::Draft { scope, ..policy("GOLD", "ALWAYS") };
    let state = nothing().when(publish(gold, from)).into_state();
    let policies = state.policies();
    let of = |segment: &str| {
        let ticket =
            Entitlement { segment: segment.into(), ..Entitlement::of_type(TicketType::Inquiry) };
        policies.of(&ticket, at(from)).id().to_owned()
    };
    assert_eq!((of("gold"), of("silver")), ("GOLD".into(), "PL_STANDARD".into()));
}

fn law(draft: regime::Draft) -> Command {
    Command::PublishRegime { draft: Box::new(draft), sha256: HASH }
}

#[test]
fn regimes_are_published_in_versions_and_none_comes_with_the_product() {
    assert!(nothing().when(law(sample::consumer())).into_state().policies.is_empty());
    let changed = regime::Draft { roll_forward: false, ..sample::consumer() };
    let state = nothing()
        .and(law(sample::consumer()))
        .and(law(sample::financial()))
        .when(law(changed))
        .into_state();
    let published: Vec<_> =
        state.regimes.iter().map(|p| (p.regime.code(), p.regime.version())).collect();
    assert_eq!(
        published,
        [("PL_CONSUMER_GENERAL", 1), ("PL_FINANCIAL", 1), ("PL_CONSUMER_GENERAL", 2)]
    );
    let regimes = state.regimes();
    let in_force = regimes.in_force(at("2026-06-01T00:00:00Z"));
    assert_eq!(in_force["PL_CONSUMER_GENERAL"].version(), 2);
}

#[test]
fn what_is_no_regime_is_refused_with_everything_that_is_wrong() {
    let draft = regime::Draft { title: String::new(), sources: Vec::new(), ..sample::consumer() };
    let problems = Regime::new(draft.clone()).unwrap_err();
    assert_eq!(problems.len(), 2);
    nothing().when(law(draft)).then_rejected(Rejection::Regime(problems));
}

/// Open for an hour every Monday.
fn rare(id: &str, from: &str) -> Command {
    let mut week: [Vec<_>; 7] = Default::default();
    week[0] = vec![(480, 540)];
    let draft =
        calendar::Draft { id: id.into(), zone: "UTC".into(), week, ..calendar::Draft::default() };
    Command::PublishCalendar { draft, effective_from: at(from), sha256: HASH }
}

/// With a target of that many hours on the calendar.
fn taking(hours: u64, calendar: &str) -> policy::Draft {
    let mut draft = policy("HOUSE", calendar);
    draft.rules[4].target = Duration::from_secs(hours * 3600);
    draft
}

#[test]
fn what_is_promised_is_reached_within_five_years() {
    let from = "2026-06-01T00:00:00Z";
    let known = || nothing().and(rare("RARE", from));
    let refused = |part| Rejection::TooLong { part, calendar: "RARE".into() };
    assert_eq!(known().when(publish(taking(260, "RARE"), from)).into_events().len(), 1);
    let long = publish(taking(262, "RARE"), from);
    known().when(long).then_rejected(refused(Part::Rule(4)));
    let mut draft = taking(1, "RARE");
    draft.automations = Policy::pl_standard().automations().to_vec();
    draft.automations[2].calendar = "RARE".into();
    draft.automations[2].after = Duration::from_secs(262 * 3600);
    known().when(publish(draft, from)).then_rejected(refused(Part::Automation(2)));
    // Also on a version of the calendar that applies later.
    let later = nothing().and(always("RARE", from)).and(rare("RARE", "2027-01-01T00:00:00Z"));
    later.when(publish(taking(262, "RARE"), from)).then_rejected(refused(Part::Rule(4)));
}

#[test]
fn a_calendar_has_time_for_the_policies_that_count_on_it() {
    let (from, later) = ("2026-06-01T00:00:00Z", "2027-01-01T00:00:00Z");
    let refused = |version| Rejection::TooLittleTime { policy: "HOUSE".into(), version };
    let promised = || nothing().and(always("RARE", from)).and(publish(taking(262, "RARE"), later));
    promised().when(rare("RARE", from)).then_rejected(refused(1));
    promised().when(rare("RARE", "2028-01-01T00:00:00Z")).then_rejected(refused(1));
    assert_eq!(promised().when(rare("OTHER", from)).into_events().len(), 1);
    let shorter = promised().and(publish(taking(260, "RARE"), "2027-06-01T00:00:00Z"));
    shorter.when(rare("RARE", "2027-05-31T00:00:00Z")).then_rejected(refused(1));
    let shorter = promised().and(publish(taking(260, "RARE"), "2027-06-01T00:00:00Z"));
    assert_eq!(shorter.when(rare("RARE", "2027-06-01T00:00:00Z")).into_events().len(), 1);
}
