-- Mails that a party does not want, by what they are for (odzew.intake.v1.PreferencePurpose).
create table unwanted_mails (
    tenant   integer not null,
    party_id uuid    not null,
    purpose  integer not null,
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
