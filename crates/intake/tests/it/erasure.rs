//! An erasure: what stands against it, what it takes along, and what goes on after it.
use chassis::clock::Clock as _;
use chassis::rpc::Role;
use eventlog::sealing::ERASED;
use tonic::{Code, Status};
use wire::common::v1 as common;
use wire::intake::v1::{self, PartyState};

use crate::parties::{anna, rule};
use crate::world::{World, agent, fields, inbound, info, new_id, of, refusal, register};

fn erase(party_id: &str) -> v1::ErasePartyRequest {
    v1::ErasePartyRequest {
        request_id: new_id(),
        party_id: party_id.to_owned(),
        etag: String::new(),
        basis: "request of the data subject".to_owned(),
        request_ticket_id: String::new(),
    }
}

impl World {
    pub(crate) async fn erase(&self, party_id: &str) -> Result<v1::Party, Status> {
        let answer = self.parties.clone().erase_party(of(Role::Admin, erase(party_id))).await?;
        Ok(answer.into_inner().party.unwrap())
    }

    pub(crate) async fn withdraw(&self, ticket_id: &str) {
        let request = v1::WithdrawTicketRequest {
            request_id: new_id(),
            ticket_id: ticket_id.to_owned(),
            channel: common::Channel::Email.into(),
            statement: "It works again, never mind.".to_owned(),
            ..Default::default()
        };
        self.client.clone().withdraw_ticket(agent(request)).await.unwrap();
    }

    /// Keeps the party's data from being erased, or lets them be erased again.
    pub(crate) async fn hold(&self, party_id: &str, on: bool) {
        let request = v1::SetLegalHoldRequest {
            request_id: new_id(),
            party_id: party_id.to_owned(),
            on,
            basis: "claim 7/2026".to_owned(),
            ..Default::default()
        };
        self.parties.clone().set_legal_hold(of(Role::Lead, request)).await.unwrap();
    }

    /// Every body and the subject of a ticket.
    pub(crate) async fn texts(&self, ticket_id: &str) -> Vec<String> {
        let ticket = self.get(ticket_id).await;
        let bodies = ticket.messages.into_iter().map(|message| message.body);
        [ticket.subject].into_iter().chain(bodies).collect()
    }
}

#[tokio::test]
async fn an_erasure_takes_along_tickets_contacts_and_who_was_merged() {
    let mut world = World::new().await;
    let old = world.party("Anna Nowak", &anna()[..1]).await;
    let young = world.party("Anna Kowalska", &anna()[1..]).await;
    let tickets = [
        world.next_of_party(&old.party_id).await.ticket_id,
        world.next_of_party(&young.party_id).await.ticket_id,
    ];
    let jan = v1::Requester {
        name: "Jan".to_owned(),
        email: "jan@example.org".to_owned(),
        party_id: String::new(),
    };
    let request = v1::RegisterTicketRequest { requester: Some(jan), ..register() };
    let bystander = world.register_as(request).await.ticket_id;
    let request = v1::MergePartiesRequest {
        request_id: new_id(),
        from_party_id: young.party_id.clone(),
        into_party_id: old.party_id.clone(),
        basis: "same customer number".to_owned(),
        etag: String::new(),
    };
    world.parties.clone().merge_parties(agent(request)).await.unwrap();
    for ticket_id in &tickets {
        world.withdraw(ticket_id).await;
    }
    let request = erase(&old.party_id);
    let mut parties = world.parties.clone();
    let answer = parties.erase_party(of(Role::Admin, request.clone())).await.unwrap().into_inner();
    let party = answer.party.clone().unwrap();
    assert_eq!((party.state(), &party.profile), (PartyState::Erased, &None));
    let again = parties.erase_party(of(Role::Admin, request)).await.unwrap().into_inner();
    assert_eq!(again, answer, "repeated, it is answered alike");

    for ticket_id in &tickets {
        let texts = world.texts(ticket_id).await;
        assert!(texts.iter().all(|text| text == ERASED), "{texts:?}");
        assert_eq!(world.get(ticket_id).await.requester.unwrap().email, ERASED);
    }
    assert_eq!(world.texts(&bystander).await, ["No service", "Since this morning."]);
    let gone = "select count(*) from keys.subject_key where wrapped is null";
    assert_eq!(world.count(gone).await, 4, "two parties, two tickets");
    for &partition in world.owner.partitions() {
        world.owner.verify(partition).await.unwrap();
    }
    // Nothing is parked when everything is read again without the keys.
    world.deliver_everything_again().await;
    assert_eq!(world.count(gone).await, 4);
    for typed in anna() {
        assert!(world.find(typed).await.is_empty());
    }
}

