//! The events of a notice, and their value types.
use jiff::Timestamp;
use uuid::Uuid;

use crate::ids::{MessageId, NoticeId, TicketId};
use crate::priority::Channel;

/// What happens to a notice.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// It is to be sent.
    Scheduled(Scheduled),
    /// It is not sent.
    Suppressed(Suppressed),
    /// An attempt began.
    Attempted {
        /// The notice.
        notice_id: NoticeId,
        /// Number of the attempt, counted from 1.
        attempt_no: u32,
        /// When it began.
        at: Timestamp,
    },
    /// The recipient's server took it.
    Sent(Sent),
    /// There is proof that it reached the recipient.
    Delivered(Delivered),
    /// An attempt failed or was lost, or what was sent came back.
    Failed(Failed),
    /// Another attempt is requested.
    Released {
        /// The notice.
        notice_id: NoticeId,
        /// When it is due.
        due: Timestamp,
    },
}

/// A notice is to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Scheduled {
    /// The notice.
    pub notice_id: NoticeId,
    /// Text of its [`Key`](super::Key).
    pub key: String,
    /// What it is for.
    pub purpose: Purpose,
    /// To whom it speaks.
    pub audience: Audience,
    /// Opaque id of the recipient: a party, an agent or a webhook.
    pub recipient: String,
    /// Channel it goes over.
    pub channel: Channel,
    /// Id of the template.
    pub template_id: String,
    /// Version of the template.
    pub template_version: u32,
    /// Language, `pl` or `en`.
    pub locale: String,
    /// Not before.
    pub send_at: Timestamp,
    /// That time is the end of the recipient's quiet hours.
    pub deferred: bool,
    /// The event that caused it.
    pub cause_event_id: Uuid,
    /// Where that event is in the partition of the tenant.
    pub cause_position: u64,
    /// The ticket it is about.
    pub ticket_id: Option<TicketId>,
    /// The message it carries.
    pub message_id: Option<MessageId>,
}

/// A notice is not sent, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Suppressed {
    /// The notice.
    pub notice_id: NoticeId,
    /// Text of its [`Key`](super::Key).
    pub key: String,
    /// What it would have been for.
    pub purpose: Purpose,
    /// To whom it would have spoken.
    pub audience: Audience,
    /// Opaque id of the recipient; empty if there is none.
    pub recipient: String,
    /// Channel it would have gone over.
    pub channel: Channel,
    /// Why not.
    pub reason: SuppressionReason,
    /// The event that caused it.
    pub cause_event_id: Uuid,
    /// The ticket it is about.
    pub ticket_id: Option<TicketId>,
    /// The message it would have carried.
    pub message_id: Option<MessageId>,
}

/// The recipient's server took a notice, or it was posted.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    /// The notice.
    pub notice_id: NoticeId,
    /// The server's reference; empty for a posted one.
    pub provider_ref: String,
    /// When it was taken, or posted.
    pub at: Timestamp,
    /// SHA-256 of the rendered content; zeros for a posted one, which others have rendered.
    pub content_sha256: [u8; 32],
    /// What the notice is for.
    pub purpose: Purpose,
    /// The ticket it is about.
    pub ticket_id: Option<TicketId>,
    /// The message it carries.
    pub message_id: Option<MessageId>,
    /// When it counts as delivered unless it comes back; `None` if that needs no proof.
    pub proof_due_at: Option<Timestamp>,
    /// It left by post: the receipt of posting shows it.
    pub by_post: bool,
}

/// A notice reached its recipient, and what shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivered {
    /// The notice.
    pub notice_id: NoticeId,
    /// When it reached the recipient.
    pub at: Timestamp,
    /// What shows it.
    pub evidence: Evidence,
    /// What the notice is for.
    pub purpose: Purpose,
    /// The ticket it is about.
    pub ticket_id: Option<TicketId>,
    /// The message it carries.
    pub message_id: Option<MessageId>,
}

/// What shows that a notice reached its recipient, or that it was posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// The recipient's mail server took it and it did not come back in time, or a delivery
    /// status notification says so (RFC 3464).
    Dsn,
    /// The provider's interface says so.
    Api,
    /// The recipient opened it in the portal.
    PortalOpen,
    /// The receipt of posting: it left. Only older events use it for delivery.
    PostReceipt,
    /// The post's tracking: it was handed over.
    Tracking,
    /// The recipient took the call.
    VoiceAnswered,
}

