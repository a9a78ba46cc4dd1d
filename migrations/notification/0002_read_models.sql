-- What a notice says about its ticket.
create table ticket_facts (
    tenant          integer     not null,
    ticket_id       uuid        not null,
    number          text        not null,
    -- As their event has them, sealed with the ticket's key: each an `odzew.common.v1.Sealed`.
    sealed_subject  bytea,
    sealed_email    bytea,
    -- The party that the ticket was registered with, to which `sealed_email` belongs: another one
    -- that asks now is reached where its own profile says. Null where nobody asked.
    requester       uuid,
    received_at     timestamptz not null,
    owner           text,
    first_reply_due timestamptz,
    -- Last day on which a complaint must be answered, as the confirmation of its receipt tells it.
    answer_by       date,
    primary key (tenant, ticket_id)
);

-- Where agents are reached, and in which language.
create table agents (
    tenant       integer not null,
    agent_id     text    not null,
    display_name text,
    email        text,
    language     text    not null,
    primary key (tenant, agent_id)
);

-- The delivery log, and in it the queue of what is to be sent. Numbers of purpose, audience,
-- channel, state and reason are those of odzew.notification.v1 and odzew.common.v1.
create table notices (
    tenant             integer     not null,
    notice_id          uuid        not null,
    ticket_id          uuid,
    partition          smallint    not null,
    position           bigint      not null,
    purpose            integer     not null,
    audience           integer     not null,
    recipient          text        not null,
    channel            integer     not null,
    template           text        not null,
    locale             text        not null,
    cause_event_id     uuid        not null,
    cause_position     bigint      not null,
    state              integer     not null,
    suppression_reason integer     not null default 0,
    attempts           integer     not null default 0,
    unknown_attempts   integer     not null default 0,
    last_error         text        not null default '',
    created_at         timestamptz not null,
    next_attempt_at    timestamptz,
    attempted_at       timestamptz,
    sent_at            timestamptz,
    -- What must not delay one another has another lane: a tenant's mails, one endpoint's calls.
    lane               text        not null,
    -- W3C trace context of the event that scheduled it: its attempts go on in that trace.
    traceparent        text        not null default '',
    -- Until when the worker that took it may be busy with it.
    claimed_until      timestamptz,
    -- It waits for the end of somebody's quiet hours: what it would like to say does not let it
    -- leave before.
    deferred           boolean     not null default false,
    -- What becomes of it after it was sent, where that must be proved: when it counts as delivered
    -- unless it comes back, and a number of odzew.notification.v1.DeliveryEvidence, 0 unless it is
    -- delivered.
    message_id         uuid,
    proof_due_at       timestamptz,
    delivered_at       timestamptz,
    evidence           integer     not null default 0,
    primary key (tenant, notice_id)
);
-- Without the tenant: a batch that looks notices up by tenant and id must not be planned over this
-- index, as it would be while the table is empty.
create index notices_of_ticket on notices (ticket_id, position);
-- What a mail waits for: those to the same recipient about the same ticket that have not left.
create index notices_unsent_of_ticket on notices (ticket_id, recipient, position)
    where next_attempt_at is not null or state = 5;
create index notices_due on notices (channel, lane, next_attempt_at)
    where next_attempt_at is not null;
-- State 5: an attempt is under way, or was lost with its process.
create index notices_attempting on notices (channel, attempted_at) where state = 5;
create index notices_proof_due on notices (proof_due_at) where proof_due_at is not null;

-- Addresses that were sent a confirmation of receipt a short while ago, each as a keyed hash. No event
-- tells them: a rebuild begins without, and then one more confirmation may leave.
create table acknowledged (
    tenant    integer     not null,
    address   bytea       not null,
    notice_id uuid        not null,
    at        timestamptz not null,
    primary key (tenant, address)
);
create index acknowledged_at on acknowledged (at);

-- Since when an endpoint has taken nothing; null where the last call was taken, or it is off.
create table webhook_health (
    tenant        integer not null,
    webhook_id    uuid    not null,
    failing_since timestamptz,
    disabled      boolean not null default false,
    primary key (tenant, webhook_id)
);
