select last_position, first_position, recorded_at, content_hash, chain_hash
  from log.batch
 where partition = $1 and last_position > $2 and last_position <= $3
 order by last_position
 limit $4
