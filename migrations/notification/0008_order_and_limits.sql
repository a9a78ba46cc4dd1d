-- Hours in which a party is not mailed, by what the mail is for, in minutes after midnight; over
-- midnight if they begin later than they end.
create table quiet_hours (
    tenant      integer not null,
    party_id    uuid    not null,
    purpose     integer not null,
    from_minute integer not null,
    to_minute   integer not null,
    primary key (tenant, party_id, purpose)
);
-- It waits for the end of somebody's quiet hours: what it would like to say does not let it leave
-- before.
alter table notices add column deferred boolean not null default false;
-- What a mail waits for: those to the same recipient about the same ticket that have not left.
create index notices_unsent_of_ticket on notices (ticket_id, recipient, position)
    where next_attempt_at is not null or state = 5;

-- Addresses that were sent a confirmation of receipt a short while ago, each as a keyed hash. No event
-- tells them: a rebuild begins without, and then one more confirmation may leave.
create table acknowledged (
    tenant    integer     not null,
    address   bytea       not null,
    notice_id uuid        not null,
    at        timestamptz not null,
    primary key (tenant, address)
);
create index acknowledged_at on acknowledged (at);

-- Since when an endpoint has taken nothing; null where the last call was taken, or it is off.
create table webhook_health (
    tenant        integer not null,
    webhook_id    uuid    not null,
    failing_since timestamptz,
    disabled      boolean not null default false,
    primary key (tenant, webhook_id)
);
