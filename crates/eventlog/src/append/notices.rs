//! Receives the warnings that Postgres sends with an answer.
//!
//! A commit that was cancelled while it waited for its synchronous standbys succeeds with only a
//! warning, and `sqlx` passes warnings on as `tracing` events only. The writer's calls therefore
//! run under a subscriber that records such events and forwards everything.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tracing::instrument::WithSubscriber as _;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};

const TARGET: &str = "sqlx::postgres::notice";

/// Tells whether a call came with a warning.
pub(super) struct Notices {
    warned: Arc<AtomicBool>,
    dispatch: Dispatch,
}

impl Notices {
    /// Passes all events on to the subscriber that is current now.
    pub(super) fn new() -> Self {
        let warned = Arc::new(AtomicBool::new(false));
        let inner = tracing::dispatcher::get_default(Dispatch::clone);
        let listener =
            Listener { warned: Arc::clone(&warned), inner, level: LevelFilter::current() };
        Self { warned, dispatch: Dispatch::new(listener) }
    }

    /// Runs `call`; true if Postgres sent a warning meanwhile.
    pub(super) async fn during<F: Future>(&self, call: F) -> (F::Output, bool) {
        self.warned.store(false, Ordering::Relaxed);
        let output = call.with_subscriber(self.dispatch.clone()).await;
        (output, self.warned.load(Ordering::Relaxed))
    }
}

struct Listener {
    /// Set here, read and reset by `during`.
    warned: Arc<AtomicBool>,
    inner: Dispatch,
    level: LevelFilter,
}

fn is_warning(metadata: &Metadata<'_>) -> bool {
    metadata.target() == TARGET && *metadata.level() == Level::WARN
}

impl Subscriber for Listener {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        let inner = self.inner.register_callsite(metadata);
        if is_warning(metadata) { Interest::sometimes() } else { inner }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        is_warning(metadata) || self.inner.enabled(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level.max(LevelFilter::WARN))
    }

    fn event(&self, event: &Event<'_>) {
        if is_warning(event.metadata()) {
            self.warned.store(true, Ordering::Relaxed);
        }
        if self.inner.enabled(event.metadata()) {
            self.inner.event(event);
        }
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.inner.new_span(span)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.inner.record(span, values);
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        self.inner.record_follows_from(span, follows);
    }

    fn enter(&self, span: &Id) {
        self.inner.enter(span);
    }

    fn exit(&self, span: &Id) {
        self.inner.exit(span);
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.inner.clone_span(id)
    }

    fn try_close(&self, id: Id) -> bool {
        self.inner.try_close(id)
    }
}
