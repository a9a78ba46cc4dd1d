//! Specs of taxonomies and of their versions.
use super::*;
use crate::spec::given;

fn entry(code: &str) -> Entry {
    Entry { code: code.into(), label_pl: "Awaria".into(), label_en: "Outage".into() }
}

fn draft() -> Draft {
    let categories = vec![entry("outage"), entry("access")];
    let tech = Root { entry: entry("TECH"), categories };
    let payment = Root { entry: entry("PAYMENT"), categories: Vec::new() };
    Draft { id: "SEED".into(), roots: vec![tech, payment] }
}

#[test]
fn a_category_is_known_by_root_and_name() {
    let taxonomy = Taxonomy::new(draft()).unwrap();
    for known in ["TECH", "TECH/outage", "TECH/access", "PAYMENT"] {
        assert!(taxonomy.contains(known), "{known}");
    }
    for unknown in ["", "tech", "TECH/", "TECH/refund", "PAYMENT/outage", "TECH/outage/x"] {
        assert!(!taxonomy.contains(unknown), "{unknown}");
    }
}

#[test]
fn everything_that_is_wrong_is_told() {
    let mut wrong = draft();
    wrong.id.clear();
    wrong.roots[0].categories[1] = Entry { label_en: String::new(), ..entry("Outage") };
    wrong.roots[0].categories.push(entry("outage"));
    wrong.roots.push(Root { entry: entry("TECH"), categories: Vec::new() });
    let fields: Vec<_> =
        Taxonomy::new(wrong).unwrap_err().into_iter().map(|problem| problem.field).collect();
    let expected = [
        "taxonomy_id",
        "roots[0].categories[1].code",
        "roots[0].categories[1].label_en",
        "roots[0].categories[2].code",
        "roots[2].code",
    ];
    assert_eq!(fields, expected);
    assert_eq!(Taxonomy::new(Draft { id: "A".into(), roots: vec![] }).unwrap_err().len(), 1);
}

fn publish(outage: &str, from: i64) -> Publish {
    let categories = vec![entry(outage)];
    let roots = vec![Root { entry: entry("TECH"), categories }];
    Publish {
        draft: Draft { id: "SEED".into(), roots },
        effective_from: Timestamp::from_second(from).unwrap(),
        sha256: [7; 32],
    }
}

fn published(version: u32, outage: &str, from: i64) -> Event {
    let Publish { draft, effective_from, sha256 } = publish(outage, from);
    let taxonomy = Arc::new(Taxonomy::new(draft).unwrap());
    Event::Published(Published { version, taxonomy, effective_from, sha256 })
}

#[test]
fn versions_are_counted_and_never_change() {
    given::<Taxonomies>([]).when(publish("outage", 10)).then([published(1, "outage", 10)]);
    given::<Taxonomies>([published(1, "outage", 10)])
        .when(publish("down", 5))
        .then([published(2, "down", 5)]);
}

#[test]
fn the_latest_beginning_is_in_force_and_of_equals_the_later_published() {
    let state = given::<Taxonomies>([
        published(1, "one", 10),
        published(2, "two", 30),
        published(3, "three", 20),
        published(4, "four", 20),
    ])
    .into_state();
    let in_force =
        |second| state.in_force(Timestamp::from_second(second).unwrap()).map(|found| found.version);
    assert_eq!([9, 10, 20, 29, 30].map(in_force), [None, Some(1), Some(4), Some(4), Some(2)]);
}

#[test]
fn what_is_no_taxonomy_and_what_is_too_much_is_refused() {
    let mut wrong = publish("outage", 10);
    wrong.draft.id.clear();
    let rule = "must be 1 to 64 letters, digits, `_`, `-` or `.`";
    let problems = vec![Problem::new("taxonomy_id", rule)];
    given::<Taxonomies>([]).when(wrong).then_rejected(Rejection::Taxonomy(problems));
    let full = (1..=1_000).map(|version| published(version, "outage", 10));
    given::<Taxonomies>(full).when(publish("outage", 10)).then_rejected(Rejection::Full);
}
