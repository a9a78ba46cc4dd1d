//! A complaint's clocks: the laws that ask for an answer, each with its own days.
mod answer;
mod appeal;
mod remedy;
mod supplement;
mod walkthrough;

use jiff::civil::{Date, date};

use super::*;
use crate::calendar::Period;
use crate::identity::ConsumerStatus;
use crate::ids::{AppealId, ComplaintId, DecisionId, InfoRequestId, MessageId, RemedyId};
use crate::regime::sample::{consumer, contract, financial, house, payment, regime};
use crate::regime::{
    Ack, Appeal, Counting, CountsFrom, Draft as Law, MetBy, Occasion, Rank, Regimes, ReplyForm,
    SilenceEffect,
};

const COMPLAINT: ComplaintId = ComplaintId(Uuid::from_u128(500));
const DECISION: DecisionId = DecisionId(Uuid::from_u128(501));
const NOTICE: MessageId = MessageId(Uuid::from_u128(502));
const CONSUMER: &str = "PL_CONSUMER_GENERAL";
const FINANCIAL: &str = "PL_FINANCIAL";
const HOUSE: &str = "INTERNAL_STANDARD";

/// The house's regime of appeals: 30 days to appeal, 14 to decide.
fn appeals() -> Law {
    let mut draft = house();
    draft.code = "INTERNAL_APPEAL".into();
    (draft.scope.occasion, draft.scope.rank) = (Occasion::Appeal, Rank::General);
    draft.base.period = Period::CalendarDays(14);
    draft.filing_window = Some(Period::CalendarDays(30));
    draft
}

fn under_law(laws: impl IntoIterator<Item = Law>) -> Terms {
    let mut regimes = Regimes::default();
    for law in laws {
        regimes.publish(Arc::new(regime(law)));
    }
    // That there is no news has specs of its own.
    let mut draft = Policy::pl_standard().draft().clone();
    draft.no_news_updates.clear();
    Terms { regimes: Arc::new(regimes), ..promising(Policy::new(draft).unwrap()) }
}

/// Everything that the samples know.
fn law() -> Terms {
    under_law([consumer(), financial(), payment(), house(), contract(), appeals()])
}

fn version(code: &str) -> RegimeVersion {
    RegimeVersion { code: code.into(), version: 1 }
}

fn opened(codes: &[&str], counting: Counting, customer: ConsumerStatus) -> ComplaintFact {
    ComplaintFact::Opened {
        complaint_id: COMPLAINT,
        regimes: codes.iter().map(|code| version(code)).collect(),
        counting,
        customer,
        form: ReplyForm::Any,
        way: ReplyWay::default(),
    }
}

/// The notice of a longer time left, or arrived.
fn notice(delivered: bool, time: &str) -> ComplaintFact {
    ComplaintFact::MessageTold { message_id: NOTICE, delivered, at: at(time) }
}

fn now(terms: &Terms, time: &str, fact: ComplaintFact) -> Command {
    under(terms, time, Fact::Complaint(fact))
}

/// A P3 ticket received at that time, and a complaint under those laws a minute later.
fn complaint(terms: &Terms, received: &str, codes: &[&str]) -> Given<Clocks> {
    let registered = Fact::TicketRegistered(facts(received, Some(Priority::P3)));
    let counting = Counting::from_receipt(at(received));
    let opened_at = (at(received) + minutes(1)).to_string();
    let fact = opened(codes, counting, ConsumerStatus::Consumer);
    given::<Clocks>([]).and(under(terms, received, registered)).and(now(terms, &opened_at, fact))
}

fn decided(on_appeal: bool, remedies: &[(RemedyId, Date)]) -> ComplaintFact {
    let decision_id = if on_appeal { DecisionId(Uuid::from_u128(502)) } else { DECISION };
    ComplaintFact::Decided { decision_id, on_appeal, remedies: remedies.to_vec() }
}

fn proved(delivered: bool, time: &str) -> ComplaintFact {
    ComplaintFact::Evidenced { decision_id: DECISION, delivered, at: at(time) }
}

/// The clock of a law.
fn by_law(code: &str, state: &State) -> Clock {
    let basis = Basis::Regime { code: code.into(), version: 1 };
    let answers = state.clocks.iter().filter(|clock| clock.kind != ClockKind::StatutoryAck);
    answers.into_iter().rfind(|clock| clock.basis == basis).unwrap().clone()
}

fn day(clock: &Clock) -> Date {
    let Goal::LastDay { day, .. } = clock.goal else { panic!("{:?}", clock.goal) };
    day
}

