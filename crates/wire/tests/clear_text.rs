//! What stands in events in clear: ids, codes, days, and words that are not of customers. A new
//! field of text is personal, `odzew.common.v1.Sealed`, or has its place in a list here.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use prost_reflect::{Kind, MessageDescriptor};
use wire::POOL;

/// Opaque ids, and what is made of them, whose name does not say so.
const IDS: &[&str] = &[
    "intake.v1.BusinessObject.id",
    "intake.v1.ComplaintDecided.approved_by",
    "intake.v1.ComplaintReclassified.approved_by",
    "intake.v1.ContactRouted.context_ref",
    "intake.v1.Decider.id",
    "intake.v1.ExternalRef.id",
    "intake.v1.TicketClosed.merged_into",
    "intake.v1.TicketRegistered.external_number",
    "intake.v1.TicketRegistered.number",
    "intake.v1.TicketResolved.cascaded_from",
    "notification.v1.NotificationScheduled.idempotency_key",
    "notification.v1.NotificationScheduled.recipient_ref",
    "notification.v1.NotificationSuppressed.idempotency_key",
    "notification.v1.NotificationSuppressed.recipient_ref",
    "sla.v1.BreachVoided.voided_by",
    "sla.v1.ClockStarted.subject_ref",
    "sla.v1.TimerFired.subject_ref",
    "sla.v1.TimerSet.subject_ref",
];

/// Codes, words of a fixed form, and days.
const CODES: &[&str] = &[
    "common.v1.Money.currency",
    "intake.v1.ComplaintExtended.new_last_day",
    "intake.v1.ComplaintInfoRequested.missing",
    "intake.v1.ComplaintInfoRequested.supplement_by",
    "intake.v1.ContactStarted.entry_point",
    "intake.v1.DataSubjectRequestExtended.new_last_day",
    "intake.v1.ExternalRef.system",
    "intake.v1.LegalHoldChanged.until",
    "intake.v1.PartyErased.retained",
    "intake.v1.RegimeRef.code",
    "intake.v1.Remedy.execute_by",
    "intake.v1.RemedyExecuted.executed_on",
    "intake.v1.SealedProfile.language",
    "intake.v1.SealedProfile.time_zone",
    "intake.v1.TicketClassified.category_code",
    "intake.v1.TicketRegistered.language",
    "intake.v1.TicketResolved.resolution_code",
    "intake.v1.TicketResolved.root_cause_code",
    "notification.v1.NotificationFailed.code",
    "notification.v1.NotificationScheduled.locale",
    "notification.v1.WebhookDisabled.reason",
    "routing.v1.Agent.language",
    "sla.v1.ClockBreached.regime_code",
    "sla.v1.ClockPaused.reason",
    "sla.v1.ClockRetargeted.last_day",
    "sla.v1.ClockRetargeted.old_last_day",
    "sla.v1.ClockRetargeted.regime_code",
    "sla.v1.ClockRetargeted.unrolled_day",
    "sla.v1.ClockStarted.last_day",
    "sla.v1.ClockStarted.regime_code",
    "sla.v1.ClockStarted.unrolled_day",
    "sla.v1.NotedExtension.new_last_day",
    "sla.v1.NotedRegime.code",
    "sla.v1.TimerSet.last_day",
    "sla.v1.TimerSet.regime_code",
];

/// Words of staff, of which the API asks that they be written without personal data. The role
/// `customer` fills none of them.
const OF_STAFF: &[&str] = &[
    "intake.v1.AppealFiled.backdate_reason",
    "intake.v1.ComplaintDecided.adr_body",
    "intake.v1.ComplaintDecided.appeal_info",
    "intake.v1.ComplaintDecided.legal_basis",
    "intake.v1.ComplaintExtended.circumstances",
    "intake.v1.ComplaintExtended.reason",
    "intake.v1.ComplaintReclassified.reason",
    "intake.v1.ContactAnswered.backdate_reason",
    "intake.v1.ContactStarted.backdate_reason",
    "intake.v1.DataSubjectRequestExtended.circumstances",
    "intake.v1.DataSubjectRequestExtended.reason",
    "intake.v1.LegalHoldChanged.basis",
    "intake.v1.PartiesMerged.basis",
    "intake.v1.PartyErased.basis",
    "intake.v1.PartyRestrictionChanged.basis",
    "intake.v1.PriorityChanged.reason",
    "intake.v1.RemedyExecuted.reference",
    "intake.v1.SealedProfile.segment",
    "intake.v1.TicketClassified.reason",
    "intake.v1.TicketClassified.tags",
    "intake.v1.TicketHeld.reason",
    "intake.v1.TicketRegistered.backdate_reason",
    "intake.v1.TicketRegistered.requester_segment",
    "intake.v1.TicketReopened.reason",
    "sla.v1.BreachVoided.note",
    "sla.v1.TicketNoted.segment",
];

