//! Regimes as tenants publish them: versions, refusals by field, selection, review.
use chassis::rpc::Role;
use tonic::Code;
use uuid::Uuid;
use wire::common::v1 as common;
use wire::sla::v1::{self, PeriodUnit, SilenceEffect};

use crate::world::*;

/// Consumer law as the presets have it, as a message to change.
fn consumer() -> v1::Regime {
    let mut regime = crate::complaints::consumer();
    let scope = regime.scope.as_mut().unwrap();
    scope.consumers = vec![common::ConsumerStatus::Consumer.into()];
    scope.countries = vec!["PL".to_owned()];
    regime
}

/// A sector's own law: 30 days, 60 when extended.
fn telecom() -> v1::Regime {
    let mut regime = consumer();
    regime.code = "PL_TELECOM".to_owned();
    regime.scope.as_mut().unwrap().rank = v1::RegimeRank::Special.into();
    regime.scope.as_mut().unwrap().sectors = vec!["TELECOM".to_owned()];
    regime.base.as_mut().unwrap().n = 30;
    let days = |n| Some(v1::RegimePeriod { n, unit: PeriodUnit::CalendarDays.into() });
    regime.extension = Some(v1::RegimeExtension {
        total: days(60),
        require: vec![v1::RegimeNotice::Reason.into()],
    });
    regime.ack = Some(v1::RegimeAck { period: days(14), durable: true });
    regime
}

fn due(found: &v1::GetRegimesResponse) -> Vec<(String, u32, String)> {
    let days = found.regimes.iter().map(|applying| {
        let regime = applying.regime.clone().unwrap();
        (regime.code, regime.version, applying.due.clone().unwrap().last_day)
    });
    days.collect()
}

#[tokio::test]
async fn no_regime_is_there_until_somebody_publishes_it() {
    let world = World::new().await;
    let sla = world.serve().await;
    assert!(sla.config().await.regimes.is_empty());
    assert_eq!(sla.regimes("", "2026-06-13T09:00:00Z").await, v1::GetRegimesResponse::default());
}

#[tokio::test]
async fn a_published_regime_is_read_again_and_tells_its_days() {
    let world = World::new().await;
    let sla = world.serve().await;
    let published = sla.publish_regime(consumer()).await.unwrap();
    assert_eq!(published, v1::Regime { version: 1, ..consumer() });
    sla.publish_regime(telecom()).await.unwrap();
    let config = sla.config().await;
    let codes: Vec<_> = config.regimes.iter().map(|r| r.regime.clone().unwrap().code).collect();
    assert_eq!(codes, ["PL_CONSUMER_GENERAL", "PL_TELECOM"]);

    let found = sla.regimes("", "2026-06-13T09:00:00Z").await;
    let monday = ("PL_CONSUMER_GENERAL".to_owned(), 1, "2026-06-29".to_owned());
    assert_eq!(due(&found), [monday]);
    let first = found.regimes[0].due.clone().unwrap();
    assert_eq!(first.due_at, stamp("2026-06-29T21:59:59.999Z"));
    assert_eq!(first.safe_due_at, stamp("2026-06-26T15:00:00Z"));
    assert_eq!(found.earliest, "PL_CONSUMER_GENERAL");
    assert_eq!(found.regimes[0].silence(), SilenceEffect::DeemedAccepted);

    let found = sla.regimes("TELECOM", "2026-10-02T08:00:00Z").await;
    let monday = ("PL_TELECOM".to_owned(), 1, "2026-11-02".to_owned());
    assert_eq!(due(&found), [monday]);
    assert_eq!(found.regimes[0].extended.clone().unwrap().last_day, "2026-12-01");
    assert_eq!(found.regimes[0].ack.clone().unwrap().last_day, "2026-10-16");
}

#[tokio::test]
async fn what_was_received_before_keeps_the_older_version() {
    let world = World::new().await;
    let sla = world.serve().await;
    sla.publish_regime(consumer()).await.unwrap();
    let mut stricter = consumer();
    stricter.valid_from = "2026-09-01".to_owned();
    stricter.base.as_mut().unwrap().n = 7;
    assert_eq!(sla.publish_regime(stricter).await.unwrap().version, 2);
    let version = async |received: &str| due(&sla.regimes("", received).await)[0].1;
    // Midnight in Warsaw is two hours earlier in UTC.
    assert_eq!(version("2026-08-31T21:59:59Z").await, 1);
    assert_eq!(version("2026-08-31T22:00:00Z").await, 2);
}

