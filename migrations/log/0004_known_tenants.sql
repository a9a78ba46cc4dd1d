-- Events are appended for tenants that the log has. A process may remember one that a restored log has
-- lost, and what it appends would be nobody's.
create or replace function log.append(
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
    followed     uuid[]
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
    -- The last event is the last of the last batch.
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