/// Words of whoever sets the system up, and of machines: names of teams and laws, keys of alerts, steps
/// of a telephone menu, what a mail server said when it took a mail (without the recipient's address).
const OF_MACHINES: &[&str] = &[
    "intake.v1.ContactRouted.ivr_path",
    "intake.v1.TaxonomyCategory.code",
    "intake.v1.TaxonomyCategory.label_en",
    "intake.v1.TaxonomyCategory.label_pl",
    "intake.v1.TaxonomyRoot.code",
    "intake.v1.TaxonomyRoot.label_en",
    "intake.v1.TaxonomyRoot.label_pl",
    "intake.v1.TicketRegistered.dedupe_key",
    "notification.v1.NotificationSent.provider_ref",
    "notification.v1.WebhookRegistered.event_types",
    "notification.v1.WebhookRegistered.url",
    "routing.v1.Queue.display_name",
    "routing.v1.RoutingRule.category_prefixes",
    "routing.v1.RoutingRule.languages",
    "routing.v1.Skill.name",
    "routing.v1.Team.display_name",
    "sla.v1.Calendar.holidays",
    "sla.v1.Calendar.time_zone",
    "sla.v1.CalendarException.date",
    "sla.v1.PolicyScope.segments",
    "sla.v1.Regime.closing",
    "sla.v1.Regime.code",
    "sla.v1.Regime.holidays",
    "sla.v1.Regime.note",
    "sla.v1.Regime.sources",
    "sla.v1.Regime.time_zone",
    "sla.v1.Regime.title",
    "sla.v1.Regime.valid_from",
    "sla.v1.Regime.valid_to",
    "sla.v1.Regime.verified_on",
    "sla.v1.RegimeDuty.text",
    "sla.v1.RegimeScope.countries",
    "sla.v1.RegimeScope.sectors",
    "sla.v1.RegimeScope.subjects",
];

#[test]
fn no_text_of_customers_stands_in_an_event_in_clear() {
    let mut texts = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for family in POOL.all_messages().filter(is_family) {
        note(&family, &mut texts, &mut seen);
    }
    assert!(texts.len() > 40, "the families were found");
    let listed: Vec<&str> = [IDS, CODES, OF_STAFF, OF_MACHINES].concat();
    let known: BTreeSet<String> = listed.iter().map(|name| format!("odzew.{name}")).collect();
    assert_eq!(listed.len(), known.len(), "each stands in one list");
    let new: Vec<_> = texts.difference(&known).collect();
    assert!(new.is_empty(), "seal these, or say here why they need not be sealed: {new:#?}");
    let gone: Vec<_> = known.difference(&texts).collect();
    assert!(gone.is_empty(), "no event has these: {gone:#?}");
}

/// A message that lists the events of one stream.
fn is_family(message: &MessageDescriptor) -> bool {
    message.full_name().starts_with("odzew.")
        && message.name().ends_with("Event")
        && message.oneofs().any(|oneof| oneof.name() == "event")
}

/// Every field of text that is neither sealed nor an id by its name.
fn note(message: &MessageDescriptor, texts: &mut BTreeSet<String>, seen: &mut BTreeSet<String>) {
    let full_name = message.full_name();
    if full_name == "odzew.common.v1.Sealed" || !seen.insert(full_name.to_owned()) {
        return;
    }
    for field in message.fields() {
        match field.kind() {
            Kind::Message(inner) => note(&inner, texts, seen),
            Kind::String if !is_id(field.name()) => {
                texts.insert(format!("{full_name}.{}", field.name()));
            }
            _ => {}
        }
    }
}

fn is_id(name: &str) -> bool {
    name.ends_with("_id") || name.ends_with("_ids")
}
