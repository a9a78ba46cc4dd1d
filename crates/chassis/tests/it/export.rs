//! Spans leave over OTLP however quiet the log is, and the last ones leave with the guard.

use std::time::Duration;

use chassis::telemetry::{self, LogFormat, LogSettings};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use tokio::sync::mpsc;
use tonic::transport::server::TcpIncoming;

use crate::probe::{Ask, READ, settings, start};

struct Collector(mpsc::Sender<ExportTraceServiceRequest>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: tonic::Request<ExportTraceServiceRequest>,
    ) -> Result<tonic::Response<ExportTraceServiceResponse>, tonic::Status> {
        self.0.send(request.into_inner()).await.unwrap();
        Ok(tonic::Response::new(ExportTraceServiceResponse::default()))
    }
}

/// The only test that sets up telemetry: it can be done once per process.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_continues_the_callers_trace_in_the_collector() {
    let (exported, mut batches) = mpsc::channel(64);
    let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let addr = incoming.local_addr().unwrap();
    let collector = TraceServiceServer::new(Collector(exported));
    let collecting = tonic::transport::Server::builder().add_service(collector);
    tokio::spawn(collecting.serve_with_incoming(incoming));
    let log = LogSettings { format: LogFormat::Json, level: "off".to_owned() };
    let export = telemetry::Settings {
        otlp_endpoint: format!("http://{addr}"),
        otlp_timeout: Duration::from_secs(5),
    };
    let guard = telemetry::init("odzew-probe", &log, &export).unwrap();
    assert!(telemetry::init("odzew-probe", &log, &export).is_err());

    let server = start(settings()).await;
    let mut request = tonic::Request::new(Ask { text: "hello".to_owned() });
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    request.metadata_mut().insert("traceparent", parent.parse().unwrap());
    server.send_request(READ, request).await.unwrap();
    tokio::task::spawn_blocking(|| guard.shutdown()).await.unwrap();

    batches.close();
    let mut found = None;
    while let Some(batch) = batches.recv().await {
        for resource in batch.resource_spans {
            let named = format!("{:?}", resource.resource);
            assert!(named.contains("odzew-probe"), "{named}");
            for span in resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
                if span.trace_id.starts_with(&[0x4b, 0xf9, 0x2f]) {
                    found = Some(span);
                }
            }
        }
    }
    let span = found.unwrap();
    assert_eq!(span.name, "test.Probe/Read");
    assert_eq!(span.parent_span_id[..2], [0x00, 0xf0]);
    let attributes = format!("{:?}", span.attributes);
    assert!(attributes.contains("rpc.status_code"), "{attributes}");
}
