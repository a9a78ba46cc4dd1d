//! The presets are complete and valid, and equal to the built-in defaults.
use std::collections::BTreeSet;
use std::path::Path;

use domain::calendar;
use domain::policy::Policy;
use wire::sla::v1;

use super::super::document::{Content, Document};
use super::super::files::Set;
use super::ALL;

fn contents() -> Vec<Content> {
    Set::presets().documents.into_iter().map(|document| document.content.unwrap()).collect()
}

#[test]
fn every_preset_is_sound() {
    let findings = Set::presets().findings();
    assert!(findings.is_empty(), "{findings:#?}");
}

#[test]
fn every_file_of_the_folder_is_in_the_binary() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("presets");
    let mut found = BTreeSet::new();
    for kind in std::fs::read_dir(&folder).unwrap() {
        for file in std::fs::read_dir(kind.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            found.insert(path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned());
        }
    }
    assert_eq!(found, ALL.iter().map(|(name, _)| (*name).to_owned()).collect());
}

#[test]
fn a_file_is_called_after_what_it_holds() {
    for (name, text) in ALL {
        let id = match Document::read(name, text).content.unwrap() {
            Content::Calendar(calendar) => calendar.calendar_id,
            Content::Policy(policy) => policy.policy_id,
            Content::Regime(regime) => regime.code,
            Content::Taxonomy(taxonomy) => taxonomy.taxonomy_id,
        };
        assert!(name.ends_with(&format!("/{id}.toml")), "{name} holds {id}");
    }
}

#[test]
fn policy_and_calendars_are_those_that_are_there_from_the_beginning() {
    let mut expected: Vec<Content> = calendar::presets()
        .iter()
        .map(|calendar| {
            Content::Calendar(v1::Calendar { version: 0, ..(&calendar.draft()).into() })
        })
        .collect();
    let standard = Policy::pl_standard();
    expected.push(Content::Policy(v1::Policy { version: 0, ..standard.draft().into() }));
    let found = contents();
    for content in &expected {
        assert!(found.contains(content), "{content:#?}");
    }
    let ours = |content: &&Content| matches!(content, Content::Calendar(_) | Content::Policy(_));
    assert_eq!(found.iter().filter(ours).count(), expected.len());
}

#[test]
fn law_ships_with_its_sources_and_what_is_not_certain() {
    let mut laws = 0;
    for content in contents() {
        let Content::Regime(regime) = content else { continue };
        if regime.basis() != v1::RegimeBasis::Law {
            continue;
        }
        laws += 1;
        assert!(!regime.sources.is_empty() && !regime.verified_on.is_empty(), "{}", regime.code);
        assert!(!regime.note.is_empty(), "{} says what is not certain", regime.code);
        assert!(regime.roll_forward, "{} rolls forward", regime.code);
        let automation = regime.automation.unwrap_or_default();
        assert!(!automation.may_reject_automatically, "{}: a person rejects", regime.code);
    }
    assert_eq!(laws, 22);
}

#[test]
fn the_page_lists_every_regime_with_its_time() {
    let page = include_str!("../../../../../docs/REGIMES.md");
    for content in contents() {
        let Content::Regime(regime) = content else { continue };
        let base = regime.base.unwrap();
        let unit = match base.unit() {
            v1::PeriodUnit::BusinessDays => "business days",
            v1::PeriodUnit::Months if base.n == 1 => "month",
            v1::PeriodUnit::Months => "months",
            v1::PeriodUnit::CalendarDays | v1::PeriodUnit::Unspecified => "calendar days",
        };
        let row = format!("| `{}` | {} {unit} |", regime.code, base.n);
        assert!(page.contains(&row), "docs/REGIMES.md has no row that begins with {row}");
    }
}
