//! Folds the events of all services into the tables, a batch at a time.
use std::collections::{BTreeMap, BTreeSet};

use eventlog::sealing::Keyring;
use eventlog::{HandlerError, Recorded, Subscriber};
use sqlx::PgConnection;
use uuid::Uuid;
use wire::scalar;

use crate::facts::{self, Fact};
use crate::read_model::tickets::Ticket;
use crate::read_model::{Key, complaints, ticket_clocks, tickets, timeline};

/// The service's subscriber. It reacts to nothing: the service owns no streams. It needs no keys:
/// what is sealed is kept sealed.
#[derive(Debug, Clone, Default)]
pub struct Projection {
    /// What the service remembers of keys, until a party is erased; none in a rebuild.
    pub(crate) keys: Option<Keyring>,
}

impl Subscriber for Projection {
    async fn project(
        &self,
        tx: &mut PgConnection,
        events: &[Recorded],
    ) -> Result<(), HandlerError> {
        let mut told = Vec::with_capacity(events.len());
        let mut entries = Vec::with_capacity(events.len());
        for event in events.iter().filter(|e| facts::tells_of_tickets(&e.stream.category)) {
            let (one, entry) = read(event)?;
            told.push(one);
            entries.push(entry);
        }
        if told.is_empty() {
            return Ok(());
        }
        fold(tx, &told).await?;
        timeline::store(tx, &entries).await?;
        Ok(())
    }

    async fn react(&self, _: &Recorded) -> Result<(), HandlerError> {
        Ok(())
    }

    fn committed(&self, events: &[Recorded]) {
        if let Some(keys) = &self.keys
            && events.iter().any(|event| event.event_type == wire::event::PARTY_ERASED)
        {
            keys.forget();
        }
    }
}

/// An event and the ticket it tells of.
struct Told<'a> {
    event: &'a Recorded,
    ticket_id: Uuid,
    fact: Fact,
}

impl Told<'_> {
    fn key(&self) -> Key {
        (self.event.tenant.0, self.ticket_id)
    }

    /// Whether it changes the line of its ticket. Notices, and how a message found its ticket,
    /// are history only.
    fn changes_ticket(&self) -> bool {
        let history_only = matches!(&*self.event.stream.category, "notice" | "inbound");
        !matches!(self.fact, Fact::Unknown) && !history_only
    }

    fn is_of_clocks(&self) -> bool {
        self.event.stream.category == "clock"
    }
}

fn read(event: &Recorded) -> Result<(Told<'_>, timeline::Entry), HandlerError> {
    let metadata = event.metadata()?;
    let ticket_id = scalar::uuid(&metadata.correlation_id, "correlation_id")?;
    let fact = facts::read(event)?;
    let entry = timeline::Entry::new(event, metadata, ticket_id, &fact)?;
    Ok((Told { event, ticket_id, fact }, entry))
}

/// Reads the lines that the events change, changes them in memory, writes them back: a handful
/// of statements, however many events there are.
async fn fold(tx: &mut PgConnection, told: &[Told<'_>]) -> Result<(), HandlerError> {
    let changing = || told.iter().filter(|one| one.changes_ticket());
    let keys: BTreeSet<Key> = changing().map(Told::key).collect();
    if keys.is_empty() {
        return Ok(());
    }
    let of_clocks: BTreeSet<Key> =
        changing().filter(|one| one.is_of_clocks()).map(Told::key).collect();
    let keys: Vec<Key> = keys.into_iter().collect();
    let mut lines = tickets::load(tx, &keys).await?;
    let mut clocks = match of_clocks.is_empty() {
        true => Default::default(),
        false => ticket_clocks::load(tx, of_clocks.into_iter().collect()).await?,
    };
    for one in changing() {
        let key = one.key();
        let line = lines.entry(key).or_insert_with(|| Ticket::unread(one.event, one.ticket_id));
        line.apply(one.event, &one.fact)?;
        if let Some(clocks) = clocks.get_mut(&key).filter(|_| one.is_of_clocks()) {
            clocks.apply(&one.fact)?;
            line.follow(clocks);
        }
    }
    tickets::store(tx, &lines).await?;
    ticket_clocks::store(tx, &clocks).await?;
    register(tx, told, &lines).await
}

/// The same for the register of complaints; the ticket's number stands in its line.
async fn register(
    tx: &mut PgConnection,
    told: &[Told<'_>],
    lines: &BTreeMap<Key, Ticket>,
) -> Result<(), HandlerError> {
    let concerning = || told.iter().filter(|one| complaints::concerns(&one.fact));
    let keys: BTreeSet<Key> = concerning().map(Told::key).collect();
    if keys.is_empty() {
        return Ok(());
    }
    let mut registered = complaints::load(tx, &keys).await?;
    for one in concerning() {
        let key = one.key();
        let number = lines.get(&key).map_or("", |line| &line.number);
        registered.entry(key).or_default().apply(one.event, &one.fact, number)?;
    }
    complaints::store(tx, &registered).await
}