fn ended(clock: &Clock) -> Option<Outcome> {
    match clock.phase {
        Phase::Stopped { outcome, .. } => Some(outcome),
        Phase::Running { .. } | Phase::Paused { .. } => None,
    }
}

fn due(state: &State, code: &str, time: &str) -> Command {
    Command::Fire { id: by_law(code, state).id.0, what: What::Breach, now: at(time) }
}

#[test]
fn a_law_has_a_clock_until_the_end_of_its_last_day() {
    // ST1: a Saturday in June; the fourteenth day is a Saturday, too.
    let terms = law();
    let received = "2026-06-13T09:00:00Z";
    let registered = Fact::TicketRegistered(facts(received, Some(Priority::P3)));
    let ticket = given::<Clocks>([]).and(under(&terms, received, registered));
    let counting = Counting::from_receipt(at(received));
    let fact = opened(&[CONSUMER], counting, ConsumerStatus::Consumer);
    let events = ticket.when(now(&terms, "2026-06-15T07:00:00Z", fact)).into_events();
    let Event::ComplaintNoted(noted) = &events[0] else { panic!("{events:?}") };
    assert_eq!((noted.complaint_id, noted.counting), (COMPLAINT, counting));
    let expected = Started {
        clock_id: clock_id(TICKET, ClockKind::StatutoryResponse, 1),
        ticket_id: TICKET,
        kind: ClockKind::StatutoryResponse,
        class: ClockClass::Statutory,
        cycle: 1,
        subject_ref: Some(COMPLAINT.0),
        promise: None,
        channel: None,
        basis: Basis::Regime { code: CONSUMER.into(), version: 1 },
        calendar: None,
        goal: Goal::LastDay { day: date(2026, 6, 29), unrolled: date(2026, 6, 27) },
        started_at: at(received),
        due_at: at("2026-06-29T21:59:59.999Z"),
        safe_due_at: Some(at("2026-06-26T15:00:00Z")),
        silence: Some(SilenceEffect::DeemedAccepted),
        warn_at: vec![
            Warn { percent: 50, at: at("2026-06-21T15:29:59Z") },
            Warn { percent: 75, at: at("2026-06-25T18:44:59Z") },
            Warn { percent: 90, at: at("2026-06-28T06:17:59Z") },
        ],
    };
    assert_eq!(events[1], Event::Started(Box::new(expected)));
    let Event::Started(internal) = &events[2] else { panic!("{events:?}") };
    assert_eq!(
        (internal.kind, internal.class),
        (ClockKind::InternalResponse, ClockClass::Internal)
    );
    // Nobody promises a solution beside the answer.
    assert_eq!(
        events.last(),
        Some(&Event::Stopped {
            clock_id: id(ClockKind::Resolution),
            at: at("2026-06-15T07:00:00Z"),
            outcome: Outcome::Cancelled,
            elapsed: minutes(9 * 60),
            stop_event_id: EVENT,
        })
    );
}

#[test]
fn several_laws_run_side_by_side_and_the_goal_of_the_house_with_them() {
    let terms = law();
    let received = "2026-04-28T07:00:00Z";
    let given = complaint(&terms, received, &[FINANCIAL, "PL_PAYMENT_SERVICES"]);
    let state = given.into_state();
    let cycles: Vec<_> = state
        .live(ClockKind::StatutoryResponse)
        .map(|clock| (clock.cycle, day(clock), clock.class))
        .collect();
    let statutory = ClockClass::Statutory;
    // 30 days, and 15 working days: 1 May is a holiday.
    assert_eq!(cycles, [(1, date(2026, 5, 28), statutory), (2, date(2026, 5, 20), statutory)]);
    // ST8.
    let internal = of(ClockKind::InternalResponse, &state);
    assert_eq!((day(&internal), internal.silence), (date(2026, 5, 8), Some(SilenceEffect::None)));
    let first = state.clocks.iter().filter(|clock| clock.kind.awaits_decision());
    let first = first.filter_map(|clock| clock.due_at).min();
    assert_eq!(first, internal.due_at);
}

#[test]
fn neither_a_priority_nor_a_wait_gives_the_law_another_day() {
    let terms = law();
    let given = complaint(&terms, "2026-06-01T08:00:00Z", &[CONSUMER])
        .and(under(&terms, "2026-06-01T09:00:00Z", held()))
        .and(under(&terms, "2026-06-01T09:30:00Z", raised(Priority::P1)));
    let clock = by_law(CONSUMER, &given.into_state());
    assert!(matches!(clock.phase, Phase::Running { .. }));
    assert_eq!(day(&clock), date(2026, 6, 15));
}

