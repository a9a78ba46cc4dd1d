//! Metrics of the workers.
use std::sync::LazyLock;
use std::time::Duration;

use chassis::telemetry::meter;
use domain::notice::FailureKind;
use domain::webhook::DisableReason;
use eventlog::Log;
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Gauge};
use tokio_util::sync::CancellationToken;
use wire::common::v1::Channel;
use wire::webhook::reason_name;

use crate::channel::Outcome;
use crate::read_model::{queue, webhook_health};

/// How often the queue is counted: in time for every scrape, and never a load.
const COUNT_EVERY: Duration = Duration::from_secs(5);

/// Written when an attempt has ended.
static ATTEMPTS: LazyLock<Counter<u64>> = LazyLock::new(|| {
    meter("notification")
        .u64_counter("odzew.notification.attempts")
        .with_unit("{attempt}")
        .with_description("Attempts to send, by their outcome.")
        .build()
});

/// Written by [`watch`].
static PENDING: LazyLock<Gauge<u64>> = LazyLock::new(|| {
    meter("notification")
        .u64_gauge("odzew.notification.pending")
        .with_unit("{notice}")
        .with_description("Notices that are still to be sent.")
        .build()
});

/// Written by [`watch`].
static OLDEST_PENDING: LazyLock<Gauge<f64>> = LazyLock::new(|| {
    meter("notification")
        .f64_gauge("odzew.notification.oldest_pending")
        .with_unit("s")
        .with_description("Age of the oldest notice that is still to be sent.")
        .build()
});

/// Written when an endpoint is switched off by itself.
static DISABLED: LazyLock<Counter<u64>> = LazyLock::new(|| {
    meter("notification")
        .u64_counter("odzew.notification.webhooks_disabled")
        .with_unit("{webhook}")
        .with_description("Endpoints that were switched off by themselves, by reason.")
        .build()
});

/// Written by [`watch`].
static LONGEST_FAILURE: LazyLock<Gauge<f64>> = LazyLock::new(|| {
    meter("notification")
        .f64_gauge("odzew.notification.webhook_failing")
        .with_unit("s")
        .with_description("How long the endpoint that fails longest has taken nothing.")
        .build()
});

/// Every outcome as a label.
const OUTCOMES: [&str; 3] = ["sent", "failed", "unknown"];

/// Counts an attempt that has ended.
pub(super) fn ended(channel: Channel, outcome: &Outcome) {
    let label = match outcome {
        Outcome::Sent { .. } => "sent",
        Outcome::Failed { kind: FailureKind::Permanent | FailureKind::Transient, .. } => "failed",
        Outcome::Failed { kind: FailureKind::Unknown, .. } => "unknown",
    };
    ATTEMPTS.add(1, &[label_of(channel), KeyValue::new("outcome", label)]);
}

/// Counts an endpoint that was switched off by itself.
pub(crate) fn disabled(reason: &'static str) {
    DISABLED.add(1, &[KeyValue::new("reason", reason)]);
}

/// Counts the queue until stopped. Replicas share the queue, so all report the same.
pub(crate) async fn watch(
    log: Log,
    channels: [Channel; 2],
    stop: CancellationToken,
) -> anyhow::Result<()> {
    // A rate can be told from the first failure on only if there was a zero before.
    for (channel, outcome) in channels.iter().flat_map(|channel| OUTCOMES.map(|o| (*channel, o))) {
        ATTEMPTS.add(0, &[label_of(channel), KeyValue::new("outcome", outcome)]);
    }
    for reason in [DisableReason::Gone, DisableReason::Failing] {
        DISABLED.add(0, &[KeyValue::new("reason", reason_name(reason))]);
    }
    let mut every = tokio::time::interval(COUNT_EVERY);
    while stop.run_until_cancelled(every.tick()).await.is_some() {
        // While the database is away the last numbers stay; readiness tells that it is.
        let longest = webhook_health::longest_failure(log.pool());
        let longest = log.bounded("read the health of webhooks", longest);
        if let Some(Ok(longest)) = stop.run_until_cancelled(longest).await {
            LONGEST_FAILURE.record(longest, &[]);
        }
        let pending = log.bounded("count the queue", queue::pending(log.pool()));
        let Some(Ok(pending)) = stop.run_until_cancelled(pending).await else { continue };
        for channel in channels {
            let row = pending.iter().find(|row| row.channel == i32::from(channel));
            PENDING.record(row.map_or(0, |row| row.notices.unsigned_abs()), &[label_of(channel)]);
            OLDEST_PENDING.record(row.map_or(0.0, |row| row.oldest_s), &[label_of(channel)]);
        }
    }
    Ok(())
}

fn label_of(channel: Channel) -> KeyValue {
    let name = channel.as_str_name().trim_start_matches("CHANNEL_").to_ascii_lowercase();
    KeyValue::new("channel", name)
}
