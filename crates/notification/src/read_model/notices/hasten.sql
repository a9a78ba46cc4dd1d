-- $1 tenants and $2 tickets, $3 and $4 the purposes that wait, for what each of them waits, and $5
-- the state of what waits. The tenant is hidden from the planner: the ticket alone finds the few
-- rows. They are due at once by the database's clock as by one that rules over it, which may
-- stand before or behind it.
update notices n
   set next_attempt_at = least(n.created_at, f.received_at)
  from unnest($1::integer[], $2::uuid[]) as k (tenant, ticket_id)
  join ticket_facts f on f.tenant = k.tenant and f.ticket_id = k.ticket_id
 where n.ticket_id = k.ticket_id and n.tenant + 0 = k.tenant
   and n.state = $5 and n.attempts = 0 and not n.deferred
   and (n.purpose = $3 and f.first_reply_due is not null
        or n.purpose = $4 and f.answer_by is not null)
