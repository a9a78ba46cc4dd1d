//! What tenants publish: versions, refusals by field, and whom it concerns.
use chassis::rpc::Role;
use tonic::Code;
use uuid::Uuid;
use wire::common::v1::{self as common, Priority};
use wire::sla::v1::{self, ClockKind};

use crate::world::*;

fn opening(weekday: u32, open_min: u32, close_min: u32) -> v1::Opening {
    v1::Opening { weekday, open_min, close_min }
}

fn house() -> v1::Calendar {
    v1::Calendar {
        calendar_id: "HOUSE".to_owned(),
        time_zone: "Europe/Warsaw".to_owned(),
        week: vec![opening(1, 480, 720), opening(1, 780, 960), opening(7, 1320, 1800)],
        holidays: "PL".to_owned(),
        exceptions: vec![v1::CalendarException {
            date: "2026-12-24".to_owned(),
            openings: Vec::new(),
        }],
        ..v1::Calendar::default()
    }
}

#[tokio::test]
async fn the_products_policy_and_calendars_are_there_from_the_beginning() {
    let world = World::new().await;
    let sla = world.serve().await;
    let config = sla.config().await;
    let policy = config.policy.unwrap();
    assert_eq!((policy.policy_id.as_str(), policy.version), ("PL_STANDARD", 1));
    let names: Vec<_> = config.calendars.iter().map(|c| c.calendar_id.as_str()).collect();
    let expected = ["ALWAYS", "PL_BH_0820_6", "PL_BH_0917", "PL_NIGHT_2206", "PL_WORKDAY24"];
    assert_eq!(names, expected);
    assert!(config.calendars.iter().all(|calendar| calendar.version == 1));
    assert_eq!(config.versions.len(), 6);
    assert!(config.versions.iter().all(|v| v.version == 1 && v.effective_from.is_none()));
}

#[tokio::test]
async fn what_is_published_is_read_again_with_its_version() {
    let world = World::new().await;
    let sla = world.serve().await;
    let calendar = sla.publish_calendar(house(), None).await.unwrap();
    assert_eq!(calendar, v1::Calendar { version: 1, ..house() });
    let mut policy = sla.config().await.policy.unwrap();
    policy.targets[0].calendar_id = "HOUSE".to_owned();
    policy.retarget_min_remaining =
        vec![v1::MinRemaining { priority: Priority::P2.into(), seconds: 60 }];
    let published = sla.publish_policy(policy.clone(), None).await.unwrap();
    assert_eq!(published, v1::Policy { version: 2, ..policy });
    let config = sla.config().await;
    assert_eq!(config.policy, Some(published));
    assert!(config.calendars.contains(&calendar));
    assert_eq!(sla.publish_calendar(house(), None).await.unwrap().version, 2);
    let versions = sla.config().await.versions.into_iter().skip(6);
    let versions: Vec<_> = versions.map(|v| (v.kind(), v.id, v.version)).collect();
    let kind = v1::SlaConfigKind::Calendar;
    let expected = [
        (v1::SlaConfigKind::Policy, "PL_STANDARD".to_owned(), 2),
        (kind, "HOUSE".to_owned(), 1),
        (kind, "HOUSE".to_owned(), 2),
    ];
    assert_eq!(versions, expected);
}

#[tokio::test]
async fn a_repeated_publication_is_published_once() {
    let world = World::new().await;
    let sla = world.serve().await;
    let request = v1::PublishCalendarRequest {
        request_id: Uuid::now_v7().to_string(),
        calendar: Some(house()),
        effective_from: stamp("2026-01-01T00:00:00Z"),
    };
    for _ in 0..2 {
        let request = by(Role::SlaManager, request.clone());
        let answer = sla.client.clone().publish_calendar(request).await.unwrap().into_inner();
        assert_eq!(answer.calendar.unwrap().version, 1);
    }
    let other = v1::PublishCalendarRequest { effective_from: None, ..request };
    let refused = sla.client.clone().publish_calendar(by(Role::SlaManager, other)).await;
    assert_eq!(refused.unwrap_err().code(), Code::FailedPrecondition);
}

