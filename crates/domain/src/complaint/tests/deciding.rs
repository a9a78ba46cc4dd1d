//! What a decision must contain, and who may make it.
use super::*;

fn refuses(change: impl FnOnce(&mut Decide)) -> Rejection {
    let mut command = partly();
    change(&mut command);
    refused(Standing::Open, &opened(), deciding(command))
}

fn outcome(command: Decide) -> Outcome {
    let steps = accepted(Standing::Open, &opened(), deciding(command));
    let Step::Complaint(Event::Decided(decided)) = &steps[0] else { panic!("{steps:?}") };
    decided.outcome
}

#[test]
fn a_decision_is_recorded_told_and_resolves() {
    let steps = accepted(Standing::WaitingThirdParty, &opened(), deciding(partly()));
    let ticket: Vec<_> = steps[1..].to_vec();
    let expected =
        [TicketStep::AddDecision(MessageId(id(40))), TicketStep::Unhold, TicketStep::Resolve];
    assert_eq!(ticket, expected.map(Step::Ticket));
    let Step::Complaint(Event::Decided(decided)) = &steps[0] else { panic!("{steps:?}") };
    assert_eq!(decided.decided_by, Decider::Person(agent("celina")));
    assert_eq!((decided.decided_at, decided.rebuttable), (at(NOW), false));
    let complaint = evolved(Some(opened()), &steps).unwrap();
    let again = refused(Standing::Open, &complaint, deciding(partly()));
    assert_eq!(again, Rejection::AlreadyDecided);
    let early = Decide { instance: Instance::Appeal, ..partly() };
    assert_eq!(refused(Standing::Open, &complaint, deciding(early)), Rejection::NoAppeal);
}

#[test]
fn the_outcome_follows_from_the_claims() {
    assert_eq!(outcome(fully(49)), Outcome::Accepted);
    assert_eq!(outcome(partly()), Outcome::PartiallyAccepted);
    assert_eq!(outcome(rejected()), Outcome::Rejected);
}

#[test]
fn each_claim_is_decided_once() {
    assert_eq!(refuses(|c| c.per_claim.truncate(1)), Rejection::ClaimsUndecided);
    assert_eq!(refuses(|c| c.per_claim[1] = c.per_claim[0].clone()), Rejection::ClaimsUndecided);
    let unknown = |c: &mut Decide| c.per_claim.push(claim(9, ClaimOutcome::Rejected, None));
    assert_eq!(refuses(unknown), Rejection::ClaimsUndecided);
    assert_eq!(refuses(|c| c.regimes.clear()), Rejection::OtherRegimes);
}

#[test]
fn a_decision_rests_on_evidence_and_says_why() {
    let bare = Ticket { has_evidence: false, ..ticket(Standing::Open) };
    let without = decide(&bare, Some(&opened()), &deciding(partly()));
    assert_eq!(without, Err(Rejection::EvidenceMissing));
    let blank = Decide { evidence_waiver: Personal(" ".into()), ..partly() };
    let without = decide(&bare, Some(&opened()), &deciding(blank));
    assert_eq!(without, Err(Rejection::EvidenceMissing));
    let undisputed = Personal("The facts are undisputed".into());
    let waiver = Decide { evidence_waiver: undisputed.clone(), ..partly() };
    let steps = decide(&bare, Some(&opened()), &deciding(waiver)).unwrap();
    let Step::Complaint(Event::Decided(decided)) = &steps[0] else { panic!("{steps:?}") };
    assert_eq!(decided.evidence_waiver, Some(undisputed), "an audit asks for it");
    let silent = |c: &mut Decide| c.justification = Personal(" ".into());
    assert_eq!(refuses(silent), Rejection::JustificationMissing);
    assert_eq!(refuses(|c| c.legal_basis = vec![String::new()]), Rejection::LegalBasisMissing);
    assert_eq!(refuses(|c| c.appeal_info.clear()), Rejection::AppealInfoMissing);
    // What no regime demands may be left out.
    let plain = Draft { must_contain: vec![DecisionContent::Decision], ..law() };
    let complaint = opened_under([plain.clone()]);
    let short = Decide {
        legal_basis: Vec::new(),
        appeal_info: String::new(),
        regimes: regimes([plain]),
        ..partly()
    };
    accepted(Standing::Open, &complaint, deciding(short));
}

