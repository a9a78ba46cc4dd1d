//! What makes a regime, which of them apply, and in which version.
use std::sync::Arc;

use jiff::civil::date;

use super::sample::{consumer, contract, financial, house, payment, regime};
use super::*;

mod counting;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn problems(change: impl FnOnce(&mut Draft)) -> Vec<(String, String)> {
    let mut draft = financial();
    change(&mut draft);
    let problems = Regime::new(draft).unwrap_err();
    problems.into_iter().map(|problem| (problem.field, problem.rule)).collect()
}

fn fields(change: impl FnOnce(&mut Draft)) -> Vec<String> {
    problems(change).into_iter().map(|(field, _)| field).collect()
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let wrong = fields(|d| {
        d.code = "PL TELECOM".into();
        d.version = 0;
        d.title.clear();
        d.valid_to = Some(date(2022, 12, 31));
        d.zone = "Europe/Krakow".into();
        d.base.period = Period::Months(0);
        d.must_contain.clear();
        d.sources.clear();
    });
    let expected =
        ["code", "version", "title", "valid_to", "base.n", "must_contain", "sources", "time_zone"];
    assert_eq!(wrong, expected);
}

#[test]
fn terms_that_make_no_sense_are_refused() {
    let shorter = |d: &mut Draft| d.base.period = Period::CalendarDays(60);
    assert_eq!(fields(shorter), ["extension.total"]);
    let silent = |d: &mut Draft| d.extension.as_mut().unwrap().require.clear();
    assert_eq!(fields(silent), ["extension.require"]);
    let twice = |d: &mut Draft| {
        let require = &mut d.extension.as_mut().unwrap().require;
        require.push(NoticeContent::Reason);
    };
    assert_eq!(fields(twice), ["extension.require[3]"]);
    let ack = Ack { period: Period::CalendarDays(4_000), durable: true };
    assert_eq!(fields(|d| d.ack = Some(ack)), ["ack.period.n"]);
    let window = |d: &mut Draft| {
        d.appeal = Appeal { window: Some(Period::CalendarDays(30)), ..Appeal::default() };
    };
    assert_eq!(fields(window), ["appeal.allowed"]);
    let silence = |d: &mut Draft| d.appeal.silence = Some(SilenceEffect::None);
    assert_eq!(fields(silence), ["appeal.silence"]);
    assert_eq!(fields(|d| d.paper_lead_days = 21), ["paper_lead_days"]);
}

#[test]
fn silence_speaks_only_where_the_law_lets_it() {
    assert_eq!(fields(|d| d.rebuttable = false), ["rebuttable"]);
    assert_eq!(fields(|d| d.silence = SilenceEffect::DeemedAccepted), ["rebuttable"]);
    let house = |d: &mut Draft| (d.basis, d.confidence) = (Basis::House, Confidence::Policy);
    let wrong = fields(|d| {
        house(d);
        d.note = "A goal.".into();
    });
    assert_eq!(wrong, ["silence"]);
}

#[test]
fn a_note_is_text() {
    assert_eq!(fields(|d| d.note = "Read\0on paper.".into()), ["note"]);
    assert_eq!(fields(|d| d.note = "Read\u{1b}on paper.".into()), ["note"]);
    assert!(Regime::new(Draft { note: "Read\n\ton paper.".into(), ..financial() }).is_ok());
}

#[test]
fn what_was_not_read_must_say_so() {
    for confidence in [Confidence::Secondary, Confidence::Unverified, Confidence::Policy] {
        assert_eq!(fields(|d| d.confidence = confidence), ["note"]);
    }
    let trusted = |d: &mut Draft| {
        *d = house();
        d.confidence = Confidence::Text;
    };
    assert_eq!(fields(trusted), ["confidence"]);
}

