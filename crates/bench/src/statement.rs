//! The price of order: the log's statement against the same insert with a sequence.
use std::time::{Duration, Instant};

use anyhow::Result;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::events;
use crate::rig::Rig;

/// The call the log's writer makes.
const ORDERED: &str = "select base, stamp
       from log.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '{}', '{}',
                       '{}', '{}', '{}', '{}')";

/// The same rows in one statement, positions from a sequence.
const SERIAL: &str = "
    insert into bench.serial (partition, tenant, version, stream_id, event_id, occurred_at,
                              recorded_at, category, event_type, payload, metadata)
    select $1, u.tenant, u.version, u.stream_id, u.event_id, u.occurred_at, now(), u.category,
           u.event_type, u.payload, u.metadata
      from unnest($2, $3::text[], $4, $5, $6, $7::text[], $8, $9, $10)
        as u (tenant, category, stream_id, version, event_id, event_type, payload, metadata,
              occurred_at)";

/// Which statement is sent.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Statement {
    Ordered,
    Serial,
}

/// One batch as arrays.
struct Batch {
    tenants: Vec<i32>,
    categories: Vec<&'static str>,
    streams: Vec<Uuid>,
    versions: Vec<i32>,
    event_ids: Vec<Uuid>,
    event_types: Vec<&'static str>,
    payloads: Vec<Vec<u8>>,
    metadatas: Vec<Vec<u8>>,
    occurred: Vec<jiff_sqlx::Timestamp>,
}

impl Batch {
    fn new(rig: &Rig, size: usize) -> Self {
        let event = rig.template.event();
        Self {
            tenants: vec![rig.tenants[0].key.0; size],
            categories: vec![events::CATEGORY; size],
            streams: Vec::new(),
            versions: vec![1; size],
            event_ids: Vec::new(),
            event_types: vec![event.event_type; size],
            payloads: vec![event.payload.to_vec(); size],
            metadatas: vec![rig.template.metadata(); size],
            occurred: vec![event.occurred_at.to_sqlx(); size],
        }
    }

    fn renew(&mut self) {
        let size = self.tenants.len();
        self.streams = (0..size).map(|_| events::fresh_stream().id).collect();
        self.event_ids = (0..size).map(|_| Uuid::now_v7()).collect();
    }

    async fn send(&self, connection: &mut PgConnection, rig: &Rig, which: Statement) -> Result<()> {
        let sql = match which {
            Statement::Ordered => ORDERED,
            Statement::Serial => SERIAL,
        };
        let query = sqlx::query(sql)
            .bind(rig.partition().0)
            .bind(&self.tenants)
            .bind(&self.categories)
            .bind(&self.streams)
            .bind(&self.versions)
            .bind(&self.event_ids)
            .bind(&self.event_types)
            .bind(&self.payloads)
            .bind(&self.metadatas)
            .bind(&self.occurred);
        match which {
            // Nothing unproven, and a hash of nothing: neither changes what Postgres does.
            Statement::Ordered => {
                query.bind(Vec::<i32>::new()).bind(vec![0_u8; 32]).fetch_all(connection).await?;
            }
            Statement::Serial => {
                query.execute(connection).await?;
            }
        }
        Ok(())
    }
}

/// Rows per second of one connection that sends batches of `size` for `time`; what is done
/// between two statements does not count.
pub(crate) async fn run(rig: &Rig, which: Statement, size: usize, time: Duration) -> Result<f64> {
    rig.clear().await?;
    let mut connection = rig.pool().acquire().await?;
    let mut batch = Batch::new(rig, size);
    let (mut rows, mut spent) = (0, Duration::ZERO);
    while spent < time {
        batch.renew();
        let start = Instant::now();
        batch.send(&mut connection, rig, which).await?;
        spent += start.elapsed();
        rows += size;
    }
    Ok(rows as f64 / spent.as_secs_f64())
}
