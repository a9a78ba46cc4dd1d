-- $1 rows as JSON. What a clock is never changes; the rest follows its events.
insert into clocks
select * from json_populate_recordset(null::clocks, $1::json)
on conflict (tenant, clock_id) do update
   set policy_id        = excluded.policy_id,
       policy_version   = excluded.policy_version,
       regime_code      = excluded.regime_code,
       regime_version   = excluded.regime_version,
       calendar_id      = excluded.calendar_id,
       calendar_version = excluded.calendar_version,
       target_s         = excluded.target_s,
       last_day         = excluded.last_day,
       unrolled_day     = excluded.unrolled_day,
       safe_due_at      = excluded.safe_due_at,
       granted_ms       = excluded.granted_ms,
       elapsed_ms       = excluded.elapsed_ms,
       state            = excluded.state,
       since            = excluded.since,
       hold_id          = excluded.hold_id,
       outcome          = excluded.outcome,
       due_at           = excluded.due_at,
       warn_at          = excluded.warn_at,
       warned           = excluded.warned,
       breach_due_at    = excluded.breach_due_at,
       breach_voided    = excluded.breach_voided,
       first_outcome    = excluded.first_outcome
