-- What tickets are about. Numbers of kind are those of odzew.intake.v1.ObjectKind.
create table ticket_objects (
    tenant    integer not null,
    ticket_id uuid    not null,
    kind      integer not null,
    object_id text    not null,
    primary key (tenant, ticket_id, kind, object_id)
);

-- The tickets of a party that a message may join. A company may have thousands that are closed.
create index party_tickets_open
    on party_tickets (tenant, party_id, position) where closed_at is null;
