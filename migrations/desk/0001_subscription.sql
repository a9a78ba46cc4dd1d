-- Where each subscription of this service stands, per partition. Moved in the transaction
-- of the effects, so that effects and position can never disagree.
create table subscription_cursor (
    subscription      text        not null,
    partition         smallint    not null,
    epoch             integer     not null,
    position          bigint      not null,
    reaction_position bigint      not null,
    updated_at        timestamptz not null default now(),
    primary key (subscription, partition)
);

-- Events taken out of the flow until an operator decides: the first of a stream with its
-- reason, the later ones of the same stream behind it (reason null).
create table parked_event (
    subscription   text        not null,
    partition      smallint    not null,
    position       bigint      not null,
    tenant         integer     not null,
    category       text        not null,
    stream_id      uuid        not null,
    version        integer     not null,
    event_id       uuid        not null,
    event_type     text        not null,
    reason         text,
    attempts       integer     not null default 0,
    projection_due boolean     not null,
    reaction_due   boolean     not null,
    requested      text        check (requested in ('retry', 'skip')),
    parked_at      timestamptz not null default now(),
    primary key (subscription, partition, position)
);
create index parked_event_stream
    on parked_event (subscription, partition, tenant, category, stream_id, position);

-- Events that an operator gave up before their effects were in the tables. A rebuild carries these
-- rows over and leaves the events out.
create table skipped_event (
    subscription text        not null,
    event_id     uuid        not null,
    partition    smallint    not null,
    position     bigint      not null,
    tenant       integer     not null,
    category     text        not null,
    stream_id    uuid        not null,
    event_type   text        not null,
    reason       text,
    skipped_at   timestamptz not null default now(),
    primary key (subscription, event_id)
);
