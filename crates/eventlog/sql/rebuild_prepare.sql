-- An empty schema for the new generation of a service's tables. What an earlier rebuild left
-- behind is removed.
do $$
declare
    service text := current_setting('odzew.rebuild_service');
begin
    execute format('drop schema if exists %I cascade', service || '_next');
    execute format('drop schema if exists %I cascade', service || '_old');
    execute format('create schema %I', service || '_next');
end
$$;
