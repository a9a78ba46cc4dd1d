select tenant, name, partition from log.tenant order by tenant
