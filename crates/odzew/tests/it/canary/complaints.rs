//! Marks in everything that is said about a complaint.
use chassis::rpc::Role;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use testkit::eventually;
use wire::common::v1::Money;
use wire::intake::v1::{
    ClaimDecision, ClaimOutcome, Complaint, DecideComplaintRequest, DecisionEvidence, Demand,
    ExtendComplaintRequest, ExtendDataSubjectRequestRequest, FileAppealRequest,
    GetComplaintRequest, NewClaim, NewComplaint, NewRemedy, OpenComplaintRequest,
    ReclassifyComplaintRequest, RecordComplaintInfoRequest, RecordDecisionEvidenceRequest,
    RecordRemedyRequest, RegisterTicketRequest, RemedyKind, RequestComplaintInfoRequest,
    StartWorkRequest, StateClaimsRequest, TicketType, WaiveRemedyRequest,
};

use super::{CUSTOMER, MARK, id, register};
use crate::world::World;

/// Law that lets the customer supply something, and law that knows a longer time.
const LAW: [&str; 2] = ["PL_TELECOM", "PL_FINANCIAL"];

/// Two complaints with a mark in every text: one to its appeal, one that is none; then the bad
/// calls.
pub(super) async fn marked(world: &World) {
    world.odzew(&["policy", "apply", "--tenant", crate::world::TENANT]);
    let complaint = registered(world).await;
    asked_and_extended(world, &complaint).await;
    let decided = decided(world, &complaint.ticket_id).await;
    carried_out(world, &decided).await;
    dismissed(world).await;
    refusals(world, &complaint.ticket_id).await;
    read_back(world, &complaint.ticket_id).await;
}

async fn get(world: &World, ticket_id: &str) -> Complaint {
    let request = GetComplaintRequest { ticket_id: ticket_id.to_owned(), ..Default::default() };
    let mut agent = world.clients("ania", Role::Agent).complaint;
    agent.get_complaint(request).await.unwrap().into_inner().complaint.unwrap()
}

fn claim(demand: Demand, minor: Option<i64>) -> NewClaim {
    let amount = minor.map(|minor| Money { minor, currency: "PLN".into() });
    NewClaim { demand: demand.into(), amount }
}

/// Opened with its ticket; then the customer says what is wanted.
async fn registered(world: &World) -> Complaint {
    let mut customer = world.clients("portal", Role::Customer);
    let request = RegisterTicketRequest {
        r#type: TicketType::Complaint.into(),
        complaint: Some(NewComplaint {
            regime_codes: LAW.map(str::to_owned).to_vec(),
            ..Default::default()
        }),
        ..register()
    };
    let mut agent = world.clients("ania", Role::Agent);
    let ticket = agent.intake.register_ticket(request).await.unwrap().into_inner().ticket;
    let request = StateClaimsRequest {
        request_id: id(),
        ticket_id: ticket.unwrap().ticket_id,
        claims: vec![claim(Demand::Repair, None), claim(Demand::Refund, Some(4_900))],
        ..Default::default()
    };
    let stated = customer.complaint.state_claims(request).await.unwrap().into_inner();
    stated.complaint.unwrap()
}

async fn asked_and_extended(world: &World, complaint: &Complaint) {
    let ticket_id = &complaint.ticket_id;
    let mut agent = world.clients("ania", Role::Agent);
    let (request_id, etag) = (id(), String::new());
    let start = StartWorkRequest { request_id, ticket_id: ticket_id.clone(), etag };
    agent.intake.start_work(start).await.unwrap();
    let request = RequestComplaintInfoRequest {
        request_id: id(),
        ticket_id: ticket_id.clone(),
        missing: vec!["PHOTO".into()],
        question: "zqx7mark-supplement".into(),
        ..Default::default()
    };
    let asked = agent.complaint.request_complaint_info(request).await.unwrap().into_inner();
    let request = RecordComplaintInfoRequest {
        request_id: id(),
        ticket_id: ticket_id.clone(),
        info_request_id: asked.complaint.unwrap().open_request.unwrap().request_id,
        complete: true,
        ..Default::default()
    };
    agent.complaint.record_complaint_info(request).await.unwrap();
    let answer_by: Date = complaint.answer_by.parse().unwrap();
    let request = ExtendComplaintRequest {
        request_id: id(),
        ticket_id: ticket_id.clone(),
        new_last_day: answer_by.checked_add(10.days()).unwrap().to_string(),
        reason: "zqx7mark-extension".into(),
        circumstances: "zqx7mark-circumstances".into(),
        body: "zqx7mark-longer".into(),
        ..Default::default()
    };
    world.clients("boss", Role::Lead).complaint.extend_complaint(request).await.unwrap();
}

