//! `odzew policy list`: what is published, and what needs a review.
use anyhow::{Context, Result};
use chassis::rpc::Role;
use jiff::tz::TimeZone;
use wire::intake::v1::GetTaxonomiesRequest;
use wire::sla::v1::{GetSlaConfigRequest, RegimeInForce};

use super::Tenant;
use crate::client::{Caller, Services};
use crate::config::Config;
use crate::output::say;
use crate::tables;

/// Whose policies.
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    #[command(flatten)]
    who: Tenant,
    /// Time zone of the times shown.
    #[arg(long, default_value = "Europe/Warsaw")]
    zone: String,
}

/// # Errors
/// If the service refuses or is away.
pub(crate) async fn run(opts: Opts, config: Config) -> Result<()> {
    let zone = TimeZone::get(&opts.zone).context("read the time zone")?;
    let caller = Caller::new(&opts.who.tenant, &opts.who.actor, Role::SlaManager)?;
    let mut clients = Services::new(&config.listen)?.of(&caller);
    let current = clients.sla.get_sla_config(GetSlaConfigRequest {}).await;
    let current = current.context("ask sla for what is published")?.into_inner();
    let mut versions = tables::table(["Kind", "Id", "Version", "Applies from"]);
    for version in &current.versions {
        versions.add_row([
            tables::words(version.kind().as_str_name(), "SLA_CONFIG_KIND_"),
            version.id.clone(),
            version.version.to_string(),
            version.effective_from.as_ref().map_or_else(
                || "comes with Odzew".to_owned(),
                |from| tables::time(Some(from), &zone),
            ),
        ]);
    }
    let taxonomies = clients.taxonomy.get_taxonomies(GetTaxonomiesRequest { version: 0 }).await;
    let taxonomies = taxonomies.context("ask intake for what is published")?.into_inner();
    for version in &taxonomies.versions {
        let from = tables::time(version.effective_from.as_ref(), &zone);
        let row = [&version.taxonomy_id, &version.version.to_string(), &from];
        versions.add_row(["taxonomy"].into_iter().chain(row.map(String::as_str)));
    }
    say(&versions.to_string())?;
    if current.regimes.is_empty() {
        return say("No regime is in force: publish what a lawyer has signed off.");
    }
    let mut table =
        tables::table(["Regime in force", "Answer within", "Silence", "Trust", "Review"]);
    for in_force in &current.regimes {
        table.add_row(row(in_force));
    }
    say(&table.to_string())?;
    let late = current.regimes.iter().filter(|regime| regime.past_review).count();
    if late > 0 {
        say(&format!("{late} past their review: compare them with their sources."))
    } else {
        Ok(())
    }
}

fn row(in_force: &RegimeInForce) -> [String; 5] {
    let regime = in_force.regime.clone().unwrap_or_default();
    let base = regime.base.unwrap_or_default();
    let unit = tables::words(base.unit().as_str_name(), "PERIOD_UNIT_");
    let disabled = if regime.disabled { " (disabled)" } else { "" };
    let late = if in_force.past_review { " PAST" } else { "" };
    [
        format!("{} v{}{disabled}", regime.code, regime.version),
        format!("{} {unit}", base.n),
        tables::words(regime.silence().as_str_name(), "SILENCE_EFFECT_"),
        tables::words(regime.confidence().as_str_name(), "REGIME_CONFIDENCE_"),
        format!("{}{late}", in_force.review_on),
    ]
}
