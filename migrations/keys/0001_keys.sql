-- Keys of personal data, one for each stream that holds some. Intake alone reads and writes
-- them. They are no projection: no event tells them, so a rebuild leaves them alone, and what is
-- lost here is lost for ever. A destroyed key leaves its row without its bytes, so that nobody
-- makes it anew.
create table subject_key (
    tenant       integer     not null,
    -- The first key of a stream has the stream's id; the others follow from it.
    key_id       uuid        not null,
    stream_id    uuid        not null,
    -- The key under a master key, with its nonce in front; null once it is destroyed.
    wrapped      bytea,
    -- By which master key it is wrapped.
    master_id    smallint    not null,
    -- The log's last position in the tenant's partition when the key was made: by it an erasure
    -- tells what was made before it, because the database's clock may go backwards and positions do
    -- not.
    made_after   bigint      not null,
    created_at   timestamptz not null default now(),
    destroyed_at timestamptz,
    primary key (tenant, key_id),
    check ((wrapped is null) = (destroyed_at is not null))
);
create index subject_key_stream on subject_key (tenant, stream_id);

-- By what each master key is told from another one; not the key. With a wrong master key every
-- text would read as changed, so the service does not start with one. Another one takes over from
-- the first, key by key.
create table master_key (
    master_id     smallint    not null primary key,
    check_sum     bytea       not null unique,
    created_at    timestamptz not null default now(),
    -- From then on it wraps no new key.
    superseded_at timestamptz,
    -- From then on it wraps no key at all, and nobody needs it but who restores an older backup.
    retired_at    timestamptz
);
