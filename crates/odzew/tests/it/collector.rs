//! An OTLP collector that keeps what the roles export.
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use tonic::transport::server::TcpIncoming;

/// Listens until the test ends.
pub(crate) struct Collector {
    address: SocketAddr,
    spans: Arc<Mutex<Vec<Exported>>>,
}

/// A span and the service it came from.
#[derive(Clone)]
pub(crate) struct Exported {
    pub(crate) service: String,
    pub(crate) span: Span,
}

#[tonic::async_trait]
impl TraceService for Keep {
    async fn export(
        &self,
        request: tonic::Request<ExportTraceServiceRequest>,
    ) -> Result<tonic::Response<ExportTraceServiceResponse>, tonic::Status> {
        let mut kept = self.0.lock().unwrap();
        for resource in request.into_inner().resource_spans {
            let attributes = resource.resource.unwrap_or_default().attributes;
            let service = text(&attributes, "service.name");
            for span in resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
                kept.push(Exported { service: service.clone(), span });
            }
        }
        Ok(tonic::Response::new(ExportTraceServiceResponse::default()))
    }
}

struct Keep(Arc<Mutex<Vec<Exported>>>);

impl Collector {
    pub(crate) fn start() -> Self {
        let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = incoming.local_addr().unwrap();
        let spans = Arc::<Mutex<Vec<Exported>>>::default();
        let service = TraceServiceServer::new(Keep(Arc::clone(&spans)));
        let serving = tonic::transport::Server::builder().add_service(service);
        tokio::spawn(serving.serve_with_incoming(incoming));
        Self { address, spans }
    }

    /// The section of the roles' configuration that sends spans here.
    pub(crate) fn settings(&self) -> String {
        format!("[telemetry]\notlp_endpoint = \"http://{}\"\n", self.address)
    }

    /// What has arrived so far.
    pub(crate) fn spans(&self) -> Vec<Exported> {
        self.spans.lock().unwrap().clone()
    }
}

impl Exported {
    /// The text of an attribute; empty if it is not there or no text.
    pub(crate) fn attribute(&self, key: &str) -> String {
        text(&self.span.attributes, key)
    }

    fn duration(&self) -> Duration {
        let Span { start_time_unix_nano: start, end_time_unix_nano: end, .. } = self.span;
        Duration::from_nanos(end.saturating_sub(start))
    }

    /// What it is about, in a word.
    fn about(&self) -> String {
        let of = |key| Some(self.attribute(key)).filter(|text| !text.is_empty());
        let last = |text: String| text.rsplit('.').next().unwrap_or_default().to_owned();
        let stream = || of("stream").map(|stream| stream.split('-').next().unwrap().to_owned());
        of("event_type").map(last).or_else(|| of("purpose")).or_else(stream).unwrap_or_default()
    }
}

fn text(attributes: &[KeyValue], key: &str) -> String {
    let value = attributes.iter().find(|each| each.key == key);
    match value.and_then(|each| each.value.as_ref()?.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        _ => String::new(),
    }
}

/// The spans below `parent`, indented, in the order of their beginning; reactions below which
/// nothing happened are only counted.
pub(crate) fn tree(trace: &[Exported], parent: &[u8]) -> String {
    let mut children: BTreeMap<&[u8], Vec<&Exported>> = BTreeMap::new();
    for each in trace {
        children.entry(&each.span.parent_span_id).or_default().push(each);
    }
    children.values_mut().for_each(|all| all.sort_by_key(|each| each.span.start_time_unix_nano));
    let begin = trace.iter().map(|each| each.span.start_time_unix_nano).min().unwrap_or_default();
    let mut lines = String::new();
    let mut idle = 0;
    let mut open: Vec<(usize, &Exported)> = Vec::new();
    let below = |id: &[u8], depth: usize, open: &mut Vec<_>| {
        let found = children.get(id).into_iter().flatten().rev();
        open.extend(found.map(|each| (depth, *each)));
    };
    below(parent, 0, &mut open);
    while let Some((depth, each)) = open.pop() {
        if each.span.name == "react" && !children.contains_key(&each.span.span_id[..]) {
            idle += 1;
            continue;
        }
        let at = Duration::from_nanos(each.span.start_time_unix_nano - begin);
        let name = each.span.name.rsplit('/').next().unwrap_or_default();
        let name = format!("{:indent$}{name} {}", "", each.about(), indent = 2 * depth);
        let _ = writeln!(
            lines,
            "{:<19} {name:<60} +{:>7.1} ms {:>7.1} ms",
            each.service,
            at.as_secs_f64() * 1e3,
            each.duration().as_secs_f64() * 1e3,
        );
        below(&each.span.span_id, depth + 1, &mut open);
    }
    let _ = writeln!(lines, "and {idle} reactions to events that concern nobody there");
    lines
}
