//! Bad input of every kind: the code, the reason and the field.
use chassis::rpc::Role;
use domain::ticket::{ClassificationSource, Event};
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;
use wire::common::v1 as common;
use wire::intake::v1::{self, RegisterTicketRequest};

use crate::world::{
    World, agent, by_customer, fields, for_tenant, inbound, info, new_id, of, refusal, register,
    resolve, stamp,
};

fn invalid() -> (Code, String) {
    (Code::InvalidArgument, "FIELD_INVALID".to_owned())
}

async fn refused(world: &World, request: RegisterTicketRequest) -> Vec<String> {
    let status = world.client.clone().register_ticket(agent(request)).await.unwrap_err();
    assert_eq!(refusal(&status), invalid(), "{status:?}");
    fields(&status)
}

#[tokio::test]
async fn every_bad_field_is_named_at_once() {
    let world = World::new().await;
    let request = RegisterTicketRequest {
        request_id: "1".to_owned(),
        r#type: 0,
        channel: 99,
        subject: String::new(),
        body: "x".repeat(100_001),
        requester: Some(v1::Requester {
            name: String::new(),
            email: "anna".to_owned(),
            party_id: "7".to_owned(),
        }),
        language: "de".to_owned(),
        received_at: Some(prost_types::Timestamp { seconds: -1, nanos: 0 }),
        category_code: "a/b/c".to_owned(),
        tags: vec![String::new()],
        impact: 9,
        urgency: -1,
        about: vec![v1::BusinessObject { kind: 0, id: "a b".to_owned() }],
        complaint: Some(v1::NewComplaint {
            claims: vec![v1::NewClaim { demand: 0, amount: None }],
            country: "Poland".to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let mut named = refused(&world, request).await;
    named.sort();
    let expected = [
        "about[0].id",
        "about[0].kind",
        "body",
        "category_code",
        "channel",
        "complaint",
        "complaint.claims[0].demand",
        "complaint.country",
        "impact",
        "language",
        "received_at",
        "request_id",
        "requester.email",
        "requester.name",
        "requester.party_id",
        "subject",
        "tags[0]",
        "type",
        "urgency",
    ];
    assert_eq!(named, expected);
}

#[tokio::test]
async fn text_that_nobody_can_store_or_read_is_refused() {
    let world = World::new().await;
    let subject =
        |subject: &str| RegisterTicketRequest { subject: subject.to_owned(), ..register() };
    let marks = format!("e{}", "\u{301}".repeat(1000));
    for bad in ["a\0b", "\u{202e}txt.exe", "two\nlines", &marks, &"x".repeat(301)] {
        assert_eq!(refused(&world, subject(bad)).await[0], "subject", "{bad:?}");
    }
    for category_code in ["/", "TECH/", "a/b/c", "TECH/ x", "order status", &"x".repeat(81)] {
        let category_code = category_code.to_owned();
        let request = RegisterTicketRequest { category_code, ..register() };
        assert_eq!(refused(&world, request).await, ["category_code"]);
    }
    let tags = RegisterTicketRequest { tags: vec!["x".to_owned(); 21], ..register() };
    assert_eq!(refused(&world, tags).await, ["tags"]);
    for seconds in [253_402_300_800, i64::MAX, i64::MIN] {
        let received_at = Some(prost_types::Timestamp { seconds, nanos: 0 });
        let request = RegisterTicketRequest { received_at, ..register() };
        assert_eq!(refused(&world, request).await, ["received_at"]);
    }
}

#[tokio::test]
async fn somebody_asks_unless_monitoring_does() {
    let world = World::new().await;
    let nobody = RegisterTicketRequest { requester: None, ..register() };
    assert_eq!(refused(&world, nobody.clone()).await, ["requester"]);
    let channel = common::Channel::Monitoring.into();
    let alert = of(Role::Integrator, RegisterTicketRequest { channel, ..nobody });
    world.client.clone().register_ticket(alert).await.unwrap();
}

#[tokio::test]
async fn a_ticket_is_not_received_in_the_future_and_backdated_only_by_the_trusted() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let received =
        |received_at: &str| RegisterTicketRequest { received_at: stamp(received_at), ..register() };
    assert_eq!(refused(&world, received("2026-06-09T00:00:05.001Z")).await, ["received_at"]);
    client.register_ticket(agent(received("2026-06-09T00:00:05Z"))).await.unwrap();
    client.register_ticket(agent(received("2026-06-08T23:45:00Z"))).await.unwrap();
    let old = received("2026-06-08T23:44:59Z");
    let status = client.register_ticket(agent(old.clone())).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    assert_eq!(info(&status).metadata["permission"], "ticket.backdate");
    // A person says why, and a machine takes over what has its time.
    for role in [Role::Expert, Role::Lead] {
        let request = RegisterTicketRequest { request_id: new_id(), ..old.clone() };
        let status = client.register_ticket(of(role, request.clone())).await.unwrap_err();
        assert_eq!(fields(&status), ["backdate_reason"]);
        let backdate_reason = "the letter lay in the post room".to_owned();
        let request = RegisterTicketRequest { backdate_reason, ..request };
        let answer = client.register_ticket(of(role, request)).await.unwrap().into_inner();
        let first = world.events(&answer.ticket.unwrap().ticket_id).await.remove(0);
        let domain::ticket::Event::Registered(told) = first.decode().unwrap() else { panic!() };
        assert_eq!(told.backdate_reason.as_deref(), Some("the letter lay in the post room"));
    }
    client.register_ticket(of(Role::Integrator, old)).await.unwrap();
}

#[tokio::test]
async fn how_urgent_a_matter_is_says_the_organisation() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let (impact, urgency) = (v1::Impact::High.into(), v1::Urgency::High.into());
    let tags = vec!["urgent".to_owned()];
    for (request, permission) in [
        (RegisterTicketRequest { impact, ..by_customer() }, "ticket.priority"),
        (RegisterTicketRequest { urgency, ..by_customer() }, "ticket.priority"),
        (RegisterTicketRequest { tags, ..by_customer() }, "ticket.classify"),
    ] {
        let status = client.register_ticket(of(Role::Customer, request)).await.unwrap_err();
        assert_eq!(status.code(), Code::PermissionDenied);
        assert_eq!(info(&status).metadata["permission"], permission);
    }
    let answer = client.register_ticket(of(Role::Customer, by_customer())).await.unwrap();
    let ticket = answer.into_inner().ticket.unwrap();
    assert_eq!((ticket.priority(), &*ticket.category_code), (common::Priority::P4, "TECH/outage"));
    let events = world.events(&ticket.ticket_id).await;
    let Event::Classified(classified) = events[1].decode::<Event>().unwrap() else { panic!() };
    assert_eq!(classified.source, ClassificationSource::Customer);
}

#[tokio::test]
async fn a_state_that_forbids_the_command_is_named_with_the_states_that_allow_it() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let ticket = world.register().await;
    let status = client.resolve_ticket(agent(resolve(&ticket.ticket_id))).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::FailedPrecondition, "TICKET_STATE".to_owned()));
    let metadata = info(&status).metadata;
    assert_eq!(metadata["current_state"], "NEW");
    assert_eq!(metadata["allowed_states"], "OPEN,WAITING_CUSTOMER,WAITING_THIRD_PARTY");
    assert_eq!(metadata["subject"], ticket.ticket_id);
}