#[test]
fn a_contract_is_a_promise_to_the_customer_and_silence_means_nothing() {
    let terms = law();
    let state = complaint(&terms, "2026-06-01T08:00:00Z", &["B2B_CONTRACT"]).into_state();
    let clock = by_law("B2B_CONTRACT", &state);
    assert_eq!((clock.kind, clock.class), (ClockKind::StatutoryResponse, ClockClass::Sla));
    assert_eq!(clock.silence, Some(SilenceEffect::None));
}

fn clock_ended(state: &State) -> bool {
    !state.has_live(ClockKind::StatutoryResponse)
}

#[test]
fn days_count_from_what_the_law_says() {
    let mut filed = financial();
    filed.base.from = CountsFrom::Filed;
    let mut warranty = consumer();
    (warranty.code, warranty.base.from) = ("PL_WARRANTY".into(), CountsFrom::ItemDelivered);
    let terms = under_law([filed, warranty]);
    let received = "2026-06-10T08:00:00Z";
    let registered = Fact::TicketRegistered(facts(received, Some(Priority::P3)));
    let ticket = || given::<Clocks>([]).and(under(&terms, received, registered.clone()));
    let counting = Counting {
        filed_at: Some(at("2026-06-08T08:00:00Z")),
        ..Counting::from_receipt(at(received))
    };
    let both = [FINANCIAL, "PL_WARRANTY"];
    let open = |counting| now(&terms, received, opened(&both, counting, ConsumerStatus::Consumer));
    let state = ticket().when(open(counting)).into_state();
    let clock = by_law(FINANCIAL, &state);
    assert_eq!((clock.started_at, day(&clock)), (counting.filed_at.unwrap(), date(2026, 7, 8)));
    // The thing has not come: that law asks for nothing yet.
    assert_eq!(state.live(ClockKind::StatutoryResponse).count(), 1);
    let item_delivered_at = Some(at("2026-06-15T08:00:00Z"));
    let state = ticket().when(open(Counting { item_delivered_at, ..counting })).into_state();
    assert_eq!(day(&by_law("PL_WARRANTY", &state)), date(2026, 6, 29));
    // Where no law asks for anything the promise of a solution stands, until the thing comes.
    let warranty = opened(&["PL_WARRANTY"], counting, ConsumerStatus::Consumer);
    let waiting = || ticket().and(now(&terms, received, warranty.clone()));
    assert!(waiting().into_state().has_live(ClockKind::Resolution));
    let came = ComplaintFact::ItemDelivered { at: at("2026-06-15T08:00:00Z") };
    let noted = "2026-06-15T09:00:00Z";
    let here = || waiting().and(now(&terms, noted, came.clone()));
    let state = here().into_state();
    let clock = by_law("PL_WARRANTY", &state);
    assert_eq!((clock.started_at, day(&clock)), (at("2026-06-15T08:00:00Z"), date(2026, 6, 29)));
    assert!(!state.has_live(ClockKind::Resolution));
    here().when(now(&terms, noted, came.clone())).then_nothing();
    let none = ComplaintFact::Reclassified { regimes: Vec::new(), form: None };
    let state = here().and(now(&terms, "2026-06-15T10:00:00Z", none)).into_state();
    assert!(state.has_live(ClockKind::Resolution) && clock_ended(&state));
}

#[test]
fn a_law_may_want_a_confirmation_and_an_answer_on_paper_leaves_earlier() {
    let mut telecom = financial();
    telecom.ack = Some(Ack { period: Period::CalendarDays(14), durable: true });
    let terms = under_law([telecom]);
    let received = "2026-03-23T08:00:00Z";
    let registered = Fact::TicketRegistered(facts(received, Some(Priority::P3)));
    let ComplaintFact::Opened { complaint_id, regimes, counting, customer, .. } =
        opened(&[FINANCIAL], Counting::from_receipt(at(received)), ConsumerStatus::Consumer)
    else {
        unreachable!()
    };
    let (form, way) = (ReplyForm::Any, ReplyWay { by_letter: true, filed_on_paper: false });
    let fact = ComplaintFact::Opened { complaint_id, regimes, counting, customer, form, way };
    let open = given::<Clocks>([])
        .and(under(&terms, received, registered))
        .and(now(&terms, received, fact));
    let state = open.when(now(&terms, "2026-03-25T08:00:00Z", ComplaintFact::AckSent)).into_state();
    let ack = of(ClockKind::StatutoryAck, &state);
    assert_eq!((day(&ack), ended(&ack)), (date(2026, 4, 7), Some(Outcome::Met)));
    assert_eq!((ack.class, ack.silence), (ClockClass::Statutory, None));
    let answer = by_law(FINANCIAL, &state);
    // The thirtieth day is a Wednesday; paper leaves three working days before it.
    assert_eq!(answer.safe_due_at, Some(at("2026-04-17T15:00:00Z")));
}