#[tokio::test]
async fn an_erasure_takes_what_was_made_before_it_whatever_the_clocks_say() {
    let mut world = World::new().await;
    let party = world.party("Anna Nowak", &anna()).await;
    let ticket = world.next_of_party(&party.party_id).await.ticket_id;
    let (request_id, ticket_id, etag) = (new_id(), ticket.clone(), String::new());
    let spam = v1::MarkSpamRequest { request_id, ticket_id, etag };
    world.client.clone().mark_spam(agent(spam)).await.unwrap();
    // The database's clock was ahead, and goes back an hour now.
    let ahead = "update keys.subject_key set created_at = created_at + interval '1 hour'";
    sqlx::query(ahead).execute(world.db.pool()).await.unwrap();
    world.erase(&party.party_id).await.unwrap();
    let texts = world.texts(&ticket).await;
    assert!(texts.iter().all(|text| text == ERASED), "{texts:?}");

    // What goes on has a key of its own, and keeps it although the clock goes back a little.
    let (request_id, ticket_id, etag) = (new_id(), ticket.clone(), String::new());
    let no_spam = v1::UnmarkSpamRequest { request_id, ticket_id, etag };
    world.client.clone().unmark_spam(of(Role::Lead, no_spam)).await.unwrap();
    world.client.clone().add_message(agent(inbound(&ticket))).await.unwrap();
    let back = "update keys.subject_key set created_at = created_at - interval '20 seconds'
                 where wrapped is not null";
    sqlx::query(back).execute(world.db.pool()).await.unwrap();
    world.deliver_everything_again().await;
    assert_eq!(world.texts(&ticket).await.last().unwrap(), "Any news?");
}

#[tokio::test]
async fn what_stands_against_an_erasure_is_named() {
    let world = World::new().await;
    let mut client = world.parties.clone();
    let party = world.party("Anna Nowak", &anna()).await;
    let ticket = world.next_of_party(&party.party_id).await;
    assert_eq!(rule(&world.erase(&party.party_id).await.unwrap_err()), "OPEN_TICKETS");
    world.withdraw(&ticket.ticket_id).await;

    world.hold(&party.party_id, true).await;
    assert_eq!(rule(&world.erase(&party.party_id).await.unwrap_err()), "LEGAL_HOLD");
    world.hold(&party.party_id, false).await;
    assert_eq!(world.texts(&ticket.ticket_id).await[0], "No service", "nothing is lost so far");

    for role in [Role::Agent, Role::Lead, Role::System] {
        let status = client.erase_party(of(role, erase(&party.party_id))).await.unwrap_err();
        assert_eq!(status.code(), Code::PermissionDenied, "{role}");
    }
    let bad = v1::ErasePartyRequest {
        basis: String::new(),
        request_ticket_id: "x".to_owned(),
        ..erase("y")
    };
    let status = client.erase_party(of(Role::Admin, bad)).await.unwrap_err();
    let mut named = fields(&status);
    named.sort();
    assert_eq!(named, ["basis", "party_id", "request_ticket_id"]);
    let status = world.erase(&new_id()).await.unwrap_err();
    assert_eq!(refusal(&status), (Code::NotFound, "RESOURCE_NOT_FOUND".to_owned()));
    world.erase(&party.party_id).await.unwrap();
}

