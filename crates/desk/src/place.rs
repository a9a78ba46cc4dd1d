//! The place at which a list or a watch continues, as its token carries it.
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use uuid::Uuid;

/// A text that is no place.
#[derive(Debug)]
pub(crate) struct NoPlace;

/// The last line of a page of tickets or complaints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LastLine {
    /// Its value in the order of the list; none for a ticket that is not due.
    pub(crate) at: Option<Timestamp>,
    pub(crate) id: Uuid,
}

impl fmt::Display for LastLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some(at) => write!(f, "{}@{}", self.id, at.as_microsecond()),
            None => self.id.fmt(f),
        }
    }
}

impl FromStr for LastLine {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (id, at) = match text.split_once('@') {
            None => (text, None),
            Some((id, micros)) => {
                let micros = micros.parse().map_err(|_| NoPlace)?;
                (id, Some(Timestamp::from_microsecond(micros).map_err(|_| NoPlace)?))
            }
        };
        Ok(Self { at, id: id.parse().map_err(|_| NoPlace)? })
    }
}

/// A place in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Epoch of the partition; positions of different epochs cannot be compared.
    pub(crate) epoch: u32,
    pub(crate) position: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.epoch, self.position)
    }
}

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (epoch, position) = text.split_once(':').ok_or(NoPlace)?;
        let (epoch, position) = (epoch.parse().ok(), position.parse().ok());
        epoch.zip(position).map(|(epoch, position)| Self { epoch, position }).ok_or(NoPlace)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_written() {
        let at = Timestamp::from_millisecond(1_700_000_000_123).unwrap();
        for at in [None, Some(at)] {
            let last = LastLine { at, id: Uuid::from_u128(5) };
            assert_eq!(last.to_string().parse::<LastLine>().unwrap(), last);
        }
        let place = Place { epoch: 3, position: u64::MAX };
        assert_eq!(place.to_string().parse::<Place>().unwrap(), place);
        assert!("".parse::<Place>().is_err() && "x@y".parse::<LastLine>().is_err());
    }
}
