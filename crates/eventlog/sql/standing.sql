select current_version, first_event_id, last_event_id, first_position, stamp
  from log.standing($1, $2, $3, $4, $5, $6)