async fn decided(world: &World, ticket_id: &str) -> Complaint {
    let before = get(world, ticket_id).await;
    let remedy = |kind: RemedyKind, amount| NewRemedy {
        kind: kind.into(),
        amount,
        execute_by: before.answer_by.clone(),
    };
    let amount = || Some(Money { minor: 4_900, currency: "PLN".into() });
    let accepted = |at: usize, amount| ClaimDecision {
        claim_id: before.claims[at].claim_id.clone(),
        outcome: ClaimOutcome::Accepted.into(),
        amount,
    };
    let request = DecideComplaintRequest {
        request_id: id(),
        ticket_id: ticket_id.to_owned(),
        per_claim: vec![accepted(0, None), accepted(1, amount())],
        justification: "zqx7mark-justification".into(),
        legal_basis: vec!["zqx7mark-provision".into()],
        remedies: vec![remedy(RemedyKind::Repair, None), remedy(RemedyKind::Refund, amount())],
        appeal_info: "zqx7mark-instruction".into(),
        evidence_waiver: "zqx7mark-waiver".into(),
        adr_body: "zqx7mark-adr-body".into(),
        signatory: "zqx7mark-signatory".into(),
        letter: "zqx7mark-letter".into(),
        ..Default::default()
    };
    let mut agent = world.clients("ania", Role::Agent).complaint;
    agent.decide_complaint(request).await.unwrap().into_inner().complaint.unwrap()
}

/// One remedy is carried out, the other not wanted; and the customer appeals.
async fn carried_out(world: &World, complaint: &Complaint) {
    let ticket_id = &complaint.ticket_id;
    let decision = &complaint.decisions[0];
    let today = Timestamp::new(decision.decide_time.unwrap().seconds, 0).unwrap();
    let request = RecordRemedyRequest {
        request_id: id(),
        ticket_id: ticket_id.clone(),
        remedy_id: decision.remedies[0].remedy_id.clone(),
        executed_on: today.strftime("%F").to_string(),
        reference: "zqx7mark-parcel".into(),
        ..Default::default()
    };
    world.clients("erp", Role::Integrator).complaint.record_remedy(request).await.unwrap();
    let mut customer = world.clients("portal", Role::Customer).complaint;
    let request = WaiveRemedyRequest {
        request_id: id(),
        ticket_id: ticket_id.clone(),
        remedy_id: decision.remedies[1].remedy_id.clone(),
        statement: "zqx7mark-unwanted".into(),
        ..Default::default()
    };
    customer.waive_remedy(request).await.unwrap();
    let request = RecordDecisionEvidenceRequest {
        request_id: id(),
        ticket_id: ticket_id.clone(),
        decision_id: decision.decision_id.clone(),
        evidence: DecisionEvidence::Delivered.into(),
        at: decision.decide_time,
        ..Default::default()
    };
    let mut lead = world.clients("boss", Role::Lead).complaint;
    lead.record_decision_evidence(request).await.unwrap();
    let request = FileAppealRequest {
        request_id: id(),
        ticket_id: ticket_id.clone(),
        statement: "zqx7mark-appeal".into(),
        ..Default::default()
    };
    customer.file_appeal(request).await.unwrap();
}

