//! Which typing errors in a ticket number are accepted, and which are detected.
use proptest::prelude::*;

use super::super::number::{Number, ParseError};

const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

fn number() -> impl Strategy<Value = Number> {
    any::<u64>().prop_map(Number::from_hash)
}

fn symbols(number: Number) -> Vec<u8> {
    number.to_string().bytes().filter(|symbol| *symbol != b'-').collect()
}

fn parse(symbols: &[u8]) -> Result<Number, ParseError> {
    std::str::from_utf8(symbols).unwrap().parse()
}

#[test]
fn a_number_has_two_groups_and_a_check_symbol() {
    let text = Number::from_hash(0).to_string();
    assert_eq!(text, "00000-00000-0");
    let text = Number::from_hash(u64::MAX).to_string();
    assert_eq!((text.len(), &text[..12]), (13, "ZZZZZ-ZZZZZ-"));
}

#[test]
fn letters_that_look_like_digits_are_read_as_digits() {
    let number: Number = "00000-00000-0".parse().unwrap();
    assert_eq!("ooooo ooooo o".parse(), Ok(number));
    let text = Number::from_hash(1).to_string();
    assert_eq!(text.replace('1', "l").parse(), Ok(Number::from_hash(1)));
    assert_eq!(text.replace('1', "I").parse(), Ok(Number::from_hash(1)));
}

#[test]
fn what_is_no_number_is_refused() {
    assert_eq!("".parse::<Number>(), Err(ParseError::Length));
    assert_eq!("0000000000".parse::<Number>(), Err(ParseError::Length));
    assert_eq!("000000000000".parse::<Number>(), Err(ParseError::Length));
    assert_eq!("0000000000U".parse::<Number>(), Err(ParseError::Symbol));
    assert_eq!("0000000000é".parse::<Number>(), Err(ParseError::Symbol));
    assert_eq!("00000000001".parse::<Number>(), Err(ParseError::Check));
}

proptest! {
    #[test]
    fn a_number_is_read_back_however_it_is_typed(number in number(), lower: bool) {
        let text = number.to_string();
        let typed = if lower { text.to_lowercase().replace('-', " ") } else { text };
        prop_assert_eq!(format!(" {typed}").parse(), Ok(number));
    }

    #[test]
    fn every_single_wrong_symbol_is_caught(number in number(), place in 0..11_usize, by in 1..32_usize) {
        let mut typed = symbols(number);
        let right = SYMBOLS.iter().position(|symbol| *symbol == typed[place]).unwrap();
        typed[place] = SYMBOLS[(right + by) % 32];
        prop_assert_eq!(parse(&typed), Err(ParseError::Check));
    }

    #[test]
    fn every_swap_of_neighbours_is_caught(number in number(), place in 0..10_usize) {
        let mut typed = symbols(number);
        prop_assume!(typed[place] != typed[place + 1]);
        typed.swap(place, place + 1);
        prop_assert_eq!(parse(&typed), Err(ParseError::Check));
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,20}") {
        let _ = text.parse::<Number>();
    }
}
