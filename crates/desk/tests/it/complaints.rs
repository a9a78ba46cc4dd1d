//! The register of complaints: a line tells a complaint's whole life, and is found.
use jiff::Timestamp;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use uuid::Uuid;
use wire::common::v1::{Money, Sealed, sealed::Content};
use wire::desk::v1::{
    Complaint, ComplaintState, ListComplaintsRequest, ListComplaintsResponse, Timeliness,
};
use wire::intake::v1::*;
use wire::scalar::timestamp;
use wire::sla::v1::*;

use crate::facts::{NAME, Ticket, Told, minutes};
use crate::world::{World, token};

pub(crate) const CONSUMER: &str = "PL_CONSUMER_GENERAL";
pub(crate) const HOUSE: &str = "INTERNAL_STANDARD";

fn id(n: u128) -> String {
    Uuid::from_u128(n).to_string()
}

fn zloty(minor: i64) -> Option<Money> {
    Some(Money { minor, currency: "PLN".to_owned() })
}

impl Ticket {
    pub(crate) fn complaint(&self, n: u128, regimes: &[&str]) -> Told {
        let regimes = regimes.iter().map(|code| RegimeRef {
            code: (*code).to_owned(),
            version: 2,
            ..Default::default()
        });
        let claim =
            Claim { claim_id: id(n + 1), demand: Demand::Refund.into(), amount: zloty(4_900) };
        let message = ComplaintOpened {
            complaint_id: id(n),
            regimes: regimes.collect(),
            received_at: Some(timestamp(self.received_at)),
            submission_form: SubmissionForm::Electronic.into(),
            consumer_status: wire::common::v1::ConsumerStatus::Consumer.into(),
            claims: vec![claim],
            ..Default::default()
        };
        self.ticket(wire::event::COMPLAINT_OPENED, &message)
    }

    /// The clock of an answer that a regime demands.
    pub(crate) fn term(&self, clock: u128, kind: ClockKind, code: &str, due: Timestamp) -> Told {
        let message = ClockStarted {
            clock_id: id(clock),
            ticket_id: self.id.to_string(),
            kind: kind.into(),
            regime_code: code.to_owned(),
            regime_version: 2,
            last_day: "2026-03-16".to_owned(),
            due_at: Some(timestamp(due)),
            ..Default::default()
        };
        self.clocks(wire::event::CLOCK_STARTED, &message)
    }

    fn late(&self, clock: u128, kind: ClockKind, cause: BreachCause) -> Told {
        let message = ClockBreached {
            clock_id: id(clock),
            kind: kind.into(),
            cause: cause.into(),
            ..Default::default()
        };
        self.clocks(wire::event::CLOCK_BREACHED, &message)
    }

    fn stopped(&self, clock: u128, outcome: ClockOutcome) -> Told {
        let clock_id = id(clock);
        let message = ClockStopped { clock_id, outcome: outcome.into(), ..Default::default() };
        self.clocks(wire::event::CLOCK_STOPPED, &message)
    }

    fn voided(&self, clock: u128, reason: VoidReason) -> Told {
        let clock_id = id(clock);
        let message = BreachVoided { clock_id, reason: reason.into(), ..Default::default() };
        self.clocks(wire::event::BREACH_VOIDED, &message)
    }

    pub(crate) fn decided(
        &self,
        n: u128,
        instance: ComplaintInstance,
        outcome: ComplaintOutcome,
    ) -> Told {
        let remedy = Remedy {
            remedy_id: id(n + 1),
            kind: RemedyKind::Refund.into(),
            amount: zloty(4_900),
            execute_by: "2026-03-30".to_owned(),
        };
        let message = ComplaintDecided {
            decision_id: id(n),
            instance: instance.into(),
            outcome: outcome.into(),
            justification: Some(Sealed { content: Some(Content::Clear(NAME.to_owned())) }),
            remedies: vec![remedy],
            decided_by: Some(Decider { kind: DeciderKind::Person.into(), id: "anna".to_owned() }),
            decided_at: Some(timestamp(minutes(600))),
            ..Default::default()
        };
        self.ticket(wire::event::COMPLAINT_DECIDED, &message)
    }

