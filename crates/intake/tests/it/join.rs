//! Tickets that have to do with each other, through the API.
use std::collections::BTreeMap;
use std::time::Duration;

use chassis::rpc::Role;
use domain::ids::TicketId;
use domain::ticket::{Command, Other, OtherComplaint, Stage, TicketType};
use tonic::{Code, Status};
use uuid::Uuid;
use wire::intake::v1::{self, CloseReason, LinkKind, PartyRole, TicketOrigin, TicketState};

use crate::world::{
    World, agent, fields, inbound, info, link, new_id, of, refusal, register, reply,
};

pub(crate) fn merge(source: &str, target: &str) -> v1::MergeTicketRequest {
    v1::MergeTicketRequest {
        request_id: new_id(),
        ticket_id: source.to_owned(),
        etag: String::new(),
        target_ticket_id: target.to_owned(),
    }
}

pub(crate) fn split(ticket_id: &str, message_ids: &[&str]) -> v1::SplitTicketRequest {
    v1::SplitTicketRequest {
        request_id: new_id(),
        ticket_id: ticket_id.to_owned(),
        etag: String::new(),
        message_ids: message_ids.iter().map(|id| (*id).to_owned()).collect(),
        r#type: v1::TicketType::Payment.into(),
        subject: "The invoice".to_owned(),
    }
}

fn link_party(ticket_id: &str, role: PartyRole) -> v1::LinkPartyRequest {
    v1::LinkPartyRequest {
        request_id: new_id(),
        ticket_id: ticket_id.to_owned(),
        etag: String::new(),
        party_id: new_id(),
        role: role.into(),
        identification: v1::Identification::Verified.into(),
    }
}

fn rule(status: &Status) -> String {
    assert_eq!(refusal(status), (Code::FailedPrecondition, "RULE".to_owned()), "{status:?}");
    info(status).metadata["rule"].clone()
}

fn reused() -> (Code, String) {
    (Code::FailedPrecondition, "REQUEST_ID_REUSED".to_owned())
}

#[tokio::test]
async fn a_ticket_is_merged_into_an_older_one_and_both_tell_it() {
    let mut world = World::new().await;
    let mut client = world.client.clone();
    let party = Uuid::now_v7().to_string();
    let older = world.next_of_party(&party).await.ticket_id;
    let younger = world.next_of_party(&party).await.ticket_id;
    let request = merge(&younger, &older);
    let first = client.merge_ticket(agent(request.clone())).await.unwrap().into_inner();
    let ticket = first.ticket.clone().unwrap();
    assert_eq!(
        (ticket.state(), ticket.close_reason()),
        (TicketState::Closed, CloseReason::Duplicate)
    );
    assert_eq!(ticket.merged_into, older);
    world.settled().await;
    assert_eq!(world.get(&older).await.merged_ticket_ids, std::slice::from_ref(&younger));
    assert_eq!(world.get(&younger).await.merged_into, older);

    let again = client.merge_ticket(agent(request.clone())).await.unwrap().into_inner();
    assert_eq!(again, first);
    let other = v1::MergeTicketRequest { etag: "\"3\"".to_owned(), ..request };
    assert_eq!(refusal(&client.merge_ticket(agent(other)).await.unwrap_err()), reused());
    let status = client.merge_ticket(agent(merge(&younger, &older))).await.unwrap_err();
    assert_eq!(info(&status).metadata["current_state"], "CLOSED");

    let heads = world.heads().await;
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads);
    let merged = world.events(&older).await.pop().unwrap();
    assert_eq!(merged.metadata().unwrap().correlation_id, older);
}

#[tokio::test]
async fn what_may_not_be_merged_is_told_why() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let party = Uuid::now_v7().to_string();
    let older = world.next_of_party(&party).await.ticket_id;
    let younger = world.next_of_party(&party).await.ticket_id;
    let stranger = world.next_of_party(&Uuid::now_v7().to_string()).await.ticket_id;
    let status = client.merge_ticket(agent(merge(&older, &younger))).await.unwrap_err();
    assert_eq!(rule(&status), "TARGET_IS_YOUNGER");
    let status = client.merge_ticket(agent(merge(&stranger, &older))).await.unwrap_err();
    assert_eq!(rule(&status), "OTHER_PARTY");
    let status = client.merge_ticket(agent(merge(&younger, &younger))).await.unwrap_err();
    assert_eq!(fields(&status), ["target_ticket_id"]);
    let status = client.merge_ticket(agent(merge(&younger, "7"))).await.unwrap_err();
    assert_eq!(fields(&status), ["target_ticket_id"]);
    for (source, target) in [(new_id(), older.clone()), (younger.clone(), new_id())] {
        let status = client.merge_ticket(agent(merge(&source, &target))).await.unwrap_err();
        assert_eq!(status.code(), Code::NotFound);
    }
    let withdraw = v1::WithdrawTicketRequest {
        request_id: new_id(),
        ticket_id: older.clone(),
        channel: wire::common::v1::Channel::Email.into(),
        statement: "Never mind.".to_owned(),
        ..Default::default()
    };
    client.withdraw_ticket(agent(withdraw)).await.unwrap();
    let status = client.merge_ticket(agent(merge(&younger, &older))).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::FailedPrecondition, "TICKET_STATE".to_owned()));
    assert_eq!(info(&status).metadata["subject"], older);
}

