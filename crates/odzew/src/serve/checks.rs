//! The readiness checks that every role repeats.
use std::time::Duration;

use chassis::health::{Check, Health};
use chassis::tasks::Tasks;
use eventlog::Log;
use eventlog::subscription::Status;

use super::Role;

/// How often readiness looks.
const LOOK: Duration = Duration::from_secs(2);

/// How long Postgres may take to say what time it is.
const PATIENCE: Duration = Duration::from_secs(5);

/// Ready while Postgres answers.
pub(super) fn postgres(role: Role, log: &Log, health: &Health, tasks: &mut Tasks) {
    let (log, stop, check) = (log.clone(), tasks.shutdown(), health.check("postgres"));
    tasks.spawn(format!("{role} postgres check"), async move {
        let mut every = tokio::time::interval(LOOK);
        while stop.run_until_cancelled(every.tick()).await.is_some() {
            let answer = tokio::time::timeout(PATIENCE, log.now());
            match stop.run_until_cancelled(answer).await {
                Some(Ok(Ok(_))) => check.ready(),
                Some(_) => check.not_ready("Postgres does not answer"),
                None => break,
            }
        }
        anyhow::Ok(())
    });
}

/// Ready while every partition runs. A paused partition waits for an operator, and its tables are
/// outdated. A lag does not count: it passes by itself.
pub(super) fn subscription(role: Role, status: Status, check: Check, tasks: &mut Tasks) {
    let stop = tasks.shutdown();
    tasks.spawn(format!("{role} subscription check"), async move {
        let mut every = tokio::time::interval(LOOK);
        while stop.run_until_cancelled(every.tick()).await.is_some() {
            let partitions = status.snapshot();
            let standing = partitions.iter().filter(|partition| partition.leased).find_map(|row| {
                row.stopped.as_ref().map(|reason| format!("partition {}: {reason}", row.partition))
            });
            match standing {
                None => check.ready(),
                Some(reason) => check.not_ready(&reason),
            }
        }
        anyhow::Ok(())
    });
}