    fn evidenced(&self, n: u128, evidence: DecisionEvidence, at: Timestamp) -> Told {
        let message = DecisionEvidenced {
            decision_id: id(n),
            evidence: evidence.into(),
            at: Some(timestamp(at)),
        };
        self.ticket(wire::event::DECISION_EVIDENCED, &message)
    }

    fn paid(&self, n: u128) -> Told {
        let message = RemedyExecuted {
            remedy_id: id(n),
            executed_on: "2026-03-20".to_owned(),
            amount: zloty(4_900),
            ..Default::default()
        };
        self.ticket(wire::event::REMEDY_EXECUTED, &message)
    }

    fn appealed(&self, n: u128, decision: u128) -> Told {
        let message = AppealFiled {
            appeal_id: id(n),
            decision_id: id(decision),
            received_at: Some(timestamp(minutes(700))),
            in_time: true,
            ..Default::default()
        };
        self.ticket(wire::event::APPEAL_FILED, &message)
    }

    fn withdrawn(&self, decision: u128, remedy: u128) -> Told {
        let message =
            DeemedAcceptanceWithdrawn { decision_id: id(decision), remedy_ids: vec![id(remedy)] };
        self.ticket(wire::event::DEEMED_ACCEPTANCE_WITHDRAWN, &message)
    }

    fn claims(&self, n: u128) -> Told {
        let demand = Demand::Replace.into();
        let claims = vec![Claim { claim_id: id(n), demand, amount: None }];
        let message = ComplaintClaimsStated { claims };
        self.ticket(wire::event::COMPLAINT_CLAIMS_STATED, &message)
    }

    fn reclassified(&self, regimes: &[&str]) -> Told {
        let refs = regimes.iter().map(|code| RegimeRef {
            code: (*code).to_owned(),
            version: 1,
            ..Default::default()
        });
        let message = ComplaintReclassified {
            regimes: refs.collect(),
            not_a_complaint: regimes.is_empty(),
            reason: NAME.to_owned(),
            ..Default::default()
        };
        self.ticket(wire::event::COMPLAINT_RECLASSIFIED, &message)
    }
}

impl World {
    async fn complaints(
        &self,
        request: ListComplaintsRequest,
    ) -> Result<ListComplaintsResponse, Status> {
        let request = self.request(request);
        Ok(self.client.clone().list_complaints(request).await?.into_inner())
    }

    /// The one line of the register after the events.
    async fn line(&self, told: Vec<Told>) -> Complaint {
        let at = self.tell(told).await;
        let consistency_token = Some(token(at));
        let states = (1..=4).collect();
        let request = ListComplaintsRequest { states, consistency_token, ..Default::default() };
        let [line] = self.complaints(request).await.unwrap().complaints.try_into().unwrap();
        line
    }
}

fn timeliness(line: &Complaint) -> Vec<Timeliness> {
    line.regimes.iter().map(wire::desk::v1::ComplaintRegime::timeliness).collect()
}

