//! Commands to a party, and why they may be refused.
use jiff::Timestamp;
use jiff::civil::Date;

use super::event::{LegalHold, Preference, Profile, Registered, Restriction};
use crate::ids::{PartyId, TicketId};

/// A request to change a party.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Makes it known.
    Register(Registered),
    /// Replaces the whole profile.
    Update(Profile),
    /// The same but for what it needs, which whoever asks does not see.
    UpdateAllButNeeds(Profile),
    /// Says what it wants to hear.
    SetPreference(Preference),
    /// Makes it an alias of an older party.
    Merge(Merge),
    /// Keeps its data from being erased.
    SetLegalHold {
        /// Why and until when.
        hold: LegalHold,
        /// How many tickets it has. With some, a requester who was never registered is held, too.
        tickets: u64,
        /// The day of the command.
        today: Date,
    },
    /// Lifts the hold.
    LiftLegalHold {
        /// Why, without personal data.
        basis: String,
    },
    /// Keeps its data from being used.
    Restrict(Restrict),
    /// Lets them be used again.
    LiftRestriction {
        /// Which party's.
        party_id: PartyId,
        /// Why, without personal data.
        basis: String,
    },
    /// Forgets it.
    Erase(Erase),
}

/// Makes a party an alias of an older one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// The party that lives on: no alias itself.
    pub into: PartyId,
    /// When that one was registered.
    pub into_registered_at: Timestamp,
    /// How it is known that the two are one, without personal data.
    pub basis: String,
    /// The day of the command.
    pub today: Date,
}

/// Keeps a party's data from being used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restrict {
    /// Which.
    pub party_id: PartyId,
    /// Why.
    pub restriction: Restriction,
    /// Whether the ticket of the data subject's request is none in which the party ever asked.
    pub foreign_request: bool,
    /// How many tickets it has. With some, a requester who was never registered is restricted,
    /// too.
    pub tickets: u64,
}

/// Forgets a party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erase {
    /// Which.
    pub party_id: PartyId,
    /// Why, without personal data.
    pub basis: String,
    /// The data subject's request.
    pub request_ticket_id: Option<TicketId>,
    /// Whether that is no ticket in which the party ever asked.
    pub foreign_request: bool,
    /// What is kept nevertheless, in codes.
    pub retained: Vec<String>,
    /// How many tickets it has. With some, a requester who was never registered is forgotten, too.
    pub tickets: u64,
    /// How many of its streams, tickets and contacts have a key: what came for it after it was
    /// erased is erased again.
    pub sealed: u64,
    /// How many of its tickets are not closed.
    pub open_tickets: u64,
    /// Another party that asked in one of its tickets and is under a legal hold: what that one
    /// wrote would be erased, too.
    pub held: Option<PartyId>,
    /// The last day on which a rule of retention keeps its data.
    pub retained_until: Option<Date>,
    /// The day of the command.
    pub today: Date,
}

/// The rule that refuses a command.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no such party.
    #[error("the party is not registered")]
    NotRegistered,
    /// The id is taken.
    #[error("the party is already registered")]
    AlreadyRegistered,
    /// It is an alias of another party.
    #[error("the party was merged into {}", into.0)]
    Merged {
        /// The party that lives on.
        into: PartyId,
    },
    /// Nothing is known of it any more.
    #[error("the party was erased")]
    Erased,
    /// A party is not its own alias.
    #[error("a party is not merged into itself")]
    IntoItself,
    /// The older of two parties lives on.
    #[error("a party is merged into an older one only")]
    IntoYounger,
    /// Data under a legal hold stay under the id they were collected under.
    #[error("a party under a legal hold is neither merged nor erased")]
    UnderLegalHold,
    /// Nothing shows that the party asked for it.
    #[error("the ticket of the request is none of the party's")]
    ForeignRequest,
    /// Its tickets also contain texts of other people.
    #[error("party {}, which asked in the same ticket, is under a legal hold", held.0)]
    OtherUnderLegalHold {
        /// Which.
        held: PartyId,
    },
    /// What is kept and not used is not changed.
    #[error("the data of a restricted party are neither changed nor merged")]
    Restricted,
    /// A hold that is over holds nothing.
    #[error("a legal hold ends today or later")]
    HoldInThePast,
    /// Quiet hours that begin when they end would be no hours, or all.
    #[error("quiet hours end at another time than they begin")]
    QuietHoursEmpty,
    /// A matter is open.
    #[error("the party has {0} tickets that are not closed")]
    OpenTickets(u64),
    /// A rule of retention keeps the data.
    #[error("the data are kept until {0}")]
    Retention(Date),
}
