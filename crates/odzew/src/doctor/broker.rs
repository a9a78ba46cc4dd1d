//! NATS: its version, the streams and how far they are behind the log.
use async_nats::jetstream;
use eventlog::{Log, Partition};

use super::Finding;
use crate::config::Config;
use crate::failure;

/// Beyond this the relay is away or too slow.
const LAG_LIMIT: u64 = 1_000;

/// Without the log nothing can be said of the streams.
pub(super) async fn check(config: &Config, log: Option<&Log>, findings: &mut Vec<Finding>) {
    let bus = match bus::connect(config.bus.clone()).await {
        Ok(bus) if bus.connected() => bus,
        Ok(_) => {
            let detail = format!("{} does not answer; services read the log", config.bus.url);
            findings.push(Finding::doubtful("nats", detail));
            return;
        }
        Err(error) => {
            findings.push(Finding::bad("nats", error.to_string()));
            return;
        }
    };
    findings.push(Finding::good("nats", bus.client().server_info().version));
    findings.push(match bus.carries(config.eventlog.max_event_bytes) {
        Ok(()) => Finding::good("largest message", "the largest event fits"),
        Err(error) => Finding::bad("largest message", error.to_string()),
    });
    let Some(log) = log else { return };
    let jetstream = jetstream::new(bus.client().clone());
    for &partition in log.partitions() {
        let finding = stream(&bus, &jetstream, log, partition).await;
        let what = format!("stream of partition {partition}");
        findings
            .push(finding.unwrap_or_else(|error| Finding::bad(what, failure::sentence(&error))));
    }
}

async fn stream(
    bus: &bus::Bus,
    jetstream: &jetstream::Context,
    log: &Log,
    partition: Partition,
) -> anyhow::Result<Finding> {
    let name = bus.subjects().stream(partition, log.epoch(partition).await?);
    let what = format!("stream {name}");
    let head = log.head(partition).await?;
    Ok(match jetstream.get_stream(&name).await {
        Err(error) => Finding::doubtful(
            what,
            format!("{error}; is a relay running, and what does its log say?"),
        ),
        Ok(stream) => {
            let last = stream.cached_info().state.last_sequence;
            let detail = format!("at {last} of {head}");
            if last > head {
                Finding::bad(what, format!("{detail}: ahead of the log"))
            } else if head - last > LAG_LIMIT {
                Finding::doubtful(what, format!("{detail}: the relay is behind"))
            } else {
                Finding::good(what, detail)
            }
        }
    })
}
