//! The stages of a ticket's life, by name.

/// Name of a stage of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Registered, nobody works on it.
    New,
    /// Somebody works or must work.
    Open,
    /// Our question is with the customer.
    WaitingCustomer,
    /// Another company must act.
    WaitingThirdParty,
    /// A solution was given; the customer may object.
    Resolved,
    /// Final.
    Closed,
}

impl Stage {
    /// The name as outsiders know it, for example `WAITING_CUSTOMER`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::Open => "OPEN",
            Self::WaitingCustomer => "WAITING_CUSTOMER",
            Self::WaitingThirdParty => "WAITING_THIRD_PARTY",
            Self::Resolved => "RESOLVED",
            Self::Closed => "CLOSED",
        }
    }
}
