//! `odzew policy apply`: publishes what differs from what is published.
use std::path::PathBuf;

use anyhow::{Context, Result};
use chassis::rpc::Role;
use domain::regime::Regime;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use prost::Message;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use wire::scalar::timestamp;
use wire::sla::v1::{
    Calendar, GetSlaConfigRequest, Policy, PublishCalendarRequest, PublishPolicyRequest,
    PublishRegimeRequest, PublishedVersion, SlaConfigKind,
};

use super::document::Content;
use super::files::Set;
use super::{Tenant, sound};
use crate::client::{Caller, Clients, Services};
use crate::config::Config;
use crate::output::say;
use crate::tables;

/// What to publish, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    /// Folder with the files; without it, what comes with Odzew.
    folder: Option<PathBuf>,
    /// Publish what comes with Odzew.
    #[arg(long, conflicts_with = "folder")]
    presets: bool,
    #[command(flatten)]
    who: Tenant,
    /// Show what would be published; change nothing.
    #[arg(long)]
    dry_run: bool,
    /// First day of policies and calendars, in the zone given; from now on if absent.
    /// Regimes say their first day themselves.
    #[arg(long, value_name = "DATE")]
    effective_from: Option<Date>,
    /// Time zone of that day.
    #[arg(long, default_value = "Europe/Warsaw")]
    zone: String,
}

/// Something to be published, beside what is published.
struct Item {
    kind: SlaConfigKind,
    id: String,
    content: Content,
    sha256: Vec<u8>,
    /// The version with the same place in time; none if it is new.
    published: Option<PublishedVersion>,
}

/// # Errors
/// If a file is at fault, or the service refuses or is away.
pub(crate) async fn run(opts: Opts, config: Config) -> Result<()> {
    let set = sound(match &opts.folder {
        Some(folder) if !opts.presets => Set::below(folder)?,
        Some(_) | None => Set::presets(),
    })?;
    let effective_from = opts.effective_from.map(|day| beginning(day, &opts.zone)).transpose()?;
    let caller = Caller::new(&opts.who.tenant, &opts.who.actor, Role::SlaManager)?;
    let mut clients = Services::new(&config.listen)?.of(&caller);
    let current = clients.sla.get_sla_config(GetSlaConfigRequest {}).await;
    let current = current.context("ask sla for what is published")?.into_inner();
    let checked_only = checked_only(&set);
    let items = items(set, &current.versions)?;
    let mut table = tables::table(["Kind", "Id", "Change", "Published", "Content"]);
    let mut published = 0;
    for item in &items {
        let change = if item.is_unchanged() {
            "unchanged".to_owned()
        } else {
            published += 1;
            if opts.dry_run {
                item.change()
            } else {
                let version = publish(&mut clients, &opts.who.tenant, item, effective_from).await;
                let version = version.with_context(|| format!("publish {}", item.id))?;
                format!("{}, now version {version}", item.change())
            }
        };
        let before = item.published.as_ref();
        let before =
            before.map(|version| format!("v{} {}", version.version, short(&version.sha256)));
        let kind = tables::words(item.kind.as_str_name(), "SLA_CONFIG_KIND_");
        let before = before.unwrap_or_else(|| "-".to_owned());
        table.add_row([kind, item.id.clone(), change, before, short(&item.sha256)]);
    }
    say(&table.to_string())?;
    for line in checked_only {
        say(&line)?;
    }
    let verb = if opts.dry_run { "would be published" } else { "published" };
    say(&format!("{published} {verb}, {} unchanged", items.len() - published))
}

fn beginning(day: Date, zone: &str) -> Result<Timestamp> {
    let zone = TimeZone::get(zone).context("read the time zone")?;
    Ok(day.to_zoned(zone).context("find the beginning of the day")?.timestamp())
}

/// A line for each file that no service publishes.
fn checked_only(set: &Set) -> Vec<String> {
    let mut lines = Vec::new();
    for document in &set.documents {
        match &document.content {
            Some(Content::Taxonomy(taxonomy)) => lines.push(format!(
                "{}: taxonomy {} was checked only: taxonomies are not published",
                document.file, taxonomy.taxonomy_id
            )),
            Some(Content::Calendar(_) | Content::Policy(_) | Content::Regime(_)) | None => {}
        }
    }
    lines
}

