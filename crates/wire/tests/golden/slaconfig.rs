//! One value of every event of a tenant's promises.
use std::sync::Arc;
use std::time::Duration;

use domain::calendar::{self, Calendar, HolidaySet};
use domain::clock::ClockKind;
use domain::policy::{self, Automation, Policy, Reopen, Rule, TimerKind};
use domain::priority::{Channel, Priority};
use domain::slaconfig::{Event, PublishedCalendar, PublishedPolicy};
use jiff::Timestamp;

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
    }
}

#[test]
fn what_is_published_comes_back() {
    use wire::Payload;
    for event in samples() {
        assert_eq!(Event::decode(event.event_type(), &event.encode()).unwrap(), event);
    }
}
