//! Quiet hours at a retry. Those at the first attempt are looked up when the notice is scheduled.
use domain::notice::Purpose;
use eventlog::{Recorded, Tenant};
use jiff::tz::TimeZone;
use uuid::Uuid;
use wire::DecodeError;
use wire::common::v1::Channel;
use wire::intake::v1::TicketRegistered;
use wire::notification::v1::Audience;

use super::addressee::Asked;
use super::{Email, purpose_of};
use crate::channel::{Quiet, Unsendable};
use crate::part::Part;

use crate::read_model::preferences;
use crate::read_model::queue::Claimed;
use crate::read_model::ticket_facts::decode;
use crate::zone;

impl Email {
    /// `None` for colleagues, for mails that the law demands, and for customers in a conversation.
    pub(super) async fn quiet(
        &self,
        tenant: &Tenant,
        notice: &Claimed,
    ) -> Result<Option<Quiet>, Unsendable> {
        let purpose = purpose_of(notice)?;
        let to_customer = notice.audience == i32::from(Audience::Customer);
        let party = notice.recipient.parse::<Uuid>().ok().filter(|_| to_customer);
        let (Some(ticket_id), Some(party)) = (notice.ticket_id, party) else { return Ok(None) };
        let ticket = self.stream(tenant, "ticket", ticket_id).await?;
        let unreadable = |_| Unsendable::Broken("TICKET_UNREADABLE");
        if purpose == Purpose::Ack && in_chat(&ticket).map_err(unreadable)? {
            return Ok(None);
        }
        let part = match Asked::read(&ticket, party).map_err(unreadable)? {
            Asked::FromTheFirst | Asked::Later => Part::Asks,
            Asked::Never => Part::Affected,
        };
        let Some(preference) = part.preference(purpose) else { return Ok(None) };
        let found = preferences::quiet_hours(&self.pool, tenant.key, party, preference).await;
        let Some((party, hours)) = found.map_err(Unsendable::away)? else { return Ok(None) };
        let profile = self.stream(tenant, "party", party).await?;
        let zone = zone::of_party(&profile).map_err(|_| Unsendable::Broken("PARTY_UNREADABLE"))?;
        let zone = zone.or_else(|| TimeZone::get(&self.texts.time_zone).ok());
        Ok(zone.map(|zone| (hours, zone)))
    }
}

/// Whether the ticket came in over a chat: who chats is awake.
fn in_chat(ticket: &[Recorded]) -> Result<bool, DecodeError> {
    let registered = ticket.iter().find(|event| event.event_type == wire::event::TICKET_REGISTERED);
    let registered = registered.map(decode::<TicketRegistered>).transpose()?;
    Ok(registered.is_some_and(|registered| registered.channel() == Channel::Chat))
}
