//! What is found in a public message, and what is not taken for personal data.
use proptest::prelude::*;

use super::*;
use crate::business_object::ObjectKind;

const NAME: &str = "Anna Nowak-Żółć";

fn point(kind: ContactPointKind, value: &str) -> ContactPoint {
    ContactPoint { kind, value: Personal(value.to_owned()) }
}

fn known() -> Known {
    Known {
        names: vec![Personal("Anna Maria Kowalska".to_owned())],
        contact_points: vec![
            point(ContactPointKind::Phone, "+44 20 7946 0958"),
            point(ContactPointKind::Postal, "ul. Prosta 1/2, 00-001 Warszawa"),
            point(ContactPointKind::Social, "mastodon:@anna"),
        ],
        token: Personal("aezdmq7ctk".repeat(4)),
    }
}

fn found(text: &str) -> Vec<Kind> {
    let about = [
        BusinessObject { kind: ObjectKind::Order, id: "ORD-2026/4242".to_owned() },
        BusinessObject { kind: ObjectKind::Service, id: "7".to_owned() },
    ];
    let name = Personal(NAME.to_owned());
    let known = known();
    let secrets = Secrets {
        number: Number::from_hash(0x1234_5678_9abc),
        about: &about,
        name: Some(&name),
        known: &known,
    };
    find(text, &secrets).into_iter().collect()
}