/// An attempt failed or was lost, or what was sent came back.
#[derive(Debug, Clone, PartialEq)]
pub struct Failed {
    /// The notice.
    pub notice_id: NoticeId,
    /// No further attempt will be made.
    pub permanent: bool,
    /// What failed, for example `SMTP_550`.
    pub code: String,
    /// The server may have accepted it nevertheless.
    pub outcome_unknown: bool,
    /// When the next attempt is due; `None` if permanent or held.
    pub next_attempt_at: Option<Timestamp>,
    /// Purpose of the notice; `None` in older events, which do not have it.
    pub purpose: Option<Purpose>,
    /// The ticket it is about.
    pub ticket_id: Option<TicketId>,
    /// The message it carries.
    pub message_id: Option<MessageId>,
}

/// What a notice is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// Confirms that a ticket was received.
    Ack,
    /// Tells an agent of an assignment.
    Assignment,
    /// Carries a message to the customer.
    Reply,
    /// Tells the owner of a breached promise.
    Breach,
    /// Tells the customer of the solution.
    Resolution,
    /// Sends an event to a webhook.
    Event,
    /// Warns the owner that a deadline comes near.
    Reminder,
    /// Reminds the customer of our question.
    CustomerReminder,
    /// Confirms formally that a complaint was received.
    ComplaintAck,
    /// Carries the decision on a complaint or on an appeal.
    Decision,
    /// Tells the customer that the answer to the complaint takes longer.
    ComplaintExtension,
    /// Asks the customer for what is missing to examine the complaint.
    InfoRequest,
    /// Tells the owner of a task.
    Task,
    /// Tells a lead that a ticket was escalated.
    Escalation,
    /// Tells the customer that the case was passed on.
    CustomerEscalation,
}

impl Purpose {
    /// All purposes.
    pub const ALL: [Self; 15] = [
        Self::Ack,
        Self::Assignment,
        Self::Reply,
        Self::Breach,
        Self::Resolution,
        Self::Event,
        Self::Reminder,
        Self::CustomerReminder,
        Self::ComplaintAck,
        Self::Decision,
        Self::ComplaintExtension,
        Self::InfoRequest,
        Self::Task,
        Self::Escalation,
        Self::CustomerEscalation,
    ];

    /// Whether delivery may have to be proved: letters about a complaint on a durable medium. Only
    /// these are followed after they were sent.
    #[must_use]
    pub(crate) fn needs_proof(self) -> bool {
        match self {
            Self::ComplaintAck | Self::Decision | Self::ComplaintExtension => true,
            Self::Ack
            | Self::Assignment
            | Self::Reply
            | Self::Breach
            | Self::Resolution
            | Self::Event
            | Self::Reminder
            | Self::CustomerReminder
            | Self::InfoRequest
            | Self::Task
            | Self::Escalation
            | Self::CustomerEscalation => false,
        }
    }

    /// Whether it is a letter about a complaint.
    #[must_use]
    pub fn is_of_complaint(self) -> bool {
        self.needs_proof() || self == Self::InfoRequest
    }

    /// Whether it confirms a receipt: it waits only for what it would like to say, and may
    /// leave before its time once that is known.
    #[must_use]
    pub fn is_confirmation(self) -> bool {
        matches!(self, Self::Ack | Self::ComplaintAck)
    }

    /// The name as outsiders know it, for example `ACK`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ack => "ACK",
            Self::Assignment => "ASSIGNMENT",
            Self::Reply => "REPLY",
            Self::Breach => "BREACH",
            Self::Resolution => "RESOLUTION",
            Self::Event => "EVENT",
            Self::Reminder => "REMINDER",
            Self::CustomerReminder => "CUSTOMER_REMINDER",
            Self::ComplaintAck => "COMPLAINT_ACK",
            Self::Decision => "DECISION",
            Self::ComplaintExtension => "COMPLAINT_EXTENSION",
            Self::InfoRequest => "INFO_REQUEST",
            Self::Task => "TASK",
            Self::Escalation => "ESCALATION",
            Self::CustomerEscalation => "CUSTOMER_ESCALATION",
        }
    }
}

/// To whom a notice speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Audience {
    /// The customer.
    Customer,
    /// The owner of the ticket.
    Assignee,
    /// The team's lead.
    Lead,
    /// The SLA manager, who watches all promised times.
    SlaManager,
    /// The process owner.
    ProcessOwner,
    /// Another system.
    System,
}

/// Why a notice is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SuppressionReason {
    /// The same was sent already.
    Duplicate,
    /// The recipient does not want it.
    Preference,
    /// The recipient has no channel.
    NoChannel,
    /// The recipient was erased.
    Erased,
    /// The address had one a short while ago, and who is behind it is not known: it would answer an
    /// automatic message, or be somebody's tool to send mails to strangers.
    Loop,
    /// The recipient caused it.
    SelfCaused,
}
