//! What a contact does and never does.
#![allow(clippy::unwrap_used)]
mod properties;

use uuid::Uuid;

use super::*;
use crate::backdating::Backdating;
use crate::identity::{Identification, Identity};
use crate::ids::{AgentId, ContactId, PartyId, Personal, QueueId};
use crate::spec::{Given, given};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + second).unwrap()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn started(channel: ContactChannel, ai_disclosed: bool) -> Started {
    Started {
        contact_id: ContactId(Uuid::from_u128(1)),
        channel,
        direction: Direction::Inbound,
        entry_point: "hotline".to_owned(),
        party_hint: Some(Personal("+48600100200".to_owned())),
        identity: None,
        ai_disclosed,
        resumed_ticket_id: None,
        started_at: at(0),
        backdate_reason: None,
    }
}

fn voice() -> Given<Contact> {
    given([Event::Started(started(ContactChannel::Voice, false))])
}

fn chatbot() -> Given<Contact> {
    given([Event::Started(started(ContactChannel::Chatbot, true))])
}

fn to_person(second: i64, reason: RouteReason) -> Routed {
    Routed {
        ivr_path: vec!["1".to_owned()],
        ivr: Duration::ZERO,
        queue_id: Some(QueueId("hotline-l1".to_owned())),
        target: Target::Human,
        reason,
        context_ref: Some("transcript-7".to_owned()),
        routed_at: at(second),
    }
}

fn to_bot(second: i64, reason: RouteReason) -> Routed {
    Routed { queue_id: None, target: Target::Bot, context_ref: None, ..to_person(second, reason) }
}

fn person(second: i64, waited: u64) -> Answered {
    let by = Answerer::Human(AgentId("agent-17".to_owned()));
    Answered { by, waited: seconds(waited), answered_at: at(second), backdate_reason: None }
}

fn bot(second: i64) -> Answered {
    Answered { by: Answerer::Bot, ..person(second, 0) }
}

fn ended(second: i64, outcome: Outcome) -> Ended {
    let party_id = PartyId(Uuid::from_u128(2));
    Ended {
        outcome,
        talk: Duration::ZERO,
        hold: Duration::ZERO,
        wrap: Duration::ZERO,
        ticket_id: None,
        note: Some(Personal("Calls again on Friday.".to_owned())),
        identity: Some(Identity { party_id, identification: Identification::Verified }),
        ended_at: at(second),
    }
}

fn start(started: Started) -> Command {
    Command::Start(started, Backdating::None)
}

fn answer(answered: Answered) -> Command {
    Command::Answer(answered, Backdating::None)
}

fn end(ended: Ended) -> Command {
    Command::End { ended, as_started: false }
}

#[test]
fn a_call_is_routed_answered_and_ended() {
    let route = to_person(10, RouteReason::IvrChoice);
    voice().when(Command::Route(route.clone())).then([Event::Routed(route.clone())]);
    let routed = || voice().and(Command::Route(route.clone()));
    routed().when(answer(person(32, 22))).then([Event::Answered(person(32, 22))]);
    let told = Ended {
        talk: seconds(200),
        hold: seconds(30),
        wrap: seconds(20),
        ..ended(282, Outcome::Handled)
    };
    let answered = routed().and(answer(person(32, 22)));
    answered.when(end(told.clone())).then([Event::Ended(told)]);
}

#[test]
fn it_starts_once_and_ends_once() {
    let start = start(started(ContactChannel::Voice, false));
    voice().when(start).then_rejected(Rejection::AlreadyStarted);
    let hang_up = || end(ended(5, Outcome::AbandonedIvr));
    given::<Contact>([]).when(hang_up()).then_rejected(Rejection::NotStarted);
    let over = || voice().and(hang_up());
    over().when(end(ended(9, Outcome::AbandonedIvr))).then_rejected(Rejection::AlreadyEnded);
    over().when(answer(person(9, 9))).then_rejected(Rejection::AlreadyEnded);
}

#[test]
fn who_tells_long_afterwards_that_it_began_or_was_taken_may_and_says_why() {
    let began = started(ContactChannel::Voice, false);
    let taken = person(20, 20);
    for (backdating, rejection) in [
        (Backdating::Denied, Rejection::BackdatingDenied),
        (Backdating::Unexplained, Rejection::BackdateReasonMissing),
    ] {
        let start = Command::Start(began.clone(), backdating.clone());
        given::<Contact>([]).when(start).then_rejected(rejection.clone());
        let answer = Command::Answer(taken.clone(), backdating);
        voice().when(answer).then_rejected(rejection);
    }
    let outage = || "the exchange was down".to_owned();
    let backdate_reason = Some(outage());
    let start = Command::Start(began.clone(), Backdating::Because(outage()));
    let told = Started { backdate_reason: backdate_reason.clone(), ..began };
    given::<Contact>([]).when(start).then([Event::Started(told)]);
    let answer = Command::Answer(taken.clone(), Backdating::Because(outage()));
    voice().when(answer).then([Event::Answered(Answered { backdate_reason, ..taken })]);
}

#[test]
fn no_machine_talks_with_somebody_who_was_not_told() {
    for channel in [ContactChannel::Voicebot, ContactChannel::Chatbot] {
        given::<Contact>([])
            .when(start(started(channel, false)))
            .then_rejected(Rejection::AiNotDisclosed);
        let told = started(channel, true);
        given::<Contact>([]).when(start(told.clone())).then([Event::Started(told)]);
    }
    voice().when(answer(bot(1))).then_rejected(Rejection::AiNotDisclosed);
    let route = to_bot(1, RouteReason::IvrChoice);
    voice().when(Command::Route(route)).then_rejected(Rejection::AiNotDisclosed);
}

