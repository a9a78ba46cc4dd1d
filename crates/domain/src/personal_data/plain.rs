//! Recognises numbers that are not personal data: dates, times, decimals and sums of money.

/// Words that follow a sum of money.
const CURRENCIES: [&str; 13] = [
    "zł", "zl", "zlotych", "złotych", "zloty", "złote", "pln", "eur", "euro", "usd", "gbp", "chf",
    "gr",
];
const SIGNS: [char; 3] = ['€', '$', '£'];
/// Dates or times that are glued to each other.
const IN_A_ROW: usize = 2;
/// Stands where something plain was.
const NOTHING: char = '\n';

/// What stands between the groups of one number.
pub(super) fn is_separator(c: char) -> bool {
    matches!(c, ' ' | '\t' | '-' | '.' | '/' | '(' | ')' | '_')
        || matches!(c, '\u{a0}' | '\u{2000}'..='\u{2015}' | '\u{202f}' | '\u{2212}')
}

/// The text with nothing in place of its dates and of its numbers with two decimals: a time, a
/// price, a day and a month. Neither is part of a longer number.
pub(super) fn without(text: &str) -> Vec<char> {
    let mut chars: Vec<char> = text.chars().collect();
    let mut place = 0;
    while place < chars.len() {
        let length = length_at(&chars, place).unwrap_or(0);
        chars[place..place + length].fill(NOTHING);
        place += length.max(1);
    }
    chars
}

/// Whether a sum of money ends there: two decimals or a currency follow.
pub(super) fn is_amount(rest: &[char]) -> bool {
    let decimals = rest.iter().skip(1).take_while(|c| c.is_ascii_digit()).count();
    if rest.first() == Some(&',') && (1..=2).contains(&decimals) {
        return true;
    }
    let word: String = rest
        .iter()
        .skip_while(|c| **c == ' ' || **c == '\u{a0}')
        .take_while(|c| c.is_alphabetic() || SIGNS.contains(c))
        .collect();
    word.starts_with(SIGNS) || CURRENCIES.contains(&&*word.to_lowercase())
}

/// Characters of the date or decimal that begins there; `None` if it is part of a number.
fn length_at(chars: &[char], place: usize) -> Option<usize> {
    let digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    let before = place.checked_sub(1).map(|at| chars[at]);
    let glued = before.is_some_and(|c| {
        c.is_ascii_digit() || (is_sign(c) && place.checked_sub(2).is_some_and(digit))
    });
    if glued { None } else { plain_at(chars, place, IN_A_ROW) }
}

/// The same without a look at what stands before: of a range the second may be glued to the
/// first.
fn plain_at(chars: &[char], place: usize, in_a_row: usize) -> Option<usize> {
    let ends_well = |length: &usize| {
        let end = place + length;
        let after = chars.get(end).copied();
        let glued = after.is_some_and(|c| c.is_ascii_digit())
            || (after.is_some_and(is_sign) && chars.get(end + 1).is_some_and(char::is_ascii_digit));
        // With the same sign throughout it is one number rather than two dates.
        let inner = chars[place..end].iter().copied().find(|c| is_sign(*c));
        let range = matches!(after, Some('-' | '/' | '\u{2013}')) && after != inner && in_a_row > 1;
        !glued || (range && plain_at(chars, end + 1, in_a_row - 1).is_some())
    };
    let rest = &chars[place..];
    date(rest).filter(ends_well).or_else(|| decimal(rest).filter(ends_well))
}

/// Characters of the date that begins there: three numbers with the same sign between them.
fn date(chars: &[char]) -> Option<usize> {
    let (first, one) = number(chars)?;
    let sign = *chars.get(one).filter(|sign| is_sign(**sign))?;
    let (second, two) = number(&chars[one + 1..])?;
    chars.get(one + 1 + two).filter(|again| **again == sign)?;
    let (third, three) = number(&chars[one + two + 2..])?;
    let year = |value: u32, digits| (digits == 4 && (1900..2100).contains(&value)) || digits == 2;
    let within = |value: u32, most, digits: usize| (1..=most).contains(&value) && digits <= 2;
    let forwards = one == 4 && year(first, one) && within(third, 31, three);
    let backwards = within(first, 31, one) && year(third, three);
    (within(second, 12, two) && (forwards || backwards)).then_some(one + two + three + 2)
}

/// Characters of the number with two decimals that begins there: `14:30`, `8.00`, `234.56`.
fn decimal(chars: &[char]) -> Option<usize> {
    let (_, one) = number(chars).filter(|(_, digits)| *digits <= 3)?;
    chars.get(one).filter(|sign| matches!(sign, '.' | ':'))?;
    let (_, two) = number(&chars[one + 1..]).filter(|(_, digits)| *digits == 2)?;
    Some(one + two + 1)
}

/// The number of at most four digits that begins there, and how many they are.
fn number(chars: &[char]) -> Option<(u32, usize)> {
    let digits = chars.iter().take_while(|c| c.is_ascii_digit()).take(5).count();
    let value = chars[..digits].iter().filter_map(|c| c.to_digit(10));
    (1..=4).contains(&digits).then(|| (value.fold(0, |sum, digit| sum * 10 + digit), digits))
}

fn is_sign(c: char) -> bool {
    matches!(c, '-' | '.' | '/' | ':' | '\u{2013}')
}
