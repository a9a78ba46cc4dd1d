//! Two calls about the same ticket: of one there is a note, of the other the owner is asked for one
//! a day later. In the services' own processes, on a clock that the test moves.
use chassis::rpc::Role;
use testkit::{Mail, Nats};
use wire::common::v1::Channel;
use wire::intake::v1::{
    AddMessageRequest, AnswerContactRequest, ContactChannel, ContactDirection, ContactOutcome,
    ContactTarget, EndContactRequest, MessageDirection, StartContactRequest, StartWorkRequest,
};

use crate::load;
use crate::rehearsal::{Rehearsal, happened};

fn id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// A call that Ania takes and ends at once.
async fn call(day: &Rehearsal, ticket_id: &str) -> String {
    let mut ania = day.world.clients("ania", Role::Agent).contact;
    let request = StartContactRequest {
        request_id: id(),
        channel: ContactChannel::Voice.into(),
        direction: ContactDirection::Inbound.into(),
        entry_point: "hotline".into(),
        ..Default::default()
    };
    let started = ania.start_contact(request).await.unwrap().into_inner();
    let contact_id = started.contact.unwrap().contact_id;
    let request = AnswerContactRequest {
        request_id: id(),
        contact_id: contact_id.clone(),
        by: ContactTarget::Human.into(),
        ..Default::default()
    };
    ania.answer_contact(request).await.unwrap();
    let request = EndContactRequest {
        request_id: id(),
        contact_id: contact_id.clone(),
        outcome: ContactOutcome::Handled.into(),
        ticket_id: ticket_id.to_owned(),
        ..Default::default()
    };
    ania.end_contact(request).await.unwrap();
    contact_id
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_no_note_of_a_call_is_asked_for_one_a_day_later() {
    let nats = Nats::shared().await;
    let day = Rehearsal::at(&nats, "2026-06-05 16:00:00").await;
    load::directory(&day.world).await;
    day.settled().await;
    let mut ania = day.world.clients("ania", Role::Agent).intake;
    let ticket = ania.register_ticket(load::register(1)).await.unwrap().into_inner().ticket;
    let ticket_id = ticket.unwrap().ticket_id;
    day.settled().await;
    // She accepts it: it is hers the next day.
    let work = StartWorkRequest {
        request_id: id(),
        ticket_id: ticket_id.clone(),
        ..StartWorkRequest::default()
    };
    ania.start_work(work).await.unwrap();
    let (noted, missing) = (call(&day, &ticket_id).await, call(&day, &ticket_id).await);
    let note = AddMessageRequest {
        request_id: id(),
        ticket_id: ticket_id.clone(),
        direction: MessageDirection::Internal.into(),
        channel: Channel::Voice.into(),
        body: "She calls again on Monday.".into(),
        contact_id: noted.clone(),
        ..Default::default()
    };
    ania.add_message(note).await.unwrap();
    // Saturday, on which nobody works.
    day.move_to("2026-06-06 16:00:10").await;
    let lines = day.timeline(&[("T", &ticket_id)]).await;
    happened(&lines, "06-06 16:00:00", "T", "TimerFired", "note missing");
    happened(&lines, "06-06 16:00:00", "T", "MessageAdded", "somebody has to act");
    let asked = |mail: &Mail| mail.to.iter().any(|to| to == "ania@acme.example.org");
    let mails = day.world.smtp.messages();
    let texts = mails.iter().filter(|mail| asked(mail)).map(|m| m.text().replace("=\r\n", ""));
    let texts: Vec<_> = texts.filter(|text| text.contains(&missing)).collect();
    assert_eq!(texts.len(), 1, "one mail to the owner");
    assert!(!texts[0].contains(&noted));
}
