//! What answers a complaint, what silence means, and what proof is worth.
use super::*;
use crate::regime::MetBy;

const RECEIVED: &str = "2026-06-01T08:00:00Z";
/// The end of Monday, 15 June, in Warsaw.
const DUE: &str = "2026-06-15T21:59:59.999Z";
const NOTICED: &str = "2026-06-15T22:00:00.999Z";

fn breach(state: &State, code: &str) -> (BreachCause, Option<SilenceEffect>) {
    let clock = by_law(code, state);
    let fired = Clocks::decide(state, &due(state, code, NOTICED)).unwrap();
    let [Event::Breached { clock_id, due_at, cause, silence_effect, regime, .. }] = &fired[..]
    else {
        panic!("{fired:?}")
    };
    assert_eq!((*clock_id, *due_at), (clock.id, at(DUE)));
    assert_eq!(regime.as_ref(), Some(&version(code)));
    (*cause, *silence_effect)
}

#[test]
fn silence_means_what_the_law_says_to_that_customer() {
    let effects = [
        SilenceEffect::None,
        SilenceEffect::DeemedAccepted,
        SilenceEffect::DeemedPerCustomerWill,
        SilenceEffect::AdrOrCourt,
        SilenceEffect::AuthorityComplaint,
        SilenceEffect::DeemedConsentAdr,
        SilenceEffect::DeemedRefusalAdr,
    ];
    for effect in effects {
        let mut draft = consumer();
        (draft.silence, draft.business_silence) = (effect, Some(SilenceEffect::None));
        // That it may be rebutted goes with one effect alone.
        draft.rebuttable = effect == SilenceEffect::DeemedPerCustomerWill;
        draft.scope.consumers.clear();
        let terms = under_law([draft]);
        let state = complaint(&terms, RECEIVED, &[CONSUMER]).into_state();
        assert_eq!(breach(&state, CONSUMER), (BreachCause::Time, Some(effect)));
        let registered = Fact::TicketRegistered(facts(RECEIVED, Some(Priority::P3)));
        let counting = Counting::from_receipt(at(RECEIVED));
        let fact = opened(&[CONSUMER], counting, ConsumerStatus::Business);
        let business = given::<Clocks>([])
            .and(under(&terms, RECEIVED, registered))
            .and(now(&terms, RECEIVED, fact))
            .into_state();
        assert_eq!(breach(&business, CONSUMER), (BreachCause::Time, Some(SilenceEffect::None)));
    }
}

#[test]
fn the_last_instant_of_the_last_day_is_in_time() {
    let terms = law();
    let answered = complaint(&terms, RECEIVED, &[CONSUMER]).and(now(
        &terms,
        "2026-06-12T08:00:00Z",
        decided(false, &[]),
    ));
    let state = answered.when(now(&terms, DUE, proved(true, DUE))).into_state();
    let clock = by_law(CONSUMER, &state);
    assert_eq!((ended(&clock), clock.breach), (Some(Outcome::Met), None));
}

#[test]
fn sending_suffices_where_the_law_says_so_and_for_the_house() {
    let terms = law();
    let sent = "2026-06-10T08:00:00Z";
    let state = complaint(&terms, RECEIVED, &[CONSUMER, FINANCIAL])
        .and(now(&terms, sent, decided(false, &[])))
        .when(now(&terms, "2026-06-10T08:00:05Z", proved(false, sent)))
        .into_state();
    let ends = [CONSUMER, FINANCIAL, HOUSE].map(|code| ended(&by_law(code, &state)));
    assert_eq!(ends, [None, Some(Outcome::Met), Some(Outcome::Met)]);
    let Phase::Stopped { at: stopped_at, .. } = by_law(FINANCIAL, &state).phase else { panic!() };
    assert_eq!(stopped_at, at(sent));
}

#[test]
fn delivery_is_proof_of_sending_as_well() {
    let terms = law();
    let state = complaint(&terms, RECEIVED, &[CONSUMER, FINANCIAL])
        .and(now(&terms, "2026-06-09T08:00:00Z", decided(false, &[])))
        .when(now(&terms, "2026-06-10T08:00:00Z", proved(true, "2026-06-09T08:00:01Z")))
        .into_state();
    let ends = [CONSUMER, FINANCIAL, HOUSE].map(|code| ended(&by_law(code, &state)));
    assert_eq!(ends, [Some(Outcome::Met); 3]);
}

