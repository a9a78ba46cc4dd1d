//! How a failed command ends: one sentence, and the exit status.
use std::error::Error;

use chassis::config::ConfigErrors;
use chassis::rpc::NotLoopback;
use chassis::telemetry;
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// SQLSTATEs of a table, schema or database that is not there.
const NOT_MIGRATED: [&str; 3] = ["42P01", "3F000", "3D000"];

/// Whether a setting is at fault, so that trying again cannot help.
pub(crate) fn is_misconfigured(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.is::<ConfigErrors>()
            || cause.is::<NotLoopback>()
            || cause.is::<chassis::clock::Error>()
            || cause.is::<telemetry::Error>()
            || matches!(cause.downcast_ref(), Some(sqlx::Error::Configuration(_)))
    })
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
        let status = cause.downcast_ref::<Status>();
        let text = status.map_or_else(|| cause.to_string(), refusal);
        // Some errors say their source's text too.
        if !parts.last().is_some_and(|last| last.ends_with(&text)) {
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
    }
}
