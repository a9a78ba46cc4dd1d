insert into timeline (tenant, position, ticket_id, stream_id, event_id, causation_id,
                      occurred_at, recorded_at, actor_kind, category, event_type, actor_id,
                      actor_role, summary)
select * from unnest($1::integer[], $2::bigint[], $3::uuid[], $4::uuid[], $5::uuid[],
                     $6::uuid[], $7::timestamptz[], $8::timestamptz[], $9::smallint[],
                     $10::text[], $11::text[], $12::text[], $13::text[], $14::text[])
    on conflict (tenant, position) do nothing
