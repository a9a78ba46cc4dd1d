select tenant, name, partition from log.tenant where name = $1
