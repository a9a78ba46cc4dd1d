-- The register of complaints: one line per complaint, never deleted. No personal data.
-- Enumerations are the numbers of their protobuf enumerations.
create table complaints (
    tenant       integer     not null,
    complaint_id uuid        not null,
    ticket_id    uuid        not null,
    -- Position of the event that opened it: of the complaints of a ticket the newest one that
    -- was not struck off is the one that events tell of.
    position     bigint      not null,
    received_at  timestamptz not null,
    state        smallint    not null,
    -- Of the last decision; 0 before it.
    outcome      smallint    not null,
    late         boolean     not null,
    regimes      text[]      not null,
    -- The line itself, an odzew.desk.v1.Complaint; the columns above are to find it by.
    line         bytea       not null,
    primary key (tenant, complaint_id)
);
create index complaints_ticket on complaints (tenant, ticket_id);
create index complaints_received on complaints (tenant, received_at, complaint_id);
create index complaints_late on complaints (tenant, received_at, complaint_id) where late;