#[test]
fn a_bot_hands_over_with_a_context() {
    let talking = || chatbot().and(answer(bot(1)));
    let route = to_person(60, RouteReason::BotHandover);
    talking().when(Command::Route(route.clone())).then([Event::Routed(route.clone())]);
    let bare = Routed { context_ref: None, ..route.clone() };
    talking().when(Command::Route(bare)).then_rejected(Rejection::ContextMissing);
    let nowhere = Routed { queue_id: None, ..route };
    talking().when(Command::Route(nowhere)).then_rejected(Rejection::QueueMissing);
}

#[test]
fn who_is_promised_a_person_gets_one() {
    let promised = || {
        let asked = to_person(60, RouteReason::CustomerAsked);
        chatbot().and(answer(bot(1))).and(Command::Route(asked))
    };
    promised().when(answer(bot(70))).then_rejected(Rejection::PersonPromised);
    let back = to_bot(70, RouteReason::Transfer);
    promised().when(Command::Route(back)).then_rejected(Rejection::PersonPromised);
    let contained = end(ended(70, Outcome::ContainedByBot));
    promised()
        .when(contained)
        .then_rejected(Rejection::OutcomeContradicted(Outcome::ContainedByBot));
    for reason in [
        RouteReason::CustomerAsked,
        RouteReason::BotHandover,
        RouteReason::Sentiment,
        RouteReason::TopicRule,
    ] {
        let route = Command::Route(to_bot(1, reason));
        chatbot().when(route).then_rejected(Rejection::ReasonNeedsPerson);
    }
}

#[test]
fn nothing_happens_before_what_came_before_it() {
    let early = [
        Command::Route(to_person(-1, RouteReason::IvrChoice)),
        answer(person(-1, 0)),
        end(ended(-1, Outcome::AbandonedIvr)),
    ];
    for command in early {
        voice().when(command).then_rejected(Rejection::OutOfOrder);
    }
    let answered = voice().and(answer(person(30, 30)));
    let early = end(ended(29, Outcome::Handled));
    answered.when(early).then_rejected(Rejection::OutOfOrder);
}

#[test]
fn no_part_is_longer_than_the_whole() {
    let waited = answer(person(20, 22));
    voice().when(waited).then_rejected(Rejection::TimesTooLong);
    // Rounded up to the next second.
    voice().when(answer(person(20, 21))).then([Event::Answered(person(20, 21))]);
    let menu = Routed { ivr: seconds(12), ..to_person(10, RouteReason::IvrChoice) };
    voice().when(Command::Route(menu)).then_rejected(Rejection::TimesTooLong);
    let long = Ended { talk: seconds(50), hold: seconds(12), ..ended(80, Outcome::Handled) };
    let answered = voice().and(answer(person(20, 20)));
    answered.when(end(long)).then_rejected(Rejection::TimesTooLong);
    let talked = Ended { talk: seconds(1), ..ended(80, Outcome::AbandonedIvr) };
    voice().when(end(talked)).then_rejected(Rejection::NeverAnswered);
}

#[test]
fn a_transfer_is_a_route_first() {
    let answered = || voice().and(answer(person(20, 20)));
    answered().when(answer(person(30, 0))).then_rejected(Rejection::AlreadyAnswered);
    let transferred = answered().and(Command::Route(to_person(30, RouteReason::Transfer)));
    transferred.when(answer(person(40, 10))).then([Event::Answered(person(40, 10))]);
}

#[test]
fn the_outcome_agrees_with_what_happened() {
    let waiting = || voice().and(Command::Route(to_person(1, RouteReason::IvrChoice)));
    let with_person = || waiting().and(answer(person(2, 1)));
    let with_bot = || chatbot().and(answer(bot(1)));
    let scenes: [(Given<Contact>, &[Outcome]); 4] = [
        (voice(), &[Outcome::AbandonedIvr, Outcome::Rejected, Outcome::CallbackRequested]),
        (waiting(), &[Outcome::AbandonedQueue, Outcome::Rejected, Outcome::CallbackRequested]),
        (with_person(), &[Outcome::Handled, Outcome::CallbackRequested]),
        (with_bot(), &[Outcome::ContainedByBot, Outcome::CallbackRequested]),
    ];
    for (scene, possible) in scenes {
        let state = scene.into_state();
        for outcome in [
            Outcome::Handled,
            Outcome::ContainedByBot,
            Outcome::AbandonedIvr,
            Outcome::AbandonedQueue,
            Outcome::Rejected,
            Outcome::CallbackRequested,
        ] {
            let decided = Contact::decide(&state, &end(ended(9, outcome)));
            assert_eq!(decided.is_ok(), possible.contains(&outcome), "{outcome:?} in {state:?}");
        }
    }
}

#[test]
fn who_it_was_is_told_at_the_end_or_known_from_the_start() {
    let party_id = PartyId(Uuid::from_u128(7));
    let caller = Identity { party_id, identification: Identification::Matched };
    let known = Started { identity: Some(caller), ..started(ContactChannel::Voice, false) };
    let contact = || given::<Contact>([Event::Started(known.clone())]);
    let told = ended(5, Outcome::AbandonedIvr);
    let as_started = Command::End { ended: told.clone(), as_started: true };
    let from_the_start = Ended { identity: Some(caller), ..told.clone() };
    contact().when(as_started).then([Event::Ended(from_the_start)]);
    let nobody = Ended { identity: None, ..told };
    contact().when(end(nobody.clone())).then([Event::Ended(nobody)]);
}

#[test]
fn transfers_have_an_end() {
    let route = Command::Route(to_person(1, RouteReason::Transfer));
    let contact = (0..MOST_ROUTES).fold(voice(), |contact, _| contact.and(route.clone()));
    contact.when(route).then_rejected(Rejection::TooManyRoutes);
}
