-- Subject and address as their event has them, sealed with the ticket's key: each an
-- `odzew.common.v1.Sealed`. `subject` and `requester_email` are read where an older version
-- wrote them, and not written any more; `odzew rebuild notification` empties them.
alter table ticket_facts add column sealed_subject bytea;
alter table ticket_facts add column sealed_email bytea;
