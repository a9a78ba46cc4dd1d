-- The newest ticket of an alert, by the key that its monitoring gave it: no personal data. The
-- chain of an alert's tickets is in their ids; this is where to begin to look.
create table alerts (
    tenant     integer not null,
    dedupe_key text    not null,
    ticket_id  uuid    not null,
    primary key (tenant, dedupe_key)
);
