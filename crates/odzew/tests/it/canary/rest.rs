//! Marks at rest: no row of any table and no message of the broker has them, other than what is
//! staff's or was to be written without personal data.
use std::collections::BTreeSet;

use async_nats::jetstream;

use super::{clean, invariants};
use crate::world::World;

/// What stands in clear on purpose: the organisation's own people and endpoints, and
/// explanations, which the API asks to write without personal data.
const NOT_SEALED: [&str; 21] = [
    "zqx7mark-owner",
    "zqx7mark-agent@acme.example.org",
    "zqx7mark-token",
    "zqx7mark-hold",
    "zqx7mark-reopen",
    "zqx7mark-class",
    "zqx7mark-tag",
    "zqx7mark-priority",
    "zqx7mark-claim",
    "zqx7mark-contested",
    "zqx7mark-basis",
    "zqx7mark-choice",
    "zqx7mark-erasure",
    "zqx7mark-voided",
    "zqx7mark-extension",
    "zqx7mark-circumstances",
    "zqx7mark-provision",
    "zqx7mark-instruction",
    "zqx7mark-adr-body",
    "zqx7mark-parcel",
    "zqx7mark-dismissed",
];

/// Methods through which this test sends marked personal data.
const MARKED: [&str; 39] = [
    "ComplaintService.DecideComplaint",
    "ComplaintService.ExtendComplaint",
    "ComplaintService.FileAppeal",
    "ComplaintService.GetComplaint",
    "ComplaintService.OpenComplaint",
    "ComplaintService.ReclassifyComplaint",
    "ComplaintService.RecordComplaintInfo",
    "ComplaintService.RecordDecisionEvidence",
    "ComplaintService.RecordRemedy",
    "ComplaintService.RequestComplaintInfo",
    "ComplaintService.StateClaims",
    "ComplaintService.WaiveRemedy",
    "ContactService.AnswerContact",
    "ContactService.EndContact",
    "ContactService.RouteContact",
    "ContactService.StartContact",
    "DirectoryService.PutAgent",
    "InboundService.ReceiveMessage",
    "IntakeService.AddMessage",
    "IntakeService.ClassifyTicket",
    "IntakeService.ExtendDataSubjectRequest",
    "IntakeService.HoldTicket",
    "IntakeService.ImportTicket",
    "IntakeService.RegisterTicket",
    "IntakeService.ReopenTicket",
    "IntakeService.ResolveTicket",
    "IntakeService.SendReply",
    "IntakeService.SendUpdate",
    "IntakeService.SetPriority",
    "IntakeService.SplitTicket",
    "IntakeService.WithdrawTicket",
    "NotificationService.CreateWebhook",
    "PartyService.FindParties",
    "PartyService.MergeParties",
    "PartyService.RegisterParty",
    "PartyService.SetLegalHold",
    "PartyService.SetRestriction",
    "PartyService.UpdateParty",
    "RoutingService.EscalateTicket",
];

/// Methods that take ids, choices, times, and words of the organisation's own.
const WITHOUT: [&str; 46] = [
    "ComplaintService.RecordItemDelivered",
    "ContactService.GetContact",
    "ContactService.ListContacts",
    "DeskService.GetTicketSummary",
    "DeskService.ListComplaints",
    "DeskService.GetTimeline",
    "DeskService.ListTickets",
    "DeskService.WatchTickets",
    "DirectoryService.GetDirectory",
    "DirectoryService.GetRoutingRules",
    "DirectoryService.ListQueues",
    "DirectoryService.PublishRoutingRules",
    "DirectoryService.PutQueue",
    "DirectoryService.PutTeam",
    "DirectoryService.SetAgentAvailability",
    "IntakeService.ConfirmResolution",
    "IntakeService.GetTicket",
    "IntakeService.LinkParty",
    "IntakeService.LinkTicket",
    "IntakeService.MakePromise",
    "IntakeService.MarkSpam",
    "IntakeService.MergeTicket",
    "IntakeService.StartWork",
    "IntakeService.UnholdTicket",
    "IntakeService.UnlinkTicket",
    "IntakeService.UnmarkSpam",
    "KeyService.GetKeys",
    "KeyService.GetSealingKey",
    "NotificationService.DisableWebhook",
    "NotificationService.GetNotice",
    "NotificationService.ListNotices",
    "NotificationService.ListWebhooks",
    "NotificationService.RecordBounce",
    "NotificationService.RecordDelivery",
    "NotificationService.ReleaseNotice",
    "PartyService.EraseParty",
    "PartyService.GetParty",
    "PartyService.ListPartyTickets",
    "PartyService.SetPreference",
    "RoutingService.AcceptAssignment",
    "RoutingService.AssignTicket",
    "RoutingService.GetRoute",
    "RoutingService.ImportRoute",
    "RoutingService.RequeueTicket",
    "TaxonomyService.GetTaxonomies",
    "TaxonomyService.PublishTaxonomy",
];

