//! The rows of the table, each with its baseline, in the order in which they are measured.
use std::time::Duration;

use anyhow::Result;
use testkit::Nats;

use crate::append::{self, Appending, Until};
use crate::cli::LogOpts;
use crate::pgbench::{self, Script};
use crate::rig::Rig;
use crate::statement::{self, Statement};
use crate::table::{self, Pair, Row, Target, alternate, note};
use crate::{copy, read, relay, stream};

/// How long a measurement with a time instead of a number takes.
const TIME: Duration = Duration::from_secs(3);

/// Measures what is asked for and prints the table.
///
/// # Errors
/// If anything fails: a table with holes invites wrong conclusions.
pub(crate) async fn run(opts: &LogOpts) -> Result<()> {
    let bench = Bench { rig: Rig::new().await?, opts, events: opts.events() };
    let head = bench.rig.describe().await?;
    note(&head);
    let mut rows = Vec::new();
    if [1, 2, 12].into_iter().any(|row| opts.wants(row)) {
        bench.copy_in(&mut rows).await?;
    }
    if opts.wants(9) || opts.wants(10) {
        bench.catch_up(&mut rows).await?;
    }
    if opts.wants(12) || opts.wants(13) {
        bench.broker(&mut rows).await?;
    }
    if opts.wants(3) || opts.wants(4) {
        bench.single_commits(&mut rows).await?;
    }
    if opts.wants(5) {
        bench.statement(&mut rows).await?;
    }
    if opts.wants(6) {
        bench.alone(&mut rows).await?;
    }
    if opts.wants(14) {
        bench.open_snapshot(&mut rows).await?;
    }
    rows.sort_by_key(|row| row.number.trim_end_matches(char::is_alphabetic).parse::<u32>().ok());
    table::print(&head, &rows);
    Ok(())
}

struct Bench<'a> {
    rig: Rig,
    opts: &'a LogOpts,
    events: u64,
}

