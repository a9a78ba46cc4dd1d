//! Every problem of a file, with its place.
use super::*;

fn told(text: &str) -> Vec<String> {
    let document = Document::read("a.toml", text);
    document.findings.iter().map(ToString::to_string).collect()
}

const CALENDAR: &str = "kind = \"calendar\"
calendar_id = \"HOUSE\"
time_zone = \"Europe/Warsaw\"
week = [
    { weekday = 1, open_min = 480, close_min = 960 },
]
";

#[test]
fn a_sound_file_becomes_its_message() {
    let document = Document::read("a.toml", CALENDAR);
    assert_eq!(document.findings, []);
    let week = vec![sla::Opening { weekday: 1, open_min: 480, close_min: 960 }];
    let expected = sla::Calendar {
        calendar_id: "HOUSE".to_owned(),
        time_zone: "Europe/Warsaw".to_owned(),
        week,
        ..sla::Calendar::default()
    };
    assert_eq!(document.content, Some(Content::Calendar(expected)));
}

#[test]
fn what_is_no_toml_is_told_with_its_place() {
    let found = told("kind = \"calendar\"\ncalendar_id = \nweek = [1,, 2]\n");
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("a.toml:2:15: ") && found[1].starts_with("a.toml:3:11: "));
}

#[test]
fn a_file_says_what_it_is() {
    let reason = "kind: must be \"calendar\", \"policy\", \"regime\" or \"taxonomy\"";
    assert_eq!(told("calendar_id = \"HOUSE\"\n"), [format!("a.toml:1:1: {reason}")]);
    assert_eq!(told("# ż\n  kind = \"law\"\n"), [format!("a.toml:2:10: {reason}")]);
}

