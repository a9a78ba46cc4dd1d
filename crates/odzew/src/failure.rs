//! How a failed command ends: one sentence, and the exit status.
use std::error::Error;
use std::fmt;

use chassis::config::ConfigErrors;
use chassis::rpc::NotLoopback;
use chassis::telemetry;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::config::STANDBY;

/// SQLSTATEs of a table, schema or database that is not there.
const NOT_MIGRATED: [&str; 3] = ["42P01", "3F000", "3D000"];

/// The context of an error of a setting that only some roles read.
#[derive(Debug)]
pub(crate) struct Misconfigured;

impl fmt::Display for Misconfigured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("read the settings")
    }
}

/// Whether a setting is at fault, so that trying again cannot help.
pub(crate) fn is_misconfigured(error: &anyhow::Error) -> bool {
    let at_fault = |cause: &(dyn Error + 'static)| {
        cause.is::<ConfigErrors>()
            || cause.is::<NotLoopback>()
            || cause.is::<chassis::clock::Error>()
            || cause.is::<telemetry::Error>()
            || matches!(cause.downcast_ref(), Some(sqlx::Error::Configuration(_)))
    };
    error.is::<Misconfigured>() || error.chain().any(at_fault)
}

/// What failed and why, from the outermost to the innermost, each said once.
pub(crate) fn sentence(error: &anyhow::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in error.chain() {
        if let Some(sqlx::Error::Database(found)) = cause.downcast_ref() {
            // Its own text goes on with a line of the server's source.
            parts.push(found.message().to_owned());
            if found.code().is_some_and(|code| NOT_MIGRATED.contains(&&*code)) {
                parts.push("run `odzew migrate` first".to_owned());
            }
            break;
        }
        if let Some(sqlx::Error::Protocol(text)) = cause.downcast_ref()
            && text == STANDBY
        {
            parts.push(text.clone());
            break;
        }
        let status = cause.downcast_ref::<Status>();
        let mut text = status.map_or_else(|| cause.to_string(), refusal);
        // Some errors say their source's text too.
        if status.is_none()
            && let Some(source) = cause.source().map(ToString::to_string)
            && let Some(own) = text.strip_suffix(&source)
        {
            text = own.trim_end_matches([':', ' ']).to_owned();
        }
        if !text.is_empty() {
            parts.push(text);
        }
        if status.is_some() {
            break;
        }
    }
    parts.join(": ")
}

/// A service's refusal with its reason, or why no service was reached.
fn refusal(status: &Status) -> String {
    if let Some(info) = status.get_details_error_info() {
        return format!("{} ({})", status.message(), info.reason);
    }
    let innermost = std::iter::successors(status.source(), |&error| error.source()).last();
    match innermost {
        Some(cause) if status.code() == Code::Unavailable => {
            format!("the service does not answer at its address of [listen]: {cause}")
        }
        _ => format!("{} ({:?})", status.message(), status.code()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context as _;

    #[test]
    fn a_refusal_is_its_text_and_reason() {
        let refusal = chassis::status::not_found("ticket", "7");
        let error = Err::<(), _>(refusal).context("ask desk for the ticket").expect_err("refused");
        let said = "ask desk for the ticket: ticket 7 does not exist (RESOURCE_NOT_FOUND)";
        assert_eq!(sentence(&error), said);
        assert!(!is_misconfigured(&error));
    }

    #[test]
    fn what_an_error_repeats_is_said_once() {
        let error = sqlx::Error::Configuration("no host".into());
        let error = anyhow::Error::from(error).context("read postgres.url");
        assert_eq!(sentence(&error), "read postgres.url: error with configuration: no host");
        assert!(is_misconfigured(&error));
        let error = sqlx::Error::Protocol("odd".to_owned());
        let error = anyhow::Error::from(sqlx::migrate::MigrateError::Execute(error));
        let said = "while executing migrations: encountered unexpected or invalid data: odd";
        assert_eq!(sentence(&error), said);
    }

    #[test]
    fn a_standby_is_told_in_plain_words() {
        let error = anyhow::Error::from(sqlx::Error::Protocol(STANDBY.to_owned()));
        assert_eq!(
            sentence(&error.context("connect to Postgres")),
            format!("connect to Postgres: {STANDBY}")
        );
    }
}
