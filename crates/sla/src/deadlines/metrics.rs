//! Metrics of the engine.
use std::sync::LazyLock;

use chassis::telemetry::meter;
use opentelemetry::metrics::{Counter, Gauge, Histogram};

/// Bounds of the lateness in seconds: half a second is good, minutes are an outage.
const BOUNDS: [f64; 12] = [0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 600.0, 3_600.0];

/// Written when a timer has fired.
pub(super) static LATENESS: LazyLock<Histogram<f64>> = LazyLock::new(|| {
    meter("sla")
        .f64_histogram("odzew.sla.timer.lateness")
        .with_unit("s")
        .with_description("Time from the instant of a timer until it fired.")
        .with_boundaries(BOUNDS.to_vec())
        .build()
});

/// Written at every look at the timers.
pub(super) static CLOCK_SKEW: LazyLock<Gauge<f64>> = LazyLock::new(|| {
    meter("sla")
        .f64_gauge("odzew.sla.clock.skew")
        .with_unit("s")
        .with_description("How far this machine's clock is ahead of the database's.")
        .build()
});

/// Written when a timer's stream refuses it.
pub(super) static REFUSED: LazyLock<Counter<u64>> = LazyLock::new(|| {
    meter("sla")
        .u64_counter("odzew.sla.timer.refused")
        .with_unit("{timer}")
        .with_description("Timers that could not fire for a reason that will not pass.")
        .build()
});

/// Written when timers fire although the subscription makes no progress.
pub(super) static UNSEEN: LazyLock<Counter<u64>> = LazyLock::new(|| {
    meter("sla")
        .u64_counter("odzew.sla.timer.unseen")
        .with_description("Times that timers fired behind a subscription that stands still.")
        .build()
});

/// Exports counters as zero from the start, so that the first increment is visible as a change.
pub(super) fn show() {
    REFUSED.add(0, &[]);
    UNSEEN.add(0, &[]);
}
