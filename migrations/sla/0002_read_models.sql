-- Clocks as their events left them: what a list shows, and what the next event changes.
-- Numbers of kind, class, state and outcome are those of odzew.sla.v1.
create table clocks (
    tenant           integer     not null,
    clock_id         uuid        not null,
    ticket_id        uuid        not null,
    kind             integer     not null,
    class            integer     not null,
    cycle            bigint      not null,
    policy_id        text        not null,
    policy_version   bigint      not null,
    regime_code      text        not null,
    regime_version   bigint      not null,
    calendar_id      text        not null,
    calendar_version bigint      not null,
    target_s         bigint      not null,
    last_day         text        not null,
    granted_ms       bigint      not null,
    started_at       timestamptz not null,
    elapsed_ms       bigint      not null,
    state            integer     not null,
    -- Since when it is in that state.
    since            timestamptz not null,
    hold_id          uuid,
    outcome          integer     not null,
    due_at           timestamptz,
    percents         jsonb       not null,
    warn_at          jsonb       not null,
    warned           integer     not null,
    breach_due_at    timestamptz,
    breach_voided    boolean     not null,
    first_outcome    integer     not null,
    primary key (tenant, clock_id)
);
create index clocks_of_ticket on clocks (tenant, ticket_id);
-- State 1: running.
create index clocks_due on clocks (tenant, due_at, clock_id) where state = 1;

-- Instants to wake up for. A row goes when it has fired, or when its clock no longer
-- needs it, whichever is first.
create table timers (
    partition  smallint    not null,
    tenant     integer     not null,
    clock_id   uuid        not null,
    -- Percent of the target, or 100 for the breach.
    what       integer     not null,
    ticket_id  uuid        not null,
    at         timestamptz not null,
    -- It lies in an imported past: what it says is news to nobody.
    historical boolean     not null,
    -- When to look; later than `at` only after a failure.
    wake_at    timestamptz not null,
    primary key (partition, tenant, clock_id, what)
);
create index timers_due on timers (partition, wake_at);
