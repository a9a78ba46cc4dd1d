//! All settings: built-in defaults, then a file, then the environment.

mod listen;
mod postgres;
mod reference;
mod threads;

use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

pub(crate) use self::listen::Listen;
pub(crate) use self::postgres::Postgres;
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
        Ok(chassis::config::load(DEFAULTS, file, chassis::config::process_environment())?)
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
/// If the settings cannot be written as TOML.
pub(crate) fn run(opts: Opts, config: &Config) -> Result<()> {
    if opts.defaults {
        output::say(DEFAULTS.trim_end())
    } else if opts.reference {
        output::say(reference::markdown(DEFAULTS).trim_end())
    } else {
        let text = chassis::config::render(config).context("write the settings as TOML")?;
        output::say(text.trim_end())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_default_file_is_complete_and_valid() {
        let config: Config = chassis::config::load(DEFAULTS, None, []).expect("defaults are valid");
        let printed = chassis::config::render(&config).expect("settings can be written");
        let printed: toml::Table = printed.parse().expect("what is printed is TOML");
        let defaults: toml::Table = DEFAULTS.parse().expect("the default file is TOML");
        assert_eq!(
            keys("", &printed),
            keys("", &defaults),
            "every setting stands in config.default.toml"
        );
    }

    #[test]
    fn values_that_cannot_work_are_refused_by_name() {
        let bad = [
            ("ODZEW_EVENTLOG__BATCH_EVENTS", "0", "more than 0"),
            ("ODZEW_EVENTLOG__READ_TIMEOUT", "0s", "more than 0"),
            ("ODZEW_BUS__CONSUMER__CHECK_INTERVAL", "0s", "more than 0"),
            ("ODZEW_BUS__RELAY__WINDOW", "0", "more than 0"),
            ("ODZEW_BUS__URL", "nats://a:4222,nats://u:hunter2@b:4222", "bus.credentials"),
            ("ODZEW_LISTEN__HTTP", "127.0.0.1:65535", "at most"),
            ("ODZEW_SUBSCRIPTION__PAGE_SIZE", "0", "more than 0"),
        ];
        let environment = bad.map(|(name, value, _)| (name.to_owned(), value.to_owned()));
        let errors = chassis::config::load::<Config>(DEFAULTS, None, environment).unwrap_err();
        let text = errors.to_string();
        assert_eq!(errors.problems().len(), bad.len(), "{text}");
        for (name, _, rule) in bad {
            let line = text.lines().find(|line| line.contains(name)).unwrap_or_default();
            assert!(line.contains(rule), "{name}: {text}");
        }
        assert!(!text.contains("hunter2"), "{text}");
        // Gathering may be switched off.
        let none = [("ODZEW_SUBSCRIPTION__BATCH_LINGER".to_owned(), "0s".to_owned())];
        assert!(chassis::config::load::<Config>(DEFAULTS, None, none).is_ok());
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
