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

-- How many tickets each agent owns, and since when the agent was given none.
create table agent_loads (
    tenant           integer     not null,
    agent_id         text        not null,
    partition        smallint    not null,
    owned            integer     not null,
    last_assigned_at timestamptz not null,
    primary key (tenant, agent_id)
);
create index agent_loads_partition on agent_loads (partition);
