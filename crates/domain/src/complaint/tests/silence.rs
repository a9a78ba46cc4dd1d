//! Decisions that the law reads into silence, and on what.
use super::*;

#[test]
fn silence_is_acceptance_where_the_law_says_so() {
    let complaint = opened();
    let regime = &consumer()[0];
    let steps =
        accepted(Standing::WaitingCustomer, &complaint, Command::DeemAccepted(deemed(regime)));
    let [Step::Complaint(Event::Decided(decided))] = steps.as_slice() else { panic!("{steps:?}") };
    assert_eq!((decided.outcome, &decided.decided_by), (Outcome::DeemedAccepted, &Decider::System));
    assert!(!decided.rebuttable && decided.message_id.is_none());
    assert_eq!(decided.per_claim[1], claim(2, ClaimOutcome::Accepted, Some(Money::zloty(49))));
    let complaint = evolved(Some(complaint), &steps).unwrap();
    assert_eq!(complaint.stage(), Stage::Decided);
    assert_eq!(may_resolve(&complaint), Ok(()));
    // Money never moves by itself: the remedy waits for a person.
    assert_eq!(complaint.pending().count(), 1);
    let again = refused(Standing::Open, &complaint, Command::DeemAccepted(deemed(regime)));
    assert_eq!(again, Rejection::AlreadyDecided);
}

#[test]
fn silence_says_nothing_before_its_time_without_law_or_with_a_letter_on_its_way() {
    let complaint = opened();
    let regime = &consumer()[0];
    let refuses = |change: &dyn Fn(&mut DeemAccepted)| {
        let mut command = deemed(regime);
        change(&mut command);
        refused(Standing::Open, &complaint, Command::DeemAccepted(command))
    };
    let due_at = at("2026-05-14T21:59:59.999Z");
    assert_eq!(refuses(&|c| c.now = due_at), Rejection::NotDue { due_at });
    let proof = |c: &mut DeemAccepted| c.cause = BreachCause::ProofPending;
    assert_eq!(refuses(&proof), Rejection::SilenceIsSilent);
    let other = Arc::new(sample::regime(sample::financial()));
    assert_eq!(refuses(&|c| c.regime = Arc::clone(&other)), Rejection::OtherRegimes);
    let draft = Draft { silence: SilenceEffect::AdrOrCourt, ..law() };
    let silent = Arc::new(sample::regime(draft.clone()));
    let command = Command::DeemAccepted(deemed(&silent));
    assert_eq!(
        refused(Standing::Open, &opened_under([draft]), command),
        Rejection::SilenceIsSilent
    );
}

#[test]
fn a_decision_that_did_not_arrive_in_time_does_not_stop_silence() {
    let mut commands =
        vec![(Standing::New, Command::Open(open())), (Standing::Open, deciding(rejected()))];
    let regime = &consumer()[0];
    let undelivered = after(commands.clone());
    let command = Command::DeemAccepted(deemed(regime));
    let steps = accepted(Standing::Resolved, &undelivered, command.clone());
    assert_eq!(steps[1], Step::Ticket(TicketStep::ReopenUndelivered));
    let deemed = evolved(Some(undelivered), &steps).unwrap();
    assert_eq!(deemed.ruling().unwrap().decided.outcome, Outcome::DeemedAccepted);
    // Delivered on the last instant it stands; a millisecond later it does not.
    commands.push((Standing::Resolved, delivered(20, "2026-05-14T21:59:59.999Z")));
    let in_time = refused(Standing::Resolved, &after(commands.clone()), command.clone());
    assert_eq!(in_time, Rejection::AlreadyDecided);
    commands.pop();
    commands.push((Standing::Resolved, delivered(20, "2026-05-14T22:00:00Z")));
    accepted(Standing::Resolved, &after(commands), command);
}

#[test]
fn what_the_customer_wished_may_be_proved_wrong() {
    let complaint = opened_under([sample::financial()]);
    let regime = Arc::new(sample::regime(sample::financial()));
    let steps = accepted(Standing::New, &complaint, Command::DeemAccepted(deemed(&regime)));
    assert!(matches!(&steps[0], Step::Complaint(Event::Decided(decided)) if decided.rebuttable));
}

