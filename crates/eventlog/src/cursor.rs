//! The position of a reader: a partition, and a position inside it.
use std::fmt;
use std::str::FromStr;

/// One share of the log. Order is total inside a partition; there is no order across partitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition(pub i16);

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The last event that a reader of one partition has seen; position 0 is before the first.
///
/// Its text, `partition:position`, is the consistency token of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor {
    /// The partition.
    pub partition: Partition,
    /// The position of the last event seen.
    pub position: u64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.partition, self.position)
    }
}

/// The text is not a [`Cursor`].
#[derive(Debug, thiserror::Error)]
#[error("must be partition:position, for example 0:42")]
pub struct ParseCursorError;

impl FromStr for Cursor {
    type Err = ParseCursorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (partition, position) = text.split_once(':').ok_or(ParseCursorError)?;
        Ok(Self {
            partition: Partition(partition.parse().map_err(|_| ParseCursorError)?),
            position: position.parse().map_err(|_| ParseCursorError)?,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_cursor_survives_its_text() {
        let cursor = Cursor { partition: Partition(3), position: 42 };
        assert_eq!(cursor.to_string(), "3:42");
        assert_eq!(cursor.to_string().parse::<Cursor>().unwrap(), cursor);
        for broken in ["", "3", "3:", ":42", "3:-1", "x:1", "3:42:1"] {
            assert!(broken.parse::<Cursor>().is_err(), "{broken}");
        }
    }
}
