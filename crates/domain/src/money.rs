//! Amounts of money.
use std::fmt;

/// A currency, ISO 4217, for example `PLN`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The złoty.
    pub const PLN: Self = Self(*b"PLN");

    /// The currency of that code: three capital letters.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        let code: [u8; 3] = code.as_bytes().try_into().ok()?;
        code.iter().all(u8::is_ascii_uppercase).then_some(Self(code))
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a code is made of capital letters")
    }
}

/// An amount in the currency's smallest unit.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Money {
    /// Grosze, cents, …; not negative where the amount is owed.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// So many złotys.
    #[must_use]
    pub const fn zloty(amount: i64) -> Self {
        Self { minor: amount * 100, currency: Currency::PLN }
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.minor, self.currency.code())
    }
}
