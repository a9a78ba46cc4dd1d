//! `odzew policy which`: the regimes of a matter and their days.
use anyhow::{Context, Result, bail};
use chassis::rpc::Role;
use jiff::Timestamp;
use wire::common::v1::ConsumerStatus;
use wire::scalar::timestamp;
use wire::sla::v1::{ApplyingRegime, GetRegimesRequest, RegimeDue, RegimeOccasion};

use super::Tenant;
use crate::client::{Caller, Services};
use crate::config::Config;
use crate::output::say;
use crate::tables;

/// The matter.
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    #[command(flatten)]
    who: Tenant,
    /// What is asked for: complaint, appeal, remedy or request.
    #[arg(long, default_value = "complaint")]
    occasion: String,
    /// Code of the sector of the product, for example TELECOM.
    #[arg(long, default_value = "")]
    sector: String,
    /// Code of the subject, for example PAYMENT.
    #[arg(long, default_value = "")]
    subject: String,
    /// Who the customer is: consumer, sole-trader-protected, business or unknown.
    #[arg(long, default_value = "unknown")]
    customer: String,
    /// Country whose law it is.
    #[arg(long, default_value = "PL")]
    country: String,
    /// When it was received, for example 2026-06-01T10:00:00+02:00; now if absent.
    #[arg(long, value_name = "INSTANT")]
    received: Option<Timestamp>,
    /// The answer goes by post.
    #[arg(long)]
    paper: bool,
}

/// # Errors
/// If a word is not known, or the service refuses or is away.
pub(crate) async fn run(opts: Opts, config: Config) -> Result<()> {
    let caller = Caller::new(&opts.who.tenant, &opts.who.actor, Role::SlaManager)?;
    let mut clients = Services::new(&config.listen)?.of(&caller);
    let word = |given: &str| given.to_uppercase().replace('-', "_");
    let occasion = format!("REGIME_OCCASION_{}", word(&opts.occasion));
    let customer = format!("CONSUMER_STATUS_{}", word(&opts.customer));
    let Some(occasion) = RegimeOccasion::from_str_name(&occasion) else {
        bail!("{:?} is not complaint, appeal, remedy or request", opts.occasion);
    };
    let Some(customer) = ConsumerStatus::from_str_name(&customer) else {
        bail!("{:?} is not consumer, sole-trader-protected, business or unknown", opts.customer);
    };
    let request = GetRegimesRequest {
        occasion: occasion.into(),
        sector: opts.sector,
        subject: opts.subject,
        consumer_status: customer.into(),
        country: opts.country,
        received_at: opts.received.map(timestamp),
        on_paper: opts.paper,
        ..GetRegimesRequest::default()
    };
    let answer = clients.sla.get_regimes(request).await.context("ask sla for the regimes")?;
    let answer = answer.into_inner();
    if answer.regimes.is_empty() {
        return say("No regime applies.");
    }
    let header = ["Regime", "Due", "Safe until", "Extended", "Confirm by", "Silence"];
    let mut table = tables::table(header);
    for regime in &answer.regimes {
        table.add_row(row(regime));
    }
    say(&table.to_string())?;
    match answer.earliest.as_str() {
        "" => Ok(()),
        code => say(&format!("The first to be met is {code}.")),
    }
}

fn row(applying: &ApplyingRegime) -> [String; 6] {
    let regime = applying.regime.clone().unwrap_or_default();
    let day = |due: Option<&RegimeDue>| due.map_or_else(|| "-".to_owned(), |d| d.last_day.clone());
    let zone = jiff::tz::TimeZone::get(&regime.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let safe = applying.due.as_ref().and_then(|due| due.safe_due_at.as_ref());
    [
        format!("{} v{}", regime.code, regime.version),
        day(applying.due.as_ref()),
        tables::time(safe, &zone),
        day(applying.extended.as_ref()),
        day(applying.ack.as_ref()),
        tables::words(applying.silence().as_str_name(), "SILENCE_EFFECT_"),
    ]
}
