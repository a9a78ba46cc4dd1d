//! What the law of complaints has in common with that of data subjects' requests: the answer may
//! take longer.
use domain::regime::{Extension, NoticeContent};
use jiff::ToSpan as _;

use super::*;
use crate::join::merge;
use crate::world::{fields, info};

/// The regulation, as a tenant publishes it.
fn gdpr() -> Draft {
    let require = vec![NoticeContent::Reason, NoticeContent::NewDate];
    Draft {
        code: "EU_GDPR_DSR".into(),
        scope: Scope {
            occasion: Occasion::Request,
            rank: Rank::Special,
            subjects: vec!["DATA_SUBJECT_RIGHTS".into()],
            consumers: Vec::new(),
            countries: vec!["EU".into()],
            sectors: Vec::new(),
        },
        base: Term { period: Period::Months(1), from: CountsFrom::Received },
        extension: Some(Extension { total: Some(Period::Months(3)), require }),
        silence: SilenceEffect::AuthorityComplaint,
        met_by: MetBy::Sent,
        incomplete: None,
        appeal: Appeal::default(),
        ..consumer_law()
    }
}

async fn request(world: &World) -> v1::Ticket {
    let kind = v1::TicketType::DataSubjectRequest.into();
    world.register_as(v1::RegisterTicketRequest { r#type: kind, ..register() }).await
}

/// By two further months and a day less.
fn extend(ticket: &v1::Ticket) -> v1::ExtendDataSubjectRequestRequest {
    let received = wire::scalar::instant(ticket.received_at.as_ref(), "received_at").unwrap();
    let day = received.to_zoned(jiff::tz::TimeZone::get("Europe/Warsaw").unwrap()).date();
    let day = day.checked_add(3.months()).unwrap().yesterday().unwrap();
    v1::ExtendDataSubjectRequestRequest {
        request_id: new_id(),
        ticket_id: ticket.ticket_id.clone(),
        new_last_day: day.to_string(),
        reason: "three systems hold the data".to_owned(),
        body: "It takes longer.".to_owned(),
        ..Default::default()
    }
}

#[tokio::test]
async fn it_takes_longer_by_the_law_that_is_published_and_once() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let ticket = request(&world).await;
    let asked = extend(&ticket);
    let status = client.extend_data_subject_request(of(Role::Expert, asked.clone())).await;
    assert_eq!(info(&status.unwrap_err()).metadata["rule"], "NO_EXTENSION");
    publish(&world, &gdpr()).await;
    let silent = v1::ExtendDataSubjectRequestRequest { reason: String::new(), ..asked.clone() };
    let status = client.extend_data_subject_request(of(Role::Expert, silent)).await;
    assert_eq!(info(&status.unwrap_err()).metadata["rule"], "NOTICE_INCOMPLETE");
    let far = v1::ExtendDataSubjectRequestRequest {
        new_last_day: "2099-01-01".to_owned(),
        ..asked.clone()
    };
    let status = client.extend_data_subject_request(of(Role::Expert, far)).await.unwrap_err();
    assert_eq!(fields(&status), ["new_last_day"]);
    let status = client.extend_data_subject_request(agent(asked.clone())).await.unwrap_err();
    assert_eq!(info(&status).metadata["permission"], "ticket.extend_request");

    let first = client.extend_data_subject_request(of(Role::Expert, asked.clone())).await.unwrap();
    let again = client.extend_data_subject_request(of(Role::Expert, asked)).await.unwrap();
    assert_eq!(first.into_inner().message_id, again.into_inner().message_id);
    let story = world.story(&ticket.ticket_id).await;
    assert_eq!(story[story.len() - 2..], ["MessageAdded", "DataSubjectRequestExtended"]);
    let status = client.extend_data_subject_request(of(Role::Expert, extend(&ticket))).await;
    assert_eq!(info(&status.unwrap_err()).metadata["rule"], "ALREADY_EXTENDED");
    let other = world.register().await;
    let status = client.extend_data_subject_request(of(Role::Expert, extend(&other))).await;
    assert_eq!(info(&status.unwrap_err()).metadata["rule"], "NO_DATA_SUBJECT_REQUEST");
}

#[tokio::test]
async fn another_request_is_not_merged_into_one_that_takes_longer() {
    let world = World::new().await;
    publish(&world, &gdpr()).await;
    let party = new_id();
    let (older, younger) = (world.next_of_party(&party).await, world.next_of_party(&party).await);
    let mut client = world.client.clone();
    for ticket in [&older, &younger] {
        let classify = v1::ClassifyTicketRequest {
            request_id: new_id(),
            ticket_id: ticket.ticket_id.clone(),
            r#type: v1::TicketType::DataSubjectRequest.into(),
            ..Default::default()
        };
        client.classify_ticket(agent(classify)).await.unwrap();
    }
    client.extend_data_subject_request(of(Role::Lead, extend(&older))).await.unwrap();
    let into = merge(&younger.ticket_id, &older.ticket_id);
    let status = client.merge_ticket(agent(into)).await.unwrap_err();
    assert_eq!(info(&status).metadata["rule"], "DATA_SUBJECT_REQUEST_INTO_EXTENDED");
}
