//! `odzew complaint`: the complaint part of a ticket, through the public API.
mod asked;
pub(crate) mod register;
mod shown;

use anyhow::{Context, Result};
use clap::Subcommand;
use wire::intake::v1::GetComplaintRequest;

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
    let verb = match verb {
        Verb::Register(opts) => return register::run(opts, config).await,
        of_a_ticket => of_a_ticket,
    };
    let (who, ticket) = match &verb {
        Verb::Register(_) => unreachable!("answered above"),
        Verb::Show { who, ticket } => (who, ticket),
        Verb::Open { who, open } => (who, &open.ticket),
        Verb::Claims { who, claims } => (who, &claims.ticket),
        Verb::Ask { who, ask } => (who, &ask.ticket),
        Verb::Extend { who, extend } => (who, &extend.ticket),
        Verb::Decide { who, decide } => (who, &decide.ticket),
        Verb::Remedy { who, remedy } => (who, &remedy.ticket),
        Verb::Appeal { who, appeal } => (who, &appeal.ticket),
    };
    let (mut clients, zone) = who.clients(&config)?;
    let ticket_id = find(&mut clients, ticket).await?.ticket_id;
    let request = GetComplaintRequest { ticket_id: ticket_id.clone(), ..Default::default() };
    let mut intake = clients.complaint;
    match verb {
        Verb::Register(_) | Verb::Show { .. } => {}
        Verb::Open { open, .. } => {
            intake.open_complaint(open.request(ticket_id)?).await.context("open the complaint")?;
        }
        Verb::Claims { claims, .. } => {
            let stated = intake.state_claims(claims.request(ticket_id)?).await;
            stated.context("state the claims")?;
        }
        Verb::Ask { ask, .. } => {
            let asked = intake.request_complaint_info(ask.request(ticket_id)).await;
            asked.context("ask the customer")?;
        }
        Verb::Extend { extend, .. } => {
            let extended = intake.extend_complaint(extend.request(ticket_id)).await;
            extended.context("extend the time to answer")?;
        }
        Verb::Decide { decide, .. } => {
            let known = intake.get_complaint(request.clone()).await;
            let known = known.context("ask intake for the complaint")?.into_inner();
            let claims = known.complaint.context("the answer carries the complaint")?.claims;
            let decided = intake.decide_complaint(decide.request(ticket_id, &claims)?).await;
            decided.context("decide the complaint")?;
        }
        Verb::Remedy { remedy, .. } => match remedy.waiver(&ticket_id) {
            Some(waiver) => {
                intake.waive_remedy(waiver).await.context("note what is not wanted")?;
            }
            None => {
                let recorded = intake.record_remedy(remedy.request(ticket_id)?).await;
                recorded.context("note what was carried out")?;
            }
        },
        Verb::Appeal { appeal, .. } => {
            intake.file_appeal(appeal.request(ticket_id)).await.context("file the appeal")?;
        }
    }
    let answer = intake.get_complaint(request).await.context("ask intake for the complaint")?;
    let complaint = answer.into_inner().complaint.context("the answer carries the complaint")?;
    say(&shown::described(&complaint, &zone))
}
