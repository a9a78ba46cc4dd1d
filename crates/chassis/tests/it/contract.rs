//! Every refusal of the server has the code, the reason and the details of the contract.

use std::time::Duration;

use prost::Message;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::probe::{Ask, READ, Running, WRITE, settings, start};

/// Bytes that are no [`Ask`]: field 1 with another wire type.
#[derive(Clone, PartialEq, Message)]
struct Odd {
    #[prost(uint64, tag = "1")]
    number: u64,
}

fn reason(status: &Status) -> String {
    let info = status.get_details_error_info().unwrap_or_else(|| panic!("bare: {status:?}"));
    assert_eq!(info.domain, "odzew.dev");
    info.reason
}

#[tokio::test]
async fn a_message_too_large_is_named_with_the_limit() {
    let server = start(settings()).await;
    let status = server.ask(READ, &"x".repeat(5000)).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert_eq!(reason(&status), "MESSAGE_TOO_LARGE");
    assert_eq!(status.get_details_error_info().unwrap().metadata["limit"], "4096");
}

#[tokio::test]
async fn a_message_counts_as_large_as_it_is_unpacked() {
    let server = start(settings()).await;
    let client = tonic::client::Grpc::new(server.channel().await);
    let client = client.send_compressed(tonic::codec::CompressionEncoding::Gzip);
    let request = tonic::Request::new(Ask { text: "x".repeat(1_000_000) });
    let status = server.send_with(client, READ, request).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert_eq!(reason(&status), "MESSAGE_TOO_LARGE");
}

#[tokio::test]
async fn malformed_bytes_are_the_callers_fault_and_the_decoder_stays_silent() {
    let server = start(settings()).await;
    let status = server.send(READ, Odd { number: 7 }).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(reason(&status), "MALFORMED_MESSAGE");
    assert!(!status.message().contains("wire type"), "{status:?}");
}

#[tokio::test]
async fn a_missed_deadline_says_whether_something_may_have_changed() {
    let short = Duration::from_millis(50);
    let server = start(chassis::serve::Settings { default_deadline: short, ..settings() }).await;
    let read = server.ask(READ, "slow").await.unwrap_err();
    assert_eq!(
        (read.code(), reason(&read).as_str()),
        (Code::DeadlineExceeded, "DEADLINE_EXCEEDED")
    );
    let write = server.ask(WRITE, "slow").await.unwrap_err();
    assert_eq!(
        (write.code(), reason(&write).as_str()),
        (Code::DeadlineExceeded, "OUTCOME_UNKNOWN")
    );
}

/// A caller that announces a deadline but does not watch it; tonic's client would answer itself.
async fn patient_call(server: &Running, timeout: &str) -> Status {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let message = Ask { text: "slow".to_owned() }.encode_to_vec();
    let mut frame = vec![0];
    frame.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    frame.extend(message);
    let client = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let call = client.post(format!("http://{}{READ}", server.addr));
    let call = call.header("content-type", "application/grpc").header("te", "trailers");
    let answer = call.header("grpc-timeout", timeout).body(frame).send().await.unwrap();
    Status::from_header_map(answer.headers()).unwrap()
}

#[tokio::test]
async fn the_callers_own_deadline_counts_but_not_beyond_the_maximum() {
    let server = start(settings()).await;
    let status = patient_call(&server, "40m").await;
    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert_eq!(reason(&status), "DEADLINE_EXCEEDED");

    let max_deadline = Duration::from_millis(40);
    let server = start(chassis::serve::Settings { max_deadline, ..settings() }).await;
    let status = patient_call(&server, "1H").await;
    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert_eq!(reason(&status), "DEADLINE_EXCEEDED");
}

#[tokio::test]
async fn a_stream_whose_request_does_not_come_gives_its_place_back() {
    let short = Duration::from_millis(50);
    let limits =
        chassis::serve::Settings { default_deadline: short, max_in_flight: 1, ..settings() };
    let server = start(limits).await;
    let status = server.watch_without_asking();
    let status = tokio::time::timeout(Duration::from_secs(5), status).await.unwrap();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert_eq!(reason(&status), "DEADLINE_EXCEEDED");
    assert_eq!(server.ask(READ, "hello").await.unwrap().text, "hello");
    // Once it has begun, a stream may last.
    let mut stream = server.watch("first").await;
    assert_eq!(stream.message().await.unwrap().unwrap().text, "first");
    assert!(tokio::time::timeout(short * 4, stream.message()).await.is_err());
}

#[tokio::test]
async fn too_many_calls_are_refused_with_a_time_to_come_back_but_health_answers() {
    let server = start(chassis::serve::Settings { max_in_flight: 0, ..settings() }).await;
    let status = server.ask(READ, "hello").await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert_eq!(reason(&status), "OVERLOADED");
    let details = status.get_error_details();
    assert_eq!(details.retry_info().unwrap().retry_delay, Some(Duration::from_millis(1500)));
    assert!(details.quota_failure().is_some());

    let channel = server.channel().await;
    let mut health = tonic_health::pb::health_client::HealthClient::new(channel);
    health.check(tonic_health::pb::HealthCheckRequest::default()).await.unwrap();
}

#[tokio::test]
async fn unknown_methods_and_services_are_unimplemented_with_a_reason() {
    let server = start(settings()).await;
    for path in ["/test.Probe/Nothing", "/test.Nobody/Read"] {
        let status = server.ask(path, "hello").await.unwrap_err();
        assert_eq!(status.code(), Code::Unimplemented);
        assert_eq!(reason(&status), "METHOD_UNKNOWN");
        assert_eq!(status.get_details_error_info().unwrap().metadata["method"], path);
    }
}

#[tokio::test]
async fn a_panic_and_a_bare_internal_tell_nothing_but_an_incident() {
    let server = start(settings()).await;
    for text in ["panic", "bare"] {
        let status = server.ask(READ, text).await.unwrap_err();
        assert_eq!(status.code(), Code::Internal);
        assert_eq!(reason(&status), "INTERNAL");
        assert!(!status.message().contains("secret"), "{status:?}");
        let incident = status.get_details_request_info().unwrap().request_id;
        assert!(status.message().contains(&incident), "{status:?}");
    }
    assert_eq!(server.ask(READ, "still there").await.unwrap().text, "still there");
}

#[tokio::test]
async fn a_handlers_own_status_passes_untouched() {
    let server = start(settings()).await;
    let status = server.ask(READ, "refuse").await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    assert_eq!(reason(&status), "RESOURCE_NOT_FOUND");
    let resource = status.get_details_resource_info().unwrap();
    assert_eq!(
        (resource.resource_type.as_str(), resource.resource_name.as_str()),
        ("ticket", "42")
    );
}

#[tokio::test]
async fn the_handler_knows_who_asks_and_which_method() {
    let server = start(settings()).await;
    let mut request = tonic::Request::new(Ask { text: "who".to_owned() });
    let actor = chassis::rpc::Actor { id: "agent-17".to_owned(), role: chassis::rpc::Role::Lead };
    chassis::rpc::put_context(request.metadata_mut(), "acme", &actor).unwrap();
    let answer = server.send_request(READ, request).await.unwrap();
    assert_eq!(answer.text, "acme lead /test.Probe/Read");
    let status = server.ask(READ, "who").await.unwrap_err();
    assert_eq!(reason(&status), "CONTEXT_MISSING");
}
