//! Signed calls, and whom they may reach.
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chassis::rpc::Role;
use hmac::{Hmac, KeyInit as _, Mac as _};
use notification::Delay;
use prost::Message as _;
use sha2::Sha256;
use testkit::{Answer, Request, WebhookSink, eventually};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tonic::Code;
use uuid::Uuid;
use wire::common::v1::sealed;
use wire::notification::v1::{
    CreateWebhookRequest, CreateWebhookResponse, DisableWebhookRequest, ListWebhooksRequest,
    Notice, NoticeState, Purpose, Webhook, WebhookRegistered,
};

use crate::world::{World, auditor, by, reason};

fn create(url: &str, event_types: &[&str]) -> CreateWebhookRequest {
    CreateWebhookRequest {
        request_id: Uuid::now_v7().to_string(),
        url: url.to_owned(),
        event_types: event_types.iter().map(ToString::to_string).collect(),
    }
}

async fn register(world: &World, url: &str, event_types: &[&str]) -> CreateWebhookResponse {
    let request = by(Role::Integrator, create(url, event_types));
    world.client.clone().create_webhook(request).await.unwrap().into_inner()
}

async fn webhooks(world: &World) -> Vec<Webhook> {
    let request = auditor(ListWebhooksRequest::default());
    world.client.clone().list_webhooks(request).await.unwrap().into_inner().webhooks
}

async fn calls(sink: &WebhookSink, count: usize) -> Vec<Request> {
    eventually(|| async {
        let calls = sink.requests();
        (calls.len() >= count).then_some(calls)
    })
    .await
}

