update notices n
   set state = c.state, next_attempt_at = c.next_attempt_at, claimed_until = null,
       proof_due_at = c.proof_due_at, delivered_at = c.delivered_at,
       evidence = c.evidence,
       suppression_reason = coalesce(c.suppression_reason, n.suppression_reason),
       attempts = coalesce(c.attempts, n.attempts),
       unknown_attempts = n.unknown_attempts + c.lost,
       last_error = coalesce(c.last_error, n.last_error),
       attempted_at = coalesce(c.attempted_at, n.attempted_at),
       sent_at = coalesce(c.sent_at, n.sent_at)
  from unnest($1::integer[], $2::uuid[], $3::integer[], $4::integer[], $5::integer[],
              $6::integer[], $7::text[], $8::timestamptz[], $9::timestamptz[],
              $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::integer[])
         as c (tenant, notice_id, state, suppression_reason, attempts, lost, last_error,
               next_attempt_at, attempted_at, sent_at, proof_due_at, delivered_at, evidence)
 where n.tenant = c.tenant and n.notice_id = c.notice_id
