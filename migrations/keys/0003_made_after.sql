-- The log's last position in the tenant's partition when the key was made: by it an erasure tells what
-- was made before it, because the database's clock may go backwards and positions do not. None for
-- keys that were made before, or that an older version makes during the update.
alter table subject_key add column made_after bigint;
