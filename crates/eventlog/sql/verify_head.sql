select greatest((select coalesce(max(position), 0) from log.event where partition = $1),
                (select coalesce(max(last_position), 0) from log.batch where partition = $1))
 where log.on_primary()
