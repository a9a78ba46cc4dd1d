//! Specifications and properties of the routing rules.
use std::collections::BTreeSet;

use jiff::Timestamp;
use proptest::prelude::*;

use super::{
    Command, Event, Facts, MAX_RULES, Publish, Published, Rejection, Rule, Rules, State, UNROUTED,
    select,
};
use crate::ids::{QueueId, RuleId};
use crate::priority::{Channel, Priority, TicketType};
use crate::spec::given;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn rule(id: &str, queue: &str) -> Rule {
    Rule {
        rule_id: RuleId(id.into()),
        types: BTreeSet::new(),
        category_prefixes: Vec::new(),
        priorities: BTreeSet::new(),
        channels: BTreeSet::new(),
        languages: Vec::new(),
        queue_id: QueueId(queue.into()),
        required_skills: Vec::new(),
    }
}

fn publish(effective_from: i64, rules: Vec<Rule>) -> Command {
    Command::Publish(Publish {
        effective_from: at(effective_from),
        rules,
        sha256: [7; 32],
        queues: ["first", "billing", "legal"].into_iter().map(|q| QueueId(q.into())).collect(),
    })
}

fn published(version: u32, effective_from: i64, rules: Vec<Rule>) -> Event {
    Event::Published(Published {
        version,
        effective_from: at(effective_from),
        sha256: [7; 32],
        rules,
    })
}

fn facts() -> Facts {
    Facts {
        kind: TicketType::Incident,
        category_code: "TECH/outage".into(),
        priority: Some(Priority::P1),
        channel: Channel::Email,
        language: "pl-PL".into(),
    }
}

fn queue_of(rules: Vec<Rule>, facts: &Facts) -> String {
    let state = State {
        versions: vec![Published { version: 1, effective_from: at(0), sha256: [0; 32], rules }],
    };
    select(&state, facts, Some(&QueueId("fallback".into())), at(1)).queue_id.0
}

#[test]
fn versions_are_counted() {
    let rules = || vec![rule("all", "first")];
    given::<Rules>([]).when(publish(5, rules())).then([published(1, 5, rules())]);
    given::<Rules>([published(1, 5, rules())]).when(publish(3, vec![])).then([published(
        2,
        3,
        vec![],
    )]);
}

#[test]
fn a_rule_must_name_a_queue_that_exists() {
    given::<Rules>([]).when(publish(0, vec![rule("x", "nowhere")])).then_rejected(
        Rejection::QueueUnknown { rule: RuleId("x".into()), queue: QueueId("nowhere".into()) },
    );
}

#[test]
fn rule_ids_are_unique() {
    let one = Rule { types: [TicketType::Payment].into(), ..rule("x", "billing") };
    given::<Rules>([])
        .when(publish(0, vec![one, rule("x", "first")]))
        .then_rejected(Rejection::DuplicateRule(RuleId("x".into())));
}

#[test]
fn no_rule_may_stand_behind_one_that_matches_everything() {
    given::<Rules>([])
        .when(publish(0, vec![rule("all", "first"), rule("late", "legal")]))
        .then_rejected(Rejection::Unreachable(RuleId("late".into())));
}

#[test]
fn the_number_of_rules_is_bounded() {
    let many = (0..=MAX_RULES).map(|n| rule(&n.to_string(), "first")).collect();
    given::<Rules>([]).when(publish(0, many)).then_rejected(Rejection::TooManyRules);
}

#[test]
fn the_first_rule_that_matches_decides() {
    let rules = || {
        vec![
            Rule { types: [TicketType::Regulatory].into(), ..rule("law", "legal") },
            Rule { category_prefixes: vec!["PAYMENT".into()], ..rule("pay", "billing") },
            rule("all", "first"),
        ]
    };
    assert_eq!(queue_of(rules(), &facts()), "first");
    let paying = Facts { category_code: "PAYMENT/dispute".into(), ..facts() };
    assert_eq!(queue_of(rules(), &paying), "billing");
    let both = Facts { kind: TicketType::Regulatory, ..paying };
    assert_eq!(queue_of(rules(), &both), "legal");
}

#[test]
fn every_condition_given_must_hold() {
    let rules = || {
        vec![Rule {
            types: [TicketType::Incident].into(),
            priorities: [Priority::P1].into(),
            channels: [Channel::Email].into(),
            languages: vec!["pl".into()],
            ..rule("x", "legal")
        }]
    };
    assert_eq!(queue_of(rules(), &facts()), "legal");
    for other in [
        Facts { kind: TicketType::Inquiry, ..facts() },
        Facts { priority: Some(Priority::P2), ..facts() },
        Facts { priority: None, ..facts() },
        Facts { channel: Channel::Chat, ..facts() },
        Facts { language: "plx".into(), ..facts() },
        Facts { language: String::new(), ..facts() },
    ] {
        assert_eq!(queue_of(rules(), &other), "fallback", "{other:?}");
    }
}

#[test]
fn a_version_applies_from_its_time_on() {
    let state = State {
        versions: [(1, 0, "first"), (2, 100, "billing"), (3, 50, "legal")]
            .map(|(version, from, queue)| Published {
                version,
                effective_from: at(from),
                sha256: [0; 32],
                rules: vec![rule("all", queue)],
            })
            .to_vec(),
    };
    let queue = |now| select(&state, &facts(), None, at(now)).queue_id.0;
    assert_eq!(queue(-1), UNROUTED);
    assert_eq!(queue(0), "first");
    assert_eq!(queue(50), "legal");
    assert_eq!(queue(100), "billing");
}

#[test]
fn without_directory_and_rules_there_is_still_a_queue() {
    let placement = select(&State::default(), &facts(), None, at(0));
    assert_eq!(placement.queue_id.0, UNROUTED);
    assert!(placement.fallback);
    assert_eq!(placement.rules_version, 0);
}

fn any_rule() -> impl Strategy<Value = Rule> {
    (
        prop::sample::subsequence(vec![TicketType::Incident, TicketType::Payment], 0..=2),
        prop::sample::subsequence(Priority::ALL.to_vec(), 0..=4),
        prop::sample::subsequence(vec!["TECH".to_owned(), "TECH/out".to_owned()], 0..=2),
        prop::sample::select(vec!["first", "billing"]),
    )
        .prop_map(|(types, priorities, category_prefixes, queue)| Rule {
            types: types.into_iter().collect(),
            priorities: priorities.into_iter().collect(),
            category_prefixes,
            ..rule("r", queue)
        })
}

proptest! {
    #[test]
    fn there_is_always_a_queue_and_always_the_same(
        rules in prop::collection::vec(any_rule(), 0..8),
        priority in prop::option::of(prop::sample::select(Priority::ALL.to_vec())),
    ) {
        let facts = Facts { priority, ..facts() };
        let once = queue_of(rules.clone(), &facts);
        prop_assert!(["first", "billing", "fallback"].contains(&once.as_str()));
        prop_assert_eq!(once, queue_of(rules, &facts));
    }
}
