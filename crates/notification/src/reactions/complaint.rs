//! Which messages of a ticket are formal letters about a complaint or a data subject's request.
//!
//! A command's events are appended together: a reader that sees a message that asks, extends or
//! decides sees the complaint's event that says so, too.
use domain::notice::Purpose;
use eventlog::Recorded;
use wire::DecodeError;
use wire::common::v1::Channel;
use wire::intake::v1::{
    ComplaintExtended, ComplaintInfoRequested, ComplaintOpened, ComplaintReclassified,
    DataSubjectRequestExtended, MessageAdded, MessagePurpose, ReplyForm, SubmissionForm,
};

use crate::read_model::ticket_facts::decode;

/// What a message to the customer is for.
pub(super) fn purpose_of(
    message: &MessageAdded,
    ticket: &[Recorded],
) -> Result<Purpose, DecodeError> {
    match message.purpose() {
        MessagePurpose::Decision => return Ok(Purpose::Decision),
        // Of these some ask for what a complaint lacks, or tell that an answer takes longer.
        MessagePurpose::Question | MessagePurpose::Update => {}
        MessagePurpose::Unspecified
        | MessagePurpose::Reply
        | MessagePurpose::Broadcast
        | MessagePurpose::Note
        | MessagePurpose::Evidence
        | MessagePurpose::Task
        | MessagePurpose::Handover => return Ok(Purpose::Reply),
    }
    for event in ticket {
        let (purpose, told_by) = match event.event_type.as_str() {
            wire::event::COMPLAINT_INFO_REQUESTED => {
                let requested = decode::<ComplaintInfoRequested>(event)?;
                (Purpose::InfoRequest, requested.message_id)
            }
            wire::event::COMPLAINT_EXTENDED => {
                let extended = decode::<ComplaintExtended>(event)?;
                (Purpose::ComplaintExtension, extended.notice_message_id)
            }
            wire::event::DATA_SUBJECT_REQUEST_EXTENDED => {
                let extended = decode::<DataSubjectRequestExtended>(event)?;
                (Purpose::ComplaintExtension, extended.notice_message_id)
            }
            _ => continue,
        };
        if told_by == message.message_id {
            return Ok(purpose);
        }
    }
    Ok(Purpose::Reply)
}

/// Whether a letter that must be proved goes by post: it was written as a letter, or the answer
/// must be signed, or must have the form of a complaint made on paper. A mail would be no proof of
/// it.
pub(super) fn is_posted(
    purpose: Purpose,
    message: &MessageAdded,
    ticket: &[Recorded],
) -> Result<bool, DecodeError> {
    if !matches!(purpose, Purpose::Decision | Purpose::ComplaintExtension) {
        return Ok(false);
    }
    Ok(message.channel() == Channel::Letter || is_on_paper(ticket)?)
}

/// Whether the answer has a form that no mail has, as the law has it that applied last.
fn is_on_paper(ticket: &[Recorded]) -> Result<bool, DecodeError> {
    let (mut form, mut filed) = (ReplyForm::Unspecified, SubmissionForm::Unspecified);
    for event in ticket {
        match event.event_type.as_str() {
            wire::event::COMPLAINT_OPENED => {
                let opened = decode::<ComplaintOpened>(event)?;
                (form, filed) = (opened.reply_form(), opened.submission_form());
            }
            wire::event::COMPLAINT_RECLASSIFIED => {
                match decode::<ComplaintReclassified>(event)?.reply_form() {
                    ReplyForm::Unspecified => {}
                    other => form = other,
                }
            }
            _ => {}
        }
    }
    Ok(match form {
        ReplyForm::WrittenSigned => true,
        ReplyForm::SameAsFiled => filed == SubmissionForm::Paper,
        ReplyForm::Any
        | ReplyForm::AsRequested
        | ReplyForm::PaperOrDurable
        | ReplyForm::Electronic
        | ReplyForm::Unspecified => false,
    })
}

/// Whether the ticket was resolved by a decision that the customer is told: then the letter is
/// enough, and another mail is not needed.
pub(super) fn was_decided(ticket: &[Recorded], resolved: &Recorded) -> Result<bool, DecodeError> {
    for event in ticket.iter().rev().skip_while(|event| event.position >= resolved.position) {
        match event.event_type.as_str() {
            wire::event::TICKET_REOPENED => return Ok(false),
            wire::event::MESSAGE_ADDED => {
                let message = decode::<MessageAdded>(event)?;
                if message.purpose() == MessagePurpose::Decision {
                    return Ok(true);
                }
            }
            _ => {}
        }
    }
    Ok(false)
}
