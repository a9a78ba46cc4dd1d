//! Routes that have not ended: waiting tickets, and tickets with their owners.
use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{AgentId, QueueId, TicketId};
use domain::priority::Priority;
use domain::skill::{Skill, SkillName};
use eventlog::{Partition, Recorded, TenantKey};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use super::RouteKey;
use crate::change::Change;

/// A route that has not ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OpenRoute {
    /// Where the tenant lives.
    pub(crate) partition: Partition,
    /// The queue it stands in or came from.
    pub(crate) queue_id: QueueId,
    /// Skills that its owner must have.
    pub(crate) required_skills: Vec<Skill>,
    /// Who gets it if free.
    pub(crate) preferred_agent: Option<AgentId>,
    /// Who does not get it by routing.
    pub(crate) excluded_agents: BTreeSet<AgentId>,
    /// Priority of the ticket.
    pub(crate) priority: Option<Priority>,
    /// When the organisation received the ticket.
    pub(crate) received_at: Timestamp,
    /// Who owns it; none while it waits.
    pub(crate) owner: Option<AgentId>,
    /// When it was queued or given to its owner.
    pub(crate) since: Timestamp,
}

/// What is known of a ticket.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Known {
    /// Its route; none before it begins and after it has ended.
    pub(crate) route: Option<OpenRoute>,
    /// The priority that it got meanwhile, for the route that is about to begin: what queues the
    /// ticket had been read before.
    pub(crate) early_priority: Option<Priority>,
}

impl Known {
    /// What is known after the change.
    pub(crate) fn after(self, change: &Change, event: &Recorded) -> Self {
        let Self { route, early_priority } = self;
        match change {
            Change::Queued(queued) => {
                // A return to the queue repeats the priority of the first time.
                let latest = early_priority.or(route.and_then(|route| route.priority));
                let route = OpenRoute {
                    partition: event.partition,
                    queue_id: queued.queue_id.clone(),
                    required_skills: queued.required_skills.clone(),
                    preferred_agent: queued.preferred_agent.clone(),
                    excluded_agents: queued.excluded_agents.clone(),
                    priority: latest.or(queued.priority),
                    received_at: queued.received_at,
                    owner: None,
                    since: event.occurred_at,
                };
                Self { route: Some(route), early_priority: None }
            }
            Change::Assigned(agent_id) => {
                let owner = Some(agent_id.clone());
                let since = event.occurred_at;
                let route = route.map(|route| OpenRoute { owner, since, ..route });
                Self { route, early_priority }
            }
            Change::Ended => Self { route: None, early_priority },
            Change::Prioritised(priority) => {
                let priority = Some(*priority);
                match route {
                    Some(route) => {
                        Self { route: Some(OpenRoute { priority, ..route }), early_priority: None }
                    }
                    None => Self { route: None, early_priority: priority },
                }
            }
            Change::Closed => Self { route, early_priority: None },
        }
    }
}

type Row = (
    i32,
    Uuid,
    i16,
    Option<i16>,
    jiff_sqlx::Timestamp,
    jiff_sqlx::Timestamp,
    String,
    Option<String>,
    Option<String>,
    String,
    String,
);

/// Fills in the stored routes of the tickets asked for.
pub(super) async fn read(
    tx: &mut PgConnection,
    known: &mut BTreeMap<RouteKey, Known>,
) -> Result<(), sqlx::Error> {
    let (tenants, tickets) = columns(known.keys());
    let rows: Vec<Row> = sqlx::query_as(
        "select tenant, ticket_id, partition, priority, received_at, since, queue_id, owner,
                preferred_agent, excluded_agents, required_skills
           from open_routes
          where (tenant, ticket_id) in (select * from unnest($1::integer[], $2::uuid[]))",
    )
    .bind(tenants)
    .bind(tickets)
    .fetch_all(tx)
    .await?;
    for row in rows {
        let (key, route) = from_row(row)?;
        known.entry(key).or_default().route = Some(route);
    }
    Ok(())
}

/// Every route of a partition.
pub(super) async fn of_partition(
    tx: &mut PgConnection,
    partition: Partition,
) -> Result<Vec<(RouteKey, OpenRoute)>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "select tenant, ticket_id, partition, priority, received_at, since, queue_id, owner,
                preferred_agent, excluded_agents, required_skills
           from open_routes where partition = $1",
    )
    .bind(partition.0)
    .fetch_all(tx)
    .await?;
    rows.into_iter().map(from_row).collect()
}

