//! The scope of a policy: the tickets that it applies to.
use crate::priority::TicketType;

/// Most contracts or segments of a policy.
pub const MAX_ENTRIES: usize = 1_000;
/// Most characters of a contract's id or a segment's code.
pub const MAX_CHARS: usize = 64;

/// The tickets that a policy covers. If several policies cover a ticket, the narrowest applies:
/// contract before segment before type before everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Scope {
    /// Every ticket that no narrower policy is for.
    #[default]
    Everybody,
    /// Tickets of these types.
    TicketTypes(Vec<TicketType>),
    /// Requesters of these segments.
    Segments(Vec<String>),
    /// Tickets about a service under one of these contracts, by its id.
    Contracts(Vec<String>),
}

/// What of a ticket decides which policy promises to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entitlement {
    /// What kind of matter it is.
    pub ticket_type: TicketType,
    /// Segment of the requester when the ticket came in; empty if there is none.
    pub segment: String,
    /// Ids of the services that the ticket is about.
    pub contracts: Vec<String>,
}

impl Entitlement {
    /// A ticket of that type, without a segment and without a contract.
    #[must_use]
    pub fn of_type(ticket_type: TicketType) -> Self {
        Self { ticket_type, segment: String::new(), contracts: Vec::new() }
    }
}

impl Scope {
    /// True if the policy is for that ticket.
    pub(super) fn covers(&self, ticket: &Entitlement) -> bool {
        match self {
            Self::Everybody => true,
            Self::TicketTypes(types) => types.contains(&ticket.ticket_type),
            Self::Segments(segments) => segments.contains(&ticket.segment),
            Self::Contracts(contracts) => {
                ticket.contracts.iter().any(|contract| contracts.contains(contract))
            }
        }
    }

    /// How narrow it is: the greater goes first.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Everybody => 0,
            Self::TicketTypes(_) => 1,
            Self::Segments(_) => 2,
            Self::Contracts(_) => 3,
        }
    }

    /// True if it names at least one entry, and none twice.
    pub(super) fn is_sound(&self) -> bool {
        match self {
            Self::Everybody => true,
            Self::TicketTypes(types) => each_once(types),
            Self::Segments(names) | Self::Contracts(names) => {
                let fits = |name: &String| (1..=MAX_CHARS).contains(&name.chars().count());
                each_once(names) && names.len() <= MAX_ENTRIES && names.iter().all(fits)
            }
        }
    }
}

fn each_once<T: PartialEq>(entries: &[T]) -> bool {
    let twice = |(place, entry)| entries[..place].contains(entry);
    !entries.is_empty() && !entries.iter().enumerate().any(twice)
}
