//! The default settings, from the one file that has them.
use serde::de::DeserializeOwned;

const DEFAULTS: &str = include_str!("../../odzew/config.default.toml");

/// A section of `config.default.toml`, such as `intake`.
///
/// # Panics
/// When there is no such section, or it does not fit.
pub fn settings<T: DeserializeOwned>(section: &str) -> T {
    let sections: toml::Table = DEFAULTS.parse().unwrap_or_else(|error| panic!("{error}"));
    let found = sections.get(section).unwrap_or_else(|| panic!("no section [{section}]"));
    found.clone().try_into().unwrap_or_else(|error| panic!("section [{section}]: {error}"))
}
