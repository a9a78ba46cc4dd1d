//! All settings: built-in defaults, then a file, then the environment.

mod listen;
mod postgres;
mod reference;
mod rules;
mod threads;

use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

pub(crate) use self::listen::Listen;
pub(crate) use self::postgres::{Postgres, STANDBY, refuse_standby};
pub(crate) use self::threads::Threads;
use crate::output;

/// Every setting with its default and its reason, as operators read it.
const DEFAULTS: &str = include_str!("../config.default.toml");

/// All settings of the binary, one section per concern.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) log: chassis::telemetry::LogSettings,
    pub(crate) telemetry: chassis::telemetry::Settings,
    pub(crate) clock: chassis::clock::Settings,
    pub(crate) auth: chassis::rpc::AuthSettings,
    pub(crate) grpc: chassis::serve::Settings,
    pub(crate) shutdown: chassis::tasks::Settings,
    pub(crate) listen: Listen,
    pub(crate) postgres: Postgres,
    pub(crate) eventlog: eventlog::Settings,
    pub(crate) bus: bus::Settings,
    pub(crate) subscription: eventlog::subscription::Settings,
    pub(crate) threads: Threads,
    pub(crate) sealing: eventlog::sealing::Settings,
    pub(crate) intake: intake::Config,
    pub(crate) routing: routing::Config,
    pub(crate) sla: sla::Config,
    pub(crate) notification: notification::Config,
    pub(crate) desk: desk::Config,
}

impl Config {
    /// Reads defaults, file and environment.
    ///
    /// # Errors
    /// [`chassis::config::ConfigErrors`] with every problem at once.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self> {
        let environment = chassis::config::process_environment();
        Ok(chassis::config::load(DEFAULTS, file, environment, rules::broken)?)
    }
}

/// Prints settings.
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    /// Print the built-in defaults with their explanations instead.
    #[arg(long, conflicts_with = "reference")]
    defaults: bool,
    /// Print the configuration reference (Markdown) instead.
    #[arg(long)]
    reference: bool,
}

