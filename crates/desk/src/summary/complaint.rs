//! One line about a complaint event, without personal data.
use wire::intake::v1;

use super::{part, word};
use crate::facts::ComplaintFact as Fact;

pub(super) fn line(fact: &Fact) -> String {
    match fact {
        Fact::Opened(e) => {
            let form = word(e.submission_form().as_str_name(), "SUBMISSION_FORM_");
            let claims = count(&e.claims);
            format!("complaint opened: {form}, {claims}{}", part(" under ", &codes(&e.regimes)))
        }
        Fact::Reclassified(e) if e.not_a_complaint => "found to be no complaint".to_owned(),
        Fact::Reclassified(e) => {
            format!("complaint put under other law{}", part(": ", &codes(&e.regimes)))
        }
        Fact::ClaimsStated(e) => format!("claims stated anew: {}", count(&e.claims)),
        Fact::ItemDelivered => "the thing complained about is here".to_owned(),
        Fact::InfoRequested(e) => {
            format!("asked for {}{}", e.missing.join(", "), part(" by ", &e.supplement_by))
        }
        Fact::InfoReceived(e) if e.complete => "what the complaint lacked is here".to_owned(),
        Fact::InfoReceived(_) => "part of what the complaint lacked is here".to_owned(),
        Fact::Extended(e) => format!("time to answer extended{}", part(" to ", &e.new_last_day)),
        Fact::Decided(e) => decided(e),
        Fact::Evidenced(e) => {
            format!("decision {}", word(e.evidence().as_str_name(), "DECISION_EVIDENCE_"))
        }
        Fact::Withdrawn(_) => "deemed acceptance withdrawn: there was no silence".to_owned(),
        Fact::RemedyExecuted(e) => {
            format!("remedy {} carried out{}", e.remedy_id, part(" on ", &e.executed_on))
        }
        Fact::RemedyWaived(e) => format!("remedy {} waived by the customer", e.remedy_id),
        Fact::AppealFiled(e) if e.in_time => "appeal filed".to_owned(),
        Fact::AppealFiled(_) => "appeal filed late and admitted".to_owned(),
    }
}

fn decided(e: &v1::ComplaintDecided) -> String {
    let outcome = word(e.outcome().as_str_name(), "COMPLAINT_OUTCOME_");
    let what = match e.instance() {
        v1::ComplaintInstance::Appeal => "appeal",
        v1::ComplaintInstance::First | v1::ComplaintInstance::Unspecified => "complaint",
    };
    let by = e.decided_by.as_ref().map(|by| by.id.as_str()).unwrap_or_default();
    format!("{what} decided: {outcome}{}", part(" by ", by))
}

fn count(claims: &[v1::Claim]) -> String {
    match claims.len() {
        1 => "1 claim".to_owned(),
        many => format!("{many} claims"),
    }
}

fn codes(regimes: &[v1::RegimeRef]) -> String {
    let codes: Vec<_> = regimes.iter().map(|regime| regime.code.as_str()).collect();
    codes.join(", ")
}
