//! The number by which people name a ticket: short, checked against typing errors, and
//! not guessable from another ticket's number.
use std::fmt;
use std::str::FromStr;

/// Ten symbols (50 bits) and a check symbol, written `7K3M9-QXF2H-4`.
///
/// The check symbol is a weighted sum in the field of 32 elements. The weights α¹ … α¹⁰
/// and 1 (of the check symbol) are not zero and all different, so every single wrong
/// symbol and every swap of two symbols changes the sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(u64);

/// Crockford's base 32: no I, L, O and U, which are misread.
const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BODY: usize = 10;
const BITS: u32 = 50;

impl Number {
    /// A number of the lowest 50 of these bits, which should come from a hash.
    #[must_use]
    pub fn from_hash(bits: u64) -> Self {
        Self(bits & ((1 << BITS) - 1))
    }

    /// Values of the ten symbols, first symbol first.
    fn body(self) -> [u8; BODY] {
        std::array::from_fn(|place| {
            let shift = 5 * (BODY - 1 - place);
            u8::try_from((self.0 >> shift) & 31).expect("five bits fit a byte")
        })
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = self.body();
        let symbol = |value: u8| char::from(SYMBOLS[usize::from(value)]);
        for (place, value) in body.into_iter().enumerate() {
            if place == 5 {
                f.write_str("-")?;
            }
            write!(f, "{}", symbol(value))?;
        }
        write!(f, "-{}", symbol(check(body)))
    }
}

/// Why a text is no ticket number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// It has not eleven symbols.
    #[error("a ticket number has 11 symbols")]
    Length,
    /// It has a symbol that no number has.
    #[error("a ticket number has digits and letters only, and no U")]
    Symbol,
    /// The check symbol does not fit: something was mistyped.
    #[error("the ticket number is mistyped")]
    Check,
}

impl FromStr for Number {
    type Err = ParseError;

    /// Reads a number as people type it: any case, spaces and dashes anywhere, `O` for
    /// zero, `I` and `L` for one.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut symbols = [0_u8; BODY + 1];
        let mut length = 0;
        for symbol in text.chars().filter(|symbol| !is_separator(*symbol)) {
            let place = symbols.get_mut(length).ok_or(ParseError::Length)?;
            *place = value(symbol)?;
            length += 1;
        }
        if length != symbols.len() {
            return Err(ParseError::Length);
        }
        let body: [u8; BODY] = std::array::from_fn(|place| symbols[place]);
        if check(body) != symbols[BODY] {
            return Err(ParseError::Check);
        }
        Ok(Self(body.into_iter().fold(0, |bits, value| (bits << 5) | u64::from(value))))
    }
}

fn is_separator(symbol: char) -> bool {
    symbol == '-' || symbol.is_whitespace()
}

fn value(symbol: char) -> Result<u8, ParseError> {
    let symbol = match symbol.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    (0_u8..)
        .zip(SYMBOLS)
        .find_map(|(value, known)| (char::from(*known) == symbol).then_some(value))
        .ok_or(ParseError::Symbol)
}

/// Horner's scheme: Σ αⁱ · symbol, the last symbol with α¹, the first with α¹⁰.
fn check(body: [u8; BODY]) -> u8 {
    body.into_iter().fold(0, |sum, value| times_alpha(sum ^ value))
}

/// Multiplies by α, a root of the primitive polynomial x⁵ + x² + 1.
fn times_alpha(value: u8) -> u8 {
    let doubled = value << 1;
    if doubled & 0b10_0000 == 0 { doubled } else { doubled ^ 0b10_0101 }
}
