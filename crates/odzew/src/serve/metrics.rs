//! The metrics of the log, its readers and the relay, read when Prometheus asks. `docs/METRICS.md`
//! explains them; a test compares.
use std::sync::Arc;

use bus::{consumer, relay};
use chassis::telemetry::meter;
use eventlog::{AppendCounts, Log, Partition, subscription};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{AsyncInstrument, Meter};

use super::Role;

/// What a running role is measured by.
pub(super) struct Watched {
    role: Role,
    /// Of a role that appends.
    log: Option<Log>,
    pub(super) subscription: Option<subscription::Status>,
    pub(super) consumer: Option<consumer::Counters>,
    relay: Option<relay::Status>,
}

impl Watched {
    pub(super) fn service(role: Role, log: &Log) -> Self {
        Self { role, log: Some(log.clone()), subscription: None, consumer: None, relay: None }
    }

    pub(super) fn relay(status: relay::Status) -> Self {
        Self {
            role: Role::Relay,
            log: None,
            subscription: None,
            consumer: None,
            relay: Some(status),
        }
    }

    /// The one label that every metric here has, and the partition where there is one.
    fn labels(&self, partition: Option<Partition>) -> Vec<KeyValue> {
        let partition =
            partition.map(|partition| KeyValue::new("partition", i64::from(partition.0)));
        [KeyValue::new("role", self.role.to_string())].into_iter().chain(partition).collect()
    }

    fn appends(&self) -> Vec<Row<AppendCounts>> {
        self.log.iter().map(|log| (self.labels(None), log.append_counts())).collect()
    }

    fn partitions(&self) -> Vec<Row<subscription::PartitionStatus>> {
        let rows = self.subscription.iter().flat_map(subscription::Status::snapshot);
        rows.map(|row| (self.labels(Some(row.partition)), row)).collect()
    }

    /// The partitions that this process works on; the other replicas report theirs.
    fn leased_partitions(&self) -> Vec<Row<subscription::PartitionStatus>> {
        self.partitions().into_iter().filter(|(_, row)| row.leased).collect()
    }

    fn consumers(&self) -> Vec<Row<consumer::Counters>> {
        self.consumer.iter().map(|counters| (self.labels(None), counters.clone())).collect()
    }

    fn relays(&self) -> Vec<Row<relay::PartitionStatus>> {
        let rows = self.relay.iter().flat_map(relay::Status::snapshot);
        rows.map(|row| (self.labels(Some(row.partition)), row)).collect()
    }
}

/// What one series is read from, behind its labels.
type Row<T> = (Vec<KeyValue>, T);

