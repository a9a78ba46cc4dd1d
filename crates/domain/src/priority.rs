//! Types that tickets, routes and clocks share: ticket type, priority, impact, urgency, channel.

/// Priority of a ticket; `P1` is the most urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Critical: a whole service is down or many customers are stopped.
    P1,
    /// High.
    P2,
    /// Normal.
    P3,
    /// Low: small questions, late payments.
    P4,
}

impl Priority {
    /// All priorities, most urgent first.
    pub const ALL: [Self; 4] = [Self::P1, Self::P2, Self::P3, Self::P4];

    /// Impact × urgency, the matrix of ITIL practice.
    #[must_use]
    pub fn of(impact: Impact, urgency: Urgency) -> Self {
        use Level::{High, Low, Medium};
        match (impact.0, urgency.0) {
            (High, High) => Self::P1,
            (High, Medium) | (Medium, High) => Self::P2,
            (High, Low) | (Medium, Medium) | (Low, High) => Self::P3,
            (Medium, Low) | (Low, Medium | Low) => Self::P4,
        }
    }
}

/// High, medium or low.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// High.
    High,
    /// Medium.
    Medium,
    /// Low.
    Low,
}

/// How much is affected. High: a whole service, more than one customer or a VIP
/// contract; medium: one customer's key function or several users; low: one user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Impact(pub Level);

/// How soon it hurts. High: now, work stopped, safety or money running; medium:
/// within the day; low: can wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Urgency(pub Level);

/// Channel over which a message travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Electronic mail.
    Email,
    /// Customer portal.
    Portal,
    /// Live chat.
    Chat,
    /// Telephone.
    Voice,
    /// Web form.
    Form,
    /// Short text message.
    Sms,
    /// Social medium.
    Social,
    /// Paper letter.
    Letter,
    /// Monitoring system.
    Monitoring,
    /// Another system through the API.
    Api,
    /// Signed HTTP call to a subscriber.
    Webhook,
}

/// What kind of matter a ticket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TicketType {
    /// Something is broken.
    Incident,
    /// Something is wanted.
    Request,
    /// A question.
    Inquiry,
    /// A complaint.
    Complaint,
    /// About an invoice, a fee or a payment.
    Payment,
    /// A question before buying.
    SalesInquiry,
    /// A request under data protection law.
    DataSubjectRequest,
    /// From an ombudsman, an arbitration body or an authority.
    Regulatory,
    /// Internal record of a cause.
    Problem,
}
