//! Postgres, schemas, clocks, cursors and parked events.
use chassis::clock::Clock;
use eventlog::subscription::{cursor, parked};
use eventlog::{Log, SERVICES, schema_current};

use super::Finding;
use crate::config::Config;
use crate::{failure, tables};

/// Beyond this difference between host and database deadlines would not agree.
const SKEW_LIMIT_MS: i128 = 2_000;
/// Beyond this a service is not merely busy.
const LAG_LIMIT: u64 = 10_000;

pub(super) async fn check(config: &Config, log: &Log, findings: &mut Vec<Finding>) {
    match log.now().await {
        Ok(database) => {
            findings.push(Finding::good("postgres", "answers"));
            let skew = (chassis::clock::System.now().as_millisecond() as i128)
                - (database.as_millisecond() as i128);
            let detail = format!("host and database differ by {skew} ms");
            findings.push(if skew.abs() > SKEW_LIMIT_MS {
                Finding::bad("clock", detail)
            } else {
                Finding::good("clock", detail)
            });
        }
        Err(error) => {
            findings.push(Finding::bad("postgres", error.to_string()));
            return;
        }
    }
    findings.extend(partitions(config, log));
    master_keys(log, findings).await;
    for service in SERVICES {
        let what = format!("schema {service}");
        findings.push(match schema_current(log.pool(), service).await {
            Ok(true) => Finding::good(what, "at this version"),
            Ok(false) => Finding::bad(what, "not at this version: run `odzew migrate`"),
            Err(error) => Finding::bad(what, error.to_string()),
        });
        if let Err(error) = service_state(config, log, service, findings).await {
            findings
                .push(Finding::bad(format!("read models of {service}"), failure::sentence(&error)));
        }
    }
}

/// A log keeps the number of partitions with which it was installed, whatever the settings say.
fn partitions(config: &Config, log: &Log) -> Option<Finding> {
    let (installed, wanted) = (log.partitions().len(), usize::from(config.postgres.partitions));
    (installed != wanted).then(|| {
        let detail = format!(
            "the log has {installed}, postgres.partitions is {wanted}: set it to {installed}, or \
             `odzew migrate` fails"
        );
        Finding::bad("partitions", detail)
    })
}

/// How many keys of personal data each master key wraps.
async fn master_keys(log: &Log, findings: &mut Vec<Finding>) {
    let used = match intake::master_keys(log.pool()).await {
        Ok(used) => used,
        Err(error) => {
            findings.push(Finding::bad("master keys", failure::sentence(&error)));
            return;
        }
    };
    for master in used {
        let what = format!("master key {}", master.check_sum);
        let detail = format!("wraps {}", tables::counted(master.keys, "key"));
        findings.push(match (master.superseded, master.keys) {
            (false, _) => Finding::good(what, detail),
            (true, 0) => Finding::good(what, format!("{detail}: may be taken out of the settings")),
            (true, _) => {
                let advice = "superseded: run `odzew admin keys rotate` to its end";
                Finding::doubtful(what, format!("{detail}, {advice}"))
            }
        });
    }
}

async fn service_state(
    config: &Config,
    log: &Log,
    service: &str,
    findings: &mut Vec<Finding>,
) -> anyhow::Result<()> {
    let pool = config.postgres.service_pool(service, 1).await?;
    for cursor in cursor::list(&pool).await? {
        let head = log.head(cursor.partition).await?;
        let lag = head.saturating_sub(cursor.position);
        let what = format!("{service} partition {}", cursor.partition);
        let detail = format!("at {} of {head}, epoch {}", cursor.position, cursor.epoch);
        let epoch = log.epoch(cursor.partition).await?;
        findings.push(if cursor.epoch == epoch {
            if lag > LAG_LIMIT {
                Finding::doubtful(what, format!("{detail}: {lag} behind"))
            } else {
                Finding::good(what, detail)
            }
        } else {
            let advice =
                format!("confirm with `odzew admin epoch confirm {service} {}`", cursor.partition);
            Finding::bad(what, format!("{detail}, the log is in {epoch}: {advice}"))
        });
    }
    let parked = parked::list(&pool).await?.len();
    if parked > 0 {
        let events = tables::counted(parked, "event");
        let detail = format!("{events}: see `odzew admin parked list {service}`");
        findings.push(Finding::bad(format!("parked by {service}"), detail));
    }
    Ok(())
}
