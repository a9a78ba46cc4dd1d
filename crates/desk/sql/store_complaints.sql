insert into complaints (tenant, complaint_id, ticket_id, position, received_at, state, outcome,
                        late, regimes, line)
select tenant, complaint_id, ticket_id, position, received_at, state, outcome, late,
       array(select jsonb_array_elements_text(regimes::jsonb)), line
  from unnest($1::integer[], $2::uuid[], $3::uuid[], $4::bigint[], $5::timestamptz[],
              $6::smallint[], $7::smallint[], $8::boolean[], $9::text[], $10::bytea[])
       as new (tenant, complaint_id, ticket_id, position, received_at, state, outcome, late,
               regimes, line)
    on conflict (tenant, complaint_id) do update
   set state = excluded.state, outcome = excluded.outcome, late = excluded.late,
       regimes = excluded.regimes, line = excluded.line
