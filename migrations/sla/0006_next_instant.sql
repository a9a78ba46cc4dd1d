-- One row per clock or timer: when to look at it next. What has come by then its events tell.
delete from timers later
 using timers earlier
 where earlier.tenant = later.tenant and earlier.clock_id = later.clock_id
   and (earlier.wake_at, earlier.what) < (later.wake_at, later.what);
-- An instant up to here lay in an imported past: what comes of it is news to nobody.
alter table timers add column past_until timestamptz;
update timers set past_until = now() where historical;
alter table timers drop constraint timers_pkey;
alter table timers drop column what, drop column at, drop column historical;
alter table timers add primary key (tenant, clock_id);

-- Lists that nobody looks into but who wrote them: JSON.
alter table clocks alter column percents type text, alter column warn_at type text;

comment on column timers.clock_id is 'the clock, or the timer that happens by itself';
comment on column timers.wake_at is 'its next instant; later only after a failure';
