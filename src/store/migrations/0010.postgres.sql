-- Where anchors are written: the last that a sink took, and since when it has taken none.
create table anchors (sink text primary key, tried_at bigint, at bigint, acts bigint not null, access bigint not null, failing_since bigint, failed bigint not null, error text);
