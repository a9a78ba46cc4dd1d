//! Identities and how they are established: types shared by parties, contacts, tickets and regimes.
use crate::ids::{PartyId, Personal};

/// Longest e-mail address, RFC 5321.
const EMAIL_CHARS: usize = 254;
/// Digits of a telephone number with its country code, ITU-T E.164.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 8..=15;
const HANDLE_CHARS: usize = 120;

/// How surely the requester is identified. At [`Identification::Matched`] a new channel shows only
/// the status of a matter, its details at [`Identification::Verified`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Identification {
    /// Not known.
    #[default]
    None,
    /// A contact point equals one of the party's; anybody could write it.
    Matched,
    /// Proved: a login, a one-time password or a check of data.
    Verified,
}

/// A party that was recognised, and how surely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// Who.
    pub party_id: PartyId,
    /// How surely.
    pub identification: Identification,
}

/// Who a customer is to the law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConsumerStatus {
    /// A person who buys for private ends.
    Consumer,
    /// A sole trader whom the law protects like a consumer outside the trade (Polish Consumer
    /// Rights Act, art. 7aa).
    SoleTraderProtected,
    /// Any other business.
    Business,
    /// Not known.
    Unknown,
}

impl ConsumerStatus {
    /// Who the customer is taken for: in doubt a consumer.
    #[must_use]
    pub(crate) fn presumed(self) -> Self {
        match self {
            Self::Unknown => Self::Consumer,
            known => known,
        }
    }

    /// True for a consumer and for whom the law protects like one.
    #[must_use]
    pub(crate) fn is_protected(self) -> bool {
        self.presumed() != Self::Business
    }
}

/// What kind of contact point it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContactPointKind {
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// An account of a social medium, `network:handle`.
    Social,
    /// A postal address; it identifies nobody.
    Postal,
}

/// A contact point: where a person is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactPoint {
    /// What kind it is.
    pub kind: ContactPointKind,
    /// As it was given.
    pub value: Personal,
}

impl ContactPoint {
    /// The form in which equal contact points are equal; `None` if it is no such contact point,
    /// or one that identifies nobody.
    ///
    /// An e-mail address in lower case: servers that tell `Anna@` from `anna@` apart are
    /// allowed and not found. A telephone number as `+` and digits, with `00` read as `+`; a
    /// number without its country code could be anybody's.
    #[must_use]
    pub fn normalised(&self) -> Option<Personal> {
        let text = self.value.0.trim();
        match self.kind {
            ContactPointKind::Email => email(text),
            ContactPointKind::Phone => phone(text),
            ContactPointKind::Social => social(text),
            ContactPointKind::Postal => None,
        }
        .map(Personal)
    }
}

fn email(text: &str) -> Option<String> {
    let (local, domain) = text.rsplit_once('@')?;
    let good = !local.is_empty()
        && !domain.is_empty()
        && text.chars().count() <= EMAIL_CHARS
        && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    good.then(|| text.to_lowercase())
}

fn phone(text: &str) -> Option<String> {
    let number = text.strip_prefix('+').or_else(|| text.strip_prefix("00"))?;
    let mut digits = String::from("+");
    for c in number.chars() {
        match c {
            '0'..='9' => digits.push(c),
            ' ' | '-' | '.' | '/' | '(' | ')' | '\u{a0}' => {}
            _ => return None,
        }
    }
    PHONE_DIGITS.contains(&(digits.len() - 1)).then_some(digits)
}

fn social(text: &str) -> Option<String> {
    let (network, handle) = text.split_once(':')?;
    let handle = handle.trim_start_matches('@');
    let good = !network.is_empty()
        && !handle.is_empty()
        && text.chars().count() <= HANDLE_CHARS
        && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    good.then(|| format!("{network}:{handle}").to_lowercase())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn normalised(kind: ContactPointKind, value: &str) -> Option<String> {
        let point = ContactPoint { kind, value: Personal(value.to_owned()) };
        point.normalised().map(|value| value.0)
    }

    #[test]
    fn equal_addresses_are_equal_however_they_are_typed() {
        let email = |text| normalised(ContactPointKind::Email, text);
        assert_eq!(email(" Anna.Nowak@Example.ORG "), email("anna.nowak@example.org"));
        assert_ne!(email("anna@example.org"), email("anna@example.com"));
        for broken in ["", "anna", "@example.org", "anna@", "an na@example.org"] {
            assert_eq!(email(broken), None, "{broken}");
        }
    }

    #[test]
    fn equal_numbers_are_equal_however_they_are_typed() {
        let phone = |text| normalised(ContactPointKind::Phone, text);
        for same in ["+48 600 100 200", "0048600100200", "+48-600-100-200", "+48 (600) 100.200"] {
            assert_eq!(phone(same).as_deref(), Some("+48600100200"), "{same}");
        }
        // Without a country code, too short, too long, with an extension.
        for broken in ["600 100 200", "+4812345", "+1234567890123456", "+48600100200 w. 3", "+"] {
            assert_eq!(phone(broken), None, "{broken}");
        }
    }

    #[test]
    fn nobody_is_recognised_by_a_postal_address() {
        assert_eq!(normalised(ContactPointKind::Postal, "Prosta 1, Warszawa"), None);
        let social = |text| normalised(ContactPointKind::Social, text);
        assert_eq!(social("Mastodon:@Anna"), social("mastodon:anna"));
        assert_eq!(social("anna"), None);
    }

    proptest! {
        #[test]
        fn what_is_normalised_stays_so(text in "\\PC{0,40}", at in 0..4_usize) {
            let kind = [
                ContactPointKind::Email,
                ContactPointKind::Phone,
                ContactPointKind::Social,
                ContactPointKind::Postal,
            ][at];
            if let Some(once) = normalised(kind, &text) {
                prop_assert_eq!(normalised(kind, &once), Some(once.clone()));
            }
        }

        #[test]
        fn typing_a_number_otherwise_changes_nothing(
            number in "[1-9][0-9]{7,14}", separator in "[ ./-]",
        ) {
            let typed = format!("00{}{separator}{}", &number[..2], &number[2..]);
            let plain = format!("+{number}");
            prop_assert_eq!(normalised(ContactPointKind::Phone, &typed), Some(plain));
        }
    }
}
