//! What is refused, and to whom.
use super::*;
use crate::world::{fields, info, refusal, resolve};

fn rule<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    let refused = answer.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::FailedPrecondition, "{refused:?}");
    info(&refused).metadata["rule"].clone()
}

#[tokio::test]
async fn a_complaint_is_resolved_and_closed_by_its_own_rules_alone() {
    let world = with_law().await;
    let mut tickets = world.client.clone();
    let complaint = opened(&world).await;
    let id = complaint.ticket_id.clone();
    assert_eq!(rule(tickets.resolve_ticket(agent(resolve(&id))).await), "COMPLAINT_UNDECIDED");
    let spam = v1::MarkSpamRequest { request_id: new_id(), ticket_id: id.clone(), etag: "".into() };
    assert_eq!(rule(tickets.mark_spam(agent(spam)).await), "CANNOT_BE_SPAM");
    let complaint =
        world.complaints.clone().decide_complaint(agent(granting(&complaint, 49))).await.told();
    let confirm = || {
        let request = v1::ConfirmResolutionRequest {
            request_id: new_id(),
            ticket_id: id.clone(),
            etag: String::new(),
        };
        of(Role::Customer, request)
    };
    assert_eq!(rule(tickets.confirm_resolution(confirm()).await), "DECISION_NOT_EVIDENCED");
    let post = delivered(&complaint, "2026-06-09T00:00:00Z");
    world.complaints.clone().record_decision_evidence(of(Role::Integrator, post)).await.unwrap();
    assert_eq!(rule(tickets.confirm_resolution(confirm()).await), "REMEDY_PENDING");
    let mut client = world.complaints.clone();
    let again = client.decide_complaint(agent(granting(&complaint, 49))).await.unwrap_err();
    let told = info(&again);
    assert_eq!(told.reason, "TICKET_STATE");
    assert_eq!(told.metadata["current_state"], "RESOLVED");
    assert_eq!(told.metadata["allowed_states"], "OPEN,WAITING_CUSTOMER,WAITING_THIRD_PARTY");
}

#[tokio::test]
async fn nobody_grants_more_than_their_role_may() {
    let world = with_law().await;
    let mut client = world.complaints.clone();
    let complaint = opened(&world).await;
    let much = |amount| granting(&complaint, amount);
    let refused = client.decide_complaint(agent(much(201))).await;
    assert_eq!(rule(refused), "APPROVER_MISSING");
    let refused = client.decide_complaint(of(Role::Expert, much(2_001))).await;
    assert_eq!(rule(refused), "APPROVER_MISSING");
    let mut unsaid = much(49);
    unsaid.remedies[0].amount = None;
    let refused = client.decide_complaint(agent(unsaid)).await.unwrap_err();
    assert_eq!(fields(&refused), ["remedies[0].amount"]);
    let by =
        |role: &str| v1::DecideComplaintRequest { author_id: format!("{role}-17"), ..much(2_001) };
    let refused = client.decide_complaint(of(Role::Lead, by("lead"))).await;
    assert_eq!(rule(refused), "APPROVER_IS_AUTHOR");
    let refused = client.decide_complaint(agent(by("expert"))).await.unwrap_err();
    assert_eq!(info(&refused).metadata["permission"], "complaint.approve");
    let approved = client.decide_complaint(of(Role::Lead, by("agent"))).await.told();
    let decision = &approved.decisions[0];
    assert_eq!(decision.decided_by.as_ref().unwrap().id, "agent-17");
    assert_eq!(decision.approved_by, "lead-17");
}

#[tokio::test]
async fn a_decision_rests_on_evidence_and_says_what_the_law_wants() {
    let world = with_law().await;
    let mut client = world.complaints.clone();
    let complaint = opened(&world).await;
    let bare =
        || v1::DecideComplaintRequest { evidence_waiver: String::new(), ..rejecting(&complaint) };
    assert_eq!(rule(client.decide_complaint(agent(bare())).await), "EVIDENCE_MISSING");
    let note = v1::AddMessageRequest {
        direction: v1::MessageDirection::Internal.into(),
        purpose: v1::MessagePurpose::Evidence.into(),
        body: "The photo shows it.".to_owned(),
        ..crate::world::inbound(&complaint.ticket_id)
    };
    world.client.clone().add_message(agent(note)).await.unwrap();
    let silent = v1::DecideComplaintRequest { adr_statement: 0, ..bare() };
    assert_eq!(rule(client.decide_complaint(agent(silent)).await), "ADR_STATEMENT_MISSING");
    let some = v1::DecideComplaintRequest { per_claim: Vec::new(), ..bare() };
    assert_eq!(rule(client.decide_complaint(agent(some)).await), "CLAIMS_UNDECIDED");
    let agreeing = v1::DecideComplaintRequest {
        adr_statement: v1::AdrStatement::Agrees.into(),
        signatory: "Anna Lis, complaints".to_owned(),
        ..bare()
    };
    let nowhere = client.decide_complaint(agent(agreeing.clone())).await.unwrap_err();
    assert_eq!(fields(&nowhere), ["adr_body"]);
    let closed = "https://ec.europa.eu/consumers/odr";
    let elsewhere = v1::DecideComplaintRequest { adr_body: closed.to_owned(), ..agreeing.clone() };
    let elsewhere = client.decide_complaint(agent(elsewhere)).await.unwrap_err();
    assert_eq!(fields(&elsewhere), ["adr_body"]);
    let adr_body = "Trade Inspection, Warsaw".to_owned();
    let named = v1::DecideComplaintRequest { adr_body, ..agreeing };
    let decided = client.decide_complaint(agent(named)).await.told().decisions.remove(0);
    assert_eq!(decided.adr_body, "Trade Inspection, Warsaw");
    assert_eq!(decided.signatory, "Anna Lis, complaints");
}

