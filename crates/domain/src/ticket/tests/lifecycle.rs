//! The life of a ticket, one behaviour per test.
use super::*;
use crate::priority::Priority;
use crate::spec::{Given, given};

fn ticket() -> Given<Ticket> {
    given::<Ticket>([]).and(Command::Register(register()))
}

fn priority_changed(
    impact: Level,
    urgency: Level,
    priority: Priority,
    previous: Option<Priority>,
) -> Event {
    let initial = previous.is_none();
    Event::PriorityChanged(PriorityChanged {
        impact: Impact(impact),
        urgency: Urgency(urgency),
        priority,
        previous,
        cause: if initial { PriorityCause::Initial } else { PriorityCause::Misassessed },
        reason: if initial { String::new() } else { "more customers".to_owned() },
    })
}

#[test]
fn a_registered_ticket_gets_its_first_priority() {
    given::<Ticket>([]).when(Command::Register(register())).then([
        Event::Registered(registered()),
        priority_changed(Level::Medium, Level::Medium, Priority::P3, None),
    ]);
}

#[test]
fn a_known_category_is_recorded_at_registration() {
    let classification = Some(Box::new(classified(TicketType::Incident)));
    let command = Register { classified: classification, ..register() };
    given::<Ticket>([]).when(Command::Register(command)).then([
        Event::Registered(registered()),
        Event::Classified(classified(TicketType::Incident)),
        priority_changed(Level::Medium, Level::Medium, Priority::P3, None),
    ]);
}

#[test]
fn a_requester_who_is_recognised_is_linked_at_registration() {
    let party_id = registered().requester.unwrap().party_id;
    for identification in [Identification::Matched, Identification::Verified] {
        let command = Register { identification, ..register() };
        given::<Ticket>([]).when(Command::Register(command)).then([
            Event::Registered(registered()),
            priority_changed(Level::Medium, Level::Medium, Priority::P3, None),
            Event::PartyLinked(PartyLinked {
                party_id,
                role: PartyRole::Requester,
                identification,
                replaced: None,
            }),
        ]);
    }
}

#[test]
fn a_ticket_is_registered_once() {
    ticket().when(Command::Register(register())).then_rejected(Rejection::AlreadyRegistered);
}

#[test]
fn somebody_must_ask_unless_monitoring_does() {
    let nobody = Registered { requester: None, ..registered() };
    let alert = Registered { channel: Channel::Monitoring, ..nobody.clone() };
    let long_ago = Command::Register(Register { backdating: Backdating::Denied, ..register() });
    given::<Ticket>([]).when(long_ago).then_rejected(Rejection::BackdatingDenied);
    let saying = |backdating| Command::Register(Register { backdating, ..register() });
    let unexplained = given::<Ticket>([]).when(saying(Backdating::Unexplained));
    unexplained.then_rejected(Rejection::BackdateReasonMissing);
    let because = saying(Backdating::Because("the letter lay in the post room".to_owned()));
    let state = given::<Ticket>([]).and(because).into_state();
    let reason = &state.facts().unwrap().registered.backdate_reason;
    assert_eq!(reason.as_deref(), Some("the letter lay in the post room"));
    let command = |registered| Command::Register(Register { registered, ..register() });
    given::<Ticket>([]).when(command(nobody)).then_rejected(Rejection::RequesterMissing);
    given::<Ticket>([]).when(command(alert)).into_events();
}

#[test]
fn a_complaint_is_never_below_p3() {
    let registered = Registered { kind: TicketType::Complaint, ..registered() };
    let command = Register {
        registered: registered.clone(),
        impact: Impact(Level::Low),
        urgency: Urgency(Level::Low),
        ..register()
    };
    given::<Ticket>([]).when(Command::Register(command)).then([
        Event::Registered(registered),
        priority_changed(Level::Low, Level::Low, Priority::P3, None),
    ]);
}

#[test]
fn a_message_of_the_customer_changes_no_running_work() {
    let said = added(5, MessageDirection::Inbound, MessagePurpose::Reply, false);
    ticket().when(inbound(5)).then([said.clone()]);
    ticket().and(start_work()).when(inbound(5)).then([said]);
}

#[test]
fn a_message_of_the_customer_ends_the_wait_for_the_customer() {
    ticket().and(start_work()).and(hold_for_customer()).when(inbound(5)).then([
        added(5, MessageDirection::Inbound, MessagePurpose::Reply, false),
        Event::Unheld { hold_id: hold(), trigger: UnholdTrigger::CustomerReply },
    ]);
}

