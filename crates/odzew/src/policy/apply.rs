//! `odzew policy apply`: publishes what differs from what is published.
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use chassis::rpc::Role;
use domain::regime::Regime;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use prost::Message;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use wire::intake::v1::{GetTaxonomiesRequest, PublishTaxonomyRequest, Taxonomy};
use wire::scalar::timestamp;
use wire::sla::v1::{
    Calendar, GetSlaConfigRequest, GetSlaConfigResponse, Policy, PublishCalendarRequest,
    PublishPolicyRequest, PublishRegimeRequest, SlaConfigKind,
};

use super::document::Content;
use super::files::Set;
use super::{Tenant, checks, difference, sound};
use crate::client::{Caller, Clients, Services};
use crate::config::Config;
use crate::output::say;
use crate::tables;

/// What to publish, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    /// Folder with the files; without it, what comes with Odzew.
    folder: Option<PathBuf>,
    #[command(flatten)]
    who: Tenant,
    /// Show what would be published; change nothing.
    #[arg(long)]
    dry_run: bool,
    /// First day of policies, calendars and taxonomies, in the zone given; from now on if
    /// absent. Regimes say their first day themselves.
    #[arg(long, value_name = "DATE")]
    effective_from: Option<Date>,
    /// Time zone of that day.
    #[arg(long, default_value = "Europe/Warsaw")]
    zone: String,
}

/// What is published, in the order of publishing: calendars go before the policies that name
/// them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Calendar,
    Policy,
    Regime,
    Taxonomy,
}

/// Something to be published, beside what is published.
pub(super) struct Item {
    kind: Kind,
    pub(super) id: String,
    content: Content,
    sha256: Vec<u8>,
    /// The version with the same place in time; `None` if it is new.
    published: Option<Before>,
}

/// A version that is published.
#[derive(Clone)]
struct Before {
    version: u32,
    sha256: Vec<u8>,
}

/// Everything that is published.
pub(super) struct Current {
    pub(super) sla: GetSlaConfigResponse,
    /// The last version of the taxonomy with its hash.
    pub(super) taxonomy: Option<(Taxonomy, Vec<u8>)>,
}

impl Current {
    async fn ask(clients: &mut Clients) -> Result<Self> {
        let current = clients.sla.get_sla_config(GetSlaConfigRequest {}).await;
        let sla = current.context("ask sla for what is published")?.into_inner();
        let ask = async |clients: &mut Clients, version| {
            let answer = clients.taxonomy.get_taxonomies(GetTaxonomiesRequest { version }).await;
            answer.context("ask intake for what is published").map(tonic::Response::into_inner)
        };
        let listed = ask(clients, 0).await?;
        let Some(last) = listed.versions.last() else {
            return Ok(Self { sla, taxonomy: None });
        };
        let taxonomy = ask(clients, last.version).await?.taxonomy.unwrap_or_default();
        Ok(Self { sla, taxonomy: Some((taxonomy, last.sha256.to_vec())) })
    }
}

/// # Errors
/// If a file is at fault, or the service refuses or is away.
pub(crate) async fn run(opts: Opts, config: Config) -> Result<()> {
    let mut set = match &opts.folder {
        Some(folder) => Set::below(folder)?,
        None => Set::presets(),
    };
    sound(&set)?;
    let effective_from = opts.effective_from.map(|day| beginning(day, &opts.zone)).transpose()?;
    let caller = Caller::new(&opts.who.tenant, &opts.who.actor, Role::SlaManager)?;
    let mut clients = Services::new(&config.listen)?.of(&caller);
    let current = Current::ask(&mut clients).await?;
    let items = items(&set, &current)?;
    checks::refuse_unknown_calendars(&mut set, &items, &current.sla, effective_from);
    sound(&set)?;
    checks::room(&items, &current)?;
    let mut table = tables::table(["Kind", "Id", "Change", "Published", "Content"]);
    let mut published = 0;
    let mut failed = None;
    for item in &items {
        let change = if item.is_unchanged() {
            "unchanged".to_owned()
        } else if opts.dry_run {
            published += 1;
            item.change().to_owned()
        } else {
            match publish(&mut clients, &opts.who.tenant, item, effective_from).await {
                Ok(version) => {
                    published += 1;
                    format!("{}, now version {version}", item.change())
                }
                Err(error) => {
                    failed = Some(error.context(format!("publish {}", item.id)));
                    break;
                }
            }
        };
        table.add_row(item.row(change));
    }
    say(&table.to_string())?;
    if let Some(error) = failed {
        say(&format!("{published} published, then one failed"))?;
        return Err(error);
    }
    for taxonomy in items.iter().filter(|item| !item.is_unchanged()).filter_map(Item::taxonomy) {
        let before = current.taxonomy.as_ref().map(|(before, _)| before);
        for line in difference::lines(before, taxonomy) {
            say(&line)?;
        }
    }
    let verb = if opts.dry_run { "would be published" } else { "published" };
    say(&format!("{published} {verb}, {} unchanged", items.len() - published))
}

