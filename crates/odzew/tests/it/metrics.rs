//! What `/metrics` of a running process says, and whether `docs/METRICS.md` says the same.
use std::collections::{BTreeMap, BTreeSet};

use chassis::clock::{Clock as _, System};
use chassis::rpc::Role;
use eventlog::Partition;
use testkit::{Nats, eventually};
use uuid::Uuid;

use crate::world::World;
use crate::{invariants, load};

const PAGE: &str = include_str!("../../../../docs/METRICS.md");

/// A metric's type and the labels that it may have.
type Described = (String, BTreeSet<String>);

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_is_documented_and_tells_the_truth() {
    let nats = Nats::shared().await;
    let mut world = World::new(nats.url(), nats.prefix()).await;
    world.start(&["all"]).await;
    load::directory(&world).await;
    overdue(&world).await;
    load::run(&world, 0..4).await;
    invariants::quiet(&world).await;

    let documented = documented();
    eventually(|| async {
        let exposed = Scrape::of(&world, "intake").await.types;
        let expected: BTreeMap<_, _> =
            documented.iter().map(|(name, (kind, _))| (name.clone(), kind.clone())).collect();
        if exposed == expected {
            Ok(())
        } else {
            Err(format!("exposed {exposed:#?}\ndocumented in docs/METRICS.md {expected:#?}"))
        }
    })
    .await;
    let before = Scrape::of(&world, "intake").await;
    before.has_only_labels_of(&documented);

    load::run(&world, 4..12).await;
    invariants::quiet(&world).await;
    everything_arrives(&world).await;
    let after = Scrape::of(&world, "intake").await;
    assert_eq!(after.own_series(), before.own_series(), "more tickets make no more series");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partition_that_waits_for_an_operator_shows_in_metric_and_readiness() {
    let nats = Nats::shared().await;
    let mut world = World::new(nats.url(), nats.prefix()).await;
    world.start(&["routing"]).await;
    let partition = Partition(0);
    // A subscription that begins after the epoch was raised begins in the new one.
    eventually(|| async {
        let begun = "select exists (select from routing.subscription_cursor where partition = 0)";
        match sqlx::query_scalar(begun).fetch_one(world.db.pool()).await {
            Ok(true) => Ok(()),
            begun => Err(format!("the subscription has begun: {begun:?}")),
        }
    })
    .await;
    invariants::open_log(&world).await.raise_epoch(partition, 1).await.unwrap();
    stopped_is(&world, 1.0, "HTTP/1.1 503").await;
    let answer = world.http("routing", "/readyz").await;
    assert!(answer.contains("subscription: partition 0: the log is in epoch 2"), "{answer}");
    world.odzew(&["admin", "epoch", "confirm", "routing", "0"]);
    stopped_is(&world, 0.0, "HTTP/1.1 200").await;
}

async fn stopped_is(world: &World, stopped: f64, readyz: &str) {
    eventually(|| async {
        let answer = world.http("routing", "/readyz").await;
        let metric = Scrape::of(world, "routing").await.sum("odzew_subscription_stopped", "");
        match answer.starts_with(readyz) && metric == stopped {
            true => Ok(()),
            false => Err(format!("stopped is {metric}: {answer}")),
        }
    })
    .await;
}

/// A ticket that came in long ago: its timers fire at once.
async fn overdue(world: &World) {
    let mut request = load::register(1_000);
    let long_ago = System.now() - jiff::SignedDuration::from_hours(24 * 30);
    request.received_at = Some(wire::scalar::timestamp(long_ago));
    world.clients("mailbox", Role::System).intake.register_ticket(request).await.unwrap();
}

/// What is appended is published, projected and no longer behind.
async fn everything_arrives(world: &World) {
    eventually(|| async {
        let scrape = Scrape::of(world, "intake").await;
        let appended = scrape.sum("odzew_append_events_total", "");
        let behind = scrape.sum("odzew_subscription_lag", "") + scrape.sum("odzew_relay_lag", "");
        let arrived = [
            scrape.sum("odzew_relay_published_total", ""),
            scrape.sum("odzew_subscription_projected_total", "role=\"desk\""),
            scrape.sum("odzew_subscription_position", "role=\"sla\""),
        ];
        let batches = scrape.sum("odzew_append_batches_total", "");
        if behind == 0.0 && appended > 0.0 && arrived.iter().all(|events| *events == appended) {
            assert!(batches > 0.0 && batches <= appended, "{batches} batches");
            Ok(())
        } else {
            Err(format!("{appended} appended, {arrived:?} arrived, {behind} behind"))
        }
    })
    .await;
    let scrape = Scrape::of(world, "intake").await;
    for zero in [
        "odzew_subscription_parked",
        "odzew_subscription_stopped",
        "odzew_append_unresolved_total",
        "odzew_relay_epochs_raised_total",
        "odzew_relay_foreign_total",
    ] {
        assert_eq!(scrape.sum(zero, ""), 0.0, "{zero}");
    }
    let sent = scrape.sum("odzew_notification_attempts_total", "outcome=\"sent\"");
    assert!(sent > 0.0, "mails are counted");
}

/// The tables of the page.
fn documented() -> BTreeMap<String, Described> {
    let rows = PAGE.lines().filter_map(|line| line.strip_prefix("| `"));
    let metrics = rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 7, "name, type, unit, labels, meaning, worry: {row}");
        let labels = cells[3].split(',').map(str::trim).filter(|label| !label.is_empty());
        let labels = labels.map(str::to_owned).collect();
        (cells[0].trim_end_matches('`').to_owned(), (cells[1].to_owned(), labels))
    });
    metrics.collect()
}

