//! The lines that a record of a CSV file stands on, and whether its quotes match: a quote that is
//! never closed makes one record of many lines, and their rows would be lost unseen.

/// Where a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// Its first line, counted from 1.
    pub(super) first: u64,
    /// Its last line.
    pub(super) last: u64,
    pub(super) quotes: Quotes,
}

/// What the quotes of a record say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    /// Each that opens is closed at the end of its field.
    Match,
    /// Text stands behind a closing one: it was meant to open, and the one before was too much.
    Loose,
    /// The last one is never closed.
    Open,
}

/// Counts the lines of a file, record by record.
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    /// Everything before was counted.
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, line: 1 }
    }

    /// The record between two offsets; it begins where the one before ended, or later.
    pub(super) fn span(&mut self, start: u64, end: u64) -> Span {
        let place = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
        let (start, end) = (place(start).max(self.at), place(end).min(self.bytes.len()));
        let raw = self.bytes.get(start..end).unwrap_or_default();
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        let blank = raw.iter().take_while(|byte| is_end(byte)).count();
        let begins = start + blank;
        self.line += newlines(&self.bytes[self.at..begins]);
        self.at = begins;
        let ends = raw.iter().rposition(|byte| !is_end(byte)).map_or(blank, |last| last + 1);
        let raw = &raw[blank..ends];
        Span { first: self.line, last: self.line + newlines(raw), quotes: quotes(raw) }
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    bytes.iter().map(|&byte| u64::from(byte == b'\n')).sum()
}

/// Follows RFC 4180: a quote opens at the beginning of a field, and twice it is a quote.
fn quotes(record: &[u8]) -> Quotes {
    enum At {
        Beginning,
        Bare,
        Quoted,
        Closed,
    }
    let mut at = At::Beginning;
    for byte in record {
        at = match (at, byte) {
            (At::Beginning | At::Closed, b'"') => At::Quoted,
            (At::Quoted, b'"') => At::Closed,
            (At::Quoted, _) => At::Quoted,
            (At::Beginning | At::Bare | At::Closed, b',') => At::Beginning,
            (At::Closed, _) => return Quotes::Loose,
            (At::Beginning | At::Bare, _) => At::Bare,
        };
    }
    if matches!(at, At::Quoted) { Quotes::Open } else { Quotes::Match }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_match_are_loose_or_stay_open() {
        for (record, expected) in [
            ("a,\"b\",c", Quotes::Match),
            ("\"a \"\"b\"\"\",\"\"", Quotes::Match),
            ("6\" pipe,x", Quotes::Match),
            ("\"a\nb\",c", Quotes::Match),
            ("\"a,b\nc,\"d\"", Quotes::Loose),
            ("a,\"b", Quotes::Open),
            ("a,\"b\"\"", Quotes::Open),
        ] {
            assert_eq!(quotes(record.as_bytes()), expected, "{record}");
        }
    }

    #[test]
    fn lines_are_counted_whatever_ends_them() {
        for end in ["\n", "\r\n"] {
            let text = ["h", "", "a", "\"b", "c\"", "d"].join(end);
            let at = |text_before: &str| text_before.replace('\n', end).len() as u64;
            let mut lines = Lines::of(text.as_bytes());
            let mut span = |from: &str, to: &str| {
                let Span { first, last, .. } = lines.span(at(from), at(to));
                (first, last)
            };
            assert_eq!(span("", "h\n"), (1, 1));
            assert_eq!(span("h\n", "h\n\na\n"), (3, 3));
            assert_eq!(span("h\n\na\n", "h\n\na\n\"b\nc\"\n"), (4, 5));
            assert_eq!(span("h\n\na\n\"b\nc\"\n", "h\n\na\n\"b\nc\"\nd"), (6, 6));
        }
    }
}
