insert into notices (tenant, notice_id, ticket_id, partition, position, purpose, audience,
                     recipient, channel, template, locale, cause_event_id, cause_position, state,
                     suppression_reason, created_at, next_attempt_at, lane, traceparent,
                     message_id, deferred)
select * from unnest(
         $1::integer[], $2::uuid[], $3::uuid[], $4::smallint[], $5::bigint[], $6::integer[],
         $7::integer[], $8::text[], $9::integer[], $10::text[], $11::text[], $12::uuid[],
         $13::bigint[], $14::integer[], $15::integer[], $16::timestamptz[], $17::timestamptz[],
         $18::text[], $19::text[], $20::uuid[], $21::boolean[])
    on conflict (tenant, notice_id) do nothing
