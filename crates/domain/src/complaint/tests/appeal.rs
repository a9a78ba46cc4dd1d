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
    let denied = Command::FileAppeal(FileAppeal { backdating_denied: true, ..appeal(NOW) });
    assert_eq!(refused(Standing::Resolved, &told(), denied), Rejection::BackdatingDenied);
}

#[test]
fn who_approved_the_first_decision_neither_decides_the_appeal_nor_approves_it() {
    let first = Decide {
        author: Author { id: agent("celina"), authority: Authority::FirstLine },
        approver: Some(Author { id: agent("lead"), authority: Authority::Owner }),
        ..partly()
    };
    let appealed = after([
        (Standing::New, Command::Open(open())),
        (Standing::Open, deciding(first)),
        (Standing::Resolved, Command::FileAppeal(appeal("2026-05-12T08:00:00Z"))),
    ]);
    let second = |author: &str, approver: Option<&str>| {
        let person = |name: &str| Author { id: agent(name), authority: Authority::Owner };
        deciding(Decide {
            decision_id: DecisionId(id(21)),
            instance: Instance::Appeal,
            author: person(author),
            approver: approver.map(person),
            ..rejected()
        })
    };
    for same in [
        second("celina", None),
        second("lead", None),
        second("darek", Some("lead")),
        second("lead", Some("ewa")),
    ] {
        let refusal = refused(Standing::Open, &appealed, same);
        assert_eq!(refusal, Rejection::SamePersonOnAppeal);
    }
    accepted(Standing::Open, &appealed, second("darek", Some("ewa")));
}
