-- A page ends after so many events or, once it has so many bytes, before the next one.
select position, tenant, version, stream_id, event_id, occurred_at, recorded_at,
       category, event_type, payload, metadata
  from (select page.*,
               sum(octet_length(payload) + octet_length(metadata))
                   over (order by version rows between unbounded preceding and 1 preceding)
                   as bytes_before
          from (select position, tenant, version, stream_id, event_id, occurred_at, recorded_at,
                       category, event_type, payload, metadata
                  from log.event
                 where partition = $1 and tenant = $2 and category = $3 and stream_id = $4
                   and version > $5 and (select log.on_primary())
                 order by version
                 limit $6) page) measured
 where coalesce(bytes_before, 0) < $7
 order by version
