-- Roles and grants, re-applied after every migration. Roles belong to the whole cluster, so
-- several databases may create them at the same moment.
do $$
declare
    service text;
    member  text;
begin
    foreach member in array array['odzew_log_writer', 'odzew_intake', 'odzew_routing',
                                  'odzew_sla', 'odzew_notification', 'odzew_desk'] loop
        if not exists (select from pg_roles where rolname = member) then
            begin
                execute format('create role %I nologin', member);
            exception when duplicate_object or unique_violation then
                null;
            end;
        end if;
    end loop;

    -- Facts may be added and read, nothing else. The update right on the epoch is what
    -- allows `select .. for update` on the partition's row.
    revoke all on all tables in schema log from odzew_log_writer;
    revoke all on all functions in schema log from public;
    grant usage on schema log to odzew_log_writer;
    grant select on all tables in schema log to odzew_log_writer;
    grant insert on log.event, log.batch to odzew_log_writer;
    grant update (epoch, raised_at) on log.partition to odzew_log_writer;
    grant execute on all functions in schema log to odzew_log_writer;

    -- A service does as it likes in its own schema and sees no other.
    foreach service in array array['intake', 'routing', 'sla', 'notification', 'desk'] loop
        member := 'odzew_' || service;
        if not pg_has_role(member, 'odzew_log_writer', 'member') then
            begin
                execute format('grant odzew_log_writer to %I', member);
            exception when unique_violation then
                null;
            end;
        end if;
        execute format('revoke all on schema %I from public', service);
        execute format('grant usage, create on schema %I to %I', service, member);
        execute format('grant all on all tables in schema %I to %I', service, member);
        execute format('grant all on all sequences in schema %I to %I', service, member);
        execute format('grant execute on all functions in schema %I to %I', service, member);
        execute format('alter default privileges in schema %I grant all on tables to %I',
                       service, member);
        execute format('alter default privileges in schema %I grant all on sequences to %I',
                       service, member);
    end loop;

    -- Keys are made, read and destroyed by intake alone; a row stays for ever.
    revoke all on schema keys from public;
    grant usage on schema keys to odzew_intake;
    grant select on all tables in schema keys to odzew_intake;
    grant insert on keys.subject_key, keys.master_key to odzew_intake;
    grant update (wrapped, destroyed_at) on keys.subject_key to odzew_intake;
end
$$;
