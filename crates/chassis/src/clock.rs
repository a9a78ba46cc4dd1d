//! Where "now" comes from: the machine, a test, or a file that a person edits.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The one source of the present. Every instant is in UTC and in whole milliseconds.
pub trait Clock: Send + Sync + 'static {
    /// The present, truncated to milliseconds.
    fn now(&self) -> Timestamp;

    /// The instant by which due things fire, where this clock overrides the database's; `None`
    /// if the database's clock counts, on which all replicas agree.
    fn instead_of_database(&self) -> Option<Timestamp> {
        None
    }
}

/// Section `[clock]`.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// File with the present as an RFC 3339 instant; empty for the machine's clock.
    pub file: String,
}

impl Settings {
    /// The clock that the settings name, in a process that listens at `addresses`.
    ///
    /// # Errors
    /// [`Error`] if a file is named and has no instant, or others can reach the process: whoever
    /// relies on it must not be told a time that somebody made up.
    pub fn open(&self, addresses: &[SocketAddr]) -> Result<Arc<dyn Clock>, Error> {
        if self.file.is_empty() {
            return Ok(Arc::new(System));
        }
        if let Some(exposed) = addresses.iter().find(|address| !address.ip().is_loopback()) {
            return Err(Error::Exposed(*exposed));
        }
        Ok(Arc::new(FromFile::open(Path::new(&self.file))?))
    }
}

/// Cuts an instant to whole milliseconds, towards the past: the precision of the whole system.
pub fn truncate_to_millis(instant: Timestamp) -> Timestamp {
    let millis = instant.as_nanosecond().div_euclid(1_000_000);
    let nanos = (millis * 1_000_000).max(Timestamp::MIN.as_nanosecond());
    Timestamp::from_nanosecond(nanos).unwrap_or(instant)
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Clock for System {
    #[expect(clippy::disallowed_methods, reason = "this is where the present comes from")]
    fn now(&self) -> Timestamp {
        truncate_to_millis(Timestamp::now())
    }
}

/// A clock that moves only when told to. Clones share the same hands.
#[derive(Debug, Clone)]
pub struct Manual(Arc<Mutex<Timestamp>>);

impl Manual {
    /// A clock standing at the given instant.
    pub fn at(instant: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(truncate_to_millis(instant))))
    }

    /// Moves forward; stops at the end of time.
    pub fn advance(&self, by: Duration) {
        let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = truncate_to_millis(now.checked_add(by).unwrap_or(Timestamp::MAX));
    }

    /// Moves to an instant, forward or back.
    pub fn set(&self, instant: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = truncate_to_millis(instant);
    }
}

impl Clock for Manual {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A clock that shows the instant in a file, for tests and training: it moves when somebody writes
/// another instant into the file. Every reading reads the file, which is short and local. Replace
/// the file by a rename, so that no reading finds half an instant.
#[derive(Debug)]
pub struct FromFile {
    path: PathBuf,
    /// What was read last; stays where the file cannot be read for a moment.
    last: Mutex<Timestamp>,
}

/// A clock that is no clock.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Others can reach a process whose time is made up.
    #[error(
        "clock.file is for tests and training: will not listen on {0}, only on loopback addresses"
    )]
    Exposed(SocketAddr),
    /// It cannot be read.
    #[error("cannot read clock.file {path}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It holds something else.
    #[error("clock.file {path} must hold an RFC 3339 instant such as 2026-06-09T00:00:00Z")]
    NoInstant {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: jiff::Error,
    },
}

impl FromFile {
    /// A clock that shows the instant in the file.
    ///
    /// # Errors
    /// [`Error`] if it says nothing.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let last = Mutex::new(read(path)?);
        Ok(Self { path: path.to_owned(), last })
    }
}

fn read(path: &Path) -> Result<Timestamp, Error> {
    let name = || path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|source| Error::Unreadable { path: name(), source })?;
    let instant = text.trim().parse::<Timestamp>();
    let instant = instant.map_err(|source| Error::NoInstant { path: name(), source })?;
    Ok(truncate_to_millis(instant))
}

impl Clock for FromFile {
    fn now(&self) -> Timestamp {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(instant) = read(&self.path) {
            *last = instant;
        }
        *last
    }

    fn instead_of_database(&self) -> Option<Timestamp> {
        Some(self.now())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn instants_have_whole_milliseconds_also_before_1970() {
        let instant = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(
            truncate_to_millis(instant("2026-01-01T00:00:00.123999Z")),
            instant("2026-01-01T00:00:00.123Z")
        );
        assert_eq!(
            truncate_to_millis(instant("1969-12-31T23:59:59.9999Z")),
            instant("1969-12-31T23:59:59.999Z")
        );
    }

    #[test]
    fn a_clock_in_a_file_moves_with_the_file_and_rules_over_the_database() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("now");
        let settings = Settings { file: path.display().to_string() };
        let here = "127.0.0.1:7601".parse().unwrap();
        let there = "0.0.0.0:7601".parse().unwrap();
        let exposed = settings.open(&[here, there]).err().unwrap();
        assert!(matches!(exposed, Error::Exposed(address) if address == there));
        assert!(matches!(settings.open(&[here]).err().unwrap(), Error::Unreadable { .. }));
        std::fs::write(&path, "tomorrow").unwrap();
        assert!(matches!(settings.open(&[here]).err().unwrap(), Error::NoInstant { .. }));
        std::fs::write(&path, "2026-06-09T02:00:00+02:00\n").unwrap();
        let clock = settings.open(&[here]).unwrap();
        let night: Timestamp = "2026-06-09T00:00:00Z".parse().unwrap();
        assert_eq!(clock.now(), night);
        std::fs::write(&path, "2026-06-09T00:05:00.1239Z").unwrap();
        let later: Timestamp = "2026-06-09T00:05:00.123Z".parse().unwrap();
        assert_eq!(clock.instead_of_database(), Some(later));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(clock.now(), later, "it stands where it stood");
        assert_eq!(Settings::default().open(&[there]).unwrap().instead_of_database(), None);
    }

    #[test]
    fn clones_of_a_manual_clock_move_together() {
        let clock = Manual::at("2026-01-01T00:00:00Z".parse().unwrap());
        let other = clock.clone();
        clock.advance(Duration::from_secs(90));
        assert_eq!(other.now(), "2026-01-01T00:01:30Z".parse().unwrap());
    }
}
