//! The address of a customer: the one in the ticket for the party that it was registered with;
//! without it, or for a party that replaced that one, the one in the party's profile.
//!
//! The profile is read from the party's stream when the mail is composed, so the address is
//! current, and an erased party has none. Addresses of parties exist only here and in the log.
use domain::notice::SuppressionReason;
use eventlog::sealing::Reading;
use eventlog::{Recorded, Tenant};
use uuid::Uuid;
use wire::DecodeError;
use wire::common::v1::Sealed;
use wire::intake::v1::{
    ContactPointKind, PartiesMerged, PartyLinked, PartyRegistered, PartyRestrictionChanged,
    PartyRole, PartyUpdated, SealedProfile, TicketRegistered,
};
use wire::scalar::uuid;

use super::{Email, known};
use crate::channel::Unsendable;
use crate::part::Part;

use crate::read_model::queue::Claimed;
use crate::read_model::ticket_facts::{TicketFacts, decode};
use crate::template::{Slots, locale_of};

/// Longest chain of aliases that is followed; each leads to an older party.
const MOST_ALIASES: usize = 100;

/// Where a notice goes.
pub(super) struct Addressee {
    /// None if there is no address.
    pub(super) address: Option<String>,
    pub(super) locale: String,
    pub(super) part: Part,
}

impl Part {
    /// Takes out of the mail what is for those alone whose matter it is.
    pub(super) fn keep_back(self, slots: &mut Slots, locale: &str) {
        if self != Self::Affected {
            return;
        }
        let subject =
            if locale == "pl" { "Informacja o zdarzeniu" } else { "News about an incident" };
        for (slot, text) in [("temat", subject), ("subject", subject), ("link", "")] {
            slots.insert(slot, text.to_owned());
        }
    }
}

impl Email {
    /// Where the notice reaches the customer. `registered` is the address that the ticket was
    /// registered with.
    pub(super) async fn customer(
        &self,
        (tenant, ticket_id, facts): (&Tenant, Uuid, &TicketFacts),
        notice: &Claimed,
        registered: Reading,
    ) -> Result<Addressee, Unsendable> {
        let party = notice.recipient.parse().map_err(|_| Unsendable::Broken("PARTY_UNKNOWN"))?;
        if facts.requester != Some(party) {
            let asked = Asked::read(&self.stream(tenant, "ticket", ticket_id).await?, party);
            match asked.map_err(|_| Unsendable::Broken("TICKET_UNREADABLE"))? {
                Asked::FromTheFirst => {}
                Asked::Later => return self.party(tenant, party, Part::Asks).await,
                Asked::Never => return self.party(tenant, party, Part::Affected).await,
            }
        }
        let locale = notice.locale.clone();
        match known(registered)? {
            address @ Some(_) => Ok(Addressee { address, locale, part: Part::Asks }),
            None => Ok(Addressee { locale, ..self.party(tenant, party, Part::Asks).await? }),
        }
    }

    /// Where a party is reached now, or the one that it was merged into.
    async fn party(
        &self,
        tenant: &Tenant,
        party: Uuid,
        part: Part,
    ) -> Result<Addressee, Unsendable> {
        let mut at = party;
        for _ in 0..MOST_ALIASES {
            let standing = Standing::read(&self.stream(tenant, "party", at).await?);
            match standing.map_err(|_| Unsendable::Broken("PARTY_UNREADABLE"))? {
                Standing::Unknown => break,
                Standing::Erased => return Err(Unsendable::Suppress(SuppressionReason::Erased)),
                Standing::Alias(into) => at = into,
                // Of what is restricted (GDPR, art. 18) only the party's own matters have the use.
                Standing::Known { restricted: true, .. } if part == Part::Affected => {
                    return Err(Unsendable::Suppress(SuppressionReason::Preference));
                }
                Standing::Known { profile, .. } => {
                    return self.profile(tenant, &profile, part).await;
                }
            }
        }
        Err(Unsendable::Suppress(SuppressionReason::NoChannel))
    }

    async fn profile(
        &self,
        tenant: &Tenant,
        profile: &SealedProfile,
        part: Part,
    ) -> Result<Addressee, Unsendable> {
        let sealed = email(profile).cloned();
        let opened = self.keys.read(tenant.into(), &[sealed]).await.map_err(Unsendable::away)?;
        let locale = locale_of(&profile.language, &self.texts.default_locale).to_owned();
        let address = match opened.into_iter().next() {
            Some(reading) => known(reading)?,
            None => None,
        };
        Ok(Addressee { address, locale, part })
    }
}

/// The first address of a profile.
fn email(profile: &SealedProfile) -> Option<&Sealed> {
    let mut points = profile.contact_points.iter();
    points.find(|point| point.kind() == ContactPointKind::Email)?.value.as_ref()
}

/// Since when a party is the requester of a ticket.
pub(super) enum Asked {
    /// The ticket was registered with it.
    FromTheFirst,
    Later,
    Never,
}

impl Asked {
    pub(super) fn read(ticket: &[Recorded], party: Uuid) -> Result<Self, DecodeError> {
        let party = party.to_string();
        for event in ticket {
            match event.event_type.as_str() {
                wire::event::TICKET_REGISTERED
                    if decode::<TicketRegistered>(event)?.requester_party_id == party =>
                {
                    return Ok(Self::FromTheFirst);
                }
                wire::event::PARTY_LINKED => {
                    let linked = decode::<PartyLinked>(event)?;
                    if linked.role() == PartyRole::Requester && linked.party_id == party {
                        return Ok(Self::Later);
                    }
                }
                _ => {}
            }
        }
        Ok(Self::Never)
    }
}

/// The state of a party.
enum Standing {
    /// It was never registered.
    Unknown,
    Known {
        profile: Box<SealedProfile>,
        /// Its data are kept, and used for what it asked for alone.
        restricted: bool,
    },
    /// It lives on as another one.
    Alias(Uuid),
    Erased,
}

impl Standing {
    fn read(events: &[Recorded]) -> Result<Self, DecodeError> {
        let mut standing = Self::Unknown;
        let mut restricted = false;
        let known = |profile: Option<SealedProfile>| {
            let profile = Box::new(profile.unwrap_or_default());
            Self::Known { profile, restricted: false }
        };
        for event in events {
            standing = match event.event_type.as_str() {
                wire::event::PARTY_REGISTERED => known(decode::<PartyRegistered>(event)?.profile),
                wire::event::PARTY_UPDATED => known(decode::<PartyUpdated>(event)?.profile),
                wire::event::PARTY_RESTRICTION_CHANGED => {
                    restricted = decode::<PartyRestrictionChanged>(event)?.on;
                    standing
                }
                wire::event::PARTIES_MERGED => {
                    let into = decode::<PartiesMerged>(event)?.into_party_id;
                    Self::Alias(uuid(&into, "into_party_id")?)
                }
                wire::event::PARTY_ERASED => Self::Erased,
                _ => standing,
            };
        }
        Ok(match standing {
            Self::Known { profile, .. } => Self::Known { profile, restricted },
            other @ (Self::Unknown | Self::Alias(_) | Self::Erased) => other,
        })
    }
}
