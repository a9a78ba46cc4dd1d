create table subscription_cursor (
    subscription      text        not null,
    partition         smallint    not null,
    epoch             integer     not null,
    position          bigint      not null,
    reaction_position bigint      not null,
    updated_at        timestamptz not null default now(),
    primary key (subscription, partition)
);
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
