select event_id
  from log.event
 where partition = $1 and position between $2 and $3
   and (select log.on_primary())
 order by position
