-- What came of alerts, by spell and day (domain/effect.rs), and the spells of which something changed since they were counted.
create table effect (spell bytea not null, day text not null, alerts bigint not null, hits bigint not null, leavers bigint not null, foreseen bigint not null, primary key (spell, day));
create index effect_day on effect (day);
create table uncounted (spell bytea primary key);
insert into uncounted (spell) select spell from alerts union select id from spells where exit is not null;