#[tokio::test]
async fn a_calendar_that_cannot_be_is_refused_by_field() {
    let world = World::new().await;
    let sla = world.serve().await;
    let refused = async |change: fn(&mut v1::Calendar)| {
        let mut calendar = house();
        change(&mut calendar);
        fields(sla.publish_calendar(calendar, None).await)
    };
    assert_eq!(refused(|c| c.week.push(opening(1, 700, 800))).await, ["calendar.week"]);
    assert_eq!(refused(|c| c.week.clear()).await, ["calendar.week"]);
    assert_eq!(refused(|c| c.time_zone = "Mars".into()).await, ["calendar.time_zone"]);
    assert_eq!(refused(|c| c.holidays = "XX".into()).await, ["calendar.holidays"]);
    assert_eq!(refused(|c| c.always = true).await, ["calendar.always"]);
    assert_eq!(refused(|c| c.calendar_id = "a b".into()).await, ["calendar.calendar_id"]);
    let late = |c: &mut v1::Calendar| c.week.push(opening(8, 1440, 2881));
    let expected =
        ["calendar.week[3].weekday", "calendar.week[3].open_min", "calendar.week[3].close_min"];
    assert_eq!(refused(late).await, expected);
    let date = |c: &mut v1::Calendar| c.exceptions[0].date = "24.12.2026".into();
    assert_eq!(refused(date).await, ["calendar.exceptions[0].date"]);
}

#[tokio::test]
async fn promises_and_calendars_fit_each_other() {
    let world = World::new().await;
    let sla = world.serve().await;
    let rare = v1::Calendar { week: vec![opening(1, 480, 481)], ..house() };
    let mut policy = sla.config().await.policy.unwrap();
    policy.policy_id = "HOUSE".to_owned();
    policy.targets[4].calendar_id = "HOUSE".to_owned();
    policy.targets[4].target_s = 31_622_400;
    sla.publish_calendar(rare.clone(), None).await.unwrap();
    let refused = sla.publish_policy(policy.clone(), None).await;
    assert_eq!(fields(refused), ["policy.targets[4].target_s"]);
    let mut timer = policy.clone();
    timer.targets[4].target_s = 60;
    timer.automations[1].calendar_id = "HOUSE".to_owned();
    let refused = sla.publish_policy(timer, None).await;
    assert_eq!(fields(refused), ["policy.automations[1].after_s"]);

    let all_day = (1..=7).map(|day| opening(day, 0, 1_440)).collect();
    sla.publish_calendar(v1::Calendar { week: all_day, ..house() }, None).await.unwrap();
    sla.publish_policy(policy, None).await.unwrap();
    assert_eq!(fields(sla.publish_calendar(rare, None).await), ["calendar.week"]);
    let far = Some(at("2099-01-01T00:00:00Z"));
    assert_eq!(fields(sla.publish_calendar(house(), far).await), ["effective_from"]);
}

fn gold() -> v1::PolicyScope {
    v1::PolicyScope { segments: vec!["gold".into()], ..Default::default() }
}