/// A law whose silence decides on the complaint, and on the appeal within thirty days if
/// `on_appeal`.
fn postal(on_appeal: bool) -> Vec<Arc<Regime>> {
    let mut draft = law();
    draft.met_by = crate::regime::MetBy::Sent;
    draft.appeal.base = Some(Period::CalendarDays(30));
    draft.appeal.silence = on_appeal.then_some(SilenceEffect::DeemedAccepted);
    regimes([draft])
}

/// Decided under that law, and appealed against.
fn appealed(regimes: &[Arc<Regime>], told: bool) -> Complaint {
    let open = Open { regimes: regimes.to_vec(), ..open() };
    let decide = Decide { regimes: regimes.to_vec(), ..partly() };
    let filed = FileAppeal { regimes: regimes.to_vec(), ..appeal("2026-05-12T08:00:00Z") };
    let proof = told.then(|| (Standing::Resolved, delivered(20, NOW)));
    let commands = [(Standing::New, Command::Open(open)), (Standing::Open, deciding(decide))];
    let filed = (Standing::Resolved, Command::FileAppeal(filed));
    after(commands.into_iter().chain(proof).chain([filed]))
}

/// Thirty days after the appeal.
fn deemed_on_appeal(regime: &Arc<Regime>) -> DeemAccepted {
    DeemAccepted {
        decision_id: DecisionId(id(92)),
        instance: Instance::Appeal,
        remedies: vec![remedy(93, RemedyKind::Replacement, None)],
        due_at: at("2026-06-11T21:59:59.999Z"),
        now: at("2026-06-11T22:00:01Z"),
        ..deemed(regime)
    }
}

#[track_caller]
fn ruled(steps: &[Step]) -> &Decided {
    let Step::Complaint(Event::Decided(decided)) = &steps[0] else { panic!("{steps:?}") };
    decided
}

#[test]
fn silence_on_an_appeal_decides_only_where_the_law_says_so() {
    for on_appeal in [false, true] {
        let regimes = postal(on_appeal);
        let command = Command::DeemAccepted(deemed_on_appeal(&regimes[0]));
        let complaint = appealed(&regimes, true);
        if on_appeal {
            let steps = accepted(Standing::Open, &complaint, command);
            assert_eq!(ruled(&steps).instance, Instance::Appeal);
            assert_eq!(ruled(&steps).remedies, [remedy(93, RemedyKind::Replacement, None)]);
        } else {
            let refusal = refused(Standing::Open, &complaint, command);
            assert_eq!(refusal, Rejection::SilenceIsSilent);
        }
    }
    let regimes = postal(true);
    let not_appealed = Complaint { appeal: None, ..appealed(&regimes, true) };
    let command = Command::DeemAccepted(deemed_on_appeal(&regimes[0]));
    assert_eq!(refused(Standing::Open, &not_appealed, command), Rejection::NoAppeal);
}

#[test]
fn an_appeal_does_not_take_the_silence_on_the_complaint() {
    // The rejection never left, whether or not the law decides appeals by silence.
    for on_appeal in [false, true] {
        let regimes = postal(on_appeal);
        let complaint = appealed(&regimes, false);
        let silence = Command::DeemAccepted(deemed(&regimes[0]));
        let steps = accepted(Standing::Open, &complaint, silence.clone());
        assert_eq!((ruled(&steps).instance, steps.len()), (Instance::First, 1));
        let complaint = evolved(Some(complaint), &steps).unwrap();
        // The customer who wrote is still to be answered.
        assert!(complaint.open_appeal().is_some());
        let again = refused(Standing::Open, &complaint, silence);
        assert_eq!(again, Rejection::AlreadyDecided);
        if on_appeal {
            let silence = Command::DeemAccepted(deemed_on_appeal(&regimes[0]));
            let steps = accepted(Standing::Open, &complaint, silence);
            assert_eq!(ruled(&steps).instance, Instance::Appeal);
            assert!(ruled(&steps).remedies.is_empty(), "nothing is owed twice");
        }
    }
    // What was told in time leaves nothing to silence, and the appeal is open.
    let regimes = postal(true);
    let silence = Command::DeemAccepted(deemed(&regimes[0]));
    let refusal = refused(Standing::Open, &appealed(&regimes, true), silence);
    assert_eq!(refusal, Rejection::AlreadyDecided);
}

