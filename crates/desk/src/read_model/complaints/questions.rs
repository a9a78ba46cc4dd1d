//! The query of the register: one page of it.
use eventlog::TenantKey;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use prost::Message as _;
use sqlx::PgPool;
use uuid::Uuid;
use wire::desk::v1::Complaint;

use crate::place::LastLine;
use crate::read_model::{Error, cannot};

/// Which complaints are wanted; `None` is all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) states: Vec<i16>,
    pub(crate) regime_code: Option<String>,
    pub(crate) outcomes: Option<Vec<i16>>,
    pub(crate) received_from: Option<Timestamp>,
    pub(crate) received_to: Option<Timestamp>,
    pub(crate) late: bool,
}

/// Reads a page, the newest first, each with its place.
pub(crate) async fn list(
    pool: &PgPool,
    tenant: TenantKey,
    filter: &Filter,
    after: Option<LastLine>,
    limit: i64,
) -> Result<Vec<(LastLine, Complaint)>, Error> {
    type Row = (Uuid, jiff_sqlx::Timestamp, Vec<u8>);
    let lines: Vec<Row> = sqlx::query_as(include_str!("../../../sql/list_complaints.sql"))
        .bind(tenant.0)
        .bind(&filter.states)
        .bind(&filter.regime_code)
        .bind(&filter.outcomes)
        .bind(filter.received_from.map(|at| at.to_sqlx()))
        .bind(filter.received_to.map(|at| at.to_sqlx()))
        .bind(filter.late)
        .bind(after.map(|last| last.id))
        .bind(after.and_then(|last| last.at).map(|at| at.to_sqlx()))
        .bind(limit)
        // Planned for these values: a plan for any values could not use the index that fits.
        .persistent(false)
        .fetch_all(pool)
        .await
        .map_err(cannot("list complaints"))?;
    let read = lines.into_iter().map(|(id, at, line)| {
        Ok((LastLine { at: Some(at.to_jiff()), id }, Complaint::decode(&*line)?))
    });
    read.collect::<Result<_, prost::DecodeError>>()
        .map_err(|error| sqlx::Error::Decode(error.into()))
        .map_err(cannot("read a complaint"))
}
