-- Files in parts: what is taken or given is never whole in memory.
create table blob_parts (hash text not null, n bigint not null, bytes bytea not null, primary key (hash, n));
insert into blob_parts (hash, n, bytes) select hash, 0, bytes from blobs;
create table blobs_of (hash text primary key, at bigint not null);
insert into blobs_of (hash, at) select hash, at from blobs;
drop table blobs;
alter table blobs_of rename to blobs;
