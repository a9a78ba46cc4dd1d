-- Every published version of every regime, as `odzew.sla.v1.RegimePublished` told it: which
-- law a complaint is under is looked up here. Versions never change and are never deleted.
create table regimes (
    tenant    integer not null,
    code      text    not null,
    version   integer not null,
    -- Position of the event: what was published later has a greater one.
    position  bigint  not null,
    -- Bytes of the event.
    published bytea   not null,
    primary key (tenant, code, version)
);
