//! Table `timers`: when to look at a clock next.
use domain::ids::TicketId;
use eventlog::{HandlerError, Partition, TenantKey};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use uuid::Uuid;

use super::Touched;

/// A clock to be looked at, or something that happens by itself. What has come by then its
/// events tell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Timer {
    pub(crate) partition: Partition,
    pub(crate) tenant: TenantKey,
    pub(crate) ticket_id: TicketId,
    /// The clock, or what happens by itself.
    pub(crate) id: Uuid,
    /// When to look.
    pub(crate) wake_at: Timestamp,
    /// Instants up to here lay in the past when the clock was imported.
    pub(crate) past_until: Option<Timestamp>,
}

/// Replaces the rows of what a batch touched.
pub(super) async fn replace(
    tx: &mut PgConnection,
    touched: &Touched<'_>,
    timers: &[Timer],
) -> Result<(), HandlerError> {
    let tenants: Vec<i32> = touched.keys().map(|((tenant, _), _)| tenant.0).collect();
    let clocks: Vec<Uuid> = touched.keys().map(|(_, id)| *id).collect();
    sqlx::query(
        "delete from timers t
          using unnest($1::integer[], $2::uuid[]) as k (tenant, clock_id)
          where t.tenant = k.tenant and t.clock_id = k.clock_id",
    )
    .bind(tenants)
    .bind(clocks)
    .execute(&mut *tx)
    .await?;
    if timers.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into timers (partition, tenant, clock_id, ticket_id, wake_at, past_until)
         select * from unnest($1::smallint[], $2::integer[], $3::uuid[], $4::uuid[],
                              $5::timestamptz[], $6::timestamptz[])",
    )
    .bind(timers.iter().map(|timer| timer.partition.0).collect::<Vec<_>>())
    .bind(timers.iter().map(|timer| timer.tenant.0).collect::<Vec<_>>())
    .bind(timers.iter().map(|timer| timer.id).collect::<Vec<_>>())
    .bind(timers.iter().map(|timer| timer.ticket_id.0).collect::<Vec<_>>())
    .bind(timers.iter().map(|timer| timer.wake_at.to_sqlx()).collect::<Vec<_>>())
    .bind(timers.iter().map(|timer| timer.past_until.map(|at| at.to_sqlx())).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// When to look next, for each of the partitions that has timers.
pub(crate) async fn next(
    pool: &PgPool,
    partitions: &[Partition],
) -> Result<Vec<(Partition, Timestamp)>, sqlx::Error> {
    let numbers: Vec<i16> = partitions.iter().map(|partition| partition.0).collect();
    let rows: Vec<(i16, jiff_sqlx::Timestamp)> = sqlx::query_as(
        "select p.partition, t.wake_at
           from unnest($1::smallint[]) as p (partition)
          cross join lateral (select wake_at from timers
                               where partition = p.partition
                               order by wake_at limit 1) t",
    )
    .bind(numbers)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|(partition, at)| (Partition(partition), at.to_jiff())).collect())
}

type Row = (i32, Uuid, Uuid, jiff_sqlx::Timestamp, Option<jiff_sqlx::Timestamp>);

/// Timers that nobody else may fire, for as long as its transaction is open.
#[derive(Debug)]
pub(crate) struct Claim(Transaction<'static, Postgres>);

impl Claim {
    /// Claims what is due in a partition, earliest first. Nothing if another replica is busy with
    /// the partition, so that a ticket's timers fire in order.
    pub(crate) async fn begin(
        pool: &PgPool,
        partition: Partition,
        until: Timestamp,
        limit: u32,
    ) -> Result<(Self, Vec<Timer>), sqlx::Error> {
        let mut tx = pool.begin().await?;
        let lock = "select pg_try_advisory_xact_lock(hashtext('odzew sla deadlines'), $1)";
        let alone: bool =
            sqlx::query_scalar(lock).bind(i32::from(partition.0)).fetch_one(&mut *tx).await?;
        if !alone {
            return Ok((Self(tx), Vec::new()));
        }
        let rows: Vec<Row> = sqlx::query_as(include_str!("timers/claim.sql"))
            .bind(partition.0)
            .bind(until.to_sqlx())
            .bind(i64::from(limit))
            .fetch_all(&mut *tx)
            .await?;
        let claimed = rows.into_iter().map(|row| timer_of(partition, row)).collect();
        Ok((Self(tx), claimed))
    }

    /// Takes out what is `done`, has the others looked at again at `again`, and ends the claim.
    pub(crate) async fn end(
        self,
        done: &[Timer],
        later: &[Timer],
        again: Timestamp,
    ) -> Result<(), sqlx::Error> {
        let Self(mut tx) = self;
        delete(&mut tx, done).await?;
        if !later.is_empty() {
            postpone(&mut tx, later, again).await?;
        }
        tx.commit().await
    }
}

async fn delete(tx: &mut PgConnection, timers: &[Timer]) -> Result<(), sqlx::Error> {
    let (tenants, clocks) = keys(timers);
    sqlx::query(
        "delete from timers t
          using unnest($1::integer[], $2::uuid[]) as k (tenant, clock_id)
          where t.tenant = k.tenant and t.clock_id = k.clock_id",
    )
    .bind(tenants)
    .bind(clocks)
    .execute(tx)
    .await?;
    Ok(())
}

async fn postpone(
    tx: &mut PgConnection,
    timers: &[Timer],
    wake_at: Timestamp,
) -> Result<(), sqlx::Error> {
    let (tenants, clocks) = keys(timers);
    sqlx::query(
        "update timers t set wake_at = $3
           from unnest($1::integer[], $2::uuid[]) as k (tenant, clock_id)
          where t.tenant = k.tenant and t.clock_id = k.clock_id",
    )
    .bind(tenants)
    .bind(clocks)
    .bind(wake_at.to_sqlx())
    .execute(tx)
    .await?;
    Ok(())
}

fn keys(timers: &[Timer]) -> (Vec<i32>, Vec<Uuid>) {
    timers.iter().map(|timer| (timer.tenant.0, timer.id)).unzip()
}

fn timer_of(partition: Partition, row: Row) -> Timer {
    let (tenant, ticket_id, id, wake_at, past_until) = row;
    Timer {
        partition,
        tenant: TenantKey(tenant),
        ticket_id: TicketId(ticket_id),
        id,
        wake_at: wake_at.to_jiff(),
        past_until: past_until.map(jiff_sqlx::Timestamp::to_jiff),
    }
}
