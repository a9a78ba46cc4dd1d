//! What must be true at the end of the day; `--once` fails with the difference.
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use chassis::rpc::Role;
use wire::intake::v1::TicketType;
use wire::notification::v1::{ListNoticesRequest, NoticeState, Purpose};
use wire::sla::v1::{ClockKind, ClockState, GetClocksRequest};

use super::day::Step;
use super::feed::Lived;
use super::report;
use crate::client::{Caller, Services};

/// The read sides lag by milliseconds; after this a difference is a failure.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(200);

/// Waits until every expectation holds.
///
/// # Errors
/// Lists what is still different after a minute.
pub(super) async fn met(services: &Services, lived: &[Lived], mails: &Path) -> Result<()> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let differences = differences(services, lived, mails).await?;
        if differences.is_empty() {
            return Ok(());
        }
        if tokio::time::Instant::now() > deadline {
            bail!("the day did not end as expected:\n  {}", differences.join("\n  "));
        }
        tokio::time::sleep(POLL).await;
    }
}

async fn differences(services: &Services, lived: &[Lived], mails: &Path) -> Result<Vec<String>> {
    let mut differences = Vec::new();
    let mut listed = BTreeMap::new();
    for tenant in super::directory::tenants() {
        for ticket in report::tickets(services, tenant).await? {
            listed.insert(ticket.ticket_id.clone(), ticket);
        }
    }
    for lived in lived {
        let story = lived.story;
        let Some(ticket) = listed.get(&lived.ticket_id) else {
            differences.push(format!("{}: not in the list", story.key));
            continue;
        };
        if ticket.state() != story.ends {
            let state = ticket.state().as_str_name();
            differences.push(format!("{}: {state}, not {}", story.key, story.ends.as_str_name()));
        }
        if ticket.queue_id.is_empty() {
            differences.push(format!("{}: stands in no queue", story.key));
        }
        clocks(services, lived, &mut differences).await?;
        notices(services, lived, &mut differences).await?;
        if story.kind == TicketType::Complaint {
            let line = report::complaint(services, story.tenant, &lived.ticket_id).await?;
            differences.extend(super::complaint::differences(story.key, line.as_ref()));
        }
    }
    if std::fs::read_dir(mails).map_or(0, Iterator::count) == 0 {
        differences.push("no mail arrived".into());
    }
    Ok(differences)
}

async fn clocks(services: &Services, lived: &Lived, differences: &mut Vec<String>) -> Result<()> {
    let story = lived.story;
    let mut clients = services.of(&Caller::new(story.tenant, "duty-lead", Role::Lead)?);
    let request = GetClocksRequest { ticket_id: lived.ticket_id.clone() };
    let clocks = clients.sla.get_clocks(request).await.context("read clocks")?.into_inner().clocks;
    if clocks.is_empty() {
        differences.push(format!("{}: no clock was started", story.key));
    }
    let breach_wanted = story.steps.iter().any(|step| matches!(step, Step::LetItBreach));
    let breached = clocks.iter().any(|c| c.kind() == ClockKind::FirstReply && c.breached);
    if breach_wanted != breached {
        differences.push(format!("{}: first reply breached is {breached}", story.key));
    }
    let running = clocks.iter().any(|clock| clock.state() == ClockState::Running);
    if story.ends == wire::intake::v1::TicketState::Closed && running {
        differences.push(format!("{}: a clock of the closed ticket runs", story.key));
    }
    Ok(())
}

async fn notices(services: &Services, lived: &Lived, differences: &mut Vec<String>) -> Result<()> {
    let story = lived.story;
    let mut clients = services.of(&Caller::new(story.tenant, "duty-lead", Role::Lead)?);
    let request = ListNoticesRequest {
        ticket_id: lived.ticket_id.clone(),
        page_size: 200,
        page_token: String::new(),
    };
    let answer = clients.notification.list_notices(request).await.context("list notices")?;
    let notices = answer.into_inner().notices;
    let sent = |purpose: Purpose| {
        let of_purpose = |n: &&wire::notification::v1::Notice| n.purpose() == purpose;
        notices.iter().filter(of_purpose).filter(|n| n.state() == NoticeState::Sent).count()
    };
    let replies = |story: &super::day::Story| {
        let is_reply = |step: &&Step| matches!(step, Step::Reply(_) | Step::AskCustomer(_));
        story.steps.iter().filter(is_reply).count()
    };
    if story.customer.is_some() {
        for (purpose, wanted) in [(Purpose::Ack, 1), (Purpose::Reply, replies(story))] {
            let count = sent(purpose);
            if count != wanted {
                let name = purpose.as_str_name();
                differences.push(format!("{}: {name} sent {count}, not {wanted}", story.key));
            }
        }
    }
    if story.kind == TicketType::Complaint {
        for purpose in [Purpose::ComplaintAck, Purpose::Decision] {
            if sent(purpose) != 1 {
                differences.push(format!("{}: no {} sent", story.key, purpose.as_str_name()));
            }
        }
    }
    if sent(Purpose::Assignment) == 0 {
        differences.push(format!("{}: its owner was not told", story.key));
    }
    Ok(())
}
