-- What was given up stays given up.
do $$
declare
    service text := current_setting('odzew.rebuild_service');
begin
    execute format('insert into %2$I.skipped_event select * from %1$I.skipped_event',
                   service, service || '_next');
end
$$;
