//! Who may appeal against what, and when.
use super::*;

/// Decided in part and told.
fn told() -> Complaint {
    after([
        (Standing::New, Command::Open(open())),
        (Standing::Open, deciding(partly())),
        (Standing::Resolved, delivered(20, "2026-05-07T11:02:00Z")),
    ])
}

#[test]
fn what_came_before_the_decision_does_not_appeal_against_it() {
    let early = |admitted_by_lead| {
        let appeal = FileAppeal { admitted_by_lead, ..appeal("2026-05-07T10:59:59.999Z") };
        Command::FileAppeal(appeal)
    };
    let before = Rejection::AppealBeforeDecision { decided_at: at(NOW) };
    assert_eq!(refused(Standing::Resolved, &told(), early(false)), before);
    // Nor does a lead let it.
    assert_eq!(refused(Standing::Resolved, &told(), early(true)), before);
    accepted(Standing::Resolved, &told(), Command::FileAppeal(appeal(NOW)));
}