#[test]
fn plain_text_has_none() {
    for text in [
        "",
        "Dziękujemy, odpowiadamy od 1 do 30 dni.",
        "Prace trwają 2026-11-26 14:30, koniec 27.11.2026 o 6.00.",
        "Od 2026-11-26/2026-12-01, codziennie 10.00-18.00, 100 zł.",
        "Do 26.11.2026 9 000 osób; 26/11/2026 100 razy.",
        "Cena 1 234,56 zł, razem 123 456 789,00 zł albo 1.234.567,89.",
        "Dług publiczny to 1 234 567 890 zł, 987 654 321 EUR, 123 456 789€.",
        "Raty: 12 x 99,99 zł, 36 x 49 zł, 7.12 od 8.00 do 17.",
        "@anna @anna@example.social zapraszamy na https://example.org/pomoc",
        "Prosta sprawa, ulica długa; zamówienie numer 7 albo 4242.",
        "Version 10.0.26100, HTTP 503, 5G, 2x2 MIMO, 100 Mb/s, +100%",
        "ISO 9001:2015, art. 7a ust. 1, Dz.U. 2025 poz. 1371",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn each_kind_is_found() {
    for (kind, texts) in [
        (Kind::Email, vec!["anna.nowak+x@example.org.", "Pisz: a @ b.pl", "A@B.CO"]),
        (
            Kind::Phone,
            vec![
                "Tel. 600100200",
                "600-100-200!",
                "+48 (22) 123 45 67",
                "0048 221234567",
                "(+1) 555 123 4567",
                "wew. 2, 600 100 200",
                "1 600 100 200",
            ],
        ),
        (
            Kind::Iban,
            vec![
                "PL61 1090 1014 0000 0712 1981 2874",
                "de89370400440532013000",
                "GB82-WEST-1234-5698-7654-32",
                "61 1090 1014 0000 0712 1981 2874",
            ],
        ),
        (Kind::PaymentCard, vec!["4111 1111 1111 1111 12/27", "5500-0000-0000-0004"]),
        (Kind::Pesel, vec!["PESEL 44051401359", "440514-01359"]),
        (Kind::BusinessObject, vec!["ord 2026 4242", "ORD-2026/4242", "ORD20264242."]),
        (Kind::Name, vec!["Anna Maria Kowalska", "Pani KOWALSKA", "anna nowak żółć"]),
        (
            Kind::ContactPoint,
            vec![
                "dzwonimy: 020 7946 0958",
                "Prosta 1/2, 00-001 Warszawa ul. Prosta 1 / 2 00-001 warszawa",
            ],
        ),
    ] {
        for text in texts {
            assert!(found(text).contains(&kind), "{kind} in {text:?}: {:?}", found(text));
        }
    }
    let number = Number::from_hash(0x1234_5678_9abc).to_string();
    for text in [number.clone(), number.replace('-', " ").to_lowercase(), known().token.0] {
        assert!(found(&format!("Sprawa {text}.")).contains(&Kind::TicketNumber));
    }
}

#[test]
fn a_check_sum_that_does_not_fit_is_none() {
    for text in ["44051401358", "4111 1111 1111 1112", "PL61 1090 1014 0000 0712 1981 2875"] {
        let wrong = found(text);
        for kind in [Kind::Pesel, Kind::PaymentCard, Kind::Iban] {
            assert!(!wrong.contains(&kind), "{text}: {wrong:?}");
        }
    }
}

/// Digits with one kind of sign at some of the places between them.
fn spaced(digits: &str, sign: &str, places: u32) -> String {
    let signs = |place: usize| if places & (1 << (place % 32)) == 0 { "" } else { sign };
    digits
        .char_indices()
        .map(|(place, c)| format!("{}{c}", if place == 0 { "" } else { signs(place) }))
        .collect()
}

fn with_pesel_digit(body: &str) -> String {
    let weights = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3];
    let sum: u32 = body.chars().zip(weights).map(|(c, w)| c.to_digit(10).unwrap() * w).sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

fn with_luhn_digit(body: &str) -> String {
    let sum: u32 = body
        .chars()
        .rev()
        .enumerate()
        .map(|(place, c)| {
            let value = c.to_digit(10).unwrap();
            if place % 2 == 1 {
                value
            } else if value > 4 {
                2 * value - 9
            } else {
                2 * value
            }
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

fn with_iban_digits(bban: &str) -> String {
    let digits = format!("{bban}252100");
    let rest = digits.chars().fold(0, |rest, c| (rest * 10 + c.to_digit(10).unwrap()) % 97);
    format!("PL{:02}{bban}", 98 - rest)
}

#[test]
fn a_number_whose_groups_look_like_dates_is_none_of_them() {
    assert!(found("1\u{2013}01\u{2013}00\u{2013}1\u{2013}1\u{2013}00").contains(&Kind::Phone));
    assert_eq!(found("1.01.2026\u{2013}5.01.2026, 10.30-11.30"), []);
}

#[test]
fn money_after_it_hides_no_number_that_has_a_check_sum() {
    assert_eq!(found("z karty 4111 1111 1111 1111 EUR 20"), [Kind::PaymentCard]);
    assert_eq!(found("44051401359 zł 20"), [Kind::Pesel]);
    assert_eq!(found("61 1090 1014 0000 0712 1981 2874,20 PLN"), [Kind::Iban]);
    assert_eq!(found("501 234 567 PLN"), []);
}

proptest! {
    #[test]
    fn a_planted_number_is_found_however_it_is_spaced(
        phone in "[1-9][0-9]{8}",
        born in (0..100_u32, 1..=12_u32, 0..=4_u32, 1..=28_u32),
        serial in "[0-9]{4}",
        card in "[4-5][0-9]{14}",
        bban in "[0-9]{24}",
        sign in "[ \u{a0}.\u{2013}-]",
        places in any::<u32>(),
        before in "[a-ząę ,;:]{0,20}",
        after in "[a-ząę ,;:]{0,20}",
    ) {
        let (year, month, century, day) = born;
        let pesel = with_pesel_digit(&format!("{year:02}{:02}{day:02}{serial}", month + 20 * century));
        // With a currency after it, nine digits are a sum of money.
        let dialled = format!("albo {after}");
        for (kind, item, after) in [
            (Kind::Phone, phone.clone(), &dialled),
            (Kind::Phone, format!("+48{phone}"), &dialled),
            (Kind::Pesel, pesel, &after),
            (Kind::PaymentCard, with_luhn_digit(&card), &after),
            (Kind::Iban, with_iban_digits(&bban), &after),
            (Kind::Iban, with_iban_digits(&bban)[2..].to_owned(), &after),
        ] {
            let text = format!("{before} {} {after}", spaced(&item, &sign, places));
            prop_assert!(found(&text).contains(&kind), "{} in {:?}", kind, text);
        }
    }

    #[test]
    fn a_planted_name_number_or_id_is_found(
        place in 0..3_usize,
        sign in "[ -]",
        before in "[a-ząę ,;:0-9]{0,20}",
        after in "[a-ząę ,;:0-9]{0,20}",
    ) {
        let number = Number::from_hash(0x1234_5678_9abc).to_string();
        let (kind, item) = [
            (Kind::Name, "Anna Maria Kowalska".to_owned()),
            (Kind::TicketNumber, number),
            (Kind::BusinessObject, "ORD-2026-4242".to_owned()),
        ][place].clone();
        let text = format!("{before} {} {after}", item.replace(['-', ' '], &sign));
        prop_assert!(found(&text).contains(&kind), "{} in {:?}", kind, text);
    }

    #[test]
    fn prices_dates_and_short_numbers_are_none(
        whole in 0..1_000_000_000_u32,
        decimals in 0..100_u32,
        date in (1900..2100_u32, 1..=12_u32, 1..=31_u32),
        time in (0..24_u32, 0..60_u32),
        short in 0..10_000_u32,
        form in 0..4_usize,
    ) {
        let digits = whole.to_string();
        let thousands: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|chunk| std::str::from_utf8(chunk).unwrap()).collect();
        let price = thousands.join(" ");
        let (year, month, day) = date;
        let (hour, minute) = time;
        let text = [
            format!("Od {year}-{month:02}-{day:02} {hour:02}:{minute:02} cena to {price},{decimals:02} zł, {short} sztuk"),
            format!("{day}.{month}.{year} o {hour}.{minute:02} zapłacono {price} PLN ({short} razy)"),
            format!("od {short} do {short} dni, {hour}:{minute:02}-{hour}:{minute:02}, {price}zł"),
            format!("{day:02}/{month:02}/{year}: {short} za {price},{decimals:02}"),
        ][form].clone();
        prop_assert_eq!(found(&text), [], "{}", text);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}") {
        let _ = found(&text);
    }
}
