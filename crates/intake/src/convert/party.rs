//! Converts requests about parties to commands; every invalid field is named.
use chassis::fields::Fields;
use domain::identity::{ConsumerStatus, ContactPoint, ContactPointKind};
use domain::ids::{PartyId, Personal, TicketId};
use domain::party::{
    Command, ExternalRef, LegalHold, MOST_CONTACT_POINTS, MOST_EXTERNAL_REFS, PartyKind,
    Preference, PreferencePurpose, Profile, Register, Registered, Restriction,
};
use domain::priority::Channel;
use domain::quiet_hours::QuietHours;
use jiff::civil::{Date, Time};
use tonic::Status;
use uuid::Uuid;
use wire::common::v1 as common;
use wire::intake::v1;
use wire::party::time_of;

use crate::call::{Call, Target};
use crate::rules::{date, opaque_id, optional, required};
use crate::view::RESTRICTED;
use crate::view::party::sees_needs;

const NAME_CHARS: usize = 200;
const TEXT_CHARS: usize = 500;
const BASIS_CHARS: usize = 500;
const LAST_MINUTE: u32 = 24 * 60 - 1;

type Converted = Result<(Target, Command), Status>;

pub(crate) fn register(call: &Call, message: &v1::RegisterPartyRequest) -> Converted {
    let mut fields = Fields::new();
    let target = call.creation(&mut fields, message, &message.request_id);
    let profile = profile(&mut fields, message.profile.as_ref());
    fields.finish()?;
    let party_id = PartyId(target.id);
    let registered = Registered { party_id, registered_at: call.now, profile: profile? };
    Ok((target, Command::Register(registered)))
}

pub(crate) fn update(call: &Call, message: &v1::UpdatePartyRequest) -> Converted {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.party_id, &*message.etag);
    let target = call.target_of(&mut fields, message, "party_id", meant);
    let profile = profile(&mut fields, message.profile.as_ref());
    fields.finish()?;
    let needs = message.profile.as_ref().map_or("", |given| &*given.accessibility);
    let unseen = needs == RESTRICTED || needs.is_empty() && !sees_needs(call.role());
    Ok((
        target,
        if unseen { Command::UpdateAllButNeeds(profile?) } else { Command::Update(profile?) },
    ))
}

pub(crate) fn set_preference(call: &Call, message: &v1::SetPreferenceRequest) -> Converted {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.party_id, &*message.etag);
    let target = call.target_of(&mut fields, message, "party_id", meant);
    let given = fields.required("preference", message.preference.as_ref());
    let given = given.cloned().unwrap_or_default();
    let preference = fields.within("preference", |fields| preference(fields, &given));
    fields.finish()?;
    Ok((target, Command::SetPreference(preference)))
}

pub(crate) fn set_legal_hold(
    call: &Call,
    message: &v1::SetLegalHoldRequest,
) -> Result<(Target, Hold), Status> {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.party_id, &*message.etag);
    let target = call.target_of(&mut fields, message, "party_id", meant);
    let basis = fields.line("basis", &message.basis, 1..=BASIS_CHARS);
    let until = (!message.until.is_empty()).then(|| date(&mut fields, "until", &message.until));
    if !message.on && until.is_some() {
        fields.refuse("until", "has a meaning only with `on`");
    }
    fields.finish()?;
    let hold = match message.on {
        true => Hold::Set(LegalHold { basis, until }),
        false => Hold::Lift { basis },
    };
    Ok((target, hold))
}

/// Whether a party's data must be kept.
pub(crate) enum Hold {
    Set(LegalHold),
    Lift { basis: String },
}

/// Which party's data are restricted, or not any longer.
pub(crate) struct Restricting {
    pub(crate) target: Target,
    pub(crate) on: bool,
    pub(crate) restriction: Restriction,
}

