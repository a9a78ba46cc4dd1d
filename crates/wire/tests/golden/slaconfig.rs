//! One value of every event of a tenant's promises.
use std::sync::Arc;
use std::time::Duration;

use domain::calendar::{self, Calendar, HolidaySet, Period};
use domain::clock::ClockKind;
use domain::identity::ConsumerStatus;
use domain::policy::{self, Automation, Policy, Reopen, Rule, TimerKind};
use domain::priority::{Channel, Priority};
use domain::regime::{
    Ack, Appeal, Basis, Confidence, CountsFrom, DecisionContent, Draft, Duty, Extension,
    Incomplete, IncompleteEffect, MetBy, NoticeContent, Occasion, Rank, Regime, ReplyForm, Scope,
    SilenceEffect, SupplementFailure, Term,
};
use domain::slaconfig::{Event, PublishedCalendar, PublishedPolicy, PublishedRegime};
use jiff::Timestamp;
use jiff::civil::{date, time};

pub(crate) fn samples() -> Vec<Event> {
    let effective_from: Timestamp = "2026-06-01T00:00:00Z".parse().unwrap();
    let mut draft = calendar::Draft {
        id: "NIGHT".to_owned(),
        version: 3,
        zone: "Europe/Warsaw".to_owned(),
        holidays: Some(HolidaySet::polish()),
        ..calendar::Draft::default()
    };
    draft.week[0] = vec![(480, 720), (780, 960)];
    draft.week[6] = vec![(1320, 1800)];
    draft.exceptions.insert(jiff::civil::date(2026, 12, 24), vec![(540, 600)]);
    draft.exceptions.insert(jiff::civil::date(2026, 12, 31), Vec::new());
    vec![
        Event::PolicyPublished(PublishedPolicy {
            policy: Arc::new(Policy::new(policy()).unwrap()),
            effective_from,
            sha256: [0xab; 32],
        }),
        Event::CalendarPublished(PublishedCalendar {
            calendar: Arc::new(Calendar::new(draft).unwrap()),
            effective_from,
            sha256: [0xcd; 32],
        }),
        Event::RegimePublished(PublishedRegime {
            regime: Arc::new(Regime::new(regime()).unwrap()),
            sha256: [0xef; 32],
        }),
    ]
}

fn policy() -> policy::Draft {
    let rule = |priority, kind, target| Rule {
        priority,
        kind,
        channels: Vec::new(),
        target: Duration::from_secs(target),
        calendar: "PL_WORKDAY24".to_owned(),
    };
    let mut rules = vec![Rule {
        channels: vec![Channel::Chat, Channel::Social],
        ..rule(Priority::P1, ClockKind::FirstReply, 60)
    }];
    for priority in Priority::ALL {
        rules.push(rule(priority, ClockKind::FirstReply, 900));
        rules.push(rule(priority, ClockKind::NextReply, 1_800));
        rules.push(rule(priority, ClockKind::Resolution, 14_400));
        rules.push(rule(priority, ClockKind::PeriodicUpdate, 7_200));
    }
    policy::Draft {
        id: "HOUSE".to_owned(),
        version: 2,
        rules,
        warn_percents: vec![50, 75, 90],
        reopen: Reopen::Restart,
        retarget_min_remaining: [1_800, 0, 0, 60].map(Duration::from_secs),
        automations: [TimerKind::CustomerReminder, TimerKind::NoReplyResolve, TimerKind::AutoClose]
            .map(|kind| Automation {
                kind,
                after: Duration::from_secs(172_800),
                calendar: "PL_WORKDAY24".to_owned(),
            })
            .to_vec(),
        no_news_updates: vec![Priority::P1, Priority::P2],
        scope: policy::Scope::Contracts(vec!["SLA-17".to_owned()]),
    }
}