#[test]
fn a_decision_on_the_appeal_that_never_left_is_silence() {
    let regimes = postal(true);
    let second = |decision: u128| Decide {
        decision_id: DecisionId(id(decision)),
        instance: Instance::Appeal,
        author: Author { id: agent("darek"), authority: Authority::Specialist },
        regimes: regimes.clone(),
        now: at("2026-05-20T08:00:00Z"),
        ..rejected()
    };
    let appealed = appealed(&regimes, true);
    let steps = accepted(Standing::Open, &appealed, deciding(second(21)));
    let decided = evolved(Some(appealed), &steps).unwrap();
    let silence = Command::DeemAccepted(deemed_on_appeal(&regimes[0]));
    let steps = accepted(Standing::Resolved, &decided, silence.clone());
    assert_eq!(ruled(&steps).instance, Instance::Appeal);
    assert_eq!(steps[1], Step::Ticket(TicketStep::ReopenUndelivered));
    let told = accepted(Standing::Resolved, &decided, delivered(21, "2026-05-20T09:00:00Z"));
    let told = evolved(Some(decided), &told).unwrap();
    assert_eq!(refused(Standing::Resolved, &told, silence), Rejection::AlreadyDecided);
}

#[test]
fn who_decides_an_appeal_grants_nothing_again_that_silence_has_granted() {
    let regimes = postal(false);
    let complaint = appealed(&regimes, false);
    let steps = accepted(Standing::Open, &complaint, Command::DeemAccepted(deemed(&regimes[0])));
    let owing = evolved(Some(complaint.clone()), &steps).unwrap();
    let second = Decide {
        decision_id: DecisionId(id(21)),
        instance: Instance::Appeal,
        author: Author { id: agent("darek"), authority: Authority::Specialist },
        remedies: Vec::new(),
        regimes,
        ..fully(49)
    };
    let without = refused(Standing::Open, &complaint, deciding(second.clone()));
    assert_eq!(without, Rejection::Remedies);
    let steps = accepted(Standing::Open, &owing, deciding(second));
    let decided = evolved(Some(owing), &steps).unwrap();
    assert_eq!(decided.ruling().unwrap().decided.decision_id, DecisionId(id(21)));
    assert_eq!(decided.pending().count(), 2, "the first decision's and what silence granted");
}

fn proof(evidence: Evidence, time: &str) -> Command {
    Command::RecordEvidence { decision_id: DecisionId(id(20)), evidence, at: at(time) }
}

/// Decided in part on paper, which nobody noted to have left; then the law read silence.
fn silent() -> Complaint {
    after([
        (Standing::New, Command::Open(open())),
        (Standing::Open, deciding(partly())),
        (Standing::Resolved, Command::DeemAccepted(deemed(&consumer()[0]))),
    ])
}

#[test]
fn a_proof_that_the_answer_had_left_in_time_withdraws_what_silence_decided() {
    let last = "2026-05-14T21:59:59.999Z";
    for evidence in [Evidence::Sent, Evidence::Delivered] {
        let steps = accepted(Standing::Open, &silent(), proof(evidence, last));
        let gone = Event::AcceptanceWithdrawn {
            decision_id: DecisionId(id(90)),
            remedies: vec![RemedyId(id(91))],
        };
        assert_eq!(steps[1..], [Step::Complaint(gone)]);
        let complaint = evolved(Some(silent()), &steps).unwrap();
        assert_eq!(complaint.ruling().unwrap().decided.decision_id, DecisionId(id(20)));
        assert_eq!(complaint.pending().collect::<Vec<_>>(), [RemedyId(id(30))]);
        // The law of consumers wants it to arrive, but there was no silence.
        assert_eq!(complaint.stage(), Stage::RemedyPending);
        let again = Command::DeemAccepted(deemed(&consumer()[0]));
        assert_eq!(refused(Standing::Open, &complaint, again), Rejection::AlreadyDecided);
        assert_eq!(accepted(Standing::Open, &complaint, executed(91)), []);
    }
    let late = accepted(Standing::Open, &silent(), proof(Evidence::Sent, "2026-05-14T22:00:00Z"));
    assert_eq!(late.len(), 1, "{late:?}");
}

