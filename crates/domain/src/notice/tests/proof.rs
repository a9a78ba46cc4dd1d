//! Proof that a notice reached its recipient, and what follows from it.
use super::*;

fn decision() -> Scheduled {
    let message_id = Some(crate::ids::MessageId(Uuid::from_u128(9)));
    Scheduled { purpose: Purpose::Decision, message_id, ..scheduled() }
}

fn decided(events: impl IntoIterator<Item = Event>) -> crate::spec::Given<Notice> {
    given([Event::Scheduled(decision()), attempted(1, 0)].into_iter().chain(events))
}

fn sent_at(second: i64) -> Event {
    Event::Sent(Sent {
        notice_id: decision().notice_id,
        provider_ref: "250".into(),
        at: at(second),
        content_sha256: [1; 32],
        purpose: Purpose::Decision,
        ticket_id: decision().ticket_id,
        message_id: decision().message_id,
        proof_due_at: Some(at(second + 900)),
        by_post: false,
    })
}

fn posted(second: i64) -> Event {
    Event::Sent(Sent {
        notice_id: decision().notice_id,
        provider_ref: String::new(),
        at: at(second),
        content_sha256: [0; 32],
        purpose: Purpose::Decision,
        ticket_id: decision().ticket_id,
        message_id: decision().message_id,
        proof_due_at: None,
        by_post: true,
    })
}

fn delivered(evidence: Evidence, second: i64) -> Event {
    Event::Delivered(Delivered {
        notice_id: decision().notice_id,
        at: at(second),
        evidence,
        purpose: Purpose::Decision,
        ticket_id: decision().ticket_id,
        message_id: decision().message_id,
    })
}

fn bounced() -> Event {
    Event::Failed(Failed {
        notice_id: decision().notice_id,
        permanent: true,
        code: "DSN_5.1.1".into(),
        outcome_unknown: false,
        next_attempt_at: None,
        purpose: Some(Purpose::Decision),
        ticket_id: decision().ticket_id,
        message_id: decision().message_id,
    })
}

fn bounce() -> Command {
    Command::RecordBounce { code: "DSN_5.1.1".into() }
}

fn confirm(second: i64) -> Command {
    Command::ConfirmDelivery { at: at(second) }
}

fn proof(evidence: Evidence, second: i64) -> Command {
    Command::RecordDelivery { evidence, at: at(second) }
}

#[test]
fn a_decision_is_followed_after_it_was_sent_and_an_answer_is_not() {
    decided([]).when(sent(1, 5)).then([sent_at(5)]);
    let state = known([attempted(1, 0)]).when(sent(1, 5)).into_state();
    assert_eq!(
        state.delivery().unwrap().stage,
        Stage::Sent { at: at(5), proof_due_at: None, by_post: false },
        "an ordinary mail costs no second look"
    );
}

#[test]
fn a_mail_that_did_not_come_back_was_delivered_when_the_server_took_it() {
    decided([sent_at(5)]).when(confirm(904)).then_rejected(Rejection::NotDue);
    decided([sent_at(5)]).when(confirm(905)).then([delivered(Evidence::Dsn, 5)]);
    decided([sent_at(5), delivered(Evidence::Dsn, 5)])
        .when(confirm(906))
        .then_rejected(Rejection::AlreadyDelivered);
}

#[test]
fn a_mail_that_came_back_is_not_delivered_however_long_one_waits() {
    decided([sent_at(5)]).when(bounce()).then([bounced()]);
    decided([sent_at(5), bounced()]).when(confirm(905)).then_rejected(Rejection::NotSent);
    decided([sent_at(5), bounced()]).when(bounce()).then_rejected(Rejection::NotSent);
}

#[test]
fn a_mail_that_came_back_late_failed_all_the_same() {
    decided([sent_at(5), delivered(Evidence::Dsn, 5)]).when(bounce()).then([bounced()]);
    decided([sent_at(5), delivered(Evidence::Tracking, 50)])
        .when(bounce())
        .then_rejected(Rejection::AlreadyDelivered);
    decided([]).when(bounce()).then_rejected(Rejection::NotSent);
}

