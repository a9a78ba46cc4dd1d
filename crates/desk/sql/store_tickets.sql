insert into tickets (tenant, ticket_id, received_at, update_time, next_due_at, state, type,
                     priority, channel, next_due_kind, breached, reopen_count,
                     reassignment_count, number, external_number, category_code, queue_id,
                     agent_id, last_agent_id, sealed_subject)
select * from unnest($1::integer[], $2::uuid[], $3::timestamptz[], $4::timestamptz[],
                     $5::timestamptz[], $6::smallint[], $7::smallint[], $8::smallint[],
                     $9::smallint[], $10::smallint[], $11::boolean[], $12::integer[],
                     $13::integer[], $14::text[], $15::text[], $16::text[], $17::text[],
                     $18::text[], $19::text[], $20::bytea[])
    on conflict (tenant, ticket_id) do update
   set received_at = excluded.received_at, update_time = excluded.update_time,
       next_due_at = excluded.next_due_at, state = excluded.state, type = excluded.type,
       priority = excluded.priority, channel = excluded.channel,
       next_due_kind = excluded.next_due_kind, breached = excluded.breached,
       reopen_count = excluded.reopen_count,
       reassignment_count = excluded.reassignment_count, number = excluded.number,
       external_number = excluded.external_number, category_code = excluded.category_code,
       queue_id = excluded.queue_id, agent_id = excluded.agent_id,
       last_agent_id = excluded.last_agent_id,
       sealed_subject = excluded.sealed_subject
