-- One page in the order of {key}: each state walks its own index in order, then the walks merge.
-- A last line without a time is among the tickets that are not due. What stands in braces is one
-- of the orders of the code, never a caller's.
select t.tenant, t.ticket_id, t.received_at, t.update_time, t.next_due_at, t.state, t.type,
       t.priority, t.channel, t.next_due_kind, t.breached, t.reopen_count,
       t.reassignment_count, t.number, t.external_number, t.category_code, t.queue_id,
       t.agent_id, t.last_agent_id, t.sealed_subject
  from unnest($2::smallint[]) as s (state)
 cross join lateral (
       select * from tickets t
        where t.tenant = $1 and t.state = s.state
          and ($3::smallint[] is null or t.priority = any($3))
          and ($4::smallint[] is null or t.type = any($4))
          -- One choice alone is an equality, whose index keeps the order.
          and ($12::smallint is null or t.priority = $12)
          and ($13::smallint is null or t.type = $13)
          and ($5::text is null or t.queue_id = $5)
          and ($6::text is null or t.agent_id = $6)
          and ($7::boolean is null or t.breached = $7)
          and ($8::timestamptz is null or t.due_key < $8)
          and ($9::uuid is null
               or (t.{key}, t.ticket_id)
                  {after} (coalesce($10::timestamptz, 'infinity'::timestamptz), $9))
        order by t.{key} {direction}, t.ticket_id {direction}
        limit $11
       ) t
 order by t.{key} {direction}, t.ticket_id {direction}
 limit $11