#[tokio::test]
async fn a_rule_is_named() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let ticket = world.register().await;
    let classify = v1::ClassifyTicketRequest {
        request_id: new_id(),
        ticket_id: ticket.ticket_id,
        r#type: v1::TicketType::Complaint.into(),
        ..Default::default()
    };
    let status = client.classify_ticket(agent(classify)).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::FailedPrecondition, "RULE".to_owned()));
    assert_eq!(info(&status).metadata["rule"], "COMPLAINT_BY_CLASSIFICATION");
}

#[tokio::test]
async fn an_etag_is_the_version_that_the_caller_has_seen() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let ticket = world.open().await;
    let with = |etag: &str| {
        let etag = etag.to_owned();
        agent(v1::ResolveTicketRequest { etag, ..resolve(&ticket.ticket_id) })
    };
    let status = client.resolve_ticket(with("\"3\"")).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::Aborted, "ETAG_MISMATCH".to_owned()));
    assert_eq!(info(&status).metadata["current_etag"], "\"4\"");
    for bad in ["*", "4", "\"x\"", "\"-1\""] {
        let status = client.resolve_ticket(with(bad)).await.unwrap_err();
        assert_eq!((refusal(&status), fields(&status)), (invalid(), vec!["etag".to_owned()]));
    }
    client.resolve_ticket(with("\"4\"")).await.unwrap();
}

