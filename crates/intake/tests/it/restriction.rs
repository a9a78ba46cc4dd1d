//! What may not be erased is restricted: kept as it is, and shown to few.
use chassis::rpc::Role;
use tonic::{Code, Status};
use wire::intake::v1::{self, PartyState};

use crate::parties::{anna, rule};
use crate::threads::{token, with_token};
use crate::world::{World, agent, fields, inbound, info, new_id, of, refusal};

const RESTRICTED: &str = "[ograniczono / restricted]";

fn restriction(party_id: &str, on: bool) -> v1::SetRestrictionRequest {
    v1::SetRestrictionRequest {
        request_id: new_id(),
        party_id: party_id.to_owned(),
        on,
        basis: "accuracy contested".to_owned(),
        ..Default::default()
    }
}

impl World {
    async fn restrict(&self, party_id: &str, on: bool) -> Result<Option<v1::Party>, Status> {
        let request = of(Role::Admin, restriction(party_id, on));
        Ok(self.parties.clone().set_restriction(request).await?.into_inner().party)
    }

    pub(crate) async fn party_as(&self, role: Role, party_id: &str) -> v1::Party {
        let request = of(role, v1::GetPartyRequest { party_id: party_id.to_owned() });
        let answer = self.parties.clone().get_party(request).await.unwrap();
        answer.into_inner().party.unwrap()
    }

    async fn requester_as(&self, role: Role, ticket_id: &str) -> (String, String) {
        let request = of(
            role,
            v1::GetTicketRequest { ticket_id: ticket_id.to_owned(), ..Default::default() },
        );
        let answer = self.client.clone().get_ticket(request).await.unwrap();
        let requester = answer.into_inner().ticket.unwrap().requester.unwrap();
        (requester.name, requester.email)
    }
}

#[tokio::test]
async fn a_restricted_party_is_shown_to_few_until_it_is_erased() {
    let mut world = World::new().await;
    let party = world.party("Anna Nowak", &anna()).await;
    let ticket_id = world.next_of_party(&party.party_id).await.ticket_id;
    let refused = world.erase(&party.party_id).await.unwrap_err();
    assert_eq!(rule(&refused), "OPEN_TICKETS");
    assert_eq!(info(&refused).metadata["instead"], "SetRestriction");

    let restricted = world.restrict(&party.party_id, true).await.unwrap().unwrap();
    assert_eq!(restricted.restriction.unwrap().basis, "accuracy contested");
    let shown = world.party_as(Role::Agent, &party.party_id).await;
    assert_eq!(shown.state(), PartyState::Live);
    let profile = shown.profile.unwrap();
    assert_eq!((&*profile.name, &*profile.language), (RESTRICTED, "pl"));
    assert!(profile.contact_points.is_empty() && profile.external_refs.is_empty());
    let known = world.party_as(Role::Lead, &party.party_id).await.profile.unwrap();
    assert_eq!((&*known.name, known.contact_points.len()), ("Anna Nowak", 2));

    let kept = (RESTRICTED.to_owned(), RESTRICTED.to_owned());
    for role in [Role::Agent, Role::Expert, Role::Integrator] {
        assert_eq!(world.requester_as(role, &ticket_id).await, kept, "{role}");
    }
    let answer = world.client.clone().add_message(agent(inbound(&ticket_id))).await.unwrap();
    assert_eq!(answer.into_inner().ticket.unwrap().requester.unwrap().name, RESTRICTED);
    for role in [Role::Customer, Role::Lead, Role::ProcessOwner, Role::Auditor] {
        assert_eq!(world.requester_as(role, &ticket_id).await.0, "Anna Nowak", "{role}");
    }
    let called = v1::StartContactRequest {
        request_id: new_id(),
        channel: v1::ContactChannel::Voice.into(),
        direction: v1::ContactDirection::Inbound.into(),
        entry_point: "hotline".to_owned(),
        party_hint: Some(anna()[1].clone()),
        ..Default::default()
    };
    let mut contacts = world.contacts.clone();
    let called = contacts.start_contact(of(Role::Integrator, called)).await.unwrap().into_inner();
    let contact_id = called.contact.unwrap().contact_id;
    for (role, hint) in [(Role::Agent, RESTRICTED), (Role::Lead, "+48 600 100 200")] {
        let request = of(role, v1::GetContactRequest { contact_id: contact_id.clone() });
        let contact = contacts.get_contact(request).await.unwrap().into_inner().contact.unwrap();
        assert_eq!(contact.party_hint, hint, "{role}");
    }
    world.deliver_everything_again().await;
    assert_eq!(world.requester_as(Role::Agent, &ticket_id).await, kept);

    world.withdraw(&ticket_id).await;
    assert_eq!(world.erase(&party.party_id).await.unwrap().state(), PartyState::Erased);
    assert_eq!(world.party_as(Role::Agent, &party.party_id).await.restriction, None);
    assert_eq!(world.count("select count(*) from intake.restricted_parties").await, 0);
}

