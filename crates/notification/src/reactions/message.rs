//! Whom to notify of a message: the requester, parties affected by an incident, or the owner.
use domain::ids::MessageId;
use domain::notice::{Purpose, SuppressionReason};
use eventlog::{HandlerError, Recorded};
use uuid::Uuid;
use wire::common::v1::Channel;
use wire::intake::v1::{MessageAdded, MessageDirection, MessagePurpose};
use wire::scalar::{uuid, uuid_opt};

use super::wanted::{Wanted, customer};
use super::{Reactions, complaint};
use crate::part::Part;

impl Reactions {
    /// A message to the customer is mailed if mail carries its channel. News about an incident is
    /// also mailed to the parties whom it affects, whatever channel its own customer uses. A task is
    /// for the owner.
    pub(super) async fn message(
        &self,
        event: &Recorded,
        message: &MessageAdded,
    ) -> Result<Vec<Wanted>, HandlerError> {
        let internal = message.direction() == MessageDirection::Internal;
        if internal && message.purpose() == MessagePurpose::Task {
            return self.task(event, message).await;
        }
        if message.direction() != MessageDirection::Outbound {
            return Ok(Vec::new());
        }
        let message_id = uuid(&message.message_id, "message_id")?;
        let ticket = self.ticket(event).await?;
        let purpose = complaint::purpose_of(message, &ticket)?;
        let mailed = is_mailed(purpose, message.channel());
        let shared = shared_by(event, message)?;
        if !mailed && shared.is_none() {
            return Ok(Vec::new());
        }
        // What must be on paper is posted, and the sender records the proof.
        let posted = complaint::is_posted(purpose, message, &ticket)?;
        let said = || Wanted {
            message_id: Some(MessageId(message_id)),
            cycle: message_id.to_string(),
            shared,
            suppressed: posted.then_some(SuppressionReason::NoChannel),
            ..customer(event, purpose)
        };
        let mut wanted = Vec::new();
        if mailed {
            wanted.extend(self.to_requester((&ticket, event), said()).await?);
        }
        if shared.is_some() {
            let parties = self.only_affected(event, &ticket).await?.into_iter();
            let told =
                |id: Uuid| Wanted { recipient: id.to_string(), part: Part::Affected, ..said() };
            wanted.extend(parties.map(told));
        }
        Ok(wanted)
    }
}

/// Whether a message is for mail. What was said in a live conversation, in public or on
/// paper has reached the customer there; a formal letter is mailed wherever it was written,
/// because the law wants a durable medium, unless it is to be posted.
fn is_mailed(purpose: Purpose, channel: Channel) -> bool {
    if purpose != Purpose::Reply {
        return true;
    }
    match channel {
        Channel::Chat | Channel::Voice | Channel::Sms | Channel::Social | Channel::Letter => false,
        Channel::Email
        | Channel::Portal
        | Channel::Form
        | Channel::Monitoring
        | Channel::Api
        | Channel::Webhook
        | Channel::Unspecified => true,
    }
}

/// The news about an incident that a message passes on: intake gives it to every ticket below by
/// the cause of the first one.
fn shared_by(event: &Recorded, message: &MessageAdded) -> Result<Option<Uuid>, HandlerError> {
    if message.purpose() != MessagePurpose::Broadcast {
        return Ok(None);
    }
    let first = uuid_opt(&event.metadata()?.causation_id, "causation_id")?;
    Ok(Some(first.unwrap_or(event.event_id)))
}
