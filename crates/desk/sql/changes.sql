-- What changed tickets after a position, together with how far the projection has come: one
-- statement, so that nothing up to there is missing. Without changes there is one row.
select c.epoch, c.position as reached, e.position as changed_at, e.event_type,
       t.tenant, t.ticket_id, t.received_at, t.update_time, t.next_due_at, t.state, t.type,
       t.priority, t.channel, t.next_due_kind, t.breached, t.reopen_count,
       t.reassignment_count, t.number, t.external_number, t.category_code, t.queue_id,
       t.agent_id, t.last_agent_id, t.sealed_subject
  from subscription_cursor c
  left join lateral (
       select l.position, l.event_type, l.ticket_id from timeline l
        where l.tenant = $3 and l.position > $4 and l.position <= c.position
          and l.category in ('ticket', 'route', 'clock')
          and ($5::uuid is null or l.ticket_id = $5)
        order by l.position
        limit $6
       ) e on true
  left join tickets t on t.tenant = $3 and t.ticket_id = e.ticket_id
 where c.subscription = $1 and c.partition = $2
 order by e.position
