//! Layers, problems and hidden secrets.

use std::io::Write;
use std::time::Duration;

use chassis::config::{ConfigErrors, load, render};
use chassis::secret::Secret;
use serde::{Deserialize, Serialize};

const DEFAULTS: &str = r#"
[grpc]
port = 7601
max_deadline = "60s"
reflection = true
allowed = ["a"]

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
    let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    load(DEFAULTS, Some(on_disk.path()), environment)
}

#[test]
fn the_defaults_are_complete() {
    let config: Config = load(DEFAULTS, None, []).unwrap();
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
    let missing: Result<Config, _> = load(DEFAULTS, Some("/nonexistent/odzew.toml".as_ref()), []);
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
    let again: Config = load(&text, None, []).unwrap();
    assert_eq!(again.grpc.max_deadline, Duration::from_secs(60));
}
