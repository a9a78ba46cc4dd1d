-- One page of the register, newest first.
select c.complaint_id, c.received_at, c.line
  from complaints c
 where c.tenant = $1
   and c.state = any($2::smallint[])
   and ($3::text is null or c.regimes @> array[$3])
   and ($4::smallint[] is null or c.outcome = any($4))
   and ($5::timestamptz is null or c.received_at >= $5)
   and ($6::timestamptz is null or c.received_at < $6)
   and (not $7::boolean or c.late)
   and ($8::uuid is null or (c.received_at, c.complaint_id) < ($9::timestamptz, $8))
 order by c.received_at desc, c.complaint_id desc
 limit $10
