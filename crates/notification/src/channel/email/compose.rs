//! Composes a mail from a finished text: headers, both parts, envelope.
use std::time::SystemTime;

use domain::notice::Purpose;
use jiff::Timestamp;
use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart};
use lettre::{Address, error::Error};
use uuid::Uuid;

use crate::template::Rendered;

/// Where the token of the ticket goes in `reply_to`.
pub(crate) const TOKEN_SLOT: &str = "{token}";

/// The headers that all mails share.
pub(super) struct Head {
    pub(super) from: Mailbox,
    /// Where answers go; the sender if there is none. May have [`TOKEN_SLOT`] in it.
    pub(super) reply_to: Option<String>,
}

/// A text with its address.
pub(crate) struct Letter {
    pub(super) notice_id: Uuid,
    ticket_id: Uuid,
    /// The token by which the customer's answer finds the ticket. Mails to colleagues have
    /// none: what they answer is no message of the customer.
    thread: Option<String>,
    to: Address,
    automatic: Automatic,
    rendered: Rendered,
}

/// How much of a machine is in a mail (RFC 3834).
#[derive(Debug, Clone, Copy)]
enum Automatic {
    /// A person wrote what it carries.
    No,
    /// It answers a message by itself.
    Replied,
    /// It comes by itself.
    Generated,
}

impl Letter {
    pub(super) fn new(
        to: Address,
        rendered: Rendered,
        (purpose, by_hand): (Purpose, bool),
        (notice_id, ticket_id): (Uuid, Uuid),
        thread: Option<String>,
    ) -> Self {
        let automatic = match purpose {
            Purpose::Reply
            | Purpose::Decision
            | Purpose::ComplaintExtension
            | Purpose::InfoRequest => match by_hand {
                true => Automatic::No,
                false => Automatic::Generated,
            },
            Purpose::Ack | Purpose::ComplaintAck => Automatic::Replied,
            Purpose::Assignment
            | Purpose::Breach
            | Purpose::Resolution
            | Purpose::Event
            | Purpose::Reminder
            | Purpose::CustomerReminder
            | Purpose::Task
            | Purpose::Escalation
            | Purpose::CustomerEscalation => Automatic::Generated,
        };
        Self { notice_id, ticket_id, thread, to, automatic, rendered }
    }

    /// The mail's envelope and bytes. Its Message-ID is the notice's own: a second attempt
    /// is the same mail, and a reader that got both shows one. With the token in it an answer's
    /// In-Reply-To and References lead back to the ticket.
    pub(super) fn compose(
        &self,
        head: &Head,
        now: Timestamp,
    ) -> Result<(Envelope, Vec<u8>), Error> {
        let domain = head.from.email.domain();
        let (own, conversation) = match &self.thread {
            Some(token) => (format!("{}.{token}", self.notice_id), token.clone()),
            None => (self.notice_id.to_string(), self.ticket_id.to_string()),
        };
        let mut builder = Message::builder()
            .from(head.from.clone())
            .to(Mailbox::new(None, self.to.clone()))
            .subject(self.rendered.subject.clone())
            .date(SystemTime::from(now))
            .message_id(Some(format!("<{own}@{domain}>")))
            // All mails about a ticket make one conversation.
            .references(format!("<ticket.{conversation}@{domain}>"));
        if let Some(reply_to) = self.reply_to(head) {
            builder = builder.reply_to(reply_to);
        }
        let Rendered { text, html, .. } = &self.rendered;
        let parts = MultiPart::alternative_plain_html(text.clone(), html.clone());
        let mut message = builder.multipart(parts)?;
        let automatic = match self.automatic {
            Automatic::No => "no",
            Automatic::Replied => "auto-replied",
            Automatic::Generated => "auto-generated",
        };
        let name = HeaderName::new_from_ascii_str("Auto-Submitted");
        message.headers_mut().insert_raw(HeaderValue::new(name, automatic.to_owned()));
        Ok((message.envelope().clone(), message.formatted()))
    }

    /// Where answers go. Without a token to fill in there is nowhere but the sender.
    fn reply_to(&self, head: &Head) -> Option<Mailbox> {
        let address = head.reply_to.as_deref()?;
        let address = match &self.thread {
            Some(token) => address.replace(TOKEN_SLOT, token),
            None if address.contains(TOKEN_SLOT) => return None,
            None => address.to_owned(),
        };
        Some(address.parse().expect("the settings were checked with a token of this length"))
    }
}
