//! W3C trace context, converted between spans, gRPC metadata and the form stored in events.

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use tonic::metadata::{MetadataMap, MetadataValue};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Name of the header, in gRPC metadata and in NATS.
pub const TRACEPARENT: &str = "traceparent";

/// The current span as a traceparent; `None` where spans are not exported.
pub(crate) fn current_traceparent() -> Option<String> {
    let context = Span::current().context();
    let span = context.span();
    let span = span.span_context();
    span.is_valid().then(|| {
        let (trace, id, flags) = (span.trace_id(), span.span_id(), span.trace_flags().to_u8());
        format!("00-{trace}-{id}-{flags:02x}")
    })
}

/// Makes the span a child of the given one; `false` if that is no traceparent, or too late.
pub(crate) fn set_parent_from_traceparent(span: &Span, traceparent: &str) -> bool {
    parse(traceparent).is_some_and(|parent| {
        span.set_parent(Context::new().with_remote_span_context(parent)).is_ok()
    })
}

/// The valid traceparent that a call brought.
pub fn received(metadata: &MetadataMap) -> Option<String> {
    extract(metadata.as_ref())
}

/// The valid traceparent among headers.
pub fn extract(headers: &http::HeaderMap) -> Option<String> {
    let text = headers.get(TRACEPARENT)?.to_str().ok()?;
    parse(text).is_some().then(|| text.to_owned())
}

/// Gives the current span to an outgoing call.
pub fn inject(metadata: &mut MetadataMap) {
    if let Some(traceparent) = current_traceparent()
        && let Ok(value) = MetadataValue::try_from(traceparent)
    {
        metadata.insert(TRACEPARENT, value);
    }
}

/// `version-trace-span-flags`; later versions may append fields, which are ignored.
fn parse(traceparent: &str) -> Option<SpanContext> {
    let mut parts = traceparent.split('-');
    let (version, trace, span, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    let well_formed = hex(version, 2) && hex(trace, 32) && hex(span, 16) && hex(flags, 2);
    let end = version != "00" || parts.next().is_none();
    if !well_formed || !end || version == "ff" {
        return None;
    }
    let context = SpanContext::new(
        TraceId::from_hex(trace).ok()?,
        SpanId::from_hex(span).ok()?,
        TraceFlags::new(u8::from_str_radix(flags, 16).ok()?),
        true,
        TraceState::default(),
    );
    context.is_valid().then_some(context)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use opentelemetry::trace::TracerProvider as _;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use tracing_subscriber::layer::SubscriberExt;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_trace_goes_on_through_a_text() {
        let provider = SdkTracerProvider::builder().build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            let span = tracing::info_span!("work");
            assert!(set_parent_from_traceparent(&span, PARENT));
            let inside = span.in_scope(current_traceparent).unwrap();
            assert_eq!(inside[..36], PARENT[..36], "the same trace");
            assert_ne!(inside[36..52], PARENT[36..52], "a span of its own");
        });
    }

    #[test]
    fn other_texts_are_no_traceparent() {
        for text in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        ] {
            assert!(parse(text).is_none(), "{text}");
        }
        assert!(parse(PARENT).is_some());
    }
}
