-- $1 partition, $2 until, $3 most timers. Rows that the projection is changing right now are
-- left for the next look.
select tenant, ticket_id, clock_id, what, at, historical
  from timers
 where partition = $1 and wake_at <= $2
 order by wake_at, at, what
 limit $3
   for update skip locked
