-- The party that the ticket was registered with, to which `sealed_email` belongs: another one that
-- asks now is reached where its own profile says. Null where nobody asked, and in rows of an older
-- version: then the log is asked.
alter table ticket_facts add column requester uuid;
