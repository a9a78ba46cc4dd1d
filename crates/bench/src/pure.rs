//! Pure code: business time against simpler ways to compute it, and folding events against decoding
//! them. Needs no server.
mod calendar;
mod fold;

use std::hint::black_box;
use std::time::Instant;

use anyhow::Result;

use crate::table::{self, Row, Target, alternate, note};

/// Options of `bench domain`.
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    /// How often each row is measured; the median counts.
    #[arg(long, default_value_t = 5)]
    repetitions: usize,
    /// Sums of business time per measurement; the baselines take a part of it.
    #[arg(long, default_value_t = 500_000)]
    sums: u32,
    /// Tickets that are folded per measurement.
    #[arg(long, default_value_t = 20_000)]
    tickets: u32,
}

/// Measures and prints.
///
/// # Errors
/// If the ways to compute the same do not agree, or the recorded events cannot be read.
pub(crate) async fn run(opts: &Opts) -> Result<()> {
    let times = opts.repetitions.max(1);
    let year = calendar::Year::new()?;
    year.agree()?;
    note("business time");
    let sums = opts.sums.max(1_000);
    let add = async |sums: u32| Ok(nanos(sums, |n| year.add(n)));
    let what = "add over a year, two intervals a day, holidays";
    let mut rows = vec![Row {
        number: "16a",
        what: what.to_owned(),
        baseline: "scan of the open intervals",
        unit: "ns",
        target: Target::AtMost(1.0),
        pairs: alternate(
            times,
            async || add(sums).await,
            async || Ok(nanos(sums / 100, |n| year.add_by_intervals(n))),
        )
        .await?,
    }];
    rows.push(Row {
        number: "16b",
        what: "the same".to_owned(),
        baseline: "minute by minute",
        unit: "ns",
        target: Target::AtMost(0.001),
        pairs: alternate(
            times,
            async || add(sums).await,
            async || Ok(nanos(sums / 50_000, |n| year.add_by_minutes(n))),
        )
        .await?,
    });
    note("folding");
    let stream = fold::Stream::recorded()?;
    let tickets = opts.tickets.max(1);
    rows.push(Row {
        number: "17",
        what: format!("fold tickets of {} events, one core", stream.len()),
        baseline: "decoding the same events",
        unit: "events/s",
        target: Target::None,
        pairs: alternate(
            times,
            async || Ok(stream.rate(tickets, fold::Stream::fold)),
            async || Ok(stream.rate(tickets, fold::Stream::decode)),
        )
        .await?,
    });
    table::print("pure code, one core, no servers", &rows);
    Ok(())
}

/// Nanoseconds that `work` takes on average.
fn nanos<T>(times: u32, mut work: impl FnMut(u32) -> T) -> f64 {
    let begun = Instant::now();
    for n in 0..times.max(1) {
        black_box(work(black_box(n)));
    }
    begun.elapsed().as_secs_f64() * 1e9 / f64::from(times.max(1))
}
