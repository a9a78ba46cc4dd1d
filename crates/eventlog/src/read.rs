//! Reads streams, or one partition after a position.
use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::cursor::Partition;
use crate::error::Error;
use crate::event::{Recorded, StreamId};
use crate::log::Log;
use crate::tenants::{Tenant, TenantKey};

/// Most events of a page of a stream.
const STREAM_PAGE: u32 = 2_000;

/// Part of a stream, oldest first.
#[derive(Debug, Clone)]
pub struct StreamPage {
    /// The events, opened.
    pub events: Vec<Recorded>,
    /// The stream ended here when it was read.
    pub is_last: bool,
}

impl Log {
    /// The events of `stream` beyond `after_version` (0: all), oldest first. Empty if the
    /// stream does not exist.
    ///
    /// # Errors
    /// [`Error::Standby`], [`Error::Keys`] or [`Error::Query`].
    pub async fn read_stream(
        &self,
        tenant: &Tenant,
        stream: &StreamId,
        after_version: u32,
    ) -> Result<Vec<Recorded>, Error> {
        let mut all = Vec::new();
        let mut after = after_version;
        loop {
            let page = self.read_stream_page(tenant, stream, after).await?;
            after = page.events.last().map_or(after, |event| event.version);
            all.extend(page.events);
            if page.is_last {
                return Ok(all);
            }
        }
    }

    /// The same in parts of so many events, or so many bytes, as fit into the memory.
    ///
    /// # Errors
    /// [`Error::Standby`], [`Error::Keys`] or [`Error::Query`].
    pub async fn read_stream_page(
        &self,
        tenant: &Tenant,
        stream: &StreamId,
        after_version: u32,
    ) -> Result<StreamPage, Error> {
        let read = sqlx::query(include_str!("../sql/read_stream.sql"))
            .bind(tenant.partition.0)
            .bind(tenant.key.0)
            .bind(stream.category.as_ref())
            .bind(stream.id)
            .bind(i32::try_from(after_version).unwrap_or(i32::MAX))
            .bind(i64::from(STREAM_PAGE))
            .bind(self.page_bytes())
            .fetch_all(self.pool());
        let rows = self.bounded("read a stream", read).await?;
        let mut events = of_tenant(tenant, &rows)?;
        // By the bytes that are stored: opened, an event may have fewer.
        let is_last = !self.is_full(&events, STREAM_PAGE);
        self.unseal(&mut events).await?;
        Ok(StreamPage { events, is_last })
    }

    /// The events of many streams of a category: those of one stream together, oldest first. A
    /// stream that does not exist has none.
    ///
    /// # Errors
    /// [`Error::Standby`], [`Error::Keys`] or [`Error::Query`].
    pub async fn read_streams(
        &self,
        tenant: &Tenant,
        category: &str,
        ids: &[Uuid],
    ) -> Result<Vec<Recorded>, Error> {
        let read = sqlx::query(include_str!("../sql/read_streams.sql"))
            .bind(tenant.partition.0)
            .bind(tenant.key.0)
            .bind(category)
            .bind(ids)
            // Planned anew for so many ids: a plan of an almost empty table would read it whole.
            .persistent(false)
            .fetch_all(self.pool());
        let rows = self.bounded("read streams", read).await?;
        let mut events = of_tenant(tenant, &rows)?;
        self.unseal(&mut events).await?;
        Ok(events)
    }

    async fn unseal(&self, events: &mut [Recorded]) -> Result<(), Error> {
        match self.keys() {
            Some(sealing) => Ok(sealing.keyring().open(events).await?),
            None => Ok(()),
        }
    }

