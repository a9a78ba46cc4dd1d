//! The events of a party, and their value types.
use jiff::Timestamp;
use jiff::civil::Date;

use crate::identity::{ConsumerStatus, ContactPoint};
use crate::ids::{PartyId, Personal, TicketId};
use crate::priority::Channel;
use crate::quiet_hours::QuietHours;

/// A fact of a party. Each variant is the message of its name on the wire, for example
/// `Registered` is `odzew.intake.v1.PartyRegistered`.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// It became known.
    Registered(Registered),
    /// Its profile is another one now.
    Updated(Profile),
    /// It wants, or does not want, to hear something over a channel.
    PreferenceChanged(Preference),
    /// Another party is the same one and lives on.
    Merged(Merged),
    /// Its data must be kept, or need not be kept any longer.
    LegalHoldChanged(LegalHoldChanged),
    /// Its data are kept and not used, or may be used again.
    RestrictionChanged(RestrictionChanged),
    /// Nothing is known of it any more.
    Erased(Erased),
}

/// A party became known.
#[derive(Debug, Clone, PartialEq)]
pub struct Registered {
    /// Its id.
    pub party_id: PartyId,
    /// When.
    pub registered_at: Timestamp,
    /// Who it is and where it is reached.
    pub profile: Profile,
}

/// Who a party is and where it is reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// A person or a company.
    pub kind: PartyKind,
    /// Its status in consumer law.
    pub consumer_status: ConsumerStatus,
    /// Its name.
    pub name: Option<Personal>,
    /// Group of customers, in the tenant's words; may be empty.
    pub segment: String,
    /// Whether its matters count for more.
    pub vip: bool,
    /// Language, BCP 47, for example `pl`.
    pub language: String,
    /// How it wants to be written to.
    pub register: Register,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// Where it is reached.
    pub contact_points: Vec<ContactPoint>,
    /// What it needs to be reached at all, for example large print.
    pub accessibility: Option<Personal>,
    /// What other systems call it.
    pub external_refs: Vec<ExternalRef>,
}

/// What another system calls a party.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExternalRef {
    /// The system, for example `crm`.
    pub system: String,
    /// Its opaque id there.
    pub id: String,
}

/// What a party is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartyKind {
    /// A natural person.
    Person,
    /// A company or another organisation.
    Company,
}

/// How a party wants to be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Register {
    /// Without jargon.
    Plain,
    /// In the words of the trade.
    Expert,
}

/// What a message would be for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PreferencePurpose {
    /// News about a matter of the party.
    Service,
    /// A question how it went.
    Survey,
    /// Unrequested news, for example of an outage.
    Proactive,
    /// A payment that is due.
    Dunning,
}

/// Whether a party wants such messages over a channel, and its quiet hours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Preference {
    /// The channel.
    pub channel: Channel,
    /// What for.
    pub purpose: PreferencePurpose,
    /// Whether it may be used.
    pub allowed: bool,
    /// Hours without messages, in the party's time zone.
    pub quiet_hours: Option<QuietHours>,
}

/// Two parties are one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// Which becomes an alias.
    pub from: PartyId,
    /// Which lives on.
    pub into: PartyId,
    /// How that is known, without personal data.
    pub basis: String,
}

/// Data must be kept for a claim or a dispute, or no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegalHoldChanged {
    /// Whether they must be kept now.
    pub on: bool,
    /// Why, without personal data.
    pub basis: String,
    /// The last day; until it is lifted if absent.
    pub until: Option<Date>,
}

/// Data must be kept for a claim or a dispute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegalHold {
    /// Why, without personal data.
    pub basis: String,
    /// The last day; until it is lifted if absent.
    pub until: Option<Date>,
}

impl LegalHold {
    /// Whether the data must still be kept on that day.
    #[must_use]
    pub(crate) fn holds_on(&self, day: Date) -> bool {
        self.until.is_none_or(|until| day <= until)
    }
}

/// Nothing is known of a party any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// Its id.
    pub party_id: PartyId,
    /// Why, without personal data.
    pub basis: String,
    /// The data subject's request.
    pub request_ticket_id: Option<TicketId>,
    /// What was kept nevertheless, in codes.
    pub retained: Vec<String>,
}

/// Data are kept and not used (GDPR, art. 18), or may be used again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestrictionChanged {
    /// Whose.
    pub party_id: PartyId,
    /// Whether they are restricted now.
    pub on: bool,
    /// Why, without personal data.
    pub basis: String,
    /// The data subject's request.
    pub request_ticket_id: Option<TicketId>,
}

impl RestrictionChanged {
    /// The restriction, if there is one now.
    #[must_use]
    pub fn restriction(&self) -> Option<Restriction> {
        let (basis, request_ticket_id) = (self.basis.clone(), self.request_ticket_id);
        self.on.then_some(Restriction { basis, request_ticket_id })
    }
}

/// Why data are kept and not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restriction {
    /// Why, without personal data.
    pub basis: String,
    /// The data subject's request.
    pub request_ticket_id: Option<TicketId>,
}
