-- Freeze orders. `body` is the order as data; the columns beside it are what lists and clocks ask for.
create table freezes (id blob primary key, person blob not null, spell blob not null, direction text not null, level text not null, state text not null, version integer not null, live integer not null, held integer not null, created_at integer not null, run_at integer not null, confirm_due integer, check_at integer, undoes blob, body text not null) without rowid;
create index freezes_time on freezes (created_at, id);
create index freezes_person on freezes (person, created_at);
create index freezes_run on freezes (state, run_at);
create index freezes_check on freezes (check_at);
create index freezes_confirm on freezes (confirm_due);
create table freeze_steps (ord blob not null, n integer not null, target text not null, account text not null, login text not null, kind text not null, state text not null, attempts integer not null, key blob not null, before text, sent_at integer, settle_at integer, token blob, due_at integer not null, confirmed_at integer, error text, waived_by text, evidence text, sign_in integer, primary key (ord, n)) without rowid;
create index freeze_steps_target on freeze_steps (target, state, due_at);
-- At most one live order a spell and target: the backstop of the decision.
create table freeze_busy (spell blob not null, target text not null, ord blob not null, primary key (spell, target)) without rowid;
create table target_links (target text not null, account text not null, person blob not null, by text not null, at integer not null, primary key (target, account)) without rowid;
create index target_links_person on target_links (person);
