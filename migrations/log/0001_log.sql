-- The event log. Everything here starts its keys with the partition, names no other
-- partition, and has no sequence, trigger or foreign key on the way of an append, so that
-- partitions can be distributed over machines.

-- One row per partition. Its lock orders the appends; it is updated only to raise the epoch.
create table log.partition (
    partition  smallint    not null primary key check (partition >= 0),
    epoch      integer     not null default 1 check (epoch > 0),
    -- Where the log ended when an epoch was raised: the first element when 1 was.
    raised_at  bigint[]    not null default '{}' check (cardinality(raised_at) = epoch - 1),
    created_at timestamptz not null default now()
);

-- Who lives where. Small, read once per process and tenant.
create table log.tenant (
    tenant     integer     not null generated always as identity primary key,
    name       text        not null unique check (name ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
    partition  smallint    not null,
    created_at timestamptz not null default now()
);

-- The facts. Insert-only. Fixed-width columns first: the hot ones sit at constant offsets.
create table log.event (
    partition   smallint    not null,
    tenant      integer     not null,
    position    bigint      not null check (position > 0),
    version     integer     not null check (version > 0),
    stream_id   uuid        not null,
    event_id    uuid        not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    category    text        not null,
    event_type  text        not null,
    payload     bytea       not null,
    metadata    bytea       not null,
    primary key (partition, position),
    unique (partition, tenant, category, stream_id, version)
);

-- One row per commit: the links of the hash chain. Insert-only.
create table log.batch (
    partition      smallint    not null,
    last_position  bigint      not null,
    first_position bigint      not null,
    recorded_at    timestamptz not null,
    content_hash   bytea       not null check (octet_length(content_hash) = 32),
    chain_hash     bytea       not null check (octet_length(chain_hash) = 32),
    primary key (partition, last_position),
    check (first_position between 1 and last_position)
);

-- Appends one batch under the lock of its partition. Element i of every array is event i.
--
-- OD001  `unproven` lists the events (1-based) whose predecessor in the stream the caller has not
--        seen. It is looked up, so that no stream can get a hole. (A version that is taken fails on
--        the unique key.) The caller then asks `standing`.
-- OD003  The partition is not installed.
-- OD004  Events that follow from others, which a broker may have brought, are appended only where
--        the log holds those: at the positions `follows`, with the ids `followed`.
-- OD005  A process may remember a tenant that a restored log has lost. What it appends would be
--        nobody's.
-- OD006  Another stream that a decision rests on, one of `guards`, has gone on since it was read at
--        that version. Looked up after the events are in: what another append of this batch wrote
--        counts as well.
--
-- The settings pin the plans: a function first run on an empty log would otherwise keep the
-- sequential scans that were right on that day.
create function log.append(
    in_partition smallint,
    tenants      integer[],
    categories   text[],
    streams      uuid[],
    versions     integer[],
    event_ids    uuid[],
    event_types  text[],
    payloads     bytea[],
    metadatas    bytea[],
    occurred     timestamptz[],
    unproven     integer[],
    content      bytea,
    follows      bigint[],
    followed     uuid[],
    guard_tenants    integer[],
    guard_categories text[],
    guards           uuid[],
    guard_versions   integer[]
) returns table (base bigint, stamp timestamptz)
language plpgsql
volatile
set enable_seqscan = off
set enable_bitmapscan = off
as $$
declare
    previous bytea;
    i        integer;
begin
    for i in select distinct u.tenant from unnest(tenants) as u (tenant) loop
        perform from log.tenant t where t.tenant = i and t.partition = in_partition;
        if not found then
            raise exception 'there is no tenant % in partition %', i, in_partition
                  using errcode = 'OD005';
        end if;
    end loop;
    perform from log.partition p where p.partition = in_partition for update;
    if not found then
        raise exception 'partition % is not installed', in_partition using errcode = 'OD003';
    end if;

    -- A new statement, hence a new snapshot: it sees what the last holder of the lock committed.
    -- The last event is the last of the last batch: one look instead of two.
    select b.last_position, b.chain_hash into append.base, previous
      from log.batch b where b.partition = in_partition order by b.last_position desc limit 1;
    append.base := coalesce(append.base, 0);
    for i in 1 .. cardinality(follows) loop
        perform from log.event e
          where e.partition = in_partition and e.position = follows[i]
            and e.event_id = followed[i];
        if not found then
            raise exception 'the log does not hold the event that others follow from'
                  using errcode = 'OD004', detail = 'position ' || follows[i];
        end if;
    end loop;
    append.stamp := date_trunc('milliseconds', clock_timestamp());

    foreach i in array unproven loop
        perform from log.event e
          where e.partition = in_partition and e.tenant = tenants[i]
            and e.category = categories[i] and e.stream_id = streams[i]
            and e.version = versions[i] - 1;
        if not found then
            raise exception 'stream has no version %', versions[i] - 1 using errcode = 'OD001';
        end if;
    end loop;

    insert into log.event (partition, tenant, position, version, stream_id, event_id,
                           occurred_at, recorded_at, category, event_type, payload, metadata)
    select in_partition, u.tenant, append.base + u.n, u.version, u.stream_id, u.event_id,
           u.occurred_at, append.stamp, u.category, u.event_type, u.payload, u.metadata
      from unnest(tenants, categories, streams, versions, event_ids, event_types, payloads,
                  metadatas, occurred)
           with ordinality
           as u (tenant, category, stream_id, version, event_id, event_type, payload,
                 metadata, occurred_at, n);

    for i in 1 .. cardinality(guards) loop
        perform from log.event e
          where e.partition = in_partition and e.tenant = guard_tenants[i]
            and e.category = guard_categories[i] and e.stream_id = guards[i]
            and e.version = guard_versions[i] + 1;
        if found then
            raise exception 'a stream that the decision rests on has gone on'
                  using errcode = 'OD006', detail = guard_categories[i] || '-' || guards[i];
        end if;
    end loop;

    insert into log.batch (partition, last_position, first_position, recorded_at,
                           content_hash, chain_hash)
    values (in_partition, append.base + cardinality(versions), append.base + 1, append.stamp,
            content,
            sha256(coalesce(previous, decode(repeat('00', 32), 'hex'))
                   || int8send(append.base + 1)
                   || int8send((extract(epoch from append.stamp) * 1000000)::bigint)
                   || content));
    return next;
end
$$;

-- Tells, under the lock of the partition, what each stream holds at the versions that an
-- append wanted. Taking the lock waits for an append whose outcome is not known yet, and as
-- a writing transaction it waits for the same synchronous standbys.
create function log.standing(
    in_partition   smallint,
    tenants        integer[],
    categories     text[],
    streams        uuid[],
    first_versions integer[],
    last_versions  integer[]
) returns table (
    current_version integer,
    first_event_id  uuid,
    last_event_id   uuid,
    first_position  bigint,
    stamp           timestamptz
)
language plpgsql
volatile
set enable_seqscan = off
set enable_bitmapscan = off
as $$
declare
    i integer;
begin
    perform from log.partition p where p.partition = in_partition for update;
    for i in 1 .. cardinality(streams) loop
        select e.version into standing.current_version
          from log.event e
         where e.partition = in_partition and e.tenant = tenants[i]
           and e.category = categories[i] and e.stream_id = streams[i]
         order by e.version desc limit 1;
        standing.current_version := coalesce(standing.current_version, 0);

        select e.event_id, e.position, e.recorded_at
          into standing.first_event_id, standing.first_position, standing.stamp
          from log.event e
         where e.partition = in_partition and e.tenant = tenants[i]
           and e.category = categories[i] and e.stream_id = streams[i]
           and e.version = first_versions[i];

        select e.event_id into standing.last_event_id
          from log.event e
         where e.partition = in_partition and e.tenant = tenants[i]
           and e.category = categories[i] and e.stream_id = streams[i]
           and e.version = last_versions[i];
        return next;
    end loop;
end
$$;

-- Raises the epoch if it is still the one that the caller saw; null if not. Behind the lock, a new
-- statement sees all that was appended in the epoch before.
create function log.raise_epoch(in_partition smallint, seen integer) returns integer
language plpgsql
volatile
as $$
begin
    perform from log.partition p where p.partition = in_partition and p.epoch = seen for update;
    if not found then
        return null;
    end if;
    update log.partition p
       set epoch = p.epoch + 1,
           raised_at = p.raised_at || coalesce((select max(e.position) from log.event e
                                                 where e.partition = in_partition), 0)
     where p.partition = in_partition;
    return seen + 1;
end
$$;

-- True on a primary, OD002 on a standby, whose order of visibility is not the commit order.
create function log.on_primary() returns boolean
language plpgsql
volatile
as $$
begin
    if pg_is_in_recovery() then
        raise exception 'this server is a standby' using errcode = 'OD002';
    end if;
    return true;
end
$$;
