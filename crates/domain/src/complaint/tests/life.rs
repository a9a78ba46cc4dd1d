//! How a complaint goes from receipt to its end.
use jiff::civil::Date;

use super::*;

#[test]
fn a_complaint_begins_with_its_law_and_claims() {
    let steps = decide(&ticket(Standing::New), None, &Command::Open(open())).unwrap();
    let [Step::Complaint(Event::Opened(opened)), Step::Ticket(step)] = steps.as_slice() else {
        panic!("{steps:?}");
    };
    assert_eq!(*step, TicketStep::BecomesComplaint);
    let regime = RegimeRef { code: "PL_CONSUMER_GENERAL".into(), version: 1, sha256: None };
    assert_eq!((opened.received_at, opened.regimes.as_slice()), (at(RECEIVED), &[regime][..]));
    let complaint = evolved(None, &steps).unwrap();
    assert_eq!(complaint.stage(), Stage::Received);
    assert_eq!(complaint.clone().assess().stage(), Stage::Assessed);
    assert_eq!(
        refused(Standing::Open, &complaint, Command::Open(open())),
        Rejection::AlreadyOpened
    );
}

#[test]
fn the_answer_has_the_form_that_the_customer_asked_for_or_the_strictest_of_the_laws() {
    let form = |asked, of_laws: &[ReplyForm]| {
        let laws = of_laws.iter().map(|form| Draft { reply_form: *form, ..law() });
        let open = Open { reply_form: asked, regimes: regimes(laws), ..open() };
        let steps = decide(&ticket(Standing::New), None, &Command::Open(open)).unwrap();
        let opened = steps.into_iter().find_map(|step| match step {
            Step::Complaint(Event::Opened(opened)) => Some(opened.reply_form),
            _ => None,
        });
        opened.unwrap()
    };
    use ReplyForm::{Any, Electronic, PaperOrDurable, SameAsFiled, WrittenSigned};
    assert_eq!(form(Any, &[Any]), Any);
    assert_eq!(form(Any, &[PaperOrDurable, WrittenSigned, SameAsFiled]), WrittenSigned);
    assert_eq!(form(Any, &[PaperOrDurable, SameAsFiled]), SameAsFiled);
    assert_eq!(form(Electronic, &[WrittenSigned]), Electronic);
}

#[test]
fn under_other_law_the_answer_has_its_form_unless_the_customer_asked_for_one() {
    use ReplyForm::{Any, Electronic, PaperOrDurable, SameAsFiled, WrittenSigned};
    let law_of = |form| regimes([Draft { reply_form: form, ..law() }]);
    let under = |open: Open, noted: bool, form| {
        let steps = decide(&ticket(Standing::New), None, &Command::Open(open)).unwrap();
        let mut complaint = evolved(None, &steps).unwrap();
        if !noted {
            complaint.opened.requested_form = None;
        }
        let change = Reclassify { regimes: law_of(form), not_a_complaint: false, ..reclassify() };
        let steps = decide(&ticket(Standing::Open), Some(&complaint), &Command::Reclassify(change));
        evolved(Some(complaint), &steps.unwrap()).unwrap().opened.reply_form
    };
    let asking = |asked, form| Open { reply_form: asked, regimes: law_of(form), ..open() };
    assert_eq!(under(asking(Any, PaperOrDurable), true, WrittenSigned), WrittenSigned);
    assert_eq!(under(asking(Any, WrittenSigned), true, PaperOrDurable), PaperOrDurable);
    assert_eq!(under(asking(Electronic, WrittenSigned), true, SameAsFiled), Electronic);
    assert_eq!(under(asking(PaperOrDurable, PaperOrDurable), true, Any), PaperOrDurable);
    // Who wanted the form of an older complaint nobody knows: it gets stricter alone.
    assert_eq!(under(asking(Any, WrittenSigned), false, PaperOrDurable), WrittenSigned);
    assert_eq!(under(asking(Any, PaperOrDurable), false, WrittenSigned), WrittenSigned);
}

