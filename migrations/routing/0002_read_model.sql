-- Tickets whose route has not ended: what waits, and who owns what. A row leaves with the
-- end of its route; a reopened ticket comes back.
create table open_routes (
    tenant          integer     not null,
    ticket_id       uuid        not null,
    partition       smallint    not null,
    priority        smallint    check (priority between 1 and 4),
    received_at     timestamptz not null,
    since           timestamptz not null,
    queue_id        text        not null,
    owner           text,
    preferred_agent text,
    -- Who does not get it by routing: opaque ids separated by spaces, which none of them has.
    excluded_agents text        not null default '',
    -- `name:level` separated by spaces; names are [a-z0-9-].
    required_skills text        not null,
    primary key (tenant, ticket_id)
);
create index open_routes_partition on open_routes (partition);

-- How many tickets stand in each queue.
create table queue_depths (
    tenant   integer not null,
    queue_id text    not null,
    waiting  integer not null,
    assigned integer not null,
    primary key (tenant, queue_id)
);

-- Since when each agent was given no ticket. How many the agent owns is counted from the open routes.
create table agent_loads (
    tenant           integer     not null,
    agent_id         text        not null,
    partition        smallint    not null,
    last_assigned_at timestamptz not null,
    primary key (tenant, agent_id)
);
create index agent_loads_partition on agent_loads (partition);

-- Priorities that tickets got while they had no open route: after the ticket was read to be queued
-- and before it was, or while it was resolved. A row leaves when a route begins or the ticket closes.
create table early_priorities (
    tenant    integer  not null,
    ticket_id uuid     not null,
    partition smallint not null,
    priority  smallint not null check (priority between 1 and 4),
    primary key (tenant, ticket_id)
);
create index early_priorities_partition on early_priorities (partition);