/// One answer of `/metrics`.
struct Scrape {
    /// Type by name.
    types: BTreeMap<String, String>,
    /// Name, labels as they stand, value.
    series: Vec<(String, String, f64)>,
}

impl Scrape {
    async fn of(world: &World, role: &str) -> Self {
        let (mut types, mut series) = (BTreeMap::new(), Vec::new());
        let answer = world.metrics(role).await;
        let (_, page) = answer.split_once("\r\n\r\n").unwrap();
        for line in page.lines() {
            if let Some(metric) = line.strip_prefix("# TYPE ") {
                let (name, kind) = metric.split_once(' ').unwrap();
                types.insert(name.to_owned(), kind.to_owned());
            } else if !line.starts_with('#') {
                let (metric, value) = line.rsplit_once(' ').unwrap();
                let (name, labels) = metric.split_once('{').unwrap_or((metric, ""));
                let labels = labels.trim_end_matches('}');
                series.push((name.to_owned(), labels.to_owned(), value.parse().unwrap()));
            }
        }
        Self { types, series }
    }

    /// The sum of the series of this name with this label.
    fn sum(&self, name: &str, label: &str) -> f64 {
        let series = self.series.iter().filter(|(each, labels, _)| {
            each == name && (label.is_empty() || labels.split(',').any(|each| each == label))
        });
        series.map(|(_, _, value)| value).sum()
    }

    /// All series but those of calls, whose methods and codes come up one by one.
    fn own_series(&self) -> BTreeSet<(String, String)> {
        let own = self.series.iter().filter(|(name, _, _)| name.starts_with("odzew_"));
        own.map(|(name, labels, _)| (name.clone(), labels.clone())).collect()
    }

    /// Nothing is told apart by what there is no end of.
    fn has_only_labels_of(&self, documented: &BTreeMap<String, Described>) {
        for (name, labels, _) in &self.series {
            let metric = ["_bucket", "_sum", "_count"]
                .iter()
                .filter_map(|part| name.strip_suffix(part))
                .find(|metric| documented.contains_key(*metric))
                .unwrap_or(name);
            let (_, allowed) = &documented[metric];
            for label in labels.split("\",").filter(|label| !label.is_empty()) {
                let (label, value) = label.split_once("=\"").unwrap();
                assert!(label == "le" || allowed.contains(label), "{name} has label {label}");
                let value = value.trim_end_matches('"');
                assert!(Uuid::parse_str(value).is_err() && !value.contains('@'), "{name}: {value}");
            }
        }
    }
}
