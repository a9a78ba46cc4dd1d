//! The time zone of a party.
use eventlog::Recorded;
use jiff::tz::TimeZone;
use wire::DecodeError;
use wire::intake::v1::{PartyRegistered, PartyUpdated};

use crate::read_model::ticket_facts::decode;

/// What the party's events say of it; `None` if they say nothing, or no zone.
pub(crate) fn of_party(events: &[Recorded]) -> Result<Option<TimeZone>, DecodeError> {
    let mut profile = None;
    for event in events {
        match event.event_type.as_str() {
            wire::event::PARTY_REGISTERED => {
                profile = decode::<PartyRegistered>(event)?.profile;
            }
            wire::event::PARTY_UPDATED => profile = decode::<PartyUpdated>(event)?.profile,
            _ => {}
        }
    }
    Ok(profile.and_then(|profile| TimeZone::get(&profile.time_zone).ok()))
}
