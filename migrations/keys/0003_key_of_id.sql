-- Without the tenant: a look-up by tenant and id must not be planned over the index of streams, as
-- it was while the table was empty; it then read every key of the tenant.
drop index subject_key_stream;
create index subject_key_stream on subject_key (stream_id);
