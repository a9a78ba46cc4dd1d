//! The demonstration's customers as parties, and two conversations of the evening before.
use std::collections::BTreeMap;

use anyhow::{Context, Result};
use chassis::rpc::Role;
use jiff::civil::{Date, Time, time};
use prost_types::Timestamp;
use uuid::Uuid;
use wire::common::v1 as common;
use wire::intake::v1 as intake;

use super::day::{Customer, STORIES};
use super::report;
use crate::client::{Caller, Services};

/// The customer who called, and where she calls from.
const CALLER: (&str, &str) = ("anna.zielinska@example.org", "+48 600 100 200");

/// Registers every customer of a tenant, and waits until they are found: then their tickets
/// are theirs. Repeating it changes nothing.
pub(super) async fn put(tenant: &str, services: &Services) -> Result<()> {
    let mut clients = services.of(&Caller::new(tenant, "demo-crm", Role::Integrator)?);
    for (email, customer) in customers(tenant) {
        let request = intake::RegisterPartyRequest {
            request_id: request_id(tenant, email),
            profile: Some(profile(customer)),
        };
        let answer = clients.party.register_party(request).await.context("register a party")?;
        let request = intake::FindPartiesRequest {
            contact_point: Some(point(intake::ContactPointKind::Email, email)),
            consistency_token: answer.into_inner().consistency_token,
        };
        clients.party.find_parties(request).await.context("find a party")?;
    }
    Ok(())
}

/// All requesters of the tenant, once each.
fn customers(tenant: &str) -> BTreeMap<&'static str, &'static Customer> {
    let stories = STORIES.iter().filter(|story| story.tenant == tenant);
    stories
        .filter_map(|story| story.customer.as_ref())
        .map(|customer| (customer.email, customer))
        .collect()
}

fn profile(customer: &Customer) -> intake::PartyProfile {
    let mut contact_points = vec![point(intake::ContactPointKind::Email, customer.email)];
    if customer.email == CALLER.0 {
        contact_points.push(point(intake::ContactPointKind::Phone, CALLER.1));
    }
    intake::PartyProfile {
        kind: intake::PartyKind::Person.into(),
        consumer_status: common::ConsumerStatus::Consumer.into(),
        name: customer.name.into(),
        language: customer.language.into(),
        contact_points,
        ..Default::default()
    }
}

fn point(kind: intake::ContactPointKind, value: &str) -> intake::ContactPoint {
    intake::ContactPoint { kind: kind.into(), value: value.into() }
}

/// A call that a voice bot takes and hands over to a person, told afterwards as a telephone
/// system does. Repeating it on the same day changes nothing.
pub(super) async fn call(services: &Services, today: Date) -> Result<()> {
    let mut contacts = services.of(&Caller::new("watt", "demo-pbx", Role::Integrator)?).contact;
    let day = today.yesterday().context("the day before")?;
    let id = |step: &str| request_id("watt", &format!("call/{day}/{step}"));
    let request = intake::StartContactRequest {
        request_id: id("start"),
        channel: intake::ContactChannel::Voicebot.into(),
        direction: intake::ContactDirection::Inbound.into(),
        entry_point: "hotline".into(),
        party_hint: Some(point(intake::ContactPointKind::Phone, CALLER.1)),
        ai_disclosed: true,
        started_at: at(day, time(18, 5, 0, 0))?,
        ..Default::default()
    };
    let answer = contacts.start_contact(request).await.context("start a contact")?;
    let contact = answer.into_inner().contact.context("the answer carries the contact")?;
    let contact_id = contact.contact_id;
    let request = intake::AnswerContactRequest {
        request_id: id("bot"),
        contact_id: contact_id.clone(),
        by: intake::ContactTarget::Bot.into(),
        waited_ms: 1_200,
        answered_at: at(day, time(18, 5, 2, 0))?,
        ..Default::default()
    };
    contacts.answer_contact(request).await.context("let the bot answer")?;
    let request = intake::RouteContactRequest {
        request_id: id("route"),
        contact_id: contact_id.clone(),
        queue_id: "general-l1".into(),
        target: intake::ContactTarget::Human.into(),
        reason: intake::ContactRouteReason::CustomerAsked.into(),
        context_ref: "transcript-1".into(),
        routed_at: at(day, time(18, 5, 40, 0))?,
        ..Default::default()
    };
    contacts.route_contact(request).await.context("route a contact")?;
    let request = intake::AnswerContactRequest {
        request_id: id("person"),
        contact_id: contact_id.clone(),
        by: intake::ContactTarget::Human.into(),
        agent_id: "ania".into(),
        waited_ms: 17_000,
        answered_at: at(day, time(18, 5, 57, 0))?,
        ..Default::default()
    };
    contacts.answer_contact(request).await.context("let a person answer")?;
    let request = intake::EndContactRequest {
        request_id: id("end"),
        contact_id,
        outcome: intake::ContactOutcome::Handled.into(),
        talk_ms: 150_000,
        hold_ms: 20_000,
        wrap_ms: 40_000,
        note: "Światło migocze wieczorami. Jeśli wróci, klientka zadzwoni rano.".into(),
        ended_at: at(day, time(18, 10, 0, 0))?,
        ..Default::default()
    };
    contacts.end_contact(request).await.context("end a contact")?;
    Ok(())
}

/// What to paste to see the caller with her tickets and her call.
pub(super) fn find_the_caller() -> String {
    format!("party find --tenant watt {}", CALLER.0)
}

fn at(day: Date, time: Time) -> Result<Option<Timestamp>> {
    let at = day.to_datetime(time).to_zoned(report::zone()?).context("an instant")?;
    Ok(Some(Timestamp { seconds: at.timestamp().as_second(), nanos: 0 }))
}

fn request_id(tenant: &str, what: &str) -> String {
    let name = format!("demo/{tenant}/people/{what}");
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).to_string()
}
