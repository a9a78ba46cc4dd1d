//! Regimes, policies and calendars as files: checked, published once, and asked about.
use std::path::Path;

use testkit::Nats;

use crate::world::World;

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A preset as it stands in the tree.
fn preset(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("presets");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

fn validate(files: &[&str]) -> (Option<i32>, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_odzew"));
    let output = command.args(["policy", "validate"]).args(files).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!errors.contains("panicked"), "{errors}");
    (output.status.code(), format!("{}{errors}", String::from_utf8_lossy(&output.stdout)))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_problem_is_told_with_its_place_and_exits_65() {
    let folder = tempfile::tempdir().unwrap();
    let telecom = preset("regimes/PL_TELECOM.toml");
    let sound = write(folder.path(), "sound.toml", &telecom);
    let (code, text) = validate(&[&sound]);
    assert_eq!((code, text.trim()), (Some(0), "1 file is sound"));

    let wrong = telecom.replace("met_by = \"SENT\"", "met_by = \"SHOUTED\"\ntone = \"loud\"");
    let line = wrong.lines().position(|line| line.starts_with("met_by")).unwrap() + 1;
    let wrong = write(folder.path(), "wrong.toml", &wrong);
    let broken = write(folder.path(), "broken.toml", "kind = \"policy\"\npolicy_id = [\n");
    let again = write(folder.path(), "again.toml", &telecom);
    let (code, text) = validate(&["/nowhere.toml", &sound, &wrong, &broken, &again]);
    assert_eq!(code, Some(65), "{text}");
    let expected = [
        "/nowhere.toml:1:1: cannot be read: ".to_owned(),
        format!("{wrong}:{line}:10: met_by: must be one of SENT, DELIVERED, EXECUTED"),
        format!("{wrong}:{}:1: tone: unknown key", line + 1),
        format!("{broken}:"),
        format!("{again}:4:8: code: is also in {sound}"),
    ];
    for line in expected {
        assert!(text.lines().any(|other| other.starts_with(&line)), "{line} of {text}");
    }
}

#[test]
fn a_policy_is_held_against_the_calendars_that_are_published_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let text = preset("policies/PL_STANDARD.toml").replace("\"PL_WORKDAY24\"", "\"RARE\"");
    let policy = write(folder.path(), "policy.toml", &text);
    let rare = "kind = \"calendar\"\ncalendar_id = \"RARE\"\ntime_zone = \"UTC\"\n\
                week = [{ weekday = 1, open_min = 480, close_min = 481 }]\n";
    let calendar = write(folder.path(), "calendar.toml", rare);
    assert_eq!(validate(&[&policy]).0, Some(0));
    let (code, text) = validate(&[&policy, &calendar]);
    assert_eq!(code, Some(65), "{text}");
    let rule = "must be reached within 5 years on the calendar `RARE`";
    assert!(text.contains(&format!("automations[0].after_s: {rule}")), "{text}");
    assert!(text.contains(&format!(".target_s: {rule}")), "{text}");
}

/// Another taxonomy is told code by code, and takes the place of the one before.
fn other_categories(world: &World, seed: &str) {
    let folder = tempfile::tempdir().unwrap();
    let other =
        seed.replace("code = \"outage\"", "code = \"breakdown\"").replace("Dostęp", "Wstęp");
    write(folder.path(), "own.toml", &other);
    let apply = ["policy", "apply", "--tenant", "acme", folder.path().to_str().unwrap()];
    let planned = world.odzew(&[&apply[..], &["--dry-run"]].concat());
    for line in [
        "1 would be published, 0 unchanged",
        "taxonomy SEED: + TECH/breakdown",
        "taxonomy SEED: - TECH/outage",
        "taxonomy SEED: TECH/access is called otherwise: Access",
    ] {
        assert!(planned.contains(line), "{line} of {planned}");
    }
    assert!(world.odzew(&apply).contains("changed, now version 2"));
    assert!(world.odzew(&apply).contains("0 published, 1 unchanged"));
}

