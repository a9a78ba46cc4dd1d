//! `COPY`, the fastest way to move many rows in and out of Postgres: a baseline in both directions.
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use bytes::{Bytes, BytesMut};
use futures::TryStreamExt as _;
use sqlx::postgres::{PgConnection, PgPoolCopyExt as _};

use crate::rig::Rig;

/// Bytes sent to the server at a time.
const CHUNK: usize = 64 << 10;

/// Everything in the log in the binary form that [`fill`] takes, in chunks.
pub(crate) async fn take(rig: &Rig) -> Result<Vec<Bytes>> {
    let mut rows = rig
        .pool()
        .copy_out_raw("copy (select * from log.event order by position) to stdout (format binary)")
        .await
        .context("copy the log out")?;
    let mut chunks = Vec::new();
    let mut chunk = BytesMut::with_capacity(CHUNK * 2);
    while let Some(row) = rows.try_next().await? {
        chunk.extend_from_slice(&row);
        if chunk.len() >= CHUNK {
            chunks.push(chunk.split().freeze());
            chunk.reserve(CHUNK * 2);
        }
    }
    chunks.push(chunk.freeze());
    Ok(chunks)
}

/// Copies `chunks` into the empty twin of the log's table, in one transaction; rows per
/// second until it is committed.
pub(crate) async fn fill(rig: &Rig, chunks: &[Bytes]) -> Result<f64> {
    rig.clear().await?;
    let mut connection = rig.pool().acquire().await?;
    let connection: &mut PgConnection = &mut connection;
    let start = Instant::now();
    let mut copy = connection.copy_in_raw("copy bench.copied from stdin (format binary)").await?;
    for chunk in chunks {
        copy.send(chunk.as_ref()).await?;
    }
    let rows = copy.finish().await?;
    Ok(rows as f64 / start.elapsed().as_secs_f64())
}

/// Streams the first partition in order, undecoded; rows per second.
pub(crate) async fn out(rig: &Rig) -> Result<f64> {
    let sql = format!(
        "copy (select position, tenant, version, stream_id, event_id, occurred_at, recorded_at,
                      category, event_type, payload, metadata
                 from log.event where partition = {} order by position)
           to stdout (format binary)",
        rig.partition()
    );
    let start = Instant::now();
    let mut stream = rig.pool().copy_out_raw(&sql).await?;
    let mut messages = 0_u64;
    while stream.try_next().await?.is_some() {
        messages += 1;
    }
    // The trailer is the one message that is not a row.
    ensure!(messages > 1, "the log is empty");
    Ok((messages - 1) as f64 / start.elapsed().as_secs_f64())
}