#[tokio::test]
async fn tickets_of_the_same_moment_are_merged_in_either_direction_and_never_in_a_circle() {
    let mut world = World::new().await;
    let client = world.client.clone();
    let party = Uuid::now_v7().to_string();
    let requester = v1::Requester { party_id: party, ..register().requester.unwrap() };
    let twin = || v1::RegisterTicketRequest { requester: Some(requester.clone()), ..register() };
    let merged = |one: String, other: String| {
        let mut client = client.clone();
        async move { client.merge_ticket(agent(merge(&one, &other))).await }
    };
    let mut ids = Vec::new();
    for _ in 0..2 {
        let mut pair =
            [world.register_as(twin()).await.ticket_id, world.register_as(twin()).await.ticket_id];
        pair.sort();
        ids.push(pair);
    }
    let [[first, second], [third, fourth]] = ids.try_into().unwrap();
    let up = merged(first.clone(), second.clone()).await.unwrap().into_inner();
    assert_eq!(up.ticket.unwrap().merged_into, second);
    let down = merged(fourth.clone(), third.clone()).await.unwrap().into_inner();
    assert_eq!(down.ticket.unwrap().merged_into, third);
    world.settled().await;
    assert_eq!(world.get(&second).await.merged_ticket_ids, [first], "noted once");
    for _ in 0..8 {
        let one = world.register_as(twin()).await.ticket_id;
        let other = world.register_as(twin()).await.ticket_id;
        let both = (merged(one.clone(), other.clone()), merged(other.clone(), one.clone()));
        let (there, back) = tokio::join!(both.0, both.1);
        assert!(there.is_ok() != back.is_ok(), "{there:?} {back:?}");
        let closed = [world.get(&one).await, world.get(&other).await];
        let closed = closed.iter().filter(|ticket| ticket.state() == TicketState::Closed);
        assert_eq!(closed.count(), 1);
    }
    let heads = world.heads().await;
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads);
}

#[tokio::test]
async fn tickets_of_parties_that_became_one_are_merged() {
    let world = World::new().await;
    let older = world.party("Anna Nowak", &[]).await;
    let younger = world.party("A. Nowak", &[]).await;
    let first = world.next_of_party(&older.party_id).await.ticket_id;
    let second = world.next_of_party(&younger.party_id).await.ticket_id;
    let mut client = world.client.clone();
    let refused = client.merge_ticket(agent(merge(&second, &first))).await.unwrap_err();
    assert_eq!(info(&refused).metadata["rule"], "OTHER_PARTY");
    world.merge(&younger, &older).await.unwrap();
    let merged = client.merge_ticket(agent(merge(&second, &first))).await.unwrap().into_inner();
    assert_eq!(merged.ticket.unwrap().merged_into, first);
}

#[tokio::test]
async fn a_service_that_dies_after_the_merge_finishes_it_when_it_is_back() {
    let mut world = World::new().await;
    let party = Uuid::now_v7().to_string();
    let older = world.next_of_party(&party).await;
    let younger = world.next_of_party(&party).await.ticket_id;
    world.settled().await;
    world.stop().await;
    let target = Other {
        extended: false,
        ticket_id: TicketId(older.ticket_id.parse().unwrap()),
        stage: Stage::New,
        kind: TicketType::Incident,
        received_at: crate::world::at("2026-06-09T00:00:01Z"),
        requester: Some(domain::ids::PartyId(party.parse().unwrap())),
        complaint: OtherComplaint::Unopened,
    };
    world
        .command(&younger, Command::Merge { target, aliases: BTreeMap::new(), regimes: Vec::new() })
        .await;
    assert!(!world.story(&older.ticket_id).await.contains(&"TicketMerged".to_owned()));
    world.restart().await;
    world.settled().await;
    assert_eq!(world.get(&older.ticket_id).await.merged_ticket_ids, [younger]);
    let heads = world.heads().await;
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads);
}

