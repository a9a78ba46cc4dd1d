-- An operator may let commits wait for more than the local disk, never for less.
select set_config('synchronous_commit', 'on', false)
 where current_setting('synchronous_commit') = 'off'