/// What a party that was merged had counts as the other's: also that it must be kept.
#[tokio::test]
async fn an_alias_is_erased_with_the_party_that_it_lives_as_alone() {
    let world = World::new().await;
    let old = world.party("Anna Nowak", &anna()[..1]).await;
    let young = world.party("Anna Kowalska", &anna()[1..]).await;
    let ticket = world.next_of_party(&young.party_id).await.ticket_id;
    world.withdraw(&ticket).await;
    let request = v1::MergePartiesRequest {
        request_id: new_id(),
        from_party_id: young.party_id.clone(),
        into_party_id: old.party_id.clone(),
        basis: "same customer number".to_owned(),
        etag: String::new(),
    };
    world.parties.clone().merge_parties(agent(request)).await.unwrap();
    world.hold(&old.party_id, true).await;
    let status = world.erase(&young.party_id).await.unwrap_err();
    assert_eq!(rule(&status), "MERGED");
    assert_eq!(info(&status).metadata["merged_into"], old.party_id);
    assert_eq!(rule(&world.erase(&old.party_id).await.unwrap_err()), "LEGAL_HOLD");
    assert_eq!(world.texts(&ticket).await[0], "No service", "the evidence is there");
    world.hold(&old.party_id, false).await;
    world.erase(&old.party_id).await.unwrap();
    assert_eq!(world.texts(&ticket).await[0], ERASED);
}

/// The proof of an erasure or a restriction points at what the data subject asked for.
#[tokio::test]
async fn the_ticket_of_a_request_is_one_of_the_party() {
    let world = World::new().await;
    let mut client = world.parties.clone();
    let old = world.party("Anna Nowak", &anna()[..1]).await;
    let young = world.party("Anna Kowalska", &anna()[1..]).await;
    let ticket = world.next_of_party(&young.party_id).await.ticket_id;
    world.merge(&young, &old).await.unwrap();
    let jan = world.party("Jan", &[]).await.party_id;
    let other = world.next_of_party(&jan).await.ticket_id;
    let asked = |request_ticket_id: &str| v1::ErasePartyRequest {
        request_ticket_id: request_ticket_id.to_owned(),
        ..erase(&old.party_id)
    };
    let kept = |request_ticket_id: &str| v1::SetRestrictionRequest {
        request_id: new_id(),
        party_id: old.party_id.clone(),
        on: true,
        basis: "accuracy contested".to_owned(),
        request_ticket_id: request_ticket_id.to_owned(),
        ..Default::default()
    };
    let unknown = new_id();
    for request in [&unknown, &other] {
        let erased = client.erase_party(of(Role::Admin, asked(request))).await.unwrap_err();
        let restricted = client.set_restriction(of(Role::Lead, kept(request))).await.unwrap_err();
        for status in [erased, restricted] {
            if *request == unknown {
                assert_eq!(status.code(), Code::NotFound);
                assert_eq!(info(&status).metadata["resource_type"], "ticket");
            } else {
                assert_eq!(fields(&status), ["request_ticket_id"]);
            }
        }
    }
    let restricted = client.set_restriction(of(Role::Lead, kept(&ticket))).await.unwrap();
    let restriction = restricted.into_inner().party.unwrap().restriction.unwrap();
    assert_eq!(restriction.request_ticket_id, ticket);
    let open = client.erase_party(of(Role::Admin, asked(&ticket))).await.unwrap_err();
    assert_eq!(rule(&open), "OPEN_TICKETS");
    world.withdraw(&ticket).await;
    let request = asked(&ticket);
    let first = client.erase_party(of(Role::Admin, request.clone())).await.unwrap().into_inner();
    let again = client.erase_party(of(Role::Admin, request)).await.unwrap().into_inner();
    assert_eq!(again, first);
}

