//! Plays one story of the day through the public API.
use std::time::Duration;

use anyhow::{Context, Result, bail};
use chassis::rpc::Role;
use prost_types::Timestamp;
use tonic::Code;
use uuid::Uuid;
use wire::common::v1::Channel;
use wire::intake::v1 as intake;
use wire::intake::v1::{HoldKind, MessageDirection, PriorityCause, UnholdTrigger};
use wire::routing::v1::{AcceptAssignmentRequest, GetRouteRequest};
use wire::sla::v1::GetClocksRequest;

use super::complaint;
use super::day::{Step, Story};
use crate::client::{Caller, Clients, Services};

/// How long the demonstration waits for another service before it gives up.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(50);

/// A story that has been lived.
#[derive(Clone)]
pub(super) struct Lived {
    pub(super) story: &'static Story,
    pub(super) ticket_id: String,
    pub(super) number: String,
}

/// Lives one story. Repeated on the same day it meets the same tickets and changes
/// nothing, since every request id is derived from the day, the story and the step.
pub(super) async fn live(
    services: Services,
    story: &'static Story,
    day: jiff::civil::Date,
) -> Result<Lived> {
    let mut teller = Teller::new(services, story, day)?;
    let lived = teller.register().await?;
    for (number, step) in story.steps.iter().enumerate() {
        teller
            .step(number, step)
            .await
            .with_context(|| format!("story {} at step {}", story.key, number + 1))?;
    }
    Ok(lived)
}

pub(super) struct Teller {
    services: Services,
    story: &'static Story,
    pub(super) day: jiff::civil::Date,
    customer: Clients,
    /// What brings messages in, and says how urgent they look.
    channels: Clients,
    pub(super) agent: Clients,
    pub(super) ticket_id: String,
}

impl Teller {
    fn new(services: Services, story: &'static Story, day: jiff::civil::Date) -> Result<Self> {
        let customer = services.of(&Caller::new(story.tenant, "customer", Role::Customer)?);
        let channels = services.of(&Caller::new(story.tenant, "channels", Role::Integrator)?);
        let agent = services.of(&Caller::new(story.tenant, "duty-lead", Role::Lead)?);
        Ok(Self { services, story, day, customer, channels, agent, ticket_id: String::new() })
    }

