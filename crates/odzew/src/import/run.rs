//! Carries the plans out: for each incident one call to intake, then one to routing, with
//! a bounded number of incidents under way at once.
use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use futures::stream::{self, StreamExt as _};
use tonic::Status;
use tonic_types::StatusExt as _;
use wire::common::v1::ConsistencyToken;

use super::mapping::Plan;
use super::retry::{Failure, persistently};
use crate::client::Clients;
use crate::progress::Bar;

/// What came of the calls.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// By number of the incident.
    pub(crate) imported: BTreeMap<String, Imported>,
    /// Incidents that a service refused, with its words.
    pub(crate) refused: BTreeMap<String, String>,
}

/// A ticket with its route.
#[derive(Debug, Clone)]
pub(crate) struct Imported {
    pub(crate) ticket_id: String,
    /// Where the log stood after both calls.
    pub(crate) token: Option<ConsistencyToken>,
    /// Neither call changed anything.
    pub(crate) already: bool,
}

/// # Errors
/// If a service is away for longer than the calls are repeated.
pub(crate) async fn run(clients: &Clients, plans: &[Plan], concurrency: usize) -> Result<Outcome> {
    let mut bar = Bar::new("incidents", plans.len() as u64);
    let calls = plans.iter().map(|plan| async move { (plan, one(clients, plan).await) });
    let mut calls = stream::iter(calls).buffer_unordered(concurrency);
    let mut outcome = Outcome::default();
    while let Some((plan, result)) = calls.next().await {
        let number = plan.number.clone();
        match result {
            Ok(imported) => {
                outcome.imported.insert(number, imported);
            }
            Err(Failure::Refused(status)) => {
                outcome.refused.insert(number, refusal(&status));
            }
            Err(Failure::Away(status)) => {
                let done = outcome.imported.len();
                bail!(
                    "a service is away ({}); {done} incidents are taken over, and the same \
                     command goes on from there",
                    words(&status)
                );
            }
        }
        bar.tick();
    }
    bar.finish();
    Ok(outcome)
}

async fn one(clients: &Clients, plan: &Plan) -> Result<Imported, Failure> {
    let ticket =
        persistently(async || clients.intake.clone().import_ticket(plan.ticket.clone()).await);
    let ticket = ticket.await?;
    let ticket_id = ticket.ticket.context("the answer carries the ticket");
    let ticket_id = ticket_id.map_err(|error| unreadable(&error))?.ticket_id;
    let request = plan.route(ticket_id.clone());
    let route = persistently(async || clients.routing.clone().import_route(request.clone()).await);
    let route = route.await?;
    Ok(Imported {
        ticket_id,
        token: route.consistency_token,
        already: ticket.already_imported && route.already_imported,
    })
}

fn unreadable(error: &anyhow::Error) -> Failure {
    Failure::Refused(Status::internal(error.to_string()))
}

fn refusal(status: &Status) -> String {
    let reused =
        status.get_details_error_info().is_some_and(|info| info.reason == "REQUEST_ID_REUSED");
    if reused {
        "it was taken over before with another content, from another export or with another \
         --zone, and stays as it is"
            .to_owned()
    } else {
        words(status)
    }
}

/// A status in one line.
pub(crate) fn words(status: &Status) -> String {
    format!("{:?}: {}", status.code(), status.message())
}
