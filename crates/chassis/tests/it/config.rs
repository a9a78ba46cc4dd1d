//! Layers, problems and hidden secrets.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::os::unix::ffi::OsStrExt as _;
use std::time::Duration;

use chassis::config::{Broken, ConfigErrors, load, render};
use chassis::secret::Secret;
use serde::{Deserialize, Serialize};

const DEFAULTS: &str = r#"
[grpc]
port = 7601
max_deadline = "60s"
reflection = true
allowed = ["a"]
mode = "plain"

[store]
dsn = "postgres://odzew:hunter2@127.0.0.1:7632/odzew?sslmode=disable"
password = ""
labels = {}
"#;

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Config {
    grpc: Grpc,
    store: Store,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Grpc {
    port: u16,
    #[serde(with = "chassis::duration")]
    max_deadline: Duration,
    reflection: bool,
    allowed: Vec<String>,
    mode: Mode,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Plain,
    Sealed,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Store {
    dsn: String,
    password: Secret,
    labels: std::collections::BTreeMap<String, String>,
}

fn with(file: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    let mut on_disk = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    on_disk.write_all(file.as_bytes()).unwrap();
    let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), OsString::from(*v)));
    load(DEFAULTS, Some(on_disk.path()), environment, rules)
}

fn rules(config: &Config) -> Vec<Broken> {
    let broken = (config.grpc.port == 7).then(|| Broken {
        keys: vec!["grpc.max_deadline", "grpc.port"],
        rule: "grpc.port must not be 7".to_owned(),
    });
    broken.into_iter().collect()
}

#[test]
fn the_defaults_are_complete() {
    let config: Config = load(DEFAULTS, None, [], rules).unwrap();
    assert_eq!(config.grpc.port, 7601);
    assert_eq!(config.grpc.max_deadline, Duration::from_secs(60));
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let file = "[grpc]\nport = 1\nmax_deadline = \"1h 30m\"\n[store.labels]\nteam = \"blue\"\n";
    let environment = [
        ("ODZEW_GRPC__PORT", "2"),
        ("ODZEW_GRPC__REFLECTION", "false"),
        ("ODZEW_GRPC__ALLOWED", "x, y"),
        ("ODZEW_STORE__PASSWORD", "12345"),
        ("ODZEW_TEST_POSTGRES_URL", "is not configuration"),
        ("HOME", "/root"),
    ];
    let config = with(file, &environment).unwrap();
    assert_eq!(config.grpc.port, 2);
    assert_eq!(config.grpc.max_deadline, Duration::from_secs(5400));
    assert!(!config.grpc.reflection);
    assert_eq!(config.grpc.allowed, ["x", "y"]);
    assert_eq!(config.store.password.expose(), "12345");
    assert_eq!(config.store.labels["team"], "blue");
}

#[test]
fn all_problems_come_together() {
    let file = "surprise = 1\ngrpc.port = 70000\ngrpc.prot = 1\n[store.dsn]\nhost = \"x\"\n";
    let environment = [
        ("ODZEW_GRPC__MAX_DEADLINE", "5 parsecs"),
        ("ODZEW_GRPC__REFLECTION", "maybe"),
        ("ODZEW_NOTHING__SUCH", "1"),
    ];
    let errors = with(file, &environment).unwrap_err();
    let mut keys: Vec<&str> = errors.problems().iter().map(|p| p.key.as_str()).collect();
    keys.sort_unstable();
    let expected = [
        "grpc.max_deadline",
        "grpc.port",
        "grpc.prot",
        "grpc.reflection",
        "nothing.such",
        "store.dsn",
        "surprise",
    ];
    assert_eq!(keys, expected, "{errors}");
    let text = errors.to_string();
    assert_eq!(text.lines().count(), expected.len(), "{text}");
    assert!(text.contains("grpc.prot"), "{text}");
    assert!(text.contains("(ODZEW_NOTHING__SUCH): unknown key"), "{text}");
    assert!(
        text.contains("grpc.max_deadline (ODZEW_GRPC__MAX_DEADLINE): expected a duration"),
        "{text}"
    );
}