#[test]
fn a_complaint_needs_law_in_force_and_claims() {
    let refuses = |change: fn(&mut Open)| {
        let mut open = open();
        change(&mut open);
        decide(&ticket(Standing::New), None, &Command::Open(open)).unwrap_err()
    };
    assert_eq!(refuses(|o| o.regimes.clear()), Rejection::RegimeMissing);
    let later = |o: &mut Open| {
        o.regimes = regimes([Draft { valid_from: date(2026, 5, 1), ..law() }]);
    };
    let not_in_force = Rejection::RegimeNotInForce("PL_CONSUMER_GENERAL".into());
    assert_eq!(refuses(later), not_in_force);
    let disabled = |o: &mut Open| o.regimes = regimes([Draft { disabled: true, ..law() }]);
    assert_eq!(refuses(disabled), not_in_force);
    assert_eq!(refuses(|o| o.claims.clear()), Rejection::Claims);
    assert_eq!(refuses(|o| o.claims[1].claim_id = o.claims[0].claim_id), Rejection::Claims);
    let owing = |o: &mut Open| o.claims[1].amount = Some(Money::zloty(-1));
    assert_eq!(refuses(owing), Rejection::NegativeAmount);
    let filed_later = |o: &mut Open| o.filed_at = Some(at("2026-04-30T19:15:00.001Z"));
    assert_eq!(refuses(filed_later), Rejection::FiledAfterReceipt);
    let at_once = Open { filed_at: Some(at(RECEIVED)), ..open() };
    decide(&ticket(Standing::New), None, &Command::Open(at_once)).unwrap();
}

#[test]
fn what_is_claimed_may_be_said_anew_until_it_is_decided() {
    let refund = Claim { claim_id: ClaimId(id(3)), demand: Demand::Refund, amount: None };
    let state = |claims: &[Claim]| Command::StateClaims { claims: claims.to_vec() };
    let steps =
        accepted(Standing::WaitingCustomer, &opened(), state(std::slice::from_ref(&refund)));
    assert_eq!(steps, [Step::Complaint(Event::ClaimsStated { claims: vec![refund.clone()] })]);
    let complaint = evolved(Some(opened()), &steps).unwrap();
    assert_eq!(complaint.opened.claims, std::slice::from_ref(&refund));
    // The time goes on, and the decision covers what is claimed now.
    assert_eq!(complaint.counting(), opened().counting());
    let before = refused(Standing::Open, &complaint, deciding(partly()));
    assert_eq!(before, Rejection::ClaimsUndecided);
    let mut now = rejected();
    now.per_claim = vec![claim(3, ClaimOutcome::Rejected, None)];
    let decided = accepted(Standing::Open, &complaint, deciding(now));
    let decided = evolved(Some(complaint), &decided).unwrap();
    let late = refused(Standing::Open, &decided, state(&claims()));
    assert_eq!(late, Rejection::AlreadyDecided);
    let refuses = |claims: &[Claim]| refused(Standing::Open, &opened(), state(claims));
    assert_eq!(refuses(&[]), Rejection::Claims);
    assert_eq!(refuses(&[refund.clone(), refund.clone()]), Rejection::Claims);
    let owing = Claim { amount: Some(Money::zloty(-1)), ..refund };
    assert_eq!(refuses(&[owing]), Rejection::NegativeAmount);
}

#[test]
fn what_is_missing_is_asked_for_and_comes() {
    let asked = accepted(Standing::Open, &opened(), Command::RequestInfo(request()));
    let expected = Event::InfoRequested(InfoRequested {
        request_id: InfoRequestId(id(60)),
        missing: vec!["PHOTO".to_owned()],
        supplement_by: date(2026, 5, 11),
        message_id: MessageId(id(61)),
    });
    assert_eq!(
        asked,
        [
            Step::Ticket(TicketStep::AddQuestion(MessageId(id(61)))),
            Step::Complaint(expected),
            Step::Ticket(TicketStep::HoldForCustomer),
        ]
    );
    let waiting = evolved(Some(opened()), &asked).unwrap();
    assert_eq!(waiting.stage(), Stage::InfoRequested);
    let again = Command::RequestInfo(request());
    assert_eq!(refused(Standing::Open, &waiting, again), Rejection::InfoRequest);
    let request_id = InfoRequestId(id(60));
    let supplied = Command::RecordInfo { request_id, complete: true };
    let came = accepted(Standing::WaitingCustomer, &waiting, supplied.clone());
    let received = Step::Complaint(Event::InfoReceived { request_id, complete: true });
    assert_eq!(came, [received, Step::Ticket(TicketStep::Unhold)]);
    let complaint = evolved(Some(waiting), &came).unwrap();
    assert_eq!((complaint.stage(), complaint.unanswered.clone()), (Stage::Assessed, None));
    assert_eq!(refused(Standing::Open, &complaint, supplied), Rejection::InfoRequest);
}

