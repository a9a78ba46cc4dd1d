-- Several master keys: another one takes over from the first, key by key. The defaults are for what
-- an older version writes during the update: that knows the first one only.
alter table master_key drop column only_row;
alter table master_key
    add column master_id     smallint not null default 1 primary key,
    -- From then on it wraps no new key.
    add column superseded_at timestamptz,
    -- From then on it wraps no key at all, and nobody needs it but who restores an older backup.
    add column retired_at    timestamptz,
    add constraint master_key_check_sum unique (check_sum);

-- By which master key it is wrapped.
alter table subject_key add column master_id smallint not null default 1;
