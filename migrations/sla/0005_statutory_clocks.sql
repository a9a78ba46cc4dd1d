-- Clocks that end with a local day: where the count of days ended before it moved on, when the
-- answer should leave to be safe, and what the law reads into silence
-- (odzew.sla.v1.SilenceEffect). May be null: the release before this one writes none of them.
alter table clocks add column unrolled_day text;
alter table clocks add column safe_due_at timestamptz;
alter table clocks add column silence integer;

comment on column clocks.subject_ref is
    'the promise, hold, assignment, complaint, appeal or remedy that a clock belongs to';