#[test]
fn an_answer_in_a_form_that_no_mail_has_leaves_earlier() {
    let terms = law();
    let received = "2026-03-23T08:00:00Z";
    let (paper, mail) = (at("2026-04-17T15:00:00Z"), at("2026-04-22T15:00:00Z"));
    let safe = |form, filed_on_paper, reclassified: Option<ReplyForm>| {
        let ComplaintFact::Opened { complaint_id, regimes, counting, customer, .. } =
            opened(&[FINANCIAL], Counting::from_receipt(at(received)), ConsumerStatus::Consumer)
        else {
            unreachable!()
        };
        let way = ReplyWay { by_letter: false, filed_on_paper };
        let fact = ComplaintFact::Opened {
            complaint_id,
            regimes: regimes.clone(),
            counting,
            customer,
            form,
            way,
        };
        let registered = Fact::TicketRegistered(facts(received, Some(Priority::P3)));
        let open = given::<Clocks>([])
            .and(under(&terms, received, registered))
            .and(now(&terms, received, fact));
        let other = ComplaintFact::Reclassified { regimes, form: reclassified };
        let state = open.and(now(&terms, "2026-03-25T08:00:00Z", other)).into_state();
        let clock = by_law(FINANCIAL, &state);
        assert_eq!(day(&clock), date(2026, 4, 22));
        clock.safe_due_at.unwrap()
    };
    use ReplyForm::{Any, Electronic, SameAsFiled, WrittenSigned};
    assert_eq!(safe(WrittenSigned, false, None), paper);
    assert_eq!(safe(SameAsFiled, true, None), paper);
    assert_eq!(safe(SameAsFiled, false, None), mail);
    assert_eq!(safe(Any, true, None), mail);
    assert_eq!(safe(Any, true, Some(SameAsFiled)), paper);
    assert_eq!(safe(Electronic, false, Some(WrittenSigned)), paper);
    assert_eq!(safe(WrittenSigned, false, Some(Electronic)), mail);
}

#[test]
fn other_law_counts_from_receipt_too() {
    let terms = law();
    let open = || complaint(&terms, "2026-06-01T08:00:00Z", &[CONSUMER]);
    let regimes = vec![version(FINANCIAL)];
    let other = ComplaintFact::Reclassified { regimes, form: None };
    let state = open().when(now(&terms, "2026-06-10T08:00:00Z", other)).into_state();
    assert_eq!(ended(&by_law(CONSUMER, &state)), Some(Outcome::Cancelled));
    let clock = by_law(FINANCIAL, &state);
    assert_eq!((clock.started_at, day(&clock)), (at("2026-06-01T08:00:00Z"), date(2026, 7, 1)));
    // What stays goes on as it is.
    assert!(by_law(HOUSE, &state).is_live());
    assert_eq!(state.live(ClockKind::InternalResponse).count(), 1);
}

#[test]
fn what_was_no_complaint_is_to_be_solved_again() {
    let terms = law();
    let none = ComplaintFact::Reclassified { regimes: Vec::new(), form: None };
    let state = complaint(&terms, "2026-06-01T08:00:00Z", &[CONSUMER])
        .when(now(&terms, "2026-06-20T08:00:00Z", none))
        .into_state();
    assert_eq!(state.complaint, None);
    let clock = by_law(CONSUMER, &state);
    // It was late by then, but the law never asked.
    assert_eq!((ended(&clock), clock.breach), (Some(Outcome::Cancelled), None));
    let solution = of(ClockKind::Resolution, &state);
    assert!(solution.is_live());
    assert_eq!(solution.due_at, Some(at("2026-06-02T08:00:00Z")));
    let again = opened(
        &[CONSUMER],
        Counting::from_receipt(at("2026-06-01T08:00:00Z")),
        ConsumerStatus::Consumer,
    );
    let twice = complaint(&terms, "2026-06-01T08:00:00Z", &[CONSUMER]);
    twice.when(now(&terms, "2026-06-02T08:00:00Z", again)).then_nothing();
}

