//! What holds for every sequence of commands.
use proptest::prelude::*;

use super::*;

fn standing() -> impl Strategy<Value = Standing> {
    prop_oneof![
        2 => Just(Standing::New),
        5 => Just(Standing::Open),
        2 => Just(Standing::WaitingCustomer),
        5 => Just(Standing::Resolved),
        2 => Just(Standing::Closed),
    ]
}

fn instant() -> impl Strategy<Value = Timestamp> {
    (0..60 * 24 * 60i64).prop_map(|minutes| {
        at(RECEIVED).checked_add(jiff::SignedDuration::from_mins(minutes)).unwrap()
    })
}

fn authority() -> impl Strategy<Value = Authority> {
    prop_oneof![
        Just(Authority::Bot),
        Just(Authority::FirstLine),
        Just(Authority::Specialist),
        Just(Authority::Owner),
    ]
}

fn decisions() -> impl Strategy<Value = Command> {
    let base = prop_oneof![Just(partly()), Just(fully(49)), Just(fully(5_000)), Just(rejected())];
    let author = prop_oneof![Just("celina"), Just("darek")];
    (base, author, authority(), any::<bool>(), any::<bool>(), instant(), 20..24u128).prop_map(
        |(base, author, authority, appeal, approved, now, n)| {
            let remedies = base.remedies.into_iter().enumerate().map(|(place, remedy)| Remedy {
                remedy_id: RemedyId(id(n * 10 + place as u128)),
                execute_by: date(2026, 7, 30),
                ..remedy
            });
            deciding(Decide {
                decision_id: DecisionId(id(n)),
                instance: if appeal { Instance::Appeal } else { Instance::First },
                author: Author { id: agent(author), authority },
                approver: approved
                    .then(|| Author { id: agent("celina"), authority: Authority::Owner }),
                remedies: remedies.collect(),
                now,
                ..base
            })
        },
    )
}

fn command() -> impl Strategy<Value = Command> {
    let evidence = prop_oneof![Just(Evidence::Sent), Just(Evidence::Delivered)];
    prop_oneof![
        1 => Just(Command::Open(open())),
        1 => Just(Command::StateClaims { claims: claims() }),
        1 => (1..9u128).prop_map(|n| Command::StateClaims {
            claims: vec![Claim { claim_id: ClaimId(id(n)), ..claims().remove(0) }],
        }),
        1 => instant().prop_map(|now| Command::RequestInfo(RequestInfo { now, ..request() })),
        1 => any::<bool>().prop_map(|complete| Command::RecordInfo {
            request_id: InfoRequestId(id(60)),
            complete,
        }),
        4 => decisions(),
        2 => instant().prop_map(|now| {
            Command::DeemAccepted(DeemAccepted { now, ..deemed(&consumer()[0]) })
        }),
        4 => (prop_oneof![4 => 20..24u128, 1 => Just(90)], evidence, instant()).prop_map(|(n, evidence, at)| {
            Command::RecordEvidence { decision_id: DecisionId(id(n)), evidence, at }
        }),
        4 => (200..240u128).prop_map(executed),
        1 => Just(executed(91)),
        2 => instant().prop_map(|received_at| {
            Command::FileAppeal(FileAppeal { received_at, ..appeal(NOW) })
        }),
    ]
}

/// The way of a complaint to its end, with some steps left out and others in between.
fn way() -> impl Strategy<Value = Vec<(Standing, Command)>> {
    let first = Decide { remedies: vec![remedy(200, RemedyKind::Replacement, None)], ..partly() };
    let second = Decide {
        decision_id: DecisionId(id(21)),
        instance: Instance::Appeal,
        author: Author { id: agent("darek"), authority: Authority::Owner },
        remedies: vec![remedy(210, RemedyKind::Refund, Some(Money::zloty(49)))],
        ..fully(49)
    };
    let steps = [
        (Standing::Open, deciding(first)),
        (Standing::Resolved, delivered(20, NOW)),
        (Standing::Resolved, executed(200)),
        (Standing::Resolved, Command::FileAppeal(appeal("2026-05-12T08:00:00Z"))),
        (Standing::Open, deciding(second)),
        (Standing::Resolved, delivered(21, NOW)),
        (Standing::Resolved, executed(210)),
    ];
    let between = prop::option::weighted(0.2, (standing(), command()));
    let detours = prop::collection::vec((prop::bool::weighted(0.9), between), steps.len());
    detours.prop_map(move |detours| {
        let mut way = Vec::new();
        for (step, (kept, between)) in steps.iter().zip(detours) {
            way.extend(between);
            way.extend(kept.then(|| step.clone()));
        }
        way
    })
}

