//! The events of a party, in both directions.
mod words;

use bytes::Bytes;
use domain::ids::{PartyId, TicketId};
use domain::party::{
    Erased, Event, ExternalRef, LegalHoldChanged, Merged, Preference, Profile, Registered,
    RestrictionChanged,
};
use domain::quiet_hours::QuietHours;
use jiff::civil::Time;
use prost::Message;

use crate::common::v1 as common;
use crate::event;
use crate::identity::{read_contact_point, write_contact_point};
use crate::intake::v1;
use crate::scalar::{date_opt, instant, timestamp, uuid, uuid_opt};
use crate::words::{known, personal_opt, sealed};
use crate::{DecodeError, Payload};

impl Payload for Event {
    const CATEGORY: &'static str = "party";

    fn event_type(&self) -> &'static str {
        match self {
            Self::Registered(_) => event::PARTY_REGISTERED,
            Self::Updated(_) => event::PARTY_UPDATED,
            Self::PreferenceChanged(_) => event::PREFERENCE_CHANGED,
            Self::Merged(_) => event::PARTIES_MERGED,
            Self::LegalHoldChanged(_) => event::LEGAL_HOLD_CHANGED,
            Self::RestrictionChanged(_) => event::PARTY_RESTRICTION_CHANGED,
            Self::Erased(_) => event::PARTY_ERASED,
        }
    }

    fn encode(&self) -> Bytes {
        match self {
            Self::Registered(registered) => v1::PartyRegistered {
                party_id: registered.party_id.0.to_string(),
                registered_at: Some(timestamp(registered.registered_at)),
                profile: Some(write_profile(&registered.profile)),
            }
            .encode_to_vec(),
            Self::Updated(profile) => {
                v1::PartyUpdated { profile: Some(write_profile(profile)) }.encode_to_vec()
            }
            Self::PreferenceChanged(preference) => {
                v1::PreferenceChanged { preference: Some((*preference).into()) }.encode_to_vec()
            }
            Self::Merged(merged) => v1::PartiesMerged {
                from_party_id: merged.from.0.to_string(),
                into_party_id: merged.into.0.to_string(),
                basis: merged.basis.clone(),
            }
            .encode_to_vec(),
            Self::LegalHoldChanged(changed) => v1::LegalHoldChanged {
                on: changed.on,
                basis: changed.basis.clone(),
                until: changed.until.map(|until| until.to_string()).unwrap_or_default(),
            }
            .encode_to_vec(),
            Self::RestrictionChanged(changed) => v1::PartyRestrictionChanged {
                party_id: changed.party_id.0.to_string(),
                on: changed.on,
                basis: changed.basis.clone(),
                request_ticket_id: id(changed.request_ticket_id),
            }
            .encode_to_vec(),
            Self::Erased(erased) => v1::PartyErased {
                party_id: erased.party_id.0.to_string(),
                basis: erased.basis.clone(),
                request_ticket_id: id(erased.request_ticket_id),
                retained: erased.retained.clone(),
            }
            .encode_to_vec(),
        }
        .into()
    }

    fn decode(event_type: &str, bytes: &[u8]) -> Result<Self, DecodeError> {
        match event_type {
            event::PARTY_REGISTERED => {
                let message = v1::PartyRegistered::decode(bytes)?;
                Ok(Self::Registered(Registered {
                    party_id: PartyId(uuid(&message.party_id, "party_id")?),
                    registered_at: instant(message.registered_at.as_ref(), "registered_at")?,
                    profile: read_profile(message.profile)?,
                }))
            }
            event::PARTY_UPDATED => {
                let message = v1::PartyUpdated::decode(bytes)?;
                Ok(Self::Updated(read_profile(message.profile)?))
            }
            event::PREFERENCE_CHANGED => {
                let message = v1::PreferenceChanged::decode(bytes)?;
                let preference = message.preference.ok_or(DecodeError::field("preference"))?;
                Ok(Self::PreferenceChanged(read_preference(&preference)?))
            }
            event::PARTIES_MERGED => {
                let message = v1::PartiesMerged::decode(bytes)?;
                Ok(Self::Merged(Merged {
                    from: PartyId(uuid(&message.from_party_id, "from_party_id")?),
                    into: PartyId(uuid(&message.into_party_id, "into_party_id")?),
                    basis: message.basis,
                }))
            }
            event::LEGAL_HOLD_CHANGED => {
                let message = v1::LegalHoldChanged::decode(bytes)?;
                Ok(Self::LegalHoldChanged(LegalHoldChanged {
                    on: message.on,
                    basis: message.basis,
                    until: date_opt(&message.until, "until")?,
                }))
            }
            event::PARTY_RESTRICTION_CHANGED => {
                let message = v1::PartyRestrictionChanged::decode(bytes)?;
                let request = uuid_opt(&message.request_ticket_id, "request_ticket_id")?;
                Ok(Self::RestrictionChanged(RestrictionChanged {
                    party_id: PartyId(uuid(&message.party_id, "party_id")?),
                    on: message.on,
                    basis: message.basis,
                    request_ticket_id: request.map(TicketId),
                }))
            }
            event::PARTY_ERASED => {
                let message = v1::PartyErased::decode(bytes)?;
                let request = uuid_opt(&message.request_ticket_id, "request_ticket_id")?;
                Ok(Self::Erased(Erased {
                    party_id: PartyId(uuid(&message.party_id, "party_id")?),
                    basis: message.basis,
                    request_ticket_id: request.map(TicketId),
                    retained: message.retained,
                }))
            }
            unknown => Err(DecodeError::UnknownEventType(unknown.to_owned())),
        }
    }
}