#[test]
fn a_consumer_who_does_not_get_everything_is_told_about_adr() {
    let silent = |command: Decide| Decide { adr_statement: AdrStatement::NotApplicable, ..command };
    for status in [
        ConsumerStatus::Consumer,
        ConsumerStatus::SoleTraderProtected,
        ConsumerStatus::Unknown,
        ConsumerStatus::Business,
    ] {
        let open = Open { consumer_status: status, ..open() };
        let complaint = after([(Standing::New, Command::Open(open))]);
        for command in [partly(), rejected()] {
            let outcome =
                decide(&ticket(Standing::Open), Some(&complaint), &deciding(silent(command)));
            match status {
                ConsumerStatus::Business => assert!(outcome.is_ok(), "{outcome:?}"),
                _ => assert_eq!(outcome, Err(Rejection::AdrStatementMissing), "{status:?}"),
            }
        }
        accepted(Standing::Open, &complaint, deciding(silent(fully(49))));
    }
    let refuses = Decide { adr_statement: AdrStatement::Refuses, ..rejected() };
    assert_eq!(outcome(refuses), Outcome::Rejected);
}

#[test]
fn who_takes_part_in_adr_names_the_body() {
    let agrees = |body: &str| Decide {
        adr_statement: AdrStatement::Agrees,
        adr_body: body.to_owned(),
        ..partly()
    };
    for unnamed in ["", " "] {
        let refusal = refused(Standing::Open, &opened(), deciding(agrees(unnamed)));
        assert_eq!(refusal, Rejection::AdrBodyMissing);
    }
    let steps = accepted(Standing::Open, &opened(), deciding(agrees("Trade Inspection, Warsaw")));
    let Step::Complaint(Event::Decided(decided)) = &steps[0] else { panic!("{steps:?}") };
    assert_eq!(decided.adr_body, "Trade Inspection, Warsaw");
    // A business is told it only where the law asks for it.
    let plain = Draft { must_contain: vec![DecisionContent::Decision], ..law() };
    for (draft, named) in [(plain, false), (law(), true)] {
        let regimes = regimes([draft]);
        let consumer_status = ConsumerStatus::Business;
        let open = Open { regimes: regimes.clone(), consumer_status, ..open() };
        let complaint = after([(Standing::New, Command::Open(open))]);
        let command = deciding(Decide { regimes, ..agrees("") });
        let outcome = decide(&ticket(Standing::Open), Some(&complaint), &command);
        assert_eq!(outcome.is_err(), named, "{outcome:?}");
    }
}

fn wanting(content: DecisionContent) -> Vec<Arc<Regime>> {
    let mut draft = law();
    draft.must_contain.push(content);
    regimes([draft])
}

#[test]
fn somebody_signs_where_the_law_wants_it() {
    let regimes = wanting(DecisionContent::Signatory);
    let open = Open { regimes: regimes.clone(), ..open() };
    let complaint = after([(Standing::New, Command::Open(open))]);
    let signed = |name: &str| Decide {
        signatory: Personal(name.to_owned()),
        regimes: regimes.clone(),
        ..partly()
    };
    let refusal = refused(Standing::Open, &complaint, deciding(signed(" ")));
    assert_eq!(refusal, Rejection::SignatoryMissing);
    let steps = accepted(Standing::Open, &complaint, deciding(signed("Anna Lis, complaints")));
    let Step::Complaint(Event::Decided(decided)) = &steps[0] else { panic!("{steps:?}") };
    assert_eq!(decided.signatory, Some(Personal("Anna Lis, complaints".to_owned())));
}

#[test]
fn words_have_a_day_where_the_law_wants_one() {
    let regimes = wanting(DecisionContent::ExecutionDate);
    let mut open = Open { regimes: regimes.clone(), ..open() };
    open.claims = vec![Claim { demand: Demand::Explanation, ..open.claims[0].clone() }];
    let complaint = after([(Standing::New, Command::Open(open))]);
    let mut command = Decide { regimes, ..fully(49) };
    command.per_claim.truncate(1);
    command.remedies.clear();
    let refusal = refused(Standing::Open, &complaint, deciding(command.clone()));
    assert_eq!(refusal, Rejection::Remedies);
    command.remedies = vec![remedy(30, RemedyKind::Explanation, None)];
    accepted(Standing::Open, &complaint, deciding(command));
}

