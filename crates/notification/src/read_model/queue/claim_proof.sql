-- $1 the present where it is not the database's, $2 seconds, $3 most notices.
update notices n
   set claimed_until = now() + make_interval(secs => $2)
  from (select tenant, notice_id
          from notices
         where proof_due_at <= coalesce($1, now())
           and (claimed_until is null or claimed_until <= now())
         order by proof_due_at
         limit $3
           for update skip locked) as c
 where n.tenant = c.tenant and n.notice_id = c.notice_id
returning n.tenant, n.notice_id, n.ticket_id, n.traceparent, n.proof_due_at