fn id(ticket: Option<TicketId>) -> String {
    ticket.map(|ticket| ticket.0.to_string()).unwrap_or_default()
}

fn write_profile(profile: &Profile) -> v1::SealedProfile {
    v1::SealedProfile {
        kind: v1::PartyKind::from(profile.kind).into(),
        consumer_status: common::ConsumerStatus::from(profile.consumer_status).into(),
        name: profile.name.as_ref().map(sealed),
        segment: profile.segment.clone(),
        vip: profile.vip,
        language: profile.language.clone(),
        register: v1::Register::from(profile.register).into(),
        time_zone: profile.time_zone.clone(),
        contact_points: profile.contact_points.iter().map(write_contact_point).collect(),
        accessibility: profile.accessibility.as_ref().map(sealed),
        external_refs: profile
            .external_refs
            .iter()
            .map(|one| v1::ExternalRef { system: one.system.clone(), id: one.id.clone() })
            .collect(),
    }
}

fn read_profile(profile: Option<v1::SealedProfile>) -> Result<Profile, DecodeError> {
    let profile = profile.ok_or(DecodeError::field("profile"))?;
    let points = profile.contact_points.iter().map(read_contact_point);
    let refs = profile.external_refs.into_iter();
    Ok(Profile {
        kind: known::<v1::PartyKind, _>(profile.kind, "kind")?,
        consumer_status: known::<common::ConsumerStatus, _>(
            profile.consumer_status,
            "consumer_status",
        )?,
        name: personal_opt(profile.name.as_ref(), "name")?,
        segment: profile.segment,
        vip: profile.vip,
        language: profile.language,
        register: known::<v1::Register, _>(profile.register, "register")?,
        time_zone: profile.time_zone,
        contact_points: points.collect::<Result<_, _>>()?,
        accessibility: personal_opt(profile.accessibility.as_ref(), "accessibility")?,
        external_refs: refs.map(|one| ExternalRef { system: one.system, id: one.id }).collect(),
    })
}

impl From<Preference> for v1::PartyPreference {
    fn from(preference: Preference) -> Self {
        Self {
            channel: common::Channel::from(preference.channel).into(),
            purpose: v1::PreferencePurpose::from(preference.purpose).into(),
            allowed: preference.allowed,
            quiet_hours: preference.quiet_hours.map(|quiet| v1::QuietHours {
                from_minute: minute(quiet.from),
                to_minute: minute(quiet.to),
            }),
        }
    }
}

fn read_preference(preference: &v1::PartyPreference) -> Result<Preference, DecodeError> {
    let quiet = preference.quiet_hours.as_ref().map(|quiet| {
        let time = |minute| time_of(minute).ok_or(DecodeError::field("quiet_hours"));
        let (from, to) = (time(quiet.from_minute)?, time(quiet.to_minute)?);
        Ok::<_, DecodeError>(QuietHours { from, to })
    });
    Ok(Preference {
        channel: known::<common::Channel, _>(preference.channel, "channel")?,
        purpose: known::<v1::PreferencePurpose, _>(preference.purpose, "purpose")?,
        allowed: preference.allowed,
        quiet_hours: quiet.transpose()?,
    })
}

fn minute(time: Time) -> u32 {
    u32::from(time.hour().unsigned_abs()) * 60 + u32::from(time.minute().unsigned_abs())
}

/// The time of day so many minutes after midnight; none from a whole day on.
#[must_use]
pub fn time_of(minute: u32) -> Option<Time> {
    let (hour, minute) = (i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?);
    Time::new(hour, minute, 0, 0).ok()
}