#[test]
fn what_is_granted_has_a_remedy_and_nothing_else_has() {
    assert_eq!(refuses(|c| c.remedies.clear()), Rejection::Remedies);
    let gift = Decide { remedies: partly().remedies, ..rejected() };
    assert_eq!(refused(Standing::Open, &opened(), deciding(gift)), Rejection::Remedies);
    assert_eq!(refuses(|c| c.remedies.push(c.remedies[0].clone())), Rejection::Remedies);
    assert_eq!(refuses(|c| c.remedies[0].execute_by = date(2026, 5, 6)), Rejection::Remedies);
    let owing = |c: &mut Decide| c.remedies[0].amount = Some(Money::zloty(-1));
    assert_eq!(refuses(owing), Rejection::NegativeAmount);
}

#[test]
fn money_that_is_granted_has_an_amount() {
    use RemedyKind::{
        Apology, Compensation, Explanation, Other, PriceReduction, Refund, Repair, Replacement,
    };
    for kind in [Refund, Compensation, PriceReduction] {
        let refusal = refuses(|c| c.remedies.push(remedy(31, kind, None)));
        assert_eq!(refusal, Rejection::RemedyAmountMissing { place: 1 }, "{kind:?}");
    }
    for kind in [Repair, Replacement, Explanation, Apology, Other] {
        let command = Decide { remedies: vec![remedy(31, kind, None)], ..partly() };
        accepted(Standing::Open, &opened(), deciding(command));
    }
}

#[test]
fn words_need_no_remedy() {
    let mut open = open();
    open.claims = vec![Claim { demand: Demand::Explanation, ..open.claims[0].clone() }];
    let complaint = after([(Standing::New, Command::Open(open))]);
    let mut command = fully(49);
    command.per_claim.truncate(1);
    command.remedies.clear();
    accepted(Standing::Open, &complaint, deciding(command));
}

fn by(authority: Authority, amount: i64) -> Decide {
    Decide { author: Author { id: agent("author"), authority }, ..fully(amount) }
}

#[test]
fn nobody_grants_more_than_they_may_alone() {
    let cases = [
        (Authority::FirstLine, 200, true),
        (Authority::FirstLine, 201, false),
        (Authority::Specialist, 2_000, true),
        (Authority::Specialist, 2_001, false),
        (Authority::Owner, 1_000_000, true),
    ];
    for (authority, amount, alone) in cases {
        let outcome =
            decide(&ticket(Standing::Open), Some(&opened()), &deciding(by(authority, amount)));
        match alone {
            true => assert!(outcome.is_ok(), "{authority:?} {amount}: {outcome:?}"),
            false => assert_eq!(outcome, Err(Rejection::ApproverMissing), "{authority:?} {amount}"),
        }
    }
}

#[test]
fn somebody_else_who_may_approves() {
    let approved = |name: &str, authority| Decide {
        approver: Some(Author { id: agent(name), authority }),
        ..by(Authority::FirstLine, 1_500)
    };
    let steps = accepted(Standing::Open, &opened(), deciding(approved("lead", Authority::Owner)));
    let Step::Complaint(Event::Decided(decided)) = &steps[0] else { panic!("{steps:?}") };
    assert_eq!(decided.approved_by, Some(agent("lead")));
    accepted(Standing::Open, &opened(), deciding(approved("other", Authority::Specialist)));
    let refusal = |command| refused(Standing::Open, &opened(), deciding(command));
    assert_eq!(refusal(approved("author", Authority::Owner)), Rejection::SelfApproval);
    assert_eq!(refusal(approved("other", Authority::FirstLine)), Rejection::ApproverMissing);
}

#[test]
fn limits_are_in_zlotys_and_count_all_that_is_granted() {
    let euro = Currency::of("EUR").unwrap();
    let mut command = by(Authority::Specialist, 1);
    command.remedies[1].amount = Some(Money { minor: 100, currency: euro });
    let refusal = refused(Standing::Open, &opened(), deciding(command.clone()));
    assert_eq!(refusal, Rejection::ApproverMissing);
    command.author.authority = Authority::Owner;
    accepted(Standing::Open, &opened(), deciding(command));
    // Two remedies of 150 PLN are more than 200, whatever the claims say.
    let mut command = by(Authority::FirstLine, 150);
    command.remedies[0].amount = Some(Money::zloty(150));
    let refusal = refused(Standing::Open, &opened(), deciding(command));
    assert_eq!(refusal, Rejection::ApproverMissing);
}

