//! A complaint by e-mail before a long weekend, answered, appealed and put right.
use super::*;

const REPLACEMENT: RemedyId = RemedyId(Uuid::from_u128(901));
const REFUND: RemedyId = RemedyId(Uuid::from_u128(902));

#[test]
fn a_consumer_complains_on_thursday_evening() {
    let terms = law();
    // 21:15 in Warsaw; Friday, 1 May, is a holiday.
    let received = "2026-04-30T19:15:00Z";
    let open = complaint(&terms, received, &[CONSUMER]);
    let asked = "2026-05-04T07:20:00Z";
    let state = open.into_state();
    let answer = by_law(CONSUMER, &state);
    assert_eq!(day(&answer), date(2026, 5, 14));
    assert_eq!(answer.safe_due_at, Some(at("2026-05-14T15:00:00Z")));
    assert_eq!(day(&by_law(HOUSE, &state)), date(2026, 5, 12));
    assert_eq!(of(ClockKind::FirstReply, &state).due_at, Some(at("2026-05-04T08:00:00Z")));
    let decision = "2026-05-07T11:00:00Z";
    let (told, appealed) = ("2026-05-07T11:02:00Z", "2026-05-12T08:00:00Z");
    let appeal_id = AppealId(Uuid::from_u128(903));
    let replaced = decided(false, &[(REPLACEMENT, date(2026, 5, 21))]);
    let refunded = decided(true, &[(REFUND, date(2026, 6, 3))]);
    let on_appeal = ComplaintFact::Evidenced {
        decision_id: DecisionId(Uuid::from_u128(502)),
        delivered: true,
        at: at("2026-05-20T09:01:00Z"),
    };
    let executed =
        |remedy_id, executed_on| ComplaintFact::RemedyExecuted { remedy_id, executed_on };
    let state = complaint(&terms, received, &[CONSUMER])
        .and(under(&terms, asked, reply()))
        .and(under(&terms, asked, held()))
        .and(under(&terms, "2026-05-04T16:07:00Z", Fact::Unheld { hold_id: HOLD }))
        .and(now(&terms, decision, replaced))
        .and(under(&terms, decision, Fact::Resolved))
        .and(now(&terms, "2026-05-07T11:00:05Z", proved(false, "2026-05-07T11:00:05Z")))
        .and(now(&terms, told, proved(true, told)))
        .and(now(
            &terms,
            appealed,
            ComplaintFact::AppealFiled { appeal_id, received_at: at(appealed) },
        ))
        .and(under(&terms, appealed, Fact::Reopened { trigger: ReopenTrigger::Appeal }))
        .and(now(&terms, "2026-05-15T09:00:00Z", executed(REPLACEMENT, date(2026, 5, 15))))
        .and(now(&terms, "2026-05-20T09:00:00Z", refunded))
        .and(under(&terms, "2026-05-20T09:00:00Z", Fact::Resolved))
        .and(now(&terms, "2026-05-20T09:01:00Z", on_appeal))
        .and(now(&terms, "2026-05-22T09:00:00Z", executed(REFUND, date(2026, 5, 22))))
        .into_state();
    let of_complaint: Vec<_> = state
        .clocks
        .iter()
        .filter(|clock| clock.kind.is_of_complaint())
        .map(|clock| (clock.kind, day(clock), ended(clock), clock.breach))
        .collect();
    let met = Some(Outcome::Met);
    assert_eq!(
        of_complaint,
        [
            (ClockKind::StatutoryResponse, date(2026, 5, 14), met, None),
            (ClockKind::InternalResponse, date(2026, 5, 12), met, None),
            (ClockKind::Remedy, date(2026, 5, 21), met, None),
            (ClockKind::AppealResponse, date(2026, 5, 26), met, None),
            (ClockKind::Remedy, date(2026, 6, 3), met, None),
        ]
    );
    // No second appeal: five working days after the solution it is closed.
    let timers: Vec<_> = state.timers.iter().map(|t| (t.kind, t.fires_at)).collect();
    assert_eq!(timers, [(TimerKind::AutoClose, at("2026-05-27T09:00:00Z"))]);
}
