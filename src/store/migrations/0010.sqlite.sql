-- Where anchors are written: the last that a sink took, and since when it has taken none.
create table anchors (sink text primary key, tried_at integer, at integer, acts integer not null, access integer not null, failing_since integer, failed integer not null, error text) without rowid;
