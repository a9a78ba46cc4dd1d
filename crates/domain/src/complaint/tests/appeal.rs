//! Who may appeal against what, and when.
use super::*;
use crate::regime::{Extension, NoticeContent};

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
    let denied = Command::FileAppeal(FileAppeal { backdating: Backdating::Denied, ..appeal(NOW) });
    assert_eq!(refused(Standing::Resolved, &told(), denied), Rejection::BackdatingDenied);
    let saying = |backdating| Command::FileAppeal(FileAppeal { backdating, ..appeal(NOW) });
    let unexplained = refused(Standing::Resolved, &told(), saying(Backdating::Unexplained));
    assert_eq!(unexplained, Rejection::BackdateReasonMissing);
    let because = saying(Backdating::Because("it lay in the post room".to_owned()));
    let steps = accepted(Standing::Resolved, &told(), because);
    let complaint = evolved(Some(told()), &steps).unwrap();
    let reason = complaint.appeal.unwrap().backdate_reason;
    assert_eq!(reason.as_deref(), Some("it lay in the post room"));
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

/// The house's own regime of appeals: fourteen days, or thirty.
fn appeals() -> Arc<Regime> {
    let mut draft = sample::house();
    draft.code = "INTERNAL_APPEAL".into();
    draft.base.period = Period::CalendarDays(14);
    draft.extension = Some(Extension {
        total: Some(Period::CalendarDays(30)),
        require: vec![NoticeContent::Reason, NoticeContent::NewDate],
    });
    Arc::new(sample::regime(draft))
}

/// Until the last day that the house allows for an appeal of 12 May.
fn longer() -> Extend {
    Extend {
        new_last_day: date(2026, 6, 11),
        reason: "The workshop answers".to_owned(),
        circumstances: String::new(),
        message_id: MessageId(id(80)),
        regimes: consumer(),
        appeal_regime: Some(appeals()),
        now: at("2026-05-20T10:00:00Z"),
    }
}

#[test]
fn the_time_to_decide_an_appeal_is_made_longer_as_the_house_lets_it() {
    let filed = Command::FileAppeal(appeal("2026-05-12T08:00:00Z"));
    let steps = accepted(Standing::Resolved, &told(), filed);
    let appealed = evolved(Some(told()), &steps).unwrap();
    let steps = accepted(Standing::Open, &appealed, Command::Extend(longer()));
    assert_eq!(steps[0], Step::Ticket(TicketStep::AddUpdate(MessageId(id(80)))));
    let extended = evolved(Some(appealed.clone()), &steps).unwrap();
    let day = extended.appeal_extended.as_ref().map(|extended| extended.new_last_day);
    assert_eq!((day, extended.extended.clone()), (Some(date(2026, 6, 11)), None));
    let again = refused(Standing::Open, &extended, Command::Extend(longer()));
    assert_eq!(again, Rejection::AlreadyExtended);
    let refuses = |change: &dyn Fn(&mut Extend)| {
        let mut command = longer();
        change(&mut command);
        refused(Standing::Open, &appealed, Command::Extend(command))
    };
    let days =
        Rejection::ExtensionDay { after: date(2026, 5, 26), latest: Some(date(2026, 6, 11)) };
    assert_eq!(refuses(&|c| c.new_last_day = date(2026, 5, 26)), days);
    assert_eq!(refuses(&|c| c.new_last_day = date(2026, 6, 12)), days);
    let due_at = at("2026-05-26T21:59:59.999Z");
    let late = refuses(&|c| c.now = at("2026-05-26T22:00:00Z"));
    assert_eq!(late, Rejection::ExtensionTooLate { due_at });
    assert!(matches!(refuses(&|c| c.reason.clear()), Rejection::NoticeIncomplete(_)));
    assert_eq!(refuses(&|c| c.appeal_regime = None), Rejection::NoExtension);
    assert_eq!(refuses(&|c| c.regimes.clear()), Rejection::OtherRegimes);
    // Nothing is decided longer that is decided.
    let early = refused(Standing::Resolved, &told(), Command::Extend(longer()));
    assert!(matches!(early, Rejection::WrongStanding { .. }), "{early:?}");
}

#[test]
fn a_law_that_sets_a_time_for_appeals_knows_no_longer_one() {
    let mut draft = law();
    draft.appeal.base = Some(Period::CalendarDays(30));
    let regimes = || regimes([draft.clone()]);
    let decide = Decide { regimes: regimes(), ..partly() };
    let filed = FileAppeal { regimes: regimes(), ..appeal("2026-05-12T08:00:00Z") };
    let appealed = after([
        (Standing::New, Command::Open(Open { regimes: regimes(), ..open() })),
        (Standing::Open, deciding(decide)),
        (Standing::Resolved, Command::FileAppeal(filed)),
    ]);
    let command = Command::Extend(Extend { regimes: regimes(), ..longer() });
    assert_eq!(refused(Standing::Open, &appealed, command), Rejection::NoExtension);
}
