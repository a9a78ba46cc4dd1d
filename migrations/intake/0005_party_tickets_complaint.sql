-- Whether the ticket ever was a complaint: such a one keeps its party from being erased for the
-- years of claims. After the upgrade `odzew rebuild intake` finds the older ones.
alter table party_tickets add column complaint boolean not null default false;
