-- Freeze orders. `body` is the order as data; the columns beside it are what lists and clocks ask for.
create table freezes (id bytea primary key, person bytea not null, spell bytea not null, direction text not null, level text not null, state text not null, version bigint not null, live bigint not null, held bigint not null, created_at bigint not null, run_at bigint not null, confirm_due bigint, check_at bigint, undoes bytea, body text not null);
create index freezes_time on freezes (created_at, id);
create index freezes_person on freezes (person, created_at);
create index freezes_run on freezes (state, run_at);
create index freezes_check on freezes (check_at);
create index freezes_confirm on freezes (confirm_due);
create table freeze_steps (ord bytea not null, n bigint not null, target text not null, account text not null, login text not null, kind text not null, state text not null, attempts bigint not null, key bytea not null, before text, sent_at bigint, settle_at bigint, token bytea, due_at bigint not null, confirmed_at bigint, error text, waived_by text, evidence text, sign_in bigint, primary key (ord, n));
create index freeze_steps_target on freeze_steps (target, state, due_at);
-- At most one live order a spell and target: the backstop of the decision.
create table freeze_busy (spell bytea not null, target text not null, ord bytea not null, primary key (spell, target));
create table target_links (target text not null, account text not null, person bytea not null, by text not null, at bigint not null, primary key (target, account));
create index target_links_person on target_links (person);