/// # Errors
/// If the settings that are in effect are wrong.
pub(crate) fn run(opts: Opts, config: impl FnOnce() -> Result<Config>) -> Result<()> {
    if opts.defaults {
        output::say(DEFAULTS.trim_end())
    } else if opts.reference {
        output::say(reference::markdown(DEFAULTS).trim_end())
    } else {
        let text = chassis::config::render(&config()?).context("write the settings as TOML")?;
        output::say(text.trim_end())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_default_file_is_complete_and_valid() {
        let config = load([]).expect("defaults are valid");
        let printed = chassis::config::render(&config).expect("settings can be written");
        let printed: toml::Table = printed.parse().expect("what is printed is TOML");
        let defaults: toml::Table = DEFAULTS.parse().expect("the default file is TOML");
        assert_eq!(
            keys("", &printed),
            keys("", &defaults),
            "every setting stands in config.default.toml"
        );
    }

    fn load<const N: usize>(
        variables: [(&str, &str); N],
    ) -> Result<Config, chassis::config::ConfigErrors> {
        let environment = variables.map(|(name, value)| (format!("ODZEW_{name}"), value.into()));
        chassis::config::load(DEFAULTS, None, environment, rules::broken)
    }

    /// Each is refused, and all of them together, each by its name.
    fn refused<const N: usize>(bad: [(&str, &str, &str); N]) -> String {
        let errors = load(bad.map(|(name, value, _)| (name, value))).unwrap_err();
        let text = errors.to_string();
        assert_eq!(errors.problems().len(), bad.len(), "{text}");
        for (name, value, rule) in bad {
            let line = text.lines().find(|line| line.contains(&format!("ODZEW_{name})")));
            assert!(line.is_some_and(|line| line.contains(rule)), "{name}: {text}");
            let alone = load([(name, value)]).unwrap_err();
            assert_eq!(alone.problems().len(), 1, "{name}: {alone}");
        }
        text
    }

    #[test]
    fn values_that_cannot_work_are_refused_by_name() {
        let text = refused([
            ("EVENTLOG__BATCH_EVENTS", "0", "more than 0"),
            ("EVENTLOG__READ_TIMEOUT", "0s", "more than 0"),
            ("BUS__CONSUMER__CHECK_INTERVAL", "0s", "more than 0"),
            ("BUS__RELAY__WINDOW", "0", "more than 0"),
            ("BUS__TOPOLOGY__REPLICAS", "2", "1, 3 or 5"),
            ("BUS__URL", "nats://a:4222,nats://u:hunter2@b:4222", "bus.credentials"),
            ("BUS__PREFIX", "a b.*", "lower-case letters"),
            ("LISTEN__HTTP", "127.0.0.1:65535", "at most"),
            ("LISTEN__INTAKE", "localhost:7601", "an IP address with a port"),
            ("SUBSCRIPTION__PAGE_SIZE", "0", "more than 0"),
            ("GRPC__MAX_IN_FLIGHT", "0", "more than 0"),
            ("GRPC__DEFAULT_DEADLINE", "0s", "more than 0"),
            ("GRPC__MAX_MESSAGE_BYTES", "0", "more than 0"),
            ("GRPC__DRAIN_LIMIT", "1h", "shorter than shutdown.drain_limit"),
            ("POSTGRES__MAX_CONNECTIONS", "0", "more than 0"),
            ("POSTGRES__URL", "nonsense", "a DSN such as"),
            ("EVENTLOG__LOCK_TIMEOUT", "1m", "shorter than eventlog.call_timeout"),
            ("EVENTLOG__MAX_EVENT_BYTES", "1048576", "at most 983040"),
            ("LOG__LEVEL", "!!!", "a level such as"),
            ("LOG__FORMAT", "xml", "expected \"json\" or \"pretty\""),
            ("NOTIFICATION__EMAIL__FROM", "not an address", "a mail address"),
            ("NOTIFICATION__EMAIL__TLS", "ssl", "\"none\", \"starttls\", \"tls\""),
            ("INTAKE__TIME_ZONE", "Mars", "an IANA zone"),
            ("SLA__DEADLINES__POLL", "0s", "more than 0"),
            ("DESK__POSITION_POLL", "0s", "more than 0"),
        ]);
        assert!(!text.contains("hunter2"), "{text}");
        refused([("BUS__URL", "nonsense", "nats://127.0.0.1:4222")]);
        refused([("LOG__LEVEL", "debg", "a level such as")]);
        refused([("POSTGRES__MAX_CONNECTIONS", "2", "at least 3")]);
        refused([("SHUTDOWN__DRAIN_LIMIT", "90s", "longer than notification.email")]);
        refused([(
            "NOTIFICATION__WEBHOOK__FORBIDDEN_NETWORKS",
            "[\"10.0.0.0\"]",
            "networks such as",
        )]);
        refused([
            ("LISTEN__SLA", "0.0.0.0:7603", "only a loopback address is allowed"),
            ("LISTEN__ROUTING", "127.0.0.1:7601", "listen.intake and listen.routing are the same"),
            ("LISTEN__DESK", "127.0.0.1:7702", "the HTTP address of routing"),
        ]);
        refused([("LISTEN__HTTP", "127.0.0.1:7605", "listen.desk and the HTTP address of intake")]);
        // Gathering may be switched off, and a connection may live for ever.
        assert!(load([("SUBSCRIPTION__BATCH_LINGER", "0s")]).is_ok());
        assert!(load([("GRPC__MAX_CONNECTION_AGE", "0s")]).is_ok());
        assert!(load([("LOG__LEVEL", "warn,odzew=debug")]).is_ok());
    }

    #[test]
    fn shutting_down_takes_time() {
        let errors = load([("SHUTDOWN__DRAIN_LIMIT", "0s")]).unwrap_err().to_string();
        assert!(errors.contains("(ODZEW_SHUTDOWN__DRAIN_LIMIT): must be more than 0"), "{errors}");
    }

    #[test]
    fn whoever_reads_a_duration_says_the_same_of_a_wrong_one() {
        let rule = |name| {
            let errors = load([(name, "5")]).unwrap_err();
            errors.problems()[0].rule.clone()
        };
        let said = rule("GRPC__DEFAULT_DEADLINE");
        assert!(said.starts_with("expected a duration such as"), "{said}");
        for name in ["EVENTLOG__RETRY_FOR", "SUBSCRIPTION__BATCH_LINGER", "SEALING__KEY_TTL"] {
            assert_eq!(rule(name), said, "{name}");
        }
    }

    #[test]
    fn the_reference_is_up_to_date() {
        let page = include_str!("../../../docs/CONFIGURATION.md");
        let advice = "write it anew: odzew config --reference > docs/CONFIGURATION.md";
        assert!(page == reference::markdown(DEFAULTS), "{advice}");
    }

    fn keys(prefix: &str, table: &toml::Table) -> Vec<String> {
        let mut found: Vec<String> = table
            .iter()
            .flat_map(|(key, value)| match value {
                toml::Value::Table(inner) => keys(&format!("{prefix}{key}."), inner),
                _ => vec![format!("{prefix}{key}")],
            })
            .collect();
        found.sort();
        found
    }
}
