-- The subject as its event has it, sealed with the ticket's key: an `odzew.common.v1.Sealed`,
-- empty where there is none. `subject` is read where an older version wrote it, and not written
-- any more; `odzew rebuild desk` empties it.
alter table tickets add column sealed_subject bytea not null default '';