#[tokio::test]
async fn every_bad_field_is_named() {
    let world = with_law().await;
    let mut client = world.complaints.clone();
    let complaint = opened(&world).await;
    let open = v1::OpenComplaintRequest {
        claims: vec![v1::NewClaim {
            demand: 0,
            amount: Some(Money { minor: -1, currency: "zł".to_owned() }),
        }],
        country: "Poland".to_owned(),
        filed_at: crate::world::stamp("2027-01-01T00:00:00Z"),
        ..opening("none")
    };
    let refused = client.open_complaint(agent(open)).await.unwrap_err();
    let mut named = fields(&refused);
    named.sort();
    let expected = [
        "claims[0].amount.currency",
        "claims[0].amount.minor",
        "claims[0].demand",
        "country",
        "filed_at",
        "ticket_id",
    ];
    assert_eq!(named, expected);
    let decide = v1::DecideComplaintRequest {
        justification: String::new(),
        letter: String::new(),
        remedies: vec![v1::NewRemedy { kind: 99, amount: None, execute_by: "soon".to_owned() }],
        ..rejecting(&complaint)
    };
    let refused = client.decide_complaint(agent(decide)).await.unwrap_err();
    let mut named = fields(&refused);
    named.sort();
    assert_eq!(named, ["justification", "letter", "remedies[0].execute_by", "remedies[0].kind"]);
    let kind = v1::RemedyKind::Repair.into();
    let far = v1::NewRemedy { kind, amount: None, execute_by: "9999-12-31".to_owned() };
    let decide = v1::DecideComplaintRequest { remedies: vec![far], ..rejecting(&complaint) };
    let refused = client.decide_complaint(agent(decide)).await.unwrap_err();
    assert_eq!(fields(&refused), ["remedies[0].execute_by"]);
    let extend = v1::ExtendComplaintRequest {
        request_id: new_id(),
        ticket_id: complaint.ticket_id.clone(),
        new_last_day: "9999-12-31".to_owned(),
        reason: "it takes longer".to_owned(),
        body: "It takes longer.".to_owned(),
        ..Default::default()
    };
    let refused = client.extend_complaint(of(Role::Expert, extend)).await.unwrap_err();
    assert_eq!(fields(&refused), ["new_last_day"]);
    let both = v1::FileAppealRequest { message_id: new_id(), ..appealing(&complaint) };
    let refused = client.file_appeal(agent(both)).await.unwrap_err();
    assert_eq!(fields(&refused), ["statement"]);
}

/// Every call with an empty message: refused by permission, or by field.
async fn all(world: &World, role: Role) -> Vec<(&'static str, tonic::Code)> {
    fn empty<T: Default>(role: Role) -> tonic::Request<T> {
        of(role, T::default())
    }
    let mut c = world.complaints.clone();
    let refused = [
        ("OpenComplaint", c.open_complaint(empty(role)).await.err()),
        ("ReclassifyComplaint", c.reclassify_complaint(empty(role)).await.err()),
        ("RequestComplaintInfo", c.request_complaint_info(empty(role)).await.err()),
        ("RecordComplaintInfo", c.record_complaint_info(empty(role)).await.err()),
        ("ExtendComplaint", c.extend_complaint(empty(role)).await.err()),
        ("DecideComplaint", c.decide_complaint(empty(role)).await.err()),
        ("RecordItemDelivered", c.record_item_delivered(empty(role)).await.err()),
        ("RecordRemedy", c.record_remedy(empty(role)).await.err()),
        ("WaiveRemedy", c.waive_remedy(empty(role)).await.err()),
        ("FileAppeal", c.file_appeal(empty(role)).await.err()),
        ("RecordDecisionEvidence", c.record_decision_evidence(empty(role)).await.err()),
        ("GetComplaint", c.get_complaint(empty(role)).await.err()),
    ];
    let code = |status: Option<Status>| status.expect("an empty message is never accepted").code();
    refused.into_iter().map(|(method, status)| (method, code(status))).collect()
}

