//! A complaint as one line of a table.
use jiff::Timestamp;
use wire::common::v1::Money;
use wire::desk::v1::{Complaint, ComplaintDeadline, ComplaintDecision, ComplaintRemedy};
use wire::intake::v1::ComplaintInstance;
use wire::sla::v1::ClockKind;

use crate::tables::money;

pub(crate) const HEADER: [&str; 26] = [
    "number",
    "ticket_id",
    "complaint_id",
    "state",
    "regimes",
    "received_at",
    "submission_form",
    "consumer_status",
    "claims",
    "ack_due",
    "statutory_due",
    "internal_due",
    "extended_to",
    "outcome",
    "decided_at",
    "sent_at",
    "delivered_at",
    "remedies",
    "appeal_received_at",
    "late",
    "first_outcome",
    "first_decided_at",
    "first_sent_at",
    "first_delivered_at",
    "appeal_outcome",
    "appeal_due",
];

/// Its fields. Of several decisions it shows the one that stands: the last one, and a decision on
/// the appeal before any other. The first decision has columns of its own.
pub(crate) fn fields(complaint: &Complaint) -> [String; 26] {
    let decision = [ComplaintInstance::Appeal, ComplaintInstance::First]
        .into_iter()
        .find_map(|instance| standing(complaint, instance));
    let first = standing(complaint, ComplaintInstance::First);
    let on_appeal = standing(complaint, ComplaintInstance::Appeal);
    let appeal = complaint.appeal.as_ref();
    [
        complaint.number.clone(),
        complaint.ticket_id.clone(),
        complaint.complaint_id.clone(),
        word(complaint.state().as_str_name(), "COMPLAINT_STATE_"),
        regimes(complaint),
        time(complaint.received_at.as_ref()),
        word(complaint.submission_form().as_str_name(), "SUBMISSION_FORM_"),
        word(complaint.consumer_status().as_str_name(), "CONSUMER_STATUS_"),
        claims(complaint),
        due(complaint, ClockKind::StatutoryAck),
        due(complaint, ClockKind::StatutoryResponse),
        due(complaint, ClockKind::InternalResponse),
        complaint.extended_to.clone(),
        outcome(decision),
        time(decision.and_then(|one| one.decided_at.as_ref())),
        time(decision.and_then(|one| one.sent_at.as_ref())),
        time(decision.and_then(|one| one.delivered_at.as_ref())),
        list(complaint.remedies.iter().map(remedy)),
        time(appeal.and_then(|appeal| appeal.received_at.as_ref())),
        complaint.late.to_string(),
        outcome(first),
        time(first.and_then(|one| one.decided_at.as_ref())),
        time(first.and_then(|one| one.sent_at.as_ref())),
        time(first.and_then(|one| one.delivered_at.as_ref())),
        outcome(on_appeal),
        due(complaint, ClockKind::AppealResponse),
    ]
}

/// The decision of an instance that stands.
fn standing(complaint: &Complaint, instance: ComplaintInstance) -> Option<&ComplaintDecision> {
    let on_appeal = instance == ComplaintInstance::Appeal;
    let mut decisions = complaint.decisions.iter().rev().filter(|decision| !decision.withdrawn);
    decisions.find(|decision| (decision.instance() == ComplaintInstance::Appeal) == on_appeal)
}

fn outcome(decision: Option<&ComplaintDecision>) -> String {
    let outcome = decision.map(|one| word(one.outcome().as_str_name(), "COMPLAINT_OUTCOME_"));
    outcome.unwrap_or_default()
}

/// `PL_CONSUMER_GENERAL v1 IN_TIME`, …
fn regimes(complaint: &Complaint) -> String {
    list(complaint.regimes.iter().map(|regime| {
        let timeliness = word(regime.timeliness().as_str_name(), "TIMELINESS_");
        format!("{} v{} {timeliness}", regime.code, regime.version)
    }))
}

/// `REFUND 49.00 PLN`, …
fn claims(complaint: &Complaint) -> String {
    list(complaint.claims.iter().map(|claim| {
        let demand = word(claim.demand().as_str_name(), "DEMAND_");
        with_amount(demand, claim.amount.as_ref())
    }))
}

/// `REFUND 49.00 PLN by 2026-05-21, executed 2026-05-20`
fn remedy(remedy: &ComplaintRemedy) -> String {
    let granted = remedy.remedy.clone().unwrap_or_default();
    let kind = word(granted.kind().as_str_name(), "REMEDY_KIND_");
    let granted_by =
        format!("{} by {}", with_amount(kind, granted.amount.as_ref()), granted.execute_by);
    match remedy {
        ComplaintRemedy { withdrawn: true, .. } => format!("{granted_by}, withdrawn"),
        ComplaintRemedy { waived: true, .. } => format!("{granted_by}, waived"),
        ComplaintRemedy { executed_on, .. } if executed_on.is_empty() => granted_by,
        ComplaintRemedy { executed_on, .. } => format!("{granted_by}, executed {executed_on}"),
    }
}

/// The last day of each clock of the kind, or its due instant if it has no day.
fn due(complaint: &Complaint, kind: ClockKind) -> String {
    let of_kind = complaint.deadlines.iter().filter(|deadline| deadline.kind() == kind);
    list(of_kind.map(|deadline: &ComplaintDeadline| match deadline.last_day.as_str() {
        "" => time(deadline.due_at.as_ref()),
        day => day.to_owned(),
    }))
}

