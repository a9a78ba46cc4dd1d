insert into log.tenant (name, partition)
select $1, p.partition
  from log.partition p
  left join log.tenant t on t.partition = p.partition
 group by p.partition
 order by count(t.tenant), p.partition
 limit 1
on conflict (name) do nothing
