-- When a file was put last: one that nothing refers to is kept a day.
alter table blobs add column at integer not null default 0;