/// Calendars go before the policies that name them.
fn items(set: Set, versions: &[PublishedVersion]) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    for content in set.documents.into_iter().filter_map(|document| document.content) {
        items.extend(item(content, versions)?);
    }
    let rank = |kind| match kind {
        SlaConfigKind::Calendar => 0,
        SlaConfigKind::Policy => 1,
        SlaConfigKind::Regime | SlaConfigKind::Unspecified => 2,
    };
    items.sort_by(|a, b| (rank(a.kind), &a.id).cmp(&(rank(b.kind), &b.id)));
    Ok(items)
}

/// None for what no service publishes.
fn item(content: Content, versions: &[PublishedVersion]) -> Result<Option<Item>> {
    let (kind, id, bytes, from) = match &content {
        Content::Calendar(c) => (SlaConfigKind::Calendar, &c.calendar_id, c.encode_to_vec(), None),
        Content::Policy(p) => (SlaConfigKind::Policy, &p.policy_id, p.encode_to_vec(), None),
        Content::Regime(r) => {
            let draft = wire::regime::checked(r).ok().context("the regime was checked")?;
            let draft = domain::regime::Draft { version: 1, ..draft };
            let regime = Regime::new(draft).ok().context("the regime was checked")?;
            let from = Some(timestamp(regime.effective_from()));
            (SlaConfigKind::Regime, &r.code, r.encode_to_vec(), from)
        }
        Content::Taxonomy(_) => return Ok(None),
    };
    let sha256 = Sha256::digest(&bytes).to_vec();
    let same = versions.iter().filter(|version| version.kind() == kind && version.id == *id);
    let same = same.filter(|version| from.is_none() || version.effective_from == from);
    let published = same.max_by_key(|version| version.version).cloned();
    Ok(Some(Item { kind, id: id.clone(), content, sha256, published }))
}

impl Item {
    fn is_unchanged(&self) -> bool {
        self.published.as_ref().is_some_and(|published| *published.sha256 == *self.sha256)
    }

    fn change(&self) -> String {
        if self.published.is_some() { "changed" } else { "new" }.to_owned()
    }

    /// The same content in the same place has the same request id, so that a repetition is
    /// one; what replaces it later, and what brings it back, are other requests.
    fn request_id(&self, tenant: &str, effective_from: Option<Timestamp>) -> String {
        let before = self.published.as_ref().map_or(0, |published| published.version);
        let mut name = format!(
            "odzew/{tenant}/policy/{}/{}/{before}/{effective_from:?}/",
            self.kind.as_str_name(),
            self.id
        )
        .into_bytes();
        name.extend(&self.sha256);
        Uuid::new_v5(&Uuid::NAMESPACE_OID, &name).to_string()
    }
}

/// The version it got.
async fn publish(
    clients: &mut Clients,
    tenant: &str,
    item: &Item,
    effective_from: Option<Timestamp>,
) -> Result<u32> {
    let request_id = item.request_id(tenant, effective_from);
    let effective_from = effective_from.map(timestamp);
    Ok(match item.content.clone() {
        Content::Calendar(calendar) => {
            let calendar = Some(calendar);
            let request = PublishCalendarRequest { request_id, calendar, effective_from };
            let answer = clients.sla.publish_calendar(request).await?.into_inner();
            answer.calendar.map_or(0, |Calendar { version, .. }| version)
        }
        Content::Policy(policy) => {
            let policy = Some(policy);
            let request = PublishPolicyRequest { request_id, policy, effective_from };
            let answer = clients.sla.publish_policy(request).await?.into_inner();
            answer.policy.map_or(0, |Policy { version, .. }| version)
        }
        Content::Regime(regime) => {
            let request = PublishRegimeRequest { request_id, regime: Some(*regime) };
            let answer = clients.sla.publish_regime(request).await?.into_inner();
            answer.regime.map_or(0, |regime| regime.version)
        }
        Content::Taxonomy(_) => 0,
    })
}

/// The first digits of a hash.
fn short(sha256: &[u8]) -> String {
    sha256.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