/// Writes what a batch changed.
pub(super) async fn write(
    tx: &mut PgConnection,
    before: &BTreeMap<RouteKey, Known>,
    after: &BTreeMap<RouteKey, Known>,
) -> Result<(), sqlx::Error> {
    let route = |known: &BTreeMap<RouteKey, Known>, key| {
        known.get(key).and_then(|known| known.route.clone())
    };
    let changed = || after.iter().filter(|(key, known)| route(before, key) != known.route);
    let ended: Vec<_> =
        changed().filter(|(_, known)| known.route.is_none()).map(|(key, _)| *key).collect();
    if !ended.is_empty() {
        let (tenants, tickets) = columns(ended.iter());
        sqlx::query(
            "delete from open_routes
              where (tenant, ticket_id) in (select * from unnest($1::integer[], $2::uuid[]))",
        )
        .bind(tenants)
        .bind(tickets)
        .execute(&mut *tx)
        .await?;
    }
    let open: Vec<_> =
        changed().filter_map(|(key, known)| Some((key, known.route.as_ref()?))).collect();
    if open.is_empty() { Ok(()) } else { upsert(tx, &open).await }
}

async fn upsert(
    tx: &mut PgConnection,
    open: &[(&RouteKey, &OpenRoute)],
) -> Result<(), sqlx::Error> {
    fn column<T>(open: &[(&RouteKey, &OpenRoute)], value: impl Fn(&OpenRoute) -> T) -> Vec<T> {
        open.iter().map(|(_, route)| value(route)).collect()
    }
    let (tenants, tickets) = columns(open.iter().map(|(key, _)| *key));
    sqlx::query(
        "insert into open_routes (tenant, ticket_id, partition, priority, received_at, since,
                                  queue_id, owner, preferred_agent, excluded_agents,
                                  required_skills)
         select * from unnest($1::integer[], $2::uuid[], $3::smallint[], $4::smallint[],
                              $5::timestamptz[], $6::timestamptz[], $7::text[], $8::text[],
                              $9::text[], $10::text[], $11::text[])
         on conflict (tenant, ticket_id) do update
            set partition = excluded.partition, priority = excluded.priority,
                received_at = excluded.received_at, since = excluded.since,
                queue_id = excluded.queue_id, owner = excluded.owner,
                preferred_agent = excluded.preferred_agent,
                excluded_agents = excluded.excluded_agents,
                required_skills = excluded.required_skills",
    )
    .bind(tenants)
    .bind(tickets)
    .bind(column(open, |route| route.partition.0))
    .bind(column(open, |route| route.priority.map(priority_number)))
    .bind(column(open, |route| route.received_at.to_sqlx()))
    .bind(column(open, |route| route.since.to_sqlx()))
    .bind(column(open, |route| route.queue_id.0.clone()))
    .bind(column(open, |route| route.owner.as_ref().map(|agent| agent.0.clone())))
    .bind(column(open, |route| route.preferred_agent.as_ref().map(|agent| agent.0.clone())))
    .bind(column(open, |route| write_agents(&route.excluded_agents)))
    .bind(column(open, |route| write_skills(&route.required_skills)))
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) fn columns<'a>(keys: impl Iterator<Item = &'a RouteKey>) -> (Vec<i32>, Vec<Uuid>) {
    keys.map(|(tenant, ticket_id)| (tenant.0, ticket_id.0)).unzip()
}

fn from_row(row: Row) -> Result<(RouteKey, OpenRoute), sqlx::Error> {
    let (
        tenant,
        ticket,
        partition,
        priority,
        received,
        since,
        queue,
        owner,
        preferred,
        excluded,
        skills,
    ) = row;
    let route = OpenRoute {
        partition: Partition(partition),
        queue_id: QueueId(queue),
        required_skills: read_skills(&skills)
            .ok_or_else(|| sqlx::Error::Decode("required_skills".into()))?,
        preferred_agent: preferred.map(AgentId),
        excluded_agents: excluded.split_whitespace().map(|id| AgentId(id.to_owned())).collect(),
        priority: priority.and_then(priority_of),
        received_at: received.to_jiff(),
        owner: owner.map(AgentId),
        since: since.to_jiff(),
    };
    Ok(((TenantKey(tenant), TicketId(ticket)), route))
}

pub(super) fn priority_number(priority: Priority) -> i16 {
    match priority {
        Priority::P1 => 1,
        Priority::P2 => 2,
        Priority::P3 => 3,
        Priority::P4 => 4,
    }
}

pub(super) fn priority_of(number: i16) -> Option<Priority> {
    Priority::ALL.into_iter().find(|priority| priority_number(*priority) == number)
}

/// Ids separated by spaces, which none of them has.
fn write_agents(agents: &BTreeSet<AgentId>) -> String {
    let ids: Vec<_> = agents.iter().map(|agent| agent.0.as_str()).collect();
    ids.join(" ")
}

/// `name:level` separated by spaces; neither occurs in a name.
fn write_skills(skills: &[Skill]) -> String {
    let words: Vec<_> =
        skills.iter().map(|skill| format!("{}:{}", skill.name.0, skill.level)).collect();
    words.join(" ")
}

fn read_skills(text: &str) -> Option<Vec<Skill>> {
    text.split_whitespace()
        .map(|word| {
            let (name, level) = word.split_once(':')?;
            Some(Skill { name: SkillName(name.to_owned()), level: level.parse().ok()? })
        })
        .collect()
}
