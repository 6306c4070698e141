-- Keys of SSH by which operators are known on a shared host. A fingerprint is one operator's for as long as it is not removed.
create table ssh_keys (id bytea primary key, operator bytea not null, fingerprint text not null, created_at bigint not null, removed_at bigint, version bigint not null);
create unique index ssh_keys_fingerprint on ssh_keys (fingerprint) where removed_at is null;
create index ssh_keys_operator on ssh_keys (operator, created_at);
-- What was typed and not sent when a console lost its terminal, sealed under a key of the operator's own.
create table drafts (id bytea primary key, operator bytea not null, at bigint not null, sealed bytea not null);
create index drafts_operator on drafts (operator, at);
