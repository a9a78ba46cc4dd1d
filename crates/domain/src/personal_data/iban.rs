//! Bank accounts, ISO 13616.

/// Countries and how long their accounts are (SWIFT, IBAN registry, release 99).
const LENGTHS: [(&str, usize); 80] = [
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BI", 27),
    ("BR", 29),
    ("BY", 28),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DJ", 27),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LC", 32),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("LY", 25),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MN", 20),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NI", 28),
    ("NL", 18),
    ("NO", 15),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("RU", 33),
    ("SA", 24),
    ("SC", 31),
    ("SD", 18),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("SO", 23),
    ("ST", 25),
    ("SV", 28),
    ("TL", 23),
    ("TN", 24),
];
const MORE: [(&str, usize); 5] = [("TR", 26), ("UA", 29), ("VA", 22), ("VG", 24), ("XK", 20)];
/// Fewest digits after the check digits: words that happen to fit have none.
const FEWEST_DIGITS: usize = 6;

/// Whether an account stands in the text, however it is spaced.
pub(super) fn is_in(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    (0..chars.len()).any(|place| {
        let begins = place.checked_sub(1).is_none_or(|before| !chars[before].is_alphanumeric());
        begins && chars[place].is_ascii_alphabetic() && begins_at(&chars[place..])
    })
}

fn begins_at(chars: &[char]) -> bool {
    let mut account = String::new();
    let mut between = 0;
    let mut most = 2;
    for (place, c) in chars.iter().enumerate() {
        if !c.is_ascii_alphanumeric() {
            between += 1;
            if c.is_alphanumeric() || between > super::MOST_BETWEEN {
                return false;
            }
            continue;
        }
        between = 0;
        account.push(c.to_ascii_uppercase());
        if account.len() == 2 {
            let Some(length) = length_of(&account) else { return false };
            most = length;
        }
        if account.len() == most && most > 2 {
            let ends = chars.get(place + 1).is_none_or(|next| !next.is_alphanumeric());
            return ends && fits(&account);
        }
    }
    false
}

fn length_of(country: &str) -> Option<usize> {
    let mut known = LENGTHS.iter().chain(&MORE);
    known.find(|(code, _)| *code == country).map(|(_, length)| *length)
}

/// Whether the check digits fit: ISO 7064, modulo 97. Of letters and digits without spaces.
pub(super) fn fits(account: &str) -> bool {
    let Some((head, tail)) = account.split_at_checked(4) else { return false };
    let checked = head.chars().skip(2).all(|c| c.is_ascii_digit());
    if !checked || tail.chars().filter(char::is_ascii_digit).count() < FEWEST_DIGITS {
        return false;
    }
    let rest = tail.chars().chain(head.chars()).try_fold(0, |rest, c| {
        let value = c.to_digit(36)?;
        Some((rest * if value > 9 { 100 } else { 10 } + value) % 97)
    });
    rest == Some(1)
}
