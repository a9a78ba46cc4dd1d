//! The queue inside table `notices`: due notices are claimed for a while, each by one worker.
//!
//! A claim only saves work. The stream of the notice keeps two workers from sending it twice: an
//! attempt begins once.
use std::collections::BTreeMap;
use std::time::Duration;

use eventlog::TenantKey;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgPool;
use uuid::Uuid;

use crate::config::Attempts;

/// Later mails wait for an earlier one that will be due so soon: with the delays as shipped, for
/// its first two retries.
const SOON: Duration = Duration::from_secs(15 * 60);

/// A notice that this process may attempt.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Claimed {
    tenant: i32,
    pub(crate) notice_id: Uuid,
    pub(crate) ticket_id: Option<Uuid>,
    pub(crate) purpose: i32,
    pub(crate) audience: i32,
    pub(crate) recipient: String,
    pub(crate) locale: String,
    pub(crate) cause_event_id: Uuid,
    cause_position: i64,
    pub(crate) attempts: i32,
    pub(crate) lane: String,
    /// Trace context of the event that scheduled it; empty if it has none.
    pub(crate) traceparent: String,
    claimed_at: jiff_sqlx::Timestamp,
}

impl Claimed {
    pub(crate) fn tenant(&self) -> TenantKey {
        TenantKey(self.tenant)
    }

    pub(crate) fn cause_position(&self) -> u64 {
        self.cause_position.unsigned_abs()
    }

    /// The time of the claim.
    pub(crate) fn claimed_at(&self) -> Timestamp {
        self.claimed_at.to_jiff()
    }
}

/// What may be claimed.
pub(crate) struct Room<'a> {
    /// Channel's number.
    pub(crate) channel: i32,
    /// Most notices.
    pub(crate) free: usize,
    /// Most notices of one lane, together with those that run.
    pub(crate) per_lane: usize,
    /// How many run, by lane.
    pub(crate) running: &'a BTreeMap<String, usize>,
    /// For how long.
    pub(crate) lease: Duration,
    /// Whether notices to one recipient about one ticket leave in the order of their causes.
    pub(crate) in_order: bool,
    /// The present, where it is not the database's.
    pub(crate) now: Option<Timestamp>,
}

/// Claims what is due, in turn from every lane that has something.
pub(crate) async fn claim(pool: &PgPool, room: &Room<'_>) -> sqlx::Result<Vec<Claimed>> {
    let lanes: Vec<&str> = room.running.keys().map(String::as_str).collect();
    let running: Vec<i64> = room.running.values().map(|running| bigint(*running)).collect();
    sqlx::query_as(include_str!("queue/claim.sql"))
        .bind(room.channel)
        .bind(bigint(room.free))
        .bind(bigint(room.per_lane))
        .bind(room.lease.as_secs_f64())
        .bind(lanes)
        .bind(running)
        .bind(room.now.map(|now| now.to_sqlx()))
        .bind(room.in_order)
        .bind(SOON.as_secs_f64())
        .fetch_all(pool)
        .await
}

/// Claims attempts that began long ago and never ended: their process is gone.
pub(crate) async fn claim_lost(
    pool: &PgPool,
    channel: i32,
    attempts: &Attempts,
    now: Option<Timestamp>,
) -> sqlx::Result<Vec<Claimed>> {
    sqlx::query_as(include_str!("queue/claim_lost.sql"))
        .bind(channel)
        .bind(attempts.lost_after.as_secs_f64())
        .bind(bigint(attempts.concurrency))
        .bind(now.map(|now| now.to_sqlx()))
        .fetch_all(pool)
        .await
}

/// A sent notice that has not come back in the time it had.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Proven {
    tenant: i32,
    pub(crate) notice_id: Uuid,
    pub(crate) ticket_id: Option<Uuid>,
    /// Trace context of the event that scheduled it; empty if it has none.
    pub(crate) traceparent: String,
    proof_due_at: jiff_sqlx::Timestamp,
}

impl Proven {
    pub(crate) fn tenant(&self) -> TenantKey {
        TenantKey(self.tenant)
    }

    /// When its time to come back was over.
    pub(crate) fn due_at(&self) -> Timestamp {
        self.proof_due_at.to_jiff()
    }
}

/// Claims notices whose time to come back is over.
pub(crate) async fn claim_proven(
    pool: &PgPool,
    now: Option<Timestamp>,
    lease: Duration,
    limit: usize,
) -> sqlx::Result<Vec<Proven>> {
    sqlx::query_as(include_str!("queue/claim_proof.sql"))
        .bind(now.map(|now| now.to_sqlx()))
        .bind(lease.as_secs_f64())
        .bind(bigint(limit))
        .fetch_all(pool)
        .await
}

/// What is still to be sent through a channel.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub(crate) struct Pending {
    /// Channel's number.
    pub(crate) channel: i32,
    /// How many notices.
    pub(crate) notices: i64,
    /// Age of the oldest, in seconds.
    pub(crate) oldest_s: f64,
}

/// What is still to be sent; channels with nothing are not there.
pub(crate) async fn pending(pool: &PgPool) -> sqlx::Result<Vec<Pending>> {
    sqlx::query_as(include_str!("queue/pending.sql")).fetch_all(pool).await
}

/// Gives a claim back, to be taken again after a while; claims go by the database's clock.
pub(crate) async fn release(pool: &PgPool, claimed: &Claimed, pause: Duration) -> sqlx::Result<()> {
    sqlx::query(
        "update notices set claimed_until = now() + make_interval(secs => $3)
          where tenant = $1 and notice_id = $2",
    )
    .bind(claimed.tenant)
    .bind(claimed.notice_id)
    .bind(pause.as_secs_f64())
    .execute(pool)
    .await?;
    Ok(())
}

fn bigint(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