#[tokio::test]
async fn a_line_tells_a_complaints_whole_life() {
    let world = World::new().await;
    let t = Ticket::new(1);
    let line = world
        .line(vec![
            t.registered(),
            t.complaint(100, &[CONSUMER, HOUSE]),
            t.term(1, ClockKind::StatutoryResponse, CONSUMER, minutes(1_000)),
            t.term(2, ClockKind::InternalResponse, HOUSE, minutes(500)),
            t.clock(3, ClockKind::FirstReply, minutes(60)),
        ])
        .await;
    assert_eq!((&*line.complaint_id, &line.number), (&*id(100), &t.number));
    assert_eq!((line.state(), line.late), (ComplaintState::Open, false));
    assert_eq!(line.received_at, Some(timestamp(t.received_at)));
    assert_eq!(line.claims[0].amount, zloty(4_900));
    assert_eq!(line.deadlines.len(), 2, "a first reply is no term of a complaint");
    assert_eq!(line.deadlines[0].last_day, "2026-03-16");
    assert_eq!(timeliness(&line), [Timeliness::Pending; 2]);

    let line = world.line(vec![t.claims(150)]).await;
    let claimed: Vec<_> = line.claims.iter().map(|c| (&*c.claim_id, c.demand())).collect();
    assert_eq!(claimed, [(&*id(150), Demand::Replace)], "what is claimed now");

    let line = world
        .line(vec![
            t.late(2, ClockKind::InternalResponse, BreachCause::Time),
            t.decided(200, ComplaintInstance::First, ComplaintOutcome::PartiallyAccepted),
            t.stopped(2, ClockOutcome::Missed),
            t.late(1, ClockKind::StatutoryResponse, BreachCause::ProofPending),
        ])
        .await;
    assert_eq!((line.state(), line.late), (ComplaintState::Decided, true));
    assert_eq!(timeliness(&line), [Timeliness::ProofPending, Timeliness::Late]);
    assert_eq!(line.decisions[0].outcome(), ComplaintOutcome::PartiallyAccepted);
    assert_eq!(line.decisions[0].decided_by.as_ref().unwrap().id, "anna");

    let line = world
        .line(vec![
            t.evidenced(200, DecisionEvidence::Delivered, minutes(640)),
            t.evidenced(200, DecisionEvidence::Delivered, minutes(620)),
            t.evidenced(200, DecisionEvidence::Delivered, minutes(650)),
            t.evidenced(200, DecisionEvidence::Sent, minutes(610)),
            t.voided(1, VoidReason::LateProof),
            t.stopped(1, ClockOutcome::Met),
            t.voided(2, VoidReason::Excused),
            t.paid(201),
            t.appealed(300, 200),
            t.term(4, ClockKind::AppealResponse, CONSUMER, minutes(2_000)),
        ])
        .await;
    assert_eq!((line.state(), line.late), (ComplaintState::Open, false), "the appeal is open");
    assert_eq!(timeliness(&line), [Timeliness::InTime, Timeliness::Voided]);
    let decision = &line.decisions[0];
    assert_eq!(decision.delivered_at, Some(timestamp(minutes(620))), "the earliest proof");
    assert_eq!(decision.sent_at, Some(timestamp(minutes(610))));
    assert_eq!(line.remedies[0].executed_on, "2026-03-20");
    assert_eq!(line.appeal.as_ref().unwrap().appeal_id, id(300));

    let line = world
        .line(vec![
            t.decided(400, ComplaintInstance::Appeal, ComplaintOutcome::Accepted),
            t.stopped(4, ClockOutcome::Met),
            t.closed(),
        ])
        .await;
    assert_eq!(line.state(), ComplaintState::Decided, "the end of the ticket changes nothing");
    assert_eq!(line.decisions.len(), 2);
    assert_eq!(line.deadlines[2].timeliness(), Timeliness::InTime);
}

#[tokio::test]
async fn what_silence_decided_may_be_withdrawn_and_decides_no_appeal() {
    use ComplaintOutcome::{DeemedAccepted, Rejected};
    let world = World::new().await;
    let t = Ticket::new(1);
    let line = world
        .line(vec![
            t.registered(),
            t.complaint(100, &[CONSUMER]),
            t.decided(200, ComplaintInstance::First, Rejected),
            t.appealed(300, 200),
            t.decided(400, ComplaintInstance::First, DeemedAccepted),
        ])
        .await;
    assert_eq!(line.state(), ComplaintState::Open, "the appeal is to be decided");
    let of = |outcome: ComplaintOutcome| ListComplaintsRequest {
        outcomes: vec![outcome.into()],
        ..Default::default()
    };
    assert_eq!(world.complaints(of(DeemedAccepted)).await.unwrap().complaints.len(), 1);
    let line = world
        .line(vec![t.evidenced(200, DecisionEvidence::Sent, minutes(610)), t.withdrawn(400, 401)])
        .await;
    let withdrawn: Vec<_> = line.decisions.iter().map(|decision| decision.withdrawn).collect();
    assert_eq!(withdrawn, [false, true]);
    let withdrawn: Vec<_> = line.remedies.iter().map(|remedy| remedy.withdrawn).collect();
    assert_eq!(withdrawn, [false, true]);
    assert_eq!(world.complaints(of(DeemedAccepted)).await.unwrap().complaints.len(), 0);
    assert_eq!(world.complaints(of(Rejected)).await.unwrap().complaints.len(), 1);
}