#[test]
fn where_the_time_had_not_passed_silence_has_decided_nothing_and_somebody_must() {
    let deem = Command::DeemAccepted(deemed(&consumer()[0]));
    let deny = Command::DenySilence { instance: Instance::First };
    let complaint = after([(Standing::New, Command::Open(open())), (Standing::Open, deem.clone())]);
    let other = Command::DenySilence { instance: Instance::Appeal };
    assert_eq!(accepted(Standing::Open, &complaint, other), []);
    let gone = Event::AcceptanceWithdrawn {
        decision_id: DecisionId(id(90)),
        remedies: vec![RemedyId(id(91))],
    };
    let steps = accepted(Standing::Resolved, &complaint, deny.clone());
    assert_eq!(steps, [Step::Complaint(gone.clone()), Step::Ticket(TicketStep::ReopenUndelivered)]);
    assert_eq!(accepted(Standing::Open, &complaint, deny.clone()), [Step::Complaint(gone)]);
    let complaint = evolved(Some(complaint), &steps).unwrap();
    assert_eq!(complaint.stage(), Stage::Assessed);
    assert_eq!(may_resolve(&complaint), Err(Rejection::NotDecided));
    assert_eq!(complaint.pending().count(), 0);
    assert_eq!(accepted(Standing::Open, &complaint, deny), []);
    // It is decided, or silence decides once the longer time has passed.
    accepted(Standing::Open, &complaint, deciding(partly()));
    accepted(Standing::Open, &complaint, deem);
    // A decision that did not arrive stands again, and the proof is missing as before.
    let deny = Command::DenySilence { instance: Instance::First };
    assert_eq!(accepted(Standing::Resolved, &silent(), deny).len(), 1);
}

#[test]
fn an_appeal_is_open_again_where_the_time_to_decide_it_had_not_passed() {
    let regimes = postal(true);
    let complaint = appealed(&regimes, true);
    let silence = Command::DeemAccepted(deemed_on_appeal(&regimes[0]));
    let steps = accepted(Standing::Open, &complaint, silence);
    let complaint = evolved(Some(complaint), &steps).unwrap();
    assert_eq!(complaint.open_appeal(), None);
    let deny = Command::DenySilence { instance: Instance::Appeal };
    let steps = accepted(Standing::Open, &complaint, deny);
    let complaint = evolved(Some(complaint), &steps).unwrap();
    assert!(complaint.open_appeal().is_some());
    assert_eq!(complaint.stage(), Stage::Appealed);
}

#[test]
fn the_letter_about_silence_proves_nothing_against_it() {
    let told = Command::RecordEvidence {
        decision_id: DecisionId(id(90)),
        evidence: Evidence::Sent,
        at: at(NOW),
    };
    assert_eq!(accepted(Standing::Open, &silent(), told).len(), 1);
}

#[test]
fn a_proof_withdraws_the_silence_of_its_own_instance_alone() {
    let regimes = postal(true);
    let mut complaint = appealed(&regimes, false);
    for command in [deemed(&regimes[0]), deemed_on_appeal(&regimes[0])] {
        let steps = accepted(Standing::Open, &complaint, Command::DeemAccepted(command));
        complaint = evolved(Some(complaint), &steps).unwrap();
    }
    let steps = accepted(Standing::Open, &complaint, proof(Evidence::Sent, NOW));
    let complaint = evolved(Some(complaint), &steps).unwrap();
    let withdrawn: Vec<_> = complaint.decisions.iter().map(|ruling| ruling.withdrawn).collect();
    assert_eq!(withdrawn, [false, true, false]);
    // The silence on the appeal granted the same, which is owed as it was.
    assert_eq!(complaint.pending().collect::<Vec<_>>(), [RemedyId(id(30)), RemedyId(id(91))]);
    assert_eq!(complaint.ruling().unwrap().decided.instance, Instance::Appeal);
    assert_eq!(complaint.open_appeal(), None);
}

#[test]
fn what_had_left_in_time_is_no_silence_even_where_it_must_arrive() {
    let complaint = after([
        (Standing::New, Command::Open(open())),
        (Standing::Open, deciding(rejected())),
        (Standing::Resolved, proof(Evidence::Sent, NOW)),
    ]);
    let silence = Command::DeemAccepted(deemed(&consumer()[0]));
    assert_eq!(refused(Standing::Resolved, &complaint, silence), Rejection::AlreadyDecided);
}
