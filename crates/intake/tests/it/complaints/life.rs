//! From the opening to the close.
use super::*;

#[tokio::test]
async fn a_complaint_goes_from_its_opening_to_its_close() {
    let world = with_law().await;
    let mut client = world.complaints.clone();
    let id = world.register().await.ticket_id;
    let complaint = client.open_complaint(of(Role::Customer, opening(&id))).await.told();
    assert_eq!(complaint.stage(), v1::ComplaintStage::Received);
    // Fourteen days after 9 June in Warsaw.
    assert_eq!(complaint.answer_by, "2026-06-23");
    assert_eq!(complaint.regimes[0].sha256.as_ref(), [1; 32]);
    assert_eq!(world.get(&id).await.r#type(), v1::TicketType::Complaint);

    let start =
        v1::StartWorkRequest { request_id: new_id(), ticket_id: id.clone(), etag: "".into() };
    world.client.clone().start_work(agent(start)).await.unwrap();
    assert_eq!(get(&world, &id).await.stage(), v1::ComplaintStage::Assessed);
    let complaint = client.decide_complaint(agent(granting(&complaint, 49))).await.told();
    assert_eq!(complaint.ticket_state(), TicketState::Resolved);
    assert_eq!(complaint.stage(), v1::ComplaintStage::Decided);
    let decision = &complaint.decisions[0];
    assert_eq!(decision.outcome(), v1::ComplaintOutcome::Accepted);
    let letter = world.get(&id).await.messages.pop().unwrap();
    assert_eq!(letter.purpose(), v1::MessagePurpose::Decision);
    assert_eq!(letter.message_id, decision.message_id);

    let post = delivered(&complaint, "2026-06-09T00:00:00Z");
    let complaint = client.record_decision_evidence(of(Role::Integrator, post)).await.told();
    assert_eq!(complaint.stage(), v1::ComplaintStage::RemedyPending);
    let complaint = client.record_remedy(of(Role::Integrator, paid(&complaint))).await.told();
    assert_eq!(complaint.stage(), v1::ComplaintStage::Done);
    let confirm = v1::ConfirmResolutionRequest {
        request_id: new_id(),
        ticket_id: id.clone(),
        etag: "".into(),
    };
    world.client.clone().confirm_resolution(of(Role::Customer, confirm)).await.unwrap();
    assert_eq!(world.get(&id).await.state(), TicketState::Closed);
    let story = world.story(&id).await;
    assert_eq!(
        story[3..],
        [
            "ComplaintOpened",
            "TicketClassified",
            "WorkStarted",
            "ComplaintDecided",
            "MessageAdded",
            "TicketResolved",
            "DecisionEvidenced",
            "RemedyExecuted",
            "TicketClosed"
        ]
    );
}

#[tokio::test]
async fn what_is_missing_is_asked_for_and_comes() {
    let world = with_law().await;
    let mut client = world.complaints.clone();
    let complaint = opened(&world).await;
    let ask = v1::RequestComplaintInfoRequest {
        request_id: new_id(),
        ticket_id: complaint.ticket_id.clone(),
        missing: vec!["PHOTO".to_owned()],
        question: "Please send us a photo.".to_owned(),
        ..Default::default()
    };
    let asked = client.request_complaint_info(agent(ask)).await.told();
    assert_eq!(asked.ticket_state(), TicketState::WaitingCustomer);
    let request = asked.open_request.unwrap();
    assert_eq!(request.supplement_by, "2026-06-16");
    let inform = v1::RecordComplaintInfoRequest {
        request_id: new_id(),
        ticket_id: complaint.ticket_id.clone(),
        info_request_id: request.request_id,
        complete: true,
        ..Default::default()
    };
    let informed = client.record_complaint_info(of(Role::Customer, inform)).await.told();
    assert_eq!(informed.ticket_state(), TicketState::Open);
    assert_eq!((informed.stage(), informed.open_request), (v1::ComplaintStage::Assessed, None));
}

#[tokio::test]
async fn somebody_goes_on_with_a_complaint_whose_supplement_did_not_come() {
    let world = with_law().await;
    let mut client = world.complaints.clone();
    let complaint = opened(&world).await;
    let id = &complaint.ticket_id;
    let ask = v1::RequestComplaintInfoRequest {
        request_id: new_id(),
        ticket_id: id.clone(),
        missing: vec!["PHOTO".to_owned()],
        question: "Please send us a photo.".to_owned(),
        ..Default::default()
    };
    let asked = client.request_complaint_info(agent(ask)).await.told().open_request.unwrap();
    let over = wire::sla::v1::TimerKind::SupplementEnd;
    // Another request, which is over.
    world.fire(id, over, &new_id()).await;
    world.settled().await;
    assert!(crate::tasks::tasks(&world, id).await.is_empty());
    world.fire(id, over, &asked.request_id).await;
    world.settled().await;
    let told = crate::tasks::tasks(&world, id).await;
    assert!(told.len() == 1 && told[0].contains("may be left unexamined"), "{told:?}");
}

#[tokio::test]
async fn the_thing_complained_about_comes_later() {
    let world = with_law().await;
    let mut client = world.complaints.clone();
    let before = opened(&world).await;
    let record = |time: &str| v1::RecordItemDeliveredRequest {
        request_id: new_id(),
        ticket_id: before.ticket_id.clone(),
        item_delivered_at: crate::world::stamp(time),
        ..Default::default()
    };
    assert_eq!(before.item_delivered_at, None);
    let came = record("2026-06-08T08:00:00Z");
    let here = client.record_item_delivered(agent(came)).await.told();
    assert_eq!(here.item_delivered_at, crate::world::stamp("2026-06-08T08:00:00Z"));
    let story = world.story(&before.ticket_id).await;
    assert_eq!(story.last().unwrap(), "ComplaintItemDelivered");
    let other = client.record_item_delivered(agent(record("2026-06-07T08:00:00Z"))).await;
    assert_eq!(crate::world::info(&other.unwrap_err()).metadata["rule"], "ITEM_DELIVERED");
    let future = client.record_item_delivered(agent(record("2099-01-01T08:00:00Z"))).await;
    assert_eq!(crate::world::fields(&future.unwrap_err()), ["item_delivered_at"]);
}

#[tokio::test]
async fn what_is_claimed_is_said_anew_and_decided() {
    let world = with_law().await;
    let mut client = world.complaints.clone();
    let before = opened(&world).await;
    let state = || v1::StateClaimsRequest {
        request_id: new_id(),
        ticket_id: before.ticket_id.clone(),
        claims: vec![
            v1::NewClaim { demand: v1::Demand::Repair.into(), amount: None },
            v1::NewClaim { demand: v1::Demand::Refund.into(), amount: zloty(20) },
        ],
        ..Default::default()
    };
    let request = state();
    let stated = client.state_claims(of(Role::Customer, request.clone())).await.told();
    let demands: Vec<_> = stated.claims.iter().map(v1::Claim::demand).collect();
    assert_eq!(demands, [v1::Demand::Repair, v1::Demand::Refund]);
    assert_eq!((stated.stage(), &stated.answer_by), (before.stage(), &before.answer_by));
    let again = client.state_claims(of(Role::Customer, request)).await.told();
    assert_eq!(again.claims, stated.claims);
    // The decision covers what is claimed now.
    let old = client.decide_complaint(agent(granting(&before, 20))).await.unwrap_err();
    assert_eq!(crate::world::info(&old).metadata["rule"], "CLAIMS_UNDECIDED");
    client.decide_complaint(agent(rejecting(&stated))).await.unwrap();
    let nothing = v1::StateClaimsRequest { claims: Vec::new(), ..state() };
    let refused = client.state_claims(agent(nothing)).await.unwrap_err();
    assert_eq!(crate::world::fields(&refused), ["claims"]);
    let start = v1::ReopenTicketRequest {
        request_id: new_id(),
        ticket_id: before.ticket_id.clone(),
        reason: "look again".to_owned(),
        ..Default::default()
    };
    world.client.clone().reopen_ticket(agent(start)).await.unwrap();
    let late = client.state_claims(agent(state())).await.unwrap_err();
    assert_eq!(crate::world::info(&late).metadata["rule"], "COMPLAINT_DECIDED");
    let auditor = client.state_claims(of(Role::Auditor, state())).await.unwrap_err();
    assert_eq!(crate::world::info(&auditor).metadata["permission"], "complaint.claims");
}

#[tokio::test]
async fn why_nothing_had_to_be_established_is_kept_for_the_staff() {
    let world = with_law().await;
    let complaint = decided(&world).await;
    let waiver = "the invoice speaks for itself";
    assert_eq!(get(&world, &complaint.ticket_id).await.decisions[0].evidence_waiver, waiver);
    let request = v1::GetComplaintRequest { ticket_id: complaint.ticket_id, ..Default::default() };
    let seen = world.complaints.clone().get_complaint(of(Role::Customer, request)).await.told();
    assert_eq!(seen.decisions[0].evidence_waiver, "");
}

#[tokio::test]
async fn an_appeal_is_decided_by_somebody_else() {
    let world = with_law().await;
    let mut client = world.complaints.clone();
    let complaint = opened(&world).await;
    let complaint = client.decide_complaint(of(Role::Expert, rejecting(&complaint))).await.told();
    let post = delivered(&complaint, "2026-06-09T00:00:00Z");
    client.record_decision_evidence(of(Role::Lead, post)).await.unwrap();
    let appealed = client.file_appeal(of(Role::Customer, appealing(&complaint))).await.told();
    assert_eq!(appealed.stage(), v1::ComplaintStage::Appealed);
    assert_eq!(appealed.ticket_state(), TicketState::Open);
    assert!(appealed.appeal.unwrap().in_time);
    let on_appeal = || v1::DecideComplaintRequest {
        instance: v1::ComplaintInstance::Appeal.into(),
        ..granting(&complaint, 49)
    };
    let same = client.decide_complaint(of(Role::Expert, on_appeal())).await.unwrap_err();
    assert_eq!(crate::world::info(&same).metadata["rule"], "SAME_PERSON_ON_APPEAL");
    let decided = client.decide_complaint(of(Role::Lead, on_appeal())).await.told();
    assert_eq!(decided.stage(), v1::ComplaintStage::AppealDecided);
    assert_eq!(decided.decisions.len(), 2);
    assert_eq!(world.get(&complaint.ticket_id).await.reopen_count, 1);
}

#[tokio::test]
async fn what_is_no_complaint_is_none_and_the_customer_hears_of_it() {
    let world = with_law().await;
    let mut client = world.complaints.clone();
    let complaint = opened(&world).await;
    let dismiss = || v1::ReclassifyComplaintRequest {
        request_id: new_id(),
        ticket_id: complaint.ticket_id.clone(),
        reason: "a question about the guarantee".to_owned(),
        not_a_complaint: true,
        body: "We take it as a question.".to_owned(),
        ..Default::default()
    };
    let refused = client.reclassify_complaint(of(Role::Expert, dismiss())).await.unwrap_err();
    assert_eq!(crate::world::info(&refused).metadata["permission"], "complaint.dismiss");
    let answer = client.reclassify_complaint(of(Role::Lead, dismiss())).await.unwrap();
    assert_eq!(answer.into_inner().complaint, None);
    let ticket = world.get(&complaint.ticket_id).await;
    assert_eq!(ticket.r#type(), v1::TicketType::Inquiry);
    assert_eq!(ticket.messages.last().unwrap().body, "We take it as a question.");
}

#[tokio::test]
async fn what_the_customer_does_not_want_is_not_owed() {
    let world = with_law().await;
    let complaint = decided(&world).await;
    let waive = v1::WaiveRemedyRequest {
        request_id: new_id(),
        ticket_id: complaint.ticket_id.clone(),
        remedy_id: complaint.decisions[0].remedies[0].remedy_id.clone(),
        statement: "Keep the money.".to_owned(),
        ..Default::default()
    };
    let waived = world.complaints.clone().waive_remedy(of(Role::Customer, waive)).await.told();
    assert!(waived.decisions[0].pending_remedy_ids.is_empty());
    assert_eq!(waived.ticket_state(), TicketState::Resolved);
    // Who of the organisation decided is no business of a customer.
    assert_eq!(waived.decisions[0].decided_by, None);
    assert!(get(&world, &complaint.ticket_id).await.decisions[0].decided_by.is_some());
}

#[tokio::test]
async fn a_withdrawal_is_confirmed_in_the_language_of_the_ticket() {
    let world = with_law().await;
    let complaint = opened(&world).await;
    let withdraw = v1::WithdrawTicketRequest {
        request_id: new_id(),
        ticket_id: complaint.ticket_id.clone(),
        channel: common::Channel::Portal.into(),
        statement: "It is all right now.".to_owned(),
        ..Default::default()
    };
    world.client.clone().withdraw_ticket(of(Role::Customer, withdraw)).await.unwrap();
    let messages = world.get(&complaint.ticket_id).await.messages;
    assert!(messages.last().unwrap().body.starts_with("przyjęliśmy wycofanie reklamacji"));
}

#[tokio::test]
async fn a_repeated_request_changes_nothing_and_has_its_first_answer() {
    let world = with_law().await;
    let mut client = world.complaints.clone();
    let id = world.open().await.ticket_id;
    let open = opening(&id);
    let first = client.open_complaint(agent(open.clone())).await.told();
    let decide = granting(&first, 49);
    let decided = client.decide_complaint(agent(decide.clone())).await.told();
    let heads = world.heads().await;
    assert_eq!(
        client.open_complaint(agent(open.clone())).await.told().complaint_id,
        first.complaint_id
    );
    assert_eq!(client.decide_complaint(agent(decide)).await.told().decisions, decided.decisions);
    assert_eq!(world.heads().await, heads);
    let other = v1::OpenComplaintRequest { sector: "TELECOM".to_owned(), ..open };
    let reused = client.open_complaint(agent(other)).await.unwrap_err();
    assert_eq!(crate::world::info(&reused).reason, "REQUEST_ID_REUSED");
}
