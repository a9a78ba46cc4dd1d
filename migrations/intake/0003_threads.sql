-- What tickets are about. Numbers of kind are those of odzew.intake.v1.ObjectKind.
create table ticket_objects (
    tenant    integer not null,
    ticket_id uuid    not null,
    kind      integer not null,
    object_id text    not null,
    primary key (tenant, ticket_id, kind, object_id)
);

-- The newest ticket of an alert, by the key that its monitoring gave it: no personal data. The
-- chain of an alert's tickets is in their ids; this is where to begin to look.
create table alerts (
    tenant     integer not null,
    dedupe_key text    not null,
    ticket_id  uuid    not null,
    primary key (tenant, dedupe_key)
);

-- Incidents that monitoring raised: what customers write about the same service joins one of them.
create table incidents (
    tenant          integer not null,
    ticket_id       uuid    not null,
    -- Position of its first event, and of the one that closed it; null while it is not closed.
    position        bigint  not null,
    closed_position bigint,
    primary key (tenant, ticket_id)
);
create index incidents_open on incidents (tenant, position) where closed_position is null;
