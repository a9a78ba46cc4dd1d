//! Every template in every language, with all slots and with one missing.
#![allow(clippy::unwrap_used)]
use std::collections::BTreeSet;

use domain::notice::Purpose;
use domain::when::When;
use jiff::tz::TimeZone;

use super::*;

fn all() -> impl Iterator<Item = (Purpose, &'static str)> {
    let people = Purpose::ALL.into_iter().filter(|purpose| *purpose != Purpose::Event);
    people.flat_map(|purpose| LOCALES.map(|locale| (purpose, locale)))
}

/// The slots that a template names.
fn named(purpose: Purpose, locale: &str) -> BTreeSet<String> {
    let templates = Templates::new();
    let name = format!("{}.{locale}", id(purpose));
    let template = templates.0.get_template(&name).unwrap();
    template.undeclared_variables(false).into_iter().collect()
}

fn filled(slots: &BTreeSet<String>) -> Slots {
    slots.iter().map(|slot| (&*slot.clone().leak(), format!("<{slot}>"))).collect()
}

#[test]
fn every_template_shows_every_slot_it_names_in_both_parts() {
    let templates = Templates::new();
    for (purpose, locale) in all() {
        let slots = named(purpose, locale);
        assert!(slots.contains(if locale == "pl" { "nr" } else { "number" }), "{purpose:?}");
        let rendered = templates.render(purpose, locale, &filled(&slots)).unwrap();
        assert!(!rendered.subject.is_empty() && !rendered.subject.contains('\n'));
        for slot in &slots {
            let value = format!("<{slot}>");
            let whole = format!("{}\n{}", rendered.subject, rendered.text);
            assert!(whole.contains(&value), "{purpose:?} {locale} does not show {slot}");
            if rendered.text.contains(&value) {
                assert!(rendered.html.contains(&escape(&value)), "{purpose:?} {locale} {slot}");
            }
        }
    }
}

#[test]
fn a_missing_slot_is_an_error() {
    let templates = Templates::new();
    for (purpose, locale) in all() {
        let slots = named(purpose, locale);
        for missing in &slots {
            let mut filled = filled(&slots);
            filled.remove(missing.as_str());
            let outcome = templates.render(purpose, locale, &filled);
            assert!(outcome.is_err(), "{purpose:?} {locale} without {missing}");
        }
    }
}

#[test]
fn an_empty_slot_leaves_no_gap() {
    let templates = Templates::new();
    for (purpose, locale) in all() {
        let slots: Slots =
            named(purpose, locale).into_iter().map(|slot| (&*slot.leak(), String::new())).collect();
        let text = templates.render(purpose, locale, &slots).unwrap().text;
        assert!(!text.contains("\n\n\n"), "{purpose:?} {locale}:\n{text}");
    }
}

#[test]
fn what_a_customer_wrote_is_never_a_template_nor_markup() {
    let templates = Templates::new();
    for (purpose, locale) in all() {
        let mut slots = filled(&named(purpose, locale));
        for value in slots.values_mut() {
            *value = "{{ 7*7 }}{% for x in range(9) %}<script>alert('x')</script>".to_owned();
        }
        let rendered = templates.render(purpose, locale, &slots).unwrap();
        assert!(rendered.text.contains("{{ 7*7 }}{% for x in range(9) %}"), "{purpose:?}");
        assert!(!rendered.text.contains("49") && !rendered.html.contains("<script>"));
    }
}

#[test]
fn a_line_break_cannot_leave_the_subject() {
    let templates = Templates::new();
    let mut slots = filled(&named(Purpose::Reply, "pl"));
    slots.insert("temat", "a\r\nBcc: victim@example.com\n\nb".to_owned());
    slots.insert("tresc", "treść".to_owned());
    let rendered = templates.render(Purpose::Reply, "pl", &slots).unwrap();
    assert!(rendered.subject.contains("a Bcc: victim@example.com b"), "{}", rendered.subject);
    assert!(rendered.text.contains("treść"));
}

#[test]
fn instants_are_told_with_hour_and_zone() {
    let when = When::new(TimeZone::get("Europe/Warsaw").unwrap());
    let at = "2026-05-14T14:30:00Z".parse().unwrap();
    assert_eq!(when.minute(at, "pl"), "14 maja 2026 r., 16:30 (CEST)");
    assert_eq!(when.minute(at, "en"), "14 May 2026, 16:30 (CEST)");
    let winter = "2026-12-01T23:05:00Z".parse().unwrap();
    assert_eq!(when.minute(winter, "pl"), "2 grudnia 2026 r., 00:05 (CET)");
}

#[test]
fn a_language_without_texts_gets_english() {
    for (language, locale) in [("pl", "pl"), ("PL-pl", "pl"), ("en-GB", "en"), ("de", "en")] {
        assert_eq!(locale_of(language, "pl"), locale, "{language}");
    }
    assert_eq!(locale_of("", "pl"), "pl");
}

/// It was closed on 20 July 2025: nobody is led there any more.
#[test]
fn no_template_names_the_platform_for_online_dispute_resolution() {
    for (name, source) in SOURCES {
        assert!(!source.to_lowercase().contains("consumers/odr"), "{name}");
    }
}
