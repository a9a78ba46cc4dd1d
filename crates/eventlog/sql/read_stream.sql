select position, tenant, version, stream_id, event_id, occurred_at, recorded_at,
       category, event_type, payload, metadata
  from log.event
 where partition = $1 and tenant = $2 and category = $3 and stream_id = $4 and version > $5
   and (select log.on_primary())
 order by version
 limit $6