fn with_amount(what: String, amount: Option<&Money>) -> String {
    amount.map(|amount| format!("{what} {}", money(amount))).unwrap_or(what)
}

fn list(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join("; ")
}

/// The word without its prefix; empty if not given.
fn word(name: &str, prefix: &str) -> String {
    let word = name.trim_start_matches(prefix);
    if word == "UNSPECIFIED" { String::new() } else { word.to_owned() }
}

/// RFC 3339 in UTC; empty if absent.
fn time(at: Option<&prost_types::Timestamp>) -> String {
    let at = at.and_then(|at| Timestamp::new(at.seconds, at.nanos).ok());
    at.map(|at| at.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use wire::desk::v1::{ComplaintRegime, ComplaintState, Timeliness};
    use wire::intake::v1::{Claim, ComplaintOutcome, Demand, Remedy, RemedyKind};

    use super::*;

    #[test]
    fn a_complaint_is_one_line_that_says_it_all() {
        let zloty = |minor| Some(Money { minor, currency: "PLN".to_owned() });
        let complaint = Complaint {
            number: "7K3M9-QXF2H-4".to_owned(),
            state: ComplaintState::Decided.into(),
            regimes: vec![ComplaintRegime {
                code: "PL_CONSUMER_GENERAL".to_owned(),
                version: 2,
                timeliness: Timeliness::InTime.into(),
            }],
            received_at: Some(prost_types::Timestamp { seconds: 1_780_000_000, nanos: 0 }),
            claims: vec![
                Claim { demand: Demand::Replace.into(), ..Default::default() },
                Claim {
                    demand: Demand::Compensation.into(),
                    amount: zloty(4_905),
                    ..Default::default()
                },
            ],
            deadlines: vec![ComplaintDeadline {
                kind: ClockKind::StatutoryResponse.into(),
                last_day: "2026-05-14".to_owned(),
                ..Default::default()
            }],
            decisions: vec![
                ComplaintDecision {
                    outcome: ComplaintOutcome::PartiallyAccepted.into(),
                    ..Default::default()
                },
                ComplaintDecision {
                    outcome: ComplaintOutcome::DeemedAccepted.into(),
                    withdrawn: true,
                    ..Default::default()
                },
            ],
            remedies: vec![ComplaintRemedy {
                remedy: Some(Remedy {
                    kind: RemedyKind::Replacement.into(),
                    execute_by: "2026-05-21".to_owned(),
                    ..Default::default()
                }),
                executed_on: "2026-05-15".to_owned(),
                ..Default::default()
            }],
            ..Default::default()
        };
        let line = fields(&complaint);
        let of = |name: &str| &*line[HEADER.iter().position(|column| *column == name).unwrap()];
        assert_eq!(of("state"), "DECIDED");
        assert_eq!(of("regimes"), "PL_CONSUMER_GENERAL v2 IN_TIME");
        assert_eq!(of("received_at"), "2026-05-28T20:26:40Z");
        assert_eq!(of("claims"), "REPLACE; COMPENSATION 49.05 PLN");
        assert_eq!(of("statutory_due"), "2026-05-14");
        assert_eq!(of("outcome"), "PARTIALLY_ACCEPTED");
        assert_eq!(of("remedies"), "REPLACEMENT by 2026-05-21, executed 2026-05-15");
        assert_eq!((of("internal_due"), of("delivered_at"), of("late")), ("", "", "false"));
    }

    #[test]
    fn an_appeal_does_not_hide_what_was_decided_first() {
        let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
        let complaint = Complaint {
            deadlines: vec![ComplaintDeadline {
                kind: ClockKind::AppealResponse.into(),
                last_day: "2026-05-26".to_owned(),
                ..Default::default()
            }],
            decisions: vec![
                ComplaintDecision {
                    instance: ComplaintInstance::First.into(),
                    outcome: ComplaintOutcome::Rejected.into(),
                    decided_at: at(1_780_000_000),
                    sent_at: at(1_780_000_001),
                    delivered_at: at(1_780_000_002),
                    ..Default::default()
                },
                ComplaintDecision {
                    instance: ComplaintInstance::Appeal.into(),
                    outcome: ComplaintOutcome::Accepted.into(),
                    decided_at: at(1_780_000_100),
                    ..Default::default()
                },
            ],
            ..Default::default()
        };
        let line = fields(&complaint);
        let of = |name: &str| &*line[HEADER.iter().position(|column| *column == name).unwrap()];
        assert_eq!((of("outcome"), of("first_outcome")), ("ACCEPTED", "REJECTED"));
        assert_eq!((of("appeal_outcome"), of("appeal_due")), ("ACCEPTED", "2026-05-26"));
        assert_eq!(of("first_decided_at"), "2026-05-28T20:26:40Z");
        assert_eq!(of("first_sent_at"), "2026-05-28T20:26:41Z");
        assert_eq!(of("first_delivered_at"), "2026-05-28T20:26:42Z");
        assert_eq!((of("decided_at"), of("delivered_at")), ("2026-05-28T20:28:20Z", ""));
    }
}