/// Runs the commands from an open complaint; refused ones change nothing.
fn history(commands: &[(Standing, Command)]) -> (Complaint, Vec<Event>) {
    let mut complaint = opened();
    let mut history = vec![Event::Opened(complaint.opened.clone())];
    for (standing, command) in commands {
        let steps = decide(&ticket(*standing), Some(&complaint), command).unwrap_or_default();
        for step in steps {
            if let Step::Complaint(event) = step {
                complaint = evolve(Some(complaint), &event).unwrap();
                history.push(event);
            }
        }
    }
    (complaint, history)
}

proptest! {
    #[test]
    fn a_decision_covers_the_claims_of_its_time_and_no_other(
        commands in prop_oneof![prop::collection::vec((standing(), command()), 0..40), way()],
    ) {
        let (_, events) = history(&commands);
        let mut claimed = Vec::new();
        for event in &events {
            match event {
                Event::Opened(opened) => claimed = opened.claims.clone(),
                Event::ClaimsStated { claims } => claimed = claims.clone(),
                Event::Decided(decided) => {
                    let mut covered: Vec<_> = decided.per_claim.iter().map(|c| c.claim_id).collect();
                    let mut expected: Vec<_> = claimed.iter().map(|c| c.claim_id).collect();
                    covered.sort_unstable();
                    expected.sort_unstable();
                    prop_assert_eq!(covered, expected);
                }
                _ => {}
            }
        }
    }

    #[test]
    fn a_closed_complaint_was_decided_told_and_carried_out(
        commands in prop_oneof![prop::collection::vec((standing(), command()), 0..40), way()],
        confirmed in any::<bool>(), now in instant(),
    ) {
        let (complaint, events) = history(&commands);
        if may_close(&complaint, &Law { regimes: consumer(), appeal_regime: None, now }, confirmed).is_err() {
            return Ok(());
        }
        let withdrawn = |id: DecisionId| events.iter().any(|event| matches!(
            event,
            Event::AcceptanceWithdrawn { decision_id, .. } if *decision_id == id
        ));
        let standing = || events.iter().filter_map(|event| match event {
            Event::Decided(decided) if !withdrawn(decided.decision_id) => Some(decided),
            _ => None,
        });
        let last = standing().max_by_key(|decided| decided.instance).expect("somebody decided");
        let told = events.iter().any(|event| matches!(
            event,
            Event::DecisionEvidenced { decision_id, evidence: Evidence::Delivered, .. }
                if *decision_id == last.decision_id
        ));
        prop_assert!(told);
        for decided in standing() {
            for remedy in &decided.remedies {
                let done = events.iter().any(|event| matches!(
                    event,
                    Event::RemedyExecuted { remedy_id, .. } | Event::RemedyWaived { remedy_id, .. }
                        if *remedy_id == remedy.remedy_id
                ));
                prop_assert!(done, "{:?}", remedy.remedy_id);
            }
        }
        prop_assert_eq!(complaint.stage(), Stage::Done);
        prop_assert!(complaint.open_appeal().is_none());
    }

    #[test]
    fn no_bot_rejects_and_nobody_decides_twice_or_their_own_appeal(
        commands in prop::collection::vec((standing(), command()), 0..40),
    ) {
        let (_, events) = history(&commands);
        let decided: Vec<_> = events.iter().filter_map(|event| match event {
            Event::Decided(decided) => Some(decided),
            _ => None,
        }).collect();
        let by_people = |instance| {
            let of = decided.iter().filter(move |d| d.instance == instance);
            of.filter(|d| d.decided_by != Decider::System).collect::<Vec<_>>()
        };
        prop_assert!(by_people(Instance::First).len() < 2);
        prop_assert!(by_people(Instance::Appeal).len() < 2);
        for decided in &decided {
            let refuses = decided.outcome != Outcome::Accepted
                && decided.outcome != Outcome::DeemedAccepted;
            prop_assert!(!refuses || !matches!(decided.decided_by, Decider::Bot(_)));
            prop_assert!(!refuses || decided.adr_statement != AdrStatement::NotApplicable);
            let author = match &decided.decided_by {
                Decider::Person(id) | Decider::Bot(id) => Some(id.clone()),
                Decider::System => None,
            };
            prop_assert!(author.is_none() || decided.approved_by != author);
        }
        if let [first] = by_people(Instance::First)[..] && let [second] = by_people(Instance::Appeal)[..] {
            prop_assert_ne!(&first.decided_by, &second.decided_by);
            prop_assert!(first.approved_by.is_none() || first.approved_by != second.approved_by);
            if let Decider::Person(id) | Decider::Bot(id) = &second.decided_by {
                prop_assert_ne!(first.approved_by.as_ref(), Some(id));
            }
        }
    }

    #[test]
    fn replay_gives_the_same_complaint_and_receipt_never_moves(
        commands in prop::collection::vec((standing(), command()), 0..40),
    ) {
        let (complaint, events) = history(&commands);
        prop_assert_eq!(complaint.opened.received_at, at(RECEIVED));
        prop_assert_eq!(events.iter().fold(None, evolve), Some(complaint));
    }
}
