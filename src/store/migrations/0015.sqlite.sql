-- Files in parts: what is taken or given is never whole in memory. Those that are there already stay where they are.
create table blob_parts (hash text not null, n integer not null, bytes blob not null, primary key (hash, n)) without rowid;