#[tokio::test]
async fn messages_become_a_ticket_of_their_own() {
    let mut world = World::new().await;
    let mut client = world.client.clone();
    let parent = world.register().await;
    let id = parent.ticket_id.clone();
    let mut messages = Vec::new();
    for _ in 0..3 {
        world.clock.advance(Duration::from_secs(60));
        let answer = client.add_message(of(Role::Customer, inbound(&id))).await.unwrap();
        messages.push(answer.into_inner().message_id);
    }
    let request = split(&id, &[&messages[2], &messages[1]]);
    let first = client.split_ticket(agent(request.clone())).await.unwrap().into_inner();
    assert_eq!(first.ticket.as_ref().unwrap().state(), TicketState::New);
    world.settled().await;
    let child = world.get(&first.child_ticket_id).await;
    assert_eq!((child.state(), child.origin()), (TicketState::New, TicketOrigin::Split));
    assert_eq!((child.r#type(), child.subject.as_str()), (v1::TicketType::Payment, "The invoice"));
    assert_eq!(child.parent_ticket_id, id);
    assert_eq!(child.received_at, crate::world::stamp("2026-06-09T00:02:00Z"));
    assert_eq!((child.requester, child.priority), (parent.requester, parent.priority));
    let ids: Vec<_> = child.messages.iter().map(|m| m.message_id.clone()).collect();
    assert_eq!(ids, [first.child_ticket_id.clone(), messages[2].clone()]);
    assert_eq!(world.get(&id).await.messages.len(), 4);

    let again = client.split_ticket(agent(request.clone())).await.unwrap().into_inner();
    assert_eq!(again, first);
    let other = v1::SplitTicketRequest { subject: "Other".to_owned(), ..request };
    assert_eq!(refusal(&client.split_ticket(agent(other)).await.unwrap_err()), reused());
    let heads = world.heads().await;
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads);
}

#[tokio::test]
async fn the_first_message_can_be_split_off_and_ours_cannot() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let id = world.register().await.ticket_id;
    let ours = client.send_reply(agent(reply(&id))).await.unwrap().into_inner().message_id;
    let answer = client.split_ticket(agent(split(&id, &[&id]))).await.unwrap().into_inner();
    world.settled().await;
    let child = world.get(&answer.child_ticket_id).await;
    assert_eq!(child.messages[0].body, "Since this morning.");
    assert_eq!(child.received_at, world.get(&id).await.received_at);
    for bad in [&[ours.as_str()][..], &[&new_id()], &[]] {
        let status = client.split_ticket(agent(split(&id, bad))).await.unwrap_err();
        assert_eq!(
            (status.code(), fields(&status)[0].as_str()),
            (Code::InvalidArgument, "message_ids")
        );
    }
    let bad = v1::SplitTicketRequest {
        r#type: 0,
        subject: String::new(),
        ..split(&id, &[&id, &id, "7"])
    };
    let status = client.split_ticket(agent(bad)).await.unwrap_err();
    assert_eq!(fields(&status), ["message_ids[1]", "message_ids[2]", "type", "subject"]);
}

#[tokio::test]
async fn a_link_is_seen_from_both_sides_until_it_is_taken_away() {
    let mut world = World::new().await;
    let mut client = world.client.clone();
    let (a, b) = (world.register().await.ticket_id, world.register().await.ticket_id);
    let request = link(&a, &b, LinkKind::CausedBy);
    let first = client.link_ticket(agent(request.clone())).await.unwrap().into_inner();
    let again = client.link_ticket(agent(request.clone())).await.unwrap().into_inner();
    assert_eq!(first, again);
    let other = v1::LinkTicketRequest { link: LinkKind::Related.into(), ..request };
    assert_eq!(refusal(&client.link_ticket(agent(other)).await.unwrap_err()), reused());
    client.link_ticket(agent(link(&a, &b, LinkKind::Related))).await.unwrap();
    world.settled().await;
    let kinds = |ticket: v1::Ticket| ticket.links.iter().map(|l| l.link()).collect::<Vec<_>>();
    assert_eq!(kinds(world.get(&a).await), [LinkKind::CausedBy, LinkKind::Related]);
    assert_eq!(kinds(world.get(&b).await), [LinkKind::CauseOf, LinkKind::Related]);

    let unlink = |kind: LinkKind| v1::UnlinkTicketRequest {
        request_id: new_id(),
        ticket_id: a.clone(),
        etag: String::new(),
        other_ticket_id: b.clone(),
        link: kind.into(),
    };
    client.unlink_ticket(agent(unlink(LinkKind::Related))).await.unwrap();
    world.settled().await;
    assert_eq!(kinds(world.get(&b).await), [LinkKind::CauseOf]);
    let status = client.unlink_ticket(agent(unlink(LinkKind::Related))).await.unwrap_err();
    assert_eq!(rule(&status), "NOT_LINKED");
    let status = client.unlink_ticket(agent(unlink(LinkKind::CauseOf))).await.unwrap_err();
    assert_eq!(fields(&status), ["link"]);
    let heads = world.heads().await;
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads);
}