#[test]
fn who_does_not_say_how_much_grants_what_is_demanded() {
    let mut open = open();
    open.claims[1].amount = Some(Money::zloty(201));
    let complaint = after([(Standing::New, Command::Open(open))]);
    for outcome in [ClaimOutcome::Accepted, ClaimOutcome::PartiallyAccepted] {
        let unsaid = |authority| Decide {
            author: Author { id: agent("author"), authority },
            per_claim: vec![claim(1, ClaimOutcome::Accepted, None), claim(2, outcome, None)],
            ..partly()
        };
        let alone = deciding(unsaid(Authority::FirstLine));
        let refusal = refused(Standing::Open, &complaint, alone);
        assert_eq!(refusal, Rejection::ApproverMissing, "{outcome:?}");
        accepted(Standing::Open, &complaint, deciding(unsaid(Authority::Specialist)));
        // Who says that it is less grants less.
        let mut less = unsaid(Authority::FirstLine);
        less.per_claim[1].amount = Some(Money::zloty(200));
        accepted(Standing::Open, &complaint, deciding(less));
    }
    // What is refused is not granted, whatever it demands.
    let by_first_line = Author { id: agent("author"), authority: Authority::FirstLine };
    accepted(Standing::Open, &complaint, deciding(Decide { author: by_first_line, ..partly() }));
}

#[test]
fn a_bot_does_not_reject() {
    let bot = |command: Decide| Decide {
        author: Author { id: agent("bot-1"), authority: Authority::Bot },
        ..command
    };
    let steps = accepted(Standing::Open, &opened(), deciding(bot(fully(49))));
    let Step::Complaint(Event::Decided(decided)) = &steps[0] else { panic!("{steps:?}") };
    assert_eq!(decided.decided_by, Decider::Bot(agent("bot-1")));
    for command in [partly(), rejected()] {
        let refusal = refused(Standing::Open, &opened(), deciding(bot(command)));
        assert_eq!(refusal, Rejection::PersonNeeded);
    }
    // Where a regime wants a person for everything, a bot accepts nothing either.
    let strict = Draft { may_decide_automatically: false, ..law() };
    let complaint = opened_under([strict.clone()]);
    let command = Decide { regimes: regimes([strict]), ..bot(fully(49)) };
    assert_eq!(refused(Standing::Open, &complaint, deciding(command)), Rejection::PersonNeeded);
}

#[test]
fn what_was_never_supplied_is_left_unexamined_after_its_day() {
    let left = ClaimOutcome::LeftUnexamined;
    let command = |now: &str| Decide {
        per_claim: vec![claim(1, left, None), claim(2, left, None)],
        now: at(now),
        ..rejected()
    };
    let asked = after([
        (Standing::New, Command::Open(open())),
        (Standing::Open, Command::RequestInfo(request())),
    ]);
    // The customer has until 11 May.
    let early =
        refused(Standing::WaitingCustomer, &asked, deciding(command("2026-05-11T21:00:00Z")));
    assert_eq!(early, Rejection::NotUnexaminable);
    let late = deciding(command("2026-05-11T22:00:00Z"));
    let steps = accepted(Standing::WaitingCustomer, &asked, late.clone());
    let Step::Complaint(Event::Decided(decided)) = &steps[0] else { panic!("{steps:?}") };
    assert_eq!(decided.outcome, Outcome::LeftUnexamined);
    assert_eq!(refused(Standing::Open, &opened(), late), Rejection::NotUnexaminable);
    let mut partly = command("2026-05-11T22:00:00Z");
    partly.per_claim[0].outcome = ClaimOutcome::Rejected;
    let refusal = refused(Standing::WaitingCustomer, &asked, deciding(partly));
    assert_eq!(refusal, Rejection::NotUnexaminable);
}

#[test]
fn what_one_law_wants_answered_is_not_left_unexamined() {
    let left = ClaimOutcome::LeftUnexamined;
    let outcome = |drafts: &[Draft]| {
        let regimes = regimes(drafts.to_vec());
        let asked = after([
            (Standing::New, Command::Open(Open { regimes: regimes.clone(), ..open() })),
            (
                Standing::Open,
                Command::RequestInfo(RequestInfo { regimes: regimes.clone(), ..request() }),
            ),
        ]);
        let command = Decide {
            per_claim: vec![claim(1, left, None), claim(2, left, None)],
            now: at("2026-05-11T22:00:00Z"),
            regimes,
            ..rejected()
        };
        decide(&ticket(Standing::WaitingCustomer), Some(&asked), &deciding(command)).map(drop)
    };
    // The bank's act provides for no supplement; the house's standard is no law.
    let refusal = outcome(&[law(), sample::financial()]);
    assert_eq!(refusal, Err(Rejection::NotUnexaminable));
    assert_eq!(outcome(&[law(), sample::house()]), Ok(()));
}
