//! From Postgres to JetStream: the relay drains a backlog, a plain publisher sends the bodies.
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use async_nats::jetstream::stream::{Config, DiscardPolicy, StorageType};
use async_nats::jetstream::{self, context::PublishAckFuture};
use bus::{Bus, Relay};
use bytes::Bytes;
use testkit::Nats;
use tokio_util::sync::CancellationToken;

use crate::rig::Rig;

/// Messages on the way at once, on both sides.
const WINDOW: usize = 512;

/// A backlog that takes longer is a failure.
const PATIENCE: Duration = Duration::from_secs(300);

/// Room for a million messages with all their headers.
const MAX_BYTES: i64 = 8 << 30;

/// A connection to subjects and streams that nobody else uses.
///
/// # Errors
/// If NATS is away.
pub(crate) async fn bus(nats: &Nats, buffer: usize) -> Result<Bus> {
    let mut settings = bus::Settings {
        url: nats.url().to_owned(),
        prefix: nats.prefix().to_owned(),
        ..testkit::settings("bus")
    };
    settings.relay.window = WINDOW;
    // A stream made anew would begin with the log's tail; here the whole log is the tail.
    settings.topology.tail = u64::MAX;
    settings.topology.max_bytes = MAX_BYTES;
    settings.consumer.buffer = buffer;
    Ok(bus::connect(settings).await?)
}

/// Relays the whole log into new streams; events per second from the relay's start to the
/// acknowledgement of the last.
pub(crate) async fn drain(rig: &Rig, bus: &Bus, events: u64) -> Result<f64> {
    let relay = Relay::new(bus.clone(), rig.log.clone());
    let status = relay.status();
    let stop = CancellationToken::new();
    let start = Instant::now();
    let task = tokio::spawn(relay.run(stop.clone()));
    loop {
        let lanes = status.snapshot();
        let lane = lanes.iter().find(|lane| lane.partition == rig.partition());
        let lane = lane.context("the relay has this partition")?;
        if lane.published >= events {
            break;
        }
        if lane.failure.is_some() || start.elapsed() > PATIENCE {
            bail!("the relay is at {} of {events}: {:?}", lane.published, lane.failure);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let rate = events as f64 / start.elapsed().as_secs_f64();
    stop.cancel();
    task.await.context("the relay ends")??;
    Ok(rate)
}

/// Subjects and bodies of every message that the relay would send, to `nats`' own subjects.
pub(crate) async fn messages(rig: &Rig, nats: &Nats) -> Result<Vec<(String, Bytes)>> {
    let subjects = bus::Subjects::new(nats.prefix())?;
    let mut messages = Vec::new();
    let mut after = 0;
    loop {
        let page = rig.log.read_partition(rig.partition(), after, 2_000).await?;
        let Some(last) = page.last() else { return Ok(messages) };
        after = last.position;
        for event in page {
            messages.push((subjects.event(&event), event.payload));
        }
    }
}

/// Publishes ready messages without headers over one connection, every one acknowledged.
pub(crate) async fn publish(nats: &Nats, messages: &[(String, Bytes)]) -> Result<f64> {
    let context = jetstream::ContextBuilder::new()
        .timeout(PATIENCE)
        .backpressure_on_inflight(false)
        .build(nats.client().await);
    let config = Config {
        name: format!("{}_PLAIN", nats.prefix().to_uppercase()),
        subjects: vec![format!("{}.events.>", nats.prefix())],
        storage: StorageType::File,
        discard: DiscardPolicy::Old,
        max_bytes: MAX_BYTES,
        ..Config::default()
    };
    context.create_stream(config).await.context("create a plain stream")?;
    let start = Instant::now();
    let mut window: VecDeque<PublishAckFuture> = VecDeque::with_capacity(WINDOW);
    for (subject, body) in messages {
        if window.len() >= WINDOW
            && let Some(oldest) = window.pop_front()
        {
            oldest.await.context("a message is acknowledged")?;
        }
        window.push_back(context.publish(subject.clone(), body.clone()).await?);
    }
    for acknowledgement in window {
        acknowledgement.await.context("a message is acknowledged")?;
    }
    Ok(messages.len() as f64 / start.elapsed().as_secs_f64())
}
