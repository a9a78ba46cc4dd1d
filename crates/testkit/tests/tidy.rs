//! The architecture, as a test: edges between crates, what each may do, how files look.
//!
//! Every rule lists all its breaches with what to do about them.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Longest Rust file; tests excepted.
const LONGEST_FILE: usize = 500;

/// Crate and the crates of this workspace it may depend on. `testkit` comes from dev-dependencies.
const EDGES: [(&str, &[&str]); 14] = [
    ("domain", &[]),
    ("wire", &["domain"]),
    ("eventlog", &["domain", "wire"]),
    ("bus", &["domain", "wire", "eventlog"]),
    ("chassis", &[]),
    ("calls", &["wire", "eventlog", "chassis"]),
    ("intake", SERVICE),
    ("routing", SERVICE),
    ("sla", SERVICE),
    ("notification", SERVICE),
    ("desk", SERVICE),
    (
        "odzew",
        &[
            "domain",
            "wire",
            "eventlog",
            "bus",
            "chassis",
            "intake",
            "routing",
            "sla",
            "notification",
            "desk",
        ],
    ),
    ("testkit", &[]),
    ("bench", &["domain", "wire", "eventlog", "bus", "testkit"]),
];

/// What a service may use; never another service, which it meets through events and gRPC.
const SERVICE: &[&str] = &["domain", "wire", "eventlog", "chassis", "calls"];

/// The aggregates a service may name: its own. Foreign events are read as messages.
const OWN: [(&str, &[&str]); 5] = [
    ("intake", &["ticket", "party", "contact", "inbound", "taxonomy"]),
    ("routing", &["directory", "route", "rules"]),
    ("sla", &["clock", "slaconfig"]),
    ("notification", &["notice", "webhook"]),
    ("desk", &[]),
];

/// All that `domain` is made of.
const DOMAIN_DEPENDENCIES: [&str; 3] = ["jiff", "thiserror", "uuid"];
const DOMAIN_DEV_DEPENDENCIES: [&str; 1] = ["proptest"];

/// Libraries whose callers tell failures apart: their errors are enums.
const WITHOUT_ANYHOW: [&str; 6] = ["domain", "wire", "eventlog", "bus", "calls", "chassis"];

/// Signs of time, chance, input or output in code that must have none.
const IMPURE: [&str; 12] = [
    "async ",
    ".await",
    "SystemTime",
    "Instant::now",
    "std::env",
    "std::fs",
    "std::net",
    "std::thread",
    "Timestamp::now",
    "rand::",
    "serde",
    "println!",
];

/// Crates whose trade is the database or the operator's view of it.
const MAY_SPEAK_SQL: [&str; 4] = ["eventlog", "odzew", "testkit", "bench"];

#[test]
fn crates_depend_only_on_those_below_them() {
    let allowed = BTreeMap::from(EDGES);
    let mut breaches = Vec::new();
    for (package, dependencies) in dependencies() {
        let Some(allowed) = allowed.get(package.as_str()) else {
            breaches.push(format!("{package}: a new crate needs its line in EDGES"));
            continue;
        };
        for (name, kind) in dependencies {
            if BTreeMap::from(EDGES).contains_key(name.as_str())
                && !allowed.contains(&name.as_str())
                && !(name == "testkit" && kind == "dev")
            {
                breaches.push(format!("{package} must not depend on {name} ({kind})"));
            }
        }
    }
    report(breaches);
}

#[test]
fn domain_depends_on_its_allow_list_alone() {
    let all = dependencies();
    let of_kind = |wanted: &str| -> Vec<&str> {
        let domain = all["domain"].iter().filter(|(_, kind)| kind == wanted);
        domain.map(|(name, _)| name.as_str()).collect()
    };
    assert_eq!(of_kind("normal"), DOMAIN_DEPENDENCIES);
    assert_eq!(of_kind("dev"), DOMAIN_DEV_DEPENDENCIES);
    assert!(of_kind("build").is_empty());
}

#[test]
fn errors_of_libraries_can_be_told_apart() {
    let all = dependencies();
    for library in WITHOUT_ANYHOW {
        let anyhow = ("anyhow".to_owned(), "normal".to_owned());
        assert!(!all[library].contains(&anyhow), "{library} depends on anyhow");
    }
}

#[test]
fn domain_knows_no_time_chance_or_input() {
    let mut breaches = Vec::new();
    for file in rust_files().filter(|file| file.is_in("crates/domain/src")) {
        for (number, line) in file.code() {
            for word in IMPURE.iter().filter(|word| has_word(line, word)) {
                breaches.push(format!("{}:{number}: {word:?} in pure code", file.path));
            }
        }
    }
    report(breaches);
}