#[tokio::test]
async fn a_policy_that_cannot_be_is_refused_by_field() {
    let world = World::new().await;
    let sla = world.serve().await;
    let standard = sla.config().await.policy.unwrap();
    let refused = async |change: fn(&mut v1::Policy)| {
        let mut policy = standard.clone();
        change(&mut policy);
        fields(sla.publish_policy(policy, None).await)
    };
    let unknown = |p: &mut v1::Policy| p.targets[4].calendar_id = "NOWHERE".into();
    assert_eq!(refused(unknown).await, ["policy.targets[4].calendar_id"]);
    // Target 3 is the first reply of P1 on all channels.
    let long = |p: &mut v1::Policy| p.targets[3].target_s = 4 * 3_600 + 1;
    assert_eq!(refused(long).await, ["policy.targets[3].target_s"]);
    assert_eq!(refused(|p| p.targets[0].target_s = 0).await, ["policy.targets[0].target_s"]);
    assert_eq!(refused(|p| p.targets[0].kind = 0).await, ["policy.targets[0].kind"]);
    let remedy = |p: &mut v1::Policy| p.targets[0].kind = ClockKind::Remedy.into();
    assert_eq!(refused(remedy).await, ["policy.targets[0].kind"]);
    assert_eq!(refused(|p| p.targets.clear()).await, ["policy.targets"]);
    assert_eq!(refused(|p| p.warn_percents = vec![75, 50]).await, ["policy.warn_percents"]);
    assert_eq!(refused(|p| p.warn_percents = vec![100]).await, ["policy.warn_percents[0]"]);
    assert_eq!(refused(|p| p.policy_id.clear()).await, ["policy.policy_id"]);
    let nowhere = |p: &mut v1::Policy| p.automations[1].calendar_id = "NOWHERE".into();
    assert_eq!(refused(nowhere).await, ["policy.automations[1].calendar_id"]);
    let zero = |p: &mut v1::Policy| p.automations[0].after_s = 0;
    assert_eq!(refused(zero).await, ["policy.automations[0].after_s"]);
    let kindless = |p: &mut v1::Policy| p.automations[2].timer = 0;
    assert_eq!(refused(kindless).await, ["policy.automations[2].timer"]);
    let twice = |p: &mut v1::Policy| p.automations.push(p.automations[3].clone());
    assert_eq!(refused(twice).await, ["policy.automations"]);
    let told = |p: &mut v1::Policy| p.no_news_updates.push(p.no_news_updates[0]);
    assert_eq!(refused(told).await, ["policy.no_news_updates[3]"]);
    assert_eq!(refused(|p| p.no_news_updates[1] = 9).await, ["policy.no_news_updates[1]"]);
    let never = |p: &mut v1::Policy| p.targets.retain(|t| t.kind() != ClockKind::PeriodicUpdate);
    assert_eq!(refused(never).await, ["policy.no_news_updates[0]"]);
    let timer = |p: &mut v1::Policy| {
        p.automations[0].timer = v1::TimerKind::NoNewsUpdate.into();
    };
    assert_eq!(refused(timer).await, ["policy.automations[0].timer"]);
    let standard_for_some = |p: &mut v1::Policy| p.scope = Some(gold());
    assert_eq!(refused(standard_for_some).await, ["policy.scope"]);
    let for_nobody = |p: &mut v1::Policy| p.scope = Some(v1::PolicyScope::default());
    assert_eq!(refused(for_nobody).await, ["policy.scope"]);
    let by_two = |p: &mut v1::Policy| {
        p.scope = Some(v1::PolicyScope { contract_ids: vec!["C-1".into()], ..gold() });
    };
    assert_eq!(refused(by_two).await, ["policy.scope"]);
    let nameless = |p: &mut v1::Policy| {
        p.scope = Some(v1::PolicyScope { segments: vec![String::new()], ..Default::default() });
    };
    assert_eq!(refused(nameless).await, ["policy.scope.segments[0]"]);
    let of_no_type = |p: &mut v1::Policy| {
        p.scope = Some(v1::PolicyScope { ticket_types: vec![1, 0], ..Default::default() });
    };
    assert_eq!(refused(of_no_type).await, ["policy.scope.ticket_types[1]"]);
    let twice = |p: &mut v1::Policy| {
        p.policy_id = "GOLD".into();
        p.scope = Some(v1::PolicyScope { ticket_types: vec![1, 1], ..Default::default() });
    };
    assert_eq!(refused(twice).await, ["policy.scope"]);
    let nothing = v1::PublishPolicyRequest::default();
    let answer = sla.client.clone().publish_policy(by(Role::Admin, nothing)).await;
    assert_eq!(fields(answer), ["request_id", "policy"]);
}