#[test]
fn proof_makes_it_delivered_whatever_became_of_it() {
    let api = || proof(Evidence::Api, 70);
    decided([sent_at(5), bounced()]).when(api()).then([delivered(Evidence::Api, 70)]);
    decided([failed(false, true, None)]).when(api()).then([delivered(Evidence::Api, 70)]);
    decided([sent_at(5), delivered(Evidence::Dsn, 5)])
        .when(api())
        .then_rejected(Rejection::AlreadyDelivered);
}

#[test]
fn the_receipt_of_posting_makes_it_sent_and_tracking_delivered() {
    let (receipt, tracking) = (proof(Evidence::PostReceipt, 70), proof(Evidence::Tracking, 90));
    decided([sent_at(5), bounced()]).when(receipt.clone()).then([posted(70)]);
    decided([failed(false, true, None)]).when(receipt.clone()).then([posted(70)]);
    decided([sent_at(5), bounced(), posted(70)])
        .when(tracking.clone())
        .then([delivered(Evidence::Tracking, 90)]);
    // Neither the mail of before nor a wait says anything about what was posted.
    decided([sent_at(5), bounced(), posted(70)]).when(bounce()).then_rejected(Rejection::NotSent);
    decided([sent_at(5), bounced(), posted(70)])
        .when(confirm(9_000))
        .then_rejected(Rejection::NotDue);
    decided([sent_at(5)]).when(receipt.clone()).then_rejected(Rejection::AlreadySent);
    decided([sent_at(5), delivered(Evidence::Dsn, 5)])
        .when(receipt)
        .then_rejected(Rejection::AlreadyDelivered);
    decided([]).when(tracking).then_rejected(Rejection::NotSent);
}

#[test]
fn a_letter_on_paper_is_proved_although_no_mail_could_be_sent() {
    let nobody = Suppressed {
        purpose: Purpose::Decision,
        message_id: decision().message_id,
        ..suppressed(SuppressionReason::NoChannel)
    };
    let given = || given::<Notice>([Event::Suppressed(nobody.clone())]);
    let (receipt, tracking) = (proof(Evidence::PostReceipt, 70), proof(Evidence::Tracking, 90));
    given().when(receipt.clone()).then([posted(70)]);
    given().when(tracking.clone()).then_rejected(Rejection::NotSent);
    let sent = || given().and(receipt.clone());
    sent().when(receipt.clone()).then_rejected(Rejection::AlreadySent);
    sent().when(proof(Evidence::Tracking, 69)).then_rejected(Rejection::BeforeSent);
    sent().when(tracking.clone()).then([delivered(Evidence::Tracking, 90)]);
    let state = sent().when(tracking.clone()).into_state();
    let proof = Some(Proof { at: at(90), evidence: Evidence::Tracking });
    assert_eq!(state, State::Otherwise(nobody.clone(), Way { posted_at: Some(at(70)), proof }));
    sent().and(tracking.clone()).when(tracking).then_rejected(Rejection::AlreadyDelivered);
    given().when(bounce()).then_rejected(Rejection::NotSent);
    given().when(confirm(9)).then_rejected(Rejection::NotSent);
}

#[test]
fn nothing_arrives_before_it_left() {
    let api = |second| proof(Evidence::Api, second);
    decided([sent_at(5)]).when(api(4)).then_rejected(Rejection::BeforeSent);
    decided([sent_at(5)]).when(api(5)).then([delivered(Evidence::Api, 5)]);
}

#[test]
fn what_came_back_may_be_released_and_its_old_confirmation_does_not_count_again() {
    let released = Event::Released { notice_id: decision().notice_id, due: at(60) };
    decided([sent_at(5), bounced(), released.clone()])
        .when(sent(1, 61))
        .then_rejected(Rejection::AlreadySent);
    decided([sent_at(5), bounced(), released, attempted(2, 60)])
        .when(sent(2, 61))
        .then([sent_at(61)]);
}

#[test]
fn a_call_proves_no_letter() {
    let call = || proof(Evidence::VoiceAnswered, 70);
    decided([sent_at(5)]).when(call()).then_rejected(Rejection::NotDurable);
    let nobody =
        Suppressed { purpose: Purpose::Decision, ..suppressed(SuppressionReason::NoChannel) };
    given::<Notice>([Event::Suppressed(nobody)]).when(call()).then_rejected(Rejection::NotDurable);
    let answer = known([attempted(1, 0)]).and(sent(1, 5)).when(call()).into_state();
    assert!(matches!(answer.delivery().unwrap().stage, Stage::Delivered(_)));
}
