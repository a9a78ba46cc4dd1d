-- What a notice says about its ticket. Personal data: only here and in the log.
create table ticket_facts (
    tenant          integer     not null,
    ticket_id       uuid        not null,
    number          text        not null,
    subject         text        not null,
    requester_email text,
    received_at     timestamptz not null,
    owner           text,
    first_reply_due timestamptz,
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
    primary key (tenant, notice_id)
);
create index notices_of_ticket on notices (tenant, ticket_id, position);
create index notices_due on notices (channel, lane, next_attempt_at)
    where next_attempt_at is not null;
-- State 5: an attempt is under way, or was lost with its process.
create index notices_attempting on notices (channel, attempted_at) where state = 5;
