//! A ticket that comes in beside the erasure of its requester: it is in the log before the erasure,
//! which had looked before that.
use chassis::rpc::Role;
use eventlog::sealing::ERASED;
use wire::intake::v1::{self, PartyState};

use crate::parties::anna;
use crate::world::{World, agent, inbound, new_id, of, register, reply};

const GONE: &str = "select count(*) from keys.subject_key where wrapped is null";

impl World {
    /// The erasure of a party whose look-up of what stands against it was too early.
    async fn erase_beside(&self, party_id: &str) {
        let erased = v1::PartyErased {
            party_id: party_id.to_owned(),
            basis: "request of the data subject".to_owned(),
            ..Default::default()
        };
        let party = ("party", party_id);
        self.foreign(party, wire::event::PARTY_ERASED, &erased, "2026-06-09T00:00:00Z").await;
        self.settled().await;
    }

    async fn spam(&self, ticket_id: &str) {
        let (request_id, ticket_id, etag) = (new_id(), ticket_id.to_owned(), String::new());
        let spam = v1::MarkSpamRequest { request_id, ticket_id, etag };
        self.client.clone().mark_spam(agent(spam)).await.unwrap();
        self.settled().await;
    }

    async fn no_spam(&self, ticket_id: &str) {
        let (request_id, ticket_id, etag) = (new_id(), ticket_id.to_owned(), String::new());
        let no_spam = v1::UnmarkSpamRequest { request_id, ticket_id, etag };
        self.client.clone().unmark_spam(of(Role::Lead, no_spam)).await.unwrap();
    }

    async fn due_when_closed(&self) -> i64 {
        self.count("select count(*) from intake.erased_when_closed").await
    }

    /// All rows of the tables about parties.
    async fn rows(&self) -> Vec<String> {
        sqlx::query_scalar(
            "select to_jsonb(t)::text from intake.parties t
              union all select to_jsonb(t)::text from intake.party_tickets t
              union all select to_jsonb(t)::text from intake.ticket_requesters t
              union all select to_jsonb(t)::text from intake.erased_when_closed t
              order by 1",
        )
        .fetch_all(self.db.pool())
        .await
        .unwrap()
    }

    /// Tables and keys are the same once everything is read from the beginning.
    async fn rebuilt(&mut self) {
        let before = (self.rows().await, self.count(GONE).await);
        self.stop().await;
        sqlx::raw_sql(
            "truncate intake.parties, intake.party_tickets, intake.ticket_requesters,
                      intake.erased_when_closed, intake.held_parties, intake.contact_points",
        )
        .execute(self.db.pool())
        .await
        .unwrap();
        self.restart().await;
        self.deliver_everything_again().await;
        assert_eq!((self.rows().await, self.count(GONE).await), before);
    }
}

#[tokio::test]
async fn a_ticket_that_comes_beside_an_erasure_is_worked_on_and_erased_when_it_closes() {
    let mut world = World::new().await;
    let party = world.party("Anna Nowak", &anna()).await.party_id;
    let closed = world.next_of_party(&party).await.ticket_id;
    world.withdraw(&closed).await;
    let ticket = world.next_of_party(&party).await.ticket_id;
    world.erase_beside(&party).await;
    assert_eq!(world.texts(&closed).await[0], ERASED);
    assert_eq!(world.party_as(Role::Lead, &party).await.state(), PartyState::Erased);

    world.client.clone().add_message(agent(inbound(&ticket))).await.unwrap();
    world.client.clone().send_reply(agent(reply(&ticket))).await.unwrap();
    let texts = world.texts(&ticket).await;
    assert_eq!(texts, ["No service", "Since this morning.", "Any news?", "We are looking."]);
    assert_eq!(world.get(&ticket).await.requester.unwrap().email, "anna@example.org");
    assert_eq!(world.due_when_closed().await, 1);
    world.rebuilt().await;
    assert_eq!(world.texts(&ticket).await, texts);
    // What comes after the erasure is none of its business.
    let later = world.next_of_party(&party).await.ticket_id;

    for ticket_id in [&later, &ticket] {
        world.withdraw(ticket_id).await;
    }
    world.settled().await;
    let texts = world.texts(&ticket).await;
    assert!(texts.iter().all(|text| text == ERASED), "{texts:?}");
    assert_eq!(world.get(&ticket).await.requester.unwrap().email, ERASED);
    assert_eq!(world.texts(&later).await[0], "No service");
    assert_eq!(
        (world.due_when_closed().await, world.count(GONE).await),
        (0, 3),
        "the party, two tickets"
    );
    world.rebuilt().await;
    world.erase(&party).await.unwrap();
    assert_eq!(world.texts(&later).await[0], ERASED);
}

