-- Tokens of the HTTP API. What proves one is nowhere: only its SHA-256.
create table tokens (id blob primary key, operator blob not null, hash text not null unique, scope text not null, created_at integer not null, expires_at integer not null, revoked_at integer, version integer not null);
create index tokens_operator on tokens (operator, created_at);
