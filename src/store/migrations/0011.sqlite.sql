-- Scores that their people contest. What was said, the answer, and what the score was made of are sealed under the person's key.
create table contests (id blob primary key, person blob not null, spell blob not null, score_id blob not null, score real not null, band integer not null, state text not null, version integer not null, opened_at integer not null, opened_by blob not null, opened_name text not null, due_at integer not null, answered_at integer, answered_by text, said text not null, answer text, explained text not null) without rowid;
create unique index contests_open on contests (spell) where state = 'open';
create index contests_due on contests (state, due_at);
create index contests_spell on contests (spell, opened_at);
create index contests_person on contests (person, opened_at);
