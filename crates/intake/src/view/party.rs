//! Converts a party to its API message.
use domain::identity::ContactPoint;
use domain::ids::{PartyId, Personal};
use domain::party::{Facts, LegalHold, Profile, State};
use domain::role::Role;
use jiff::Timestamp;
use wire::common::v1 as common;
use wire::intake::v1;
use wire::scalar::timestamp;

use crate::read_model::party_tickets;
use crate::view::RESTRICTED;

/// What is shown of a party.
pub(crate) struct PartyView<'a> {
    pub(crate) party_id: PartyId,
    pub(crate) state: &'a State,
    pub(crate) version: u32,
    pub(crate) updated_at: Option<Timestamp>,
    /// Whether a restriction keeps nothing from the viewer.
    pub(crate) sees_restricted: bool,
    /// Whether the viewer reads what the party needs.
    pub(crate) sees_needs: bool,
}

impl PartyView<'_> {
    /// The party; `None` if it was never registered.
    pub(crate) fn party(&self) -> Option<v1::Party> {
        let state = match self.state {
            State::Absent => return None,
            State::Unregistered(_) => v1::PartyState::Unregistered,
            State::Live(_) => v1::PartyState::Live,
            State::Alias(..) => v1::PartyState::Merged,
            State::Erased(_) => v1::PartyState::Erased,
        };
        let merged_into = match self.state {
            State::Alias(_, into) => into.0.to_string(),
            State::Absent | State::Unregistered(_) | State::Live(_) | State::Erased(_) => {
                String::new()
            }
        };
        let facts = self.state.facts();
        let restriction = self.state.restriction();
        let kept = restriction.is_some() && !self.sees_restricted;
        let profile = |facts: &Facts| {
            let mut shown = if kept { outline(&facts.profile) } else { profile(&facts.profile) };
            if !self.sees_needs && !shown.accessibility.is_empty() {
                RESTRICTED.clone_into(&mut shown.accessibility);
            }
            shown
        };
        Some(v1::Party {
            party_id: self.party_id.0.to_string(),
            state: state.into(),
            profile: facts.map(profile),
            preferences: facts.map(preferences).unwrap_or_default(),
            legal_hold: self.state.hold().map(legal_hold),
            merged_into,
            create_time: facts.map(|facts| timestamp(facts.registered_at)),
            update_time: self.updated_at.map(timestamp),
            etag: chassis::status::etag(self.version),
            restriction: restriction.map(|restriction| v1::Restriction {
                basis: restriction.basis.clone(),
                request_ticket_id: restriction
                    .request_ticket_id
                    .map(|id| id.0.to_string())
                    .unwrap_or_default(),
            }),
        })
    }
}

fn preferences(facts: &Facts) -> Vec<v1::PartyPreference> {
    facts.preferences.values().copied().map(Into::into).collect()
}

fn legal_hold(hold: &LegalHold) -> v1::LegalHold {
    v1::LegalHold {
        basis: hold.basis.clone(),
        until: hold.until.map(|until| until.to_string()).unwrap_or_default(),
    }
}

fn profile(profile: &Profile) -> v1::PartyProfile {
    let refs = profile.external_refs.iter();
    v1::PartyProfile {
        kind: v1::PartyKind::from(profile.kind).into(),
        consumer_status: common::ConsumerStatus::from(profile.consumer_status).into(),
        name: text(profile.name.as_ref()),
        segment: profile.segment.clone(),
        vip: profile.vip,
        language: profile.language.clone(),
        register: v1::Register::from(profile.register).into(),
        time_zone: profile.time_zone.clone(),
        contact_points: profile.contact_points.iter().map(contact_point).collect(),
        accessibility: text(profile.accessibility.as_ref()),
        external_refs: refs
            .map(|one| v1::ExternalRef { system: one.system.clone(), id: one.id.clone() })
            .collect(),
    }
}

/// What everybody sees of a restricted party: how it is to be treated, not who it is.
fn outline(full: &Profile) -> v1::PartyProfile {
    v1::PartyProfile {
        name: full.name.as_ref().map(|_| RESTRICTED.to_owned()).unwrap_or_default(),
        contact_points: Vec::new(),
        accessibility: full
            .accessibility
            .as_ref()
            .map(|_| RESTRICTED.to_owned())
            .unwrap_or_default(),
        external_refs: Vec::new(),
        ..profile(full)
    }
}

fn contact_point(point: &ContactPoint) -> v1::ContactPoint {
    v1::ContactPoint {
        kind: v1::ContactPointKind::from(point.kind).into(),
        value: point.value.0.clone(),
    }
}

/// Whether the role reads what a party needs to be reached at all: that tells of health (GDPR, art. 9).
/// Without clearances of persons the role has to do.
pub(crate) fn sees_needs(role: Role) -> bool {
    match role {
        Role::Expert
        | Role::Lead
        | Role::ProcessOwner
        | Role::Admin
        | Role::Auditor
        | Role::System => true,
        Role::Customer | Role::Agent | Role::SlaManager | Role::Integrator | Role::Analyst => false,
    }
}

/// A line of the list of a party's tickets.
pub(crate) fn ticket_of_party(row: party_tickets::Row) -> v1::PartyTicket {
    v1::PartyTicket {
        ticket_id: row.ticket_id.to_string(),
        number: row.number,
        r#type: row.r#type,
        channel: row.channel,
        received_at: Some(timestamp(row.received_at.to_jiff())),
        close_time: row.closed_at.map(|at| timestamp(at.to_jiff())),
    }
}

pub(crate) fn text(text: Option<&Personal>) -> String {
    text.map(|text| text.0.clone()).unwrap_or_default()
}