    /// Up to `limit` events of `partition` beyond position `after`, in order, as they are stored:
    /// sealed ones stay sealed. It may be fewer although there are more ([`Log::is_full`]), but not
    /// none. What was answered once never changes.
    ///
    /// # Errors
    /// [`Error::Standby`] or [`Error::Query`].
    pub async fn read_partition(
        &self,
        partition: Partition,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Recorded>, Error> {
        let read = sqlx::query(include_str!("../sql/read_partition.sql"))
            .bind(partition.0)
            .bind(i64::try_from(after).unwrap_or(i64::MAX))
            .bind(i64::from(limit))
            .bind(self.page_bytes())
            .fetch_all(self.pool());
        let rows = self.bounded("read a partition", read).await?;
        let mut events = Vec::with_capacity(rows.len());
        // Neighbours usually belong to the same tenant.
        let mut last: Option<Tenant> = None;
        for row in &rows {
            let key = TenantKey(row.try_get(1).map_err(Error::query("read a partition"))?);
            let name = match &last {
                Some(tenant) if tenant.key == key => Arc::clone(&tenant.name),
                _ => {
                    let tenant = self.tenant_by_key(key).await?.ok_or_else(|| Error::Corrupt {
                        partition,
                        position: row.try_get::<i64, _>(0).map_or(0, i64::unsigned_abs),
                        reason: format!("there is no tenant {}", key.0),
                    })?;
                    Arc::clone(&last.insert(tenant).name)
                }
            };
            let event = recorded(row, partition, name);
            events.push(event.map_err(Error::query("read a partition"))?);
        }
        Ok(events)
    }

    /// Whether a page of at most `limit` events may have ended before the log did.
    #[must_use]
    pub fn is_full(&self, page: &[Recorded], limit: u32) -> bool {
        let bytes = |event: &Recorded| event.payload.len() + event.metadata_bytes.len();
        page.len() >= limit as usize
            || page.iter().map(bytes).sum::<usize>() as u64 >= self.page_bytes().unsigned_abs()
    }

    fn page_bytes(&self) -> i64 {
        i64::try_from(self.settings().page_bytes.max(1)).unwrap_or(i64::MAX)
    }

    /// Ids of the events of `partition` from position `first` to `last`, in order; fewer if the
    /// log ends before.
    pub(crate) async fn event_ids(
        &self,
        partition: Partition,
        first: u64,
        last: u64,
    ) -> Result<Vec<Uuid>, Error> {
        let read = sqlx::query_scalar(include_str!("../sql/event_ids.sql"))
            .bind(partition.0)
            .bind(i64::try_from(first).unwrap_or(i64::MAX))
            .bind(i64::try_from(last).unwrap_or(i64::MAX))
            .fetch_all(self.pool());
        self.bounded("look events up", read).await
    }

    /// The last position of `partition`; 0 if it is empty.
    ///
    /// # Errors
    /// [`Error::Standby`] or [`Error::Query`].
    pub async fn head(&self, partition: Partition) -> Result<u64, Error> {
        let read = sqlx::query_scalar(include_str!("../sql/head.sql"))
            .bind(partition.0)
            .fetch_one(self.pool());
        let head: i64 = self.bounded("read the head", read).await?;
        Ok(head.unsigned_abs())
    }
}

fn of_tenant(tenant: &Tenant, rows: &[PgRow]) -> Result<Vec<Recorded>, Error> {
    rows.iter()
        .map(|row| recorded(row, tenant.partition, Arc::clone(&tenant.name)))
        .collect::<Result<Vec<_>, _>>()
        .map_err(Error::query("read a stream"))
}

/// An event from the columns of `read_stream.sql`, `read_streams.sql` and `read_partition.sql`.
pub(crate) fn recorded(
    row: &PgRow,
    partition: Partition,
    tenant_name: Arc<str>,
) -> Result<Recorded, sqlx::Error> {
    Ok(Recorded {
        partition,
        position: row.try_get::<i64, _>(0)?.unsigned_abs(),
        tenant: TenantKey(row.try_get(1)?),
        tenant_name,
        version: row.try_get::<i32, _>(2)?.unsigned_abs(),
        stream: StreamId { id: row.try_get(3)?, category: Cow::Owned(row.try_get(7)?) },
        event_id: row.try_get(4)?,
        occurred_at: row.try_get::<jiff_sqlx::Timestamp, _>(5)?.to_jiff(),
        recorded_at: row.try_get::<jiff_sqlx::Timestamp, _>(6)?.to_jiff(),
        event_type: row.try_get(8)?,
        payload: Bytes::copy_from_slice(row.try_get::<&[u8], _>(9)?),
        metadata_bytes: Bytes::copy_from_slice(row.try_get::<&[u8], _>(10)?),
    })
}
