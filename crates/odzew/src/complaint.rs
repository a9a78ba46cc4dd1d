//! `odzew complaint`: the complaint part of a ticket, through the public API.
mod asked;
pub(crate) mod register;
mod shown;

use anyhow::{Context, Result};
use clap::Subcommand;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use wire::intake::v1::complaint_service_client::ComplaintServiceClient;
use wire::intake::v1::{Complaint, GetComplaintRequest, RecordItemDeliveredRequest};
use wire::scalar::timestamp;

use crate::client::Connection;
use crate::config::Config;
use crate::output::say;
use crate::ticket::{Who, find};

/// Verbs about complaints.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Show the complaint of a ticket: its law, claims, decisions and what is owed.
    Show {
        #[command(flatten)]
        who: Who,
        /// Id or number of the ticket.
        ticket: String,
    },
    /// Write the register of complaints to standard output, newest first.
    ///
    /// Every complaint that the filters leave: its law, its terms and whether they were kept,
    /// its decisions with their proof, remedies and appeal. It has no personal data.
    Register(register::Opts),
    /// Make a ticket a complaint.
    Open {
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        open: asked::Open,
    },
    /// Say anew what is claimed, in place of the claims so far.
    Claims {
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        claims: asked::Claims,
    },
    /// Note that the thing complained about has come, where the complaint was opened before.
    Item {
        #[command(flatten)]
        who: Who,
        /// Id or number of the ticket.
        ticket: String,
        /// When it came, for example 2026-06-09T08:00:00Z; without it now.
        #[arg(long)]
        at: Option<Timestamp>,
    },
    /// Ask the customer for what is missing.
    Ask {
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        ask: asked::Ask,
    },
    /// Extend the time to answer and tell the customer.
    Extend {
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        extend: asked::Extend,
    },
    /// Decide a complaint, or the appeal, and send the letter.
    Decide {
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        decide: Box<asked::Decide>,
    },
    /// Note that something granted was carried out, or that the customer does not want it.
    Remedy {
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        remedy: asked::Remedy,
    },
    /// Appeal against the decision.
    Appeal {
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        appeal: asked::Appeal,
    },
}

/// # Errors
/// If intake refuses or is away.
pub(crate) async fn run(verb: Verb, config: Config) -> Result<()> {
    match verb {
        Verb::Register(opts) => register::run(opts, config).await,
        Verb::Show { who, ticket } => Case::find(&who, &ticket, &config).await?.show().await,
        Verb::Open { who, open } => {
            let mut case = Case::find(&who, &open.ticket, &config).await?;
            let opened = case.intake.open_complaint(open.request(case.ticket_id())?).await;
            opened.context("open the complaint")?;
            case.show().await
        }
        Verb::Claims { who, claims } => {
            let mut case = Case::find(&who, &claims.ticket, &config).await?;
            let stated = case.intake.state_claims(claims.request(case.ticket_id())?).await;
            stated.context("state the claims")?;
            case.show().await
        }
        Verb::Item { who, ticket, at } => {
            let mut case = Case::find(&who, &ticket, &config).await?;
            let request = RecordItemDeliveredRequest {
                request_id: asked::new_id(),
                ticket_id: case.ticket_id(),
                item_delivered_at: at.map(timestamp),
                ..Default::default()
            };
            case.intake.record_item_delivered(request).await.context("note that it has come")?;
            case.show().await
        }
        Verb::Ask { who, ask } => {
            let mut case = Case::find(&who, &ask.ticket, &config).await?;
            let asked = case.intake.request_complaint_info(ask.request(case.ticket_id())).await;
            asked.context("ask the customer")?;
            case.show().await
        }
        Verb::Extend { who, extend } => {
            let mut case = Case::find(&who, &extend.ticket, &config).await?;
            let extended = case.intake.extend_complaint(extend.request(case.ticket_id())).await;
            extended.context("extend the time to answer")?;
            case.show().await
        }
        Verb::Decide { who, decide } => {
            let mut case = Case::find(&who, &decide.ticket, &config).await?;
            let claims = case.complaint().await?.claims;
            let request = decide.request(case.ticket_id(), &claims)?;
            case.intake.decide_complaint(request).await.context("decide the complaint")?;
            case.show().await
        }
        Verb::Remedy { who, remedy } => {
            let mut case = Case::find(&who, &remedy.ticket, &config).await?;
            if let Some(waiver) = remedy.waiver(&case.ticket_id) {
                case.intake.waive_remedy(waiver).await.context("note what is not wanted")?;
            } else {
                let recorded = case.intake.record_remedy(remedy.request(case.ticket_id())?).await;
                recorded.context("note what was carried out")?;
            }
            case.show().await
        }
        Verb::Appeal { who, appeal } => {
            let mut case = Case::find(&who, &appeal.ticket, &config).await?;
            let filed = case.intake.file_appeal(appeal.request(case.ticket_id())).await;
            filed.context("file the appeal")?;
            case.show().await
        }
    }
}

/// The ticket that is meant, and who answers for its complaint.
struct Case {
    intake: ComplaintServiceClient<Connection>,
    ticket_id: String,
    zone: TimeZone,
}

impl Case {
    async fn find(who: &Who, ticket: &str, config: &Config) -> Result<Self> {
        let (mut clients, zone) = who.clients(config)?;
        let ticket_id = find(&mut clients, ticket).await?.ticket_id;
        Ok(Self { intake: clients.complaint, ticket_id, zone })
    }

    fn ticket_id(&self) -> String {
        self.ticket_id.clone()
    }

    async fn complaint(&mut self) -> Result<Complaint> {
        let request = GetComplaintRequest { ticket_id: self.ticket_id(), ..Default::default() };
        let answer = self.intake.get_complaint(request).await;
        let answer = answer.context("ask intake for the complaint")?.into_inner();
        answer.complaint.context("the answer carries the complaint")
    }

    async fn show(mut self) -> Result<()> {
        let complaint = self.complaint().await?;
        say(&shown::described(&complaint, &self.zone))
    }
}
