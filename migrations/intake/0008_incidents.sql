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