pub(crate) fn set_restriction(
    call: &Call,
    message: &v1::SetRestrictionRequest,
) -> Result<Restricting, Status> {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.party_id, &*message.etag);
    let target = call.target_of(&mut fields, message, "party_id", meant);
    let basis = fields.line("basis", &message.basis, 1..=BASIS_CHARS);
    let request = fields.optional_uuid("request_ticket_id", &message.request_ticket_id);
    if !message.on && request.is_some() {
        fields.refuse("request_ticket_id", "has a meaning only with `on`");
    }
    fields.finish()?;
    let restriction = Restriction { basis, request_ticket_id: request.map(TicketId) };
    Ok(Restricting { target, on: message.on, restriction })
}

/// A request to merge two parties: which, into which, and why.
pub(crate) struct Asked {
    pub(crate) target: Target,
    pub(crate) into: Uuid,
    pub(crate) basis: String,
}

pub(crate) fn merge(call: &Call, message: &v1::MergePartiesRequest) -> Result<Asked, Status> {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.from_party_id, &*message.etag);
    let target = call.target_of(&mut fields, message, "from_party_id", meant);
    let into = fields.uuid("into_party_id", &message.into_party_id);
    let basis = fields.line("basis", &message.basis, 1..=BASIS_CHARS);
    fields.finish()?;
    Ok(Asked { target, into, basis })
}

/// Which party is to be erased, and why.
pub(crate) struct Erasure {
    pub(crate) target: Target,
    pub(crate) basis: String,
    pub(crate) request_ticket_id: Option<TicketId>,
}

pub(crate) fn erase(call: &Call, message: &v1::ErasePartyRequest) -> Result<Erasure, Status> {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.party_id, &*message.etag);
    let target = call.target_of(&mut fields, message, "party_id", meant);
    let basis = fields.line("basis", &message.basis, 1..=BASIS_CHARS);
    let request_ticket_id = fields.optional_uuid("request_ticket_id", &message.request_ticket_id);
    fields.finish()?;
    Ok(Erasure { target, basis, request_ticket_id: request_ticket_id.map(TicketId) })
}

/// The day of the call in the organisation's time zone, whose days and years holds and retention
/// count.
pub(crate) fn today(call: &Call) -> Date {
    call.now.to_zoned(call.zone.clone()).date()
}

/// The contact point to find parties by.
pub(crate) fn sought(message: &v1::FindPartiesRequest) -> Result<ContactPoint, Status> {
    let mut fields = Fields::new();
    let given = fields.required("contact_point", message.contact_point.as_ref());
    let given = given.cloned().unwrap_or_default();
    let point = fields.within("contact_point", |fields| contact_point(fields, &given));
    if point.kind == ContactPointKind::Postal {
        fields.refuse("contact_point.kind", "must not be POSTAL: nobody is recognised by it");
    }
    fields.finish()?;
    Ok(point)
}

/// The profile; a status only if it is missing, which the fields say already.
fn profile(fields: &mut Fields, given: Option<&v1::PartyProfile>) -> Result<Profile, Status> {
    let given = fields.required("profile", given);
    let given = given.ok_or_else(|| chassis::status::invalid_field("profile", "is required"))?;
    Ok(fields.within("profile", |fields| read_profile(fields, given)))
}

fn read_profile(fields: &mut Fields, given: &v1::PartyProfile) -> Profile {
    let status =
        optional::<common::ConsumerStatus, _>(fields, "consumer_status", given.consumer_status);
    let register = optional::<v1::Register, _>(fields, "register", given.register);
    let segment = match given.segment.as_str() {
        "" => String::new(),
        segment => opaque_id(fields, "segment", segment),
    };
    let language = match given.language.as_str() {
        "" => "pl",
        language @ ("pl" | "en") => language,
        _ => {
            fields.refuse("language", "must be \"pl\" or \"en\"");
            ""
        }
    };
    let time_zone = match given.time_zone.as_str() {
        "" => "Europe/Warsaw",
        zone => zone,
    };
    if domain::calendar::zone(time_zone).is_err() {
        fields.refuse("time_zone", "must be an IANA time zone such as Europe/Warsaw");
    }
    let accessibility = fields.optional_text("accessibility", &given.accessibility, TEXT_CHARS);
    Profile {
        kind: required::<v1::PartyKind, _>(fields, "kind", given.kind, PartyKind::Person),
        consumer_status: status.unwrap_or(ConsumerStatus::Unknown),
        name: fields.optional_line("name", &given.name, NAME_CHARS).map(Personal),
        segment,
        vip: given.vip,
        language: language.to_owned(),
        register: register.unwrap_or(Register::Plain),
        time_zone: time_zone.to_owned(),
        contact_points: contact_points(fields, &given.contact_points),
        accessibility: accessibility.map(Personal),
        external_refs: external_refs(fields, &given.external_refs),
    }
}

