-- Scores that their people contest. What was said, the answer, and what the score was made of are sealed under the person's key.
create table contests (id bytea primary key, person bytea not null, spell bytea not null, score_id bytea not null, score double precision not null, band bigint not null, state text not null, version bigint not null, opened_at bigint not null, opened_by bytea not null, opened_name text not null, due_at bigint not null, answered_at bigint, answered_by text, said text not null, answer text, explained text not null);
create unique index contests_open on contests (spell) where state = 'open';
create index contests_due on contests (state, due_at);
create index contests_spell on contests (spell, opened_at);
create index contests_person on contests (person, opened_at);
