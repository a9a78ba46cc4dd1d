//! What the services ask of files besides what can be seen in them, before anything is published.
use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use domain::slaconfig::{self, Rejection};
use domain::taxonomy;
use jiff::Timestamp;
use wire::sla::v1::{GetSlaConfigResponse, Policy, SlaConfigKind};

use super::apply::{Current, Item, Kind};
use super::document::Content;
use super::files::Set;

/// Notes, in the policies that will be published, every calendar that neither applies by then nor
/// is published before them.
pub(super) fn refuse_unknown_calendars(
    set: &mut Set,
    items: &[Item],
    published: &GetSlaConfigResponse,
    effective_from: Option<Timestamp>,
) {
    let mut known = applying(published, effective_from);
    let new = |kind| items.iter().filter(move |item| item.is_new(kind));
    known.extend(new(Kind::Calendar).map(|item| item.id.as_str()));
    for document in &mut set.documents {
        let Some(Content::Policy(policy)) = &document.content else { continue };
        if !new(Kind::Policy).any(|item| item.id == policy.policy_id) {
            continue;
        }
        for (field, reason) in unknown(policy, &known) {
            document.refuse(&field, &reason);
        }
        document.findings.sort();
    }
}

/// # Errors
/// If there would be more versions of a kind than there may be.
pub(super) fn room(items: &[Item], current: &Current) -> Result<()> {
    let versions = |kind: SlaConfigKind| {
        let versions = current.sla.versions.iter().filter(|version| version.kind() == kind);
        // What comes with Odzew does not count.
        versions.filter(|version| version.effective_from.is_some()).count()
    };
    let taxonomies = current.taxonomy.as_ref().map_or(0, |(last, _)| last.version as usize);
    for (kind, what, before, most) in [
        (Kind::Calendar, "calendars", versions(SlaConfigKind::Calendar), slaconfig::MAX_VERSIONS),
        (Kind::Policy, "policies", versions(SlaConfigKind::Policy), slaconfig::MAX_VERSIONS),
        (Kind::Regime, "regimes", versions(SlaConfigKind::Regime), slaconfig::MAX_VERSIONS),
        (Kind::Taxonomy, "taxonomies", taxonomies, taxonomy::MAX_VERSIONS),
    ] {
        let new = items.iter().filter(|item| item.is_new(kind)).count();
        ensure!(
            new == 0 || before + new <= most,
            "there are {before} versions of {what}: with {new} more there would be more than {most}"
        );
    }
    Ok(())
}

/// The calendars that apply at an instant; of now the service says it itself, by its own clock.
fn applying(published: &GetSlaConfigResponse, at: Option<Timestamp>) -> BTreeSet<&str> {
    let Some(at) = at else {
        return published.calendars.iter().map(|one| one.calendar_id.as_str()).collect();
    };
    let at = (at.as_second(), at.subsec_nanosecond());
    let calendars =
        published.versions.iter().filter(|version| version.kind() == SlaConfigKind::Calendar);
    let begun = calendars.filter(|version| {
        version.effective_from.as_ref().is_none_or(|from| (from.seconds, from.nanos) <= at)
    });
    begun.map(|version| version.id.as_str()).collect()
}

fn unknown(policy: &Policy, known: &BTreeSet<&str>) -> Vec<(String, String)> {
    let missing = |name: &str| (!known.contains(name)).then(|| name.to_owned());
    let targets = policy.targets.iter().enumerate().filter_map(|(rule, target)| {
        let name = missing(&target.calendar_id)?;
        let reason = Rejection::UnknownCalendar { rule, name }.to_string();
        Some((format!("targets[{rule}].calendar_id"), reason))
    });
    let timers = policy.automations.iter().enumerate().filter_map(|(automation, timer)| {
        let name = missing(&timer.calendar_id)?;
        let reason = Rejection::UnknownTimerCalendar { automation, name }.to_string();
        Some((format!("automations[{automation}].calendar_id"), reason))
    });
    targets.chain(timers).collect()
}
