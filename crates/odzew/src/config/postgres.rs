//! Section `[postgres]`: one database for the log and, unless said otherwise, the read models.
use std::io::ErrorKind::TimedOut;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use chassis::secret::Secret;
use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, PgPool};

/// A connection that was idle for longer is tried before it is used.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);

/// What a standby is answered.
pub(crate) const STANDBY: &str = "the server is a standby: Odzew needs the primary";

/// Shape of the plans of every service: a statement is planned once per connection, perhaps while
/// its table is still empty, and keeps that plan. All of them go by keys or an index's order, so
/// that is what they are to stay with when the table has grown.
const PLANS: [(&str, &str); 4] = [
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("jit", "off"),
];

/// How services reach Postgres.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Postgres {
    /// DSN of the services. They act under their own database roles.
    pub(crate) url: Secret,
    /// DSN of the owner, for migrations and operators' verbs; empty for the same as `url`.
    pub(crate) admin_url: Secret,
    /// Partitions of a new log. Fixed once it is installed.
    #[serde(deserialize_with = "eventlog::positive::count")]
    pub(crate) partitions: u16,
    /// Most connections of one service, besides the log's writers and the lease.
    #[serde(deserialize_with = "eventlog::positive::count")]
    pub(crate) max_connections: u32,
    /// How long a call waits for a connection.
    #[serde(with = "eventlog::positive::duration")]
    pub(crate) acquire_timeout: Duration,
    /// Longest statement; a longer one is ended by Postgres.
    #[serde(with = "eventlog::positive::duration")]
    pub(crate) statement_timeout: Duration,
}

impl Postgres {
    /// Connection options of a service: its database role, its schema, its limits.
    pub(crate) fn service_options(&self, service: &str) -> Result<PgConnectOptions> {
        let timeout = self.statement_timeout.as_millis().to_string();
        Ok(PgConnectOptions::from_str(self.url.expose())
            .context("read postgres.url")?
            .application_name(&format!("odzew {service}"))
            .options([
                ("role", format!("odzew_{service}")),
                ("search_path", service.to_owned()),
                ("statement_timeout", timeout),
            ])
            .options(PLANS))
    }

    /// Connection options of the relay: it reads the log and raises epochs, nothing else.
    pub(crate) fn relay_options(&self) -> Result<PgConnectOptions> {
        let timeout = self.statement_timeout.as_millis().to_string();
        Ok(PgConnectOptions::from_str(self.url.expose())
            .context("read postgres.url")?
            .application_name("odzew relay")
            .options([
                ("role", "odzew_log_writer"),
                ("search_path", "log"),
                ("statement_timeout", timeout.as_str()),
            ]))
    }

    /// A pool of a service.
    pub(crate) async fn service_pool(&self, service: &str, connections: u32) -> Result<PgPool> {
        anyhow::ensure!(eventlog::SERVICES.contains(&service), "there is no service {service:?}");
        self.pool(self.service_options(service)?, connections)
            .await
            .with_context(|| format!("connect to Postgres as {service}"))
    }

    /// The relay's pool.
    pub(crate) async fn relay_pool(&self) -> Result<PgPool> {
        let connections = self.max_connections;
        self.pool(self.relay_options()?, connections).await.context("connect to Postgres as relay")
    }

    /// A pool that has its first connection.
    pub(crate) async fn pool(
        &self,
        options: PgConnectOptions,
        connections: u32,
    ) -> sqlx::Result<PgPool> {
        let limit = self.acquire_timeout;
        let heard = Heard::default();
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(limit)
            .after_connect(|connection, _| Box::pin(refuse_standby(connection)))
            // A connection that was in use a moment ago is there: asking every time would double
            // the round trips of short statements.
            .test_before_acquire(false)
            .before_acquire(|connection, metadata| {
                Box::pin(async move {
                    if metadata.idle_for > TRUSTED_IDLE {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            // The pool waits for a connection that is given back until it answers; that of a host
            // which is gone would hold its place as long as TCP waits. So where nothing was heard
            // of the host lately, it is asked here first, where there is a limit.
            .after_release(move |connection, _| {
                let heard = heard.clone();
                Box::pin(async move {
                    if !heard.lately() {
                        let answer = tokio::time::timeout(limit, connection.ping()).await;
                        answer.unwrap_or_else(|_| Err(std::io::Error::from(TimedOut).into()))?;
                        heard.now();
                    }
                    Ok(true)
                })
            })
            .connect_with(options.clone())
            .await;
        match pool {
            // A pool only says that it waited: a connection of its own says for what.
            Err(sqlx::Error::PoolTimedOut) => {
                let single = async { refuse_standby(&mut options.connect().await?).await };
                let single = tokio::time::timeout(limit, single).await;
                Err(single.ok().and_then(Result::err).unwrap_or(sqlx::Error::PoolTimedOut))
            }
            pool => pool,
        }
    }
}

/// When a pool's host last answered a question that was asked for that alone.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Option<Instant>>>);

impl Heard {
    fn lately(&self) -> bool {
        self.last().is_some_and(|last| last.elapsed() < TRUSTED_IDLE)
    }

    fn now(&self) {
        *self.last() = Some(Instant::now());
    }

    fn last(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A name may lead to a standby while the primary is changed: a connection kept from then would
/// go on refusing when all others work.
pub(crate) async fn refuse_standby(connection: &mut PgConnection) -> sqlx::Result<()> {
    let standby = sqlx::query_scalar("select pg_is_in_recovery()").fetch_one(connection).await?;
    if standby { Err(sqlx::Error::Protocol(STANDBY.to_owned())) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