/// A regime that says everything a regime can say.
fn regime() -> Draft {
    Draft {
        code: "PL_EVERYTHING".to_owned(),
        version: 3,
        title: "Everything".to_owned(),
        valid_from: date(2026, 3, 14),
        valid_to: Some(date(2028, 3, 19)),
        zone: "Europe/Warsaw".to_owned(),
        holidays: Some(HolidaySet::polish()),
        basis: Basis::Law,
        disabled: true,
        scope: Scope {
            occasion: Occasion::Complaint,
            rank: Rank::Special,
            sectors: vec!["TELECOM".to_owned()],
            subjects: vec!["INVOICE".to_owned(), "QUALITY".to_owned()],
            consumers: vec![ConsumerStatus::Consumer, ConsumerStatus::Business],
            countries: vec!["PL".to_owned(), "EU".to_owned()],
        },
        base: Term { period: Period::BusinessDays(15), from: CountsFrom::Filed },
        extension: Some(Extension {
            total: Some(Period::Months(2)),
            require: vec![NoticeContent::Reason, NoticeContent::NewDate],
        }),
        roll_forward: true,
        silence: SilenceEffect::DeemedPerCustomerWill,
        business_silence: Some(SilenceEffect::AdrOrCourt),
        rebuttable: true,
        met_by: MetBy::Delivered,
        ack: Some(Ack { period: Period::CalendarDays(14), durable: true }),
        incomplete: Some(Incomplete {
            supplement: Period::CalendarDays(7),
            effect: IncompleteEffect::Suspend,
            failure: SupplementFailure::LeftUnexamined,
        }),
        reply_form: ReplyForm::SameAsFiled,
        must_contain: vec![DecisionContent::Decision, DecisionContent::AdrInfo],
        appeal: Appeal {
            allowed: true,
            window: Some(Period::CalendarDays(30)),
            base: Some(Period::Months(1)),
            silence: Some(SilenceEffect::None),
        },
        may_decide_automatically: true,
        may_reject_automatically: true,
        resend_on_request: Some(Period::BusinessDays(3)),
        filing_window: Some(Period::Months(6)),
        duties: vec![Duty {
            text: "Restore the supply".to_owned(),
            within: Some(Period::CalendarDays(3)),
        }],
        closing: time(15, 30, 0, 0),
        paper_lead_days: 3,
        sources: vec!["art. 378".to_owned()],
        verified_on: date(2026, 11, 21),
        confidence: Confidence::Secondary,
        note: "Seen in a report.".to_owned(),
    }
}

#[test]
fn everything_wrong_with_a_regime_is_told_by_field() {
    use wire::sla::v1;
    let message = v1::Regime::from(&regime());
    assert_eq!(wire::regime::checked(&message), Ok(regime()));
    let fields = |message: &v1::Regime| -> Vec<String> {
        let problems = wire::regime::checked(message).unwrap_err();
        problems.into_iter().map(|problem| problem.field).collect()
    };
    let nothing = fields(&v1::Regime::default());
    let expected = [
        "base",
        "valid_from",
        "basis",
        "scope",
        "silence",
        "met_by",
        "reply_form",
        "verified_on",
        "confidence",
        "code",
        "title",
        "must_contain",
        "sources",
        "time_zone",
    ];
    assert_eq!(nothing, expected);
    let mut odd = message;
    odd.valid_from = "14.03.2026".to_owned();
    odd.base.as_mut().unwrap().unit = 0;
    odd.extension.as_mut().unwrap().require[1] = 99;
    odd.ack.as_mut().unwrap().period = None;
    odd.resend_on_request.as_mut().unwrap().n = 70_000;
    odd.closing = "noon".to_owned();
    odd.holidays = "XX".to_owned();
    odd.silence = v1::SilenceEffect::DeemedAccepted.into();
    odd.paper_lead_days = 300;
    let mut found = fields(&odd);
    found.sort();
    let expected = [
        "ack.period",
        "base.unit",
        "closing",
        "extension.require[1]",
        "holidays",
        "paper_lead_days",
        "rebuttable",
        "resend_on_request.n",
        "valid_from",
    ];
    assert_eq!(found, expected);
}

#[test]
fn what_is_published_comes_back() {
    use wire::Payload;
    for event in samples() {
        assert_eq!(Event::decode(event.event_type(), &event.encode()).unwrap(), event);
    }
}
