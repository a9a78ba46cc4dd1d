-- Those that wait and, state 5, those under way: each half by its own partial index.
select channel, count(*) as notices,
       extract(epoch from now() - min(created_at))::float8 as oldest_s
  from (select channel, created_at from notices where next_attempt_at is not null
         union all
        select channel, created_at from notices where state = 5 and next_attempt_at is null) as p
 group by channel
