-- Nothing reads the old generation any more but statements that started before the swap.
do $$
begin
    execute format('drop schema %I cascade', current_setting('odzew.rebuild_service') || '_old');
end
$$;
