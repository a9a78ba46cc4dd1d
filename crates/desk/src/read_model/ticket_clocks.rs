//! Table `ticket_clocks`: when the clocks of a ticket are due, and which were breached.
use std::collections::BTreeMap;

use domain::policy::ClockKind;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;
use wire::DecodeError;
use wire::scalar::{instant_opt, uuid};
use wire::sla::v1;
use wire::words::known;

use super::{Key, columns, small};
use crate::facts::Fact;

/// One clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Clock {
    /// `None` while it is paused.
    pub(crate) due_at: Option<Timestamp>,
    /// `sla.v1.ClockKind`.
    pub(crate) kind: i16,
    pub(crate) running: bool,
    /// A breach that counts.
    pub(crate) breached: bool,
}

/// The clocks of one ticket, the ended ones too.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clocks {
    clocks: BTreeMap<Uuid, Clock>,
    changed: bool,
}

impl Clocks {
    /// Applies an event of a clock stream; others change nothing.
    pub(crate) fn apply(&mut self, fact: &Fact) -> Result<(), DecodeError> {
        match fact {
            Fact::ClockStarted(e) => {
                let id = uuid(&e.clock_id, "clock_id")?;
                let due_at = instant_opt(e.due_at.as_ref(), "due_at")?;
                let breached = self.clocks.get(&id).is_some_and(|clock| clock.breached);
                let clock = Clock { due_at, kind: small(e.kind), running: true, breached };
                self.clocks.insert(id, clock);
                self.changed = true;
            }
            Fact::ClockPaused(e) => self.change(&e.clock_id, |clock| {
                clock.running = false;
                clock.due_at = None;
            })?,
            Fact::ClockResumed(e) => {
                let due_at = instant_opt(e.due_at.as_ref(), "due_at")?;
                self.change(&e.clock_id, |clock| {
                    clock.running = true;
                    clock.due_at = due_at;
                })?;
            }
            Fact::ClockRetargeted(e) => {
                let due_at = instant_opt(e.due_at.as_ref(), "due_at")?;
                self.change(&e.clock_id, |clock| clock.due_at = due_at)?;
            }
            Fact::ClockBreached(e) => self.change(&e.clock_id, |clock| clock.breached = true)?,
            Fact::ClockStopped(e) => self.change(&e.clock_id, |clock| clock.running = false)?,
            Fact::BreachVoided(e) => self.change(&e.clock_id, |clock| clock.breached = false)?,
            _ => {}
        }
        Ok(())
    }

    /// An event of a clock whose start could not be read changes nothing.
    fn change(&mut self, id: &str, change: impl FnOnce(&mut Clock)) -> Result<(), DecodeError> {
        if let Some(clock) = self.clocks.get_mut(&uuid(id, "clock_id")?) {
            change(clock);
            self.changed = true;
        }
        Ok(())
    }

    /// The running clock that is due first, and what it measures. What the customer waits for
    /// comes before what we wait for among ourselves.
    pub(crate) fn next_due(&self) -> Option<(Timestamp, i16)> {
        let running = self.clocks.values().filter(|clock| clock.running);
        let due = running.filter_map(|c| Some((!is_for_customer(c.kind), c.due_at?, c.kind)));
        due.min().map(|(_, due_at, kind)| (due_at, kind))
    }

    pub(crate) fn breached(&self) -> bool {
        self.clocks.values().any(|clock| clock.breached)
    }
}

/// A kind that this version does not know may be for the customer.
fn is_for_customer(kind: i16) -> bool {
    known::<v1::ClockKind, _>(i32::from(kind), "kind").map_or(true, ClockKind::is_for_customer)
}

type Row = (i32, Uuid, Uuid, Option<jiff_sqlx::Timestamp>, i16, bool, bool);

/// The clocks of these tickets, with an entry for each ticket.
pub(crate) async fn load(
    tx: &mut PgConnection,
    keys: Vec<Key>,
) -> Result<BTreeMap<Key, Clocks>, sqlx::Error> {
    let (tenants, tickets) = columns(keys.iter());
    let rows: Vec<Row> = sqlx::query_as(
        "select c.tenant, c.ticket_id, c.clock_id, c.due_at, c.kind, c.running, c.breached
           from unnest($1::integer[], $2::uuid[]) as k (tenant, ticket_id)
           join ticket_clocks c on c.tenant = k.tenant and c.ticket_id = k.ticket_id",
    )
    .bind(tenants)
    .bind(tickets)
    // Planned each time, for the size the table has now: it is read once per batch.
    .persistent(false)
    .fetch_all(tx)
    .await?;
    let mut found: BTreeMap<Key, Clocks> =
        keys.into_iter().map(|key| (key, Clocks::default())).collect();
    for (tenant, ticket_id, clock_id, due_at, kind, running, breached) in rows {
        let due_at = due_at.map(jiff_sqlx::Timestamp::to_jiff);
        let clocks = found.entry((tenant, ticket_id)).or_default();
        clocks.clocks.insert(clock_id, Clock { due_at, kind, running, breached });
    }
    Ok(found)
}

/// Writes what changed.
pub(crate) async fn store(
    tx: &mut PgConnection,
    tickets: &BTreeMap<Key, Clocks>,
) -> Result<(), sqlx::Error> {
    let changed = tickets.iter().filter(|(_, clocks)| clocks.changed);
    let rows: Vec<(Key, Uuid, Clock)> = changed
        .flat_map(|(key, clocks)| clocks.clocks.iter().map(|(id, clock)| (*key, *id, *clock)))
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let (tenants, ids) = columns(rows.iter().map(|(key, ..)| key));
    sqlx::query(include_str!("../../sql/store_clocks.sql"))
        .bind(tenants)
        .bind(ids)
        .bind(rows.iter().map(|(_, id, _)| *id).collect::<Vec<_>>())
        .bind(
            rows.iter().map(|(.., clock)| clock.due_at.map(|at| at.to_sqlx())).collect::<Vec<_>>(),
        )
        .bind(rows.iter().map(|(.., clock)| clock.kind).collect::<Vec<_>>())
        .bind(rows.iter().map(|(.., clock)| clock.running).collect::<Vec<_>>())
        .bind(rows.iter().map(|(.., clock)| clock.breached).collect::<Vec<_>>())
        .execute(tx)
        .await?;
    Ok(())
}
