-- Keys of SSH by which operators are known on a shared host. A fingerprint is one operator's for as long as it is not removed.
create table ssh_keys (id blob primary key, operator blob not null, fingerprint text not null, created_at integer not null, removed_at integer, version integer not null);
create unique index ssh_keys_fingerprint on ssh_keys (fingerprint) where removed_at is null;
create index ssh_keys_operator on ssh_keys (operator, created_at);
-- What was typed and not sent when a console lost its terminal, sealed under a key of the operator's own.
create table drafts (id blob primary key, operator blob not null, at integer not null, sealed blob not null);
create index drafts_operator on drafts (operator, at);
