//! What the delivery log shows to whom.
use chassis::rpc::Role;
use testkit::eventually;
use tonic::Code;
use tonic_types::StatusExt as _;
use uuid::Uuid;
use wire::notification::v1::{
    GetNoticeRequest, ListNoticesRequest, NoticeState, ReleaseNoticeRequest,
};

use crate::world::{World, auditor, by, reason};

fn list(ticket_id: Uuid, page_size: i32, page_token: &str) -> ListNoticesRequest {
    ListNoticesRequest {
        ticket_id: ticket_id.to_string(),
        page_size,
        page_token: page_token.to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tickets_notices_come_in_pages() {
    let world = World::new().await;
    let id = world.ticket("pl").await;
    for n in 0..4 {
        world.reply(id, &format!("odpowiedź {n}")).await;
    }
    let other = world.ticket("pl").await;
    eventually(|| async { world.notices(id).await.len() == 5 }).await;
    let mut client = world.client.clone();
    let (mut seen, mut token, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = client.list_notices(auditor(list(id, 2, &token))).await.unwrap().into_inner();
        assert!(page.notices.len() <= 2);
        seen.extend(page.notices.into_iter().map(|notice| notice.notice_id));
        pages += 1;
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!((pages, seen.len()), (3, 5));
    let all: Vec<_> = world.notices(id).await.into_iter().map(|notice| notice.notice_id).collect();
    assert_eq!(seen, all);

    let first = client.list_notices(auditor(list(id, 2, ""))).await.unwrap().into_inner();
    let token = first.next_page_token;
    for (ticket_id, token) in [(other, token.clone()), (id, "x".to_owned()), (id, token + "A")] {
        let status = client.list_notices(auditor(list(ticket_id, 2, &token))).await.unwrap_err();
        assert_eq!(reason(&status), "PAGE_TOKEN_INVALID");
    }
    let status = client.list_notices(auditor(list(id, -1, ""))).await.unwrap_err();
    assert_eq!(reason(&status), "FIELD_INVALID");
    let status = client.list_notices(by(Role::Customer, list(id, 0, ""))).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_read_as_its_stream_tells_it() {
    let world = World::new().await;
    let id = world.ticket("pl").await;
    let listed = world.only_notice(id, NoticeState::Sent).await;
    let request = GetNoticeRequest { notice_id: listed.notice_id.clone() };
    let mut client = world.client.clone();
    let read = client.get_notice(auditor(request)).await.unwrap().into_inner().notice.unwrap();
    assert_eq!(read, listed);
    assert_eq!((read.template.as_str(), read.locale.as_str()), ("ack@2", "pl"));

    let unknown = GetNoticeRequest { notice_id: Uuid::now_v7().to_string() };
    let status = client.get_notice(auditor(unknown)).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    let release = ReleaseNoticeRequest {
        request_id: Uuid::now_v7().to_string(),
        notice_id: listed.notice_id,
    };
    let status = client.release_notice(by(Role::Lead, release)).await.unwrap_err();
    assert_eq!(reason(&status), "NOTICE_STATE");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_field_of_a_change_is_named() {
    let world = World::new().await;
    let request = by(Role::Lead, ReleaseNoticeRequest::default());
    let status = world.client.clone().release_notice(request).await.unwrap_err();
    let named = status.get_details_error_info().unwrap().metadata["fields"].clone();
    assert_eq!(named, "request_id,notice_id");
}