#[test]
fn unknown_keys_wrong_types_and_wrong_values_are_told_together() {
    let text = "kind = \"calendar\"
calendar_id = \"a b\"
version = 3
time_zone = 7
holidays = \"XX\"
colour = \"red\"
week = [
    { weekday = 8, open_min = 480, close_min = 960 },
    { weekday = 1, open_min = -1, close_min = \"noon\", lunch = true },
]
exceptions = { date = 2026-12-24 }
";
    let expected = [
        "a.toml:2:15: calendar_id: a calendar's name is 1 to 64 letters, digits, `_`, `-` or `.`",
        "a.toml:3:1: version: is given when it is published",
        "a.toml:4:13: time_zone: must be text",
        "a.toml:5:12: holidays: must be \"PL\" or empty",
        "a.toml:6:1: colour: unknown key",
        "a.toml:8:17: week[0].weekday: must be 1 to 7, is 8",
        "a.toml:9:31: week[1].open_min: must be a whole number, 0 to 4294967295",
        "a.toml:9:47: week[1].close_min: must be a whole number",
        "a.toml:9:55: week[1].lunch: unknown key",
        "a.toml:11:14: exceptions: must be a list",
    ];
    let found = told(text);
    for line in expected {
        assert!(found.iter().any(|other| other == line), "{line} of {found:#?}");
    }
}

#[test]
fn every_refusal_of_a_policy_is_told_with_its_target() {
    let standard = include_str!("../../../presets/policies/PL_STANDARD.toml");
    let text = standard
        .replace("warn_percents = [50, 75, 90]", "warn_percents = [75, 50]")
        .replacen("target_s = 172_800\n", "target_s = 0\n", 1)
        .replacen("kind = \"NEXT_REPLY\"", "kind = \"REMEDY\"", 1)
        .replacen("kind = \"PERIODIC_UPDATE\"", "kind = \"NEWS\"", 1);
    let document = Document::read("a.toml", &text);
    let fields: Vec<_> = document.findings.iter().map(|f| (f.line, f.field.as_str())).collect();
    let line = |wanted: &str| text.lines().position(|line| line == wanted).unwrap() + 1;
    let expected = [
        (line("warn_percents = [75, 50]"), "warn_percents"),
        (line("target_s = 0"), "targets[0].target_s"),
        (line("kind = \"REMEDY\""), "targets[4].kind"),
        (line("kind = \"NEWS\""), "targets[6].kind"),
    ];
    assert_eq!(fields, expected, "{:#?}", document.findings);
    let kinds = &document.findings[3].reason;
    assert!(kinds.starts_with("must be one of ACK, FIRST_REPLY, "), "{kinds}");
}

#[test]
fn who_is_told_that_there_is_no_news_is_read_and_judged() {
    let standard = include_str!("../../../presets/policies/PL_STANDARD.toml");
    let named = "no_news_updates = [\"P1\", \"P2\", \"P3\"]";
    let line = standard.lines().position(|line| line == named).unwrap() + 1;
    for (wrong, reason) in [
        ("[\"P1\", \"P2\", \"P1\"]", "no_news_updates[2]: P1: named twice"),
        ("[\"P1\", \"P2\", \"P9\"]", "no_news_updates[2]: must be one of P1, P2, P3, P4"),
        ("\"P1\"", "no_news_updates: must be a list"),
    ] {
        let found = told(&standard.replace(named, &format!("no_news_updates = {wrong}")));
        let [found] = &found[..] else { panic!("{found:#?}") };
        assert!(
            found.starts_with(&format!("a.toml:{line}:")) && found.ends_with(reason),
            "{found}"
        );
    }
    // Where no update is ever due, nobody is late with one.
    let without = standard.replace("kind = \"PERIODIC_UPDATE\"", "kind = \"UC_VENDOR\"");
    let found = told(&without);
    assert!(
        found.len() == 1 && found[0].contains("no_news_updates[0]: P1: without a"),
        "{found:?}"
    );
}

#[test]
fn calendars_of_targets_and_timers_may_be_the_tenants_own() {
    let standard = include_str!("../../../presets/policies/PL_STANDARD.toml");
    let own = standard.replace("calendar_id = \"PL_WORKDAY24\"", "calendar_id = \"OUR_DAYS\"");
    assert_eq!(told(&own), [""; 0]);
    let (targets, timers) = standard.split_at(standard.find("timer = ").unwrap());
    let timers = timers.replace("PL_WORKDAY24", "OUR_DAYS");
    assert!(timers.contains("OUR_DAYS"));
    assert_eq!(told(&format!("{targets}{timers}")), [""; 0]);
}

#[test]
fn a_channel_is_named_once_in_a_target() {
    let standard = include_str!("../../../presets/policies/PL_STANDARD.toml");
    let twice = standard.replacen("channels = [", "channels = [\"PORTAL\", \"PORTAL\", ", 1);
    let found = told(&twice);
    let [found] = &found[..] else { panic!("{found:#?}") };
    assert!(found.ends_with(".channels[1]: must be there only once"), "{found}");
}

#[test]
fn a_day_is_written_in_one_way() {
    let with = |exceptions: &str| told(&format!("{CALENDAR}exceptions = [\n{exceptions}\n]\n"));
    let day = "{ date = \"2026-12-28\", openings = [] },";
    assert_eq!(with(&format!("{day} {{ date = 2026-12-29 }}")), [""; 0]);
    let column = day.len() + 11;
    for (again, reason) in [
        ("\"2026-12-28\"", "must be there only once"),
        ("2026-12-28", "must be there only once"),
        ("\"20261228\"", "must be a date, YYYY-MM-DD"),
        ("\"2026-12-28T00:00\"", "must be a date, YYYY-MM-DD"),
        ("2026-12-28T10:00:00", "must be text, or a day without a time"),
        ("10:00:00", "must be text, or a day without a time"),
    ] {
        let found = with(&format!("{day} {{ date = {again} }}"));
        let expected = format!("a.toml:8:{column}: exceptions[1].date: {reason}");
        assert_eq!(found, [expected], "{again}");
    }
}

#[test]
fn a_promise_that_is_missing_is_told() {
    let text = "kind = \"policy\"\npolicy_id = \"HOUSE\"\n";
    let found = told(text);
    // First reply, next reply and resolution for each of four priorities.
    assert_eq!(found.len(), 12, "{found:#?}");
    assert!(found.iter().all(|line| line.starts_with("a.toml:1:1: targets: ")), "{found:#?}");
}

#[test]
fn nobody_has_verified_a_regime_tomorrow() {
    let telecom = include_str!("../../../presets/regimes/PL_TELECOM.toml");
    let verified: Date = {
        let at = telecom.find("verified_on = ").unwrap() + "verified_on = ".len();
        telecom[at..at + 10].parse().unwrap()
    };
    let zone = TimeZone::get("Europe/Warsaw").unwrap();
    let midnight = verified.to_zoned(zone).unwrap().timestamp();
    let mut document = Document::read("a.toml", telecom);
    document.refuse_verified_after(midnight);
    assert_eq!(document.findings, []);
    document.refuse_verified_after(midnight - jiff::SignedDuration::from_secs(1));
    let [found] = &document.findings[..] else { panic!("{:?}", document.findings) };
    assert_eq!(found.field, "verified_on");
    assert!(found.reason.starts_with("must not be in the future"), "{}", found.reason);
}

#[test]
fn a_regime_is_judged_whole() {
    let telecom = include_str!("../../../presets/regimes/PL_TELECOM.toml");
    let text = telecom
        .replace("valid_from = 2026-03-14", "valid_from = \"14.03.2026\"")
        .replace("base = { n = 30, unit = \"CALENDAR_DAYS\"", "base = { n = 0, unit = \"WEEKS\"")
        .replace("silence = \"DEEMED_ACCEPTED\"", "silence = \"DEEMED_PER_CUSTOMER_WILL\"")
        .replace("met_by = \"SENT\"\n", "")
        .replace("rank = \"SPECIAL\"", "rank = \"SPECIAL\"\nregion = \"MAZOWSZE\"");
    let document = Document::read("a.toml", &text);
    let at = |wanted: &str| {
        let offset = text.find(wanted).unwrap();
        let before = &text[..offset];
        let line = before.matches('\n').count() + 1;
        (line, before[before.rfind('\n').unwrap() + 1..].chars().count() + 1)
    };
    let found: Vec<_> =
        document.findings.iter().map(|f| ((f.line, f.column), f.field.as_str())).collect();
    let expected = [
        ((1, 1), "met_by"),
        ((1, 1), "rebuttable"),
        (at("\"14.03.2026\""), "valid_from"),
        (at("0, unit"), "base.n"),
        (at("\"WEEKS\""), "base.unit"),
        (at("region"), "scope.region"),
    ];
    assert_eq!(found, expected, "{:#?}", document.findings);
}
