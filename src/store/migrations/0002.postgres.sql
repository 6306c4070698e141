-- E-mail of a person, lower case, for matching accounts. Two people may share one: whoever matches sees both.
alter table persons add column email text;
create index persons_email on persons (email);

-- Customers. `owner` and `since` are what `owner_points` come to; no owner is the pool.
create table customers (id bytea primary key, source text not null, number text collate "C" not null, name text collate "C" not null, contact text, owner bytea, since text, collector bytea, version bigint not null, touched_by text, touched_at bigint not null, stated_on text not null, stated_hash bytea not null, unique (source, number));
create index customers_number on customers (number, id);
create index customers_name on customers (name, id);
create index customers_owner on customers (owner, number, id);
create index customers_collector on customers (collector);
-- From when a customer had an owner: what files state (n = 0), and what was handed over here. Only files restate theirs.
create table owner_points (customer bytea not null, since text not null, n bigint not null, owner bytea, until text, transfer bytea, stated_on text not null, stated_hash bytea not null, primary key (customer, since, n));
create table transfers (id bytea primary key, customer bytea not null, from_owner bytea, to_owner bytea, state text not null, open bigint not null, open_orders bigint not null, receivable_fen bigint not null, collector bytea, proposed_by text not null, proposed_at bigint not null, pending_until bigint, ended_at bigint);
create unique index transfers_one_open on transfers (customer) where open = 1;
create index transfers_customer on transfers (customer, proposed_at);
create table orders (id bytea primary key, source text not null, number text not null, customer bytea not null, placed_on text not null, amount_fen bigint not null, state text not null, open bigint not null, stated_on text not null, stated_hash bytea not null, unique (source, number));
create index orders_customer on orders (customer, open, placed_on);
create table receivables (id bytea primary key, source text not null, number text not null, customer bytea not null, amount_fen bigint not null, due_on text not null, stated_on text not null, stated_hash bytea not null, unique (source, number));
create index receivables_customer on receivables (customer, due_on);
