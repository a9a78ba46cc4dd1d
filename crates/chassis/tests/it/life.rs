//! Readiness, reflection, metrics and the orderly end of a server.

use std::net::SocketAddr;

use chassis::health::HttpServer;
use chassis::rpc::{AuthMode, AuthSettings};
use chassis::serve::Server;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_stream::StreamExt;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_types::StatusExt;

use crate::probe::{READ, Running, settings, start};

const SERVING: i32 = 1;
const NOT_SERVING: i32 = 2;

async fn get(addr: SocketAddr, path: &str) -> (u16, String) {
    // Two providers are in the graph; the first test to ask settles on one.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let answer = reqwest::get(format!("http://{addr}{path}")).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

async fn watch_health(server: &Running, service: &str) -> tonic::Streaming<HealthAnswer> {
    let request = HealthCheckRequest { service: service.to_owned() };
    let mut client = HealthClient::new(server.channel().await);
    client.watch(request).await.unwrap().into_inner()
}

type HealthAnswer = tonic_health::pb::HealthCheckResponse;

async fn until(stream: &mut tonic::Streaming<HealthAnswer>, status: i32) {
    while stream.next().await.unwrap().unwrap().status != status {}
}

#[tokio::test]
async fn readiness_follows_the_checks_and_liveness_does_not() {
    let server = start(settings()).await;
    let http = HttpServer::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let addr = http.local_addr();
    tokio::spawn(http.serve(server.health.clone(), server.shutdown.clone()));
    let mut process = watch_health(&server, "").await;
    let mut service = watch_health(&server, "test.Probe").await;
    let mut readiness = watch_health(&server, "readiness").await;
    let mut liveness = watch_health(&server, "liveness").await;

    let check = server.health.check("log");
    for stream in [&mut process, &mut service, &mut readiness] {
        until(stream, NOT_SERVING).await;
    }
    until(&mut liveness, SERVING).await;
    check.not_ready("no connection");
    assert_eq!(get(addr, "/readyz").await, (503, "log: no connection\n".to_owned()));
    assert_eq!(get(addr, "/livez").await.0, 200);
    check.ready();
    for stream in [&mut process, &mut service, &mut readiness] {
        until(stream, SERVING).await;
    }
    server.health.ready().await;
    assert_eq!(get(addr, "/readyz").await.0, 200);
}

#[tokio::test]
async fn a_call_is_measured_under_its_method_and_an_unknown_one_under_other() {
    let server = start(settings()).await;
    let http = HttpServer::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let addr = http.local_addr();
    tokio::spawn(http.serve(server.health.clone(), server.shutdown.clone()));
    server.ask(READ, "hello").await.unwrap();
    server.ask("/test.Probe/Invented", "hello").await.unwrap_err();
    let (_, metrics) = get(addr, "/metrics").await;
    let has = |parts: &[&str]| {
        let mut lines = metrics.lines().filter(|l| l.starts_with("rpc_server_call_duration"));
        lines.any(|line| parts.iter().all(|part| line.contains(part)))
    };
    assert!(has(&["rpc_method=\"test.Probe/Read\"", "rpc_status_code=\"OK\""]), "{metrics}");
    assert!(has(&["rpc_method=\"_OTHER\"", "rpc_status_code=\"UNIMPLEMENTED\""]), "{metrics}");
    assert!(!metrics.contains("Invented"), "{metrics}");
}

#[tokio::test]
async fn the_server_describes_itself() {
    let server = start(settings()).await;
    let mut client = ServerReflectionClient::new(server.channel().await);
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let answers = client.server_reflection_info(tokio_stream::once(request)).await.unwrap();
    let answer = answers.into_inner().next().await.unwrap().unwrap();
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
        panic!("{answer:?}");
    };
    let names: Vec<&str> = list.service.iter().map(|service| service.name.as_str()).collect();
    assert!(names.contains(&"test.Probe") && names.contains(&"grpc.health.v1.Health"), "{names:?}");
}

#[tokio::test]
async fn shutdown_ends_streams_in_order_and_then_the_server() {
    let server = start(settings()).await;
    let http = HttpServer::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let operators = tokio::spawn(http.serve(server.health.clone(), server.shutdown.clone()));
    let mut stream = server.watch("first").await;
    assert_eq!(stream.next().await.unwrap().unwrap().text, "first");
    assert!(server.health.is_ready());

    server.shutdown.cancel();
    let status = stream.next().await.unwrap().unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(status.get_details_error_info().unwrap().reason, "DRAINING");
    assert!(status.get_details_retry_info().is_some());
    assert!(!server.health.is_ready());
    drop(stream);
    server.server.await.unwrap().unwrap();
    operators.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_request_that_is_never_sent_whole_does_not_hold_the_end_up() {
    let server = start(settings()).await;
    let http = HttpServer::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let addr = http.local_addr();
    let operators = tokio::spawn(http.serve(server.health.clone(), server.shutdown.clone()));
    let mut half = TcpStream::connect(addr).await.unwrap();
    half.write_all(b"GET /livez HTTP/1.1\r\nHost: x").await.unwrap();
    // Who came later is answered, so the one before was taken.
    assert_eq!(get(addr, "/livez").await.0, 200);
    server.shutdown.cancel();
    let limit = std::time::Duration::from_secs(10);
    tokio::time::timeout(limit, operators).await.expect("it ends").unwrap().unwrap();
}

#[tokio::test]
async fn an_address_others_can_reach_is_refused() {
    let auth = AuthSettings { mode: AuthMode::TrustedMetadata };
    let error = Server::bind("0.0.0.0:0".parse().unwrap(), settings(), &auth).await.unwrap_err();
    let chain = format!("{:#}", Chain(&error));
    assert!(chain.contains("only a loopback address is allowed"), "{chain}");
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let auth = AuthSettings { mode: AuthMode::TrustedMetadata };
    let first = Server::bind("127.0.0.1:0".parse().unwrap(), settings(), &auth).await.unwrap();
    let error = Server::bind(first.local_addr(), settings(), &auth).await.unwrap_err();
    assert!(error.to_string().contains(&first.local_addr().to_string()), "{error}");
}

struct Chain<'a>(&'a dyn std::error::Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut next = Some(self.0);
        while let Some(error) = next {
            write!(f, "{error}: ")?;
            next = error.source();
        }
        Ok(())
    }
}
