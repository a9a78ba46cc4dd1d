//! The service is ready once its tables have caught up with the log.
use std::sync::Arc;
use std::time::Duration;

use chassis::health::Check;
use eventlog::{Cursor, Log, Partition};
use tokio_util::sync::CancellationToken;

use crate::freshness::Freshness;

/// Pause before readiness is looked at again.
const RETRY: Duration = Duration::from_millis(100);

/// Ready once the tables hold what the log held at the start, whichever replica projects it. It
/// stays ready: a lag later is a metric, while a list that is a little old is better than none.
pub(crate) async fn report(
    log: Log,
    freshness: Arc<Freshness>,
    ready: Check,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let caught_up = async {
        for &partition in log.partitions() {
            while !has_caught_up(&log, &freshness, partition).await {
                ready.not_ready("the tables are behind the log");
                tokio::time::sleep(RETRY).await;
            }
        }
        ready.ready();
    };
    tokio::select! {
        () = stop.cancelled() => return Ok(()),
        () = caught_up => {}
    }
    stop.cancelled().await;
    Ok(())
}

async fn has_caught_up(log: &Log, freshness: &Freshness, partition: Partition) -> bool {
    match log.head(partition).await {
        Ok(position) => freshness.at_least(Cursor { partition, position }).await.is_ok(),
        Err(error) => {
            tracing::warn!(%partition, %error, "the log's head could not be read");
            false
        }
    }
}