#[tokio::test]
async fn a_complaint_keeps_the_data_until_claims_are_over() {
    let world = World::new().await;
    let party = world.party("Anna Nowak", &anna()).await;
    let requester = v1::Requester {
        name: "Anna Nowak".to_owned(),
        email: String::new(),
        party_id: party.party_id.clone(),
    };
    let request = v1::RegisterTicketRequest {
        r#type: v1::TicketType::Complaint.into(),
        requester: Some(requester),
        ..register()
    };
    let ticket = world.register_as(request).await;
    world.withdraw(&ticket.ticket_id).await;
    let status = world.erase(&party.party_id).await.unwrap_err();
    assert_eq!(rule(&status), "RETENTION");
    assert_eq!(info(&status).metadata["retained_until"], "2032-12-31");
}

#[tokio::test]
async fn a_complaint_of_new_years_night_is_of_the_new_year() {
    let world = World::new().await;
    let party = world.party("Anna Nowak", &anna()).await;
    let requester =
        v1::Requester { party_id: party.party_id.clone(), ..register().requester.unwrap() };
    let request = v1::RegisterTicketRequest {
        r#type: v1::TicketType::Complaint.into(),
        requester: Some(requester),
        ..register()
    };
    let ticket = world.register_as(request).await;
    // Half past midnight in Warsaw.
    let night = crate::world::at("2026-12-31T23:30:00Z");
    world.clock.advance(night.duration_since(world.clock.now()).unsigned_abs());
    world.withdraw(&ticket.ticket_id).await;
    let status = world.erase(&party.party_id).await.unwrap_err();
    assert_eq!(info(&status).metadata["retained_until"], "2033-12-31");
}

#[tokio::test]
async fn a_requester_who_was_never_registered_is_erased_by_the_id_of_the_ticket() {
    let world = World::new().await;
    let ticket = world.register().await;
    let party_id = ticket.requester.unwrap().party_id;
    assert_eq!(rule(&world.erase(&party_id).await.unwrap_err()), "OPEN_TICKETS");
    world.withdraw(&ticket.ticket_id).await;
    assert_eq!(world.erase(&party_id).await.unwrap().state(), PartyState::Erased);
    assert_eq!(world.texts(&ticket.ticket_id).await[0], ERASED);
}

#[tokio::test]
async fn a_ticket_goes_on_after_the_erasure_with_a_key_that_stays() {
    let mut world = World::new().await;
    let party = world.party("Anna Nowak", &anna()).await;
    let ticket = world.next_of_party(&party.party_id).await.ticket_id;
    let (request_id, ticket_id, etag) = (new_id(), ticket.clone(), String::new());
    let spam = v1::MarkSpamRequest { request_id, ticket_id, etag };
    world.client.clone().mark_spam(agent(spam)).await.unwrap();
    world.erase(&party.party_id).await.unwrap();
    // It was none, and it goes on.
    let (request_id, ticket_id, etag) = (new_id(), ticket.clone(), String::new());
    let no_spam = v1::UnmarkSpamRequest { request_id, ticket_id, etag };
    world.client.clone().unmark_spam(of(Role::Lead, no_spam)).await.unwrap();
    world.client.clone().add_message(agent(inbound(&ticket))).await.unwrap();
    let texts = world.texts(&ticket).await;
    assert_eq!((&*texts[0], &**texts.last().unwrap()), (ERASED, "Any news?"));
    // Reading the erasure again does not destroy what came after it.
    world.deliver_everything_again().await;
    assert_eq!(world.texts(&ticket).await, texts);
}