/// The signature that the call should have.
fn signed(call: &Request, secret: &str) -> String {
    let header = |name| call.header(name).unwrap();
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    let (webhook_id, at) = (header("webhook-id"), header("webhook-timestamp"));
    mac.update([webhook_id, ".", at, "."].concat().as_bytes());
    mac.update(&call.body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

async fn call_notice(world: &World, ticket_id: Uuid) -> Option<Notice> {
    let notices = world.notices(ticket_id).await;
    notices.into_iter().find(|notice| notice.purpose() == Purpose::Event)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_signed_and_has_no_personal_data() {
    let world = World::new().await;
    let sink = WebhookSink::start().await;
    let created = register(&world, &sink.url(), &[]).await;
    let id = world.ticket("pl").await;
    let call = calls(&sink, 1).await.remove(0);
    assert_eq!(
        (call.method.as_str(), call.header("content-type")),
        ("POST", Some("application/json"))
    );
    let header = |name| call.header(name).unwrap();
    let (webhook_id, at) = (header("webhook-id"), header("webhook-timestamp"));
    assert_eq!(header("webhook-signature"), signed(&call, &created.secret));
    let skew = at.parse::<i64>().unwrap() - world.log.now().await.unwrap().as_second();
    assert!((-60..=1).contains(&skew));

    let body: serde_json::Value = serde_json::from_slice(&call.body).unwrap();
    assert_eq!(body["type"], wire::event::TICKET_REGISTERED);
    assert_eq!(body["subject"], format!("ticket-{id}"));
    assert_eq!(body["data"]["number"], "7K3M9-QXF2H-4");
    let text = String::from_utf8(call.body.clone()).unwrap();
    for personal in ["zofia", "Zofia", "Router", "Proszę"] {
        assert!(!text.contains(personal), "{text}");
    }
    let notice = eventually(|| async {
        call_notice(&world, id).await.filter(|notice| notice.state() == NoticeState::Sent)
    })
    .await;
    assert_eq!(webhook_id, notice.notice_id);
    // The mail's and the call's own events are not called about.
    world.caught_up().await;
    assert_eq!(sink.requests().len(), 1);
}

/// What the log has of the endpoints of the tenant.
async fn stored(world: &World) -> Vec<eventlog::Recorded> {
    let stream = domain::webhook::Webhooks::stream_id("acme");
    let stream = eventlog::StreamId::new("webhook", stream);
    world.log.read_stream(&world.tenant, &stream, 0).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_stands_in_the_log_as_nobody_can_read_it_without_the_key() {
    let world = World::new().await;
    let sink = WebhookSink::start().await;
    world.keys.are_away(true);
    let request = create(&sink.url(), &[]);
    let mut client = world.client.clone();
    let status = client.create_webhook(by(Role::Admin, request.clone())).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    world.keys.are_away(false);
    let created = client.create_webhook(by(Role::Admin, request.clone())).await.unwrap();
    let created = created.into_inner();
    let events = stored(&world).await;
    let registered = WebhookRegistered::decode(&*events[0].payload).unwrap();
    let secret = registered.secret.clone().unwrap().content;
    assert!(matches!(secret, Some(sealed::Content::Ciphertext(_))), "{secret:?}");
    let plain = created.secret.strip_prefix("whsec_").unwrap();
    assert!(!String::from_utf8_lossy(&events[0].payload).contains(plain));
    // A call that cannot be signed waits; switching off does not.
    world.keys.are_away(true);
    let before = world.ticket("pl").await;
    world.letters(1).await;
    eventually(|| async { call_notice(&world, before).await }).await;
    assert_eq!(sink.requests().len(), 0);
    world.keys.are_away(false);
    calls(&sink, 1).await;
    world.keys.are_away(true);
    let disable = DisableWebhookRequest {
        request_id: Uuid::now_v7().to_string(),
        webhook_id: created.webhook.unwrap().webhook_id,
    };
    for _ in 0..2 {
        let answer = client.disable_webhook(by(Role::Admin, disable.clone())).await.unwrap();
        assert!(!answer.into_inner().webhook.unwrap().enabled);
    }
    assert!(!webhooks(&world).await[0].enabled);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_of_before_is_called_with_the_secret_that_stands_in_clear() {
    let world = World::new().await;
    let sink = WebhookSink::start().await;
    let stream = domain::webhook::Webhooks::stream_id("acme");
    let old = WebhookRegistered {
        webhook_id: Uuid::now_v7().to_string(),
        url: sink.url(),
        secret: crate::world::sealed("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        event_types: vec![wire::event::TICKET_REGISTERED.to_owned()],
    };
    world.tell("webhook", stream, &old).await;
    world.ticket("pl").await;
    calls(&sink, 1).await;
    // Another one beside it is sealed.
    let created = register(&world, &sink.url(), &[wire::event::MESSAGE_ADDED]).await;
    assert_eq!(webhooks(&world).await.len(), 2);
    let second = WebhookRegistered::decode(&*stored(&world).await[1].payload).unwrap();
    assert!(matches!(second.secret.unwrap().content, Some(sealed::Content::Ciphertext(_))));
    let id = world.ticket("pl").await;
    world.reply(id, "tak").await;
    let call = calls(&sink, 3).await.into_iter().find(|call| {
        let body: serde_json::Value = serde_json::from_slice(&call.body).unwrap();
        body["type"] == wire::event::MESSAGE_ADDED
    });
    let call = call.unwrap();
    assert_eq!(call.header("webhook-signature").unwrap(), signed(&call, &created.secret));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_gets_the_types_it_asked_for_from_its_registration_on() {
    let world = World::new().await;
    let sink = WebhookSink::start().await;
    let before = world.ticket("pl").await;
    register(&world, &sink.url(), &[wire::event::MESSAGE_ADDED]).await;
    let after = world.ticket("pl").await;
    world.reply(before, "tak").await;
    world.reply(after, "nie").await;
    world.caught_up().await;
    let types: Vec<_> = calls(&sink, 2)
        .await
        .iter()
        .map(|call| serde_json::from_slice::<serde_json::Value>(&call.body).unwrap())
        .map(|body| body["type"].clone())
        .collect();
    assert_eq!(types, [wire::event::MESSAGE_ADDED, wire::event::MESSAGE_ADDED]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_call_is_repeated_under_the_same_id() {
    let world = World::new().await;
    let sink = WebhookSink::start().await;
    sink.answer_next(1, Answer::Status(500));
    sink.answer_next(1, Answer::With(301, vec![("Location", "http://127.0.0.1/".to_owned())]));
    sink.answer_next(1, Answer::Cut);
    register(&world, &sink.url(), &[wire::event::TICKET_REGISTERED]).await;
    let id = world.ticket("pl").await;
    let calls = calls(&sink, 4).await;
    let ids: Vec<_> = calls.iter().map(|call| call.header("webhook-id").unwrap()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]));
    let notice = eventually(|| async {
        call_notice(&world, id).await.filter(|notice| notice.state() == NoticeState::Sent)
    })
    .await;
    assert_eq!((notice.attempts, notice.unknown_attempts), (4, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_asks_for_a_pause_gets_it() {
    let world = World::new().await;
    let sink = WebhookSink::start().await;
    sink.answer(Answer::With(429, vec![("Retry-After", "600".to_owned())]));
    register(&world, &sink.url(), &[wire::event::TICKET_REGISTERED]).await;
    let id = world.ticket("pl").await;
    let notice = eventually(|| async {
        call_notice(&world, id).await.filter(|notice| notice.last_error == "HTTP_429")
    })
    .await;
    let due = notice.next_attempt_at.unwrap().seconds - world.log.now().await.unwrap().as_second();
    assert!((590..=600).contains(&due), "{due}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_gone_is_switched_off() {
    let world = World::new().await;
    let sink = WebhookSink::start().await;
    sink.answer(Answer::Status(410));
    register(&world, &sink.url(), &[wire::event::TICKET_REGISTERED]).await;
    let id = world.ticket("pl").await;
    eventually(|| async { !webhooks(&world).await[0].enabled }).await;
    assert_eq!(webhooks(&world).await[0].disabled_reason, "GONE");
    let notice = eventually(|| async {
        call_notice(&world, id).await.filter(|notice| notice.state() == NoticeState::Failed)
    })
    .await;
    assert_eq!(notice.last_error, "HTTP_410");
    let later = world.ticket("pl").await;
    world.only_notice(later, NoticeState::Sent).await;
    world.caught_up().await;
    assert!(call_notice(&world, later).await.is_none());
    assert_eq!(sink.requests().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_takes_nothing_for_long_is_switched_off() {
    let world = World::with(|config| {
        config.webhook.disable_after = Duration::from_millis(700);
        config.webhook.attempts.retry = vec![Delay(Duration::from_millis(20)); 200];
    })
    .await;
    let (dead, ill) = (WebhookSink::start().await, WebhookSink::start().await);
    dead.answer(Answer::Status(500));
    ill.answer(Answer::Status(500));
    register(&world, &dead.url(), &[wire::event::TICKET_REGISTERED]).await;
    let recovers =
        register(&world, &ill.url(), &[wire::event::TICKET_REGISTERED]).await.webhook.unwrap();
    world.ticket("pl").await;
    calls(&ill, 1).await;
    ill.answer(Answer::Status(204));
    let off = eventually(|| async {
        webhooks(&world).await.into_iter().find(|webhook| !webhook.enabled)
    })
    .await;
    assert_eq!(off.disabled_reason, "FAILING");
    assert_ne!(off.webhook_id, recovers.webhook_id);
    let failing: Vec<bool> = eventually(|| async {
        sqlx::query_scalar(
            "select failing_since is not null from notification.webhook_health where disabled",
        )
        .fetch_all(world.db.pool())
        .await
        .map(|rows| Some(rows).filter(|rows| !rows.is_empty()))
    })
    .await;
    assert_eq!(failing, [false], "nobody is told of it any more");
    let kept = webhooks(&world).await.into_iter().find(|w| w.webhook_id == recovers.webhook_id);
    assert!(kept.unwrap().enabled);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_never_answers_does_not_delay_the_others() {
    let world = World::with(|config| {
        config.webhook.attempts.concurrency = 4;
        config.webhook.attempts.per_lane = 2;
        config.webhook.attempts.retry = vec![Delay(Duration::from_secs(3600))];
    })
    .await;
    let (slow, quick) = (WebhookSink::start().await, WebhookSink::start().await);
    slow.answer(Answer::Hang);
    register(&world, &slow.url(), &[wire::event::TICKET_REGISTERED]).await;
    register(&world, &quick.url(), &[wire::event::TICKET_REGISTERED]).await;
    let begun = tokio::time::Instant::now();
    for _ in 0..20 {
        world.ticket("pl").await;
    }
    calls(&quick, 20).await;
    // A call may take 15 s: had one of them stood in the way, so would this have.
    assert!(begun.elapsed() < Duration::from_secs(14));
    assert_eq!(slow.requests().len(), 2);
    world.letters(20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_must_not_be_called_are_not_registered() {
    let world = World::with(|config| config.webhook.allow_private = false).await;
    for url in [
        "https://169.254.169.254/",
        "https://[::ffff:127.0.0.1]/",
        "https://0x7f.1/",
        "https://2130706433/",
        "https://localhost./",
        "https://10.0.0.1/",
        "https://[64:ff9b::7f00:1]/",
        "https://user@hooks.example.com/",
        "file:///etc/passwd",
        "https://hooks.example.com:25/",
        "https://hооks.example.com/",
        "http://hooks.example.com/",
    ] {
        let request = by(Role::Integrator, create(url, &[]));
        let status = world.client.clone().create_webhook(request).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{url}: {status:?}");
        assert_eq!(reason(&status), "WEBHOOK_URL_FORBIDDEN", "{url}");
    }
    assert!(webhooks(&world).await.is_empty());
}

/// Registered while private addresses were allowed; they no longer are.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_checked_again_when_it_is_called() {
    let mut world = World::new().await;
    let sink = WebhookSink::start().await;
    register(&world, &sink.url(), &[wire::event::TICKET_REGISTERED]).await;
    world.stop().await;
    world.config.webhook.allow_private = false;
    world.start().await;
    let id = world.ticket("pl").await;
    let notice = eventually(|| async {
        call_notice(&world, id).await.filter(|notice| notice.state() == NoticeState::Failed)
    })
    .await;
    assert_eq!(notice.last_error, "ADDRESS_FORBIDDEN");
    assert!(sink.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn registering_is_repeatable_and_switching_off_ends_the_calls() {
    let world = World::new().await;
    let sink = WebhookSink::start().await;
    let request = create(&sink.url(), &[]);
    let mut client = world.client.clone();
    let first = client.create_webhook(by(Role::Admin, request.clone())).await.unwrap().into_inner();
    let again = client.create_webhook(by(Role::Admin, request.clone())).await.unwrap().into_inner();
    assert_eq!(first, again);
    let other = CreateWebhookRequest { url: format!("{}/2", sink.url()), ..request };
    let status = client.create_webhook(by(Role::Admin, other)).await.unwrap_err();
    assert_eq!(reason(&status), "REQUEST_ID_REUSED");
    let unknown = create(&sink.url(), &[wire::event::NOTIFICATION_SENT]);
    let status = client.create_webhook(by(Role::Admin, unknown)).await.unwrap_err();
    assert_eq!(reason(&status), "FIELD_INVALID");
    let status = client.create_webhook(by(Role::Agent, create("x", &[]))).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);

    let disable = DisableWebhookRequest {
        request_id: Uuid::now_v7().to_string(),
        webhook_id: first.webhook.unwrap().webhook_id,
    };
    let answer = client.disable_webhook(by(Role::Admin, disable)).await.unwrap().into_inner();
    let webhook = answer.webhook.unwrap();
    assert_eq!((webhook.enabled, webhook.disabled_reason.as_str()), (false, "REQUESTED"));
    world.ticket("pl").await;
    world.letters(1).await;
    world.caught_up().await;
    assert!(sink.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let world = World::with(|config| {
        config.webhook.attempts.retry = vec![Delay(Duration::from_secs(3600))];
    })
    .await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let endless = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        // The whole call first: an answer in the middle of it would be another fault.
        let mut call = Vec::new();
        while !call.ends_with(b"}") {
            assert!(stream.read_buf(&mut call).await.unwrap() > 0);
        }
        let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n";
        stream.write_all(head).await.unwrap();
        let mut written = 0_u64;
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {
            written += 4096;
        }
        written
    });
    register(&world, &url, &[wire::event::TICKET_REGISTERED]).await;
    let id = world.ticket("pl").await;
    let notice = eventually(|| async {
        call_notice(&world, id).await.filter(|notice| !notice.last_error.is_empty())
    })
    .await;
    assert_eq!(notice.last_error, "RESPONSE_LIMIT");
    // What the sockets hold besides the 64 KiB that were read.
    assert!(endless.await.unwrap() < 16 << 20);
}
