//! The letters about a complaint: who gets which, and what they must say.
use std::time::Duration;

use eventlog::StreamId;
use testkit::eventually;
use uuid::Uuid;
use wire::common::v1 as common;
use wire::intake::v1 as intake;
use wire::notification::v1::{
    Audience, DeliveryEvidence, NoticeState, Purpose, RecordDeliveryRequest, SuppressionReason,
};
use wire::scalar::timestamp;
use wire::sla::v1 as sla;

use crate::mail::Letter;
use crate::world::{World, by, outbound, sealed};

fn id(number: u128) -> String {
    Uuid::from_u128(number).to_string()
}

fn claim(number: u128, demand: intake::Demand, minor: Option<i64>) -> intake::Claim {
    let amount = minor.map(|minor| common::Money { minor, currency: "PLN".to_owned() });
    intake::Claim { claim_id: id(number), demand: demand.into(), amount }
}

fn opened() -> intake::ComplaintOpened {
    intake::ComplaintOpened {
        complaint_id: id(40),
        regimes: vec![intake::RegimeRef {
            code: "PL_CONSUMER_GENERAL".to_owned(),
            version: 1,
            ..intake::RegimeRef::default()
        }],
        // In Warsaw it was the last day of April.
        received_at: Some(timestamp("2026-04-30T19:15:00Z".parse().unwrap())),
        submission_form: intake::SubmissionForm::Electronic.into(),
        consumer_status: common::ConsumerStatus::Consumer.into(),
        claims: vec![claim(40, intake::Demand::Explanation, None)],
        ..intake::ComplaintOpened::default()
    }
}

/// What the customer turns out to want.
fn claims_stated() -> intake::ComplaintClaimsStated {
    let claims = vec![
        claim(41, intake::Demand::Replace, None),
        claim(42, intake::Demand::Compensation, Some(4900)),
    ];
    intake::ComplaintClaimsStated { claims }
}

fn statutory(ticket_id: Uuid, last_day: &str) -> sla::ClockStarted {
    sla::ClockStarted {
        clock_id: id(50),
        ticket_id: ticket_id.to_string(),
        kind: sla::ClockKind::StatutoryResponse.into(),
        due_at: Some(timestamp("2026-05-14T21:59:59.999Z".parse().unwrap())),
        last_day: last_day.to_owned(),
        ..sla::ClockStarted::default()
    }
}

fn message(purpose: intake::MessagePurpose, body: &str) -> intake::MessageAdded {
    intake::MessageAdded { purpose: purpose.into(), ..outbound(body) }
}

fn decided(message_id: &str) -> intake::ComplaintDecided {
    let decision = |number, outcome: intake::ClaimOutcome| intake::ClaimDecision {
        claim_id: id(number),
        outcome: outcome.into(),
        amount: None,
    };
    intake::ComplaintDecided {
        decision_id: id(60),
        instance: intake::ComplaintInstance::First.into(),
        outcome: intake::ComplaintOutcome::PartiallyAccepted.into(),
        per_claim: vec![
            decision(41, intake::ClaimOutcome::Accepted),
            decision(42, intake::ClaimOutcome::Rejected),
        ],
        justification: sealed("Wada istniała przy wydaniu.\n\nStrat nikt nie wykazał."),
        legal_basis: vec!["art. 43d ustawy o prawach konsumenta".to_owned()],
        remedies: vec![intake::Remedy {
            remedy_id: id(61),
            kind: intake::RemedyKind::Replacement.into(),
            amount: None,
            execute_by: "2026-05-21".to_owned(),
        }],
        appeal_info: "odwołanie do 21 maja 2026 r., odpowiadając na tę wiadomość.".to_owned(),
        adr_statement: intake::AdrStatement::Agrees.into(),
        adr_body: "Inspekcja Handlowa w Warszawie, ul. Sienkiewicza 3".to_owned(),
        signatory: sealed("Anna Lis, dział reklamacji"),
        message_id: message_id.to_owned(),
        decided_at: Some(timestamp("2026-05-07T11:00:00Z".parse().unwrap())),
        ..intake::ComplaintDecided::default()
    }
}

