-- How many tickets an agent owns is counted from the open routes.
alter table agent_loads drop column owned;
