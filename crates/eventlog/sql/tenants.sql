select tenant, name, partition from log.tenant order by created_at, tenant