#[test]
fn scopes_name_codes_and_countries() {
    let wrong = fields(|d| {
        d.scope.sectors = vec!["FINANCE".into(), "all banks".into(), "FINANCE".into()];
        d.scope.consumers.push(ConsumerStatus::Unknown);
        d.scope.countries = vec!["EU".into(), "pl".into(), "POL".into()];
    });
    let expected = [
        "scope.sectors[2]",
        "scope.sectors[1]",
        "scope.consumers",
        "scope.countries[1]",
        "scope.countries[2]",
    ];
    assert_eq!(wrong, expected);
}

#[test]
fn a_remedy_is_executed_and_a_decision_is_evidenced() {
    assert_eq!(fields(|d| d.met_by = MetBy::Executed), ["met_by"]);
    let remedy = |d: &mut Draft| d.scope.occasion = Occasion::Remedy;
    assert_eq!(fields(remedy), ["met_by"]);
    let machine = |d: &mut Draft| {
        (d.may_decide_automatically, d.may_reject_automatically) = (false, true);
    };
    assert_eq!(fields(machine), ["automation.may_reject_automatically"]);
}

fn known(drafts: impl IntoIterator<Item = Draft>) -> Regimes {
    let mut regimes = Regimes::default();
    for draft in drafts {
        regimes.publish(Arc::new(regime(draft)));
    }
    regimes
}

fn all() -> Regimes {
    known([consumer(), financial(), payment(), house(), contract()])
}

fn matter(sector: &str, subject: &str, customer: ConsumerStatus) -> Matter {
    Matter {
        occasion: Occasion::Complaint,
        sector: sector.into(),
        subject: subject.into(),
        customer,
        country: "PL".into(),
    }
}

fn codes(regimes: &Regimes, matter: &Matter, received: &str) -> Vec<String> {
    let applying = regimes.applying(matter, at(received));
    applying.iter().map(|regime| regime.code().to_owned()).collect()
}

#[test]
fn special_law_goes_before_general_law_and_the_house_beside_both() {
    let now = "2026-06-01T08:00:00Z";
    let of = |sector, subject, customer| codes(&all(), &matter(sector, subject, customer), now);
    let consumer = ConsumerStatus::Consumer;
    assert_eq!(of("GOODS", "", consumer), ["INTERNAL_STANDARD", "PL_CONSUMER_GENERAL"]);
    assert_eq!(of("FINANCE", "LOAN", consumer), ["INTERNAL_STANDARD", "PL_FINANCIAL"]);
    let both = ["INTERNAL_STANDARD", "PL_FINANCIAL", "PL_PAYMENT_SERVICES"];
    assert_eq!(of("FINANCE", "PAYMENT", consumer), both);
}

#[test]
fn in_doubt_the_customer_is_a_consumer() {
    let now = "2026-06-01T08:00:00Z";
    let of = |sector, subject, customer| codes(&all(), &matter(sector, subject, customer), now);
    for sector in ["GOODS", "FINANCE"] {
        let consumer = of(sector, "PAYMENT", ConsumerStatus::Consumer);
        assert_eq!(of(sector, "PAYMENT", ConsumerStatus::Unknown), consumer);
        assert_eq!(of(sector, "PAYMENT", ConsumerStatus::SoleTraderProtected), consumer);
    }
    let business = ConsumerStatus::Business;
    assert_eq!(of("GOODS", "", business), ["B2B_CONTRACT", "INTERNAL_STANDARD"]);
    // A company's payment is under the payment law alone; no financial client's act.
    let payment = ["INTERNAL_STANDARD", "PL_PAYMENT_SERVICES"];
    assert_eq!(of("FINANCE", "PAYMENT", business), payment);
}

#[test]
fn the_law_of_another_country_does_not_apply() {
    let mut abroad = matter("GOODS", "", ConsumerStatus::Consumer);
    abroad.country = "CZ".into();
    let now = "2026-06-01T08:00:00Z";
    assert_eq!(codes(&all(), &abroad, now), ["INTERNAL_STANDARD"]);
    let mut rail = financial();
    rail.scope.countries = vec!["EU".into()];
    abroad.sector = "FINANCE".into();
    assert_eq!(codes(&known([rail.clone()]), &abroad, now), ["PL_FINANCIAL"]);
    abroad.country = "US".into();
    assert!(codes(&known([rail]), &abroad, now).is_empty());
}