impl Bench<'_> {
    fn times(&self) -> usize {
        self.opts.repetitions()
    }

    async fn append(&self, tenants: usize, callers: usize, until: Until) -> Result<Appending> {
        let Rig { log, template, .. } = &self.rig;
        append::run(log, &self.rig.tenants[..tenants], template, callers, until).await
    }

    async fn append_all(&self, tenants: usize) -> Result<f64> {
        self.rig.clear().await?;
        Ok(self.append(tenants, 256, Until::events(self.events)).await?.rate)
    }

    async fn append_for(&self, callers: usize, time: Duration) -> Result<Appending> {
        self.rig.clear().await?;
        self.append(1, callers, Until::after(time)).await
    }

    /// Rows 1 and 2.
    async fn copy_in(&self, rows: &mut Vec<Row>) -> Result<()> {
        self.rig.fill(self.events).await?;
        let copied = copy::take(&self.rig).await?;
        let baseline = "COPY of the same rows, same indexes";
        note("row 1: append, 256 callers");
        let pairs = alternate(
            self.times(),
            async || self.append_all(1).await,
            async || copy::fill(&self.rig, &copied).await,
        );
        rows.push(Row {
            number: "1",
            what: format!("append {} events, 1 partition, 256 callers", self.events),
            baseline,
            unit: "/s",
            target: Target::AtLeast(0.40),
            pairs: pairs.await?,
        });
        if self.opts.wants(2) {
            note("row 2: append in two partitions");
            let pairs = alternate(
                self.times(),
                async || self.append_all(2).await,
                async || copy::fill(&self.rig, &copied).await,
            );
            rows.push(Row {
                number: "2",
                what: "the same, 2 partitions, 256 callers each".to_owned(),
                baseline,
                unit: "/s",
                target: Target::AtLeast(0.55),
                pairs: pairs.await?,
            });
        }
        Ok(())
    }

    /// Rows 9 and 10.
    async fn catch_up(&self, rows: &mut Vec<Row>) -> Result<()> {
        self.rig.fill(self.events).await?;
        let baseline = "COPY ordered by position, undecoded";
        note("row 9: catch-up read");
        let pairs = alternate(
            self.times(),
            async || read::pages(&self.rig, self.events).await,
            async || copy::out(&self.rig).await,
        );
        rows.push(Row {
            number: "9",
            what: "catch-up read in pages, decoded".to_owned(),
            baseline,
            unit: "/s",
            target: Target::AtLeast(0.55),
            pairs: pairs.await?,
        });
        note("row 10: replay through a subscription");
        let pairs = alternate(
            self.times(),
            async || stream::replay(&self.rig, self.events).await,
            async || copy::out(&self.rig).await,
        );
        rows.push(Row {
            number: "10",
            what: "replay through a subscription without effects".to_owned(),
            baseline,
            unit: "/s",
            target: Target::None,
            pairs: pairs.await?,
        });
        Ok(())
    }

    /// Rows 12 and 13.
    async fn broker(&self, rows: &mut Vec<Row>) -> Result<()> {
        self.rig.fill(self.events).await?;
        note("row 12: relay");
        let pairs = alternate(
            self.times(),
            async || {
                let nats = Nats::shared().await;
                relay::drain(&self.rig, &relay::bus(&nats, 1).await?, self.events).await
            },
            async || {
                let nats = Nats::shared().await;
                let messages = relay::messages(&self.rig, &nats).await?;
                relay::publish(&nats, &messages).await
            },
        );
        let relay = Row {
            number: "12",
            what: "relay, Postgres to JetStream, fenced, acknowledged".to_owned(),
            baseline: "publish of the bodies without headers, window 512",
            unit: "/s",
            target: Target::AtLeast(0.70),
            pairs: pairs.await?,
        };
        if let Some(append) = rows.iter().find(|row| row.number == "1") {
            rows.push(against_append(&relay, append));
        }
        rows.push(relay);
        if self.opts.wants(13) {
            self.consumer(rows).await?;
        }
        Ok(())
    }

    /// Row 13.
    async fn consumer(&self, rows: &mut Vec<Row>) -> Result<()> {
        note("row 13: live consumer");
        let nats = Nats::shared().await;
        // Room for everything: a gap would send the subscription to its log, which is empty.
        let room = usize::try_from(self.events)? + 1;
        let bus = relay::bus(&nats, room).await?;
        relay::drain(&self.rig, &bus, self.events).await?;
        let twin = stream::EmptyTwin::new(&self.rig).await?;
        let pairs = alternate(
            self.times(),
            async || twin.consume(&bus, self.events).await,
            async || stream::raw(&self.rig, &bus, self.events).await,
        )
        .await?;
        rows.push(Row {
            number: "13",
            what: "live consumer, decoded and checked".to_owned(),
            baseline: "raw ordered push consumer",
            unit: "/s",
            target: Target::AtLeast(0.5),
            pairs,
        });
        Ok(())
    }

    /// Rows 3 and 4.
    async fn single_commits(&self, rows: &mut Vec<Row>) -> Result<()> {
        let all = [
            (3, "3", Script::Serial, "pgbench, sequence, 32 clients (unordered)", 2.0),
            (4, "4a", Script::AdvisoryLock, "pgbench, ordered by an advisory lock", 9.0),
            (4, "4b", Script::CounterRow, "pgbench, ordered by a counter row", 15.0),
        ];
        for (row, number, script, baseline, target) in all {
            if !self.opts.wants(row) {
                continue;
            }
            note(&format!("row {number}: append, 32 callers : {baseline}"));
            let pairs = alternate(
                self.times(),
                async || Ok(self.append_for(32, TIME).await?.rate),
                async || Ok(pgbench::run(&self.rig, script, 32, TIME).await?.rate),
            );
            rows.push(Row {
                number,
                what: "append, 32 callers".to_owned(),
                baseline,
                unit: "/s",
                target: Target::AtLeast(target),
                pairs: pairs.await?,
            });
        }
        Ok(())
    }

    /// Row 5.
    async fn statement(&self, rows: &mut Vec<Row>) -> Result<()> {
        for (number, size) in [("5a", 100), ("5b", 1_000)] {
            note(&format!("row {number}: statement of {size} rows"));
            let pairs = alternate(
                self.times(),
                async || statement::run(&self.rig, Statement::Ordered, size, TIME).await,
                async || statement::run(&self.rig, Statement::Serial, size, TIME).await,
            );
            rows.push(Row {
                number,
                what: format!("ordered statement, batch of {size}, 1 connection"),
                baseline: "the same rows with a sequence",
                unit: "/s",
                target: Target::AtLeast(0.95),
                pairs: pairs.await?,
            });
        }
        Ok(())
    }

    /// Row 6.
    async fn alone(&self, rows: &mut Vec<Row>) -> Result<()> {
        note("row 6: one caller alone");
        let pairs = alternate(
            self.times(),
            async || {
                let latency = self.append_for(1, TIME).await?.latency;
                Ok(latency.value_at_quantile(0.5) as f64 / 1_000.0)
            },
            async || Ok(pgbench::run(&self.rig, Script::Serial, 1, TIME).await?.latency_ms),
        );
        rows.push(Row {
            number: "6",
            what: "one caller alone, p50".to_owned(),
            baseline: "pgbench, 1 client, mean",
            unit: "ms",
            target: Target::AtMost(1.6),
            pairs: pairs.await?,
        });
        Ok(())
    }

    /// Row 14.
    async fn open_snapshot(&self, rows: &mut Vec<Row>) -> Result<()> {
        let time = self.opts.snapshot();
        note(&format!("row 14: {}s with an open snapshot", time.as_secs()));
        let pairs = alternate(
            self.times(),
            async || {
                self.rig.clear().await?;
                let mut snapshot = self.rig.pool().begin().await?;
                sqlx::raw_sql(
                    "set transaction isolation level repeatable read;
                     select count(*) from log.partition;",
                )
                .execute(&mut *snapshot)
                .await?;
                let appending = self.append(1, 32, Until::after(time)).await?;
                snapshot.rollback().await?;
                Ok(appending.rate)
            },
            async || Ok(self.append_for(32, time).await?.rate),
        );
        rows.push(Row {
            number: "14",
            what: format!("append during a snapshot open for {} s", time.as_secs()),
            baseline: "without it",
            unit: "/s",
            target: Target::AtLeast(0.9),
            pairs: pairs.await?,
        });
        Ok(())
    }
}

/// The relay must keep up with the appends; measured minutes apart, so by medians.
fn against_append(relay: &Row, append: &Row) -> Row {
    Row {
        number: "12b",
        what: "relay".to_owned(),
        baseline: "append of row 1",
        unit: "/s",
        target: Target::AtLeast(1.0),
        pairs: relay
            .pairs
            .iter()
            .zip(&append.pairs)
            .map(|(relay, append)| Pair { measured: relay.measured, baseline: append.measured })
            .collect(),
    }
}