#[tokio::test]
async fn who_brings_the_message_of_a_follow_up_is_not_told_who_asks() {
    let world = World::new().await;
    let old = crate::follow::closed(&world).await;
    let party_id = old.requester.unwrap().party_id;
    world.restrict(&party_id, true).await.unwrap();
    let mut client = world.client.clone();
    let brought = inbound(&old.ticket_id);
    let first = client.add_message(of(Role::Integrator, brought.clone())).await.unwrap();
    let first = first.into_inner();
    let ticket = first.ticket.clone().unwrap();
    assert_eq!(ticket.origin(), v1::TicketOrigin::FollowUp);
    let requester = ticket.requester.unwrap();
    assert_eq!((&*requester.name, &*requester.email), (RESTRICTED, RESTRICTED));
    assert_eq!(requester.party_id, party_id);
    let again = client.add_message(of(Role::Integrator, brought)).await.unwrap().into_inner();
    assert_eq!(again, first);
    let written = client.add_message(of(Role::Customer, inbound(&old.ticket_id))).await.unwrap();
    let ticket = written.into_inner().ticket.unwrap();
    assert_eq!(ticket.requester.unwrap().name, "Anna Nowak", "their own name");

    let mail = with_token("<1@example.org>", &token(&old.ticket_id));
    let received = world.receive(mail).await.ticket.unwrap();
    assert_eq!(received.parent_ticket_id, old.ticket_id);
    assert_eq!(received.requester.unwrap().email, RESTRICTED);
}

#[tokio::test]
async fn a_restriction_is_lifted_and_keeps_the_profile_as_it_is_until_then() {
    let world = World::new().await;
    let party = world.party("Anna Nowak", &anna()).await;
    world.restrict(&party.party_id, true).await.unwrap();
    let update = v1::UpdatePartyRequest {
        request_id: new_id(),
        party_id: party.party_id.clone(),
        profile: Some(v1::PartyProfile { name: "Other".to_owned(), ..party.profile.unwrap() }),
        ..Default::default()
    };
    let mut parties = world.parties.clone();
    let refused = parties.update_party(agent(update.clone())).await.unwrap_err();
    assert_eq!(rule(&refused), "RESTRICTED");
    let lifted = world.restrict(&party.party_id, false).await.unwrap().unwrap();
    assert_eq!(lifted.restriction, None);
    let update = v1::UpdatePartyRequest { request_id: new_id(), ..update };
    parties.update_party(agent(update)).await.unwrap();
    let shown = world.party_as(Role::Agent, &party.party_id).await;
    assert_eq!(shown.profile.unwrap().name, "Other");

    let bad = v1::SetRestrictionRequest {
        basis: String::new(),
        request_ticket_id: new_id(),
        ..restriction("x", false)
    };
    let mut named = fields(&parties.set_restriction(of(Role::Lead, bad)).await.unwrap_err());
    named.sort();
    assert_eq!(named, ["basis", "party_id", "request_ticket_id"]);
    for role in [Role::Agent, Role::Integrator, Role::Auditor] {
        let request = of(role, restriction(&party.party_id, true));
        let refused = parties.set_restriction(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{role}");
    }
}

#[tokio::test]
async fn a_requester_who_was_never_registered_is_restricted_by_the_id_of_the_ticket() {
    let world = World::new().await;
    let ticket = world.register().await;
    let party_id = ticket.requester.unwrap().party_id;
    let nobody = world.restrict(&new_id(), true).await.unwrap_err();
    assert_eq!(refusal(&nobody), (Code::NotFound, "RESOURCE_NOT_FOUND".to_owned()));
    let shown = world.restrict(&party_id, true).await.unwrap().unwrap();
    assert_eq!((shown.state(), &shown.profile), (PartyState::Unregistered, &None));
    assert_eq!(world.requester_as(Role::Agent, &ticket.ticket_id).await.0, RESTRICTED);
    assert_eq!(world.restrict(&party_id, false).await.unwrap(), None);
    assert_eq!(world.requester_as(Role::Agent, &ticket.ticket_id).await.0, "Anna Nowak");
}