fn resolved() -> intake::TicketResolved {
    intake::TicketResolved {
        resolution_code: "COMPLAINT_DECIDED".to_owned(),
        summary: sealed("Reklamacja rozpatrzona."),
        ..intake::TicketResolved::default()
    }
}

fn extended(message_id: &str) -> intake::ComplaintExtended {
    intake::ComplaintExtended {
        new_last_day: "2026-06-29".to_owned(),
        reason: "czekamy na opinię serwisu".to_owned(),
        circumstances: "przyczynę usterki".to_owned(),
        notice_message_id: message_id.to_owned(),
    }
}

fn requested(message_id: &str) -> intake::ComplaintInfoRequested {
    intake::ComplaintInfoRequested {
        request_id: id(70),
        missing: vec!["PHOTO".to_owned()],
        supplement_by: "2026-05-07".to_owned(),
        message_id: message_id.to_owned(),
    }
}

/// A complaint from its confirmation to its decision; answers the letters after the ordinary
/// confirmation of receipt.
async fn a_complaints_life(language: &str) -> (World, Uuid, Vec<Letter>) {
    let world = World::with(|config| config.ack_grace = Duration::from_secs(3600)).await;
    let ticket_id = world.verified_ticket(language).await;
    let first_reply = sla::ClockStarted {
        kind: sla::ClockKind::FirstReply.into(),
        clock_id: id(51),
        ..statutory(ticket_id, "")
    };
    world.tell("clock", ticket_id, &first_reply).await;
    world.letters(1).await;
    world.tell("ticket", ticket_id, &opened()).await;
    // The confirmation waits for the last day, and for nothing else.
    world.tell("clock", ticket_id, &statutory(ticket_id, "2026-05-14")).await;
    world.letters(2).await;
    let question = message(intake::MessagePurpose::Question, "Prosimy o zdjęcie wady.");
    world.tell_together(ticket_id, &question, &requested(&question.message_id)).await;
    world.letters(3).await;
    let update = message(intake::MessagePurpose::Update, "Damy znać, gdy serwis odpowie.");
    world.tell_together(ticket_id, &update, &extended(&update.message_id)).await;
    world.letters(4).await;
    world.tell("ticket", ticket_id, &claims_stated()).await;
    let decision = message(intake::MessagePurpose::Decision, "Przepraszamy za kłopot.");
    world.tell_together(ticket_id, &decision, &decided(&decision.message_id)).await;
    world.tell("ticket", ticket_id, &resolved()).await;
    let letters = world.letters(5).await;
    (world, ticket_id, letters)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_letter_about_a_complaint_in_polish() {
    let (world, ticket_id, letters) = a_complaints_life("pl").await;
    let [_, ack, question, extension, decision] = &letters[..] else { panic!() };
    assert!(ack.text.contains("że 30 kwietnia 2026 r. otrzymaliśmy Państwa reklamację"));
    assert!(ack.text.contains("najpóźniej 14 maja 2026 r."), "{}", ack.text);
    assert!(ack.text.contains("7K3M9-QXF2H-4"));
    assert_eq!(ack.header("auto-submitted"), "auto-replied");
    assert!(question.text.contains("Prosimy o zdjęcie wady."), "{}", question.text);
    assert!(question.text.contains("Prosimy o przesłanie do 7 maja 2026 r. "));
    assert!(!question.text.contains("PHOTO"), "no internal codes");
    assert!(extension.text.contains("potrwa dłużej: czekamy na opinię serwisu. Musimy ustalić"));
    assert!(extension.text.contains("Odpowiemy do 29 czerwca 2026 r."), "{}", extension.text);
    for told in [
        "rozpatrzyliśmy reklamację 7K3M9-QXF2H-4 z 30 kwietnia 2026 r.",
        "Decyzja: uwzględniona częściowo.",
        "Uznajemy: wymiana. Nie uznajemy: odszkodowanie 49,00 PLN.",
        "Co i do kiedy zrobimy: wymiana do 21 maja 2026 r.",
        "Przepraszamy za kłopot.",
        "Uzasadnienie: Wada istniała przy wydaniu.\n\nStrat nikt nie wykazał.",
        "Podstawa: art. 43d ustawy o prawach konsumenta.",
        "odwołanie do 21 maja 2026 r., odpowiadając na tę wiadomość. Odwołanie rozpatrzy inna osoba.",
        "Polubowne rozwiązanie sporu: zgadzamy się na udział w postępowaniu; prowadzi je: \
         Inspekcja Handlowa w Warszawie, ul. Sienkiewicza 3.",
        "Podpisuje: Anna Lis, dział reklamacji",
        "rzecznik konsumentów, sąd.",
    ] {
        assert!(decision.text.contains(told), "{told}\n{}", decision.text);
    }
    assert_eq!(decision.header("auto-submitted"), "no");

    // The decision says it all: nobody is told about the solution besides.
    let notices = eventually(|| async {
        let notices = world.notices(ticket_id).await;
        let proved = notices.iter().filter(|notice| notice.proof_due_at.is_some()).count();
        (notices.len() == 6 && proved == 3).then_some(notices)
    })
    .await;
    let told: Vec<_> = notices.iter().map(|n| (n.purpose(), n.audience())).collect();
    let expected = [
        Purpose::Ack,
        Purpose::ComplaintAck,
        Purpose::InfoRequest,
        Purpose::ComplaintExtension,
        Purpose::Decision,
        Purpose::Resolution,
    ];
    assert_eq!(told, expected.map(|purpose| (purpose, Audience::Customer)));
    let last = notices.last().unwrap();
    assert_eq!(last.state(), NoticeState::Suppressed);
    assert_eq!(last.suppression_reason(), SuppressionReason::Duplicate);
    let followed: Vec<_> = notices
        .iter()
        .filter(|notice| notice.proof_due_at.is_some())
        .map(|notice| notice.purpose())
        .collect();
    assert_eq!(followed, [Purpose::ComplaintAck, Purpose::ComplaintExtension, Purpose::Decision]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_letter_about_a_complaint_in_english() {
    let (_, _, letters) = a_complaints_life("en").await;
    let [_, ack, question, extension, decision] = &letters[..] else { panic!() };
    assert!(ack.text.contains("that on 30 April 2026 we received your complaint about: Router"));
    assert!(ack.text.contains("We will answer your complaint by 14 May 2026 at the latest."));
    assert!(question.text.contains("Please send it by 7 May 2026; a phone photo is fine."));
    assert!(extension.text.contains("We will answer by 29 June 2026."), "{}", extension.text);
    for told in [
        "we have examined your complaint 7K3M9-QXF2H-4 of 30 April 2026.",
        "Decision: partly accepted.",
        "We accept: replacement. We do not accept: compensation 49.00 PLN.",
        "What we will do, and by when: replacement by 21 May 2026.",
        "Przepraszamy za kłopot.",
        "Our reasons: Wada istniała przy wydaniu.\n\nStrat nikt nie wykazał.",
        "Out-of-court settlement: we agree to take part; it is held by: Inspekcja Handlowa w \
         Warszawie, ul. Sienkiewicza 3.",
        "Signed by: Anna Lis, dział reklamacji",
        "Help: the consumer ombudsman, or the court.",
    ] {
        assert!(decision.text.contains(told), "{told}\n{}", decision.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_letter_of_what_silence_decided_says_what_was_granted() {
    let world = World::new().await;
    let ticket_id = world.ticket("pl").await;
    world.letters(1).await;
    world.tell("ticket", ticket_id, &opened()).await;
    world.letters(2).await;
    let outcome = intake::ClaimOutcome::Accepted.into();
    let deemed = intake::ComplaintDecided {
        outcome: intake::ComplaintOutcome::DeemedAccepted.into(),
        per_claim: vec![intake::ClaimDecision { claim_id: id(40), outcome, amount: None }],
        justification: None,
        adr_statement: intake::AdrStatement::NotApplicable.into(),
        signatory: None,
        ..decided("")
    };
    world.tell("ticket", ticket_id, &deemed).await;
    let letter = message(intake::MessagePurpose::Decision, "Przepraszamy za milczenie.");
    world.tell("ticket", ticket_id, &letter).await;
    let letters = world.letters(3).await;
    for told in [
        "Decyzja: uznana za uzasadnioną, ponieważ nie odpowiedzieliśmy w terminie.",
        "Uznajemy: wyjaśnienie.",
        "Co i do kiedy zrobimy: wymiana do 21 maja 2026 r.",
        "Przepraszamy za milczenie.",
    ] {
        assert!(letters[2].text.contains(told), "{told}\n{}", letters[2].text);
    }
    let notices = world.notices(ticket_id).await;
    assert_eq!(notices.last().unwrap().purpose(), Purpose::Decision, "and is proved as one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_business_is_not_sent_to_the_consumer_ombudsman_and_nobody_reads_reasons_twice() {
    let world = World::new().await;
    let ticket_id = world.ticket("pl").await;
    world.letters(1).await;
    let business = common::ConsumerStatus::Business.into();
    let opened = intake::ComplaintOpened { consumer_status: business, ..opened() };
    world.tell("ticket", ticket_id, &opened).await;
    world.letters(2).await;
    let reasons = "Wada powstała później.";
    let letter = format!("Szanowni Państwo,\n\n{reasons} Nie możemy jej uznać.");
    let letter = message(intake::MessagePurpose::Decision, &letter);
    let decided = intake::ComplaintDecided {
        justification: sealed(reasons),
        adr_statement: intake::AdrStatement::NotApplicable.into(),
        ..decided(&letter.message_id)
    };
    world.tell_together(ticket_id, &letter, &decided).await;
    let letters = world.letters(3).await;
    let text = &letters[2].text;
    assert!(!text.contains("rzecznik"), "{text}");
    assert_eq!(text.matches(reasons).count(), 1, "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_without_a_day_by_law_is_confirmed_without_one() {
    let world = World::new().await;
    let ticket_id = world.ticket("pl").await;
    world.letters(1).await;
    world.tell("ticket", ticket_id, &opened()).await;
    let letters = world.letters(2).await;
    assert!(letters[1].text.contains("najszybciej, jak to możliwe"), "{}", letters[1].text);
}

/// Where the customer wants paper a mail proves nothing: the letter is posted, and its receipt does.
#[tokio::test(flavor = "multi_thread")]
async fn a_decision_that_is_wanted_on_paper_is_not_mailed_and_its_receipt_proves_it() {
    use intake::ReplyForm::{PaperOrDurable, SameAsFiled, WrittenSigned};
    use intake::SubmissionForm::{Electronic, Paper};
    for (form, filed, channel, posted) in [
        (PaperOrDurable, Electronic, common::Channel::Letter, true),
        (WrittenSigned, Electronic, common::Channel::Email, true),
        (SameAsFiled, Paper, common::Channel::Email, true),
        (SameAsFiled, Electronic, common::Channel::Email, false),
        (PaperOrDurable, Paper, common::Channel::Email, false),
    ] {
        let world = World::new().await;
        let ticket_id = world.ticket("pl").await;
        world.letters(1).await;
        let opened = intake::ComplaintOpened {
            reply_form: form.into(),
            submission_form: filed.into(),
            ..opened()
        };
        world.tell("ticket", ticket_id, &opened).await;
        let over = |purpose, body| intake::MessageAdded {
            channel: channel.into(),
            ..message(purpose, body)
        };
        let update = over(intake::MessagePurpose::Update, "Damy znać.");
        world.tell_together(ticket_id, &update, &extended(&update.message_id)).await;
        let decision = over(intake::MessagePurpose::Decision, "Wada istniała.");
        world.tell_together(ticket_id, &decision, &decided(&decision.message_id)).await;
        world.caught_up().await;
        let notices = world.notices(ticket_id).await;
        let of = |purpose| notices.iter().find(|notice| notice.purpose() == purpose).unwrap();
        if !posted {
            world.letters(4).await;
            continue;
        }
        for purpose in [Purpose::ComplaintExtension, Purpose::Decision] {
            let notice = of(purpose);
            assert_eq!(notice.state(), NoticeState::Suppressed, "{purpose:?}");
            assert_eq!(notice.suppression_reason(), SuppressionReason::NoChannel);
        }
        let (receipt, tracking) = (DeliveryEvidence::PostReceipt, DeliveryEvidence::Tracking);
        for (purpose, evidence, state) in [
            (Purpose::ComplaintExtension, receipt, NoticeState::Sent),
            (Purpose::Decision, receipt, NoticeState::Sent),
            (Purpose::Decision, tracking, NoticeState::Delivered),
        ] {
            let request = RecordDeliveryRequest {
                request_id: Uuid::now_v7().to_string(),
                notice_id: of(purpose).notice_id.clone(),
                evidence: evidence.into(),
                delivered_at: Some(timestamp(world.log.now().await.unwrap())),
            };
            let request = by(chassis::rpc::Role::Lead, request);
            let proved = world.client.clone().record_delivery(request).await.unwrap().into_inner();
            assert_eq!(proved.notice.unwrap().state(), state, "{purpose:?}");
        }
        assert_eq!(world.letters(2).await.len(), 2, "the two confirmations alone");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_as_a_data_subject_is_told_why_the_answer_takes_longer_and_until_when() {
    for (language, texts) in [
        ("pl", ["Rozpatrzenie żądania zajmie", "do 29 czerwca 2026 r.", "czekamy na opinię"]),
        ("en", ["answer to your request needs", "by 29 June 2026", "czekamy na opinię"]),
    ] {
        let world = World::new().await;
        let ticket_id = world.ticket(language).await;
        world.letters(1).await;
        let told = message(intake::MessagePurpose::Update, "Trzy systemy.");
        let intake::ComplaintExtended { new_last_day, reason, circumstances, notice_message_id } =
            extended(&told.message_id);
        let extended = intake::DataSubjectRequestExtended {
            new_last_day,
            reason,
            circumstances,
            notice_message_id,
        };
        world.tell_together(ticket_id, &told, &extended).await;
        let letter = world.letters(2).await.remove(1);
        let whole = format!("{}\n{}", letter.subject(), letter.text);
        for text in texts.into_iter().chain(["Trzy systemy."]) {
            assert!(whole.contains(text), "{text}: {whole}");
        }
        let notice = world.notices(ticket_id).await.pop().unwrap();
        assert_eq!(notice.purpose(), Purpose::ComplaintExtension);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_has_the_form_of_the_law_that_applied_last() {
    use intake::ReplyForm::{PaperOrDurable, Unspecified, WrittenSigned};
    for (first, forms, posted) in [
        (PaperOrDurable, vec![WrittenSigned], true),
        (WrittenSigned, vec![PaperOrDurable], false),
        (WrittenSigned, vec![Unspecified], true),
        (PaperOrDurable, vec![WrittenSigned, PaperOrDurable], false),
    ] {
        let world = World::new().await;
        let ticket_id = world.ticket("pl").await;
        world.letters(1).await;
        let opened = intake::ComplaintOpened { reply_form: first.into(), ..opened() };
        world.tell("ticket", ticket_id, &opened).await;
        for form in &forms {
            let reclassified = intake::ComplaintReclassified {
                reply_form: (*form).into(),
                ..intake::ComplaintReclassified::default()
            };
            world.tell("ticket", ticket_id, &reclassified).await;
        }
        let decision = message(intake::MessagePurpose::Decision, "Wada istniała.");
        world.tell_together(ticket_id, &decision, &decided(&decision.message_id)).await;
        world.caught_up().await;
        let notices = world.notices(ticket_id).await;
        let told = notices.iter().find(|notice| notice.purpose() == Purpose::Decision).unwrap();
        assert_eq!(told.state() == NoticeState::Suppressed, posted, "{first:?} {forms:?}");
    }
}

/// A ticket's complaint with its confirmation, under laws with these last days; the first clock is
/// 50.
async fn confirmed(days: &[&str]) -> (World, Uuid) {
    let world = World::new().await;
    let ticket_id = world.ticket("en").await;
    world.letters(1).await;
    for (day, clock) in days.iter().zip(50..) {
        let started = sla::ClockStarted { clock_id: id(clock), ..statutory(ticket_id, day) };
        world.tell("clock", ticket_id, &started).await;
    }
    world.tell("ticket", ticket_id, &opened()).await;
    world.letters(2).await;
    (world, ticket_id)
}

/// Clocks that begin, with their last days.
type Begins<'a> = &'a [(sla::ClockKind, &'a str)];

/// Other law applies; `ends` and `begins` is what the clocks do about it, in one append.
async fn other_law((world, ticket_id): &(World, Uuid), ends: &[u128], begins: Begins<'_>) {
    let reclassified = intake::ComplaintReclassified {
        regimes: vec![intake::RegimeRef { code: "PL_TELECOM".to_owned(), ..Default::default() }],
        reason: "a telephone line".to_owned(),
        ..intake::ComplaintReclassified::default()
    };
    let ticket_id = *ticket_id;
    let cause = world.tell("ticket", ticket_id, &reclassified).await;
    let mut clocks = vec![world.caused(cause, ticket_id, &sla::ComplaintNoted::default()).await];
    for clock in ends {
        let stopped = sla::ClockStopped {
            clock_id: id(*clock),
            outcome: sla::ClockOutcome::Cancelled.into(),
            ..sla::ClockStopped::default()
        };
        clocks.push(world.caused(cause, ticket_id, &stopped).await);
    }
    for ((kind, day), clock) in begins.iter().zip(60..) {
        let started = sla::ClockStarted {
            clock_id: id(clock),
            kind: (*kind).into(),
            ..statutory(ticket_id, day)
        };
        clocks.push(world.caused(cause, ticket_id, &started).await);
    }
    world.append(StreamId::new("clock", ticket_id), clocks).await;
    world.caught_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_law_is_confirmed_where_it_asks_for_that_or_gives_another_day() {
    use sla::ClockKind::{StatutoryAck, StatutoryResponse};
    // Ends, begins, and the day that the customer is told of.
    let both = ["2026-05-14", "2026-05-30"];
    let cases: [(&[&str], &[u128], Begins<'_>, &str); 3] = [
        (
            &both[..1],
            &[50],
            &[(StatutoryResponse, "2026-06-01"), (StatutoryAck, "2026-05-15")],
            "1 June",
        ),
        (&both[..1], &[], &[(StatutoryAck, "2026-05-15")], "14 May"),
        (&both, &[50], &[], "30 May"),
    ];
    for (days, ends, begins, told) in cases {
        let complaint = confirmed(days).await;
        other_law(&complaint, ends, begins).await;
        let letter = complaint.0.letters(3).await.remove(2);
        let told = format!("We will answer your complaint by {told} 2026 at the latest.");
        assert!(letter.text.contains(&told), "{told}: {}", letter.text);
        assert_eq!(letter.header("auto-submitted"), "auto-replied");
        let notices = complaint.0.notices(complaint.1).await;
        assert_eq!(notices.last().unwrap().purpose(), Purpose::ComplaintAck);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_law_that_changes_nothing_for_the_customer_is_not_told() {
    let day = "2026-05-14";
    let same = [(sla::ClockKind::StatutoryResponse, day)];
    let house = [(sla::ClockKind::InternalResponse, "2026-05-08")];
    // The last: it is no complaint.
    let cases: [(&[u128], Begins<'_>); 3] = [(&[50], &same), (&[], &house), (&[50], &[])];
    for (ends, begins) in cases {
        let complaint = confirmed(&[day]).await;
        other_law(&complaint, ends, begins).await;
        assert_eq!(complaint.0.notices(complaint.1).await.len(), 2, "{ends:?}");
    }
}
