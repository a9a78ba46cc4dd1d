-- The first event, by position, whose version does not follow its predecessor's in the
-- stream or that stands before it.
select min(position)
  from (select position, version,
               lag(version, 1, 0) over stream as version_before,
               lag(position, 1, 0::bigint) over stream as position_before
          from log.event
         where partition = $1 and position <= $2
        window stream as (partition by tenant, category, stream_id order by version)) ordered
 where version <> version_before + 1 or position < position_before