fn beginning(day: Date, zone: &str) -> Result<Timestamp> {
    let zone = TimeZone::get(zone).context("read the time zone")?;
    let beginning = day.to_zoned(zone).context("find the beginning of the day")?.timestamp();
    ensure!(beginning >= Timestamp::UNIX_EPOCH, "--effective-from is of the years 1970 to 9999");
    Ok(beginning)
}

fn items(set: &Set, current: &Current) -> Result<Vec<Item>> {
    let contents = set.documents.iter().filter_map(|document| document.content.clone());
    let mut items = contents.map(|content| item(content, current)).collect::<Result<Vec<_>>>()?;
    items.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
    Ok(items)
}

fn item(content: Content, current: &Current) -> Result<Item> {
    let last = |kind: SlaConfigKind, id: &str, from: Option<prost_types::Timestamp>| {
        let same = current.sla.versions.iter().filter(|one| one.kind() == kind && one.id == id);
        let same = same.filter(|version| from.is_none() || version.effective_from == from);
        let last = same.max_by_key(|version| version.version);
        last.map(|last| Before { version: last.version, sha256: last.sha256.to_vec() })
    };
    let (kind, id, bytes, published) = match &content {
        Content::Calendar(calendar) => {
            let id = &calendar.calendar_id;
            let published = last(SlaConfigKind::Calendar, id, None);
            (Kind::Calendar, id, calendar.encode_to_vec(), published)
        }
        Content::Policy(policy) => {
            let id = &policy.policy_id;
            (Kind::Policy, id, policy.encode_to_vec(), last(SlaConfigKind::Policy, id, None))
        }
        Content::Regime(regime) => {
            let draft = wire::regime::checked(regime).ok().context("the regime was checked")?;
            let draft = domain::regime::Draft { version: 1, ..draft };
            let checked = Regime::new(draft).ok().context("the regime was checked")?;
            let from = Some(timestamp(checked.effective_from()));
            let published = last(SlaConfigKind::Regime, &regime.code, from);
            (Kind::Regime, &regime.code, regime.encode_to_vec(), published)
        }
        Content::Taxonomy(taxonomy) => {
            // A tenant has one, whatever it is called.
            let before = current
                .taxonomy
                .as_ref()
                .map(|(before, sha256)| Before { version: before.version, sha256: sha256.clone() });
            (Kind::Taxonomy, &taxonomy.taxonomy_id, taxonomy.encode_to_vec(), before)
        }
    };
    let (id, sha256) = (id.clone(), Sha256::digest(&bytes).to_vec());
    Ok(Item { kind, id, content, sha256, published })
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Calendar => "CALENDAR",
            Self::Policy => "POLICY",
            Self::Regime => "REGIME",
            Self::Taxonomy => "TAXONOMY",
        }
    }
}

impl Item {
    fn taxonomy(&self) -> Option<&Taxonomy> {
        match &self.content {
            Content::Taxonomy(taxonomy) => Some(taxonomy),
            Content::Calendar(_) | Content::Policy(_) | Content::Regime(_) => None,
        }
    }

    /// Whether a version of that kind will be published.
    pub(super) fn is_new(&self, kind: Kind) -> bool {
        self.kind == kind && !self.is_unchanged()
    }

    fn row(&self, change: String) -> [String; 5] {
        let before = self.published.as_ref();
        let before =
            before.map(|version| format!("v{} {}", version.version, short(&version.sha256)));
        let kind = self.kind.word().to_lowercase();
        let before = before.unwrap_or_else(|| "-".to_owned());
        [kind, self.id.clone(), change, before, short(&self.sha256)]
    }

    fn is_unchanged(&self) -> bool {
        self.published.as_ref().is_some_and(|published| published.sha256 == self.sha256)
    }

    fn change(&self) -> &'static str {
        if self.published.is_some() { "changed" } else { "new" }
    }

    /// The same content in the same place has the same request id, so that a repetition is
    /// one; what replaces it later, and what brings it back, are other requests.
    fn request_id(&self, tenant: &str, effective_from: Option<Timestamp>) -> String {
        let before = self.published.as_ref().map_or(0, |published| published.version);
        let mut name = format!(
            "odzew/{tenant}/policy/SLA_CONFIG_KIND_{}/{}/{before}/{effective_from:?}/",
            self.kind.word(),
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
        Content::Taxonomy(taxonomy) => {
            let taxonomy = Some(taxonomy);
            let request = PublishTaxonomyRequest { request_id, taxonomy, effective_from };
            let answer = clients.taxonomy.publish_taxonomy(request).await?.into_inner();
            answer.taxonomy.map_or(0, |Taxonomy { version, .. }| version)
        }
    })
}

/// The first digits of a hash.
fn short(sha256: &[u8]) -> String {
    sha256.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
