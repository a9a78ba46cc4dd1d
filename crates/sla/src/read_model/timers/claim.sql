-- $1 partition, $2 until, $3 most timers. Rows that the projection is changing right now are
-- left for the next look.
select tenant, ticket_id, clock_id, wake_at, past_until
  from timers
 where partition = $1 and wake_at <= $2
 order by wake_at
 limit $3
   for update skip locked
