//! What an escalated ticket requires of its solution.
use super::*;
use crate::spec::{Given, given};

fn open() -> Given<Ticket> {
    given::<Ticket>([]).and(Command::Register(register())).and(start_work())
}

fn solution(root_cause_code: Option<&str>) -> Resolved {
    Resolved { root_cause_code: root_cause_code.map(str::to_owned), ..resolved() }
}

fn resolve_with(root_cause_code: Option<&str>) -> Command {
    Command::Resolve(Resolve { resolved: solution(root_cause_code) })
}

#[test]
fn a_hand_over_is_a_note_of_odzew_itself() {
    for escalates in [true, false] {
        let Event::MessageAdded(note) =
            added(5, MessageDirection::Internal, MessagePurpose::Handover, false)
        else {
            unreachable!()
        };
        let note = MessageAdded { author_kind: AuthorKind::System, escalates, ..note };
        open().when(note_handover(5, escalates)).then([Event::MessageAdded(note)]);
    }
}

#[test]
fn a_hand_over_is_noted_once() {
    open().and(note_handover(5, false)).when(note_handover(5, false)).then_nothing();
}

#[test]
fn the_solution_of_an_escalated_ticket_names_the_root_cause() {
    let escalated = || open().and(note_handover(5, true));
    escalated().when(resolve_with(None)).then_rejected(Rejection::RootCauseMissing);
    escalated()
        .when(resolve_with(Some("CERTIFICATE_EXPIRED")))
        .then([Event::Resolved(solution(Some("CERTIFICATE_EXPIRED")))]);
}

#[test]
fn who_was_only_passed_over_owes_no_root_cause() {
    open()
        .and(note_handover(5, false))
        .when(resolve_with(None))
        .then([Event::Resolved(solution(None))]);
}

#[test]
fn an_escalated_child_is_solved_with_its_incident_only_by_a_root_cause() {
    let child = || {
        given::<Ticket>([])
            .and(Command::Register(register()))
            .and(link_to(LinkKind::ChildOf, 5, &[]))
            .and(note_handover(6, true))
    };
    child().when(cascade(5)).then_rejected(Rejection::RootCauseMissing);
    let parent = ticket_id(5);
    let known = solution(Some("CERTIFICATE_EXPIRED"));
    let cascade = CascadeResolve { parent, resolved: known.clone() };
    child()
        .when(Command::CascadeResolve(cascade))
        .then([Event::Resolved(Resolved { cascaded_from: Some(parent), ..known })]);
}

#[test]
fn a_customer_s_silence_does_not_end_an_escalated_wait() {
    let waiting = |escalates| open().and(note_handover(5, escalates)).and(hold_for_customer());
    waiting(true).when(give_up(hold())).then_rejected(Rejection::NeedsPerson);
    let state = waiting(false).when(give_up(hold())).into_state();
    assert_eq!(state.stage(), Some(Stage::Resolved));
}

#[test]
fn the_decision_of_an_escalated_complaint_names_the_root_cause() {
    use super::complaint::{complain, decide, register_complaint};
    use crate::complaint::{Command as Complains, Decide};
    let escalated = || {
        let complaint = given::<Ticket>([]).and(register_complaint()).and(start_work());
        complaint.and(note_handover(5, true))
    };
    let decided = |code: Option<&str>| {
        let root_cause_code = code.map(str::to_owned);
        complain(Complains::Decide(Box::new(Decide { root_cause_code, ..decide() })))
    };
    escalated().when(decided(None)).then_rejected(Rejection::RootCauseMissing);
    let state = escalated().when(decided(Some("SEAM"))).into_state();
    assert_eq!(state.stage(), Some(Stage::Resolved));
}