#[test]
fn nothing_is_asked_for_where_the_law_provides_for_no_supplement() {
    let draft = Draft { incomplete: None, ..law() };
    let complaint = opened_under([draft.clone()]);
    let request = || RequestInfo { regimes: regimes([draft.clone()]), ..request() };
    let command = Command::RequestInfo(request());
    assert_eq!(refused(Standing::Open, &complaint, command), Rejection::NoSupplement);
    let nothing = RequestInfo { missing: vec![" ".into()], ..request() };
    let command = Command::RequestInfo(nothing);
    assert_eq!(refused(Standing::Open, &complaint, command), Rejection::NothingMissing);
    let other = RequestInfo { regimes: consumer()[..0].to_vec(), ..request() };
    let command = Command::RequestInfo(other);
    assert_eq!(refused(Standing::Open, &complaint, command), Rejection::OtherRegimes);
}

fn reclassify() -> Reclassify {
    Reclassify {
        regimes: Vec::new(),
        not_a_complaint: true,
        reason: "A question about opening hours".to_owned(),
        approved_by: Some(agent("lead")),
        message_id: Some(MessageId(id(70))),
    }
}

#[test]
fn a_lead_says_that_it_is_no_complaint_and_the_customer_hears_it() {
    let steps = accepted(Standing::New, &opened(), Command::Reclassify(reclassify()));
    assert_eq!(steps[0], Step::Ticket(TicketStep::AddUpdate(MessageId(id(70)))));
    assert_eq!(steps[2], Step::Ticket(TicketStep::BecomesInquiry));
    assert_eq!(evolved(Some(opened()), &steps), None);
    let refuses = |change: fn(&mut Reclassify)| {
        let mut command = reclassify();
        change(&mut command);
        refused(Standing::Open, &opened(), Command::Reclassify(command))
    };
    assert_eq!(refuses(|c| c.approved_by = None), Rejection::ApprovalOfLeadMissing);
    assert_eq!(refuses(|c| c.message_id = None), Rejection::MessageMissing);
    assert_eq!(refuses(|c| c.reason = " ".into()), Rejection::ReasonMissing);
    assert_eq!(refuses(|c| c.not_a_complaint = false), Rejection::RegimeMissing);
    let decided =
        after([(Standing::New, Command::Open(open())), (Standing::Open, deciding(partly()))]);
    let command = Command::Reclassify(reclassify());
    assert_eq!(refused(Standing::Open, &decided, command), Rejection::AlreadyDecided);
}

#[test]
fn a_ticket_of_that_type_without_a_complaint_is_dismissed_the_same_way() {
    let steps = decide(&ticket(Standing::New), None, &Command::Reclassify(reclassify())).unwrap();
    let with_one = accepted(Standing::New, &opened(), Command::Reclassify(reclassify()));
    assert_eq!(steps, with_one);
    assert_eq!(evolved(None, &steps), None);
    let alone = Reclassify { approved_by: None, ..reclassify() };
    let outcome = decide(&ticket(Standing::New), None, &Command::Reclassify(alone));
    assert_eq!(outcome, Err(Rejection::ApprovalOfLeadMissing));
}

#[test]
fn other_law_counts_from_the_same_receipt() {
    let command = Reclassify {
        regimes: regimes([sample::financial()]),
        not_a_complaint: false,
        ..reclassify()
    };
    let steps = accepted(Standing::Open, &opened(), Command::Reclassify(command));
    let complaint = evolved(Some(opened()), &steps).unwrap();
    assert_eq!(complaint.opened.regimes[0].code, "PL_FINANCIAL");
    assert_eq!(complaint.counting().received_at, at(RECEIVED));
}

