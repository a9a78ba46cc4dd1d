//! What the field rules accept and refuse.
#![allow(clippy::unwrap_used)]

use tonic_types::StatusExt;

use super::*;

fn is_refused<R>(check: impl FnOnce(&mut Fields) -> R) -> bool {
    let mut fields = Fields::new();
    check(&mut fields);
    !fields.violations.is_empty()
}

#[test]
fn all_violations_come_in_one_status_with_their_paths() {
    let mut fields = Fields::new();
    fields.text("subject", "", 1..=200);
    fields.within("party", |fields| {
        fields.email("email", "nobody");
        fields.within("address[1]", |fields| fields.line("city", "a\nb", 1..=20));
    });
    let status = fields.finish().unwrap_err();
    assert_eq!(status.code(), tonic::Code::InvalidArgument);
    let details = status.get_error_details();
    assert_eq!(details.error_info().unwrap().reason, "FIELD_INVALID");
    assert_eq!(details.error_info().unwrap().domain, "odzew.dev");
    let names: Vec<&str> =
        details.bad_request().unwrap().field_violations.iter().map(|v| v.field.as_str()).collect();
    assert_eq!(names, ["subject", "party.email", "party.address[1].city"]);
}

#[test]
fn no_more_is_told_than_a_client_takes() {
    let mut fields = Fields::new();
    for place in 0..5_000 {
        fields.name(&format!("ids[{place}]"), "A B");
    }
    let status = fields.finish().unwrap_err();
    let violations = status.get_details_bad_request().unwrap().field_violations;
    assert!((15..100).contains(&violations.len()), "{}", violations.len());
    let last = violations.len() - 1;
    assert_eq!(violations[last].field, format!("ids[{last}]"));
    assert!(status.message().ends_with("; and more"));
    assert!(headers(&status) < 8_000, "{}", headers(&status));
}

#[test]
fn a_rule_that_repeats_the_request_is_cut() {
    let mut fields = Fields::new();
    for field in ["zone", "code"] {
        fields.refuse(field, format!("unknown: {}", "ż".repeat(5_000)));
    }
    let status = fields.finish().unwrap_err();
    let violations = status.get_details_bad_request().unwrap().field_violations;
    assert!(violations[0].description.starts_with("unknown: żż"));
    assert!(violations[0].description.ends_with("ż…"));
    assert!(headers(&status) < 8_000, "{}", headers(&status));
}

/// What a refusal takes of an answer's headers: the text percent-encoded, the details in base64.
fn headers(status: &Status) -> usize {
    let mut headers = http::HeaderMap::new();
    status.add_header(&mut headers).unwrap();
    headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum()
}

#[test]
fn hostile_text_is_refused() {
    assert!(is_refused(|f| f.text("t", "a\0b", 1..=9)));
    assert!(is_refused(|f| f.text("t", "a\u{7}b", 1..=9)));
    assert!(is_refused(|f| f.text("t", "a\u{202E}b", 1..=9)));
    assert!(is_refused(|f| f.text("t", "a\u{2066}b", 1..=9)));
    assert!(is_refused(|f| f.text("t", &format!("a{}", "\u{301}".repeat(20)), 1..=99)));
    assert!(is_refused(|f| f.text("t", "ten letters", 1..=9)));
    assert!(is_refused(|f| f.line("t", "Subject\r\nBcc: x", 1..=99)));
}

#[test]
fn honest_text_is_not() {
    let honest = "Zażółć gęślą jaźń\n\tΔοκιμή, हिन्दी, 👩‍👩‍👧 e\u{301}";
    assert!(!is_refused(|f| f.text("t", honest, 1..=200)));
    assert_eq!(Fields::new().optional_text("t", "", 5), None);
}

#[test]
fn ids_addresses_names_and_numbers() {
    assert!(is_refused(|f| f.uuid("id", "42")));
    assert!(is_refused(|f| f.uuid("id", "00000000-0000-0000-0000-000000000000")));
    assert!(!is_refused(|f| f.uuid("id", "0192f0c1-0000-7000-8000-000000000001")));
    for address in ["a@b", "a.b+c@example.com", "o'neil@example.co.uk"] {
        assert!(!is_refused(|f| f.email("e", address)), "{address}");
    }
    for address in ["", "a", "@b", "a@", "a..b@c", "a@-b.c", "a b@c.d", "a@b..c", "a\r\n@b.c"] {
        assert!(is_refused(|f| f.email("e", address)), "{address}");
    }
    assert!(!is_refused(|f| f.name("n", "acme-2")));
    assert!(is_refused(|f| f.name("n", "-acme")));
    assert!(is_refused(|f| f.number("n", 11, 1..=10)));
}

#[test]
fn instants_end_where_every_time_zone_can_write_them() {
    let mut fields = Fields::new();
    fields.timestamp("at", 253_402_207_201, 0);
    let rule = "must be an instant from 1970-01-01T00:00:00Z to 9999-12-30T22:00:00Z";
    assert_eq!(fields.violations[0].rule, rule);
    assert!(!is_refused(|f| f.timestamp("at", 253_402_207_200, 999_999_999)));
    assert!(is_refused(|f| f.timestamp("at", -1, 0)));
    assert!(is_refused(|f| f.timestamp("at", 1, 1_000_000_000)));
    let mut fields = Fields::new();
    let instant = fields.timestamp("at", 1_700_000_000, 123_999_999);
    assert_eq!(instant.as_millisecond(), 1_700_000_000_123);
    fields.finish().unwrap();
}

#[test]
fn a_day_and_an_instant_are_at_most_ten_years_ahead() {
    let now: Timestamp = "2026-06-01T12:00:00Z".parse().unwrap();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    assert!(!is_refused(|f| f.ahead("at", at("2036-06-01T23:59:59Z"), now)));
    assert!(is_refused(|f| f.ahead("at", at("2036-06-02T00:00:00Z"), now)));
    assert!(!is_refused(|f| f.day_ahead("on", jiff::civil::date(2036, 6, 1), now)));
    assert!(is_refused(|f| f.day_ahead("on", jiff::civil::date(2036, 6, 2), now)));
    assert!(is_refused(|f| f.day_ahead("on", jiff::civil::date(9999, 12, 31), now)));
}

#[test]
fn choices_are_known_and_made() {
    #[derive(Debug, PartialEq)]
    struct Choice(i32);
    impl TryFrom<i32> for Choice {
        type Error = ();
        fn try_from(value: i32) -> Result<Self, ()> {
            (value < 3).then_some(Self(value)).ok_or(())
        }
    }
    let mut fields = Fields::new();
    assert_eq!(fields.enum_value("a", 1), Some(Choice(1)));
    assert_eq!(fields.optional_enum::<Choice>("b", 0), None);
    assert!(fields.violations.is_empty());
    assert_eq!(fields.enum_value::<Choice>("c", 0), None);
    assert_eq!(fields.enum_value::<Choice>("d", 7), None);
    assert_eq!(fields.violations.len(), 2);
}
