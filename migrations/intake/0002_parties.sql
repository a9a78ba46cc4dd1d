-- Parties under the id they live under: their own, or that of the party they were merged
-- into. No personal data: those are in the log alone.
create table parties (
    tenant        integer     not null,
    party_id      uuid        not null,
    lives_as      uuid        not null,
    registered_at timestamptz not null,
    primary key (tenant, party_id)
);
create index parties_lives_as on parties (tenant, lives_as);

-- By which contact points a party is recognised. Never the contact point itself: its
-- HMAC-SHA256 under intake.contact_key. The rows of an erased party are deleted.
create table contact_points (
    tenant      integer not null,
    blind_index bytea   not null check (octet_length(blind_index) = 32),
    party_id    uuid    not null,
    primary key (tenant, blind_index, party_id)
);
create index contact_points_party on contact_points (tenant, party_id);

-- Conversations in real time. Numbers of channel, direction, state, outcome and
-- identification are those of odzew.intake.v1.
create table contacts (
    tenant         integer     not null,
    contact_id     uuid        not null,
    -- Position of its first event: newer contacts have greater ones.
    position       bigint      not null,
    party_id       uuid,
    identification integer     not null,
    channel        integer     not null,
    direction      integer     not null,
    state          integer     not null,
    outcome        integer     not null,
    ticket_id      uuid,
    agent_id       text        not null,
    started_at     timestamptz not null,
    ended_at       timestamptz,
    has_note       boolean     not null,
    primary key (tenant, contact_id)
);
create index contacts_of_party on contacts (tenant, party_id, position);

-- Tickets and who asks in them. Numbers of type and channel are those of odzew.intake.v1 and
-- odzew.common.v1.
create table party_tickets (
    tenant      integer     not null,
    ticket_id   uuid        not null,
    -- Null while nobody asks, as in those of alerts.
    party_id    uuid,
    -- Position of its first event: newer tickets have greater ones.
    position    bigint      not null,
    number      text        not null,
    type        integer     not null,
    channel     integer     not null,
    received_at timestamptz not null,
    closed_at   timestamptz,
    -- Whether it ever was a complaint: such a one keeps its party from being erased for the years
    -- of claims.
    complaint   boolean     not null default false,
    primary key (tenant, ticket_id)
);
create index party_tickets_of_party on party_tickets (tenant, party_id, position);
-- The tickets of a party that a message may join. A company may have thousands that are closed.
create index party_tickets_open
    on party_tickets (tenant, party_id, position) where closed_at is null;

-- Every party that ever asked in a ticket in which that has changed: what it wrote stays there under
-- the ticket's key, whoever asks now, so its erasure takes the ticket along.
create table ticket_requesters (
    tenant    integer not null,
    ticket_id uuid    not null,
    party_id  uuid    not null,
    -- Position of the event since which it asked.
    position  bigint  not null,
    primary key (tenant, ticket_id, party_id)
);
create index ticket_requesters_of_party on ticket_requesters (tenant, party_id, position);

-- Parties whose data are kept and not used; also of requesters who were never registered.
create table restricted_parties (
    tenant   integer not null,
    party_id uuid    not null,
    primary key (tenant, party_id)
);

-- Parties whose data must be kept: who else asked in their tickets is not erased meanwhile.
create table held_parties (
    tenant   integer not null,
    party_id uuid    not null,
    -- The last day; until it is lifted if null.
    until    date,
    primary key (tenant, party_id)
);

-- Tickets that were open when a party that had asked in them was erased, because they came at the
-- same moment. They are worked on to their end: their keys are destroyed when they close.
create table erased_when_closed (
    tenant    integer not null,
    ticket_id uuid    not null,
    -- Position of the erasure.
    position  bigint  not null,
    primary key (tenant, ticket_id)
);
