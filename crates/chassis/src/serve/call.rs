//! Telemetry of one call: a span, and one measurement when it ends.

use std::sync::LazyLock;
use std::time::Instant;

use opentelemetry::KeyValue;
use opentelemetry::metrics::Histogram;
use tonic::Code;
use tracing::{Span, field};

use crate::status::code_name;
use crate::telemetry;
use crate::telemetry::trace;

/// The name of unknown methods in metrics, so that callers cannot create series.
const OTHER: &str = "_OTHER";

/// Bounds of the histogram in seconds, as the semantic conventions advise.
const BOUNDS: [f64; 14] =
    [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

static DURATION: LazyLock<Histogram<f64>> = LazyLock::new(|| {
    telemetry::meter("chassis")
        .f64_histogram("rpc.server.call.duration")
        .with_unit("s")
        .with_description("Time from the request's headers to the end of the answer.")
        .with_boundaries(BOUNDS.to_vec())
        .build()
});

/// A call in work. Dropped without an end, it was cancelled by the caller.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) span: Span,
    method: String,
    started: Instant,
    ended: bool,
}

impl Call {
    pub(super) fn begin(path: &str, known: bool, headers: &http::HeaderMap) -> Self {
        let method = if known { path.trim_start_matches('/') } else { OTHER };
        let span = tracing::info_span!(
            "rpc",
            otel.name = method,
            otel.kind = "server",
            otel.status_code = field::Empty,
            rpc.system.name = "grpc",
            rpc.method = method,
            rpc.status_code = field::Empty,
            error.type = field::Empty,
            trace_id = field::Empty,
        );
        let received = trace::extract(headers);
        if let Some(parent) = &received {
            trace::set_parent_from_traceparent(&span, parent);
        }
        if let Some(own) = span.in_scope(trace::current_traceparent).or(received) {
            // For the log: lines of one trace are found together.
            span.record("trace_id", own.split('-').nth(1));
        }
        Self { span, method: method.to_owned(), started: Instant::now(), ended: false }
    }

    pub(super) fn end(&mut self, code: Code) {
        if self.ended {
            return;
        }
        self.ended = true;
        let elapsed = self.started.elapsed();
        let name = code_name(code);
        self.span.record("rpc.status_code", name);
        let mut attributes = vec![
            KeyValue::new("rpc.system.name", "grpc"),
            KeyValue::new("rpc.method", self.method.clone()),
            KeyValue::new("rpc.status_code", name),
        ];
        if code != Code::Ok {
            self.span.record("error.type", name);
            self.span.record("otel.status_code", "ERROR");
            attributes.push(KeyValue::new("error.type", name));
        }
        DURATION.record(elapsed.as_secs_f64(), &attributes);
        self.span.in_scope(|| {
            tracing::debug!(status = name, elapsed_ms = elapsed.as_millis(), "call ended");
        });
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.end(Code::Cancelled);
    }
}