#[tokio::test]
async fn only_those_who_answer_for_promises_publish() {
    let world = World::new().await;
    let sla = world.serve().await;
    for role in [Role::Customer, Role::Agent, Role::Lead, Role::Integrator, Role::Auditor] {
        let request = by(role, v1::PublishPolicyRequest::default());
        let refused = sla.client.clone().publish_policy(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{role}");
    }
    let request = of_tenant("nobody", Role::Admin, v1::GetSlaConfigRequest {});
    let refused = sla.client.clone().get_sla_config(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
}

#[tokio::test]
async fn a_policy_applies_to_tickets_that_are_received_from_then_on() {
    let world = World::new().await;
    let sla = world.serve().await;
    let from = at("2031-06-02T10:00:00Z");
    let before = world.register(at("2031-06-02T08:00:00Z"), Priority::P3).await;
    let policy = quick(&sla, "HOUSE", ClockKind::NextReply, 600).await;
    sla.publish_policy(policy, Some(from)).await.unwrap();
    let after = world.register(from, Priority::P3).await;
    let later = at("2031-06-02T11:00:00Z");
    for ticket in [before, after] {
        world.happens(ticket, reply(from)).await;
        world.happens(ticket, inbound(later)).await;
    }
    let next = sla.clock(before, ClockKind::NextReply, |_| true).await;
    assert_eq!((next.policy_id.as_str(), next.target_s), ("PL_STANDARD", 4 * 3_600));
    let next = sla.clock(after, ClockKind::NextReply, |_| true).await;
    assert_eq!((next.policy_id.as_str(), next.target_s), ("HOUSE", 600));
}

#[tokio::test]
async fn what_is_published_before_a_ticket_applies_to_it_at_once() {
    let world = World::new().await;
    let sla = world.serve().await;
    for seconds in 1..=10 {
        let policy = quick(&sla, "HOUSE", ClockKind::Resolution, seconds * 3_600).await;
        sla.publish_policy(policy, None).await.unwrap();
        let ticket = world.register(in_seconds(1), Priority::P3).await;
        let clock = sla.clock(ticket, ClockKind::Resolution, |_| true).await;
        assert_eq!(clock.target_s, seconds * 3_600);
    }
}

#[tokio::test]
async fn a_running_clock_keeps_its_calendar() {
    let world = World::new().await;
    let sla = world.serve().await;
    let monday = at("2031-06-02T08:00:00Z");
    let ticket = world.register(monday, Priority::P3).await;
    sla.clock(ticket, ClockKind::FirstReply, |_| true).await;
    let calendar = v1::Calendar {
        calendar_id: "PL_WORKDAY24".to_owned(),
        time_zone: "UTC".to_owned(),
        always: true,
        ..v1::Calendar::default()
    };
    sla.publish_calendar(calendar, Some(monday)).await.unwrap();
    world.happens(ticket, resolved(at("2031-06-02T09:00:00Z"))).await;
    let ended = |clock: &v1::Clock| clock.stopped_at.is_some();
    let old = sla.clock(ticket, ClockKind::Resolution, ended).await;
    assert_eq!((old.calendar_version, old.elapsed_ms), (1, 3_600_000));
    let other = world.register(monday, Priority::P3).await;
    let new = sla.clock(other, ClockKind::Resolution, |_| true).await;
    assert_eq!(new.calendar_version, 2);
}

#[tokio::test]
async fn targets_may_depend_on_the_channel() {
    let world = World::new().await;
    let sla = world.serve().await;
    let mut policy = sla.config().await.policy.unwrap();
    let only = v1::Target {
        kind: ClockKind::FirstReply.into(),
        priority: Priority::P3.into(),
        target_s: 120,
        calendar_id: "ALWAYS".to_owned(),
        channels: vec![common::Channel::Email.into()],
    };
    policy.targets.insert(0, only);
    sla.publish_policy(policy, None).await.unwrap();
    let ticket = world.register(in_seconds(1), Priority::P3).await;
    let first = sla.clock(ticket, ClockKind::FirstReply, |_| true).await;
    assert_eq!(first.target_s, 120);
}
