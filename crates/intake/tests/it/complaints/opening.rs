//! A ticket of that type is a complaint from its beginning, whatever brought it.
use super::*;
use crate::follow::closed;
use crate::join::split;
use crate::parties::anna;
use crate::threads::mail;
use crate::world::{fields, info, resolve, stamp};

fn complaining() -> v1::RegisterTicketRequest {
    v1::RegisterTicketRequest { r#type: v1::TicketType::Complaint.into(), ..register() }
}

fn told(complaint: v1::NewComplaint) -> v1::RegisterTicketRequest {
    v1::RegisterTicketRequest { complaint: Some(complaint), ..complaining() }
}

async fn business(world: &World) -> v1::Party {
    let party = world.party("Anna Nowak", &anna()).await;
    let profile = v1::PartyProfile {
        consumer_status: common::ConsumerStatus::Business.into(),
        ..party.profile.clone().unwrap()
    };
    let request = v1::UpdatePartyRequest {
        request_id: new_id(),
        party_id: party.party_id.clone(),
        profile: Some(profile),
        ..Default::default()
    };
    world.parties.clone().update_party(agent(request)).await.unwrap();
    party
}

/// Law for businesses alone.
fn business_law() -> Draft {
    let mut draft = Draft { code: "B2B_CONTRACT".into(), ..consumer_law() };
    draft.scope.consumers = vec![ConsumerStatus::Business];
    draft
}

/// The house's goal, beside any law.
fn house_goal() -> Draft {
    let mut draft = Draft {
        code: "INTERNAL_STANDARD".into(),
        basis: Basis::House,
        silence: SilenceEffect::None,
        confidence: Confidence::Policy,
        note: "A goal.".into(),
        ..consumer_law()
    };
    draft.scope.rank = Rank::Parallel;
    draft.scope.consumers.clear();
    draft.appeal = Appeal::default();
    draft
}

#[tokio::test]
async fn a_complaint_is_registered_with_all_that_is_known_of_it() {
    let world = with_law().await;
    let claim = |demand: v1::Demand, amount| v1::NewClaim { demand: demand.into(), amount };
    let request = told(v1::NewComplaint {
        submission_form: v1::SubmissionForm::Paper.into(),
        consumer_status: common::ConsumerStatus::SoleTraderProtected.into(),
        claims: vec![claim(v1::Demand::Replace, None), claim(v1::Demand::Compensation, zloty(49))],
        reply_form: v1::ReplyForm::PaperOrDurable.into(),
        reply_channel: common::Channel::Letter.into(),
        filed_at: stamp("2026-06-08T10:00:00Z"),
        ..Default::default()
    });
    let head = world.heads().await.iter().sum::<u64>();
    let mut client = world.client.clone();
    let first = client.register_ticket(agent(request.clone())).await.unwrap().into_inner();
    let ticket = first.ticket.clone().unwrap();
    let story = ["TicketRegistered", "TicketClassified", "PriorityChanged", "ComplaintOpened"];
    assert_eq!(world.story(&ticket.ticket_id).await, story);
    let recorded: Vec<_> = world.events(&ticket.ticket_id).await;
    assert!(recorded.iter().all(|event| event.recorded_at == recorded[0].recorded_at), "at once");
    let complaint = get(&world, &ticket.ticket_id).await;
    assert_eq!((&complaint.complaint_id, complaint.stage()), (&ticket.complaint_id, received()));
    assert_eq!(complaint.regimes[0].code, "PL_CONSUMER_GENERAL");
    assert_eq!(&*complaint.answer_by, "2026-06-23");
    assert_eq!(complaint.submission_form(), v1::SubmissionForm::Paper);
    assert_eq!(complaint.consumer_status(), common::ConsumerStatus::SoleTraderProtected);
    assert_eq!(complaint.reply_channel(), common::Channel::Letter);
    assert_eq!(complaint.filed_at, stamp("2026-06-08T10:00:00Z"));
    assert_eq!((complaint.claims.len(), &complaint.claims[1].amount), (2, &zloty(49)));
    // The same request has its first answer, whatever has been published since.
    publish(&world, &Draft { version: 2, valid_from: date(2026, 6, 9), ..consumer_law() }).await;
    assert_eq!(client.register_ticket(agent(request)).await.unwrap().into_inner(), first);
    assert_eq!(world.heads().await.iter().sum::<u64>(), head + 5);
}

fn received() -> v1::ComplaintStage {
    v1::ComplaintStage::Received
}

#[tokio::test]
async fn where_nothing_is_told_an_explanation_is_claimed_and_the_party_is_asked() {
    let world = with_law().await;
    publish(&world, &business_law()).await;
    let unknown = world.register_as(complaining()).await.ticket_id;
    let complaint = get(&world, &unknown).await;
    assert_eq!(complaint.consumer_status(), common::ConsumerStatus::Unknown);
    assert_eq!(complaint.submission_form(), v1::SubmissionForm::Electronic);
    assert_eq!(complaint.reply_channel(), common::Channel::Email);
    let claims: Vec<_> = complaint.claims.iter().map(v1::Claim::demand).collect();
    assert_eq!(claims, [v1::Demand::Explanation]);
    assert_eq!(complaint.regimes[0].code, "PL_CONSUMER_GENERAL", "in doubt a consumer");
    // The address is that of a business, recognised.
    business(&world).await;
    world.settled().await;
    let by_business = world.register_as(complaining()).await.ticket_id;
    let complaint = get(&world, &by_business).await;
    assert_eq!(complaint.consumer_status(), common::ConsumerStatus::Business);
    assert_eq!(complaint.regimes[0].code, "B2B_CONTRACT");
    // What the call says goes before the profile.
    let consumer = common::ConsumerStatus::Consumer.into();
    let said = told(v1::NewComplaint { consumer_status: consumer, ..Default::default() });
    let as_consumer = world.register_as(said).await.ticket_id;
    assert_eq!(get(&world, &as_consumer).await.regimes[0].code, "PL_CONSUMER_GENERAL");
}

#[tokio::test]
async fn every_way_in_opens_it() {
    let world = with_law().await;
    let kind = v1::TicketType::Complaint.into();
    // A mail.
    let request = v1::ReceiveMessageRequest { r#type: kind, ..mail("<1@example.org>") };
    let taken = world.receive(request.clone()).await.ticket.unwrap();
    assert_eq!(get(&world, &taken.ticket_id).await.complaint_id, taken.complaint_id);
    assert_eq!(taken.messages[0].body, "It is gone again.");
    assert_eq!(world.receive(request).await.ticket.unwrap(), taken);
    // A message to a closed complaint.
    let complaint = decided(&world).await;
    let mut client = world.complaints.clone();
    let post = delivered(&complaint, "2026-06-09T00:00:00Z");
    client.record_decision_evidence(of(Role::Integrator, post)).await.unwrap();
    client.record_remedy(of(Role::Integrator, paid(&complaint))).await.unwrap();
    let confirm = v1::ConfirmResolutionRequest {
        request_id: new_id(),
        ticket_id: complaint.ticket_id.clone(),
        etag: String::new(),
    };
    world.client.clone().confirm_resolution(of(Role::Customer, confirm)).await.unwrap();
    let again = of(Role::Customer, crate::world::inbound(&complaint.ticket_id));
    let follow_up = world.client.clone().add_message(again).await.unwrap().into_inner();
    let follow_up = get(&world, &follow_up.ticket.unwrap().ticket_id).await;
    assert_ne!(follow_up.complaint_id, complaint.complaint_id);
    assert_eq!(follow_up.stage(), received());
    // One to a closed ticket that was none.
    let other = closed(&world).await.ticket_id;
    let again = of(Role::Customer, crate::world::inbound(&other));
    let inquiry = world.client.clone().add_message(again).await.unwrap().into_inner();
    assert_eq!(inquiry.ticket.unwrap().complaint_id, "");
}

#[tokio::test]
async fn what_is_split_off_as_a_complaint_is_one() {
    let mut world = World::new().await;
    business(&world).await;
    world.settled().await;
    let ticket = world.register().await.ticket_id;
    // What was published a moment ago is law already, though the read model is behind.
    world.stop().await;
    publish(&world, &consumer_law()).await;
    publish(&world, &business_law()).await;
    world.restart().await;
    let request = v1::SplitTicketRequest {
        r#type: v1::TicketType::Complaint.into(),
        ..split(&ticket, &[&ticket])
    };
    let answer = world.client.clone().split_ticket(agent(request)).await.unwrap();
    let child = answer.into_inner().child_ticket_id;
    // What is published afterwards is not.
    let newer = Draft { version: 2, valid_from: date(2026, 6, 9), ..business_law() };
    publish(&world, &newer).await;
    world.settled().await;
    let story = ["TicketRegistered", "PriorityChanged", "PartyLinked", "ComplaintOpened"];
    assert_eq!(world.story(&child).await, story);
    let complaint = get(&world, &child).await;
    assert_eq!((&*complaint.regimes[0].code, complaint.regimes[0].version), ("B2B_CONTRACT", 1));
    assert_eq!(complaint.consumer_status(), common::ConsumerStatus::Business);
    let heads = world.heads().await;
    world.deliver_everything_again().await;
    assert_eq!(world.heads().await, heads);
}

#[tokio::test]
async fn without_law_it_is_taken_in_and_nobody_is_stuck() {
    let world = World::new().await;
    let mut client = world.complaints.clone();
    let work = |ticket_id: &str| v1::StartWorkRequest {
        request_id: new_id(),
        ticket_id: ticket_id.to_owned(),
        etag: String::new(),
    };
    let mut lawless = Vec::new();
    for request in [complaining(), told(v1::NewComplaint::default())] {
        let ticket = world.register_as(request).await;
        assert_eq!((ticket.r#type(), &*ticket.complaint_id), (v1::TicketType::Complaint, ""));
        world.client.clone().start_work(agent(work(&ticket.ticket_id))).await.unwrap();
        let refused = world.client.clone().resolve_ticket(agent(resolve(&ticket.ticket_id))).await;
        assert_eq!(info(&refused.unwrap_err()).metadata["rule"], "COMPLAINT_UNDECIDED");
        lawless.push(ticket.ticket_id);
    }
    // It is none after all.
    let dismiss = v1::ReclassifyComplaintRequest {
        request_id: new_id(),
        ticket_id: lawless[0].clone(),
        reason: "a question".to_owned(),
        not_a_complaint: true,
        body: "We take it as a question.".to_owned(),
        ..Default::default()
    };
    let agents = client.reclassify_complaint(agent(dismiss.clone())).await.unwrap_err();
    assert_eq!(info(&agents).metadata["permission"], "complaint.dismiss");
    client.reclassify_complaint(of(Role::Lead, dismiss)).await.unwrap();
    assert_eq!(world.get(&lawless[0]).await.r#type(), v1::TicketType::Inquiry);
    world.client.clone().resolve_ticket(agent(resolve(&lawless[0]))).await.unwrap();
    // Or there is law now.
    publish(&world, &consumer_law()).await;
    let opened = client.open_complaint(agent(opening(&lawless[1]))).await.told();
    client.decide_complaint(agent(granting(&opened, 49))).await.unwrap();
    assert_eq!(world.get(&lawless[1]).await.state(), TicketState::Resolved);
}

#[tokio::test]
async fn law_that_is_named_must_be_in_force_and_a_complaint_be_meant() {
    let world = with_law().await;
    let named = |code: &str| {
        let regime_codes = vec![code.to_owned()];
        agent(told(v1::NewComplaint { regime_codes, ..Default::default() }))
    };
    let mut client = world.client.clone();
    let refused = client.register_ticket(named("PL_TELECOM")).await.unwrap_err();
    let metadata = info(&refused).metadata;
    assert_eq!((&*metadata["rule"], &*metadata["regime"]), ("REGIME_NOT_IN_FORCE", "PL_TELECOM"));
    client.register_ticket(named("PL_CONSUMER_GENERAL")).await.unwrap();
    let complaint = Some(v1::NewComplaint::default());
    let inquiry = v1::RegisterTicketRequest { complaint, ..register() };
    let refused = client.register_ticket(agent(inquiry)).await.unwrap_err();
    assert_eq!(crate::world::fields(&refused), ["complaint"]);
}

#[tokio::test]
async fn nobody_names_the_law_away() {
    let world = with_law().await;
    for draft in [business_law(), house_goal()] {
        publish(&world, &draft).await;
    }
    let named = |codes: &[&str]| {
        let regime_codes = codes.iter().map(|&code| code.to_owned()).collect();
        told(v1::NewComplaint { regime_codes, ..Default::default() })
    };
    let mut client = world.client.clone();
    // Nobody knows who the customer is, so that it is a consumer.
    for code in ["B2B_CONTRACT", "INTERNAL_STANDARD"] {
        let refused = client.register_ticket(agent(named(&[code]))).await.unwrap_err();
        assert_eq!(fields(&refused), ["complaint.regime_codes"]);
        let ticket = world.register().await;
        let regime_codes = vec![code.to_owned()];
        let request = v1::OpenComplaintRequest { regime_codes, ..opening(&ticket.ticket_id) };
        let refused = world.complaints.clone().open_complaint(agent(request)).await.unwrap_err();
        assert_eq!(fields(&refused), ["regime_codes"]);
    }
    let both = named(&["INTERNAL_STANDARD", "PL_CONSUMER_GENERAL"]);
    client.register_ticket(agent(both)).await.unwrap();
    // A customer tells the matter, not the law.
    let named = named(&["PL_CONSUMER_GENERAL"]);
    let request = v1::RegisterTicketRequest {
        tags: Vec::new(),
        impact: v1::Impact::Unspecified.into(),
        urgency: v1::Urgency::Unspecified.into(),
        ..named
    };
    let refused = client.register_ticket(of(Role::Customer, request)).await.unwrap_err();
    assert_eq!(fields(&refused), ["complaint.regime_codes"]);
}

#[tokio::test]
async fn other_law_is_that_of_the_customer_too() {
    let world = with_law().await;
    publish(&world, &business_law()).await;
    let party = business(&world).await;
    let request = v1::RegisterTicketRequest {
        requester: Some(v1::Requester {
            name: "Anna Nowak".to_owned(),
            party_id: party.party_id,
            ..Default::default()
        }),
        complaint: Some(v1::NewComplaint {
            consumer_status: common::ConsumerStatus::Consumer.into(),
            ..Default::default()
        }),
        ..complaining()
    };
    let known = world.register_as(request).await.ticket_id;
    let mut request = complaining();
    request.requester.as_mut().unwrap().email = "jan@example.org".to_owned();
    let unknown = world.register_as(request).await.ticket_id;
    let to_contract = |ticket_id: &str| v1::ReclassifyComplaintRequest {
        request_id: new_id(),
        ticket_id: ticket_id.to_owned(),
        reason: "a business".to_owned(),
        regime_codes: vec!["B2B_CONTRACT".to_owned()],
        ..Default::default()
    };
    let mut client = world.complaints.clone();
    let request = to_contract(&unknown);
    let refused = client.reclassify_complaint(of(Role::Expert, request)).await.unwrap_err();
    assert_eq!(fields(&refused), ["regime_codes"]);
    // It was taken for a consumer's; the profile tells otherwise.
    let request = to_contract(&known);
    let changed = client.reclassify_complaint(of(Role::Expert, request)).await.told();
    assert_eq!(changed.regimes[0].code, "B2B_CONTRACT");
}

#[tokio::test]
async fn what_was_filed_was_not_filed_after_its_receipt() {
    let world = with_law().await;
    let filed_at = stamp("2026-06-08T12:00:00.001Z");
    let complaint = v1::NewComplaint { filed_at, ..Default::default() };
    let request = v1::RegisterTicketRequest {
        r#type: v1::TicketType::Complaint.into(),
        received_at: stamp("2026-06-08T12:00:00Z"),
        backdate_reason: "a letter of yesterday".to_owned(),
        complaint: Some(complaint),
        ..register()
    };
    let refused = world.client.clone().register_ticket(of(Role::Lead, request)).await.unwrap_err();
    assert_eq!(fields(&refused), ["complaint.filed_at"]);
    let ticket = world.register().await;
    world.clock.advance(std::time::Duration::from_secs(3600));
    let filed_at = stamp("2026-06-09T00:30:00Z");
    let request = v1::OpenComplaintRequest { filed_at, ..opening(&ticket.ticket_id) };
    let refused = world.complaints.clone().open_complaint(agent(request)).await.unwrap_err();
    assert_eq!(fields(&refused), ["filed_at"]);
}

#[tokio::test]
async fn it_is_taken_in_once_it_is_certain_which_law_there_is() {
    let config = intake::Config {
        consistency_wait: std::time::Duration::from_millis(100),
        ..testkit::settings("intake")
    };
    let world = World::configured(config).await;
    publish(&world, &consumer_law()).await;
    world.settled().await;
    // The read model stands still.
    let mut tx = world.db.pool().begin().await.unwrap();
    let stop = "lock table intake.regimes in access exclusive mode";
    sqlx::query(stop).execute(&mut *tx).await.unwrap();
    publish(&world, &Draft { version: 2, valid_from: date(2026, 6, 1), ..consumer_law() }).await;
    let request = complaining();
    let refused = world.client.clone().register_ticket(agent(request.clone())).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::Unavailable);
    assert_eq!(info(&refused).reason, "NOT_CAUGHT_UP");
    tx.rollback().await.unwrap();
    world.settled().await;
    let ticket = world.register_as(request).await;
    assert_eq!(get(&world, &ticket.ticket_id).await.regimes[0].version, 2);
}
