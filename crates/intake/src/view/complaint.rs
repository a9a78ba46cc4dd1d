//! Converts a complaint to its API message.
use domain::complaint::{AppealFiled, Complaint, Ruling, Stage};
use domain::regime::Regimes;
use domain::role::Role;
use wire::common::v1 as common;
use wire::intake::v1;
use wire::scalar::timestamp;

use super::{View, state};
use crate::law;

impl View<'_> {
    /// The complaint part; `None` if the ticket has none.
    pub(crate) fn complaint(&self, regimes: &Regimes) -> Option<v1::Complaint> {
        let (at, facts) = (self.state.stage()?, self.state.facts()?);
        let complaint = facts.complaint.as_ref()?;
        let opened = &complaint.opened;
        Some(v1::Complaint {
            ticket_id: facts.registered.ticket_id.0.to_string(),
            complaint_id: opened.complaint_id.0.to_string(),
            stage: stage(complaint.stage()).into(),
            ticket_state: state(at).into(),
            regimes: opened.regimes.iter().map(Into::into).collect(),
            received_at: Some(timestamp(opened.received_at)),
            filed_at: opened.filed_at.map(timestamp),
            item_delivered_at: opened.item_delivered_at.map(timestamp),
            submission_form: v1::SubmissionForm::from(opened.submission_form).into(),
            consumer_status: common::ConsumerStatus::from(opened.consumer_status).into(),
            claims: opened.claims.iter().map(Into::into).collect(),
            reply_form: v1::ReplyForm::from(opened.reply_form).into(),
            reply_channel: common::Channel::from(opened.reply_channel).into(),
            open_request: complaint
                .unanswered
                .as_ref()
                .filter(|request| complaint.asked == Some(request.request_id))
                .map(Into::into),
            extension: complaint
                .appeal_extended
                .as_ref()
                .or(complaint.extended.as_ref())
                .map(Into::into),
            decisions: complaint.decisions.iter().map(|one| ruling(one, self.viewer)).collect(),
            appeal: complaint.appeal.as_ref().map(|appeal| appealed(appeal, self.viewer)),
            answer_by: answer_by(complaint, regimes),
            etag: chassis::status::etag(self.version),
            status_only: false,
        })
    }
}

/// How a complaint stands, without anything of what it is about.
pub(crate) fn status_of(complaint: v1::Complaint) -> v1::Complaint {
    v1::Complaint {
        ticket_id: complaint.ticket_id,
        complaint_id: complaint.complaint_id,
        stage: complaint.stage,
        ticket_state: complaint.ticket_state,
        received_at: complaint.received_at,
        filed_at: complaint.filed_at,
        item_delivered_at: complaint.item_delivered_at,
        answer_by: complaint.answer_by,
        status_only: true,
        ..Default::default()
    }
}

/// The day by which the law wants an answer.
fn answer_by(complaint: &Complaint, regimes: &Regimes) -> String {
    if complaint.ruling().is_some() {
        return String::new();
    }
    let known = law::of_complaint(regimes, complaint).unwrap_or_default();
    complaint.answer_by(&known).map(|day| day.to_string()).unwrap_or_default()
}

/// The reason for a backdated appeal is not shown to customers.
fn appealed(appeal: &AppealFiled, viewer: Role) -> v1::AppealFiled {
    let mut appeal = v1::AppealFiled::from(appeal);
    if viewer == Role::Customer {
        appeal.backdate_reason.clear();
    }
    appeal
}

/// Who of the organisation decided, and what it did without, is no business of a customer.
fn ruling(ruling: &Ruling, viewer: Role) -> v1::ComplaintRuling {
    let decided = &ruling.decided;
    let inside = viewer != Role::Customer;
    let approved_by = decided.approved_by.as_ref().filter(|_| inside);
    v1::ComplaintRuling {
        decision_id: decided.decision_id.0.to_string(),
        instance: v1::ComplaintInstance::from(decided.instance).into(),
        outcome: v1::ComplaintOutcome::from(decided.outcome).into(),
        per_claim: decided.per_claim.iter().map(Into::into).collect(),
        justification: decided
            .justification
            .as_ref()
            .map(|text| text.0.clone())
            .unwrap_or_default(),
        legal_basis: decided.legal_basis.clone(),
        remedies: decided.remedies.iter().map(Into::into).collect(),
        pending_remedy_ids: ruling.pending.iter().map(|id| id.0.to_string()).collect(),
        appeal_info: decided.appeal_info.clone(),
        adr_statement: v1::AdrStatement::from(decided.adr_statement).into(),
        rebuttable: decided.rebuttable,
        decided_by: inside.then(|| (&decided.decided_by).into()),
        approved_by: approved_by.map(|id| id.0.clone()).unwrap_or_default(),
        message_id: decided.message_id.map(|id| id.0.to_string()).unwrap_or_default(),
        decide_time: Some(timestamp(decided.decided_at)),
        sent_at: ruling.sent_at.map(timestamp),
        delivered_at: ruling.delivered_at.map(timestamp),
        withdrawn: ruling.withdrawn,
        evidence_waiver: decided
            .evidence_waiver
            .as_ref()
            .filter(|_| inside)
            .map(|text| text.0.clone())
            .unwrap_or_default(),
        adr_body: decided.adr_body.clone(),
        signatory: decided.signatory.as_ref().map(|text| text.0.clone()).unwrap_or_default(),
    }
}

fn stage(stage: Stage) -> v1::ComplaintStage {
    match stage {
        Stage::Received => v1::ComplaintStage::Received,
        Stage::Assessed => v1::ComplaintStage::Assessed,
        Stage::InfoRequested => v1::ComplaintStage::InfoRequested,
        Stage::Decided => v1::ComplaintStage::Decided,
        Stage::RemedyPending => v1::ComplaintStage::RemedyPending,
        Stage::Done => v1::ComplaintStage::Done,
        Stage::Appealed => v1::ComplaintStage::Appealed,
        Stage::AppealDecided => v1::ComplaintStage::AppealDecided,
    }
}
