//! Changes to a party that an operator makes: a legal hold, and the erasure.
use anyhow::{Context, Result, ensure};
use chassis::rpc::Role;
use clap::Args;
use uuid::Uuid;
use wire::intake::v1::{ErasePartyRequest, SetLegalHoldRequest, SetRestrictionRequest};

use crate::config::Config;
use crate::output::say;
use crate::ticket::Who;

/// Erases a party.
#[derive(Debug, Args)]
pub(crate) struct Erase {
    #[command(flatten)]
    who: Who,
    /// Id of the party.
    party: String,
    /// Why; without personal data.
    #[arg(long)]
    basis: String,
    /// Id of the closed ticket in which the erasure was asked for.
    #[arg(long, default_value = "")]
    request_ticket: String,
    /// Say that it is meant: nobody can take it back.
    #[arg(long)]
    yes: bool,
}

/// Keeps a party's data from being used, or lets them be used again.
#[derive(Debug, Args)]
pub(crate) struct Restrict {
    #[command(flatten)]
    who: Who,
    /// Id of the party.
    party: String,
    /// Why; without personal data.
    #[arg(long)]
    basis: String,
    /// Id of the ticket in which it was asked for.
    #[arg(long, default_value = "", conflicts_with = "lift")]
    request_ticket: String,
    /// Lift the restriction.
    #[arg(long)]
    lift: bool,
}

/// Puts a party under a legal hold, or lifts it.
#[derive(Debug, Args)]
pub(crate) struct Hold {
    #[command(flatten)]
    who: Who,
    /// Id of the party.
    party: String,
    /// Why; without personal data.
    #[arg(long)]
    basis: String,
    /// The last day, for example 2027-12-31; without it the hold stays until it is lifted.
    #[arg(long, default_value = "", conflicts_with = "lift")]
    until: String,
    /// Lift the hold.
    #[arg(long)]
    lift: bool,
}

/// # Errors
/// If it is not meant, or intake refuses or is away.
pub(crate) async fn erase(asked: Erase, config: &Config) -> Result<()> {
    ensure!(
        asked.yes,
        "this destroys the keys of everything personal of the party and cannot be taken back; \
         say --yes if that is meant"
    );
    let (mut clients, _) = asked.who.clients_as(Role::Admin, config)?;
    let request = ErasePartyRequest {
        request_id: Uuid::now_v7().to_string(),
        party_id: asked.party.clone(),
        etag: String::new(),
        basis: asked.basis,
        request_ticket_id: asked.request_ticket,
    };
    clients.party.erase_party(request).await.context("ask intake to erase the party")?;
    say(&format!("party {} is erased", asked.party))
}

/// # Errors
/// If intake refuses or is away.
pub(crate) async fn hold(asked: Hold, config: &Config) -> Result<()> {
    let (mut clients, _) = asked.who.clients(config)?;
    let request = SetLegalHoldRequest {
        request_id: Uuid::now_v7().to_string(),
        party_id: asked.party.clone(),
        etag: String::new(),
        on: !asked.lift,
        basis: asked.basis,
        until: asked.until,
    };
    let answer = clients.party.set_legal_hold(request).await;
    let party = answer.context("ask intake for the legal hold")?.into_inner().party;
    let hold = party.and_then(|party| party.legal_hold);
    say(&match hold {
        Some(hold) if hold.until.is_empty() => {
            format!("party {} is under a legal hold until it is lifted", asked.party)
        }
        Some(hold) => format!("party {} is under a legal hold until {}", asked.party, hold.until),
        None => format!("party {} is under no legal hold", asked.party),
    })
}

/// # Errors
/// If intake refuses or is away.
pub(crate) async fn restrict(asked: Restrict, config: &Config) -> Result<()> {
    let (mut clients, _) = asked.who.clients_as(Role::Admin, config)?;
    let request = SetRestrictionRequest {
        request_id: Uuid::now_v7().to_string(),
        party_id: asked.party.clone(),
        etag: String::new(),
        on: !asked.lift,
        basis: asked.basis,
        request_ticket_id: asked.request_ticket,
    };
    let answer = clients.party.set_restriction(request).await;
    let party = answer.context("ask intake for the restriction")?.into_inner().party;
    let restricted = party.is_some_and(|party| party.restriction.is_some());
    let state = if restricted { "restricted" } else { "not restricted" };
    say(&format!("party {} is {state}", asked.party))
}
