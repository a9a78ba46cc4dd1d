-- $1 channel, $2 seconds, $3 most notices, $4 the present where it is not the database's. State 5:
-- an attempt began and has not ended.
update notices n
   set claimed_until = now() + make_interval(secs => $2)
  from (select tenant, notice_id
          from notices
         where channel = $1 and state = 5 and attempted_at < coalesce($4, now()) - make_interval(secs => $2)
           and (claimed_until is null or claimed_until <= now())
         order by attempted_at
         limit $3
           for update skip locked) as c
 where n.tenant = c.tenant and n.notice_id = c.notice_id
returning n.tenant, n.notice_id, n.ticket_id, n.purpose, n.audience, n.recipient, n.locale,
          n.cause_event_id, n.cause_position, n.attempts, n.lane, n.traceparent,
          coalesce($4, now()) as claimed_at