#[tokio::test(flavor = "multi_thread")]
async fn presets_are_published_once_and_what_changes_again() {
    let nats = Nats::shared().await;
    let mut world = World::new(nats.url(), nats.prefix()).await;
    world.start(&["sla", "intake"]).await;
    let apply = |more: &[&str]| {
        let arguments = [&["policy", "apply", "--tenant", "acme"][..], more].concat();
        world.odzew(&arguments)
    };
    // What comes with Odzew is there from the beginning, but for the law.
    let planned = apply(&["--dry-run"]);
    assert!(planned.contains("26 would be published, 6 unchanged"), "{planned}");
    assert!(planned.contains("taxonomy SEED: + TECH/outage"), "{planned}");
    assert_eq!(apply(&["--dry-run"]), planned, "a dry run changes nothing");
    let published = apply(&[]);
    assert!(published.contains("26 published, 6 unchanged"), "{published}");
    let again = apply(&[]);
    assert!(again.contains("0 published, 32 unchanged"), "{again}");

    let folder = tempfile::tempdir().unwrap();
    let consumer = preset("regimes/PL_CONSUMER_GENERAL.toml");
    let stricter = consumer
        .replace("valid_from = 2023-01-01", "valid_from = 2026-09-01")
        .replace("base = { n = 14,", "base = { n = 7,");
    write(folder.path(), "consumer.toml", &stricter);
    write(folder.path(), "postal.toml", &preset("regimes/PL_POSTAL.toml"));
    let night = preset("calendars/PL_NIGHT_2206.toml").replace("1320", "1260");
    write(folder.path(), "night.toml", &night);
    let folder = folder.path().to_str().unwrap();
    let from = ["--effective-from", "2026-12-01"];
    let changed = apply(&[&[folder][..], &from].concat());
    assert!(changed.contains("2 published, 1 unchanged"), "{changed}");
    assert!(changed.contains("changed, now version 2"), "{changed}");
    let again = apply(&[&[folder][..], &from].concat());
    assert!(again.contains("0 published, 3 unchanged"), "{again}");
    // The presets come back as they were, in a version of their own.
    let back = apply(&[]);
    assert!(back.contains("1 published, 31 unchanged"), "{back}");
    assert!(apply(&[]).contains("0 published, 32 unchanged"));

    other_categories(&world, &preset("taxonomies/SEED.toml"));

    let list = world.odzew(&["policy", "list", "--tenant", "acme"]);
    assert!(list.contains("2026-12-01 00:00:00") && list.contains("PL_TELECOM v1"), "{list}");
    assert!(list.contains("3 months") && list.contains("(disabled)"), "{list}");
    let which = |received: &str| {
        let matter = ["policy", "which", "--tenant", "acme", "--sector", "GOODS"];
        world.odzew(&[&matter[..], &["--received", received]].concat())
    };
    let before = which("2026-06-13T09:00:00Z");
    assert!(before.contains("PL_CONSUMER_GENERAL v1") && before.contains("2026-06-29"), "{before}");
    let after = which("2026-09-01T09:00:00Z");
    assert!(after.contains("PL_CONSUMER_GENERAL v2") && after.contains("2026-09-08"), "{after}");
    assert!(after.contains("The first to be met is PL_CONSUMER_GENERAL."), "{after}");
    let payment = world.odzew(&[
        "policy",
        "which",
        "--tenant",
        "acme",
        "--sector",
        "FINANCE",
        "--subject",
        "PAYMENT",
        "--received",
        "2026-06-01T10:00:00+02:00",
    ]);
    for part in ["PL_FINANCIAL", "PL_PAYMENT_SERVICES", "INTERNAL_STANDARD", "2026-07-01"] {
        assert!(payment.contains(part), "{part} of {payment}");
    }
    assert!(payment.contains("The first to be met is PL_PAYMENT_SERVICES."), "{payment}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_with_an_unknown_calendar_keeps_everything_from_being_published() {
    let nats = Nats::shared().await;
    let mut world = World::new(nats.url(), nats.prefix()).await;
    world.start(&["sla", "intake"]).await;
    let folder = tempfile::tempdir().unwrap();
    let night = preset("calendars/PL_NIGHT_2206.toml");
    let standard = preset("policies/PL_STANDARD.toml");
    let unknown = standard.replacen("calendar_id = \"", "calendar_id = \"OUR_", 1);
    let name = unknown.split("\"OUR_").nth(1).unwrap().split('"').next().unwrap();
    let line = unknown.lines().position(|line| line.contains("\"OUR_")).unwrap() + 1;
    let own = |name: &str| night.replace("\"PL_NIGHT_2206\"", &format!("\"{name}\""));
    write(folder.path(), "a.toml", &own("HOUSE"));
    let file = write(folder.path(), "b.toml", &unknown);
    let apply = |more: &[&str]| {
        let folder = folder.path().to_str().unwrap();
        let arguments = [&["policy", "apply", "--tenant", "acme", folder][..], more].concat();
        let output = world.command(&arguments).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let told = format!("targets[0].calendar_id: no calendar `OUR_{name}` applies by then");
    for more in [&["--dry-run"][..], &[], &["--effective-from", "2026-12-01"]] {
        let (code, text) = apply(more);
        assert_eq!(code, Some(65), "{text}");
        assert!(text.starts_with(&format!("{file}:{line}:")) && text.contains(&told), "{text}");
    }
    let list = world.odzew(&["policy", "list", "--tenant", "acme"]);
    assert!(!list.contains("HOUSE"), "{list}");

    // With a calendar beside it, from the same day on, it is published.
    write(folder.path(), "z.toml", &own(&format!("OUR_{name}")));
    let (code, text) = apply(&["--effective-from", "2027-01-01"]);
    assert!(code == Some(0) && text.contains("3 published"), "{text}");
    // Nothing publishes the calendar again, so what begins before it does not have it.
    write(folder.path(), "b.toml", &unknown.replacen("[50, 75, 90]", "[50, 75]", 1));
    assert_eq!(apply(&["--effective-from", "2026-12-01"]).0, Some(65));
    assert_eq!(apply(&["--effective-from", "2027-02-01"]).0, Some(0));
}
