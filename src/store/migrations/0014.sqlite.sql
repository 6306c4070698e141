-- What came of alerts, by spell and day (domain/effect.rs), and the spells of which something changed since they were counted.
create table effect (spell blob not null, day text not null, alerts integer not null, hits integer not null, leavers integer not null, foreseen integer not null, primary key (spell, day)) without rowid;
create index effect_day on effect (day);
create table uncounted (spell blob primary key) without rowid;
insert into uncounted (spell) select spell from alerts union select id from spells where exit is not null;
