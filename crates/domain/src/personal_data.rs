//! Finds personal data in text that everybody can read: a post on a social medium, a comment, a
//! status page.
//!
//! Findings name the kind of data and never repeat it. Numbers are found however they are spaced
//! or dashed; numbers with a check sum only if it is valid. Plain prices, dates, times and short
//! numbers are not personal data. Nor are accounts of social media: a person who posts under an
//! account is addressed by it in public.
mod iban;
mod numbers;
mod plain;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;

use crate::business_object::BusinessObject;
use crate::identity::{ContactPoint, ContactPointKind};
use crate::ids::Personal;
use crate::ticket::number::Number;

/// Fewest letters and digits of an id or an address that is looked for: shorter ones stand in
/// any text.
const FEWEST_CHARS: usize = 4;
/// Fewest letters of a surname that is looked for alone.
const FEWEST_OF_SURNAME: usize = 3;
/// Most signs between two characters of what is spelt with spaces or dashes.
const MOST_BETWEEN: usize = 3;

/// A kind of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A bank account (ISO 13616), also a Polish one without its country.
    Iban,
    /// The number of a payment card (ISO/IEC 7812).
    PaymentCard,
    /// A Polish personal number (Population Register Act, art. 15).
    Pesel,
    /// The number of the ticket, or its token.
    TicketNumber,
    /// The order, invoice or service that the ticket is about.
    BusinessObject,
    /// The name of the requester.
    Name,
    /// A contact point of the requester.
    ContactPoint,
}

impl Kind {
    /// Its name, as a refusal tells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "EMAIL",
            Self::Phone => "PHONE",
            Self::Iban => "IBAN",
            Self::PaymentCard => "PAYMENT_CARD",
            Self::Pesel => "PESEL",
            Self::TicketNumber => "TICKET_NUMBER",
            Self::BusinessObject => "BUSINESS_OBJECT",
            Self::Name => "NAME",
            Self::ContactPoint => "CONTACT_POINT",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is known of the requester, beyond what the ticket itself knows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// Names of the person.
    pub names: Vec<Personal>,
    /// Where the person is reached.
    pub contact_points: Vec<ContactPoint>,
    /// The ticket's token; empty if there is none.
    pub token: Personal,
}

/// What the text of a ticket's public message must not have.
#[derive(Debug, Clone, Copy)]
pub struct Secrets<'a> {
    /// The ticket's number.
    pub number: Number,
    /// What the ticket is about.
    pub about: &'a [BusinessObject],
    /// The requester's name, as the ticket has it.
    pub name: Option<&'a Personal>,
    /// What was looked up.
    pub known: &'a Known,
}

/// The kinds of personal data in the text.
#[must_use]
pub fn find(text: &str, secrets: &Secrets<'_>) -> BTreeSet<Kind> {
    let mut found = numbers::find(text);
    let mut note = |kind, there: bool| found.extend(there.then_some(kind));
    note(Kind::Email, has_email(text));
    note(Kind::Iban, iban::is_in(text));
    let Known { names, contact_points, token } = secrets.known;
    let token = token.0.to_lowercase();
    let text_words = Spelt::new(text);
    note(
        Kind::TicketNumber,
        (!token.is_empty() && text.to_lowercase().contains(&token))
            || Spelt::as_number(text).has(&Spelt::as_number(&secrets.number.to_string())),
    );
    note(Kind::BusinessObject, secrets.about.iter().any(|object| text_words.has_long(&object.id)));
    let mut names = secrets.name.into_iter().chain(names);
    note(Kind::Name, names.any(|name| has_name(text, &text_words, &name.0)));
    note(
        Kind::ContactPoint,
        contact_points.iter().any(|point| has_contact_point(text, &text_words, point)),
    );
    found
}

/// The whole name however it is spaced, or the surname written as a name.
fn has_name(text: &str, spelt: &Spelt, name: &str) -> bool {
    if spelt.has_long(name) {
        return true;
    }
    let Some(surname) = name.split_whitespace().last() else { return false };
    let begins_large = surname.chars().next().is_some_and(char::is_uppercase);
    if !begins_large || surname.chars().count() < FEWEST_OF_SURNAME {
        return false;
    }
    let loud = surname.to_uppercase();
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '-');
    words.any(|word| word == surname || word == loud)
}

