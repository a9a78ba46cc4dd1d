-- $1 tenants and $2 tickets, $3 purpose and $4 state of what waits. The tenant is hidden from the
-- planner: the ticket alone finds the few rows.
update notices n
   set next_attempt_at = n.created_at
  from unnest($1::integer[], $2::uuid[]) as k (tenant, ticket_id)
  join ticket_facts f on f.tenant = k.tenant and f.ticket_id = k.ticket_id
 where n.ticket_id = k.ticket_id and n.tenant + 0 = k.tenant
   and n.purpose = $3 and n.state = $4 and n.attempts = 0
   and f.first_reply_due is not null
