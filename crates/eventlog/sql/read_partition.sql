select position, tenant, version, stream_id, event_id, occurred_at, recorded_at,
       category, event_type, payload, metadata
  from log.event
 where partition = $1 and position > $2
   and (select log.on_primary())
 order by position
 limit $3
