//! Where a customer is reached: whoever a ticket was registered with, at the address that stands
//! there; another party that asks now, where its own profile says.
//!
//! The profile is read from the party's stream when the mail is made: so the address is the one of
//! now, and an erased party has none. Only here and in the log are there addresses of parties.
use domain::notice::SuppressionReason;
use eventlog::sealing::Reading;
use eventlog::{Recorded, StreamId, Tenant};
use uuid::Uuid;
use wire::DecodeError;
use wire::common::v1::Sealed;
use wire::intake::v1::{
    ContactPointKind, PartiesMerged, PartyRegistered, PartyUpdated, SealedProfile, TicketRegistered,
};
use wire::scalar::uuid;

use super::{Email, known};
use crate::channel::Unsendable;
use crate::read_model::queue::Claimed;
use crate::read_model::ticket_facts::{TicketFacts, decode};
use crate::template::locale_of;

/// Longest way of aliases that is followed; each leads to an older party.
const MOST_ALIASES: usize = 100;

/// Where a notice goes.
pub(super) struct Addressee {
    /// None if there is no address.
    pub(super) address: Option<String>,
    pub(super) locale: String,
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
        let registered_with = match facts.requester {
            Some(party) => party.to_string(),
            None => self.registered_with(tenant, ticket_id).await?,
        };
        if notice.recipient == registered_with {
            let locale = notice.locale.clone();
            return Ok(Addressee { address: known(registered)?, locale });
        }
        let party = notice.recipient.parse().map_err(|_| Unsendable::Broken("PARTY_UNKNOWN"))?;
        self.party(tenant, party).await
    }

    /// The party that the ticket was registered with, as the event tells it; empty if nobody asked.
    async fn registered_with(&self, tenant: &Tenant, id: Uuid) -> Result<String, Unsendable> {
        let stream = StreamId::new("ticket", id);
        let ticket = self.log.read_stream(tenant, &stream, 0).await.map_err(Unsendable::away)?;
        let first = ticket.first().map(decode::<TicketRegistered>).transpose();
        let first = first.map_err(|_| Unsendable::Broken("TICKET_UNREADABLE"))?;
        Ok(first.map(|registered| registered.requester_party_id).unwrap_or_default())
    }

    /// Where a party is reached now, or the one that it was merged into.
    async fn party(&self, tenant: &Tenant, party: Uuid) -> Result<Addressee, Unsendable> {
        let mut at = party;
        for _ in 0..MOST_ALIASES {
            let stream = StreamId::new("party", at);
            let events =
                self.log.read_stream(tenant, &stream, 0).await.map_err(Unsendable::away)?;
            let standing = Standing::read(&events);
            match standing.map_err(|_| Unsendable::Broken("PARTY_UNREADABLE"))? {
                Standing::Unknown => break,
                Standing::Erased => return Err(Unsendable::Suppress(SuppressionReason::Erased)),
                Standing::Alias(into) => at = into,
                Standing::Known(profile) => return self.profile(tenant, &profile).await,
            }
        }
        Err(Unsendable::Suppress(SuppressionReason::NoChannel))
    }

    async fn profile(
        &self,
        tenant: &Tenant,
        profile: &SealedProfile,
    ) -> Result<Addressee, Unsendable> {
        let sealed = email(profile).cloned();
        let opened = self.keys.read(tenant.into(), &[sealed]).await.map_err(Unsendable::away)?;
        let locale = locale_of(&profile.language, &self.texts.default_locale).to_owned();
        let address = match opened.into_iter().next() {
            Some(reading) => known(reading)?,
            None => None,
        };
        Ok(Addressee { address, locale })
    }
}

/// The first address of a profile.
fn email(profile: &SealedProfile) -> Option<&Sealed> {
    let mut points = profile.contact_points.iter();
    points.find(|point| point.kind() == ContactPointKind::Email)?.value.as_ref()
}

/// What became of a party.
enum Standing {
    /// It was never registered.
    Unknown,
    Known(SealedProfile),
    /// It lives on as another one.
    Alias(Uuid),
    Erased,
}

impl Standing {
    fn read(events: &[Recorded]) -> Result<Self, DecodeError> {
        let mut standing = Self::Unknown;
        for event in events {
            standing = match event.event_type.as_str() {
                "odzew.intake.v1.PartyRegistered" => {
                    Self::Known(decode::<PartyRegistered>(event)?.profile.unwrap_or_default())
                }
                "odzew.intake.v1.PartyUpdated" => {
                    Self::Known(decode::<PartyUpdated>(event)?.profile.unwrap_or_default())
                }
                "odzew.intake.v1.PartiesMerged" => {
                    let into = decode::<PartiesMerged>(event)?.into_party_id;
                    Self::Alias(uuid(&into, "into_party_id")?)
                }
                "odzew.intake.v1.PartyErased" => Self::Erased,
                _ => standing,
            };
        }
        Ok(standing)
    }
}