#[tokio::test]
async fn a_tree_of_tickets_has_no_circle_and_no_second_parent() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(world.register().await.ticket_id);
    }
    let child_of = |child: usize, parent: usize| link(&ids[child], &ids[parent], LinkKind::ChildOf);
    client.link_ticket(agent(child_of(1, 0))).await.unwrap();
    client.link_ticket(agent(child_of(2, 1))).await.unwrap();
    let status = client.link_ticket(agent(child_of(0, 2))).await.unwrap_err();
    assert_eq!(rule(&status), "CHILD_OF_CYCLE");
    let status = client.link_ticket(agent(child_of(2, 3))).await.unwrap_err();
    assert_eq!(rule(&status), "PARENT_TAKEN");
    assert_eq!(info(&status).metadata["ticket_id"], ids[1]);
    let status = client.link_ticket(agent(child_of(3, 3))).await.unwrap_err();
    assert_eq!(fields(&status), ["other_ticket_id"]);
    let nobody = link(&ids[3], &new_id(), LinkKind::ChildOf);
    assert_eq!(client.link_ticket(agent(nobody)).await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn a_party_takes_the_requesters_place_and_others_join() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let id = world.register().await.ticket_id;
    let request = link_party(&id, PartyRole::Requester);
    let first = client.link_party(agent(request.clone())).await.unwrap().into_inner();
    let ticket = first.ticket.clone().unwrap();
    assert_eq!(ticket.requester.unwrap().party_id, request.party_id);
    let again = client.link_party(agent(request.clone())).await.unwrap().into_inner();
    assert_eq!(again, first);
    let other = v1::LinkPartyRequest { party_id: new_id(), ..request };
    assert_eq!(refusal(&client.link_party(agent(other)).await.unwrap_err()), reused());
    client.link_party(agent(link_party(&id, PartyRole::Affected))).await.unwrap();
    assert_eq!(world.get(&id).await.parties.len(), 2);
    let read =
        of(Role::Customer, v1::GetTicketRequest { ticket_id: id.clone(), ..Default::default() });
    let seen = client.get_ticket(read).await.unwrap().into_inner().ticket.unwrap();
    assert!(seen.parties.is_empty());
    let bad = v1::LinkPartyRequest {
        party_id: "anna@example.org".to_owned(),
        role: 0,
        identification: 9,
        ..link_party(&id, PartyRole::Cc)
    };
    let status = client.link_party(agent(bad)).await.unwrap_err();
    assert_eq!(fields(&status), ["party_id", "role", "identification"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_want_to_be_parents_of_each_other_one_is() {
    let world = World::new().await;
    for _ in 0..5 {
        let a = world.register().await.ticket_id;
        let b = world.register().await.ticket_id;
        let (mut one, mut other) = (world.client.clone(), world.client.clone());
        let (first, second) = tokio::join!(
            one.link_ticket(agent(link(&a, &b, LinkKind::ChildOf))),
            other.link_ticket(agent(link(&b, &a, LinkKind::ChildOf))),
        );
        assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
        assert_eq!(rule(&first.and(second).unwrap_err()), "CHILD_OF_CYCLE");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_merged_into_a_ticket_that_has_just_ended() {
    let world = World::new().await;
    for _ in 0..5 {
        let party = Uuid::now_v7().to_string();
        let older = world.next_of_party(&party).await.ticket_id;
        let younger = world.next_of_party(&party).await.ticket_id;
        let spam = v1::MarkSpamRequest {
            request_id: new_id(),
            ticket_id: older.clone(),
            etag: String::new(),
        };
        let (mut one, mut other) = (world.client.clone(), world.client.clone());
        let (merged, ended) = tokio::join!(
            one.merge_ticket(agent(merge(&younger, &older))),
            other.mark_spam(agent(spam))
        );
        ended.unwrap();
        match merged {
            Ok(_) => {
                let merged = world.events(&younger).await.pop().unwrap();
                let ended = world.events(&older).await;
                let is_end =
                    |event: &&eventlog::Recorded| event.event_type == wire::event::TICKET_CLOSED;
                let ended = ended.iter().find(is_end).unwrap();
                assert!(merged.position < ended.position, "it was open then");
            }
            Err(status) => {
                assert_eq!(refusal(&status).1, "TICKET_STATE", "{status:?}");
                assert_eq!(world.get(&younger).await.state(), TicketState::New);
            }
        }
    }
}