#[test]
fn a_message_of_the_customer_does_not_end_the_wait_for_somebody_else() {
    ticket().and(start_work()).and(hold_for_third_party()).when(inbound(5)).then([added(
        5,
        MessageDirection::Inbound,
        MessagePurpose::Reply,
        false,
    )]);
}

#[test]
fn what_a_machine_of_the_customer_sent_answers_nothing() {
    let message = NewMessage { author_kind: AuthorKind::Bot, ..message(5) };
    let absent = Command::AddInboundMessage { message, follow_up: ticket_id(900) };
    let said = added(5, MessageDirection::Inbound, MessagePurpose::Reply, false);
    let Event::MessageAdded(said) = said else { unreachable!() };
    let said = Event::MessageAdded(MessageAdded { author_kind: AuthorKind::Bot, ..said });
    let working = || ticket().and(start_work());
    working().and(hold_for_customer()).when(absent.clone()).then([said.clone()]);
    working().and(resolve()).when(absent).then([said]);
}

#[test]
fn a_message_of_the_customer_reopens_a_resolved_ticket() {
    ticket().and(start_work()).and(resolve()).when(inbound(5)).then([
        added(5, MessageDirection::Inbound, MessagePurpose::Reply, false),
        Event::Reopened(Reopened {
            reopen_no: 1,
            trigger: ReopenTrigger::CustomerMessage,
            message_id: Some(message(5).message_id),
            reason: String::new(),
        }),
    ]);
}

#[test]
fn an_answer_starts_the_work_on_a_new_ticket() {
    let reply = added(6, MessageDirection::Outbound, MessagePurpose::Reply, true);
    ticket().when(send_reply(6)).then([reply.clone(), Event::WorkStarted { agent_id: agent() }]);
    ticket().and(start_work()).when(send_reply(6)).then([reply]);
}

#[test]
fn an_answer_of_a_bot_is_no_reply() {
    let message = NewMessage { author_kind: AuthorKind::Bot, ..message(6) };
    let Command::SendReply(reply) = send_reply(6) else { unreachable!() };
    let events = ticket()
        .and(start_work())
        .when(Command::SendReply(SendReply { message, ..reply }))
        .into_events();
    assert!(matches!(&events[..], [Event::MessageAdded(added)] if !added.is_reply));
}

#[test]
fn asking_the_customer_sends_the_question_and_waits() {
    ticket().and(start_work()).when(hold_for_customer()).then([
        added(50, MessageDirection::Outbound, MessagePurpose::Question, true),
        Event::Held(Held {
            hold_id: hold(),
            kind: HoldKind::Customer,
            reason: String::new(),
            question_message_id: Some(message(50).message_id),
            vendor_id: None,
            expected_by: None,
        }),
    ]);
}

#[test]
fn a_data_subject_waits_only_in_doubt_about_identity() {
    let open =
        || given::<Ticket>([]).and(of_type(TicketType::DataSubjectRequest)).and(start_work());
    open().when(hold_for_customer()).then_rejected(Rejection::DataSubjectMayNotWait);
    let Command::HoldForCustomer(hold) = hold_for_customer() else { unreachable!() };
    open()
        .when(Command::HoldForCustomer(HoldForCustomer { identity_doubt: true, ..hold }))
        .into_events();
}

#[test]
fn another_companys_answer_is_expected_in_the_future() {
    let Command::HoldForThirdParty(hold) = hold_for_third_party() else { unreachable!() };
    ticket()
        .and(start_work())
        .when(Command::HoldForThirdParty(HoldForThirdParty { expected_by: hold.now, ..hold }))
        .then_rejected(Rejection::ExpectedInThePast);
}

#[test]
fn only_an_imported_ticket_takes_over_waits() {
    let take_over = || Command::TakeOverHold { hold_id: hold(), kind: HoldKind::Customer };
    ticket().and(start_work()).when(take_over()).then_rejected(Rejection::NotImported);
    given::<Ticket>([]).and(imported()).and(start_work()).when(take_over()).into_events();
}

#[test]
fn a_wait_ends_by_hand() {
    ticket()
        .and(start_work())
        .and(hold_for_third_party())
        .when(unhold(UnholdTrigger::Manual))
        .then([Event::Unheld { hold_id: hold(), trigger: UnholdTrigger::Manual }]);
}

#[test]
fn only_another_company_answers_a_wait_for_it() {
    ticket()
        .and(start_work())
        .and(hold_for_customer())
        .when(unhold(UnholdTrigger::VendorReply))
        .then_rejected(Rejection::WrongStage {
            current: Stage::WaitingCustomer,
            allowed: &[Stage::WaitingThirdParty],
        });
}