#[tokio::test]
async fn it_is_erased_once_however_often_it_closes() {
    let mut world = World::new().await;
    let party = world.party("Anna Nowak", &anna()).await.party_id;
    let ticket = world.next_of_party(&party).await.ticket_id;
    // Closed and open again before the erasure, which finds it open.
    world.spam(&ticket).await;
    world.no_spam(&ticket).await;
    world.erase_beside(&party).await;
    world.rebuilt().await;
    assert_eq!(world.texts(&ticket).await[0], "No service");
    world.spam(&ticket).await;
    assert_eq!(world.texts(&ticket).await[0], ERASED);

    // It goes on with another key, for another erasure.
    world.no_spam(&ticket).await;
    world.client.clone().add_message(agent(inbound(&ticket))).await.unwrap();
    world.spam(&ticket).await;
    let texts = world.texts(&ticket).await;
    assert_eq!((&*texts[0], &**texts.last().unwrap()), (ERASED, "Any news?"));
    world.rebuilt().await;
    world.deliver_everything_again().await;
    assert_eq!(world.texts(&ticket).await, texts);
    world.erase(&party).await.unwrap();
    assert_eq!(world.texts(&ticket).await.last().unwrap(), ERASED);
}

#[tokio::test]
async fn what_stands_against_an_erasure_when_it_closes_keeps_it() {
    let mut world = World::new().await;
    let party = world.party("Anna Nowak", &anna()).await.party_id;
    let jan = world.party("Jan", &[]).await.party_id;
    let requester = v1::Requester { party_id: party.clone(), ..register().requester.unwrap() };
    let complaint = world.register_as(v1::RegisterTicketRequest {
        r#type: v1::TicketType::Complaint.into(),
        requester: Some(requester),
        ..register()
    });
    let complaint = complaint.await.ticket_id;
    let shared = world.next_of_party(&party).await.ticket_id;
    world.requester(&shared, &jan).await;
    world.erase_beside(&party).await;
    assert_eq!(world.due_when_closed().await, 2);
    world.hold(&jan, true).await;
    for ticket_id in [&complaint, &shared] {
        world.withdraw(ticket_id).await;
    }
    world.settled().await;
    world.hold(&jan, false).await;
    world.rebuilt().await;
    assert_eq!(world.due_when_closed().await, 0);
    for ticket_id in [&complaint, &shared] {
        assert_eq!(world.texts(ticket_id).await[0], "No service");
    }
}

#[tokio::test]
async fn who_is_merged_beside_an_erasure_goes_with_the_next_one() {
    let mut world = World::new().await;
    let old = world.party("Anna Nowak", &anna()[..1]).await.party_id;
    let young = world.party("Anna Kowalska", &anna()[1..]).await.party_id;
    let ticket = world.next_of_party(&young).await.ticket_id;
    world.withdraw(&ticket).await;
    world.erase_beside(&old).await;
    let merged = v1::PartiesMerged {
        from_party_id: young.clone(),
        into_party_id: old.clone(),
        basis: "same customer number".to_owned(),
    };
    let stream = ("party", &*young);
    world.foreign(stream, wire::event::PARTIES_MERGED, &merged, "2026-06-09T00:00:00Z").await;
    world.settled().await;
    world.rebuilt().await;
    assert_eq!(world.texts(&ticket).await[0], "No service");
    world.erase(&old).await.unwrap();
    assert_eq!(world.texts(&ticket).await[0], ERASED);
}

/// Whom the ticket of an alert is given to beside their erasure.
#[tokio::test]
async fn who_becomes_the_requester_beside_an_erasure_is_erased_with_the_ticket() {
    let world = World::new().await;
    let party = world.party("Anna Nowak", &anna()).await.party_id;
    let ticket = world.alert().await;
    world.requester(&ticket, &party).await;
    world.erase_beside(&party).await;
    assert_eq!(world.texts(&ticket).await[0], "No service");
    world.withdraw(&ticket).await;
    world.settled().await;
    assert_eq!(world.texts(&ticket).await[0], ERASED);
}
