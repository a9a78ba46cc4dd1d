-- Who does not get the ticket by routing: opaque ids separated by spaces, which none of them has.
alter table open_routes add column excluded_agents text not null default '';
