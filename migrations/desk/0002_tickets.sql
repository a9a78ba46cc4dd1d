-- What people see of tickets. A projection of the events of intake, routing and sla; nothing
-- here is decided here. Enumerations are the numbers of their protobuf enumerations.

-- One line per ticket. State 0 is a ticket
-- whose registration has not been read yet; no query shows it.
create table tickets (
    tenant             integer     not null,
    ticket_id          uuid        not null,
    received_at        timestamptz not null,
    update_time        timestamptz not null,
    next_due_at        timestamptz,
    -- The order of due times: tickets that are not due come last.
    due_key            timestamptz not null
        generated always as (coalesce(next_due_at, 'infinity'::timestamptz)) stored,
    state              smallint    not null,
    type               smallint    not null,
    priority           smallint    not null,
    channel            smallint    not null,
    next_due_kind      smallint    not null,
    breached           boolean     not null,
    reopen_count       integer     not null,
    reassignment_count integer     not null,
    number             text        not null,
    external_number    text        not null,
    category_code      text        not null,
    queue_id           text        not null,
    agent_id           text        not null,
    -- Who owned it last, to count reassignments.
    last_agent_id      text        not null,
    -- As its event has it, sealed with the ticket's key: an `odzew.common.v1.Sealed`, empty where
    -- there is none.
    sealed_subject     bytea       not null,
    primary key (tenant, ticket_id)
) with (fillfactor = 85);

-- Lists walk one index per state in the order asked for and merge them, so every index that
-- gives an order leads with tenant and state.
create index tickets_received on tickets (tenant, state, received_at, ticket_id);
create index tickets_due on tickets (tenant, state, due_key, ticket_id);
create index tickets_queue on tickets (tenant, queue_id, state, received_at, ticket_id);
create index tickets_agent on tickets (tenant, agent_id, state, received_at, ticket_id)
    where agent_id <> '';
-- For what is rare: a walk in order would pass nearly all tickets to find a page of these.
create index tickets_type on tickets (tenant, type, state, received_at, ticket_id);
create index tickets_priority on tickets (tenant, priority, state, received_at, ticket_id);
create index tickets_breached on tickets (tenant, state, received_at, ticket_id) where breached;
create index tickets_breached_due on tickets (tenant, state, due_key, ticket_id) where breached;
create index tickets_number on tickets (tenant, number);
create index tickets_external on tickets (tenant, external_number) where external_number <> '';

-- The clocks of a ticket, the ended ones too: an ended clock may run again, and a breach
-- counts after its clock has ended.
create table ticket_clocks (
    tenant    integer     not null,
    ticket_id uuid        not null,
    clock_id  uuid        not null,
    -- Null while it stands still.
    due_at    timestamptz,
    kind      smallint    not null,
    running   boolean     not null,
    breached  boolean     not null,
    primary key (tenant, ticket_id, clock_id)
);

-- The history of every ticket across the services, one line per event.
create table timeline (
    tenant       integer     not null,
    position     bigint      not null,
    ticket_id    uuid        not null,
    stream_id    uuid        not null,
    event_id     uuid        not null,
    causation_id uuid,
    occurred_at  timestamptz not null,
    recorded_at  timestamptz not null,
    actor_kind   smallint    not null,
    category     text        not null,
    event_type   text        not null,
    actor_id     text        not null,
    actor_role   text        not null,
    summary      text        not null,
    -- A tenant lives in one partition, so its positions are unique; this is the order of watches.
    primary key (tenant, position)
);
create index timeline_ticket on timeline (tenant, ticket_id, position);
