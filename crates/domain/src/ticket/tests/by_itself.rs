//! What Odzew writes by itself: "no news" to customers, tasks to colleagues.
use super::*;
use crate::priority::Level;
use crate::spec::{Given, given};

fn ticket(urgency: Level) -> Given<Ticket> {
    let register = Register { urgency: Urgency(urgency), impact: Impact(urgency), ..register() };
    given::<Ticket>([]).and(Command::Register(register))
}

fn said(id: u128, second: i64) -> NewMessage {
    NewMessage { author_kind: AuthorKind::System, written_at: at(second), ..message(id) }
}

fn no_news(id: u128, second: i64, silent_since: i64) -> Command {
    Command::TellNoNews { message: said(id, second), silent_since: at(silent_since) }
}

fn heard(id: u128, second: i64) -> Event {
    let Event::MessageAdded(message) =
        added(id, MessageDirection::Outbound, MessagePurpose::Update, false)
    else {
        panic!("a message")
    };
    let (author_kind, written_at) = (AuthorKind::System, at(second));
    Event::MessageAdded(MessageAdded { author_kind, written_at, ..message })
}

fn reply(second: i64) -> Command {
    let message = NewMessage { written_at: at(second), ..message(50) };
    let agent_id = agent();
    Command::SendReply(SendReply {
        message,
        agent_id,
        promise: None,
        promise_required: false,
        known: Default::default(),
    })
}

#[test]
fn who_has_heard_nothing_is_told_and_it_is_no_answer() {
    ticket(Level::High).when(no_news(1, 1800, 0)).then([heard(1, 1800)]);
    let state = ticket(Level::High).and(no_news(1, 1800, 0)).into_state();
    assert!(!state.facts().unwrap().is_answered(), "nothing automatic is a first answer");
    assert_eq!(state.stage(), Some(Stage::New));
    ticket(Level::High)
        .and(no_news(1, 1800, 0))
        .when(no_news(2, 3600, 1800))
        .then([heard(2, 3600)]);
}

#[test]
fn who_has_heard_something_meanwhile_is_not() {
    ticket(Level::High).and(reply(1700)).when(no_news(1, 1800, 0)).then_nothing();
    ticket(Level::High).and(reply(1801)).when(no_news(1, 1800, 0)).then_nothing();
    ticket(Level::High).and(reply(1700)).when(no_news(1, 3500, 1700)).then([heard(1, 3500)]);
    ticket(Level::High).and(inbound(7)).when(no_news(1, 1800, 0)).then([heard(1, 1800)]);
}

#[test]
fn what_is_not_urgent_is_said_once_a_day() {
    let day = 86_400;
    for urgency in [Level::Medium, Level::Low] {
        let told = || ticket(urgency).and(no_news(1, 1800, 0));
        told().when(no_news(2, 1799 + day, 1800)).then_nothing();
        told().when(no_news(2, 1800 + day, 1800)).then([heard(2, 1800 + day)]);
        // What a person wrote is no reason to be silent.
        let written = ticket(urgency).and(reply(1800));
        written.when(no_news(2, 5400, 1800)).then([heard(2, 5400)]);
    }
}

#[test]
fn nobody_is_told_while_it_is_the_customers_turn() {
    let open = || ticket(Level::High).and(start_work());
    for waits in [hold_for_customer(), resolve()] {
        let waits = open().and(waits).into_state();
        let refused = Ticket::decide(&waits, &no_news(1, 1800, 0));
        assert!(matches!(refused, Err(Rejection::WrongStage { .. })), "{refused:?}");
    }
    open().and(hold_for_third_party()).when(no_news(1, 1800, 60)).then([heard(1, 1800)]);
}

#[test]
fn a_task_is_a_note_that_nobody_outside_sees() {
    let Event::MessageAdded(task) =
        added(1, MessageDirection::Internal, MessagePurpose::Task, false)
    else {
        panic!("a message")
    };
    let task = Event::MessageAdded(MessageAdded { author_kind: AuthorKind::System, ..task });
    ticket(Level::High).when(Command::AddTask(said(1, 60))).then([task]);
}

#[test]
fn another_company_that_does_not_answer_in_time_is_waited_for_no_longer() {
    let waiting = || ticket(Level::High).and(start_work()).and(hold_for_third_party());
    let give_up = |hold_id| Command::GiveUpSupplier { hold_id, task: said(1, 60) };
    let Event::MessageAdded(task) =
        added(1, MessageDirection::Internal, MessagePurpose::Task, false)
    else {
        panic!("a message")
    };
    let task = Event::MessageAdded(MessageAdded {
        author_kind: AuthorKind::System,
        written_at: at(60),
        ..task
    });
    let ended = Event::Unheld { hold_id: hold(), trigger: UnholdTrigger::Timeout };
    waiting().when(give_up(hold())).then([ended, task]);
    // The time ran for an earlier wait.
    waiting().when(give_up(HoldId(Uuid::from_u128(8)))).then_nothing();
}