#[tokio::test]
async fn where_only_silence_had_decided_it_is_still_to_be_decided() {
    let world = World::new().await;
    let t = Ticket::new(1);
    let silent = t.decided(200, ComplaintInstance::First, ComplaintOutcome::DeemedAccepted);
    let line = world.line(vec![t.registered(), t.complaint(100, &[CONSUMER]), silent]).await;
    assert_eq!(line.state(), ComplaintState::Decided);
    let line = world.line(vec![t.withdrawn(200, 201)]).await;
    assert_eq!(line.state(), ComplaintState::Open);
}

#[tokio::test]
async fn other_law_an_extension_and_the_end_of_a_ticket_change_the_line() {
    let world = World::new().await;
    let t = Ticket::new(1);
    let extended =
        ComplaintExtended { new_last_day: "2026-04-15".to_owned(), ..Default::default() };
    let retargeted = ClockRetargeted {
        clock_id: id(1),
        due_at: Some(timestamp(minutes(9_000))),
        last_day: "2026-04-15".to_owned(),
        ..Default::default()
    };
    let line = world
        .line(vec![
            t.registered(),
            t.complaint(100, &[CONSUMER]),
            t.term(1, ClockKind::StatutoryResponse, CONSUMER, minutes(1_000)),
            t.ticket(wire::event::COMPLAINT_EXTENDED, &extended),
            t.clocks(wire::event::CLOCK_RETARGETED, &retargeted),
        ])
        .await;
    assert_eq!(line.extended_to, "2026-04-15");
    assert_eq!(line.deadlines[0].due_at, Some(timestamp(minutes(9_000))));
    assert_eq!(line.deadlines[0].last_day, "2026-04-15");
    assert_eq!(world.line(vec![t.clock_paused(1)]).await.deadlines[0].due_at, None);
    let line = world.line(vec![t.clock_resumed(1, minutes(9_500))]).await;
    assert_eq!(line.deadlines[0].due_at, Some(timestamp(minutes(9_500))));
    let line = world
        .line(vec![
            t.reclassified(&["PL_TELECOM"]),
            t.stopped(1, ClockOutcome::Cancelled),
            t.term(2, ClockKind::StatutoryResponse, "PL_TELECOM", minutes(2_000)),
            t.closed_as(CloseReason::Withdrawn, ""),
        ])
        .await;
    assert_eq!(line.regimes[0].code, "PL_TELECOM");
    assert_eq!(line.deadlines[0].timeliness(), Timeliness::Cancelled);
    assert_eq!(line.state(), ComplaintState::Ended);
    assert_eq!(world.line(vec![t.not_spam(1)]).await.state(), ComplaintState::Open);
    let line = world.line(vec![t.reclassified(&[])]).await;
    assert_eq!(line.state(), ComplaintState::StruckOff);

    // Another complaint of the same ticket is another line, and clocks tell of the newer one.
    let at = world
        .tell(vec![
            t.complaint(500, &[CONSUMER]),
            t.term(5, ClockKind::StatutoryResponse, CONSUMER, minutes(3_000)),
        ])
        .await;
    let consistency_token = Some(token(at));
    let request = ListComplaintsRequest { consistency_token, ..Default::default() };
    let [open] = world.complaints(request).await.unwrap().complaints.try_into().unwrap();
    let open: Complaint = open;
    assert_eq!((&*open.complaint_id, open.deadlines.len()), (&*id(500), 1));
}

