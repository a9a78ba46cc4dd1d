//! What tickets are about is published in versions, and codes are checked against the one in
//! force.
use std::time::Duration;

use chassis::rpc::Role;
use tonic::{Code, Status};
use wire::intake::v1::taxonomy_service_client::TaxonomyServiceClient;
use wire::intake::v1::{self, Taxonomy, TaxonomyCategory, TaxonomyRoot};

use crate::world::{World, agent, fields, for_tenant, new_id, of, refusal, register, stamp};

fn taxonomy(codes: &[&str]) -> Taxonomy {
    let categories = codes.iter().map(|code| TaxonomyCategory {
        code: (*code).to_owned(),
        label_pl: "Awaria".to_owned(),
        label_en: "Outage".to_owned(),
    });
    let root = TaxonomyRoot {
        code: "TECH".to_owned(),
        label_pl: "Technika".to_owned(),
        label_en: "Technology".to_owned(),
        categories: categories.collect(),
    };
    Taxonomy { taxonomy_id: "OWN".to_owned(), version: 0, roots: vec![root] }
}

fn publish(codes: &[&str]) -> v1::PublishTaxonomyRequest {
    v1::PublishTaxonomyRequest {
        request_id: new_id(),
        taxonomy: Some(taxonomy(codes)),
        effective_from: None,
    }
}

fn classify(ticket_id: &str, category_code: &str) -> v1::ClassifyTicketRequest {
    v1::ClassifyTicketRequest {
        request_id: new_id(),
        ticket_id: ticket_id.to_owned(),
        r#type: v1::TicketType::Incident.into(),
        category_code: category_code.to_owned(),
        ..Default::default()
    }
}

impl World {
    async fn taxonomies(&self) -> TaxonomyServiceClient<tonic::transport::Channel> {
        TaxonomyServiceClient::connect(format!("http://{}", self.addr)).await.unwrap()
    }

    async fn publish(&self, request: v1::PublishTaxonomyRequest) -> Result<u32, Status> {
        let mut client = self.taxonomies().await;
        let answer = client.publish_taxonomy(of(Role::ProcessOwner, request)).await?;
        Ok(answer.into_inner().taxonomy.unwrap().version)
    }

    /// The version by which a ticket was classified last.
    async fn classified_by(&self, ticket_id: &str) -> u32 {
        use prost::Message as _;
        let events = self.events(ticket_id).await;
        let last = events.iter().rfind(|event| event.event_type.ends_with(".TicketClassified"));
        v1::TicketClassified::decode(last.unwrap().payload.clone()).unwrap().taxonomy_version
    }
}

#[tokio::test]
async fn codes_are_those_of_the_version_in_force() {
    let world = World::new().await;
    let mut client = world.client.clone();
    let any = v1::RegisterTicketRequest { category_code: "ANY/thing".to_owned(), ..register() };
    let any = world.register_as(any).await.ticket_id;
    assert_eq!(world.classified_by(&any).await, 0, "before the first version");

    assert_eq!(world.publish(publish(&["outage", "access"])).await.unwrap(), 1);
    let ticket_id = world.register().await.ticket_id;
    assert_eq!(world.classified_by(&ticket_id).await, 1);
    let unknown =
        v1::RegisterTicketRequest { category_code: "TECH/other".to_owned(), ..register() };
    let status = client.register_ticket(agent(unknown)).await.unwrap_err();
    assert_eq!(
        (status.code(), fields(&status)),
        (Code::InvalidArgument, vec!["category_code".into()])
    );
    assert!(status.message().contains("taxonomy OWN, version 1"), "{status:?}");
    let status =
        client.classify_ticket(agent(classify(&ticket_id, "ANY/thing"))).await.unwrap_err();
    assert_eq!(fields(&status), ["category_code"]);
    client.classify_ticket(agent(classify(&ticket_id, "TECH"))).await.unwrap();
    client.classify_ticket(agent(classify(&ticket_id, ""))).await.unwrap();
    // Another tenant has published nothing.
    let theirs = v1::RegisterTicketRequest { category_code: "ANY/thing".to_owned(), ..register() };
    client.register_ticket(for_tenant("zeta", Role::Agent, theirs)).await.unwrap();
}

#[tokio::test]
async fn a_version_begins_when_it_says_and_old_requests_meet_their_answers() {
    let world = World::new().await;
    let mut client = world.client.clone();
    world.publish(publish(&["outage"])).await.unwrap();
    let request = register();
    let first = client.register_ticket(agent(request.clone())).await.unwrap().into_inner();
    let ticket_id = first.ticket.clone().unwrap().ticket_id;
    let effective_from = stamp("2026-06-09T01:00:00Z");
    let next = v1::PublishTaxonomyRequest { effective_from, ..publish(&["breakdown"]) };
    assert_eq!(world.publish(next).await.unwrap(), 2);
    client.classify_ticket(agent(classify(&ticket_id, "TECH/outage"))).await.unwrap();

    world.clock.advance(Duration::from_secs(3_600));
    let status = client.classify_ticket(agent(classify(&ticket_id, "TECH/outage"))).await;
    assert_eq!(fields(&status.unwrap_err()), ["category_code"]);
    client.classify_ticket(agent(classify(&ticket_id, "TECH/breakdown"))).await.unwrap();
    assert_eq!(world.classified_by(&ticket_id).await, 2);
    let again = client.register_ticket(agent(request)).await.unwrap().into_inner();
    assert_eq!(again, first, "its code is no longer one");
}

#[tokio::test]
async fn what_is_published_is_read_whole_and_repeated_once() {
    let world = World::new().await;
    let request = publish(&["outage"]);
    for _ in 0..2 {
        assert_eq!(world.publish(request.clone()).await.unwrap(), 1);
    }
    let effective_from = stamp("2027-01-01T00:00:00Z");
    let next = v1::PublishTaxonomyRequest { effective_from, ..publish(&["breakdown"]) };
    world.publish(next).await.unwrap();
    let mut client = world.taxonomies().await;
    let mut read = async |version| {
        let request = of(Role::Customer, v1::GetTaxonomiesRequest { version });
        client.get_taxonomies(request).await.unwrap().into_inner()
    };
    let now = read(0).await;
    assert_eq!(now.taxonomy, Some(Taxonomy { version: 1, ..taxonomy(&["outage"]) }));
    assert_eq!((now.in_force, now.versions.len()), (1, 2));
    assert_eq!(now.versions[1].effective_from, effective_from);
    assert_ne!(now.versions[0].sha256, now.versions[1].sha256);
    let later = read(2).await.taxonomy.unwrap();
    assert_eq!(later.roots[0].categories[0].code, "breakdown");
    assert_eq!(read(3).await.taxonomy, None);

    let mut wrong = publish(&["Outage"]);
    wrong.taxonomy.as_mut().unwrap().taxonomy_id.clear();
    let status = world.publish(wrong).await.unwrap_err();
    let expected = ["taxonomy.taxonomy_id", "taxonomy.roots[0].categories[0].code"];
    assert_eq!(fields(&status), expected);
    let missing = v1::PublishTaxonomyRequest { taxonomy: None, ..publish(&[]) };
    assert_eq!(fields(&world.publish(missing).await.unwrap_err()), ["taxonomy"]);
    let status = world.taxonomies().await.publish_taxonomy(agent(publish(&["outage"]))).await;
    let denied = (Code::PermissionDenied, "PERMISSION_DENIED".to_owned());
    assert_eq!(refusal(&status.unwrap_err()), denied);
}