#[tokio::test]
async fn a_ticket_that_does_not_exist_is_not_found() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let id = new_id();
    let not_found = (Code::NotFound, "RESOURCE_NOT_FOUND".to_owned());
    let read = v1::GetTicketRequest { ticket_id: id.clone(), ..Default::default() };
    let status = client.get_ticket(agent(read)).await.unwrap_err();
    assert_eq!(refusal(&status), not_found);
    let status = client.add_message(agent(inbound(&id))).await.unwrap_err();
    assert_eq!(refusal(&status), not_found);
    let message = v1::AddMessageRequest { etag: "\"1\"".to_owned(), ..inbound(&id) };
    let status = client.add_message(agent(message)).await.unwrap_err();
    assert_eq!(refusal(&status), not_found);
    let read = v1::GetTicketRequest { ticket_id: "../1' or 1=1".to_owned(), ..Default::default() };
    let status = client.get_ticket(agent(read)).await.unwrap_err();
    assert_eq!((refusal(&status), fields(&status)), (invalid(), vec!["ticket_id".to_owned()]));
}

#[tokio::test]
async fn the_context_is_complete_and_the_tenant_known() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let status = client.register_ticket(Request::new(register())).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::Unauthenticated, "CONTEXT_MISSING".to_owned()));
    let nowhere = for_tenant("nowhere", Role::Agent, register());
    let status = client.register_ticket(nowhere).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::FailedPrecondition, "TENANT_UNKNOWN".to_owned()));
    assert_eq!(info(&status).metadata["tenant"], "nowhere");
    let status = client.register_ticket(of(Role::Analyst, register())).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::PermissionDenied, "PERMISSION_DENIED".to_owned()));
}

#[tokio::test]
async fn fields_of_the_other_kind_of_wait_are_refused() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let ticket_id = world.open().await.ticket_id;
    let hold = v1::HoldTicketRequest {
        request_id: new_id(),
        ticket_id: ticket_id.clone(),
        kind: v1::HoldKind::Customer.into(),
        vendor_id: "carrier-3".to_owned(),
        ..Default::default()
    };
    let status = client.hold_ticket(agent(hold)).await.unwrap_err();
    assert_eq!(fields(&status), ["question", "channel", "vendor_id"]);
    let hold = v1::HoldTicketRequest {
        request_id: new_id(),
        ticket_id,
        kind: v1::HoldKind::ThirdParty.into(),
        vendor_id: "carrier-3".to_owned(),
        ..Default::default()
    };
    for expected_by in ["2026-06-08T00:00:00Z", "2036-06-30T00:00:00Z"] {
        let hold = v1::HoldTicketRequest { expected_by: stamp(expected_by), ..hold.clone() };
        let status = client.hold_ticket(agent(hold)).await.unwrap_err();
        assert_eq!(
            (refusal(&status), fields(&status)),
            (invalid(), vec!["expected_by".to_owned()])
        );
    }
}

#[tokio::test]
async fn a_message_too_large_is_refused() {
    let world = World::new().await;
    let request = RegisterTicketRequest { body: "x".repeat(5 << 20), ..register() };
    let status = world.client.clone().register_ticket(agent(request)).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::ResourceExhausted, "MESSAGE_TOO_LARGE".to_owned()));
}

#[tokio::test]
async fn an_event_too_large_is_refused_before_it_is_committed() {
    let settings = eventlog::Settings { max_event_bytes: 4096, ..testkit::settings("eventlog") };
    let world = World::with(settings).await;
    let ticket = world.register().await;
    let message = v1::AddMessageRequest { body: "x".repeat(5000), ..inbound(&ticket.ticket_id) };
    let status = world.client.clone().add_message(agent(message)).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::InvalidArgument, "EVENT_TOO_LARGE".to_owned()));
    assert_eq!(fields(&status), ["body"]);
    assert_eq!(world.get(&ticket.ticket_id).await, ticket);
}

#[tokio::test]
async fn bytes_that_are_no_request_are_refused() {
    let world = World::new().await;
    let endpoint = tonic::transport::Channel::from_shared(format!("http://{}", world.addr));
    let channel = endpoint.unwrap().connect().await.unwrap();
    let mut client = tonic::client::Grpc::new(channel);
    client.ready().await.unwrap();
    // Field 1 is a number here and a text there.
    let wrong = prost_types::Timestamp { seconds: 1, nanos: 1 };
    let codec = ProstCodec::<prost_types::Timestamp, v1::GetTicketResponse>::default();
    let path = "/odzew.intake.v1.IntakeService/GetTicket".parse().unwrap();
    let status: Status = client.unary(agent(wrong), path, codec).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::InvalidArgument, "MALFORMED_MESSAGE".to_owned()));
}

#[tokio::test]
async fn a_compressed_request_is_read() {
    let world = World::new().await;
    let gzip = tonic::codec::CompressionEncoding::Gzip;
    let mut client = world.client.clone().send_compressed(gzip).accept_compressed(gzip);
    let answer = client.register_ticket(agent(register())).await.unwrap().into_inner();
    assert!(answer.ticket.is_some());
}
