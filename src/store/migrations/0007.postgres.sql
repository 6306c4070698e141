-- Tokens of the HTTP API. What proves one is nowhere: only its SHA-256.
create table tokens (id bytea primary key, operator bytea not null, hash text not null unique, scope text not null, created_at bigint not null, expires_at bigint not null, revoked_at bigint, version bigint not null);
create index tokens_operator on tokens (operator, created_at);