#[test]
fn another_occasion_has_other_regimes() {
    let mut appeal = house();
    appeal.code = "INTERNAL_APPEAL".into();
    appeal.scope.occasion = Occasion::Appeal;
    let regimes = known([consumer(), appeal]);
    let mut asked = matter("GOODS", "", ConsumerStatus::Consumer);
    let now = "2026-06-01T08:00:00Z";
    assert_eq!(codes(&regimes, &asked, now), ["PL_CONSUMER_GENERAL"]);
    asked.occasion = Occasion::Appeal;
    assert_eq!(codes(&regimes, &asked, now), ["INTERNAL_APPEAL"]);
}

#[test]
fn nobody_names_a_law_away() {
    let now = at("2026-06-01T08:00:00Z");
    let named = |codes: &[&str], matter: &Matter| {
        let codes: Vec<_> = codes.iter().map(|&code| code.to_owned()).collect();
        let named = all().named(&codes, matter, now)?;
        assert!(named.iter().map(|regime| regime.code()).eq(&codes));
        Ok(())
    };
    let goods = matter("", "", ConsumerStatus::Unknown);
    let unfit = |code: &str| Err(Misnamed::Unfit(code.into()));
    let left_out = |code: &str| Err(Misnamed::LeftOut(code.into()));
    assert_eq!(named(&["B2B_CONTRACT"], &goods), unfit("B2B_CONTRACT"));
    assert_eq!(named(&["INTERNAL_STANDARD"], &goods), left_out("PL_CONSUMER_GENERAL"));
    assert_eq!(named(&["PL_CONSUMER_GENERAL"], &goods), Ok(()));
    assert_eq!(named(&["PL_TELECOM"], &goods), Err(Misnamed::NotInForce("PL_TELECOM".into())));
    // Special law tells the sector, and general law gives way to it.
    assert_eq!(named(&["PL_FINANCIAL"], &goods), Ok(()));
    assert_eq!(named(&["PL_CONSUMER_GENERAL", "PL_FINANCIAL"], &goods), Ok(()));
    let elsewhere = matter("GOODS", "", ConsumerStatus::Consumer);
    assert_eq!(named(&["PL_FINANCIAL"], &elsewhere), unfit("PL_FINANCIAL"));
    let abroad = Matter { country: "CZ".into(), ..goods };
    assert_eq!(named(&["PL_CONSUMER_GENERAL"], &abroad), unfit("PL_CONSUMER_GENERAL"));
    // Of several special ones none is left out, of what is told.
    let payment = matter("FINANCE", "PAYMENT", ConsumerStatus::Consumer);
    assert_eq!(named(&["PL_FINANCIAL"], &payment), left_out("PL_PAYMENT_SERVICES"));
    assert_eq!(named(&["PL_PAYMENT_SERVICES", "PL_FINANCIAL"], &payment), Ok(()));
    // A contract binds like a law.
    let business = matter("", "", ConsumerStatus::Business);
    assert_eq!(named(&["INTERNAL_STANDARD"], &business), left_out("B2B_CONTRACT"));
    assert_eq!(named(&["B2B_CONTRACT", "INTERNAL_STANDARD"], &business), Ok(()));
    assert_eq!(named(&["PL_FINANCIAL"], &business), unfit("PL_FINANCIAL"));
}

