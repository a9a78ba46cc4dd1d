insert into ticket_clocks (tenant, ticket_id, clock_id, due_at, kind, running, breached)
select * from unnest($1::integer[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::smallint[],
                     $6::boolean[], $7::boolean[])
    on conflict (tenant, ticket_id, clock_id) do update
   set due_at = excluded.due_at, kind = excluded.kind, running = excluded.running,
       breached = excluded.breached