    fn request_id(&self, what: &str) -> String {
        let name = format!("demo/{}/{}/{}/{what}", self.day, self.story.tenant, self.story.key);
        Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).to_string()
    }

    async fn register(&mut self) -> Result<Lived> {
        let story = self.story;
        let request = intake::RegisterTicketRequest {
            request_id: self.request_id("register"),
            r#type: story.kind.into(),
            channel: story.channel.into(),
            subject: story.subject.into(),
            body: story.body.into(),
            requester: story.customer.as_ref().map(|customer| intake::Requester {
                name: customer.name.into(),
                email: customer.email.into(),
                party_id: String::new(),
            }),
            language: story.customer.as_ref().map_or("pl", |customer| customer.language).into(),
            received_at: None,
            category_code: story.category.into(),
            tags: vec!["demo".into()],
            impact: story.impact.into(),
            urgency: story.urgency.into(),
            about: Vec::new(),
            complaint: complaint::told(story),
            ..Default::default()
        };
        let answer = self.channels.intake.register_ticket(request).await?.into_inner();
        let ticket = answer.ticket.context("the answer carries the ticket")?;
        self.ticket_id.clone_from(&ticket.ticket_id);
        Ok(Lived { story, ticket_id: ticket.ticket_id, number: ticket.number })
    }

    async fn reply(&mut self, request_id: String, body: &str) -> Result<()> {
        let request = intake::SendReplyRequest {
            request_id,
            ticket_id: self.ticket_id.clone(),
            // A customer who called or chatted is gone by then, and reads the answer in a mail.
            channel: Channel::Email.into(),
            body: body.into(),
            promise: Some(self.news_tomorrow()?),
            ..Default::default()
        };
        self.agent.intake.send_reply(request).await?;
        Ok(())
    }

    async fn step(&mut self, number: usize, step: &Step) -> Result<()> {
        let request_id = self.request_id(&number.to_string());
        let ticket_id = self.ticket_id.clone();
        let etag = String::new();
        match step {
            Step::Accept => self.accept(request_id).await?,
            Step::LetItBreach => self.breach().await?,
            Step::Reply(body) => self.reply(request_id, body).await?,
            Step::Customer(body) => {
                self.message(request_id, MessageDirection::Inbound, body).await?;
            }
            Step::Note(body) => self.message(request_id, MessageDirection::Internal, body).await?,
            Step::Evidence(body) => self.evidence(request_id, body).await?,
            Step::DecidePartly(letter) => self.decide(request_id, letter).await?,
            Step::CarryOut(reference) => self.carry_out(request_id, reference).await?,
            Step::AskCustomer(question) => self.ask(request_id, question).await?,
            Step::WaitForVendor(vendor) => self.wait_for_vendor(request_id, vendor).await?,
            Step::VendorAnswered => {
                let trigger = UnholdTrigger::VendorReply.into();
                let request = intake::UnholdTicketRequest { request_id, ticket_id, etag, trigger };
                self.agent.intake.unhold_ticket(request).await?;
            }
            Step::Escalate(impact, urgency, reason) => {
                self.escalate(request_id, *impact, *urgency, reason).await?;
            }
            Step::Classify(kind, category) => self.classify(request_id, *kind, category).await?,
            Step::Resolve(code, summary) => {
                let request = intake::ResolveTicketRequest {
                    request_id,
                    ticket_id,
                    etag,
                    resolution_code: (*code).into(),
                    root_cause_code: String::new(),
                    summary: (*summary).into(),
                };
                self.agent.intake.resolve_ticket(request).await?;
            }
            Step::Confirm => {
                let request = intake::ConfirmResolutionRequest { request_id, ticket_id, etag };
                self.customer.intake.confirm_resolution(request).await?;
            }
            Step::Reopen(reason) => {
                let reason = (*reason).into();
                let request = intake::ReopenTicketRequest {
                    request_id,
                    ticket_id,
                    etag,
                    reason,
                    ..Default::default()
                };
                self.agent.intake.reopen_ticket(request).await?;
            }
        }
        Ok(())
    }

    async fn classify(
        &mut self,
        request_id: String,
        kind: intake::TicketType,
        category: &str,
    ) -> Result<()> {
        let request = intake::ClassifyTicketRequest {
            request_id,
            ticket_id: self.ticket_id.clone(),
            etag: String::new(),
            r#type: kind.into(),
            category_code: category.into(),
            tags: vec!["demo".into()],
            reason: "read by an agent".into(),
        };
        self.agent.intake.classify_ticket(request).await?;
        Ok(())
    }

    /// Waits for routing's choice; then the owner accepts and begins to work. Lived again,
    /// a ticket may have no owner any more: then the calls only repeat their first answers.
    async fn accept(&mut self, request_id: String) -> Result<()> {
        let request =
            intake::GetTicketRequest { ticket_id: self.ticket_id.clone(), ..Default::default() };
        let ticket = self.agent.intake.get_ticket(request).await?.into_inner().ticket;
        let is_new = ticket.is_some_and(|ticket| ticket.state() == intake::TicketState::New);
        let (ticket_id, etag) = (self.ticket_id.clone(), String::new());
        let request = AcceptAssignmentRequest { request_id, ticket_id, etag };
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            if is_new {
                let owner = self.owner().await?;
                let owner = Caller::new(self.story.tenant, &owner, Role::Agent)?;
                self.agent = self.services.of(&owner);
            }
            match self.agent.routing.accept_assignment(request.clone()).await {
                Ok(_) => break,
                // Classified a moment ago, it may be on its way to another queue.
                Err(status)
                    if is_new
                        && status.code() == Code::FailedPrecondition
                        && tokio::time::Instant::now() < deadline =>
                {
                    tokio::time::sleep(POLL).await;
                }
                Err(status) => return Err(status.into()),
            }
        }
        let request = intake::StartWorkRequest {
            request_id: self.request_id("start"),
            ticket_id: self.ticket_id.clone(),
            etag: String::new(),
        };
        self.agent.intake.start_work(request).await?;
        Ok(())
    }

    async fn owner(&mut self) -> Result<String> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let request = GetRouteRequest { ticket_id: self.ticket_id.clone() };
            if let Ok(answer) = self.agent.routing.get_route(request).await
                && let Some(route) = answer.into_inner().route
                && !route.agent_id.is_empty()
            {
                return Ok(route.agent_id);
            }
            if tokio::time::Instant::now() > deadline {
                bail!("routing found no owner within {PATIENCE:?}");
            }
            tokio::time::sleep(POLL).await;
        }
    }

    async fn message(
        &mut self,
        request_id: String,
        direction: MessageDirection,
        body: &str,
    ) -> Result<()> {
        let request = intake::AddMessageRequest {
            request_id,
            ticket_id: self.ticket_id.clone(),
            etag: String::new(),
            direction: direction.into(),
            channel: self.story.channel.into(),
            body: body.into(),
            purpose: intake::MessagePurpose::Unspecified.into(),
            ..Default::default()
        };
        let clients = match direction {
            MessageDirection::Inbound => &mut self.customer,
            _ => &mut self.agent,
        };
        clients.intake.add_message(request).await?;
        Ok(())
    }

    async fn escalate(
        &mut self,
        request_id: String,
        impact: intake::Impact,
        urgency: intake::Urgency,
        reason: &str,
    ) -> Result<()> {
        let request = intake::SetPriorityRequest {
            request_id,
            ticket_id: self.ticket_id.clone(),
            etag: String::new(),
            impact: impact.into(),
            urgency: urgency.into(),
            cause: PriorityCause::ImpactGrew.into(),
            reason: reason.into(),
        };
        self.agent.intake.set_priority(request).await?;
        Ok(())
    }

    async fn ask(&mut self, request_id: String, question: &str) -> Result<()> {
        let request = intake::HoldTicketRequest {
            request_id,
            ticket_id: self.ticket_id.clone(),
            etag: String::new(),
            kind: HoldKind::Customer.into(),
            reason: "we need one more fact".into(),
            question: question.into(),
            channel: self.story.channel.into(),
            vendor_id: String::new(),
            expected_by: None,
            identity_doubt: false,
            public_venue: false,
        };
        self.agent.intake.hold_ticket(request).await?;
        Ok(())
    }

    /// What every answer promises; the same however late the day is lived again.
    fn news_tomorrow(&self) -> Result<intake::NewPromise> {
        let due_at = Timestamp { seconds: self.tomorrow_evening()?, nanos: 0 };
        let kind = intake::PromiseKind::NextUpdate.into();
        Ok(intake::NewPromise { kind, due_at: Some(due_at) })
    }

    fn tomorrow_evening(&self) -> Result<i64> {
        Ok(self.day.tomorrow()?.at(22, 0, 0, 0).in_tz("UTC")?.timestamp().as_second())
    }

    async fn wait_for_vendor(&mut self, request_id: String, vendor: &str) -> Result<()> {
        let tomorrow = self.tomorrow_evening()?;
        let request = intake::HoldTicketRequest {
            request_id,
            ticket_id: self.ticket_id.clone(),
            etag: String::new(),
            kind: HoldKind::ThirdParty.into(),
            reason: "the other company has to act".into(),
            question: String::new(),
            channel: 0,
            vendor_id: vendor.into(),
            expected_by: Some(Timestamp { seconds: tomorrow, nanos: 0 }),
            identity_doubt: false,
            public_venue: false,
        };
        self.agent.intake.hold_ticket(request).await?;
        Ok(())
    }

    /// Waits until a clock of the ticket is breached.
    async fn breach(&mut self) -> Result<()> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let request = GetClocksRequest { ticket_id: self.ticket_id.clone() };
            if let Ok(answer) = self.agent.sla.get_clocks(request).await
                && answer.into_inner().clocks.iter().any(|clock| clock.breached)
            {
                return Ok(());
            }
            if tokio::time::Instant::now() > deadline {
                bail!("no clock was breached within {PATIENCE:?}");
            }
            tokio::time::sleep(POLL).await;
        }
    }
}