#[test]
fn what_is_kept_ready_or_is_for_something_else_cannot_be_named() {
    let mut appeal = house();
    appeal.code = "INTERNAL_APPEAL".into();
    appeal.scope.occasion = Occasion::Appeal;
    let regimes = known([Draft { disabled: true, ..consumer() }, appeal]);
    let goods = matter("", "", ConsumerStatus::Consumer);
    let refused = |code: &str| {
        let now = at("2026-06-01T08:00:00Z");
        regimes.named(&[code.to_owned()], &goods, now).unwrap_err()
    };
    let consumer = "PL_CONSUMER_GENERAL";
    assert_eq!(refused(consumer), Misnamed::NotInForce(consumer.into()));
    assert_eq!(refused("INTERNAL_APPEAL"), Misnamed::Unfit("INTERNAL_APPEAL".into()));
}

#[test]
fn a_complaint_keeps_the_version_of_the_day_of_its_receipt() {
    let version = |version, valid_from, valid_to| Draft {
        version,
        valid_from,
        valid_to,
        base: Term {
            period: Period::CalendarDays(10 * u16::try_from(version).unwrap()),
            ..consumer().base
        },
        ..consumer()
    };
    let regimes = known([
        version(2, date(2026, 3, 14), None),
        version(1, date(2023, 1, 1), None),
        version(3, date(2026, 9, 1), Some(date(2026, 9, 30))),
        version(4, date(2026, 9, 1), Some(date(2026, 9, 30))),
    ]);
    let of = |received: &str| {
        let matter = matter("GOODS", "", ConsumerStatus::Consumer);
        let found = regimes.applying(&matter, at(received));
        assert!(found.len() < 2);
        found.first().map(|regime| regime.version())
    };
    assert_eq!(of("2022-12-31T22:59:59Z"), None);
    assert_eq!(of("2022-12-31T23:00:00Z"), Some(1));
    // 13 March, 23:59:59 in Warsaw, and a second later.
    assert_eq!(of("2026-03-13T22:59:59Z"), Some(1));
    assert_eq!(of("2026-03-13T23:00:00Z"), Some(2));
    assert_eq!(of("2026-08-31T21:59:59Z"), Some(2));
    // Of two with the same beginning the later published; what has ended does not return.
    assert_eq!(of("2026-08-31T22:00:00Z"), Some(4));
    assert_eq!(of("2026-09-30T21:59:59Z"), Some(4));
    assert_eq!(of("2026-09-30T22:00:00Z"), None);
    assert_eq!(regimes.version("PL_CONSUMER_GENERAL", 3).unwrap().version(), 3);
    assert_eq!(regimes.version("PL_CONSUMER_GENERAL", 5), None);
}

#[test]
fn a_disabled_regime_is_kept_and_applies_to_nothing() {
    let regimes = known([Draft { disabled: true, ..consumer() }]);
    let matter = matter("GOODS", "", ConsumerStatus::Consumer);
    assert!(codes(&regimes, &matter, "2026-06-01T08:00:00Z").is_empty());
    assert_eq!(regimes.in_force(at("2026-06-01T08:00:00Z")).len(), 1);
}

#[test]
fn silence_may_mean_something_else_to_a_business() {
    let regime = regime(payment());
    let deemed = SilenceEffect::DeemedPerCustomerWill;
    for status in [ConsumerStatus::Consumer, ConsumerStatus::Unknown] {
        assert_eq!(regime.silence(status), deemed);
    }
    assert_eq!(regime.silence(ConsumerStatus::Business), SilenceEffect::AdrOrCourt);
    assert!(deemed.decides() && deemed.is_rebuttable());
    assert!(
        SilenceEffect::DeemedAccepted.decides() && !SilenceEffect::DeemedAccepted.is_rebuttable()
    );
    assert!(!SilenceEffect::DeemedConsentAdr.decides() && !SilenceEffect::None.decides());
}

#[test]
fn a_regime_is_reviewed_some_time_after_somebody_looked() {
    let regime = regime(consumer());
    assert_eq!(regime.review_on(365), date(2027, 11, 21));
    assert!(!regime.is_past_review(at("2027-11-20T22:59:59Z"), 365));
    assert!(regime.is_past_review(at("2027-11-20T23:00:00Z"), 365));
}
