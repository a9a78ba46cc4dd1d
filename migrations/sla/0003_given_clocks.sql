-- The promise, hold or assignment that a clock belongs to, and what was promised
-- (odzew.intake.v1.PromiseKind). May be null: the release before this one writes neither.
alter table clocks add column subject_ref uuid;
alter table clocks add column promise integer;

comment on column timers.clock_id is 'the clock, or the timer if what is 101';
comment on column timers.what is
    'percent of the target, 100 for the breach, 101 for what happens by itself';
