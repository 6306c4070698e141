-- An operator may be linked to a person, and is ended with that person's accounts: when, and by which order.
alter table operators add column person bytea;
alter table operators add column ended_at bigint;
alter table operators add column ended_by bytea;
create index operators_person on operators (person);
create index operators_ended on operators (ended_by);
-- A duty may be owed to somebody without a case: who was frozen by mistake is owed an apology.
create table duties_of (id bytea primary key, case_id bytea, person bytea not null, kind text not null, state text not null, due_on text not null, done_on text, done_by text, file_hash text, file_name text, note text, overdue_at bigint, version bigint not null, touched_by text, touched_at bigint not null);
insert into duties_of select id, case_id, person, kind, state, due_on, done_on, done_by, file_hash, file_name, note, overdue_at, version, touched_by, touched_at from duties;
drop table duties;
alter table duties_of rename to duties;
create index duties_case on duties (case_id, due_on);
create index duties_due on duties (state, due_on);
create index duties_hash on duties (file_hash);
create index duties_person on duties (person, due_on);
-- Whose freezes begin around a time: every request counts them.
create index freezes_begin on freezes (direction, run_at, person, state);
