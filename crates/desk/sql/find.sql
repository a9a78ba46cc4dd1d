-- The ticket that one of three keys names; of several with one external number, the newest.
select t.tenant, t.ticket_id, t.received_at, t.update_time, t.next_due_at, t.state, t.type,
       t.priority, t.channel, t.next_due_kind, t.breached, t.reopen_count,
       t.reassignment_count, t.number, t.external_number, t.category_code, t.queue_id,
       t.agent_id, t.last_agent_id, t.sealed_subject
  from tickets t
 where t.tenant = $1 and t.state <> 0
   and ($2::uuid is null or t.ticket_id = $2)
   and ($3::text is null or t.number = $3)
   and ($4::text is null or t.external_number = $4)
 order by t.received_at desc, t.ticket_id desc
 limit 1
