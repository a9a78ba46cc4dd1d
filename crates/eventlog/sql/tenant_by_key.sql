select tenant, name, partition from log.tenant where tenant = $1