fn extend() -> Extend {
    Extend {
        new_last_day: date(2026, 6, 12),
        reason: "The workshop answers".to_owned(),
        circumstances: "The cause of the damage".to_owned(),
        message_id: MessageId(id(80)),
        regimes: regimes([sample::financial()]),
        appeal_regime: None,
        now: at("2026-05-20T10:00:00Z"),
    }
}

#[test]
fn an_extension_is_told_in_time_with_what_the_law_demands() {
    // 30 days end on Saturday 30 May and roll to 1 June; 60 days end on 29 June.
    let complaint = opened_under([sample::financial()]);
    let steps = accepted(Standing::Open, &complaint, Command::Extend(extend()));
    assert_eq!(steps[0], Step::Ticket(TicketStep::AddUpdate(MessageId(id(80)))));
    let extended = evolved(Some(complaint.clone()), &steps).unwrap();
    assert_eq!(extended.extended.as_ref().unwrap().new_last_day, date(2026, 6, 12));
    let again = Command::Extend(extend());
    assert_eq!(refused(Standing::Open, &extended, again), Rejection::AlreadyExtended);
    let refuses = |change: &dyn Fn(&mut Extend)| {
        let mut command = extend();
        change(&mut command);
        refused(Standing::Open, &complaint, Command::Extend(command))
    };
    let due_at = at("2026-06-01T21:59:59.999Z");
    let late = refuses(&|c| c.now = at("2026-06-01T22:00:00Z"));
    assert_eq!(late, Rejection::ExtensionTooLate { due_at });
    let just = Extend { now: due_at, ..extend() };
    accepted(Standing::Open, &complaint, Command::Extend(just));
    assert!(matches!(refuses(&|c| c.reason.clear()), Rejection::NoticeIncomplete(_)));
    assert!(matches!(refuses(&|c| c.circumstances.clear()), Rejection::NoticeIncomplete(_)));
    let day = |latest| Rejection::ExtensionDay { after: date(2026, 6, 1), latest };
    assert_eq!(refuses(&|c| c.new_last_day = date(2026, 6, 1)), day(None));
    let last = date(2026, 6, 29);
    assert_eq!(refuses(&|c| c.new_last_day = date(2026, 6, 30)), day(Some(last)));
}

#[test]
fn an_extension_may_concern_one_of_several_laws() {
    // Payment law gives 15 business days, to 22 May; the bank's act until 1 June.
    let drafts = || [sample::financial(), sample::payment()];
    let complaint = opened_under(drafts());
    let extend = |day: Date, now: &str| {
        let regimes = regimes(drafts());
        Command::Extend(Extend { new_last_day: day, regimes, now: at(now), ..extend() })
    };
    accepted(Standing::Open, &complaint, extend(date(2026, 5, 29), "2026-05-20T10:00:00Z"));
    // After payment law's day only a day that payment law does not ask for is left.
    let late = extend(date(2026, 5, 29), "2026-05-23T10:00:00Z");
    let refusal = refused(Standing::Open, &complaint, late);
    assert_eq!(refusal, Rejection::ExtensionTooLate { due_at: at("2026-05-22T21:59:59.999Z") });
    // 35 business days end on 22 June, before the 60 days of the act.
    let beyond = extend(date(2026, 6, 23), "2026-05-20T10:00:00Z");
    let latest = Some(date(2026, 6, 22));
    let expected = Rejection::ExtensionDay { after: date(2026, 5, 22), latest };
    assert_eq!(refused(Standing::Open, &complaint, beyond), expected);
}

#[test]
fn the_day_to_answer_is_that_of_the_first_law_whatever_another_allows() {
    // Telecoms law gives 30 days, to 1 June, and knows no extension; the bank's act until 29 June.
    let telecom = || Draft { code: "PL_TELECOM".into(), extension: None, ..sample::financial() };
    let drafts = || [sample::house(), sample::financial(), telecom()];
    let regimes = regimes(drafts());
    let complaint = opened_under(drafts());
    assert_eq!(complaint.answer_by(&regimes), Some(date(2026, 6, 1)), "the house's goal is none");
    let command = Extend { regimes: regimes.clone(), ..extend() };
    let steps = accepted(Standing::Open, &complaint, Command::Extend(command));
    let extended = evolved(Some(complaint), &steps).unwrap();
    assert_eq!(extended.answer_by(&regimes), Some(date(2026, 6, 1)));
    assert_eq!(extended.answer_by(&regimes[1..2]), Some(date(2026, 6, 12)), "of the act alone");
    assert_eq!(extended.answer_by(&regimes[..1]), None);
}