/// Name, unit, meaning and value of a metric.
type Metric<T> = (&'static str, &'static str, &'static str, fn(&T) -> u64);

#[rustfmt::skip]
const APPEND_COUNTERS: [Metric<AppendCounts>; 6] = [
    ("odzew.append.events", "{event}", "Events committed.", |row| row.events),
    ("odzew.append.batches", "{batch}", "Transactions that carried them.", |row| row.batches),
    ("odzew.append.refusals", "{append}", "Appends refused: queue full.", |row| row.refusals),
    ("odzew.append.conflicts", "{append}", "Appends at a stale version.", |row| row.conflicts),
    ("odzew.append.resolved", "{append}", "Lost outcomes found out.", |row| row.resolved),
    ("odzew.append.unresolved", "{append}", "Lost outcomes given up.", |row| row.unresolved),
];

#[rustfmt::skip]
const SUBSCRIPTION_GAUGES: [Metric<subscription::PartitionStatus>; 4] = [
    ("odzew.subscription.lag", "{event}", "Events behind the log's head.", |row| row.lag),
    ("odzew.subscription.position", "", "Last position in the tables.", |row| row.position),
    ("odzew.subscription.parked", "{event}", "Events parked.", |row| row.parked),
    ("odzew.subscription.stopped", "", "1 while it waits for an operator.",
        |row| row.stopped.is_some().into()),
];

#[rustfmt::skip]
const SUBSCRIPTION_COUNTERS: [Metric<subscription::PartitionStatus>; 5] = [
    ("odzew.subscription.projected", "{event}", "Events projected.", |row| row.projected),
    ("odzew.subscription.reacted", "{event}", "Events reacted to.", |row| row.reacted),
    ("odzew.subscription.retries", "{retry}", "Transient failures.", |row| row.retries),
    ("odzew.subscription.fenced", "{batch}", "Batches that came second.", |row| row.fenced),
    ("odzew.subscription.gaps", "{gap}", "Gaps that the log filled.", |row| row.gaps),
];

const CONSUMER_COUNTERS: [Metric<consumer::Counters>; 3] = [
    ("odzew.consumer.received", "{message}", "Messages received.", consumer::Counters::received),
    ("odzew.consumer.dropped", "{message}", "Messages not in place.", consumer::Counters::dropped),
    ("odzew.consumer.opened", "{consumer}", "Consumers opened.", consumer::Counters::opened),
];

const RELAY_GAUGES: [Metric<relay::PartitionStatus>; 2] = [
    ("odzew.relay.lag", "{event}", "Events not in the stream.", relay::PartitionStatus::lag),
    ("odzew.relay.position", "", "Last position in the stream.", |row| row.position),
];

#[rustfmt::skip]
const RELAY_COUNTERS: [Metric<relay::PartitionStatus>; 5] = [
    ("odzew.relay.published", "{event}", "Events published.", |row| row.published),
    ("odzew.relay.overtaken", "{race}", "Times another was faster.", |row| row.overtaken),
    ("odzew.relay.recreated", "{stream}", "Streams made anew.", |row| row.recreated),
    ("odzew.relay.epochs_raised", "{epoch}", "Epochs raised.", |row| row.epochs_raised),
    ("odzew.relay.foreign", "{message}", "Foreign messages.", |row| row.foreign),
];

/// Registers all metrics of the process's roles.
pub(super) fn register(watched: Vec<Watched>) {
    let all = Meters { meter: meter("odzew"), watched: watched.into() };
    all.counters(&APPEND_COUNTERS, Watched::appends);
    all.gauges(&SUBSCRIPTION_GAUGES, Watched::leased_partitions);
    all.counters(&SUBSCRIPTION_COUNTERS, Watched::partitions);
    all.counters(&CONSUMER_COUNTERS, Watched::consumers);
    all.gauges(&RELAY_GAUGES, Watched::relays);
    all.counters(&RELAY_COUNTERS, Watched::relays);
}

struct Meters {
    meter: Meter,
    watched: Arc<[Watched]>,
}

impl Meters {
    fn gauges<T: 'static>(&self, metrics: &[Metric<T>], rows: fn(&Watched) -> Vec<Row<T>>) {
        for &(name, unit, about, value) in metrics {
            let gauge = self.meter.u64_observable_gauge(name).with_unit(unit);
            gauge.with_description(about).with_callback(self.read(rows, value)).build();
        }
    }

    fn counters<T: 'static>(&self, metrics: &[Metric<T>], rows: fn(&Watched) -> Vec<Row<T>>) {
        for &(name, unit, about, value) in metrics {
            let counter = self.meter.u64_observable_counter(name).with_unit(unit);
            counter.with_description(about).with_callback(self.read(rows, value)).build();
        }
    }

    fn read<T: 'static>(
        &self,
        rows: fn(&Watched) -> Vec<Row<T>>,
        value: fn(&T) -> u64,
    ) -> impl Fn(&dyn AsyncInstrument<u64>) + Send + Sync + 'static {
        let watched = Arc::clone(&self.watched);
        move |observer| {
            for (labels, row) in watched.iter().flat_map(rows) {
                observer.observe(value(&row), &labels);
            }
        }
    }
}
