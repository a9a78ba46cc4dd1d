//! The demonstration's complaint: what is claimed, how it is decided, and the register's line.
use anyhow::{Context, Result};
use comfy_table::Table;
use jiff::ToSpan as _;
use wire::common::v1::{ConsumerStatus, Money};
use wire::desk::v1::{Complaint, ComplaintState, Timeliness};
use wire::intake::v1 as intake;

use super::day::Story;
use super::feed::Teller;
use crate::complaint::register::line;
use crate::tables;

/// The tenant that has published complaint law.
pub(super) const TENANT: &str = "bazar";
/// Days within which the replacement is sent.
const REMEDY_DAYS: i64 = 7;
/// What a terminal shows of the register, in the order of its columns.
const SHOWN: [&str; 7] =
    ["number", "state", "regimes", "claims", "statutory_due", "outcome", "remedies"];

/// What the customer says of the complaint when it is registered.
pub(super) fn told(story: &Story) -> Option<intake::NewComplaint> {
    let claim = |demand: intake::Demand, amount| intake::NewClaim { demand: demand.into(), amount };
    (story.kind == intake::TicketType::Complaint).then(|| intake::NewComplaint {
        consumer_status: ConsumerStatus::Consumer.into(),
        claims: vec![
            claim(intake::Demand::Replace, None),
            claim(
                intake::Demand::Compensation,
                Some(Money { minor: 4_900, currency: "PLN".into() }),
            ),
        ],
        ..Default::default()
    })
}

impl Teller {
    pub(super) async fn evidence(&mut self, request_id: String, body: &str) -> Result<()> {
        let request = intake::AddMessageRequest {
            request_id,
            ticket_id: self.ticket_id.clone(),
            direction: intake::MessageDirection::Internal.into(),
            channel: wire::common::v1::Channel::Portal.into(),
            body: body.into(),
            purpose: intake::MessagePurpose::Evidence.into(),
            ..Default::default()
        };
        self.agent.intake.add_message(request).await?;
        Ok(())
    }

    async fn complaint(&mut self) -> Result<intake::Complaint> {
        let request =
            intake::GetComplaintRequest { ticket_id: self.ticket_id.clone(), ..Default::default() };
        let answer = self.agent.complaint.get_complaint(request).await?.into_inner();
        answer.complaint.context("the answer carries the complaint")
    }

    /// The first claim is accepted, the others are not.
    pub(super) async fn decide(&mut self, request_id: String, letter: &str) -> Result<()> {
        let claims = self.complaint().await?.claims;
        let outcomes = std::iter::once(intake::ClaimOutcome::Accepted)
            .chain(std::iter::repeat(intake::ClaimOutcome::Rejected));
        let per_claim = claims.into_iter().zip(outcomes).map(|(claim, outcome)| {
            let (claim_id, amount) = (claim.claim_id, None);
            intake::ClaimDecision { claim_id, outcome: outcome.into(), amount }
        });
        let execute_by = self.day.checked_add(REMEDY_DAYS.days())?.to_string();
        let request = intake::DecideComplaintRequest {
            request_id,
            ticket_id: self.ticket_id.clone(),
            per_claim: per_claim.collect(),
            justification: "The kettle was cracked when it was handed over.".into(),
            legal_basis: vec!["Consumer Rights Act, art. 43d".into()],
            remedies: vec![intake::NewRemedy {
                kind: intake::RemedyKind::Replacement.into(),
                amount: None,
                execute_by,
            }],
            appeal_info: "Answer this message if you do not agree.".into(),
            adr_statement: intake::AdrStatement::Agrees.into(),
            adr_body: "the Trade Inspection (Inspekcja Handlowa) in Warsaw".into(),
            letter: letter.into(),
            ..Default::default()
        };
        self.agent.complaint.decide_complaint(request).await?;
        Ok(())
    }

    pub(super) async fn carry_out(&mut self, request_id: String, reference: &str) -> Result<()> {
        let decisions = self.complaint().await?.decisions;
        let mut remedies = decisions.into_iter().flat_map(|decision| decision.remedies);
        let request = intake::RecordRemedyRequest {
            request_id,
            ticket_id: self.ticket_id.clone(),
            remedy_id: remedies.next().context("something was granted")?.remedy_id,
            executed_on: self.day.to_string(),
            reference: reference.into(),
            ..Default::default()
        };
        self.agent.complaint.record_remedy(request).await?;
        Ok(())
    }
}

/// Differences between the register's line and its expected state at the end of the day.
pub(super) fn differences(key: &str, line: Option<&Complaint>) -> Vec<String> {
    let Some(line) = line else { return vec![format!("{key}: not in the register")] };
    let regime = |code: &str| line.regimes.iter().find(|regime| regime.code == code);
    let decided = line.decisions.last().map(|decision| decision.outcome());
    // The law waits for delivery, which is known once nothing has come back; the house does not.
    let in_time = regime("INTERNAL_STANDARD").map(|regime| regime.timeliness());
    let expected = [
        ("decided", line.state() == ComplaintState::Decided),
        ("under the law", regime("PL_CONSUMER_GENERAL").is_some()),
        ("answered in time", in_time == Some(Timeliness::InTime) && !line.late),
        ("accepted in part", decided == Some(intake::ComplaintOutcome::PartiallyAccepted)),
        ("claimed as it was", line.claims.len() == 2),
        ("carried out", line.remedies.iter().any(|remedy| !remedy.executed_on.is_empty())),
    ];
    let wrong = expected.into_iter().filter(|(_, holds)| !holds);
    wrong.map(|(what, _)| format!("{key}: its complaint is not {what}")).collect()
}

/// The register, as far as it fits a terminal.
pub(super) fn table(complaints: &[Complaint]) -> Table {
    let mut table = tables::table(SHOWN);
    for complaint in complaints {
        let fields = line::HEADER.into_iter().zip(line::fields(complaint));
        let shown = fields.filter(|(name, _)| SHOWN.contains(name)).map(|(_, field)| field);
        table.add_row(shown.collect::<Vec<_>>());
    }
    table
}
