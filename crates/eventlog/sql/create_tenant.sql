insert into log.tenant (tenant, name, partition) overriding system value
select 1 + floor(random() * 2147483646)::integer, $1, p.partition
  from log.partition p
  left join log.tenant t on t.partition = p.partition
 group by p.partition
 order by count(t.tenant), p.partition
 limit 1
on conflict (name) do nothing
