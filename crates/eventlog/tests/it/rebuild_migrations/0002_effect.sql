create table effect (
    partition smallint not null,
    position  bigint   not null,
    stream_id uuid     not null,
    version   integer  not null,
    body      text     not null,
    applied   integer  not null default 1,
    ordinal   bigint   generated always as identity,
    primary key (partition, position)
);
