//! A night in which nobody writes to two customers: Odzew does, at every end of a round, each in
//! their language. In the services' own processes, on a clock that the test moves.
use chassis::rpc::Role;
use testkit::{Mail, Nats};
use wire::common::v1::Channel;
use wire::intake::v1::{
    Impact, MakePromiseRequest, PromiseKind, RegisterTicketRequest, Requester, Ticket, TicketType,
    Urgency,
};
use wire::sla::v1::{ClockKind, ClockOutcome, GetClocksRequest};

use crate::rehearsal::{Rehearsal, happened, proto};
use crate::{invariants, load};

fn id() -> String {
    uuid::Uuid::now_v7().to_string()
}

async fn register(night: &Rehearsal, language: &str) -> Ticket {
    let request = RegisterTicketRequest {
        request_id: id(),
        r#type: TicketType::Incident.into(),
        channel: Channel::Email.into(),
        subject: "No payment goes through".into(),
        body: "Since midnight.".into(),
        requester: Some(Requester {
            name: "Anna".into(),
            email: format!("{language}@example.org"),
            party_id: String::new(),
        }),
        language: language.into(),
        impact: Impact::High.into(),
        urgency: Urgency::High.into(),
        ..Default::default()
    };
    let mut mailbox = night.world.clients("mailbox", Role::Integrator).intake;
    mailbox.register_ticket(request).await.unwrap().into_inner().ticket.unwrap()
}

/// What was mailed to a customer by Odzew itself, beside the confirmation of receipt; without the
/// soft line breaks of quoted-printable.
fn told(night: &Rehearsal, language: &str) -> Vec<String> {
    let to = format!("{language}@example.org");
    let hers = |mail: &&Mail| mail.to.contains(&to);
    let mails = night.world.smtp.messages();
    let texts = mails.iter().filter(hers).map(|mail| mail.text().replace("=\r\n", ""));
    texts.filter(|text| text.contains("Auto-Submitted: auto-generated")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_hears_nothing_all_night_is_told_so_every_half_hour() {
    let nats = Nats::shared().await;
    let night = Rehearsal::at(&nats, "2026-06-01 02:00:00").await;
    load::directory(&night.world).await;
    night.settled().await;
    let (polish, english) = (register(&night, "pl").await, register(&night, "en").await);
    let eta = MakePromiseRequest {
        request_id: id(),
        ticket_id: english.ticket_id.clone(),
        kind: PromiseKind::EtaResolution.into(),
        due_at: proto("2026-06-01 06:00"),
        ..Default::default()
    };
    night.world.clients("ania", Role::Agent).intake.make_promise(eta).await.unwrap();
    night.move_to("2026-06-01 03:10:00").await;

    let lines = night.timeline(&[("PL", &polish.ticket_id), ("EN", &english.ticket_id)]).await;
    for ticket in ["PL", "EN"] {
        for time in ["02:30:00", "03:00:00"] {
            happened(&lines, time, ticket, "TimerFired", "no news update");
            happened(&lines, time, ticket, "MessageAdded", "update to the customer over email");
            happened(&lines, time, ticket, "NotificationSent", "reply");
        }
    }
    let late = lines.iter().filter(|line| line.event == "ClockBreached");
    let updates = late.filter(|line| line.summary.contains("periodic update")).count();
    assert_eq!(updates, 0, "the word came in time");
    for ticket in [&polish, &english] {
        let request = GetClocksRequest { ticket_id: ticket.ticket_id.clone() };
        let mut auditor = night.world.clients("auditor", Role::Auditor).sla;
        let clocks = auditor.get_clocks(request).await.unwrap().into_inner().clocks;
        let rounds = clocks.iter().filter(|clock| clock.kind() == ClockKind::PeriodicUpdate);
        let outcomes: Vec<_> = rounds.map(|clock| clock.outcome()).collect();
        let met = ClockOutcome::Met;
        assert_eq!(outcomes, [met, met, ClockOutcome::Unspecified]);
        let first = clocks.iter().find(|clock| clock.kind() == ClockKind::FirstReply).unwrap();
        assert!(first.breached, "what a machine says is no answer");
    }

    let mails = told(&night, "pl");
    assert_eq!(mails.len(), 2);
    assert!(mails[0].contains("ponownie do 1 czerwca 2026 r., 03:00 (CEST)"), "{}", mails[0]);
    assert!(mails[1].contains("ponownie do 1 czerwca 2026 r., 03:30 (CEST)"), "{}", mails[1]);
    let mails = told(&night, "en");
    assert_eq!(mails.len(), 2);
    for (mail, next) in mails.iter().zip(["03:00", "03:30"]) {
        for said in [
            &format!("we do not have a solution to case {} yet", english.number),
            "The expected date remains 1 June 2026, 06:00 (CEST).",
            &format!("hear from us again by 1 June 2026, {next} (CEST), even if nothing changes."),
        ] {
            assert!(mail.contains(said), "{said}: {mail}");
        }
    }
    invariants::read_models_equal_a_rebuild(&night.world).await;
}
