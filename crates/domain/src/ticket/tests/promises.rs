//! Promises to the customer, and what they forbid.
use super::*;
use crate::spec::{Given, given};

fn open() -> Given<Ticket> {
    given::<Ticket>([]).and(Command::Register(register())).and(start_work())
}

fn made(id: u128, kind: PromiseKind, replaces: Option<u128>) -> Event {
    Event::PromiseMade(PromiseMade {
        promise_id: PromiseId(Uuid::from_u128(id)),
        kind,
        due_at: at(7200),
        customer_visible: true,
        replaces: replaces.map(|id| PromiseId(Uuid::from_u128(id))),
    })
}

/// The first answer, with or without a promise.
fn first_reply(promise: Option<PromiseKind>) -> Command {
    Command::SendReply(SendReply {
        message: message(6),
        agent_id: agent(),
        promise: promise.map(|kind| new_promise(8, kind)),
        promise_required: true,
        known: Known::default(),
    })
}

fn reply() -> Event {
    added(6, MessageDirection::Outbound, MessagePurpose::Reply, true)
}

#[test]
fn a_promise_takes_the_place_of_the_one_of_its_kind() {
    open().when(make_promise(1, PromiseKind::EtaResolution)).then([made(
        1,
        PromiseKind::EtaResolution,
        None,
    )]);
    let state = open()
        .and(make_promise(1, PromiseKind::EtaResolution))
        .and(make_promise(2, PromiseKind::NextUpdate))
        .when(make_promise(3, PromiseKind::EtaResolution))
        .into_state();
    let promises = &state.facts().unwrap().promises;
    let ids: Vec<_> = promises.iter().map(|promise| promise.promise_id.0.as_u128()).collect();
    assert_eq!(ids, [2, 3]);
    assert_eq!(promises[1].replaces, Some(PromiseId(Uuid::from_u128(1))));
}

#[test]
fn a_promise_is_about_the_future() {
    let promise = new_promise(1, PromiseKind::Callback);
    let past = NewPromise { due_at: promise.now, ..promise };
    open().when(Command::MakePromise(past)).then_rejected(Rejection::DueInThePast);
}

#[test]
fn the_first_answer_says_when_there_is_more() {
    open().when(first_reply(None)).then_rejected(Rejection::FirstReplyWithoutPromise);
    open()
        .when(first_reply(Some(PromiseKind::Callback)))
        .then_rejected(Rejection::FirstReplyWithoutPromise);
    for kind in [PromiseKind::EtaResolution, PromiseKind::NextUpdate] {
        open().when(first_reply(Some(kind))).then([reply(), made(8, kind, None)]);
    }
}

#[test]
fn a_promise_made_before_or_the_solution_does_for_the_first_answer() {
    open().and(make_promise(1, PromiseKind::EtaResolution)).when(first_reply(None)).then([reply()]);
    open().and(resolve()).when(first_reply(None)).then([reply()]);
    let inside =
        NewPromise { customer_visible: false, ..new_promise(1, PromiseKind::EtaResolution) };
    open()
        .and(Command::MakePromise(inside))
        .when(first_reply(None))
        .then_rejected(Rejection::FirstReplyWithoutPromise);
}

#[test]
fn later_answers_and_those_of_imported_tickets_need_no_promise() {
    let mut later = first_reply(None);
    if let Command::SendReply(reply) = &mut later {
        reply.message = message(7);
    }
    open().and(first_reply(Some(PromiseKind::NextUpdate))).when(later).then([added(
        7,
        MessageDirection::Outbound,
        MessagePurpose::Reply,
        true,
    )]);
    given::<Ticket>([]).and(imported()).and(start_work()).when(first_reply(None)).then([reply()]);
}

#[test]
fn nothing_is_promised_after_the_solution() {
    open().and(resolve()).when(first_reply(Some(PromiseKind::NextUpdate))).then_rejected(
        Rejection::WrongStage {
            current: Stage::Resolved,
            allowed: &[Stage::New, Stage::Open, Stage::WaitingCustomer, Stage::WaitingThirdParty],
        },
    );
}

#[test]
fn who_was_promised_a_call_is_called_before_the_solution() {
    let promised = || open().and(make_promise(1, PromiseKind::Callback));
    promised().when(resolve()).then_rejected(Rejection::CallbackOpen);
    promised().and(send_reply(6)).when(resolve()).then([Event::Resolved(resolved())]);
    promised()
        .when(auto_close())
        .then_rejected(Rejection::WrongStage { current: Stage::Open, allowed: &[Stage::Resolved] });
}

#[test]
fn a_machine_s_news_is_no_call() {
    let message = NewMessage { author_kind: AuthorKind::System, ..message(6) };
    let update = SendUpdate { message, kind: UpdateKind::Update, known: Known::default() };
    let state = open()
        .and(make_promise(1, PromiseKind::Callback))
        .and(make_promise(2, PromiseKind::NextUpdate))
        .when(Command::SendUpdate(update))
        .into_state();
    let kinds: Vec<_> = state.facts().unwrap().promises.iter().map(|p| p.kind).collect();
    assert_eq!(kinds, [PromiseKind::Callback]);
}

#[test]
fn news_changes_no_stage() {
    let news = |purpose| added(6, MessageDirection::Outbound, purpose, true);
    given::<Ticket>([])
        .and(Command::Register(register()))
        .when(send_update(6, UpdateKind::Update))
        .then([news(MessagePurpose::Update)]);
    open()
        .and(resolve())
        .when(send_update(6, UpdateKind::Broadcast))
        .then([news(MessagePurpose::Broadcast)]);
}

#[test]
fn a_call_of_ours_keeps_the_promise_to_call_that_was_open_when_it_began() {
    let promised = || open().and(make_promise(1, PromiseKind::Callback));
    let left = |state: &State| state.facts().unwrap().promises.len();
    promised().when(resolve()).then_rejected(Rejection::CallbackOpen);
    let noted = |keeps: Option<u128>, outbound| {
        let Command::NoteContact(noted) = note_contact(9, outbound, keeps) else { unreachable!() };
        Event::ContactNoted(noted)
    };
    promised().when(note_contact(9, true, Some(1))).then([noted(Some(1), true)]);
    assert_eq!(left(&promised().and(note_contact(9, true, Some(1))).into_state()), 0);
    // The customer had to call again, or it was promised during that call.
    promised().when(note_contact(9, false, Some(1))).then([noted(None, false)]);
    promised().when(note_contact(9, true, None)).then([noted(None, true)]);
    assert_eq!(left(&promised().and(note_contact(9, true, None)).into_state()), 1);
    // Each contact is noted once.
    let twice = promised().and(note_contact(9, true, None));
    twice.when(note_contact(9, true, Some(1))).then_nothing();
    // Other promises are not kept by a call.
    let news = open().and(make_promise(1, PromiseKind::NextUpdate));
    news.when(note_contact(9, true, Some(1))).then([noted(None, true)]);
}