#[tokio::test]
async fn filters_choose_and_pages_stay_whole() {
    let world = World::new().await;
    let t: Vec<Ticket> = (1..=6).map(Ticket::new).collect();
    let mut told: Vec<_> = t.iter().map(Ticket::registered).collect();
    for (n, ticket) in (1..).zip(&t) {
        let regime = if n % 2 == 0 { HOUSE } else { CONSUMER };
        told.push(ticket.complaint(n * 100, &[regime]));
        told.push(ticket.term(n, ClockKind::StatutoryResponse, regime, minutes(1_000)));
    }
    told.extend([
        t[0].decided(1_000, ComplaintInstance::First, ComplaintOutcome::Accepted),
        t[1].decided(2_000, ComplaintInstance::First, ComplaintOutcome::Rejected),
        t[2].late(3, ClockKind::StatutoryResponse, BreachCause::Time),
        t[3].closed_as(CloseReason::Withdrawn, ""),
        t[4].reclassified(&[]),
    ]);
    let at = world.tell(told).await;
    world.projected(at).await;
    let all = ListComplaintsRequest::default;
    let stamp = |minute| Some(timestamp(minutes(minute)));
    let (open, struck) = (ComplaintState::Open.into(), ComplaintState::StruckOff.into());
    let rejected = ComplaintOutcome::Rejected.into();
    for (request, expected) in [
        (all(), vec![6, 4, 3, 2, 1]),
        (ListComplaintsRequest { states: vec![open], ..all() }, vec![6, 3]),
        (ListComplaintsRequest { states: vec![struck], ..all() }, vec![5]),
        (ListComplaintsRequest { regime_code: HOUSE.into(), ..all() }, vec![6, 4, 2]),
        (ListComplaintsRequest { outcomes: vec![rejected], ..all() }, vec![2]),
        (ListComplaintsRequest { late: true, ..all() }, vec![3]),
        (ListComplaintsRequest { received_from: stamp(3), ..all() }, vec![6, 4, 3]),
        (ListComplaintsRequest { received_to: stamp(3), ..all() }, vec![2, 1]),
    ] {
        for page_size in [1, 2, 0] {
            let mut request = ListComplaintsRequest { page_size, ..request.clone() };
            let mut numbers = Vec::new();
            loop {
                let page = world.complaints(request.clone()).await.unwrap();
                numbers.extend(page.complaints.into_iter().map(|line| line.number));
                if page.next_page_token.is_empty() {
                    break;
                }
                request.page_token = page.next_page_token;
            }
            let expected: Vec<_> = expected.iter().map(|n: &usize| &t[n - 1].number).collect();
            assert_eq!(numbers.iter().collect::<Vec<_>>(), expected, "{request:?}");
        }
    }

    let nobody = ListComplaintsRequest { received_from: stamp(3), received_to: stamp(3), ..all() };
    let refused = world.complaints(nobody).await.unwrap_err();
    assert!(refused.message().starts_with("received_to must be later"), "{refused:?}");

    let first = world.complaints(ListComplaintsRequest { page_size: 1, ..all() }).await.unwrap();
    let page_token = first.next_page_token;
    let edited = ListComplaintsRequest { page_token, late: true, ..all() };
    let status = world.complaints(edited).await.unwrap_err();
    let reason = status.get_details_error_info().unwrap().reason;
    assert_eq!((status.code(), &*reason), (Code::InvalidArgument, "PAGE_TOKEN_INVALID"));
    let wrong = ListComplaintsRequest { states: vec![99], page_size: -1, ..all() };
    let status = world.complaints(wrong).await.unwrap_err();
    assert_eq!(status.get_details_bad_request().unwrap().field_violations.len(), 2);
}