#[test]
fn a_mail_that_came_back_on_the_last_day_leaves_proof_pending_and_accepts_nothing() {
    let terms = law();
    let state = complaint(&terms, RECEIVED, &[CONSUMER])
        .and(now(&terms, "2026-06-15T12:00:00Z", decided(false, &[])))
        .and(now(&terms, "2026-06-15T12:00:05Z", proved(false, "2026-06-15T12:00:05Z")))
        .into_state();
    let found = breach(&state, CONSUMER);
    assert_eq!(found, (BreachCause::ProofPending, Some(SilenceEffect::DeemedAccepted)));
}

#[test]
fn what_never_left_or_left_too_late_is_silence() {
    let terms = law();
    let decision = now(&terms, "2026-06-15T12:00:00Z", decided(false, &[]));
    let open = || complaint(&terms, RECEIVED, &[CONSUMER]).and(decision.clone());
    assert_eq!(breach(&open().into_state(), CONSUMER).0, BreachCause::Time);
    let late = "2026-06-15T22:00:00Z";
    let state = open().and(now(&terms, late, proved(false, late))).into_state();
    assert_eq!(breach(&state, CONSUMER).0, BreachCause::Time);
}

#[test]
fn a_proof_that_arrives_late_takes_the_breach_back() {
    let terms = law();
    let delivered = "2026-06-15T12:00:10Z";
    let open = complaint(&terms, RECEIVED, &[CONSUMER])
        .and(now(&terms, "2026-06-15T12:00:00Z", decided(false, &[])))
        .and(now(&terms, "2026-06-15T12:00:05Z", proved(false, "2026-06-15T12:00:05Z")));
    let state = open.into_state();
    let fired = Clocks::decide(&state, &due(&state, CONSUMER, NOTICED)).unwrap();
    let state = fired.iter().fold(state, Clocks::evolve);
    let proof = now(&terms, "2026-06-20T08:00:00Z", proved(true, delivered));
    let events = Clocks::decide(&state, &proof).unwrap();
    let clock = by_law(CONSUMER, &state);
    assert!(events.contains(&Event::BreachVoided {
        clock_id: clock.id,
        reason: VoidReason::LateProof,
        by: None,
        note: String::new(),
    }));
    let state = events.iter().fold(state, Clocks::evolve);
    let (at, outcome) = (at(delivered), Outcome::Met);
    assert_eq!(by_law(CONSUMER, &state).phase, Phase::Stopped { at, outcome });
    // The house had wanted it to leave on Thursday.
    assert_eq!(ended(&by_law(HOUSE, &state)), Some(Outcome::Missed));
}

#[test]
fn an_answer_that_came_too_late_is_a_breach_of_its_own_cause() {
    let terms = law();
    let cause = |sent: &str| {
        let state = complaint(&terms, RECEIVED, &[CONSUMER])
            .and(now(&terms, "2026-06-15T12:00:00Z", decided(false, &[])))
            .and(now(&terms, sent, proved(false, sent)))
            .into_state();
        let late = "2026-06-16T08:00:00Z";
        let events = Clocks::decide(&state, &now(&terms, late, proved(true, late))).unwrap();
        let clock_id = by_law(CONSUMER, &state).id;
        events.into_iter().find_map(|event| match event {
            Event::Breached { clock_id: id, cause, .. } if id == clock_id => Some(cause),
            _ => None,
        })
    };
    assert_eq!(cause("2026-06-15T12:00:05Z"), Some(BreachCause::ProofPending));
    assert_eq!(cause("2026-06-16T07:00:00Z"), Some(BreachCause::Time));
}

#[test]
fn what_proves_the_answer_is_data() {
    let mut own = house();
    own.met_by = MetBy::Delivered;
    let terms = under_law([consumer(), own]);
    let sent = "2026-06-03T08:00:00Z";
    let state = complaint(&terms, RECEIVED, &[CONSUMER])
        .and(now(&terms, sent, decided(false, &[])))
        .when(now(&terms, sent, proved(false, sent)))
        .into_state();
    assert!(by_law(HOUSE, &state).is_live());
}
