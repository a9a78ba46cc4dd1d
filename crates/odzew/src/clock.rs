//! `odzew clock`: a ticket's clocks, through the public API.
mod life;

use anyhow::{Context, Result};
use chassis::rpc::Role;
use clap::Subcommand;
use jiff::tz::TimeZone;
use wire::sla::v1::{Clock, ClockKind, GetClocksRequest};

use crate::client::{Caller, Services};
use crate::config::Config;
use crate::output::say;
use crate::ticket::{Who, find};
use crate::{tables, words};

/// Verbs about clocks.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Tell the life of a ticket's clocks line by line: when each started, paused, got another
    /// target, warned, was late and stopped, how much of its time had counted, and when it
    /// was due.
    Explain {
        #[command(flatten)]
        who: Who,
        /// Id or number of the ticket.
        ticket: String,
        /// Only clocks of this kind, for example `resolution` or `first-reply`.
        #[arg(long)]
        kind: Option<String>,
    },
}

/// # Errors
/// If a service refuses or is unavailable, or the kind is not a kind of clock.
pub(crate) async fn run(verb: Verb, config: Config) -> Result<()> {
    let Verb::Explain { who, ticket, kind } = verb;
    let kind = kind.map(|word| kind_of(&word)).transpose()?;
    let caller = Caller::new(&who.tenant, &who.actor, Role::Lead)?;
    let zone = TimeZone::get(&who.zone).context("read the time zone")?;
    let mut clients = Services::new(&config.listen)?.of(&caller);
    let summary = find(&mut clients, &ticket).await?;
    let request = GetClocksRequest { ticket_id: summary.ticket_id.clone() };
    let answer = clients.sla.get_clocks(request).await.context("ask sla for the clocks")?;
    let answer = answer.into_inner();
    let as_of = tables::time(answer.as_of.as_ref(), &zone);
    say(&format!("Ticket {}, as of {as_of} ({})\n", summary.number, who.zone))?;
    let meant = |of: ClockKind| kind.is_none_or(|kind| kind == of);
    let clocks: Vec<_> = answer.clocks.iter().filter(|clock| meant(clock.kind())).collect();
    if clocks.is_empty() {
        return say(&nothing(&answer.clocks));
    }
    for clock in clocks {
        say(&life::headline(clock, &zone))?;
        say(&format!("{}\n", life::table(clock, &zone)))?;
    }
    let first = answer.clocks.iter().find(|clock| clock.clock_id == answer.answer_due_clock_id);
    if let Some(first) = first.filter(|_| kind.is_none()) {
        let due = tables::time(first.due_at.as_ref(), &zone);
        say(&format!("The answer is due by {due} ({}).\n", first.regime_code))?;
    }
    for timer in answer.timers.iter().filter(|_| kind.is_none()) {
        say(&life::timer(timer, &zone))?;
    }
    Ok(())
}

/// Nothing to explain: there is no clock at all, or only others than the one that is meant.
fn nothing(others: &[Clock]) -> String {
    let mut kinds: Vec<_> = others
        .iter()
        .map(|clock| tables::words(clock.kind().as_str_name(), "CLOCK_KIND_").replace(' ', "-"))
        .collect();
    kinds.sort();
    kinds.dedup();
    if kinds.is_empty() {
        "No clock of this ticket has started.".to_owned()
    } else {
        format!("No clock of this kind has started; the ticket has {}.", kinds.join(", "))
    }
}

fn kind_of(word: &str) -> Result<ClockKind> {
    words::meant(word, "CLOCK_KIND_", ClockKind::from_str_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_without_a_clock_is_not_a_ticket_without_one() {
        assert_eq!(nothing(&[]), "No clock of this ticket has started.");
        let reply = Clock { kind: ClockKind::FirstReply.into(), ..Default::default() };
        let said = "No clock of this kind has started; the ticket has first-reply.";
        assert_eq!(nothing(&[reply.clone(), reply]), said);
    }
}
