//! The queries of the table: one page of a list, and one ticket by id, number or external id.
use eventlog::TenantKey;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::{AssertSqlSafe, PgPool};
use uuid::Uuid;

use super::Ticket;
use crate::place::LastLine;
use crate::read_model::{Error, cannot};

/// Which tickets are wanted; `None` is all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filter {
    /// Never empty: each state has a walk of its own.
    pub(crate) states: Vec<i16>,
    pub(crate) priorities: Option<Vec<i16>>,
    pub(crate) types: Option<Vec<i16>>,
    pub(crate) queue_id: Option<String>,
    pub(crate) agent_id: Option<String>,
    pub(crate) breached: Option<bool>,
    pub(crate) due_before: Option<Timestamp>,
}

/// In which order; the ticket's id decides between equals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    ReceivedDesc,
    ReceivedAsc,
    DueAsc,
}

impl Order {
    /// The place of a ticket in this order.
    pub(crate) fn place(self, ticket: &Ticket) -> LastLine {
        let at = match self {
            Self::ReceivedDesc | Self::ReceivedAsc => Some(ticket.received_at),
            Self::DueAsc => ticket.next_due_at,
        };
        LastLine { at: at.map(jiff_sqlx::Timestamp::to_jiff), id: ticket.ticket_id }
    }

    fn statement(self) -> String {
        let (key, direction, after) = match self {
            Self::ReceivedDesc => ("received_at", "desc", "<"),
            Self::ReceivedAsc => ("received_at", "asc", ">"),
            Self::DueAsc => ("due_key", "asc", ">"),
        };
        let page = include_str!("../../../sql/list.sql");
        page.replace("{key}", key).replace("{direction}", direction).replace("{after}", after)
    }
}

/// One page of a list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    pub(crate) order: Order,
    pub(crate) after: Option<LastLine>,
    pub(crate) limit: i64,
}

/// Reads a page.
pub(crate) async fn list(
    pool: &PgPool,
    tenant: TenantKey,
    filter: &Filter,
    page: Page,
) -> Result<Vec<Ticket>, Error> {
    let (priorities, priority) = many_or_one(&filter.priorities);
    let (types, kind) = many_or_one(&filter.types);
    sqlx::query_as(AssertSqlSafe(page.order.statement()))
        .bind(tenant.0)
        .bind(&filter.states)
        .bind(priorities)
        .bind(types)
        .bind(&filter.queue_id)
        .bind(&filter.agent_id)
        .bind(filter.breached)
        .bind(filter.due_before.map(|at| at.to_sqlx()))
        .bind(page.after.map(|last| last.id))
        .bind(page.after.and_then(|last| last.at).map(|at| at.to_sqlx()))
        .bind(page.limit)
        .bind(priority)
        .bind(kind)
        // Planned for these values: a plan for any values could not use the index that fits.
        .persistent(false)
        .fetch_all(pool)
        .await
        .map_err(cannot("list tickets"))
}

fn many_or_one(choices: &Option<Vec<i16>>) -> (Option<&[i16]>, Option<i16>) {
    match choices.as_deref() {
        Some([one]) => (None, Some(*one)),
        many => (many, None),
    }
}

/// What a ticket is asked for by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Name {
    Id(Uuid),
    Number(String),
    /// Other systems may use a number twice; the newest ticket has it.
    External(String),
}

/// Finds a ticket.
pub(crate) async fn find(
    pool: &PgPool,
    tenant: TenantKey,
    name: &Name,
) -> Result<Option<Ticket>, Error> {
    let (id, number, external) = match name {
        Name::Id(id) => (Some(*id), None, None),
        Name::Number(number) => (None, Some(number), None),
        Name::External(number) => (None, None, Some(number)),
    };
    sqlx::query_as(include_str!("../../../sql/find.sql"))
        .bind(tenant.0)
        .bind(id)
        .bind(number)
        .bind(external)
        .persistent(false)
        .fetch_optional(pool)
        .await
        .map_err(cannot("find a ticket"))
}