#[test]
fn aggregates_do_not_know_each_other() {
    let nouns = aggregates();
    let mut breaches = Vec::new();
    for file in rust_files().filter(|file| file.is_in("crates/domain/src")) {
        let inside = file.path.trim_start_matches("crates/domain/src/");
        let own = inside.split(['/', '.']).next().unwrap();
        if !nouns.contains(own) {
            continue;
        }
        let code: String = file.code().map(|(_, line)| format!("{line}\n")).collect();
        for noun in names_after(&code, "crate::").intersection(&nouns).filter(|noun| *noun != own) {
            breaches.push(format!(
                "{}: names its sibling {noun}; move what both need to a module of its own",
                file.path
            ));
        }
    }
    report(breaches);
}

#[test]
fn services_name_only_their_own_aggregates() {
    let nouns = aggregates();
    let own = BTreeMap::from(OWN);
    let owned: BTreeSet<String> =
        OWN.iter().flat_map(|(_, own)| *own).map(|own| own.to_string()).collect();
    assert_eq!(owned, nouns, "every aggregate has one owner");
    let mut breaches = Vec::new();
    for file in rust_files() {
        let Some(own) = own.get(file.crate_name()) else { continue };
        if file.is_test() {
            continue;
        }
        let code: String = file.code().map(|(_, line)| format!("{line}\n")).collect();
        for noun in names_after(&code, "domain::").intersection(&nouns) {
            if !own.contains(&noun.as_str()) {
                breaches.push(format!(
                    "{}: names domain::{noun}, which another service owns; read its messages",
                    file.path
                ));
            }
        }
    }
    report(breaches);
}

#[test]
fn sql_stays_in_the_log_and_the_read_models() {
    let mut breaches = Vec::new();
    for file in rust_files() {
        let allowed = MAY_SPEAK_SQL.contains(&file.crate_name())
            || file.is_test()
            || file.path.contains("/src/read_model")
            // The one thing of a service that no event tells.
            || file.path.starts_with("crates/intake/src/keys/store");
        if allowed {
            continue;
        }
        for (number, line) in file.code() {
            if line.contains("sqlx::query") || line.contains("raw_sql") {
                breaches.push(format!("{}:{number}: SQL belongs in read_model/", file.path));
            }
        }
    }
    report(breaches);
}

#[test]
fn rust_files_say_their_job_and_stay_short() {
    let mut breaches = Vec::new();
    for file in rust_files() {
        if !file.text.starts_with("//!") {
            breaches.push(format!("{}: starts with `//!` and the file's one job", file.path));
        }
        if file.path.ends_with("/mod.rs") {
            breaches.push(format!("{}: is called after its directory instead", file.path));
        }
        let lines = file.text.lines().count();
        if lines > LONGEST_FILE && !file.is_test() {
            breaches.push(format!("{}: {lines} lines, {LONGEST_FILE} are allowed", file.path));
        }
    }
    report(breaches);
}

#[test]
fn files_hold_no_reminders_and_no_paths_of_one_machine() {
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), "/work/", "/home/", "/Users/"];
    let mut breaches = Vec::new();
    for file in files().filter(|file| !file.path.ends_with("testkit/tests/tidy.rs")) {
        for (number, line) in file.text.lines().enumerate() {
            for word in words.iter().filter(|word| line.contains(**word)) {
                breaches.push(format!("{}:{}: {word}", file.path, number + 1));
            }
        }
    }
    report(breaches);
}

#[test]
fn settings_are_explained_and_documented() {
    let defaults = read("crates/odzew/config.default.toml");
    let docs = read("docs/CONFIGURATION.md");
    let mut breaches = Vec::new();
    let mut section = String::new();
    let mut above = "";
    for line in defaults.lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = format!("{}.", name.trim_matches(['[', ']', ' ']));
        } else if let Some((key, _)) = line.split_once(" = ")
            && key
                .chars()
                .all(|letter| letter.is_ascii_lowercase() || "_0123456789".contains(letter))
        {
            if !above.starts_with('#') {
                breaches.push(format!("{section}{key}: has no comment above it"));
            }
            let full = format!("{section}{key}");
            if !docs.contains(&full) && !docs.contains(&format!("`{key}`")) {
                breaches.push(format!("{full}: is missing in docs/CONFIGURATION.md"));
            }
        }
        above = line;
    }
    report(breaches);
}

#[test]
fn dependencies_have_a_written_reason() {
    let docs = read("docs/dependencies.md");
    let manifest = read("Cargo.toml");
    let section = manifest.split("[workspace.dependencies]").nth(1).unwrap();
    let section = section.split("\n[").next().unwrap();
    let ours = BTreeMap::from(EDGES);
    let names = section.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name);
    let names = names.filter(|name| !name.starts_with('#') && !ours.contains_key(name));
    let missing = names.filter(|name| !docs.contains(&format!("`{name}`")));
    report(missing.map(|name| format!("`{name}` is missing in docs/dependencies.md")).collect());
}

