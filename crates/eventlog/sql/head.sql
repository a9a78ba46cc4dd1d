select coalesce(max(position), 0) from log.event where partition = $1 and (select log.on_primary())
