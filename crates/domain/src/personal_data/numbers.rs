//! Finds numbers: telephones, payment cards, personal numbers and Polish bank accounts.
use std::collections::BTreeSet;

use super::{Kind, MOST_BETWEEN, plain};

/// Digits of a payment card, ISO/IEC 7812.
const CARD_DIGITS: std::ops::RangeInclusive<usize> = 13..=19;
/// Digits of a telephone number with its country code, ITU-T E.164.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 8..=15;
/// Digits of a Polish telephone number.
const POLISH_PHONE: usize = 9;
const POLAND: &str = "48";
const PESEL_DIGITS: usize = 11;
/// Digits of a Polish bank account without its country.
const NRB_DIGITS: usize = 26;
/// Longest country code.
const COUNTRY_DIGITS: usize = 3;
/// Fewest digits that identify a known number without its country code.
const FEWEST_KNOWN: usize = 7;

/// Groups of digits that stand together.
struct Run {
    groups: Vec<String>,
    /// A plus stands before it.
    plus: bool,
    /// The run ends a sum of money; a number with a valid check sum is not one.
    amount: bool,
}

pub(super) fn find(text: &str) -> BTreeSet<Kind> {
    let mut found = BTreeSet::new();
    for run in runs(text) {
        found.extend((!run.amount && run.is_phone()).then_some(Kind::Phone));
        for from in 0..run.groups.len() {
            let mut digits = String::new();
            for group in &run.groups[from..] {
                digits.push_str(group);
                if digits.len() > NRB_DIGITS {
                    break;
                }
                found.extend(checked(&digits));
            }
        }
    }
    found
}

/// Whether a known number, `+` and digits, stands there, with or without its country code.
pub(super) fn has_known_phone(text: &str, number: &str) -> bool {
    let digits = number.trim_start_matches('+');
    let own = digits.len().saturating_sub(COUNTRY_DIGITS).max(FEWEST_KNOWN).min(digits.len());
    let national = &digits[digits.len() - own..];
    runs(text).iter().any(|run| run.groups.concat().contains(national))
}

/// What has a check sum that fits.
fn checked(digits: &str) -> Option<Kind> {
    let length = digits.len();
    if length == PESEL_DIGITS && is_pesel(digits) {
        Some(Kind::Pesel)
    } else if CARD_DIGITS.contains(&length) && is_card(digits) {
        Some(Kind::PaymentCard)
    } else if length == NRB_DIGITS && super::iban::fits(&format!("PL{digits}")) {
        Some(Kind::Iban)
    } else {
        None
    }
}

impl Run {
    fn is_phone(&self) -> bool {
        let all = self.groups.concat();
        let with_country = self.plus && all.len() >= *PHONE_DIGITS.start();
        with_country || is_phone(&all) || (0..self.groups.len()).any(|from| self.phone_at(from))
    }

    /// A number among others: a digit that stands alone there is counted, not dialled.
    fn phone_at(&self, from: usize) -> bool {
        let mut digits = String::new();
        for group in self.groups[from..].iter().take_while(|group| group.len() > 1) {
            digits.push_str(group);
            if is_phone(&digits) {
                return true;
            }
            if digits.len() > *PHONE_DIGITS.end() {
                return false;
            }
        }
        false
    }
}

/// With `00` and a country code, or a Polish one with or without its country code.
fn is_phone(digits: &str) -> bool {
    let abroad = digits
        .strip_prefix("00")
        .is_some_and(|number| PHONE_DIGITS.contains(&number.len()) && !number.starts_with('0'));
    let own = digits.strip_prefix(POLAND).filter(|number| number.len() == POLISH_PHONE);
    let own = own.unwrap_or(digits);
    abroad || (own.len() == POLISH_PHONE && !own.starts_with('0'))
}

/// Weights 1, 3, 7, 9, and a date of birth whose month tells the century.
fn is_pesel(digits: &str) -> bool {
    let values: Vec<u32> = values(digits).collect();
    let weights = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1];
    let sum: u32 = values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
    let (month, day) = (values[2] * 10 + values[3], values[4] * 10 + values[5]);
    sum.is_multiple_of(10) && (1..=12).contains(&(month % 20)) && (1..=31).contains(&day)
}

/// The sum of Luhn, and a first digit of those that issue cards.
fn is_card(digits: &str) -> bool {
    let doubled = |value: u32| if value > 4 { 2 * value - 9 } else { 2 * value };
    let sum: u32 = values(digits)
        .rev()
        .enumerate()
        .map(|(place, value)| if place % 2 == 1 { doubled(value) } else { value })
        .sum();
    digits.starts_with(['2', '3', '4', '5', '6']) && sum.is_multiple_of(10)
}

fn values(digits: &str) -> impl DoubleEndedIterator<Item = u32> + ExactSizeIterator {
    digits.bytes().map(|digit| u32::from(digit - b'0'))
}

/// The numbers of a text, without those that are plainly a date, a time or a decimal.
fn runs(text: &str) -> Vec<Run> {
    let chars = plain::without(text);
    let mut runs = Vec::new();
    let mut place = 0;
    while place < chars.len() {
        if !chars[place].is_ascii_digit() {
            place += 1;
            continue;
        }
        let plus = chars[..place].last() == Some(&'+');
        let (groups, end) = read(&chars, place);
        let amount = plain::is_amount(&chars[end..]);
        runs.push(Run { groups, plus, amount });
        place = end;
    }
    runs
}

/// The groups of digits from there on, and where they end.
fn read(chars: &[char], from: usize) -> (Vec<String>, usize) {
    let (mut groups, mut end) = (Vec::new(), from);
    loop {
        let group: String = chars[end..].iter().take_while(|c| c.is_ascii_digit()).collect();
        end += group.len();
        groups.push(group);
        let between = chars[end..].iter().take_while(|c| plain::is_separator(**c)).count();
        let goes_on = chars.get(end + between).is_some_and(char::is_ascii_digit);
        if between > MOST_BETWEEN || !goes_on {
            return (groups, end);
        }
        end += between;
    }
}
