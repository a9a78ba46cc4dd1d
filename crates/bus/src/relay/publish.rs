//! Publishes pages of the log, with many messages in flight.
use std::collections::VecDeque;

use async_nats::jetstream::context::{PublishAckFuture, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use eventlog::Recorded;
use tracing::{Instrument as _, Span, field};

use super::Lane;
use super::compare::Place;
use crate::Error;
use crate::message::encode;

/// Messages that were sent and not yet acknowledged, in order.
type Window = VecDeque<OnTheWay>;

/// A message that was sent; its span ends with the acknowledgement.
struct OnTheWay {
    position: u64,
    acknowledgement: PublishAckFuture,
    span: Span,
}

impl Lane {
    /// Publishes everything behind `place`; answers the last position in the stream. After a
    /// failure nothing of ours is on the way any more.
    pub(super) async fn publish(&self, place: Place) -> Result<u64, Error> {
        let mut window = Window::new();
        let mut last = place.last;
        let result = self.pages(place, &mut window, &mut last).await;
        if result.is_err() {
            // What is still on the way is decided by the fence; we only wait until it is.
            // A later message may well have found its place behind another relay's. All at once:
            // a broker that is away answers none of them, and each would take its whole timeout.
            let waits = window.into_iter().map(|sent| async move {
                let taken = sent.acknowledgement.await;
                if taken.is_ok_and(|taken| taken.sequence == sent.position) {
                    self.status.update(self.partition, |status| status.published += 1);
                }
            });
            futures::future::join_all(waits).await;
        }
        result.map(|()| last)
    }

    async fn pages(&self, place: Place, window: &mut Window, last: &mut u64) -> Result<(), Error> {
        let settings = &self.bus.settings().relay;
        let stream = self.bus.subjects().stream(self.partition, place.epoch);
        let mut page = self.read(place.last).await?;
        while let Some(end) = page.last().map(|event| event.position) {
            let span = tracing::debug_span!(
                "relay", partition = %self.partition, first = page[0].position, last = end,
            );
            let full = self.log.is_full(&page, settings.page_size);
            let sending = async {
                for event in &page {
                    while window.len() >= settings.window {
                        self.acknowledged(&stream, window, last).await?;
                    }
                    window.push_back(self.send(&stream, place.epoch, event).await?);
                }
                Ok::<_, Error>(())
            };
            let (sent, next) = tokio::join!(sending.instrument(span), async {
                if full { self.read(end).await } else { Ok(Vec::new()) }
            });
            sent?;
            page = next?;
        }
        while !window.is_empty() {
            self.acknowledged(&stream, window, last).await?;
        }
        Ok(())
    }

    async fn read(&self, after: u64) -> Result<Vec<Recorded>, Error> {
        let limit = self.bus.settings().relay.page_size;
        Ok(self.log.read_partition(self.partition, after, limit).await?)
    }

    async fn send(&self, stream: &str, epoch: u32, event: &Recorded) -> Result<OnTheWay, Error> {
        let headers = encode(event, epoch);
        let span = tracing::info_span!(
            "publish",
            otel.kind = "producer",
            otel.status_code = field::Empty,
            messaging.system = "nats",
            messaging.operation.name = "publish",
            messaging.operation.type = "send",
            messaging.destination.name = stream,
            position = event.position,
            event_type = event.event_type,
        );
        if let Some(traceparent) = headers.get("traceparent") {
            eventlog::trace::follow(&span, traceparent.as_str());
        }
        let message = PublishMessage::build()
            .payload(event.payload.clone())
            .headers(headers)
            .expected_stream(stream)
            .expected_last_sequence(event.position - 1);
        let acknowledgement = self
            .bus
            .jetstream()
            .send_publish(self.bus.subjects().event(event), message)
            .instrument(span.clone())
            .await
            .map_err(Error::broker("publish an event"))?;
        Ok(OnTheWay { position: event.position, acknowledgement, span })
    }

    /// Waits for the oldest message on the way.
    async fn acknowledged(
        &self,
        stream: &str,
        window: &mut Window,
        last: &mut u64,
    ) -> Result<(), Error> {
        let Some(OnTheWay { position, acknowledgement, span }) = window.pop_front() else {
            return Ok(());
        };
        let answer = acknowledgement.await;
        if answer.is_err() {
            span.record("otel.status_code", "ERROR");
        }
        match answer {
            Ok(acknowledgement)
                if acknowledgement.sequence == position && acknowledgement.stream == stream =>
            {
                *last = position;
                self.status.update(self.partition, |status| status.published += 1);
                Ok(())
            }
            Ok(_) => Err(Error::Overtaken),
            Err(error) => match error.kind() {
                PublishErrorKind::WrongLastSequence => Err(Error::Overtaken),
                _ => Err(Error::broker("publish an event")(error)),
            },
        }
    }
}
