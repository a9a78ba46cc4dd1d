//! Fields that requests about complaints share.
use chassis::fields::Fields;
use domain::complaint::{Claim, Demand};
use domain::money::{Currency, Money};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use wire::common::v1 as common;
use wire::intake::v1;

use crate::call::Call;
use crate::identity::Source;
use crate::rules::{date, opaque_id, required};

/// Most claims of a complaint.
const CLAIMS: usize = 20;
/// Most regimes that a call names.
const REGIMES: usize = 10;

/// What is claimed; without anything an explanation.
pub(super) fn claims(fields: &mut Fields, given: &[v1::NewClaim], source: Source) -> Vec<Claim> {
    if given.len() > CLAIMS {
        fields.refuse("claims", format!("must be at most {CLAIMS}, are {}", given.len()));
    }
    let claim = |place: usize, demand, amount| {
        let claim_id = source.claim(place);
        Claim { claim_id, demand, amount }
    };
    if given.is_empty() {
        return vec![claim(0, Demand::Explanation, None)];
    }
    let given = given.iter().take(CLAIMS).enumerate();
    given
        .map(|(place, one)| {
            fields.within(&format!("claims[{place}]"), |fields| {
                let demand = required::<v1::Demand, _>(fields, "demand", one.demand, Demand::Other);
                claim(place, demand, amount(fields, "amount", one.amount.as_ref()))
            })
        })
        .collect()
}

/// An amount that is owed, if it is money.
pub(super) fn amount(
    fields: &mut Fields,
    field: &str,
    given: Option<&common::Money>,
) -> Option<Money> {
    let given = given?;
    fields.within(field, |fields| {
        let minor = fields.number("minor", given.minor, 0..=i64::MAX);
        let currency = Currency::of(&given.currency);
        if currency.is_none() {
            fields.refuse("currency", "must be an ISO 4217 code such as PLN");
        }
        currency.map(|currency| Money { minor, currency })
    })
}

/// Codes of regimes, each once.
pub(super) fn codes(fields: &mut Fields, given: &[String]) -> Vec<String> {
    if given.len() > REGIMES {
        let rule = format!("must be at most {REGIMES}, are {}", given.len());
        fields.refuse("regime_codes", rule);
    }
    let mut codes = Vec::new();
    for (place, code) in given.iter().take(REGIMES).enumerate() {
        let code = opaque_id(fields, &format!("regime_codes[{place}]"), code);
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

pub(super) fn country(fields: &mut Fields, given: &str, default: &str) -> String {
    match given {
        "" => default.to_owned(),
        code if code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase()) => code.to_owned(),
        _ => {
            fields.refuse("country", "must be an ISO 3166 code of two letters such as PL");
            String::new()
        }
    }
}

pub(super) fn opt_instant(
    fields: &mut Fields,
    field: &str,
    given: Option<&prost_types::Timestamp>,
) -> Option<Timestamp> {
    given.map(|at| fields.timestamp(field, at.seconds, at.nanos))
}

/// A day that has begun somewhere on earth.
pub(super) fn past_day(fields: &mut Fields, field: &str, text: &str, call: &Call) -> Date {
    let day = date(fields, field, text);
    let tomorrow = TimeZone::UTC.to_datetime(call.now).date().tomorrow().unwrap_or(Date::MAX);
    if day > tomorrow {
        fields.refuse(field, "must not be in the future");
    }
    day
}
