//! The answer to a data subject's request may take longer.
use std::sync::Arc;

use jiff::civil::{Date, date};

use super::complaint::extend;
use super::*;
use crate::calendar::Period;
use crate::complaint::{Extend, Extended};
use crate::regime::{Extension, Matter, NoticeContent, Occasion, Rank, Regimes, sample};
use crate::spec::{Given, given};

/// Last day of the first month from receipt, which ends on a Sunday, and of the third.
const BASE: Date = date(2026, 6, 29);
const LATEST: Date = date(2026, 8, 28);

/// One month to answer, three with the notice.
fn gdpr() -> Regimes {
    let mut draft = sample::consumer();
    draft.code = "EU_GDPR_DSR".into();
    (draft.scope.occasion, draft.scope.rank) = (Occasion::Request, Rank::Special);
    draft.scope.subjects = vec!["DATA_SUBJECT_RIGHTS".into()];
    draft.scope.consumers.clear();
    draft.scope.countries = vec!["EU".into()];
    draft.base.period = Period::Months(1);
    let require = vec![NoticeContent::Reason, NoticeContent::NewDate];
    draft.extension = Some(Extension { total: Some(Period::Months(3)), require });
    let mut regimes = Regimes::default();
    regimes.publish(Arc::new(sample::regime(draft)));
    regimes
}

pub(super) fn extend_request() -> Command {
    extending(|_| {})
}

/// With the day on which two further months end, unless changed.
fn extending(change: impl FnOnce(&mut Extend)) -> Command {
    let matter = Matter::data_subject_request();
    let regimes = gdpr().applying(&matter, registered().received_at);
    assert_eq!(regimes.len(), 1, "the law of requests applies");
    let message = message(130);
    let message_id = message.message_id;
    let (new_last_day, circumstances) = (LATEST, String::new());
    let mut extend = Extend { regimes, message_id, new_last_day, circumstances, ..extend() };
    change(&mut extend);
    Command::ExtendRequest(Box::new(ExtendRequest { extend, message, known: Known::default() }))
}

fn request() -> Given<Ticket> {
    given::<Ticket>([]).and(of_type(TicketType::DataSubjectRequest))
}

fn refused(rule: crate::complaint::Rejection) -> Rejection {
    Rejection::Complaint(rule)
}

#[test]
fn two_further_months_are_told_within_the_first_with_the_reason() {
    let told = Event::RequestExtended(Extended {
        new_last_day: LATEST,
        reason: "An expert".to_owned(),
        circumstances: String::new(),
        notice_message_id: message(130).message_id,
    });
    let news = added(130, MessageDirection::Outbound, MessagePurpose::Update, true);
    request().when(extend_request()).then([news, told]);
    let again = refused(crate::complaint::Rejection::AlreadyExtended);
    request().and(extend_request()).when(extend_request()).then_rejected(again);

    let silent = extending(|extend| extend.reason = " ".to_owned());
    let incomplete = crate::complaint::Rejection::NoticeIncomplete("why it takes longer");
    request().when(silent).then_rejected(refused(incomplete));
    for (wrong, latest) in [(BASE, None), (LATEST.tomorrow().unwrap(), Some(LATEST))] {
        let command = extending(|extend| extend.new_last_day = wrong);
        let day = crate::complaint::Rejection::ExtensionDay { after: BASE, latest };
        request().when(command).then_rejected(refused(day));
    }
}

#[test]
fn after_the_first_month_it_is_too_late() {
    let end = BASE.at(23, 59, 59, 999_000_000).in_tz("Europe/Warsaw").unwrap().timestamp();
    let at_the_end = extending(|extend| extend.now = end);
    assert_eq!(request().when(at_the_end).into_events().len(), 2);
    let late = extending(|extend| extend.now = end + jiff::SignedDuration::from_millis(1));
    let too_late = crate::complaint::Rejection::ExtensionTooLate { due_at: end };
    request().when(late).then_rejected(refused(too_late));
}

#[test]
fn only_a_data_subjects_request_is_extended_and_only_where_a_law_lets_it() {
    let other = given::<Ticket>([]).and(of_type(TicketType::Incident));
    other.when(extend_request()).then_rejected(Rejection::NoDataSubjectRequest);
    let without_law = extending(|extend| extend.regimes.clear());
    let none = refused(crate::complaint::Rejection::NoExtension);
    request().when(without_law).then_rejected(none);
}

#[test]
fn what_everybody_reads_of_it_has_no_personal_data() {
    let Command::ExtendRequest(mut command) =
        extending(|extend| extend.reason = "Write to jan@example.org".to_owned())
    else {
        unreachable!()
    };
    command.message.public_venue = true;
    let outcome = Ticket::decide(&request().into_state(), &Command::ExtendRequest(command));
    let Err(Rejection::PublicPersonalData { text, .. }) = outcome else { panic!("{outcome:?}") };
    assert_eq!(text, PublicText::Reason);
}

#[test]
fn a_request_is_not_merged_into_one_that_is_answered_later() {
    let into =
        |extended| merge(Other { kind: TicketType::DataSubjectRequest, extended, ..other(5) });
    assert_eq!(request().when(into(false)).into_events().len(), 2);
    request().when(into(true)).then_rejected(Rejection::DataSubjectRequestIntoExtended);
    assert_eq!(request().and(extend_request()).when(into(true)).into_events().len(), 2);
}
