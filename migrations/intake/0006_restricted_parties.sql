-- Parties whose data are kept and not used; also of requesters who were never registered.
create table restricted_parties (
    tenant   integer not null,
    party_id uuid    not null,
    primary key (tenant, party_id)
);
