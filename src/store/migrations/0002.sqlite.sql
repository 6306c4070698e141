-- E-mail of a person, lower case, for matching accounts. Two people may share one: whoever matches sees both.
alter table persons add column email text;
create index persons_email on persons (email);

-- Customers. `owner` and `since` are what `owner_points` come to; no owner is the pool.
create table customers (id blob primary key, source text not null, number text not null, name text not null, contact text, owner blob, since text, collector blob, version integer not null, touched_by text, touched_at integer not null, stated_on text not null, stated_hash blob not null, unique (source, number)) without rowid;
create index customers_number on customers (number, id);
create index customers_name on customers (name, id);
create index customers_owner on customers (owner, number, id);
create index customers_collector on customers (collector);
-- From when a customer had an owner: what files state (n = 0), and what was handed over here. Only files restate theirs.
create table owner_points (customer blob not null, since text not null, n integer not null, owner blob, until text, transfer blob, stated_on text not null, stated_hash blob not null, primary key (customer, since, n)) without rowid;
create table transfers (id blob primary key, customer blob not null, from_owner blob, to_owner blob, state text not null, open integer not null, open_orders integer not null, receivable_fen integer not null, collector blob, proposed_by text not null, proposed_at integer not null, pending_until integer, ended_at integer) without rowid;
create unique index transfers_one_open on transfers (customer) where open = 1;
create index transfers_customer on transfers (customer, proposed_at);
create table orders (id blob primary key, source text not null, number text not null, customer blob not null, placed_on text not null, amount_fen integer not null, state text not null, open integer not null, stated_on text not null, stated_hash blob not null, unique (source, number)) without rowid;
create index orders_customer on orders (customer, open, placed_on);
create table receivables (id blob primary key, source text not null, number text not null, customer blob not null, amount_fen integer not null, due_on text not null, stated_on text not null, stated_hash blob not null, unique (source, number)) without rowid;
create index receivables_customer on receivables (customer, due_on);
