//! The floor: free agents and waiting tickets, per partition, at one position of the log.
//!
//! Every choice of an owner is made here, one at a time per partition, and stays within
//! the agents' capacities although many tickets are reacted to at once:
//!
//! - The floor starts from the read model and then follows the log itself, so it does not wait for
//!   the projection, which comes after the reactions of its batch. Before a choice for an event,
//!   the floor has reached the position of that event or a later one.
//! - A choice is kept as a *hold* until the floor has read the event that resulted from it. Choices
//!   of this process therefore count at once, although they are made faster than they are appended.
//!
//! Several replicas: the lease lets one of them react per partition. The next holder reads
//! the log to its head before its first choice and so knows all that the one before it
//! appended. While two believe that they hold the lease, an agent may be given more than
//! the capacity by what the two choose in those moments; each ticket still gets one owner,
//! because the route refuses a second. People may assign beyond a capacity at any time.
mod board;
mod holds;
#[cfg(test)]
mod tests;

pub(crate) use board::{Choice, Who, Wish};
pub(crate) use holds::Hold;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use domain::ids::{AgentId, QueueId, TeamId, TicketId};
use domain::route::{Course, Method, Placing};
use domain::rules::Rules;
use domain::{directory, rules};
use eventlog::subscription::HandlerError;
use eventlog::{Log, Partition, Recorded, Tenant, TenantKey};
use sqlx::PgPool;
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;
use wire::Payload as _;

use crate::change;
use crate::directories::Directories;
use crate::read_model;
use board::Board;
use holds::Holds;

/// Events per read when following the log.
const PAGE: u32 = 2_000;
/// Holds after which the log is read although nobody asked: each choice looks at all of them.
const MANY_HOLDS: usize = 64;

/// The floors of all partitions.
#[derive(Debug)]
pub(crate) struct Floors {
    log: Log,
    pool: PgPool,
    directories: Arc<Directories>,
    floors: BTreeMap<Partition, Mutex<Floor>>,
}

/// The tenants of one partition, at one position.
#[derive(Debug, Default)]
struct Floor {
    /// None before the first use.
    position: Option<u64>,
    /// The event at that position, once one was read. It is looked for at every look: if another one
    /// stands there, a restore or a failover has lost what is known, and the floor begins anew.
    last: Option<Uuid>,
    boards: HashMap<TenantKey, Board>,
    holds: Holds,
}

impl Floors {
    pub(crate) fn new(log: Log, pool: PgPool, directories: Arc<Directories>) -> Self {
        let floors =
            log.partitions().iter().map(|&partition| (partition, Mutex::default())).collect();
        Self { log, pool, directories, floors }
    }

    /// The tenant's part of the floor as of `position` or later; nobody else chooses in
    /// this partition until the answer is dropped.
    pub(crate) async fn at<'a>(
        &'a self,
        tenant: &'a Tenant,
        position: u64,
    ) -> Result<Seat<'a>, HandlerError> {
        let floor = self.floors.get(&tenant.partition).ok_or_else(|| {
            HandlerError::transient(format!("partition {} is not installed", tenant.partition))
        })?;
        let mut floor = floor.lock().await;
        let behind = floor.position.is_none_or(|reached| reached < position);
        if behind || floor.holds.appended() >= MANY_HOLDS {
            self.follow(&mut floor, tenant.partition).await?;
        }
        if floor.boards.get(&tenant.key).is_none_or(|board| !board.is_staffed()) {
            let directory = self.directories.read(tenant, Clone::clone).await?;
            let id = rules::stream_id(&tenant.name);
            let rules = eventlog::load::<Rules>(&self.log, tenant, id).await?;
            floor.boards.entry(tenant.key).or_default().staff(directory, rules.state);
        }
        Ok(Seat { floor, tenant: tenant.key })
    }

    /// Reads the log up to its head; the first time, and when far behind, from the read
    /// model on.
    async fn follow(&self, floor: &mut Floor, partition: Partition) -> Result<(), HandlerError> {
        let mut position = match floor.position {
            Some(position) => position,
            None => self.restart(floor, partition).await?,
        };
        let mut restarted = floor.position.is_none();
        loop {
            let after = if floor.last.is_some() { position.saturating_sub(1) } else { position };
            let page = self.log.read_partition(partition, after, PAGE).await?;
            let mut events = page.iter();
            if let Some(last) = floor.last.take()
                && events.next().is_none_or(|event| event.event_id != last)
            {
                floor.position = None;
                restarted = true;
                position = self.restart(floor, partition).await?;
                continue;
            }
            for event in events {
                floor.apply(event);
                position = event.position;
            }
            floor.position = Some(position);
            floor.last = page.last().map(|event| event.event_id);
            if !self.log.is_full(&page, PAGE) {
                floor.holds.settle(position);
                return Ok(());
            }
            if !restarted {
                restarted = true;
                let snapshot = self.restart(floor, partition).await?;
                if snapshot > position {
                    (position, floor.last) = (snapshot, None);
                }
            }
        }
    }

    /// Restarts from the read model if that is further.
    async fn restart(&self, floor: &mut Floor, partition: Partition) -> Result<u64, HandlerError> {
        let snapshot = read_model::snapshot(&self.pool, partition).await?;
        if floor.position.is_some_and(|position| position >= snapshot.position) {
            return Ok(snapshot.position);
        }
        floor.boards.clear();
        for ((tenant, ticket_id), route) in snapshot.routes {
            floor.boards.entry(tenant).or_default().place(ticket_id, Some(route));
        }
        for ((tenant, ticket_id), priority) in snapshot.early_priorities {
            floor.boards.entry(tenant).or_default().prioritise(ticket_id, priority);
        }
        for load in snapshot.loads {
            let board = floor.boards.entry(load.tenant).or_default();
            board.given(&load.agent_id, load.last_assigned_at);
        }
        Ok(snapshot.position)
    }
}

