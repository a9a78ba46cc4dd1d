//! What a decision grants has a last day of its own.
use super::*;

const RECEIVED: &str = "2026-06-01T08:00:00Z";
const REFUND: RemedyId = RemedyId(Uuid::from_u128(700));
const REPAIR: RemedyId = RemedyId(Uuid::from_u128(701));

/// Granted on Wednesday, 10 June; the money by Saturday the 20th, the repair by the 30th.
fn granted(terms: &Terms) -> Given<Clocks> {
    let remedies = [(REFUND, date(2026, 6, 20)), (REPAIR, date(2026, 6, 30))];
    complaint(terms, RECEIVED, &[CONSUMER]).and(now(
        terms,
        "2026-06-10T08:00:00Z",
        decided(false, &remedies),
    ))
}

fn clock(id: RemedyId, state: &State) -> Clock {
    state.clocks.iter().find(|clock| clock.subject_ref == Some(id.0)).unwrap().clone()
}

fn executed(day: Date) -> ComplaintFact {
    ComplaintFact::RemedyExecuted { remedy_id: REFUND, executed_on: day }
}

#[test]
fn each_remedy_has_until_the_end_of_its_last_day() {
    let state = granted(&law()).into_state();
    let refund = clock(REFUND, &state);
    assert_eq!((refund.kind, refund.class), (ClockKind::Remedy, ClockClass::Sla));
    assert_eq!((refund.basis.clone(), day(&refund)), (Basis::Given, date(2026, 6, 20)));
    // Nothing rolls here: the decision says the day.
    assert_eq!(refund.due_at, Some(at("2026-06-20T21:59:59.999Z")));
    assert_eq!((refund.silence, refund.safe_due_at), (None, None));
    assert_eq!(clock(REPAIR, &state).cycle, 2);
}

#[test]
fn a_last_day_that_has_no_end_ends_with_the_last_instant() {
    let terms = law();
    let remedies = [(REFUND, date(9999, 12, 31))];
    let decided = now(&terms, "2026-06-10T08:00:00Z", decided(false, &remedies));
    let state = complaint(&terms, RECEIVED, &[CONSUMER]).when(decided).into_state();
    let refund = clock(REFUND, &state);
    assert_eq!(day(&refund), date(9999, 12, 31));
    assert_eq!(refund.due_at, Some(at("9999-12-30T22:00:00Z")));
}

#[test]
fn a_remedy_counts_by_the_day_on_which_it_was_carried_out() {
    let terms = law();
    for (day, noted, outcome) in [
        (date(2026, 6, 20), "2026-06-20T12:00:00Z", Outcome::Met),
        (date(2026, 6, 20), "2026-06-24T12:00:00Z", Outcome::Met),
        (date(2026, 6, 21), "2026-06-24T12:00:00Z", Outcome::Missed),
        // Somebody was faster than the decision.
        (date(2026, 6, 8), "2026-06-24T12:00:00Z", Outcome::Met),
    ] {
        let state = granted(&terms).and(now(&terms, noted, executed(day))).into_state();
        assert_eq!(ended(&clock(REFUND, &state)), Some(outcome), "{day}");
        assert!(clock(REPAIR, &state).is_live());
    }
}

#[test]
fn a_remedy_noted_late_takes_the_breach_back() {
    let terms = law();
    let state = granted(&terms).into_state();
    let id = clock(REFUND, &state).id.0;
    let late = Command::Fire { id, what: What::Breach, now: at("2026-06-20T22:00:00.999Z") };
    let state = granted(&terms)
        .and(late)
        .and(now(&terms, "2026-06-24T12:00:00Z", executed(date(2026, 6, 19))))
        .into_state();
    let refund = clock(REFUND, &state);
    assert_eq!(ended(&refund), Some(Outcome::Met));
    assert!(refund.breach.is_some_and(|breach| breach.voided));
}

#[test]
fn what_the_customer_does_not_want_is_owed_no_more() {
    let terms = law();
    let waived = ComplaintFact::RemedyWaived { remedy_id: REPAIR };
    let state = granted(&terms).and(now(&terms, "2026-06-12T12:00:00Z", waived)).into_state();
    let repair = clock(REPAIR, &state);
    assert_eq!((ended(&repair), repair.breach), (Some(Outcome::Cancelled), None));
}

#[test]
fn what_silence_granted_is_owed_no_more_once_there_was_no_silence() {
    let terms = law();
    let told = |time: &str, fact| now(&terms, time, fact);
    let withdrawn =
        ComplaintFact::AcceptanceWithdrawn { decision_id: DECISION, remedies: vec![REPAIR] };
    let state = granted(&terms).and(told("2026-06-12T12:00:00Z", withdrawn)).into_state();
    let repair = clock(REPAIR, &state);
    assert_eq!((ended(&repair), repair.breach), (Some(Outcome::Cancelled), None));
    assert!(clock(REFUND, &state).is_live(), "somebody has carried it out");
    assert_eq!(state.complaint.as_ref().unwrap().decisions, []);
}

#[test]
fn what_was_granted_is_owed_even_when_the_ticket_is_closed() {
    let terms = law();
    for reason in [CloseReason::Other, CloseReason::Withdrawn, CloseReason::Duplicate] {
        let closed = under(&terms, "2026-06-12T12:00:00Z", Fact::Closed { reason });
        let state = granted(&terms).and(closed).into_state();
        assert!(clock(REFUND, &state).is_live(), "{reason:?}");
    }
}

#[test]
fn the_same_decision_again_grants_nothing_more() {
    let terms = law();
    let again = decided(false, &[(REFUND, date(2026, 6, 20))]);
    granted(&terms).when(now(&terms, "2026-06-10T08:00:00Z", again)).then_nothing();
}
