-- The service may do in the new generation what it may do in the serving one.
do $$
declare
    service text := current_setting('odzew.rebuild_service');
    next    text := service || '_next';
    member  text := 'odzew_' || service;
begin
    execute format('revoke all on schema %I from public', next);
    execute format('grant usage, create on schema %I to %I', next, member);
    execute format('grant all on all tables in schema %I to %I', next, member);
    execute format('grant all on all sequences in schema %I to %I', next, member);
    execute format('grant execute on all functions in schema %I to %I', next, member);
    execute format('alter default privileges in schema %I grant all on tables to %I',
                   next, member);
    execute format('alter default privileges in schema %I grant all on sequences to %I',
                   next, member);
end
$$;