#[test]
fn consumer_law_knows_no_extension() {
    let command = Extend { regimes: consumer(), now: at(NOW), ..extend() };
    assert_eq!(
        refused(Standing::Open, &opened(), Command::Extend(command)),
        Rejection::NoExtension
    );
}

/// Decided in part, told, and everything granted carried out.
fn done() -> Complaint {
    after([
        (Standing::New, Command::Open(open())),
        (Standing::Open, deciding(partly())),
        (Standing::Resolved, delivered(20, "2026-05-07T11:02:00Z")),
        (Standing::Resolved, executed(30)),
    ])
}

fn closes(complaint: &Complaint, confirmed: bool, now: &str) -> Result<(), Rejection> {
    may_close(complaint, &measured(&consumer(), None, now), confirmed)
}

#[test]
fn a_complaint_is_closed_when_nothing_is_left_to_do() {
    let mut commands = vec![(Standing::New, Command::Open(open()))];
    let state = |commands: &[(Standing, Command)]| after(commands.to_vec());
    let later = "2026-06-30T10:00:00Z";
    assert_eq!(closes(&state(&commands), true, later), Err(Rejection::NotDecided));
    assert_eq!(may_resolve(&state(&commands)), Err(Rejection::NotDecided));
    commands.push((Standing::Open, deciding(partly())));
    assert_eq!(state(&commands).stage(), Stage::Decided);
    assert_eq!(closes(&state(&commands), true, later), Err(Rejection::NotEvidenced));
    // That it left is not enough: the law of consumers wants it to arrive.
    let sent = Command::RecordEvidence {
        decision_id: DecisionId(id(20)),
        evidence: Evidence::Sent,
        at: at(NOW),
    };
    commands.push((Standing::Resolved, sent));
    assert_eq!(closes(&state(&commands), true, later), Err(Rejection::NotEvidenced));
    commands.push((Standing::Resolved, delivered(20, "2026-05-07T11:02:00Z")));
    assert_eq!(state(&commands).stage(), Stage::RemedyPending);
    assert_eq!(closes(&state(&commands), true, later), Err(Rejection::RemedyPending));
    commands.push((Standing::Resolved, executed(30)));
    assert_eq!(state(&commands).stage(), Stage::Done);
    // Fourteen days to appeal end on 21 May; a customer who is content need not wait.
    let last = "2026-05-21T21:59:59.999Z";
    assert_eq!(closes(&state(&commands), false, last), Err(Rejection::AppealWindowOpen));
    assert_eq!(closes(&state(&commands), true, last), Ok(()));
    assert_eq!(closes(&state(&commands), false, "2026-05-21T22:00:00Z"), Ok(()));
}

#[test]
fn what_the_customer_does_not_want_is_waived() {
    let waived = Command::WaiveRemedy { remedy_id: RemedyId(id(30)), message_id: MessageId(id(1)) };
    let complaint = after([
        (Standing::New, Command::Open(open())),
        (Standing::Open, deciding(partly())),
        (Standing::Resolved, delivered(20, NOW)),
        (Standing::Resolved, waived.clone()),
    ]);
    assert_eq!(complaint.stage(), Stage::Done);
    // Said again, or carried out after all, it is no news; of another it is an error.
    assert_eq!(accepted(Standing::Closed, &complaint, waived), []);
    assert_eq!(accepted(Standing::Closed, &complaint, executed(30)), []);
    assert_eq!(refused(Standing::Closed, &complaint, executed(99)), Rejection::UnknownRemedy);
}

#[test]
fn the_earliest_proof_counts() {
    let complaint = done();
    assert_eq!(accepted(Standing::Closed, &complaint, delivered(20, "2026-05-08T10:00:00Z")), []);
    let earlier = delivered(20, "2026-05-07T11:01:00Z");
    let steps = accepted(Standing::Closed, &complaint, earlier);
    let complaint = evolved(Some(complaint), &steps).unwrap();
    assert_eq!(complaint.ruling().unwrap().delivered_at, Some(at("2026-05-07T11:01:00Z")));
    let unknown = delivered(99, NOW);
    assert_eq!(refused(Standing::Closed, &complaint, unknown), Rejection::UnknownDecision);
}

