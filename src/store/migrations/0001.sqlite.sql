create table meta (key text primary key, value text not null) without rowid;
create table operators (id blob primary key, name text not null unique, role text not null, created_at integer not null, revoked_at integer, version integer not null) without rowid;

-- People. One row a human being; `spell` is the one that is shown: the live one, else the last.
create table persons (id blob primary key, source text not null, source_key text not null, name text not null, sort_name text not null, sort_fixed integer not null, spell blob not null, erased integer not null, version integer not null, stated_on text not null, stated_hash blob not null, unique (source, source_key)) without rowid;
create index persons_sort on persons (sort_name, id);
create index persons_name on persons (name, id);
create table spells (id blob primary key, person blob not null references persons (id) deferrable initially deferred, number text not null, org text not null, post text not null, critical text, impact text not null, manager text, state text not null, started text not null, last_day text, exit text, live integer not null, version integer not null, stated_on text not null, stated_hash blob not null, unique (person, started)) without rowid;
create index spells_number on spells (number);
create unique index spells_live_number on spells (number) where live = 1;
create unique index spells_live_person on spells (person) where live = 1;
create table person_keys (person blob primary key, sealed blob not null) without rowid;

-- Signals are clustered by spell and time: a score reads one range.
create table kinds (kind integer primary key, enabled integer not null, basis text, purpose text not null, sensitivity text not null, keep_days integer not null, version integer not null);
create table sources (id integer primary key, name text not null unique);
create table signals (spell blob not null, observed_at integer not null, event_key blob not null, kind integer not null, source integer not null, event text not null, known_at integer not null, value real, baseline real, note text, expires_at integer not null, primary key (spell, observed_at, event_key)) without rowid;
-- Identity of a signal, whatever person and time a later file gives it. A table of its own, not an index, so that an import can write it
-- in key order.
create table events (event_key blob primary key, spell blob not null, observed_at integer not null) without rowid;

-- Snapshots are appended; only their index is in the order of spells.
create table scores (spell blob not null, computed_at integer not null, id blob not null, model text not null, model_version text not null, as_of text not null, score real not null, band integer not null, body blob not null, inputs_hash blob not null);
create index scores_spell on scores (spell, computed_at);
create table current_scores (spell blob primary key, id blob not null, model_version text not null, score real not null, band integer not null, valid_until text, computed_at integer not null, inputs_hash blob not null) without rowid;
create index current_scores_until on current_scores (valid_until);
create table dirty (spell blob primary key) without rowid;

create table alerts (id blob primary key, kind text not null, state text not null, version integer not null, generation integer not null, person blob not null, spell blob not null, owner blob, band integer not null, raised_at integer not null, ack_due_at integer not null, acked_at integer, talk_due_at integer not null, talked_at integer, snoozed_until integer, snoozed_from text, escalation integer not null, events integer not null, outcome text, dismissed text, closed_at integer, touched_by text, touched_at integer not null, touched_act text not null, open integer not null, rank integer not null, queue_at integer not null) without rowid;
create unique index alerts_one_open on alerts (spell, kind) where open = 1;
-- `queue_at` is the talk clock, far away once the talk was held. `rank` is minus impact x score when the alert was raised: what is due
-- together comes by weight, and paging stays by key.
create index alerts_queue on alerts (open, queue_at, rank, id);
create index alerts_spell on alerts (spell, generation);
create index alerts_person on alerts (person, raised_at);
create table notes (id blob primary key, alert blob not null, person blob not null, at integer not null, by text not null, text text not null) without rowid;
create index notes_alert on notes (alert, at);
create table talks (id blob primary key, alert blob not null, person blob not null, by text not null, recorded_at integer not null, at integer not null, who text not null, channel text not null, needs text not null, next_step text not null) without rowid;
create index talks_alert on talks (alert, recorded_at);
create index talks_person on talks (person, at);
create table plans (id blob primary key, person blob not null, spell blob not null, alert blob, template text not null, text text not null, cost_fen integer, state text not null, version integer not null, proposer blob not null, proposer_name text not null, approver_name text, created_at integer not null, approved_at integer, delivered_at integer, outcome_90 text, outcome_180 text, touched_by text not null, touched_at integer not null) without rowid;
create index plans_time on plans (created_at, id);
create index plans_person on plans (person, created_at);
create table approvals (id blob primary key, entity text not null, subject blob not null, person blob, subject_hash text not null, act text not null, proposer blob not null, proposer_name text not null, state text not null, version integer not null, asked_at integer not null, expires_at integer not null, decided_by text, decided_at integer) without rowid;
create index approvals_subject on approvals (subject, state);
create index approvals_queue on approvals (state, asked_at, id);

-- Two chains: acts, and reads of personal fields.
create table heads (chain text primary key, seq integer not null, hash blob not null) without rowid;
create table audit (seq integer primary key, bytes blob not null, hash blob not null, at integer not null, act text not null, operator_name text not null);
create table audit_items (person blob not null, seq integer not null, id blob not null, primary key (person, seq, id)) without rowid;
create table access (seq integer primary key, bytes blob not null, hash blob not null, at integer not null, act text not null, operator_name text not null);
create table idempotency (operator blob not null, key text not null, request_hash blob not null, answer text not null, at integer not null, primary key (operator, key)) without rowid;

create table jobs (id blob primary key, kind text not null, key text not null, state text not null, due_at integer not null, lease_token blob, lease_until integer, attempts integer not null, error text, payload text not null) without rowid;
create unique index jobs_pending on jobs (kind, key) where state = 'pending';
create index jobs_due on jobs (state, due_at);
create table feed (seq integer primary key autoincrement, what text not null, id blob);

create table imports (id blob primary key, kind text not null, map text, source text not null, file text not null, hash text not null, state text not null, at integer not null, rows integer not null, bad integer not null, done integer not null, added integer not null, same integer not null, refused integer not null, over_exits integer not null) without rowid;
create table import_chunks (import blob not null, n integer not null, bytes blob not null, primary key (import, n)) without rowid;
create table quarantine (id blob primary key, import blob not null, at integer not null, kind text not null, map text, file text not null, row integer not null, col text, why text not null, raw text not null) without rowid;
create index quarantine_time on quarantine (at, id);
create table blobs (hash text primary key, bytes blob not null) without rowid;