#[test]
fn an_unreadable_file_is_a_problem_beside_the_others() {
    let errors = with("[grpc\n", &[("ODZEW_GRPC__PORT", "many")]).unwrap_err();
    assert_eq!(errors.problems().len(), 2, "{errors}");
    let quoted = with("[store]\npassword = hunter2 # not quoted\n", &[]).unwrap_err().to_string();
    assert!(quoted.contains("line 2, column 12"), "{quoted}");
    assert!(!quoted.contains("hunter2"), "{quoted}");
    let missing: Result<Config, _> =
        load(DEFAULTS, Some("/nonexistent/odzew.toml".as_ref()), [], rules);
    assert!(missing.unwrap_err().to_string().contains("/nonexistent/odzew.toml"));
}

#[test]
fn what_is_shown_hides_secrets_and_reads_back() {
    let config = with("", &[("ODZEW_STORE__PASSWORD", "s3cret")]).unwrap();
    assert!(!format!("{config:?}").contains("s3cret"));
    let text = render(&config).unwrap();
    assert!(!text.contains("s3cret") && !text.contains("hunter2"), "{text}");
    assert!(text.contains("password = \"***\""), "{text}");
    assert!(text.contains("postgres://odzew:***@127.0.0.1:7632/odzew?sslmode=disable"), "{text}");
    assert!(text.contains("max_deadline = \"1m\""), "{text}");
    let again: Config = load(&text, None, [], rules).unwrap();
    assert_eq!(again.grpc.max_deadline, Duration::from_secs(60));
}

#[test]
fn a_broken_rule_is_told_beside_what_cannot_be_read() {
    let errors = with("grpc.port = 7\n", &[("ODZEW_GRPC__REFLECTION", "maybe")]).unwrap_err();
    let text = errors.to_string();
    assert_eq!(errors.problems().len(), 2, "{text}");
    assert!(text.contains("grpc.reflection (ODZEW_GRPC__REFLECTION): "), "{text}");
    // Of the keys of a rule the one is blamed that somebody has set.
    let last = text.lines().last().unwrap();
    assert!(last.starts_with("grpc.port (/"), "{text}");
    assert!(last.ends_with("grpc.port must not be 7"), "{text}");
}

#[test]
fn values_of_a_file_have_types_and_variables_are_text() {
    let file = "[grpc]\nport = \"7602\"\nreflection = \"yes\"\nallowed = [\"b\", 3]\n\
                [store]\ndsn = 3\n[store.labels]\nteam = \"blue\"\n";
    let text = with(file, &[]).unwrap_err().to_string();
    for told in [
        "grpc.port (/",
        "expected a whole number, found text",
        "expected true or false, found text",
        "expected text, found a whole number",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert_eq!(text.lines().count(), 4, "{text}");
    let variables = [("ODZEW_GRPC__PORT", "7602"), ("ODZEW_GRPC__REFLECTION", "yes")];
    let config = with("", &variables).unwrap();
    assert!(config.grpc.port == 7602 && config.grpc.reflection);
}

#[test]
fn a_word_that_is_none_is_told_with_those_that_are() {
    let text = with("", &[("ODZEW_GRPC__MODE", "seeled")]).unwrap_err().to_string();
    let expected = r#"grpc.mode (ODZEW_GRPC__MODE): expected "plain" or "sealed", found "seeled""#;
    assert_eq!(text, expected);
}

#[test]
fn variables_that_were_meant_to_be_settings_are_told() {
    let raw = OsStr::from_bytes(b"\xff").to_owned();
    let environment = [
        ("ODZEW_STORE__PASSWORD".to_owned(), raw.clone()),
        ("ODZEW_STORE_DSN".to_owned(), "postgres://elsewhere".into()),
        // Others' variables are none of ours.
        ("ODZEW_STORE_SERVICE_HOST".to_owned(), "10.0.0.1".into()),
        ("ODZEW_DATA_DIR".to_owned(), raw),
    ];
    let errors = load::<Config>(DEFAULTS, None, environment, rules).unwrap_err();
    let text = errors.to_string();
    assert_eq!(errors.problems().len(), 2, "{text}");
    assert!(text.contains("store.password (ODZEW_STORE__PASSWORD): is not UTF-8 text"), "{text}");
    assert!(text.contains("(ODZEW_STORE_DSN): is not read: "), "{text}");
    assert!(text.contains("ODZEW_STORE__DSN"), "{text}");
}

#[test]
fn a_folder_is_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let errors = load::<Config>(DEFAULTS, Some(folder.path()), [], rules).unwrap_err();
    assert!(errors.to_string().ends_with(": is a folder, not a file"), "{errors}");
}
