//! Which replica works on which partition: advisory locks on one connection of its own.
//!
//! A lease only saves work. Two holders at once, or none for a while, change nothing but speed:
//! the fence on the cursor decides.
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};
use tokio::sync::watch;
use tokio::time::timeout;

use super::settings::Settings;
use crate::Partition;

/// Second half of the lock that every replica shares; no partition has this number.
const PRESENCE: i32 = -1;

/// Grants and revokes the partitions of one subscription in this process.
#[derive(Debug)]
pub(super) struct Leases {
    options: PgConnectOptions,
    name: &'static str,
    interval: Duration,
    timeout: Duration,
    retry: Duration,
    grants: Vec<Grant>,
}

#[derive(Debug)]
struct Grant {
    partition: Partition,
    granted: watch::Sender<bool>,
}

impl Grant {
    fn held(&self) -> bool {
        *self.granted.borrow()
    }
}

impl Leases {
    pub(super) fn new(
        options: PgConnectOptions,
        name: &'static str,
        settings: &Settings,
        grants: Vec<(Partition, watch::Sender<bool>)>,
    ) -> Self {
        let grants =
            grants.into_iter().map(|(partition, granted)| Grant { partition, granted }).collect();
        Self {
            options,
            name,
            interval: settings.lease_interval,
            timeout: settings.lease_timeout,
            retry: settings.retry_max_delay.min(settings.lease_interval),
            grants,
        }
    }

    /// Holds this replica's share for ever; without a connection it holds nothing.
    pub(super) async fn run(&self) {
        let mut told = false;
        loop {
            // An outage is told once, not at every attempt to end it.
            if let Err(error) = self.hold(&mut told).await
                && !std::mem::replace(&mut told, true)
            {
                tracing::warn!(
                    subscription = self.name,
                    error = crate::describe(&error),
                    "leases lost, connecting again"
                );
            }
            for grant in &self.grants {
                grant.granted.send_replace(false);
            }
            tokio::time::sleep(self.retry).await;
        }
    }

    /// Takes `told` back as soon as Postgres answers.
    async fn hold(&self, told: &mut bool) -> Result<(), sqlx::Error> {
        let mut connection = self.bound(PgConnection::connect_with(&self.options)).await?;
        let key = self.bound(self.key(&mut connection)).await?;
        *told = false;
        let present = "select pg_try_advisory_lock_shared($1, $2)";
        self.bound(lock(&mut connection, present, key, PRESENCE)).await?;
        loop {
            let replicas = self.bound(replicas(&mut connection, key)).await?;
            self.balance(&mut connection, key, replicas).await?;
            tokio::time::sleep(self.interval).await;
        }
    }

    /// Takes free partitions up to this replica's share and gives back what is beyond it.
    async fn balance(
        &self,
        connection: &mut PgConnection,
        key: i32,
        replicas: usize,
    ) -> Result<(), sqlx::Error> {
        let share = self.grants.len().div_ceil(replicas.max(1));
        let mut held = self.grants.iter().filter(|grant| grant.held()).count();
        for grant in &self.grants {
            let number = i32::from(grant.partition.0);
            if grant.held() && held > share {
                grant.granted.send_replace(false);
                let unlock = "select pg_advisory_unlock($1, $2)";
                self.bound(lock(connection, unlock, key, number)).await?;
                held -= 1;
            } else if !grant.held() && held < share {
                let take = "select pg_try_advisory_lock($1, $2)";
                if self.bound(lock(connection, take, key, number)).await? {
                    grant.granted.send_replace(true);
                    held += 1;
                }
            }
        }
        Ok(())
    }

    /// First half of the locks: the subscription's name in its schema.
    async fn key(&self, connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
        let schema: Option<String> =
            sqlx::query_scalar("select current_schema()::text").fetch_one(connection).await?;
        let digest =
            Sha256::digest(format!("{}/{}", schema.as_deref().unwrap_or_default(), self.name));
        let mut bytes = [0; 4];
        bytes.copy_from_slice(&digest[..4]);
        Ok(i32::from_be_bytes(bytes))
    }

    async fn bound<T>(
        &self,
        query: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, sqlx::Error> {
        timeout(self.timeout, query).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
    }
}

async fn lock(
    connection: &mut PgConnection,
    statement: &'static str,
    key: i32,
    number: i32,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(statement).bind(key).bind(number).fetch_one(connection).await
}

/// How many replicas are present, this one included.
async fn replicas(connection: &mut PgConnection, key: i32) -> Result<usize, sqlx::Error> {
    // pg_locks shows the two halves as oids, which are unsigned.
    let count: i64 = sqlx::query_scalar(
        "select count(*) from pg_locks
          where locktype = 'advisory' and granted and objsubid = 2
            and database = (select oid from pg_database where datname = current_database())
            and classid = $1::bigint::oid and objid = $2::bigint::oid",
    )
    .bind(i64::from(key.cast_unsigned()))
    .bind(i64::from(PRESENCE.cast_unsigned()))
    .fetch_one(connection)
    .await?;
    Ok(usize::try_from(count).unwrap_or(1))
}