#[test]
fn a_letter_that_has_reopened_the_ticket_may_be_the_appeal() {
    let filed = Command::FileAppeal(appeal("2026-05-12T08:00:00Z"));
    let steps = |standing| decide(&reopened(standing), Some(&done()), &filed).unwrap();
    let filing = steps(Standing::Open);
    let [Step::Ticket(said), Step::Complaint(Event::AppealFiled(event))] = filing.as_slice() else {
        panic!("nothing reopens it a second time: {filing:?}");
    };
    assert_eq!(*said, TicketStep::AddInbound(MessageId(id(51))));
    assert_eq!((event.received_at, event.in_time), (at("2026-05-12T08:00:00Z"), true));
    // It ends the wait for the customer, and no other.
    assert_eq!(steps(Standing::WaitingCustomer)[2..], [Step::Ticket(TicketStep::Unhold)]);
    assert_eq!(steps(Standing::WaitingThirdParty).len(), 2);
    // What is late there a lead admits, as on a resolved ticket.
    let late = appeal("2026-06-30T08:00:00Z");
    let outcome =
        decide(&reopened(Standing::Open), Some(&done()), &Command::FileAppeal(late.clone()));
    assert_eq!(outcome, Err(Rejection::AppealTooLate));
    let admitted = Command::FileAppeal(FileAppeal { admitted_by_lead: true, ..late });
    assert!(decide(&reopened(Standing::Open), Some(&done()), &admitted).is_ok());
    // Before there is a decision there is nothing to appeal.
    let outcome = decide(&reopened(Standing::Open), Some(&opened()), &filed);
    assert_eq!(outcome, Err(Rejection::NotDecided));
}

#[test]
fn an_appeal_reopens_and_another_person_decides_it() {
    let filed = appeal("2026-05-12T08:00:00Z");
    let steps = accepted(Standing::Resolved, &done(), Command::FileAppeal(filed));
    let event = Event::AppealFiled(AppealFiled {
        appeal_id: AppealId(id(50)),
        decision_id: DecisionId(id(20)),
        received_at: at("2026-05-12T08:00:00Z"),
        in_time: true,
        backdate_reason: None,
    });
    assert_eq!(
        steps,
        [
            Step::Ticket(TicketStep::AddInbound(MessageId(id(51)))),
            Step::Complaint(event),
            Step::Ticket(TicketStep::ReopenForAppeal),
        ]
    );
    let appealed = evolved(Some(done()), &steps).unwrap();
    assert_eq!(appealed.stage(), Stage::Appealed);
    let letter = Command::FileAppeal(appeal("2026-05-12T08:00:00Z"));
    let again = decide(&reopened(Standing::Open), Some(&appealed), &letter);
    assert_eq!(again, Err(Rejection::AlreadyAppealed));
    assert_eq!(may_resolve(&appealed), Err(Rejection::AppealOpen));
    let now = at("2026-05-20T08:00:00Z");
    let second = |author: &str| Decide {
        decision_id: DecisionId(id(21)),
        instance: Instance::Appeal,
        remedies: vec![remedy(32, RemedyKind::Refund, Some(Money::zloty(49)))],
        author: Author { id: agent(author), authority: Authority::Specialist },
        now,
        ..fully(49)
    };
    let same = refused(Standing::Open, &appealed, deciding(second("celina")));
    assert_eq!(same, Rejection::SamePersonOnAppeal);
    let approver = Author { id: agent("celina"), authority: Authority::Owner };
    let same = Decide { approver: Some(approver), ..second("darek") };
    let same = refused(Standing::Open, &appealed, deciding(same));
    assert_eq!(same, Rejection::SamePersonOnAppeal);
    let steps = accepted(Standing::Open, &appealed, deciding(second("darek")));
    let decided = evolved(Some(appealed), &steps).unwrap();
    assert_eq!(decided.stage(), Stage::AppealDecided);
    let again = appeal("2026-05-21T08:00:00Z");
    let refusal = refused(Standing::Resolved, &decided, Command::FileAppeal(again));
    assert_eq!(refusal, Rejection::AlreadyAppealed);
    let later = "2026-06-30T10:00:00Z";
    assert_eq!(closes(&decided, true, later), Err(Rejection::NotEvidenced));
    let told = accepted(Standing::Resolved, &decided, delivered(21, "2026-05-20T08:01:00Z"));
    let told = evolved(Some(decided), &told).unwrap();
    assert_eq!(told.stage(), Stage::RemedyPending);
    let paid = accepted(Standing::Resolved, &told, executed(32));
    let paid = evolved(Some(told), &paid).unwrap();
    assert_eq!((paid.stage(), closes(&paid, false, "2026-05-22T10:00:00Z")), (Stage::Done, Ok(())));
}

