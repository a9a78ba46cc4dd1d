-- Mails that a party does not want, by what they are for (odzew.intake.v1.PreferencePurpose).
create table unwanted_mails (
    tenant   integer not null,
    party_id uuid    not null,
    purpose  integer not null,
    primary key (tenant, party_id, purpose)
);

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

-- The party that another one lives as: its preferences are those that count.
create table merged_parties (
    tenant   integer not null,
    party_id uuid    not null,
    lives_as uuid    not null,
    primary key (tenant, party_id)
);
create index merged_parties_lives_as on merged_parties (tenant, lives_as);
