//! Results, on standard output.
use std::io::{self, Write};

use anyhow::{Context, Result};

/// Prints a line, or several.
///
/// # Errors
/// If nobody reads any more; see [`reader_left`].
pub(crate) fn say(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).context("write the result")
}

/// Whether a command failed only because whoever read its output, `head` say, had enough.
pub(crate) fn reader_left(error: &anyhow::Error) -> bool {
    let broken = |cause: &io::Error| cause.kind() == io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| cause.downcast_ref().is_some_and(broken))
        && error.chain().all(|cause| cause.downcast_ref::<tonic::Status>().is_none())
}
