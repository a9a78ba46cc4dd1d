//! The hours of one day: intervals that start on it and may end on a later one.

/// Minutes of a day.
const DAY: u16 = 1440;
/// Latest closing, in minutes from midnight of the starting day.
const LATEST_CLOSE: u16 = 2880;

/// One interval, in minutes from local midnight of the day it starts on. It opens
/// within that day and closes after it opens, at most 48 hours after that midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hours {
    open: u16,
    close: u16,
}

impl Hours {
    /// Minute at which it opens, 0 to 1439.
    #[must_use]
    pub fn open(self) -> u16 {
        self.open
    }

    /// Minute at which it closes, up to 2880.
    #[must_use]
    pub fn close(self) -> u16 {
        self.close
    }
}

/// Why hours are not possible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// An interval closes before or when it opens.
    #[error("{open}-{close}: closes before it opens")]
    Backwards {
        /// Opening minute.
        open: u16,
        /// Closing minute.
        close: u16,
    },
    /// An interval opens on another day than the one it belongs to.
    #[error("opens at minute {open}, which is not within the day")]
    OpensLater {
        /// Opening minute.
        open: u16,
    },
    /// An interval closes more than 48 hours after the midnight it counts from.
    #[error("closes at minute {close}, later than {LATEST_CLOSE}")]
    ClosesTooLate {
        /// Closing minute.
        close: u16,
    },
    /// Two intervals of the day share a minute.
    #[error("the interval that opens at minute {second} overlaps the one of minute {first}")]
    Overlap {
        /// Opening minute of the earlier one.
        first: u16,
        /// Opening minute of the later one.
        second: u16,
    },
}

/// The intervals that start on one day, in order, without overlaps; touching is fine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DayHours(Vec<Hours>);

impl DayHours {
    /// Checks (open, close) pairs, given in any order.
    ///
    /// # Errors
    /// The first pair that is not possible, or that overlaps another one.
    pub fn new(pairs: &[(u16, u16)]) -> Result<Self, HoursError> {
        let mut hours = pairs
            .iter()
            .map(|&(open, close)| match (open, close) {
                _ if close <= open => Err(HoursError::Backwards { open, close }),
                _ if open >= DAY => Err(HoursError::OpensLater { open }),
                _ if close > LATEST_CLOSE => Err(HoursError::ClosesTooLate { close }),
                _ => Ok(Hours { open, close }),
            })
            .collect::<Result<Vec<_>, _>>()?;
        hours.sort_unstable();
        for pair in hours.windows(2) {
            if pair[1].open < pair[0].close {
                return Err(HoursError::Overlap { first: pair[0].open, second: pair[1].open });
            }
        }
        Ok(Self(hours))
    }

    /// The intervals, earliest first.
    #[must_use]
    pub fn hours(&self) -> &[Hours] {
        &self.0
    }
}
