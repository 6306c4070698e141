-- Files in parts: what is taken or given is never whole in memory. Those that are there already stay where they are.
create table blob_parts (hash text not null, n bigint not null, bytes bytea not null, primary key (hash, n));
