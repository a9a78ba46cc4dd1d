//! Wakes the relay as soon as there is something to publish.
use bytes::Bytes;
use eventlog::{Log, Partition};
use futures::future::join_all;
use tokio_util::sync::CancellationToken;

use crate::{Bus, Error};

/// Turns the commits of this process into wake-up messages until told to stop. A lost one costs
/// the relay's poll interval; appends never wait for this.
///
/// # Errors
/// None; the signature is that of every supervised task.
pub async fn wake(bus: Bus, log: Log, stop: CancellationToken) -> Result<(), Error> {
    let partitions = log.partitions().iter().map(|&partition| forward(&bus, &log, partition));
    stop.run_until_cancelled(join_all(partitions)).await;
    Ok(())
}

async fn forward(bus: &Bus, log: &Log, partition: Partition) {
    let mut commits = log.commits(partition);
    let subject = bus.subjects().wake(partition);
    while commits.changed().await.is_ok() {
        // While NATS is away nobody listens; queued wake-ups would only come too late.
        if bus.connected()
            && let Err(error) = bus.client().publish(subject.clone(), Bytes::new()).await
        {
            tracing::debug!(%partition, %error, "wake-up not sent");
        }
    }
}