#[test]
fn what_was_no_complaint_has_the_target_of_its_priority() {
    let terms = law();
    let none = || ComplaintFact::Reclassified { regimes: Vec::new(), form: None };
    let open = || complaint(&terms, "2026-06-01T08:00:00Z", &[CONSUMER]);
    let urgent = under(&terms, "2026-06-01T09:00:00Z", raised(Priority::P1));
    let state = open().and(urgent).and(now(&terms, "2026-06-01T10:00:00Z", none())).into_state();
    let solution = of(ClockKind::Resolution, &state);
    assert_eq!(solution.goal, Goal::Target(minutes(4 * 60)));
    // Two hours have counted.
    assert_eq!(solution.due_at, Some(at("2026-06-01T12:00:00Z")));
    // Late by the old target, and not by the new one.
    let easy = under(&terms, "2026-06-01T09:00:00Z", raised(Priority::P4));
    let state = open().and(easy).and(now(&terms, "2026-06-02T10:00:00Z", none())).into_state();
    let solution = of(ClockKind::Resolution, &state);
    assert_eq!((solution.goal, solution.breach), (Goal::Target(minutes(48 * 60)), None));
    assert_eq!(solution.due_at, Some(at("2026-06-03T08:00:00Z")));
    // A workaround lowers no promise.
    let mitigated = Fact::PriorityChanged { priority: Priority::P4, mitigated: true };
    let state = open()
        .and(under(&terms, "2026-06-01T09:00:00Z", mitigated))
        .and(now(&terms, "2026-06-01T10:00:00Z", none()))
        .into_state();
    assert_eq!(of(ClockKind::Resolution, &state).goal, Goal::Target(minutes(24 * 60)));
}

#[test]
fn waits_for_the_customer_do_not_count_for_what_was_no_complaint() {
    let terms = law();
    let none = || ComplaintFact::Reclassified { regimes: Vec::new(), form: None };
    // Monday, 10:00 in Warsaw; asked at 11:00, answered on Wednesday at 11:00.
    let asked = || {
        let open = complaint(&terms, "2026-06-01T08:00:00Z", &[CONSUMER]);
        open.and(under(&terms, "2026-06-01T09:00:00Z", held()))
    };
    let answered = under(&terms, "2026-06-03T09:00:00Z", Fact::Unheld { hold_id: HOLD });
    let state = asked().and(answered).and(now(&terms, "2026-06-03T10:00:00Z", none())).into_state();
    let solution = of(ClockKind::Resolution, &state);
    assert_eq!((solution.carried, solution.breach), (minutes(120), None));
    // Corpus Christi is on the fourth: 22 hours are left from Wednesday, 12:00.
    assert_eq!(solution.due_at, Some(at("2026-06-05T08:00:00Z")));
    // The customer has not answered yet.
    let state = asked().and(now(&terms, "2026-06-03T10:00:00Z", none())).into_state();
    let solution = of(ClockKind::Resolution, &state);
    assert_eq!((solution.carried, solution.breach), (minutes(60), None));
    assert!(matches!(solution.phase, Phase::Paused { hold_id: HOLD, .. }));
}

#[test]
fn a_complaint_that_is_given_up_ends_its_clocks_and_one_that_is_closed_does_not() {
    let terms = law();
    let open = || complaint(&terms, "2026-06-01T08:00:00Z", &[CONSUMER]);
    for (reason, ends) in [
        (CloseReason::Withdrawn, true),
        (CloseReason::Duplicate, true),
        (CloseReason::Other, false),
        (CloseReason::Confirmed, false),
    ] {
        let closed = under(&terms, "2026-06-02T08:00:00Z", Fact::Closed { reason });
        let state = open().when(closed).into_state();
        let outcome = ends.then_some(Outcome::Cancelled);
        assert_eq!(ended(&by_law(CONSUMER, &state)), outcome, "{reason:?}");
        assert!(!by_law(HOUSE, &state).is_live(), "{reason:?}");
    }
}

#[test]
fn a_law_that_is_not_at_hand_is_an_error() {
    let terms = law();
    let received = "2026-06-01T08:00:00Z";
    let registered = Fact::TicketRegistered(facts(received, Some(Priority::P3)));
    let counting = Counting::from_receipt(at(received));
    let fact = opened(&["PL_POSTAL"], counting, ConsumerStatus::Consumer);
    given::<Clocks>([])
        .and(under(&terms, received, registered))
        .when(now(&terms, received, fact))
        .then_rejected(Rejection::UnknownRegime(version("PL_POSTAL")));
}
