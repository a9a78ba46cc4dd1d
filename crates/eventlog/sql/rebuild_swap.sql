-- The new generation takes the place of the serving one. The lock waits for the batch that is
-- being applied and holds back the next one, which then finds another table and is dropped.
do $$
declare
    service text := current_setting('odzew.rebuild_service');
    next    text := service || '_next';
    old     text := service || '_old';
begin
    perform set_config('lock_timeout', '10s', true);
    execute format('lock table %1$I.subscription_cursor, %1$I.parked_event in exclusive mode',
                   service);

    -- Reactions stay silent up to where the serving generation reacted.
    execute format(
        'update %2$I.subscription_cursor n set reaction_position = coalesce((
            select o.reaction_position from %1$I.subscription_cursor o
             where o.subscription = n.subscription and o.partition = n.partition), 0)',
        service, next);

    -- Reactions that are still owed stay owed; their effects in tables are not.
    execute format(
        'insert into %2$I.parked_event as n
                (subscription, partition, position, tenant, category, stream_id, version,
                 event_id, event_type, reason, attempts, projection_due, reaction_due,
                 requested, parked_at)
         select subscription, partition, position, tenant, category, stream_id, version,
                event_id, event_type, reason, attempts, false, true, requested, parked_at
           from %1$I.parked_event where reaction_due
             on conflict (subscription, partition, position) do update
                set reaction_due = true, reason = coalesce(n.reason, excluded.reason)',
        service, next);

    -- What was given up meanwhile is parked in the new generation: it is given up there too.
    execute format(
        'insert into %2$I.skipped_event select * from %1$I.skipped_event on conflict do nothing',
        service, next);
    execute format(
        'update %2$I.parked_event n set requested = ''skip'' from %1$I.skipped_event s
          where s.subscription = n.subscription and s.event_id = n.event_id',
        service, next);

    execute format('alter schema %I rename to %I', service, old);
    execute format('alter schema %I rename to %I', next, service);
end
$$;