#[tokio::test]
async fn every_call_is_for_its_roles() {
    use Role::{Agent, Auditor, Customer, Expert, Integrator, Lead, ProcessOwner, System};
    let allowed: &[(&str, &[Role])] = &[
        ("OpenComplaint", &[Customer, Agent, Expert, Lead, Integrator, System]),
        ("ReclassifyComplaint", &[Expert, Lead, ProcessOwner]),
        ("RequestComplaintInfo", &[Agent, Expert, Lead]),
        ("RecordComplaintInfo", &[Customer, Agent, Expert, Lead]),
        ("ExtendComplaint", &[Expert, Lead, ProcessOwner]),
        ("DecideComplaint", &[Agent, Expert, Lead, ProcessOwner]),
        ("RecordItemDelivered", &[Agent, Expert, Lead, Integrator]),
        ("RecordRemedy", &[Agent, Expert, Lead, Integrator]),
        ("WaiveRemedy", &[Customer, Agent, Expert, Lead]),
        ("FileAppeal", &[Customer, Agent, Expert, Lead]),
        ("RecordDecisionEvidence", &[Expert, Lead, Integrator, System]),
        (
            "GetComplaint",
            &[Customer, Agent, Expert, Lead, ProcessOwner, Integrator, System, Auditor],
        ),
    ];
    let world = World::new().await;
    for role in Role::ALL {
        for ((method, code), (expected, roles)) in all(&world, role).await.into_iter().zip(allowed)
        {
            assert_eq!(method, *expected);
            let wanted = match roles.contains(&role) {
                true => tonic::Code::InvalidArgument,
                false => tonic::Code::PermissionDenied,
            };
            assert_eq!(code, wanted, "{method} by {role}");
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let world = with_law().await;
    let mut client = world.complaints.clone();
    let nobody = client.open_complaint(agent(opening(&new_id()))).await.unwrap_err();
    assert_eq!(nobody.code(), tonic::Code::NotFound);
    let id = world.register().await.ticket_id;
    let request = v1::GetComplaintRequest { ticket_id: id.clone(), ..Default::default() };
    assert_eq!(rule(client.get_complaint(agent(request)).await), "NO_COMPLAINT");
    let complaint = decided(&world).await;
    let unknown = v1::RecordRemedyRequest { remedy_id: new_id(), ..paid(&complaint) };
    assert_eq!(rule(client.record_remedy(agent(unknown)).await), "REMEDY_UNKNOWN");
    let elsewhere = v1::RecordRemedyRequest { ticket_id: id, ..paid(&complaint) };
    assert_eq!(rule(client.record_remedy(agent(elsewhere)).await), "NO_COMPLAINT");
    let late = v1::FileAppealRequest { admit_late: true, ..appealing(&complaint) };
    let refused = client.file_appeal(agent(late)).await.unwrap_err();
    assert_eq!(info(&refused).metadata["permission"], "appeal.admit");
}

#[tokio::test]
async fn a_letter_that_everybody_reads_has_no_personal_data() {
    type Change = fn(&mut v1::DecideComplaintRequest);
    let world = with_law().await;
    let complaint = opened(&world).await;
    let mut client = world.complaints.clone();
    let deciding = |change: Change| {
        let mut request =
            v1::DecideComplaintRequest { public_venue: true, ..granting(&complaint, 49) };
        change(&mut request);
        request
    };
    let cases: [(&str, Change); 4] = [
        ("letter", |request| request.letter = "Dear Anna Nowak".to_owned()),
        ("justification", |request| request.justification = "Anna Nowak is right.".to_owned()),
        ("appeal_info", |request| request.appeal_info = "Write to us, Anna Nowak.".to_owned()),
        ("adr_body", |request| request.adr_body = "Anna Nowak".to_owned()),
    ];
    for (field, change) in cases {
        let refused = client.decide_complaint(agent(deciding(change))).await.unwrap_err();
        assert_eq!(refusal(&refused).1, "PUBLIC_PERSONAL_DATA", "{field}");
        let metadata = info(&refused).metadata;
        assert_eq!((&*metadata["field"], &*metadata["kinds"]), (field, "NAME"));
    }
    let asking = v1::RequestComplaintInfoRequest {
        request_id: new_id(),
        ticket_id: complaint.ticket_id.clone(),
        missing: vec!["PHOTO".to_owned()],
        question: "A photo, Anna Nowak?".to_owned(),
        public_venue: true,
        ..Default::default()
    };
    let refused = client.request_complaint_info(agent(asking)).await.unwrap_err();
    assert_eq!(info(&refused).metadata["field"], "question");
    // What the customer alone reads may say everything.
    let letter = v1::DecideComplaintRequest {
        request_id: new_id(),
        public_venue: false,
        ..deciding(|request| request.letter = "Dear Anna Nowak".to_owned())
    };
    client.decide_complaint(agent(letter)).await.told();
}

#[tokio::test]
async fn a_conversation_with_somebody_unproved_shows_only_how_a_complaint_stands() {
    let world = with_law().await;
    let complaint = decided(&world).await;
    let contact = world.start(crate::contacts::start(v1::ContactChannel::Voice)).await;
    let ticket_id = complaint.ticket_id.clone();
    let request = v1::GetComplaintRequest { ticket_id, contact_id: contact.contact_id };
    let shown = world.complaints.clone().get_complaint(agent(request)).await.unwrap().into_inner();
    let shown = shown.complaint.unwrap();
    assert!(shown.status_only && shown.claims.is_empty() && shown.decisions.is_empty());
    assert_eq!((shown.stage(), shown.received_at), (complaint.stage(), complaint.received_at));
}
