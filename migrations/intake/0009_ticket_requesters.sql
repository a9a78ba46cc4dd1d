-- Every party that ever asked in a ticket in which that has changed: what it wrote stays there under the
-- ticket's key, whoever asks now, so its erasure takes the ticket along. After the upgrade `odzew
-- rebuild intake` finds those of older tickets.
create table ticket_requesters (
    tenant    integer not null,
    ticket_id uuid    not null,
    party_id  uuid    not null,
    -- Position of the event since which it asked.
    position  bigint  not null,
    primary key (tenant, ticket_id, party_id)
);
create index ticket_requesters_of_party on ticket_requesters (tenant, party_id, position);

-- Also tickets in which nobody asks yet, as those of alerts.
alter table party_tickets alter column party_id drop not null;

-- Parties whose data must be kept: who else asked in their tickets is not erased meanwhile.
create table held_parties (
    tenant   integer not null,
    party_id uuid    not null,
    -- The last day; until it is lifted if null.
    until    date,
    primary key (tenant, party_id)
);
