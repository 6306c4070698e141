-- A role may hold for one unit only. Whose name was revealed to whom, in which role, and until when.
alter table operators add column org text;
create table reveals (operator blob not null, person blob not null, role text not null, at integer not null, until integer not null, primary key (operator, person)) without rowid;
create index reveals_person on reveals (person);
-- Until now everybody might do everything: whoever opened the home first owns it, and whoever is here reaches the whole company still.
update operators set org = '/';
update operators set role = 'owner' where id = (select id from operators where role = 'hr_manager' order by created_at, id limit 1);