fn has_contact_point(text: &str, spelt: &Spelt, point: &ContactPoint) -> bool {
    match point.kind {
        ContactPointKind::Email => {
            point.normalised().is_some_and(|address| text.to_lowercase().contains(&address.0))
        }
        ContactPointKind::Phone => {
            point.normalised().is_some_and(|number| numbers::has_known_phone(text, &number.0))
        }
        ContactPointKind::Postal => spelt.has_long(&point.value.0),
        // Public where the message is.
        ContactPointKind::Social => false,
    }
}

/// An address is never typed with one space beside the `@`: that is how accounts are
/// mentioned, as `@anna` or `@anna@example.social`.
fn has_email(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let at = |place: usize| chars.get(place).copied();
    (0..chars.len()).filter(|&place| chars[place] == '@').any(|place| {
        let before = place.checked_sub(1).and_then(at);
        let spaced = before == Some(' ') && at(place + 1) == Some(' ');
        let (end, begin) = if spaced { (place - 1, place + 2) } else { (place, place + 1) };
        let local = chars[..end].iter().rev().take_while(|c| is_local(**c)).count();
        let mentioned = end.checked_sub(local + 1).and_then(at) == Some('@');
        let domain: String = chars[begin..].iter().take_while(|c| is_domain(**c)).collect();
        local > 0 && !mentioned && is_host(&domain)
    })
}

fn is_local(c: char) -> bool {
    c.is_alphanumeric() || "._%+-".contains(c)
}

fn is_domain(c: char) -> bool {
    c.is_alphanumeric() || ".-".contains(c)
}

fn is_host(domain: &str) -> bool {
    let domain = domain.trim_end_matches(['.', '-']);
    let last = domain.rsplit_once('.').filter(|(host, _)| !host.is_empty());
    last.is_some_and(|(_, top)| top.chars().count() >= 2 && top.chars().all(char::is_alphabetic))
}

/// The letters and digits of a text in lower case, and where words begin and end.
struct Spelt {
    /// The character, whether a word begins with it, whether one ends with it, and how many
    /// signs stand before it.
    chars: Vec<(char, bool, bool, usize)>,
}

impl Spelt {
    fn new(text: &str) -> Self {
        Self::folded(text, |c| c)
    }

    /// With what is mistaken for a digit in the number of a ticket read as that digit.
    fn as_number(text: &str) -> Self {
        Self::folded(text, |c| match c {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        })
    }

    fn folded(text: &str, fold: impl Fn(char) -> char) -> Self {
        let mut chars: Vec<(char, bool, bool, usize)> = Vec::new();
        let mut signs = 0;
        for c in text.chars() {
            if !c.is_alphanumeric() {
                signs += 1;
                if let Some(last) = chars.last_mut() {
                    last.2 = true;
                }
                continue;
            }
            let begins = signs > 0 || chars.is_empty();
            for (place, lower) in c.to_lowercase().enumerate() {
                let before = if place == 0 { signs } else { 0 };
                chars.push((fold(lower), begins && place == 0, false, before));
            }
            signs = 0;
        }
        if let Some(last) = chars.last_mut() {
            last.2 = true;
        }
        Self { chars }
    }

    fn has_long(&self, wanted: &str) -> bool {
        let wanted = Self::new(wanted);
        wanted.chars.len() >= FEWEST_CHARS && self.has(&wanted)
    }

    /// Whether the characters stand there, from the beginning of a word to the end of one.
    fn has(&self, wanted: &Self) -> bool {
        let length = wanted.chars.len();
        length > 0
            && self.chars.windows(length).any(|window| {
                window[0].1
                    && window[length - 1].2
                    && window.iter().zip(&wanted.chars).all(|(one, other)| one.0 == other.0)
                    && window[1..].iter().all(|one| one.3 <= MOST_BETWEEN)
            })
    }
}
