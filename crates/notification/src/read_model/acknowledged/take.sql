-- $1 tenant, $2 address, $3 notice, $4 the present, $5 seconds. The notice itself may come again: its
-- process may have died before the attempt began. Each time some that are too old to matter go, more
-- than can have come.
with gone as (
    delete from acknowledged a
     using (select tenant, address from acknowledged
             where at <= $4 - make_interval(secs => $5)
               and (tenant, address) <> ($1, $2)
             order by at
             limit 10
               for update skip locked) as old
     where a.tenant = old.tenant and a.address = old.address
)
insert into acknowledged as a (tenant, address, notice_id, at)
values ($1, $2, $3, $4)
    on conflict (tenant, address) do update
       set notice_id = excluded.notice_id, at = excluded.at
     where a.notice_id = excluded.notice_id or a.at <= $4 - make_interval(secs => $5)
returning true
