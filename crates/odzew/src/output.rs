//! Results, on standard output.
use std::fmt;
use std::io::{self, StdoutLock, Write};

use anyhow::{Context, Result};

/// Prints a line, or several.
///
/// # Errors
/// If nobody reads any more; see [`reader_left`].
pub(crate) fn say(text: &str) -> Result<()> {
    let mut out = out();
    writeln!(out, "{text}").and_then(|()| out.flush()).context("write the result")
}

/// Standard output, for results that are written bit by bit.
pub(crate) fn out() -> Out {
    Out(io::stdout().lock())
}

/// Standard output; marks the error of a reader that left, so that a connection of ours which
/// broke in the same way is never taken for it.
pub(crate) struct Out(StdoutLock<'static>);

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(marked)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(marked)
    }
}

/// The reader of standard output is gone.
#[derive(Debug)]
struct ReaderLeft;

impl fmt::Display for ReaderLeft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nobody reads the result any more")
    }
}

impl std::error::Error for ReaderLeft {}

fn marked(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::BrokenPipe => io::Error::new(io::ErrorKind::BrokenPipe, ReaderLeft),
        _ => error,
    }
}

/// Whether a command failed only because the reader of its output, for example `head`, is gone.
pub(crate) fn reader_left(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = match cause.downcast_ref().map(csv::Error::kind) {
            Some(csv::ErrorKind::Io(io)) => Some(io),
            _ => cause.downcast_ref(),
        };
        io.and_then(io::Error::get_ref).is_some_and(|inner| inner.is::<ReaderLeft>())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_reader_of_ours_may_leave() {
        let broken = || io::Error::from(io::ErrorKind::BrokenPipe);
        let database = anyhow::Error::from(sqlx::Error::Io(broken())).context("run");
        assert!(!reader_left(&database));
        assert!(!reader_left(&anyhow::Error::from(broken())));
        let reader = anyhow::Error::from(marked(broken())).context("write the result");
        assert!(reader_left(&reader));
        let register = csv::Error::from(marked(broken()));
        assert!(reader_left(&anyhow::Error::from(register).context("write the register")));
        assert!(!reader_left(&anyhow::Error::from(marked(io::ErrorKind::StorageFull.into()))));
    }
}