#[tokio::test]
async fn everything_wrong_with_a_regime_is_refused_by_field() {
    let world = World::new().await;
    let sla = world.serve().await;
    let mut wrong = consumer();
    wrong.title.clear();
    wrong.valid_from = "soon".to_owned();
    wrong.base.as_mut().unwrap().unit = 0;
    wrong.met_by = 0;
    wrong.rebuttable = true;
    let expected = [
        "regime.valid_from",
        "regime.base.unit",
        "regime.met_by",
        "regime.title",
        "regime.rebuttable",
    ];
    assert_eq!(fields(sla.publish_regime(wrong).await), expected);
    let nothing = by(Role::SlaManager, v1::PublishRegimeRequest::default());
    let answer = sla.client.clone().publish_regime(nothing).await;
    assert_eq!(fields(answer), ["request_id", "regime"]);
    let matter = v1::GetRegimesRequest { country: "Poland".to_owned(), ..Default::default() };
    let answer = sla.client.clone().get_regimes(by(Role::Agent, matter)).await;
    assert_eq!(fields(answer), ["occasion", "country"]);
    assert!(sla.config().await.regimes.is_empty());
}

#[tokio::test]
async fn a_repeated_publication_of_a_regime_is_published_once() {
    let world = World::new().await;
    let sla = world.serve().await;
    let request = v1::PublishRegimeRequest {
        request_id: Uuid::now_v7().to_string(),
        regime: Some(consumer()),
    };
    for _ in 0..2 {
        let request = by(Role::SlaManager, request.clone());
        let answer = sla.client.clone().publish_regime(request).await.unwrap().into_inner();
        assert_eq!(answer.regime.unwrap().version, 1);
    }
    let other = v1::PublishRegimeRequest { regime: Some(telecom()), ..request };
    let refused = sla.client.clone().publish_regime(by(Role::SlaManager, other)).await;
    assert_eq!(refused.unwrap_err().code(), Code::FailedPrecondition);
    // Not even who sets the system up: law is for legal to approve.
    let staff = [Role::Customer, Role::Agent, Role::Lead, Role::Integrator, Role::Auditor];
    for role in staff.into_iter().chain([Role::Admin]) {
        let request = by(role, v1::PublishRegimeRequest::default());
        let refused = sla.client.clone().publish_regime(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{role}");
    }
}

#[tokio::test]
async fn the_event_carries_the_whole_regime() {
    let world = World::new().await;
    let sla = world.serve().await;
    let published = sla.publish_regime(telecom()).await.unwrap();
    let stream = domain::slaconfig::stream_id("acme");
    let stream = eventlog::StreamId::new("slaconfig", stream);
    let events = world.log.read_stream(&world.tenant, &stream, 0).await.unwrap();
    let events: Vec<v1::RegimePublished> = all(&events, "RegimePublished");
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].regime, Some(published));
    assert_eq!(events[0].effective_from, stamp("2022-12-31T23:00:00Z"));
    let version = sla.config().await.versions.pop().unwrap();
    assert_eq!((version.kind(), version.id.as_str()), (v1::SlaConfigKind::Regime, "PL_TELECOM"));
    assert_eq!(version.sha256, events[0].sha256);
}

#[tokio::test]
async fn a_regime_that_nobody_has_looked_at_for_long_is_flagged() {
    let world = World::new().await;
    let sla = world.serve().await;
    let mut old = consumer();
    old.verified_on = "2024-01-01".to_owned();
    let fresh = v1::Regime { verified_on: today(), ..telecom() };
    sla.publish_regime(old).await.unwrap();
    sla.publish_regime(fresh).await.unwrap();
    let regimes = sla.config().await.regimes;
    let flags: Vec<_> = regimes.iter().map(|regime| regime.past_review).collect();
    assert_eq!(flags, [true, false]);
    assert_eq!(regimes[0].review_on, "2024-12-31");
}

/// The day in Warsaw.
fn today() -> String {
    let zone = domain::calendar::zone("Europe/Warsaw").unwrap();
    zone.to_datetime(in_seconds(0)).date().to_string()
}
