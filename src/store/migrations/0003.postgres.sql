-- Offboarding: one case a spell and its addenda; `open` and `rank` are copies of the state for the board.
create table cases (id bytea primary key, person bytea not null, spell bytea not null, state text not null, version bigint not null, exit text not null, notice_on text, last_day text not null, backdated bigint not null, handover_due text collate "C" not null, template text not null, starter bytea not null, starter_name text not null, started_at bigint not null, approver_name text, approved_at bigint, overdue_at bigint, ended_at bigint, addendum_of bytea, touched_by text, touched_at bigint not null, touched_act text not null, open bigint not null, rank bigint not null, stages text not null);
create unique index cases_spell_open on cases (spell) where open = 1;
create index cases_board on cases (rank, handover_due, id);
create index cases_person on cases (person, started_at);
create table handover_items (id bytea primary key, case_id bytea not null, n bigint not null, person bytea not null, kind text not null, stage text not null, title text, customer bytea, customer_number text, customer_name text, ledger_customers bigint not null, ledger_orders bigint not null, ledger_fen bigint not null, state text not null, version bigint not null, desk text not null, reviewer bytea, reviewer_name text, submitter bytea, submitter_name text, why text, waived_by text, corrects bytea, touched_by text, touched_at bigint not null);
create index handover_items_case on handover_items (case_id, n);
create index handover_items_reviewer on handover_items (reviewer, state);
-- Versions are added and never change but for the one verdict that each gets.
create table handover_versions (item bytea not null, n bigint not null, person bytea not null, hash text, body text not null, by text not null, at bigint not null, verdict text, primary key (item, n));
create index handover_versions_hash on handover_versions (hash);
create table duties (id bytea primary key, case_id bytea not null, person bytea not null, kind text not null, state text not null, due_on text not null, done_on text, done_by text, file_hash text, file_name text, note text, overdue_at bigint, version bigint not null, touched_by text, touched_at bigint not null);
create index duties_case on duties (case_id, due_on);
create index duties_due on duties (state, due_on);
create index duties_hash on duties (file_hash);