/// A complaint that is none.
async fn dismissed(world: &World) {
    let mut customer = world.clients("portal", Role::Customer);
    let ticket = customer.intake.register_ticket(register()).await.unwrap().into_inner().ticket;
    let ticket_id = ticket.unwrap().ticket_id;
    let request = OpenComplaintRequest {
        request_id: id(),
        ticket_id: ticket_id.clone(),
        subject: "zqx7mark-matter".into(),
        ..Default::default()
    };
    customer.complaint.open_complaint(request).await.unwrap();
    let request = ReclassifyComplaintRequest {
        request_id: id(),
        ticket_id,
        reason: "zqx7mark-dismissed".into(),
        not_a_complaint: true,
        body: "zqx7mark-question-only".into(),
        ..Default::default()
    };
    world.clients("boss", Role::Lead).complaint.reclassify_complaint(request).await.unwrap();
}

/// Marks where no service takes them.
async fn refusals(world: &World, ticket_id: &str) {
    let mut agent = world.clients("ania", Role::Agent).complaint;
    let (ticket_id, request_id) = (ticket_id.to_owned(), id());
    let request = GetComplaintRequest { ticket_id: CUSTOMER.into(), ..Default::default() };
    agent.get_complaint(request).await.unwrap_err();
    let amount = Some(Money { minor: 1, currency: MARK.into() });
    let claims = vec![NewClaim { demand: Demand::Other.into(), amount }];
    let (request_id, etag) = (request_id, MARK.to_owned());
    let request = StateClaimsRequest { request_id, ticket_id: ticket_id.clone(), etag, claims };
    agent.state_claims(request).await.unwrap_err();
    let request = OpenComplaintRequest {
        request_id: id(),
        ticket_id: ticket_id.clone(),
        country: MARK.into(),
        sector: MARK.into(),
        regime_codes: vec![CUSTOMER.into()],
        ..Default::default()
    };
    agent.open_complaint(request).await.unwrap_err();
    let request = RecordComplaintInfoRequest {
        request_id: id(),
        ticket_id: ticket_id.clone(),
        info_request_id: MARK.into(),
        ..Default::default()
    };
    agent.record_complaint_info(request).await.unwrap_err();
    let request = RecordDecisionEvidenceRequest {
        request_id: id(),
        ticket_id: ticket_id.clone(),
        decision_id: MARK.into(),
        ..Default::default()
    };
    let mut lead = world.clients("boss", Role::Lead).complaint;
    lead.record_decision_evidence(request).await.unwrap_err();
    let request = ExtendComplaintRequest {
        request_id: id(),
        ticket_id: ticket_id.clone(),
        new_last_day: MARK.into(),
        reason: format!("{MARK}\u{7}"),
        ..Default::default()
    };
    lead.extend_complaint(request).await.unwrap_err();
    let request = ExtendDataSubjectRequestRequest {
        request_id: id(),
        ticket_id: ticket_id.clone(),
        new_last_day: "2026-08-31".into(),
        reason: MARK.into(),
        body: MARK.into(),
        ..Default::default()
    };
    let mut lead = world.clients("boss", Role::Lead).intake;
    lead.extend_data_subject_request(request).await.unwrap_err();
    let missing = vec![CUSTOMER.into()];
    let request =
        RequestComplaintInfoRequest { request_id: id(), ticket_id, missing, ..Default::default() };
    agent.request_complaint_info(request).await.unwrap_err();
}

async fn read_back(world: &World, ticket_id: &str) {
    let complaint = format!("{:?}", get(world, ticket_id).await);
    for end in ["-justification", "-provision", "-instruction", "-extension", "-circumstances"] {
        assert!(complaint.contains(&format!("{MARK}{end}")), "{end} is read back");
    }
    for end in ["-supplement", "-longer", "-letter", "-question-only"] {
        eventually(|| async {
            let mails = world.smtp.messages();
            let text: String = mails.iter().map(|mail| mail.text().replace("=\r\n", "")).collect();
            if text.contains(&format!("{MARK}{end}")) { Ok(()) } else { Err(end) }
        })
        .await;
    }
}
