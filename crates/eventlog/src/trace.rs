//! Traces from a request to its effects: events carry W3C trace context, and their handlers
//! continue the trace.
use std::collections::HashMap;

use opentelemetry::propagation::TextMapPropagator;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

const TRACEPARENT: &str = "traceparent";

/// Makes a span that was not entered yet a child of the span that an event carries. Nothing
/// happens if the text is no trace context, or spans are not exported.
pub fn follow(span: &Span, traceparent: &str) {
    if traceparent.is_empty() || span.is_disabled() {
        return;
    }
    let carrier = HashMap::from([(TRACEPARENT.to_owned(), traceparent.to_owned())]);
    // A process without an exporter has no layer that could take the parent: nothing is lost.
    let _ = span.set_parent(TraceContextPropagator::new().extract(&carrier));
}

/// The current span, for events to carry; `None` where spans are not exported.
#[must_use]
pub fn current() -> Option<String> {
    let mut carrier = HashMap::new();
    TraceContextPropagator::new().inject_context(&Span::current().context(), &mut carrier);
    carrier.remove(TRACEPARENT)
}