#[test]
fn a_late_appeal_needs_a_lead_and_a_ticket_that_is_not_closed() {
    let late = |admitted_by_lead| {
        let filed = FileAppeal { admitted_by_lead, ..appeal("2026-05-22T08:00:00Z") };
        Command::FileAppeal(filed)
    };
    let in_time = Command::FileAppeal(appeal("2026-05-21T20:00:00Z"));
    accepted(Standing::Closed, &done(), in_time);
    assert_eq!(refused(Standing::Resolved, &done(), late(false)), Rejection::AppealTooLate);
    assert_eq!(refused(Standing::Closed, &done(), late(true)), Rejection::AppealTooLate);
    let steps = accepted(Standing::Resolved, &done(), late(true));
    let complaint = evolved(Some(done()), &steps).unwrap();
    assert!(!complaint.appeal.unwrap().in_time);
}

#[test]
fn without_law_the_house_lets_appeal_or_nobody_does() {
    let draft = || Draft { appeal: crate::regime::Appeal::default(), ..law() };
    let regimes = regimes([draft()]);
    let complaint = after([
        (Standing::New, Command::Open(Open { regimes: regimes.clone(), ..open() })),
        (Standing::Open, deciding(Decide { regimes: regimes.clone(), ..partly() })),
        (Standing::Resolved, delivered(20, NOW)),
        (Standing::Resolved, executed(30)),
    ]);
    let filed = FileAppeal { regimes: regimes.clone(), ..appeal("2026-06-05T08:00:00Z") };
    let command = Command::FileAppeal(filed.clone());
    assert_eq!(refused(Standing::Resolved, &complaint, command), Rejection::NotAppealable);
    assert_eq!(may_close(&complaint, &measured(&regimes, None, NOW), false), Ok(()));
    let mut house = sample::house();
    house.scope.occasion = crate::regime::Occasion::Appeal;
    house.filing_window = Some(Period::CalendarDays(30));
    let house = Arc::new(sample::regime(house));
    let filed = FileAppeal { appeal_regime: Some(Arc::clone(&house)), ..filed };
    accepted(Standing::Resolved, &complaint, Command::FileAppeal(filed));
    let open =
        may_close(&complaint, &measured(&regimes, Some(&house), "2026-06-05T08:00:00Z"), false);
    assert_eq!(open, Err(Rejection::AppealWindowOpen));
}

fn measured(regimes: &[Arc<Regime>], appeals: Option<&Arc<Regime>>, now: &str) -> Law {
    Law { regimes: regimes.to_vec(), appeal_regime: appeals.cloned(), now: at(now) }
}

#[test]
fn when_the_thing_came_is_said_once_and_before_the_decision() {
    let came = |time: &str| Command::RecordItem { delivered_at: at(time) };
    let first = "2026-05-04T08:00:00Z";
    let steps = accepted(Standing::Open, &opened(), came(first));
    assert_eq!(steps, [Step::Complaint(Event::ItemDelivered { at: at(first) })]);
    let here = evolved(Some(opened()), &steps).unwrap();
    assert_eq!(here.counting().item_delivered_at, Some(at(first)));
    assert_eq!(accepted(Standing::Open, &here, came(first)), []);
    let later = refused(Standing::Open, &here, came("2026-05-05T08:00:00Z"));
    assert_eq!(later, Rejection::ItemDelivered);
    let decided =
        after([(Standing::New, Command::Open(open())), (Standing::Open, deciding(partly()))]);
    assert_eq!(refused(Standing::Open, &decided, came(first)), Rejection::AlreadyDecided);
}
