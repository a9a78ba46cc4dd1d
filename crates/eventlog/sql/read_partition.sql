-- A page ends after so many events or, once it has so many bytes, before the next one. The lengths
-- of large events are known without reading these.
select position, tenant, version, stream_id, event_id, occurred_at, recorded_at,
       category, event_type, payload, metadata
  from (select page.*,
               sum(octet_length(payload) + octet_length(metadata))
                   over (order by position rows between unbounded preceding and 1 preceding)
                   as bytes_before
          from (select position, tenant, version, stream_id, event_id, occurred_at, recorded_at,
                       category, event_type, payload, metadata
                  from log.event
                 where partition = $1 and position > $2
                   and (select log.on_primary())
                 order by position
                 limit $3) page) measured
 where coalesce(bytes_before, 0) < $4
 order by position
