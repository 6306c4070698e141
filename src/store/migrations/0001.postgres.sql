create table meta (key text primary key, value text not null);
create table operators (id bytea primary key, name text not null unique, role text not null, created_at bigint not null, revoked_at bigint, version bigint not null);

-- People. One row a human being; `spell` is the one that is shown: the live one, else the last.
create table persons (id bytea primary key, source text not null, source_key text not null, name text collate "C" not null, sort_name text collate "C" not null, sort_fixed bigint not null, spell bytea not null, erased bigint not null, version bigint not null, stated_on text not null, stated_hash bytea not null, unique (source, source_key));
create index persons_sort on persons (sort_name, id);
create index persons_name on persons (name, id);
create table spells (id bytea primary key, person bytea not null references persons (id) deferrable initially deferred, number text collate "C" not null, org text collate "C" not null, post text not null, critical text, impact text not null, manager text, state text not null, started text not null, last_day text, exit text, live bigint not null, version bigint not null, stated_on text not null, stated_hash bytea not null, unique (person, started));
create index spells_number on spells (number);
create unique index spells_live_number on spells (number) where live = 1;
create unique index spells_live_person on spells (person) where live = 1;
create table person_keys (person bytea primary key, sealed bytea not null);

-- Signals are clustered by spell and time: a score reads one range.
create table kinds (kind bigint primary key, enabled bigint not null, basis text, purpose text not null, sensitivity text not null, keep_days bigint not null, version bigint not null);
create table sources (id bigint primary key, name text not null unique);
create table signals (spell bytea not null, observed_at bigint not null, event_key bytea not null, kind bigint not null, source bigint not null, event text not null, known_at bigint not null, value double precision, baseline double precision, note text, expires_at bigint not null, primary key (spell, observed_at, event_key));
-- Identity of a signal, whatever person and time a later file gives it. A table of its own, not an index, so that an import can write it
-- in key order.
create table events (event_key bytea primary key, spell bytea not null, observed_at bigint not null);

-- Snapshots are appended; only their index is in the order of spells.
create table scores (spell bytea not null, computed_at bigint not null, id bytea not null, model text not null, model_version text not null, as_of text not null, score double precision not null, band bigint not null, body bytea not null, inputs_hash bytea not null);
create index scores_spell on scores (spell, computed_at);
create table current_scores (spell bytea primary key, id bytea not null, model_version text not null, score double precision not null, band bigint not null, valid_until text, computed_at bigint not null, inputs_hash bytea not null);
create index current_scores_until on current_scores (valid_until);
create table dirty (spell bytea primary key);

create table alerts (id bytea primary key, kind text not null, state text not null, version bigint not null, generation bigint not null, person bytea not null, spell bytea not null, owner bytea, band bigint not null, raised_at bigint not null, ack_due_at bigint not null, acked_at bigint, talk_due_at bigint not null, talked_at bigint, snoozed_until bigint, snoozed_from text, escalation bigint not null, events bigint not null, outcome text, dismissed text, closed_at bigint, touched_by text, touched_at bigint not null, touched_act text not null, open bigint not null, rank bigint not null, queue_at bigint not null);
create unique index alerts_one_open on alerts (spell, kind) where open = 1;
-- `queue_at` is the talk clock, far away once the talk was held. `rank` is minus impact x score when the alert was raised: what is due
-- together comes by weight, and paging stays by key.
create index alerts_queue on alerts (open, queue_at, rank, id);
create index alerts_spell on alerts (spell, generation);
create index alerts_person on alerts (person, raised_at);
create table notes (id bytea primary key, alert bytea not null, person bytea not null, at bigint not null, by text not null, text text not null);
create index notes_alert on notes (alert, at);
create table talks (id bytea primary key, alert bytea not null, person bytea not null, by text not null, recorded_at bigint not null, at bigint not null, who text not null, channel text not null, needs text not null, next_step text not null);
create index talks_alert on talks (alert, recorded_at);
create index talks_person on talks (person, at);
create table plans (id bytea primary key, person bytea not null, spell bytea not null, alert bytea, template text not null, text text not null, cost_fen bigint, state text not null, version bigint not null, proposer bytea not null, proposer_name text not null, approver_name text, created_at bigint not null, approved_at bigint, delivered_at bigint, outcome_90 text, outcome_180 text, touched_by text not null, touched_at bigint not null);
create index plans_time on plans (created_at, id);
create index plans_person on plans (person, created_at);
create table approvals (id bytea primary key, entity text not null, subject bytea not null, person bytea, subject_hash text not null, act text not null, proposer bytea not null, proposer_name text not null, state text not null, version bigint not null, asked_at bigint not null, expires_at bigint not null, decided_by text, decided_at bigint);
create index approvals_subject on approvals (subject, state);
create index approvals_queue on approvals (state, asked_at, id);

-- Two chains: acts, and reads of personal fields.
create table heads (chain text primary key, seq bigint not null, hash bytea not null);
create table audit (seq bigint primary key, bytes bytea not null, hash bytea not null, at bigint not null, act text not null, operator_name text not null);
create table audit_items (person bytea not null, seq bigint not null, id bytea not null, primary key (person, seq, id));
create table access (seq bigint primary key, bytes bytea not null, hash bytea not null, at bigint not null, act text not null, operator_name text not null);
create table idempotency (operator bytea not null, key text not null, request_hash bytea not null, answer text not null, at bigint not null, primary key (operator, key));

create table jobs (id bytea primary key, kind text not null, key text not null, state text not null, due_at bigint not null, lease_token bytea, lease_until bigint, attempts bigint not null, error text, payload text not null);
create unique index jobs_pending on jobs (kind, key) where state = 'pending';
create index jobs_due on jobs (state, due_at);
create table feed (seq bigint generated always as identity primary key, what text not null, id bytea);

create table imports (id bytea primary key, kind text not null, map text, source text not null, file text not null, hash text not null, state text not null, at bigint not null, rows bigint not null, bad bigint not null, done bigint not null, added bigint not null, same bigint not null, refused bigint not null, over_exits bigint not null);
create table import_chunks (import bytea not null, n bigint not null, bytes bytea not null, primary key (import, n));
create table quarantine (id bytea primary key, import bytea not null, at bigint not null, kind text not null, map text, file text not null, row bigint not null, col text, why text not null, raw text not null);
create index quarantine_time on quarantine (at, id);
create table blobs (hash text primary key, bytes bytea not null);
