select t.tenant, t.ticket_id, t.received_at, t.update_time, t.next_due_at, t.state, t.type,
       t.priority, t.channel, t.next_due_kind, t.breached, t.reopen_count,
       t.reassignment_count, t.number, t.external_number, t.category_code, t.queue_id,
       t.agent_id, t.last_agent_id, t.sealed_subject
  from unnest($1::integer[], $2::uuid[]) as k (tenant, ticket_id)
  join tickets t on t.tenant = k.tenant and t.ticket_id = k.ticket_id
