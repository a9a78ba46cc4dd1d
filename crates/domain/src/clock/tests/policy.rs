//! What a policy promises, and under which version.
use super::*;

#[test]
fn a_calendar_that_is_not_at_hand_is_an_error() {
    let none = Terms { calendars: Arc::default(), ..terms() };
    let late = under(&none, "2026-06-01T14:00:00Z", held());
    let missing = CalendarRef { id: "PL_WORKDAY24".into(), version: 1 };
    monday().when(late).then_rejected(Rejection::UnknownCalendarVersion(missing));
    let fact = Fact::TicketRegistered(facts("2026-06-01T08:00:00Z", Some(Priority::P3)));
    let command = under(&none, "2026-06-01T08:00:00Z", fact);
    given::<Clocks>([]).when(command).then_rejected(Rejection::UnknownCalendar("ALWAYS".into()));
}

#[test]
fn the_standard_policy_promises_by_channel() {
    let policy = Policy::pl_standard();
    let target = |priority, kind, channel| policy.rule(priority, kind, channel).unwrap().target;
    let first = ClockKind::FirstReply;
    assert_eq!(target(Priority::P4, first, Channel::Email), minutes(60));
    assert_eq!(target(Priority::P4, first, Channel::Portal), minutes(240));
    assert_eq!(target(Priority::P3, first, Channel::Chat), minutes(1));
    assert_eq!(target(Priority::P1, ClockKind::Resolution, Channel::Api), minutes(240));
    assert_eq!(target(Priority::P2, ClockKind::Ack, Channel::Letter), minutes(48 * 60));
    let at_hand = calendars();
    assert!(policy.rules().iter().all(|r| at_hand.at(&r.calendar, Timestamp::MIN).is_some()));
}

#[test]
fn a_policy_that_makes_no_sense_is_refused() {
    let refused = |change: fn(&mut Draft)| {
        let standard = Policy::pl_standard();
        let mut draft = Draft {
            id: "X".into(),
            version: 1,
            rules: standard.rules().to_vec(),
            warn_percents: vec![50, 75, 90],
            ..Draft::default()
        };
        change(&mut draft);
        Policy::new(draft).unwrap_err()
    };
    let (priority, kind) = (Priority::P1, ClockKind::FirstReply);
    assert_eq!(refused(|d| d.id.clear()), PolicyError::Name);
    assert_eq!(refused(|d| d.version = 0), PolicyError::Version);
    assert_eq!(refused(|d| d.warn_percents = vec![75, 50]), PolicyError::WarnPercents);
    assert_eq!(refused(|d| d.warn_percents = vec![100]), PolicyError::WarnPercents);
    assert_eq!(
        refused(|d| d.rules[2].target = Duration::ZERO),
        PolicyError::Target { priority, kind }
    );
    let long = PolicyError::FirstReplyTooLong(priority);
    assert_eq!(refused(|d| d.rules[2].target = minutes(241)), long);
    let kind = ClockKind::Remedy;
    assert_eq!(
        refused(|d| d.rules[0].kind = ClockKind::Remedy),
        PolicyError::KindWithoutTarget(kind)
    );
    let kind = ClockKind::Assign;
    assert_eq!(
        refused(|d| d.rules.push(d.rules[8].clone())),
        PolicyError::Unreachable { priority, kind }
    );
    let kind = ClockKind::FirstReply;
    assert_eq!(refused(|d| d.rules.clear()), PolicyError::Missing { priority, kind });
    assert_eq!(refused(|d| d.retarget_min_remaining[0] = minutes(1441)), PolicyError::MinRemaining);
}

#[test]
fn a_ticket_keeps_the_policy_and_the_calendar_of_its_time() {
    let mut later = terms();
    let policies = Arc::make_mut(&mut later.policies);
    let standard = Policy::pl_standard();
    let rules = standard.rules().iter().cloned().map(|mut rule| {
        rule.target /= 2;
        rule
    });
    let draft = Draft { id: "FAST".into(), version: 1, rules: rules.collect(), ..Draft::default() };
    policies.publish(Arc::new(Policy::new(draft).unwrap()), at("2026-06-01T09:00:00Z"));
    let mut always = crate::calendar::Draft { id: "PL_BH_0917".into(), ..Default::default() };
    (always.version, always.zone, always.always) = (2, "UTC".into(), true);
    let always = crate::calendar::Calendar::new(always).unwrap();
    let always = Arc::new(PreparedCalendar::new(always, 2026..=2026));
    Arc::make_mut(&mut later.calendars).publish(always, at("2026-06-02T00:00:00Z"));

    let next = |received: &str, time: &str| {
        let fact = Fact::TicketRegistered(facts(received, Some(Priority::P3)));
        let answered = given::<Clocks>([]).and(under(&later, received, fact)).and(under(
            &later,
            received,
            reply(),
        ));
        let state = answered.when(under(&later, time, inbound())).into_state();
        let clock = of(ClockKind::NextReply, &state);
        let Basis::Policy { id, .. } = clock.basis else { panic!("policies demand replies") };
        (id, clock.calendar.unwrap().version, clock.due_at.unwrap())
    };
    let same_day = "2026-06-01T12:00:00Z";
    let old = next("2026-06-01T08:00:00Z", same_day);
    assert_eq!(old, ("PL_STANDARD".to_owned(), 1, at("2026-06-02T08:00:00Z")));
    let new = next("2026-06-01T09:00:00Z", same_day);
    assert_eq!(new, ("FAST".to_owned(), 1, at("2026-06-01T14:00:00Z")));
    // The new calendar has no closing time.
    let old = next("2026-06-01T08:00:00Z", "2026-06-02T22:00:00Z");
    assert_eq!(old, ("PL_STANDARD".to_owned(), 2, at("2026-06-03T02:00:00Z")));
}
