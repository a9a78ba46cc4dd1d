//! Catching up: pages of the log, decoded.
use std::time::Instant;

use anyhow::{Result, ensure};

use crate::rig::Rig;

/// Events per page, as subscriptions read.
const PAGE: u32 = 2_000;

/// Reads the first partition from the beginning, page after page; events per second.
pub(crate) async fn pages(rig: &Rig, events: u64) -> Result<f64> {
    let start = Instant::now();
    let mut after = 0;
    loop {
        let page = rig.log.read_partition(rig.partition(), after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.position;
    }
    let rate = after as f64 / start.elapsed().as_secs_f64();
    ensure!(after == events, "read up to {after}, not {events}");
    Ok(rate)
}
