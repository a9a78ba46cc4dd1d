//! What is printed about a running system.
use std::time::Duration;

use hdrhistogram::Histogram;

use super::way::Way;
use crate::table;

/// A mebibyte.
const MIB: u64 = 1 << 20;

/// The lines so far.
#[derive(Debug, Default)]
pub(super) struct Report {
    lines: Vec<[String; 5]>,
    highest: Option<[String; 5]>,
}

impl Report {
    /// Cold start of every role.
    pub(super) fn starts(&mut self, starts: impl Iterator<Item = (&'static str, Duration)>) {
        for (role, took) in starts {
            let verdict = verdict(took <= Duration::from_secs(1));
            let took = format!("{} ms", took.as_millis());
            self.line(format!("cold start to ready: {role}"), took, "", "<= 1 s", verdict);
        }
    }

    /// Memory of every role, and of all together.
    pub(super) fn memory(
        &mut self,
        when: &str,
        memory: Vec<(&'static str, Option<u64>)>,
        is_idle: bool,
    ) {
        let mut all = 0;
        for (role, bytes) in memory {
            let what = format!("memory {when}: {role}");
            let Some(bytes) = bytes else {
                self.line(what, "unknown".to_owned(), "", "", "");
                continue;
            };
            all += bytes;
            let (target, verdict) =
                if is_idle { ("<= 60 MiB", verdict(bytes <= 60 * MIB)) } else { ("", "") };
            self.line(what, mib(bytes), "", target, verdict);
        }
        let fits = verdict(all <= 300 * MIB);
        self.line(format!("memory {when}: all roles"), mib(all), "", "<= 300 MiB", fits);
    }

    /// One run.
    pub(super) fn way(&mut self, way: &Way) {
        let rate = format!("{:.0}/s", way.load.rate);
        let counts = format!("{} refused, {} unfinished", way.refused, way.unfinished);
        let done = verdict(way.refused + way.unfinished == 0);
        self.line(format!("{} tickets at {rate}", way.tickets), counts, "", "0, 0", done);
        if let Some(reason) = &way.refusal {
            self.line("a refusal".to_owned(), reason.clone(), "", "", "");
        }
        if way.unfinished > 0 {
            let [assigned, clocks, mailed] = way.missing;
            let counts = format!("{assigned} / {clocks} / {mailed}");
            self.line("not assigned / without clock / mail".to_owned(), counts, "", "", "");
        }
        self.latency("RegisterTicket acknowledged", &way.acknowledged, Some((5, 25)));
        self.latency("... assigned", &way.assigned, None);
        self.latency("... clocks started", &way.clocks, None);
        self.latency("... confirmation at the mail server", &way.mailed, None);
        self.latency("the whole way", &way.whole, Some((50, 1_000)));
        let read = way.reads.value_at_quantile(0.99);
        self.line(
            format!("GetTicket, {} reads, {} failed", way.reads.len(), way.failed_reads),
            ms(way.reads.value_at_quantile(0.5)),
            &ms(read),
            "p99 <= 10 ms",
            verdict(read <= 10_000),
        );
        let in_ms = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1_000.0);
        for &(who, time) in &way.processor {
            self.line(format!("processor time per ticket: {who}"), in_ms(time), "", "", "");
        }
        let total = way.processor.iter().map(|(_, time)| *time).sum();
        let met = verdict(total <= Duration::from_micros(2_600));
        self.line("... of all".to_owned(), in_ms(total), "", "<= 2.6 ms", met);
    }

    /// The best step of a search so far.
    pub(super) fn highest(&mut self, way: &Way) {
        self.highest = Some([
            "highest rate with the whole way's p99 below 1 s".to_owned(),
            format!("{:.0}/s", way.load.rate),
            ms(way.whole.value_at_quantile(0.99)),
            ">= 730/s".to_owned(),
            verdict(way.load.rate >= 730.0).to_owned(),
        ]);
    }

    /// Everything as one table.
    pub(super) fn print(mut self) {
        self.lines.extend(self.highest.take());
        table::print_cells(&["what", "value or p50", "p99", "target", "verdict"], &self.lines);
    }

    /// Both percentiles against their limits in milliseconds.
    fn latency(&mut self, what: &str, seen: &Histogram<u64>, limits: Option<(u64, u64)>) {
        let (p50, p99) = (seen.value_at_quantile(0.5), seen.value_at_quantile(0.99));
        let (target, verdict) = match limits {
            Some((middle, high)) => (
                format!("<= {middle} / {high} ms"),
                verdict(!seen.is_empty() && p50 <= middle * 1_000 && p99 <= high * 1_000),
            ),
            None => (String::new(), ""),
        };
        self.line(what.to_owned(), ms(p50), &ms(p99), &target, verdict);
    }

    fn line(&mut self, what: String, value: String, p99: &str, target: &str, verdict: &str) {
        self.lines.push([what, value, p99.to_owned(), target.to_owned(), verdict.to_owned()]);
    }
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}

fn ms(micros: u64) -> String {
    format!("{:.1} ms", micros as f64 / 1_000.0)
}

fn mib(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / MIB as f64)
}