#[test]
fn a_solution_ends_the_wait() {
    ticket().and(start_work()).and(hold_for_third_party()).when(resolve()).then([
        Event::Unheld { hold_id: hold(), trigger: UnholdTrigger::Resolved },
        Event::Resolved(resolved()),
    ]);
}

#[test]
fn the_customer_confirms_or_rejects_the_solution() {
    let solved = || ticket().and(start_work()).and(resolve());
    solved().when(confirm()).then([Event::Closed(Closed::by(CloseReason::Confirmed))]);
    solved().when(reject_resolution()).then([
        added(60, MessageDirection::Inbound, MessagePurpose::Reply, false),
        Event::Reopened(Reopened {
            reopen_no: 1,
            trigger: ReopenTrigger::CustomerRejected,
            message_id: Some(message(60).message_id),
            reason: String::new(),
        }),
    ]);
}

#[test]
fn reopenings_are_counted() {
    ticket().and(start_work()).and(resolve()).and(reopen()).and(resolve()).when(reopen()).then([
        Event::Reopened(Reopened {
            reopen_no: 2,
            trigger: ReopenTrigger::Agent,
            message_id: None,
            reason: "not done".to_owned(),
        }),
    ]);
}

#[test]
fn silence_closes_a_resolved_ticket() {
    ticket()
        .and(start_work())
        .and(resolve())
        .when(auto_close())
        .then([Event::Closed(Closed::by(CloseReason::Auto))]);
}

#[test]
fn a_closed_ticket_takes_notes_and_does_not_live_again() {
    let closed = || ticket().and(start_work()).and(resolve()).and(auto_close());
    closed().when(Command::AddNote(message(7))).then([added(
        7,
        MessageDirection::Internal,
        MessagePurpose::Note,
        false,
    )]);
    closed().when(reopen()).then_rejected(Rejection::WrongStage {
        current: Stage::Closed,
        allowed: &[Stage::Resolved],
    });
}

#[test]
fn a_classification_does_not_make_or_unmake_a_complaint() {
    ticket()
        .when(classify(TicketType::Complaint))
        .then_rejected(Rejection::ComplaintByClassification);
    given::<Ticket>([])
        .and(of_type(TicketType::Complaint))
        .when(classify(TicketType::Inquiry))
        .then_rejected(Rejection::ComplaintByClassification);
    ticket()
        .when(classify(TicketType::Request))
        .then([Event::Classified(classified(TicketType::Request))]);
}

#[test]
fn a_priority_remembers_the_one_before() {
    ticket()
        .when(set_priority(Level::High, Level::High, Authority::Agent))
        .then([priority_changed(Level::High, Level::High, Priority::P1, Some(Priority::P3))]);
}

#[test]
fn only_a_lead_lowers_from_p1() {
    let critical = || ticket().and(set_priority(Level::High, Level::High, Authority::Agent));
    critical()
        .when(set_priority(Level::High, Level::Medium, Authority::Agent))
        .then_rejected(Rejection::LoweringNeedsLead);
    critical()
        .when(set_priority(Level::High, Level::Medium, Authority::Lead))
        .then([priority_changed(Level::High, Level::Medium, Priority::P2, Some(Priority::P1))]);
}

#[test]
fn the_time_to_object_runs_for_one_solution() {
    let again = || ticket().and(start_work()).and(resolve()).and(reopen()).and(resolve());
    again().when(Command::AutoClose { reopen_count: Some(0), law: Law::default() }).then_nothing();
    again()
        .when(Command::AutoClose { reopen_count: Some(1), law: Law::default() })
        .then([Event::Closed(Closed::by(CloseReason::Auto))]);
}

#[test]
fn who_never_answers_is_resolved_after_the_time_for_that_wait() {
    let waiting = || ticket().and(start_work()).and(hold_for_customer());
    let resolved = Resolved {
        resolution_code: "NO_CUSTOMER_REPLY".to_owned(),
        root_cause_code: None,
        summary: Some(Personal("No answer.".to_owned())),
        cascaded_from: None,
    };
    waiting().when(give_up(hold())).then([
        Event::Unheld { hold_id: hold(), trigger: UnholdTrigger::Timeout },
        Event::Resolved(resolved),
    ]);
    let earlier = HoldId(Uuid::from_u128(8));
    waiting().when(give_up(earlier)).then_nothing();
}

