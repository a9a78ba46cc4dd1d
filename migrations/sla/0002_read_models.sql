-- Clocks as their events left them: what a list shows, and what the next event changes.
-- Numbers of kind, class, state and outcome are those of odzew.sla.v1.
create table clocks (
    tenant           integer     not null,
    clock_id         uuid        not null,
    ticket_id        uuid        not null,
    -- The promise, hold, assignment, complaint, appeal or remedy that it belongs to.
    subject_ref      uuid,
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
    -- Of clocks that end with a local day: where the count of days ended before it moved on.
    unrolled_day     text,
    granted_ms       bigint      not null,
    started_at       timestamptz not null,
    elapsed_ms       bigint      not null,
    state            integer     not null,
    -- Since when it is in that state.
    since            timestamptz not null,
    hold_id          uuid,
    outcome          integer     not null,
    due_at           timestamptz,
    -- When the answer should leave to be safe.
    safe_due_at      timestamptz,
    -- What was promised (odzew.intake.v1.PromiseKind).
    promise          integer,
    -- What the law reads into silence (odzew.sla.v1.SilenceEffect).
    silence          integer,
    -- Lists that nobody looks into but who wrote them: JSON.
    percents         text        not null,
    warn_at          text        not null,
    warned           integer     not null,
    breach_due_at    timestamptz,
    breach_voided    boolean     not null,
    first_outcome    integer     not null,
    primary key (tenant, clock_id)
);
create index clocks_of_ticket on clocks (tenant, ticket_id);
-- State 1: running.
create index clocks_due on clocks (tenant, due_at, clock_id) where state = 1;

-- One row per clock or timer: when to look at it next. What has come by then its events tell. A row
-- goes when its clock needs it no longer.
create table timers (
    partition  smallint    not null,
    tenant     integer     not null,
    -- The clock, or the timer that happens by itself.
    clock_id   uuid        not null,
    ticket_id  uuid        not null,
    -- Its next instant; later only after a failure.
    wake_at    timestamptz not null,
    -- An instant up to here lay in an imported past: what comes of it is news to nobody.
    past_until timestamptz,
    -- Found by its clock alone. With the partition in front, a plan made on an empty table could
    -- take the index by time for the key, and read every timer of the partition.
    primary key (tenant, clock_id)
);
create index timers_due on timers (partition, wake_at);