/// Fails with every breach on a line of its own.
#[track_caller]
fn report(breaches: Vec<String>) {
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

/// Every crate's dependencies with their kinds (`normal`, `dev`, `build`), sorted by name.
fn dependencies() -> BTreeMap<String, BTreeSet<(String, String)>> {
    let cargo = option_env!("CARGO").unwrap_or("cargo");
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .map(|package| {
            let dependencies = package["dependencies"].as_array().unwrap().iter();
            let dependencies = dependencies.map(|dependency| {
                let name = dependency["name"].as_str().unwrap().to_owned();
                (name, dependency["kind"].as_str().unwrap_or("normal").to_owned())
            });
            (package["name"].as_str().unwrap().to_owned(), dependencies.collect())
        })
        .collect()
}

/// The nouns of the domain that decide: those with a `decide.rs`.
fn aggregates() -> BTreeSet<String> {
    let deciding = rust_files().filter_map(|file| {
        let noun = file.path.strip_prefix("crates/domain/src/")?.strip_suffix("/decide.rs")?;
        Some(noun.to_owned())
    });
    deciding.collect()
}

/// The first names of all paths that begin with `prefix`, those in `prefix{a, b::c}` included.
fn names_after(code: &str, prefix: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for rest in code.split(prefix).skip(1) {
        let Some(group) = rest.strip_prefix('{') else {
            names.insert(first_name(rest));
            continue;
        };
        let mut depth = 0;
        for part in group.split_inclusive(['{', '}', ',']) {
            if depth == 0 {
                names.insert(first_name(part.trim_start()));
            }
            match part.chars().last() {
                Some('{') => depth += 1,
                Some('}') if depth == 0 => break,
                Some('}') => depth -= 1,
                _ => {}
            }
        }
    }
    // What follows an inner group is a bare comma.
    names.remove("");
    names
}

/// Does `line` contain `word` other than as a part of a longer name?
fn has_word(line: &str, word: &str) -> bool {
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    line.match_indices(word).any(|(start, _)| {
        let (before, after) = (&line[..start], &line[start + word.len()..]);
        let begins = !word.starts_with(is_name) || !before.ends_with(is_name);
        begins && (!word.ends_with(is_name) || !after.starts_with(is_name))
    })
}

fn first_name(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

/// A text file of the project; its path is relative to the project's top.
struct File {
    path: String,
    text: String,
}

impl File {
    fn is_in(&self, directory: &str) -> bool {
        self.path.starts_with(&format!("{directory}/"))
    }

    /// `crates/<name>/…` without the rest; empty elsewhere.
    fn crate_name(&self) -> &str {
        let inside = self.path.strip_prefix("crates/").unwrap_or_default();
        inside.split('/').next().unwrap_or_default()
    }

    fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }

    /// Numbered lines without comments. A `//` inside a string cuts its line, which hides nothing
    /// that a rule here looks for.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate();
        lines.map(|(index, line)| (index + 1, line.split("//").next().unwrap_or_default()))
    }
}

fn rust_files() -> impl Iterator<Item = File> {
    files().filter(|file| file.path.ends_with(".rs"))
}

/// Every text file of the project, without what is built or run in it.
fn files() -> impl Iterator<Item = File> {
    let mut directories = vec![root()];
    let mut found = Vec::new();
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name();
            let kind = entry.file_type().unwrap();
            let left_out = [".git", ".run", ".tools", "target", "proptest-regressions"];
            // A work tree of git has a file `.git`.
            if left_out.iter().any(|out| name == *out) {
                continue;
            }
            if kind.is_dir() {
                directories.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found.into_iter().filter_map(|path| {
        // What is not text (golden bytes) has no lines to judge.
        let text = String::from_utf8(std::fs::read(&path).ok()?).ok()?;
        let path = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        Some(File { path, text })
    })
}

/// A file that a rule is about: without it there is nothing to hold.
fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

#[test]
fn paths_are_found_in_groups_too() {
    let code = "use crate::{ids::{A, B}, ticket, sla::X};\nlet a = crate::notice::Y;";
    let names: Vec<String> = names_after(code, "crate::").into_iter().collect();
    assert_eq!(names, ["ids", "notice", "sla", "ticket"]);
}

#[test]
fn words_are_not_found_in_longer_names() {
    assert!(has_word("let a = b.await;", ".await"));
    assert!(!has_word("clock.awaiting", ".await") && !has_word("grand::total", "rand::"));
}
