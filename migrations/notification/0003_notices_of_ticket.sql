-- Without the tenant: a batch that looks notices up by tenant and id must not be planned over this
-- index, as it was while the table was empty.
drop index notices_of_ticket;
create index notices_of_ticket on notices (ticket_id, position);