#[test]
fn silence_does_not_end_what_the_law_speaks_of() {
    for kind in [TicketType::Complaint, TicketType::DataSubjectRequest, TicketType::Regulatory] {
        let Command::HoldForCustomer(hold) = hold_for_customer() else { unreachable!() };
        let doubt = HoldForCustomer { identity_doubt: true, ..hold };
        given::<Ticket>([])
            .and(of_type(kind))
            .and(start_work())
            .and(Command::HoldForCustomer(doubt))
            .when(give_up(super::hold()))
            .then_rejected(Rejection::NeedsPerson);
    }
}

#[test]
fn a_withdrawal_is_kept_and_ends_the_ticket() {
    let said = added(70, MessageDirection::Inbound, MessagePurpose::Reply, false);
    let closed = Event::Closed(Closed::by(CloseReason::Withdrawn));
    ticket().when(withdraw()).then([said.clone(), closed.clone()]);
    ticket().and(start_work()).and(hold_for_customer()).when(withdraw()).then([
        said,
        Event::Unheld { hold_id: hold(), trigger: UnholdTrigger::CustomerReply },
        closed,
    ]);
}

fn mark_spam(second: i64) -> Command {
    Command::MarkSpam { now: at(second) }
}

fn unmark_spam(second: i64) -> Command {
    Command::UnmarkSpam { now: at(second) }
}

const DAY: i64 = 24 * 3600;

#[test]
fn spam_that_was_none_is_new_again_within_ninety_days() {
    ticket().when(mark_spam(0)).then([Event::Closed(Closed {
        reopen_until: Some(at(90 * DAY)),
        ..Closed::by(CloseReason::Spam)
    })]);
    let spam = || ticket().and(start_work()).and(mark_spam(0));
    let again = spam().when(unmark_spam(90 * DAY)).into_state();
    assert_eq!(again.stage(), Some(Stage::New));
    assert_eq!(again.facts().unwrap().reopen_count, 1);
    assert_eq!(again.facts().unwrap().registered, registered());
    spam().when(unmark_spam(90 * DAY + 1)).then_rejected(Rejection::SpamTooOld);
    ticket().and(withdraw()).when(unmark_spam(0)).then_rejected(Rejection::NotClosedAsSpam);
}

#[test]
fn a_complaint_or_a_known_customer_is_no_spam() {
    given::<Ticket>([])
        .and(of_type(TicketType::Complaint))
        .when(mark_spam(0))
        .then_rejected(Rejection::CannotBeSpam);
    let with = |identification| ticket().and(link_party(2, PartyRole::Requester, identification));
    with(Identification::Matched).when(mark_spam(0)).into_events();
    with(Identification::Verified).when(mark_spam(0)).then_rejected(Rejection::CannotBeSpam);
    // Somebody else took the place of the verified one.
    with(Identification::Verified)
        .and(link_party(3, PartyRole::Requester, Identification::None))
        .when(mark_spam(0))
        .into_events();
}

#[test]
fn an_alert_that_is_raised_again_leaves_a_note_until_its_ticket_is_closed() {
    let repeat = || Command::RepeatAlert(message(6));
    let note = || added(6, MessageDirection::Internal, MessagePurpose::Note, false);
    let alert =
        Registered { requester: None, dedupe_key: Some("pay-api:down".to_owned()), ..registered() };
    let alert = || given::<Ticket>([Event::Registered(alert.clone())]);
    given::<Ticket>([]).when(repeat()).then_rejected(Rejection::NotRegistered);
    alert().when(repeat()).then([note()]);
    alert().and(start_work()).and(resolve()).when(repeat()).then([note()]);
    let gone = alert().and(Command::MarkSpam { now: at(0) });
    let live = &[
        Stage::New,
        Stage::Open,
        Stage::WaitingCustomer,
        Stage::WaitingThirdParty,
        Stage::Resolved,
    ];
    let refused = Rejection::WrongStage { current: Stage::Closed, allowed: live };
    gone.when(repeat()).then_rejected(refused);
    let merged = alert().and(merge(Other { requester: None, ..other(5) }));
    merged.when(repeat()).then_rejected(Rejection::MovedTo { ticket_id: ticket_id(5) });
}

#[test]
fn an_alert_needs_nobody_who_asks() {
    let key = Some("pay-api:down".to_owned());
    let alert = Registered { requester: None, dedupe_key: key, ..registered() };
    given::<Ticket>([])
        .when(Command::Register(Register { registered: alert, ..register() }))
        .into_events();
}
