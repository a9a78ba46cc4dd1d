//! A complaint as terminal output.
use jiff::tz::TimeZone;
use wire::common::v1::Money;
use wire::intake::v1::{Complaint, ComplaintRuling};

use crate::tables::{money, time, words};

/// The complaint in lines.
pub(super) fn described(complaint: &Complaint, zone: &TimeZone) -> String {
    let regimes = complaint.regimes.iter();
    let law: Vec<_> = regimes.map(|law| format!("{} v{}", law.code, law.version)).collect();
    let mut lines = vec![
        format!(
            "complaint {} · {} · ticket {} · version {}",
            complaint.complaint_id,
            words(complaint.stage().as_str_name(), "COMPLAINT_STAGE_"),
            words(complaint.ticket_state().as_str_name(), "TICKET_STATE_"),
            complaint.etag,
        ),
        format!(
            "received {} · {} · {} · under {}",
            time(complaint.received_at.as_ref(), zone),
            words(complaint.submission_form().as_str_name(), "SUBMISSION_FORM_"),
            words(complaint.consumer_status().as_str_name(), "CONSUMER_STATUS_"),
            law.join(", "),
        ),
    ];
    if !complaint.answer_by.is_empty() {
        lines.push(format!("answer by {}", complaint.answer_by));
    }
    for (place, claim) in complaint.claims.iter().enumerate() {
        let demand = words(claim.demand().as_str_name(), "DEMAND_");
        lines.push(format!("claim {}: {demand}{}", place + 1, amount_of(claim.amount.as_ref())));
    }
    if let Some(request) = &complaint.open_request {
        let missing = request.missing.join(", ");
        lines.push(format!("asked for {missing} by {}", request.supplement_by));
    }
    for decision in &complaint.decisions {
        lines.extend(decided(decision, zone));
    }
    if let Some(appeal) = &complaint.appeal {
        let late = if appeal.in_time { "" } else { ", late" };
        lines.push(format!("appealed {}{late}", time(appeal.received_at.as_ref(), zone)));
    }
    lines.join("\n")
}

fn decided(decision: &ComplaintRuling, zone: &TimeZone) -> Vec<String> {
    let by = decision.decided_by.as_ref().map(|by| by.id.as_str()).unwrap_or_default();
    let by = if by.is_empty() { String::new() } else { format!(" by {by}") };
    let approved = match decision.approved_by.as_str() {
        "" => String::new(),
        id => format!(", approved by {id}"),
    };
    let withdrawn = if decision.withdrawn { ", withdrawn: the answer left in time" } else { "" };
    let mut lines = vec![
        format!(
            "decided {}: {}, {} instance{by}{approved}{withdrawn}",
            time(decision.decide_time.as_ref(), zone),
            words(decision.outcome().as_str_name(), "COMPLAINT_OUTCOME_"),
            words(decision.instance().as_str_name(), "COMPLAINT_INSTANCE_"),
        ),
        format!(
            "  sent {} · delivered {}",
            time(decision.sent_at.as_ref(), zone),
            time(decision.delivered_at.as_ref(), zone),
        ),
    ];
    if !decision.evidence_waiver.is_empty() {
        lines.push(format!("  without evidence: {}", decision.evidence_waiver));
    }
    for remedy in &decision.remedies {
        let kind = words(remedy.kind().as_str_name(), "REMEDY_KIND_");
        let pending = decision.pending_remedy_ids.contains(&remedy.remedy_id);
        let state = match (pending, decision.withdrawn) {
            (true, _) => format!("by {}", remedy.execute_by),
            (false, true) => "owed no more".to_owned(),
            (false, false) => "done".to_owned(),
        };
        let amount = amount_of(remedy.amount.as_ref());
        lines.push(format!("  remedy {}: {kind}{amount}, {state}", remedy.remedy_id));
    }
    lines
}

fn amount_of(amount: Option<&Money>) -> String {
    amount.map(|amount| format!(" {}", money(amount))).unwrap_or_default()
}
