//! The same days as clocks of complaints: one law after the other, and two at once.
use std::sync::Arc;

use domain::calendar::{HolidaySet, Period, StatutoryDue};
use domain::clock::{
    Clock, ClockKind, ComplaintFact, Fact, Goal, RegimeVersion, ReplyWay, Terms, What, due_timers,
};
use domain::identity::ConsumerStatus;
use domain::ids::{ComplaintId, TicketId};
use domain::policy::{Entitlement, Policies, Policy};
use domain::priority::{Channel, TicketType};
use domain::regime::{
    Appeal, Basis, Confidence, Counting, CountsFrom, DecisionContent, Draft, MetBy, Occasion, Rank,
    Regime, Regimes, ReplyForm, Scope, SilenceEffect, Term,
};
use jiff::civil::{date, time};
use uuid::Uuid;

use super::{Row, Ticket, at};

/// A complaint received as the case says has a clock that is due when the case says, also
/// beside the goal of the house.
pub(super) fn check(row: &Row, period: Period, due: &StatutoryDue) {
    let id = &row["id"];
    let (law, house) = (regime("LAW", Basis::Law, period), regime("HOUSE", Basis::House, WEEK));
    let mut regimes = Regimes::default();
    for regime in [&law, &house] {
        regimes.publish(Arc::clone(regime));
    }
    let terms = Terms {
        policies: Arc::new(Policies::new(Arc::new(Policy::pl_standard()))),
        calendars: Arc::default(),
        regimes: Arc::new(regimes),
    };
    let received_at = at(row, "received");
    let mut ticket = Ticket { state: domain::clock::State::default(), terms };
    ticket.observe(
        received_at,
        Fact::TicketRegistered(domain::clock::TicketFacts {
            ticket_id: TicketId(Uuid::from_u128(7)),
            received_at,
            channel: Channel::Email,
            has_requester: false,
            awaits_reply: false,
            // Nothing but the complaint has clocks until it is settled.
            priority: None,
            entitlement: Entitlement::of_type(TicketType::Complaint),
            solved_at: None,
            extension: None,
        }),
    );
    ticket.observe(
        received_at,
        Fact::Complaint(ComplaintFact::Opened {
            complaint_id: ComplaintId(Uuid::from_u128(8)),
            regimes: [&law, &house]
                .map(|r| RegimeVersion { code: r.code().to_owned(), version: r.version() })
                .into(),
            counting: Counting::from_receipt(received_at),
            customer: ConsumerStatus::Consumer,
            form: ReplyForm::Any,
            way: ReplyWay::default(),
        }),
    );
    let clock = |kind| -> &Clock { ticket.state.latest(kind).unwrap() };
    let answer = clock(ClockKind::StatutoryResponse);
    let goal = Goal::LastDay { day: due.last_day, unrolled: due.unrolled };
    assert_eq!((answer.goal, answer.due_at), (goal, Some(due.due_at)), "{id}");
    assert_eq!(answer.safe_due_at, Some(due.safe_due_at), "{id}");
    let internal = clock(ClockKind::InternalResponse);
    let counting = Counting::from_receipt(received_at);
    let week = house.due(&counting, domain::regime::Dispatch::Electronic).unwrap();
    assert_eq!(internal.due_at, Some(week.due_at), "{id}");
    // Each wakes up for its own breach, the earlier one first.
    let breaches: Vec<_> = due_timers(&ticket.state)
        .into_iter()
        .filter(|timer| timer.what == What::Breach)
        .map(|timer| timer.id)
        .collect();
    let mut expected = [answer, internal];
    expected.sort_by_key(|clock| clock.due_at);
    assert_eq!(breaches, expected.map(|clock| clock.id.0), "{id}");
}

const WEEK: Period = Period::BusinessDays(7);

fn regime(code: &str, basis: Basis, period: Period) -> Arc<Regime> {
    let house = basis == Basis::House;
    Arc::new(
        Regime::new(Draft {
            code: code.to_owned(),
            version: 1,
            title: code.to_owned(),
            valid_from: date(2020, 1, 1),
            valid_to: None,
            zone: "Europe/Warsaw".to_owned(),
            holidays: Some(HolidaySet::polish()),
            basis,
            disabled: false,
            scope: Scope {
                occasion: Occasion::Complaint,
                rank: if house { Rank::Parallel } else { Rank::General },
                sectors: Vec::new(),
                subjects: Vec::new(),
                consumers: Vec::new(),
                countries: Vec::new(),
            },
            base: Term { period, from: CountsFrom::Received },
            extension: None,
            roll_forward: true,
            silence: SilenceEffect::None,
            business_silence: None,
            rebuttable: false,
            met_by: MetBy::Sent,
            ack: None,
            incomplete: None,
            reply_form: ReplyForm::Any,
            must_contain: vec![DecisionContent::Decision],
            appeal: Appeal::default(),
            may_decide_automatically: false,
            may_reject_automatically: false,
            resend_on_request: None,
            filing_window: None,
            duties: Vec::new(),
            closing: time(17, 0, 0, 0),
            paper_lead_days: 3,
            sources: vec!["a case".to_owned()],
            verified_on: date(2026, 11, 21),
            confidence: Confidence::Policy,
            note: "A case.".to_owned(),
        })
        .unwrap(),
    )
}
