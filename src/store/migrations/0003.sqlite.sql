-- Offboarding: one case a spell and its addenda; `open` and `rank` are copies of the state for the board.
create table cases (id blob primary key, person blob not null, spell blob not null, state text not null, version integer not null, exit text not null, notice_on text, last_day text not null, backdated integer not null, handover_due text not null, template text not null, starter blob not null, starter_name text not null, started_at integer not null, approver_name text, approved_at integer, overdue_at integer, ended_at integer, addendum_of blob, touched_by text, touched_at integer not null, touched_act text not null, open integer not null, rank integer not null, stages text not null) without rowid;
create unique index cases_spell_open on cases (spell) where open = 1;
create index cases_board on cases (rank, handover_due, id);
create index cases_person on cases (person, started_at);
create table handover_items (id blob primary key, case_id blob not null, n integer not null, person blob not null, kind text not null, stage text not null, title text, customer blob, customer_number text, customer_name text, ledger_customers integer not null, ledger_orders integer not null, ledger_fen integer not null, state text not null, version integer not null, desk text not null, reviewer blob, reviewer_name text, submitter blob, submitter_name text, why text, waived_by text, corrects blob, touched_by text, touched_at integer not null) without rowid;
create index handover_items_case on handover_items (case_id, n);
create index handover_items_reviewer on handover_items (reviewer, state);
-- Versions are added and never change but for the one verdict that each gets.
create table handover_versions (item blob not null, n integer not null, person blob not null, hash text, body text not null, by text not null, at integer not null, verdict text, primary key (item, n)) without rowid;
create index handover_versions_hash on handover_versions (hash);
create table duties (id blob primary key, case_id blob not null, person blob not null, kind text not null, state text not null, due_on text not null, done_on text, done_by text, file_hash text, file_name text, note text, overdue_at integer, version integer not null, touched_by text, touched_at integer not null) without rowid;
create index duties_case on duties (case_id, due_on);
create index duties_due on duties (state, due_on);
create index duties_hash on duties (file_hash);