fn contact_points(fields: &mut Fields, given: &[v1::ContactPoint]) -> Vec<ContactPoint> {
    if given.len() > MOST_CONTACT_POINTS {
        let rule = format!("must be at most {MOST_CONTACT_POINTS}, are {}", given.len());
        fields.refuse("contact_points", rule);
        return Vec::new();
    }
    let mut points: Vec<ContactPoint> = Vec::with_capacity(given.len());
    for (place, one) in given.iter().enumerate() {
        let path = format!("contact_points[{place}]");
        let point = fields.within(&path, |fields| contact_point(fields, one));
        let same = |known: &ContactPoint| {
            known == &point
                || known.kind == point.kind
                    && point.normalised().is_some_and(|form| known.normalised() == Some(form))
        };
        if points.iter().any(same) {
            fields.refuse(&path, "is there already");
        }
        points.push(point);
    }
    points
}

/// A contact point that is what its kind says.
fn contact_point(fields: &mut Fields, given: &v1::ContactPoint) -> ContactPoint {
    let fallback = ContactPointKind::Postal;
    let kind = required::<v1::ContactPointKind, _>(fields, "kind", given.kind, fallback);
    let value = match kind {
        ContactPointKind::Email => fields.email("value", &given.value),
        ContactPointKind::Phone | ContactPointKind::Social => {
            fields.line("value", &given.value, 1..=NAME_CHARS)
        }
        ContactPointKind::Postal => fields.text("value", &given.value, 1..=TEXT_CHARS),
    };
    let point = ContactPoint { kind, value: Personal(value) };
    let form = match kind {
        ContactPointKind::Phone => "a number with its country code, such as +48 22 555 01 00",
        ContactPointKind::Social => "an account such as network:handle",
        ContactPointKind::Email | ContactPointKind::Postal => return point,
    };
    if !point.value.0.is_empty() && point.normalised().is_none() {
        fields.refuse("value", format!("must be {form}"));
    }
    point
}

fn external_refs(fields: &mut Fields, given: &[v1::ExternalRef]) -> Vec<ExternalRef> {
    if given.len() > MOST_EXTERNAL_REFS {
        let rule = format!("must be at most {MOST_EXTERNAL_REFS}, are {}", given.len());
        fields.refuse("external_refs", rule);
        return Vec::new();
    }
    let mut refs = Vec::with_capacity(given.len());
    for (place, one) in given.iter().enumerate() {
        let path = format!("external_refs[{place}]");
        let read = fields.within(&path, |fields| ExternalRef {
            system: opaque_id(fields, "system", &one.system),
            id: opaque_id(fields, "id", &one.id),
        });
        if refs.contains(&read) {
            fields.refuse(&path, "is there already");
        }
        refs.push(read);
    }
    refs
}

fn preference(fields: &mut Fields, given: &v1::PartyPreference) -> Preference {
    let fallback = PreferencePurpose::Service;
    let purpose = required::<v1::PreferencePurpose, _>(fields, "purpose", given.purpose, fallback);
    let quiet_hours = given.quiet_hours.as_ref().map(|quiet| {
        fields.within("quiet_hours", |fields| QuietHours {
            from: minute(fields, "from_minute", quiet.from_minute),
            to: minute(fields, "to_minute", quiet.to_minute),
        })
    });
    Preference {
        channel: required::<common::Channel, _>(fields, "channel", given.channel, Channel::Email),
        purpose,
        allowed: given.allowed,
        quiet_hours,
    }
}

fn minute(fields: &mut Fields, field: &str, minute: u32) -> Time {
    time_of(fields.number(field, minute, 0..=LAST_MINUTE)).unwrap_or(Time::midnight())
}
