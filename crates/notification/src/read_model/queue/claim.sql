-- $1 channel, $2 most notices, $3 most of one lane, $4 seconds, $5 and $6 what runs by lane, $7
-- the present where it is not the database's; claims always go by the database's. $8 whether what one
-- recipient is told about one ticket leaves in the order in which it was told: then a notice waits for
-- an earlier one that is under way (state 5), or will be due within $9 seconds. Longer it does not wait:
-- what will not leave for hours holds nothing back. Found by its ticket; `+ 0` keeps the planner from
-- the indexes that begin with the tenant.
-- The lanes with something to do are found by stepping through the index from one to the next,
-- so a long queue of one lane costs the others nothing.
with recursive lane (lane) as (
    (select n.lane from notices n
      where n.channel = $1 and n.next_attempt_at is not null
      order by n.lane limit 1)
    union all
    select (select n.lane from notices n
             where n.channel = $1 and n.next_attempt_at is not null and n.lane > l.lane
             order by n.lane limit 1)
      from lane l where l.lane is not null
), room as (
    select l.lane, coalesce(r.running, 0) as running,
           least($2, $3 - coalesce(r.running, 0)) as free
      from lane l
      left join unnest($5::text[], $6::bigint[]) as r (lane, running) on r.lane = l.lane
     where l.lane is not null
), due as (
    select d.tenant, d.notice_id,
           room.running + row_number() over (partition by room.lane order by d.next_attempt_at)
               as turn
      from room
     cross join lateral (
           select n.tenant, n.notice_id, n.next_attempt_at
             from notices n
            where n.channel = $1 and n.lane = room.lane and n.next_attempt_at <= coalesce($7, now())
              and (n.claimed_until is null or n.claimed_until <= now())
              and not ($8 and exists (
                  select from notices e
                   where e.ticket_id = n.ticket_id and e.recipient = n.recipient
                     and e.position < n.position
                     and (e.next_attempt_at is not null or e.state = 5)
                     and e.tenant + 0 = n.tenant and e.channel = n.channel
                     and (e.state = 5 or e.next_attempt_at
                                         <= coalesce($7, now()) + make_interval(secs => $9))))
            order by n.next_attempt_at
            limit greatest(room.free, 0)
              for update skip locked) as d
), chosen as (
    select tenant, notice_id from due order by turn limit $2
)
update notices n
   set claimed_until = now() + make_interval(secs => $4)
  from chosen c
 where n.tenant = c.tenant and n.notice_id = c.notice_id
returning n.tenant, n.notice_id, n.ticket_id, n.purpose, n.audience, n.recipient, n.locale,
          n.cause_event_id, n.cause_position, n.attempts, n.lane, n.traceparent,
          coalesce($7, now()) as claimed_at
