-- What becomes of a notice after it was sent, where that must be proved.
alter table notices add column message_id uuid;
-- When it counts as delivered unless it comes back: the queue of what is to be proved.
alter table notices add column proof_due_at timestamptz;
alter table notices add column delivered_at timestamptz;
-- Number of odzew.notification.v1.DeliveryEvidence; 0 unless it is delivered.
alter table notices add column evidence integer not null default 0;
create index notices_proof_due on notices (proof_due_at) where proof_due_at is not null;

-- Last day on which a complaint must be answered, as the confirmation of its receipt tells it.
alter table ticket_facts add column answer_by date;