#[test]
fn every_method_is_marked_or_takes_no_personal_data() {
    let known = MARKED.iter().chain(&WITHOUT);
    let known: BTreeSet<String> = known.map(|name| (*name).to_owned()).collect();
    let mut unknown = Vec::new();
    for service in wire::POOL.services().filter(|one| one.full_name().starts_with("odzew.")) {
        // Policies, calendars and clocks: the organisation's own.
        if service.name() == "SlaService" {
            continue;
        }
        for method in service.methods() {
            let name = format!("{}.{}", service.name(), method.name());
            if !known.contains(&name) {
                unknown.push(name);
            }
        }
    }
    assert!(unknown.is_empty(), "send marks through them, or say that they take none: {unknown:?}");
}

/// Every row of every table, the log included, as it is stored.
pub(super) async fn tables(world: &World, secret: &str) {
    let tables: Vec<(String, String)> = sqlx::query_as(
        "select table_schema::text, table_name::text from information_schema.tables
          where table_type = 'BASE TABLE'
            and table_schema not in ('pg_catalog', 'information_schema')
            and not (table_schema = 'log' and table_name = 'event')
          order by 1, 2",
    )
    .fetch_all(world.db.pool())
    .await
    .unwrap();
    for wanted in ["desk.tickets", "keys.subject_key", "notification.ticket_facts"] {
        assert!(tables.iter().any(|(schema, name)| format!("{schema}.{name}") == wanted));
    }
    for (schema, name) in tables {
        let sql = sqlx::AssertSqlSafe(format!("select to_jsonb(t)::text from {schema}.{name} t"));
        let rows: Vec<String> = sqlx::query_scalar(sql).fetch_all(world.db.pool()).await.unwrap();
        clean(&format!("table {schema}.{name}"), &sealed_part(&rows.join("\n")), secret);
    }
    let log = invariants::open_log(world).await;
    let events = invariants::all_events(&log).await;
    assert!(events.len() > 50, "the log is read");
    let (webhooks, others): (Vec<_>, Vec<_>) =
        events.iter().partition(|event| event.event_type == wire::event::WEBHOOK_REGISTERED);
    assert!(!webhooks.is_empty());
    for event in webhooks {
        let text = String::from_utf8_lossy(&event.payload);
        assert!(!text.contains(secret), "the secret of a webhook stands in the log");
    }
    for event in others {
        let place = format!("log, {}", event.event_type);
        for bytes in [&event.payload, &event.metadata_bytes] {
            clean(&place, &sealed_part(&String::from_utf8_lossy(bytes)), secret);
        }
    }
}

/// Every message that the broker keeps.
pub(super) async fn broker(world: &World, client: &async_nats::Client, prefix: &str, secret: &str) {
    let log = invariants::open_log(world).await;
    let context = jetstream::new(client.clone());
    let mut seen = 0;
    for &partition in log.partitions() {
        let epoch = log.epoch(partition).await.unwrap();
        let name = format!("{}_EVENTS_{partition}_{epoch}", prefix.to_uppercase());
        let stream = context.get_stream(&name).await.unwrap();
        for sequence in 1..=log.head(partition).await.unwrap() {
            let message = stream.get_raw_message(sequence).await.unwrap();
            seen += 1;
            if message.subject.ends_with("WebhookRegistered") {
                continue;
            }
            let text = String::from_utf8_lossy(&message.payload);
            clean(&format!("message {}", message.subject), &sealed_part(&text), secret);
        }
    }
    assert!(seen > 50, "the messages are read");
}

/// The text without what stands in clear on purpose.
fn sealed_part(text: &str) -> String {
    NOT_SEALED.iter().fold(text.to_owned(), |text, allowed| text.replace(allowed, ""))
}