impl Floor {
    /// An event that cannot be read changes nothing here; the subscription parks it.
    fn apply(&mut self, event: &Recorded) {
        let category = event.stream.category.as_ref();
        if category == directory::Event::CATEGORY || category == rules::Event::CATEGORY {
            // A board that nobody has asked for yet will load both whole.
            if let Some(board) = self.boards.get_mut(&event.tenant) {
                board.amend(event);
            }
        } else if let Ok(Some((ticket_id, change))) = change::read(event) {
            let board = self.boards.entry(event.tenant).or_default();
            board.apply(ticket_id, &change, event);
        }
    }
}

/// Who comes after an owner who did not accept.
#[derive(Debug)]
pub(crate) struct Succession {
    /// Who gets the ticket; `None` if nobody is left.
    pub(crate) next: Option<(Choice, Hold)>,
    /// How the next owner is found.
    pub(crate) method: Method,
    /// The team that serves the queue.
    pub(crate) team_id: Option<TeamId>,
    /// Who leads it.
    pub(crate) lead_agent_ids: Vec<AgentId>,
}

/// The floor of one tenant, for one choice or several that belong together.
#[derive(Debug)]
pub(crate) struct Seat<'a> {
    floor: MutexGuard<'a, Floor>,
    tenant: TenantKey,
}

impl Seat<'_> {
    fn board(&self) -> &Board {
        self.floor.boards.get(&self.tenant).expect("Floors::at has staffed the board")
    }

    /// Where a ticket belongs, and whether it stands there already.
    pub(crate) fn wish(
        &self,
        ticket_id: TicketId,
        facts: &crate::facts::TicketFacts,
        now: jiff::Timestamp,
    ) -> Wish {
        self.board().wish(ticket_id, facts, now)
    }

    /// The owner of a ticket that is about to be queued, held for it.
    pub(crate) fn choose(
        &mut self,
        ticket_id: TicketId,
        placing: &Placing,
        who: Who<'_>,
    ) -> Option<(Choice, Hold)> {
        let held = self.held();
        let choice = self.board().choose(ticket_id, placing, who, &held)?;
        let hold = self.floor.holds.take(self.tenant, ticket_id, choice.agent_id.clone());
        Some((choice, hold))
    }

    /// Who comes after an owner who did not accept the ticket, held for it, and who is told.
    ///
    /// # Errors
    /// Transient if an owner is being chosen for it at this moment.
    pub(crate) fn succeed(
        &mut self,
        ticket_id: TicketId,
        course: &Course,
        without: &BTreeSet<AgentId>,
    ) -> Result<Succession, HandlerError> {
        let held = self.held();
        if held.contains_key(&ticket_id) {
            return Err(HandlerError::transient("an owner is being chosen for the ticket"));
        }
        let (team_id, lead_agent_ids) = self.leads_of(&course.queue.queue_id);
        let board = self.board();
        let next = board.next_owner(ticket_id, without, &held);
        let method = board.method_of(ticket_id, course.queue.level);
        let next = next.map(|choice| {
            let agent_id = choice.agent_id.clone();
            let hold = self.floor.holds.take(self.tenant, ticket_id, agent_id);
            (choice, hold)
        });
        Ok(Succession { next, method, team_id, lead_agent_ids })
    }

    /// The team that serves a queue, and who leads it.
    pub(crate) fn leads_of(&self, queue_id: &QueueId) -> (Option<TeamId>, Vec<AgentId>) {
        self.board().leads_of(queue_id)
    }

    /// A page of the tickets of an agent who takes none now, each with whether it is critical.
    pub(crate) fn left_by(
        &self,
        agent_id: &AgentId,
        after: Option<TicketId>,
        limit: usize,
    ) -> Vec<(TicketId, bool)> {
        self.board().left_by(agent_id, after, limit)
    }

    /// Owners for tickets that wait, most urgent first, each held; at most `limit`, and
    /// none for the tickets in `skip`.
    pub(crate) fn match_waiting(
        &mut self,
        limit: usize,
        skip: &HashSet<TicketId>,
    ) -> Vec<(Choice, Hold)> {
        let mut held = self.held();
        let choices = self.board().match_waiting(limit, skip, &mut held);
        choices
            .into_iter()
            .map(|choice| {
                let agent_id = choice.agent_id.clone();
                let hold = self.floor.holds.take(self.tenant, choice.ticket_id, agent_id);
                (choice, hold)
            })
            .collect()
    }

    /// What was chosen and is not yet in the routes.
    fn held(&self) -> HashMap<TicketId, AgentId> {
        let board = self.board();
        let mut held = self.floor.holds.of(self.tenant);
        held.retain(|ticket_id, agent_id| !board.is_owned_by(*ticket_id, agent_id));
        held
    }
}
