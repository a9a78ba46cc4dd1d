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

-- Which tickets a party asked for. Numbers of type and channel are those of odzew.intake.v1
-- and odzew.common.v1.
create table party_tickets (
    tenant      integer     not null,
    ticket_id   uuid        not null,
    party_id    uuid        not null,
    -- Position of its first event: newer tickets have greater ones.
    position    bigint      not null,
    number      text        not null,
    type        integer     not null,
    channel     integer     not null,
    received_at timestamptz not null,
    closed_at   timestamptz,
    primary key (tenant, ticket_id)
);
create index party_tickets_of_party on party_tickets (tenant, party_id, position);