#[tokio::test]
async fn what_comes_for_an_erased_party_is_erased_by_another_erasure() {
    let mut world = World::new().await;
    let old = world.party("Anna Nowak", &anna()[..1]).await;
    let young = world.party("Anna Kowalska", &anna()[1..]).await;
    let request = v1::MergePartiesRequest {
        request_id: new_id(),
        from_party_id: young.party_id.clone(),
        into_party_id: old.party_id.clone(),
        basis: "same customer number".to_owned(),
        etag: String::new(),
    };
    world.parties.clone().merge_parties(agent(request)).await.unwrap();
    let first = world.next_of_party(&old.party_id).await.ticket_id;
    world.withdraw(&first).await;
    world.erase(&old.party_id).await.unwrap();

    // The address leads to nobody any more; the ids do, also that of who was merged.
    let known = world.register().await.requester.unwrap().party_id;
    assert_ne!(known, old.party_id, "a new party is made");
    let later = [
        world.next_of_party(&old.party_id).await.ticket_id,
        world.next_of_party(&young.party_id).await.ticket_id,
    ];
    assert_eq!(rule(&world.erase(&old.party_id).await.unwrap_err()), "OPEN_TICKETS");
    for ticket_id in &later {
        assert_eq!(world.texts(ticket_id).await[0], "No service");
        world.withdraw(ticket_id).await;
    }
    world.erase(&old.party_id).await.unwrap();
    for ticket_id in [&first, &later[0], &later[1]] {
        let texts = world.texts(ticket_id).await;
        assert!(texts.iter().all(|text| text == ERASED), "{texts:?}");
    }
    // A third one finds nothing, and reading all of it again changes nothing.
    let heads = world.heads().await;
    world.erase(&old.party_id).await.unwrap();
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads);
}

#[tokio::test]
async fn what_follows_a_ticket_of_an_erased_party_does_not_carry_the_erasure_on_as_a_name() {
    let world = World::new().await;
    let party = world.party("Anna Nowak", &anna()).await;
    let closed = world.next_of_party(&party.party_id).await.ticket_id;
    world.withdraw(&closed).await;
    world.erase(&party.party_id).await.unwrap();
    let message = of(Role::Customer, inbound(&closed));
    let answer = world.client.clone().add_message(message).await.unwrap().into_inner();
    let follows = answer.ticket.unwrap();
    assert_eq!(follows.parent_ticket_id, closed);
    let requester = follows.requester.unwrap();
    assert_eq!((&*requester.name, &*requester.email), ("", ""));
    world.withdraw(&follows.ticket_id).await;
    world.erase(&party.party_id).await.unwrap();
    let texts = world.texts(&follows.ticket_id).await;
    assert!(texts.iter().all(|text| text == ERASED), "{texts:?}");
}

#[tokio::test]
async fn the_data_of_a_requester_who_was_never_registered_are_held() {
    let world = World::new().await;
    let ticket_id = world.register().await.ticket_id;
    let party_id = world.get(&ticket_id).await.requester.unwrap().party_id;
    world.withdraw(&ticket_id).await;
    world.hold(&party_id, true).await;
    let request = v1::GetPartyRequest { party_id: party_id.clone() };
    let party = world.parties.clone().get_party(agent(request)).await.unwrap().into_inner();
    let party = party.party.unwrap();
    assert_eq!((party.state(), party.profile), (PartyState::Unregistered, None));
    assert_eq!(party.legal_hold.unwrap().basis, "claim 7/2026");
    assert_eq!(rule(&world.erase(&party_id).await.unwrap_err()), "LEGAL_HOLD");
    assert_eq!(world.get(&ticket_id).await.subject, "No service");
    world.hold(&party_id, false).await;
    assert_eq!(world.erase(&party_id).await.unwrap().state(), PartyState::Erased);
    // Nobody is held of whom there is no ticket.
    let request = v1::SetLegalHoldRequest {
        request_id: new_id(),
        party_id: new_id(),
        on: true,
        basis: "claim 7/2026".to_owned(),
        ..Default::default()
    };
    let refused = world.parties.clone().set_legal_hold(of(Role::Lead, request)).await;
    assert_eq!(refused.unwrap_err().code(), Code::NotFound);
}
