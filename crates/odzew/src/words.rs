//! Command-line words for the API's enum values.
use anyhow::{Result, bail};

use crate::tables;

/// What a word stands for: behind `TICKET_STATE_`, `waiting-customer` is
/// `TICKET_STATE_WAITING_CUSTOMER`.
///
/// # Errors
/// If there is no such value; the error tells those there are.
pub(crate) fn meant<E>(word: &str, prefix: &str, parse: impl Fn(&str) -> Option<E>) -> Result<E> {
    let name = format!("{prefix}{}", word.to_uppercase().replace('-', "_"));
    match parse(&name) {
        Some(value) if !name.ends_with(UNSPECIFIED) => Ok(value),
        _ => bail!("{word:?} is no {}: write {}", tables::words(prefix, "").trim(), all(prefix)),
    }
}

/// What the words stand for, each.
///
/// # Errors
/// As [`meant`].
pub(crate) fn each<E: Into<i32>>(
    words: &[String],
    prefix: &str,
    parse: impl Fn(&str) -> Option<E>,
) -> Result<Vec<i32>> {
    words.iter().map(|word| meant(word, prefix, &parse).map(Into::into)).collect()
}

/// The value of every enumeration for what was not said.
const UNSPECIFIED: &str = "_UNSPECIFIED";

/// Every word that stands for a value.
fn all(prefix: &str) -> String {
    let names = wire::POOL
        .all_enums()
        .map(|found| found.values().map(|value| value.name().to_owned()).collect::<Vec<_>>());
    let of_prefix = |names: &Vec<String>| {
        names.iter().any(|name| name.strip_suffix(UNSPECIFIED) == prefix.strip_suffix('_'))
    };
    let names = names.into_iter().find(of_prefix).unwrap_or_default();
    let words = names.iter().filter(|name| !name.ends_with(UNSPECIFIED));
    let words = words.map(|name| tables::words(name, prefix).replace(' ', "-"));
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use wire::common::v1::Priority;
    use wire::intake::v1::TicketState;

    use super::*;

    #[test]
    fn a_word_that_nobody_knows_is_answered_with_those_there_are() {
        let state = |word| meant(word, "TICKET_STATE_", TicketState::from_str_name);
        assert_eq!(state("waiting-customer").unwrap(), TicketState::WaitingCustomer);
        for word in ["shut", "", "unspecified"] {
            let said = state(word).unwrap_err().to_string();
            let rest = "is no ticket state: write new, open, waiting-customer, \
                        waiting-third-party, resolved, closed";
            assert_eq!(said, format!("{word:?} {rest}"));
        }
        let priorities = ["p1".to_owned(), "P4".to_owned()];
        let priorities = each(&priorities, "PRIORITY_", Priority::from_str_name).unwrap();
        assert_eq!(priorities, [1, 4]);
    }
}
