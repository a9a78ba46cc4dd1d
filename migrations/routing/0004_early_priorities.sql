-- Priorities that tickets got while they had no open route: after the ticket was read to be queued
-- and before it was, or while it was resolved. A row leaves when a route begins or the ticket closes.
create table early_priorities (
    tenant    integer  not null,
    ticket_id uuid     not null,
    partition smallint not null,
    priority  smallint not null check (priority between 1 and 4),
    primary key (tenant, ticket_id)
);
create index early_priorities_partition on early_priorities (partition);
