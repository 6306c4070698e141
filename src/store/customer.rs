//! Customers, who owns them, orders and receivables.

use super::{
    Result, Row, Tx, Val,
    person::{self, REF, conditions, map_ref},
};
use crate::{
    domain::{
        customer::{
            self, Customer, CustomerFacts, CustomerRow, CustomerView, Held, Order, Ownership, Point, Receivable, Taker, Transfer,
            TransferState,
        },
        ids::{CustomerId, OrderId, PersonId, ReceivableId},
        import::{CustomerFact, OrderFact, ReceivableFact},
        person::SpellState,
        row::{Filter, Within},
    },
    vals,
};
use jiff::{Timestamp, civil::Date};
use std::collections::HashMap;

const COLUMNS: &str = "c.id, c.number, c.name, c.contact, c.owner, c.since, c.collector, c.version, c.touched_by, c.touched_at";
const LEN: usize = 10;

fn map(r: &Row) -> Result<Customer> {
    Ok(Customer {
        id: r.get(0)?,
        number: r.get(1)?,
        name: r.get(2)?,
        contact: r.home().opt(r.get(3)?),
        owner: r.get(4)?,
        since: r.get(5)?,
        collector: r.get(6)?,
        version: r.get(7)?,
        touched_by: r.get(8)?,
        touched_at: r.get(9)?,
    })
}

const TRANSFER: &str = "t.id, t.customer, t.from_owner, t.to_owner, t.state, t.open_orders, t.receivable_fen, t.collector, t.proposed_by, \
                        t.proposed_at, t.pending_until, t.ended_at";
const TRANSFER_LEN: usize = 12;

fn map_transfer(r: &Row, i: usize) -> Result<Transfer> {
    Ok(Transfer {
        id: r.get(i)?,
        customer: r.get(i + 1)?,
        from: r.get(i + 2)?,
        to: r.get(i + 3)?,
        state: r.get(i + 4)?,
        open_orders: r.get(i + 5)?,
        receivable_fen: r.get(i + 6)?,
        collector: r.get(i + 7)?,
        proposed_by: r.get(i + 8)?,
        proposed_at: r.get(i + 9)?,
        pending_until: r.get(i + 10)?,
        ended_at: r.get(i + 11)?,
    })
}

/// Unfinished orders of a customer `c`, what they come to, and what it owes. A sum is a number of another type on one engine.
const OPEN: &str = "(select count(*) from orders o where o.customer = c.id and o.open = 1), \
                    (select cast(coalesce(sum(o.amount_fen), 0) as bigint) from orders o where o.customer = c.id and o.open = 1), \
                    (select cast(coalesce(sum(r.amount_fen), 0) as bigint) from receivables r where r.customer = c.id)";
const OPEN_LEN: usize = 3;

/// One customer.
pub fn get(tx: &mut Tx, id: CustomerId) -> Result<Option<Customer>> {
    tx.one(&format!("select {COLUMNS} from customers c where c.id = $1"), vals![id], map)
}

/// Customers with a number; one a source.
pub fn by_number(tx: &mut Tx, number: &str, limit: i64) -> Result<Vec<Customer>> {
    tx.all(&format!("select {COLUMNS} from customers c where c.number = $1 order by c.id limit $2"), vals![number, limit], map)
}

/// Writes what an operator changed. Who owns it is written with its point.
pub fn put(tx: &mut Tx, c: &Customer) -> Result<()> {
    tx.exec(
        "update customers set collector = $2, version = $3, touched_by = $4, touched_at = $5 where id = $1",
        vals![c.id, c.collector, c.version, c.touched_by.clone(), c.touched_at],
    )?;
    Ok(())
}

/// Writes a transfer's row.
pub fn put_transfer(tx: &mut Tx, t: &Transfer) -> Result<()> {
    tx.exec(
        "insert into transfers (id, customer, from_owner, to_owner, state, open, open_orders, receivable_fen, collector, proposed_by, proposed_at, \
         pending_until, ended_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
         on conflict (id) do update set state = excluded.state, open = excluded.open, open_orders = excluded.open_orders, \
         receivable_fen = excluded.receivable_fen, collector = excluded.collector, pending_until = excluded.pending_until, \
         ended_at = excluded.ended_at",
        vals![
            t.id,
            t.customer,
            t.from,
            t.to,
            t.state,
            t.state.is_open(),
            t.open_orders,
            t.receivable_fen,
            t.collector,
            &t.proposed_by,
            t.proposed_at,
            t.pending_until,
            t.ended_at
        ],
    )?;
    Ok(())
}

/// Everything that was ever said about who owns a customer, oldest first.
pub fn points(tx: &mut Tx, id: CustomerId) -> Result<Vec<Point>> {
    tx.all("select since, n, owner, until, transfer from owner_points where customer = $1 order by since, n", vals![id], |r| {
        Ok(Point { since: r.get(0)?, n: r.get(1)?, owner: r.get(2)?, until: r.get(3)?, transfer: r.get(4)? })
    })
}

/// Adds the point of a transfer and sets the owner.
pub fn hand_over(tx: &mut Tx, id: CustomerId, p: &Point) -> Result<()> {
    tx.exec(
        "insert into owner_points (customer, since, n, owner, until, transfer, stated_on, stated_hash) values ($1, $2, $3, $4, null, $5, $2, $6)",
        vals![id, p.since, p.n, p.owner, p.transfer, Vec::new()],
    )?;
    settle(tx, id).map(|_| ())
}

/// Sets a customer's owner to what its points come to; true when that is another one. Whoever collected for the pool no longer does once
/// there is an owner.
pub fn settle(tx: &mut Tx, id: CustomerId) -> Result<bool> {
    let points = points(tx, id)?;
    let last = customer::intervals(&points).pop();
    let (owner, since) = last.map_or((None, None), |i| (i.owner, Some(i.from)));
    let before: Option<PersonId> = tx.one("select owner from customers where id = $1", vals![id], |r| r.get(0))?.flatten();
    tx.exec(
        "update customers set owner = $2, since = $3, collector = case when $4 = 1 then null else collector end where id = $1",
        vals![id, owner, since, owner.is_some()],
    )?;
    Ok(before != owner)
}

/// Who owned a customer and when, oldest first.
pub fn ownerships(tx: &mut Tx, id: CustomerId) -> Result<Vec<Ownership>> {
    Ok(customer::intervals(&points(tx, id)?))
}

/// Who owned a customer on a day; `None` is the pool.
pub fn owner_at(tx: &mut Tx, id: CustomerId, day: Date) -> Result<Option<PersonId>> {
    Ok(customer::owner_on(&ownerships(tx, id)?, day))
}

/// Whether somebody may be handed a customer, and whether they are leaving themselves. The one place that knows what a leaver is.
pub fn taker(tx: &mut Tx, id: PersonId) -> Result<Option<Taker>> {
    tx.one("select s.number, s.state from persons p join spells s on s.id = p.spell where p.id = $1 and p.erased = 0", vals![id], |r| {
        let state: SpellState = r.get(1)?;
        Ok(Taker { id, number: r.get(0)?, state, leaving: matches!(state, SpellState::Notice | SpellState::Departed) })
    })
}

/// All that a decision about a customer looks at. `to` and `collector` are whom the act names; the transfer that is under way names the
/// new owner else.
pub fn facts(tx: &mut Tx, id: CustomerId, to: Option<PersonId>, collector: Option<PersonId>, today: Date) -> Result<Option<CustomerFacts>> {
    let found = tx.one(&format!("select {COLUMNS}, {OPEN} from customers c where c.id = $1"), vals![id], |r| {
        Ok((map(r)?, r.get(LEN)?, r.get(LEN + 2)?))
    })?;
    let Some((customer, open_orders, receivable_fen)) = found else { return Ok(None) };
    let open =
        tx.one(&format!("select {TRANSFER} from transfers t where t.customer = $1 and t.open = 1"), vals![id], |r| map_transfer(r, 0))?;
    let to = to.or(open.as_ref().and_then(|t| t.to));
    let taker_of = |tx: &mut Tx, id: Option<PersonId>| id.map_or(Ok(None), |id| taker(tx, id));
    let points_today = tx.count("select max(n) from owner_points where customer = $1 and since = $2", vals![id, today])?;
    Ok(Some(CustomerFacts {
        customer,
        open,
        open_orders,
        receivable_fen,
        taker: taker_of(tx, to)?,
        collector: taker_of(tx, collector)?,
        today,
        points_today,
    }))
}

/// Where a page starts: number and id of the row before it.
pub type After = Option<(String, CustomerId)>;

fn held(tx: &mut Tx, owner: PersonId, column: &str, after: &After, limit: Option<i64>) -> Result<Vec<Held>> {
    let mut params: Vec<Val> = vec![owner.into()];
    let mut sql = format!(
        "select c.id, c.number, c.name, coalesce(c.since, c.stated_on), c.version, {OPEN}, t.state, t.to_owner, t.pending_until \
         from customers c left join transfers t on t.customer = c.id and t.open = 1 where c.{column} = $1"
    );
    if let Some((number, id)) = after {
        params.extend([Val::from(number), Val::from(*id)]);
        sql.push_str(" and (c.number, c.id) > ($2, $3)");
    }
    sql.push_str(" order by c.number, c.id");
    if let Some(limit) = limit {
        params.push(limit.into());
        sql.push_str(&format!(" limit ${}", params.len()));
    }
    tx.all(&sql, &params, |r| {
        Ok(Held {
            customer: r.get(0)?,
            number: r.get(1)?,
            name: r.get(2)?,
            since: r.get(3)?,
            version: r.get(4)?,
            open_orders: r.get(5)?,
            order_fen: r.get(6)?,
            receivable_fen: r.get(7)?,
            transfer: r.get::<Option<TransferState>>(8)?,
            to: r.get(9)?,
            until: r.get(10)?,
        })
    })
}

/// The customers that somebody owns now, by number: drawn from the store, not from the leaver [CU-4].
pub fn held_by(tx: &mut Tx, person: PersonId) -> Result<Vec<Held>> {
    held(tx, person, "owner", &None, None)
}

/// A page of [`held_by`].
pub fn held_page(tx: &mut Tx, person: PersonId, after: &After, limit: i64) -> Result<Vec<Held>> {
    held(tx, person, "owner", after, Some(limit))
}

/// Customers in the pool whose receivables somebody collects.
pub fn collected_by(tx: &mut Tx, person: PersonId) -> Result<Vec<Held>> {
    held(tx, person, "collector", &None, None)
}

/// When the time in which a customer may decline is next over.
pub fn next_pending(tx: &mut Tx) -> Result<Option<Timestamp>> {
    let now = tx.now();
    tx.one("select min(pending_until) from transfers where open = 1 and state = 'pending' and pending_until > $1", vals![now], |r| {
        r.get::<Option<Timestamp>>(0)
    })
    .map(Option::flatten)
}

/// Transfers under way by which somebody is to take a customer over.
pub fn count_coming(tx: &mut Tx, person: PersonId) -> Result<i64> {
    tx.count("select count(*) from transfers where open = 1 and to_owner = $1", vals![person])
}

/// Number of customers in the pool whose receivables somebody collects.
pub fn count_collected(tx: &mut Tx, person: PersonId) -> Result<i64> {
    tx.count("select count(*) from customers where owner is null and collector = $1", vals![person])
}

/// Number of customers that somebody owns now.
pub fn count_held(tx: &mut Tx, person: PersonId) -> Result<i64> {
    tx.count("select count(*) from customers where owner = $1", vals![person])
}

const ORDER: &str = "o.id, o.number, o.customer, o.placed_on, o.amount_fen, o.state";

fn map_order(r: &Row) -> Result<Order> {
    Ok(Order { id: r.get(0)?, number: r.get(1)?, customer: r.get(2)?, placed_on: r.get(3)?, amount_fen: r.get(4)?, state: r.get(5)? })
}

const RECEIVABLE: &str = "r.id, r.number, r.customer, r.amount_fen, r.due_on";

fn map_receivable(r: &Row) -> Result<Receivable> {
    Ok(Receivable { id: r.get(0)?, number: r.get(1)?, customer: r.get(2)?, amount_fen: r.get(3)?, due_on: r.get(4)? })
}

/// Orders of a customer: unfinished ones first, then the newest.
pub fn orders(tx: &mut Tx, id: CustomerId, limit: i64) -> Result<Vec<Order>> {
    let sql = format!("select {ORDER} from orders o where o.customer = $1 order by o.open desc, o.placed_on desc, o.id limit $2");
    tx.all(&sql, vals![id, limit], map_order)
}

/// What a customer owes, what was due first at the top.
pub fn receivables(tx: &mut Tx, id: CustomerId, limit: i64) -> Result<Vec<Receivable>> {
    let sql = format!("select {RECEIVABLE} from receivables r where r.customer = $1 and r.amount_fen > 0 order by r.due_on, r.id limit $2");
    tx.all(&sql, vals![id, limit], map_receivable)
}

/// Unfinished orders of all customers that somebody owns.
pub fn open_orders_of(tx: &mut Tx, person: PersonId) -> Result<Vec<Order>> {
    let sql = format!(
        "select {ORDER} from orders o join customers c on c.id = o.customer where c.owner = $1 and o.open = 1 order by c.number, o.placed_on, o.id"
    );
    tx.all(&sql, vals![person], map_order)
}

/// What all customers that somebody owns still owe.
pub fn receivables_of(tx: &mut Tx, person: PersonId) -> Result<Vec<Receivable>> {
    let sql = format!(
        "select {RECEIVABLE} from receivables r join customers c on c.id = r.customer where c.owner = $1 and r.amount_fen > 0 \
         order by c.number, r.due_on, r.id"
    );
    tx.all(&sql, vals![person], map_receivable)
}

/// Transfers of a customer, newest first.
pub fn transfers(tx: &mut Tx, id: CustomerId, limit: i64) -> Result<Vec<Transfer>> {
    let sql = format!("select {TRANSFER} from transfers t where t.customer = $1 order by t.proposed_at desc, t.id desc limit $2");
    tx.all(&sql, vals![id, limit], |r| map_transfer(r, 0))
}

fn select() -> String {
    format!(
        "select {COLUMNS}, {OPEN}, {TRANSFER}, {REF} from customers c left join transfers t on t.customer = c.id and t.open = 1 \
         left join persons p on p.id = c.owner left join spells s on s.id = p.spell"
    )
}

fn map_row(r: &Row) -> Result<CustomerRow> {
    let customer = map(r)?;
    let (t, p) = (LEN + OPEN_LEN, LEN + OPEN_LEN + TRANSFER_LEN);
    Ok(CustomerRow {
        open_orders: r.get(LEN)?,
        receivable_fen: r.get(LEN + 2)?,
        transfer: r.get::<Option<uuid::Uuid>>(t)?.map(|_| map_transfer(r, t)).transpose()?,
        owner: r.get::<Option<PersonId>>(p)?.map(|_| map_ref(r, p)).transpose()?,
        collector: None,
        customer,
    })
}

/// Fills in who collects.
fn with_collectors(tx: &mut Tx, mut rows: Vec<CustomerRow>) -> Result<Vec<CustomerRow>> {
    let mut ids: Vec<PersonId> = rows.iter().filter_map(|r| r.customer.collector).collect();
    ids.sort_unstable();
    ids.dedup();
    let found: HashMap<_, _> = person::refs(tx, &ids)?.into_iter().map(|p| (p.id, p)).collect();
    for row in &mut rows {
        row.collector = row.customer.collector.and_then(|id| found.get(&id).cloned());
    }
    Ok(rows)
}

/// One customer as a row.
pub fn row(tx: &mut Tx, id: CustomerId) -> Result<Option<CustomerRow>> {
    let rows = tx.all(&format!("{} where c.id = $1", select()), vals![id], map_row)?;
    Ok(with_collectors(tx, rows)?.pop())
}

/// The `and …` condition that a customer is one of those that the asker's role reaches: of a unit also what nobody owns (invariant 19).
fn bound(within: &Within, params: &mut Vec<Val>) -> String {
    match within {
        Within::Own(me) => {
            params.push(Val::from(*me));
            format!(" and c.owner = ${}", params.len())
        }
        Within::Org(_) => format!(" and (c.owner is null or (1 = 1{}))", person::bound(within, params)),
        Within::Everybody | Within::Nobody => person::bound(within, params),
    }
}

/// Whether the asker's role reaches a customer now.
pub fn reaches(tx: &mut Tx, within: &Within, id: CustomerId) -> Result<bool> {
    if *within == Within::Everybody {
        return Ok(true);
    }
    let mut params = vec![Val::from(id)];
    let bound = bound(within, &mut params);
    let sql = format!(
        "select count(*) from customers c left join persons p on p.id = c.owner left join spells s on s.id = p.spell where c.id = $1{bound}"
    );
    Ok(tx.count(&sql, &params)? > 0)
}

/// Customers by number: of one owner, or all of a view. The filter's words are prefixes of number or name, the rest is about the owner.
pub fn page(
    tx: &mut Tx,
    view: CustomerView,
    owner: Option<PersonId>,
    filter: &Filter,
    after: &After,
    limit: i64,
) -> Result<Vec<CustomerRow>> {
    let mut params: Vec<Val> = Vec::new();
    let mut sql = format!("{} where 1 = 1", select());
    sql.push_str(match view {
        CustomerView::All => "",
        CustomerView::Pool => " and c.owner is null",
        CustomerView::Leaving => " and (s.state in ('notice', 'departed') or p.erased = 1)",
        CustomerView::Moving => " and t.id is not null",
    });
    if let Some(owner) = owner {
        params.push(owner.into());
        sql.push_str(" and c.owner = $1");
    }
    if let Some(text) = filter.text.as_deref().map(str::trim).filter(|t| !t.is_empty()) {
        params.extend([Val::from(text), Val::from(person::end_of(text))]);
        let (a, b) = (params.len() - 1, params.len());
        sql.push_str(&format!(" and ((c.number >= ${a} and c.number < ${b}) or (c.name >= ${a} and c.name < ${b}))"));
    }
    sql.push_str(&conditions(&Filter { text: None, within: Within::Everybody, ..filter.clone() }, &mut params));
    sql.push_str(&bound(&filter.within, &mut params));
    if let Some((number, id)) = after {
        params.extend([Val::from(number), Val::from(*id)]);
        let n = params.len();
        sql.push_str(&format!(" and (c.number, c.id) > (${}, ${})", n - 1, n));
    }
    params.push(limit.into());
    sql.push_str(&format!(" order by c.number, c.id limit ${}", params.len()));
    let rows = tx.all(&sql, &params, map_row)?;
    with_collectors(tx, rows)
}

/// A page of the customers that nobody owns.
pub fn pool(tx: &mut Tx, after: &After, limit: i64) -> Result<Vec<CustomerRow>> {
    page(tx, CustomerView::Pool, None, &Filter::default(), after, limit)
}

/// What all customers owe, in fen.
pub fn owed(tx: &mut Tx) -> Result<i64> {
    tx.count("select cast(coalesce(sum(amount_fen), 0) as bigint) from receivables", &[])
}

/// When a file said something last, and the hash of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub on: Date,
    pub hash: Vec<u8>,
}

/// A customer as the store knows it from one source.
pub struct Known {
    pub id: CustomerId,
    pub stated: Statement,
}

fn map_statement(r: &Row, i: usize) -> Result<Statement> {
    Ok(Statement { on: r.get(i)?, hash: r.get(i + 1)? })
}

/// Finds a customer by source and number.
pub fn known(tx: &mut Tx, source: &str, number: &str) -> Result<Option<Known>> {
    tx.one("select id, stated_on, stated_hash from customers where source = $1 and number = $2", vals![source, number], |r| {
        Ok(Known { id: r.get(0)?, stated: map_statement(r, 1)? })
    })
}

/// Whom to speak to there is nobody of ours.
fn sealed(tx: &Tx, contact: Option<&str>) -> Result<Option<String>> {
    contact.map(|c| tx.seal_home(c)).transpose()
}

/// Adds a customer, in the pool until something says who owns it.
pub fn add(tx: &mut Tx, id: CustomerId, source: &str, c: &CustomerFact, s: &Statement) -> Result<()> {
    let (now, contact) = (tx.now(), sealed(tx, c.contact.as_deref())?);
    tx.exec(
        "insert into customers (id, source, number, name, contact, owner, since, collector, version, touched_by, touched_at, stated_on, stated_hash) \
         values ($1, $2, $3, $4, $5, null, null, null, 1, null, $6, $7, $8)",
        vals![id, source, &c.number, &c.name, contact, now, s.on, s.hash.clone()],
    )?;
    Ok(())
}

/// Writes what a file says about a customer itself.
pub fn describe(tx: &mut Tx, id: CustomerId, c: &CustomerFact, s: &Statement) -> Result<()> {
    let contact = sealed(tx, c.contact.as_deref())?;
    tx.exec("update customers set name = $2, contact = $3 where id = $1", vals![id, &c.name, contact])?;
    restate(tx, id, s)?;
    touch(tx, id)
}

/// Notes that a customer was stated again, later, as it is.
pub fn restate(tx: &mut Tx, id: CustomerId, s: &Statement) -> Result<()> {
    tx.exec("update customers set stated_on = $2, stated_hash = $3 where id = $1", vals![id, s.on, s.hash.clone()])?;
    Ok(())
}

/// A change by the machine that a person can see.
pub fn touch(tx: &mut Tx, id: CustomerId) -> Result<()> {
    let now = tx.now();
    tx.exec("update customers set version = version + 1, touched_by = null, touched_at = $2 where id = $1", vals![id, now])?;
    Ok(())
}

/// What files said last about who owns a customer from a day.
pub fn stated(tx: &mut Tx, id: CustomerId, since: Date) -> Result<Option<Statement>> {
    tx.one("select stated_on, stated_hash from owner_points where customer = $1 and since = $2 and n = 0", vals![id, since], |r| {
        map_statement(r, 0)
    })
}

/// Writes what a file says about who owns a customer from a day.
pub fn state_point(tx: &mut Tx, id: CustomerId, p: &Point, s: &Statement) -> Result<()> {
    tx.exec(
        "insert into owner_points (customer, since, n, owner, until, transfer, stated_on, stated_hash) values ($1, $2, 0, $3, $4, null, $5, $6) \
         on conflict (customer, since, n) do update set owner = excluded.owner, until = excluded.until, stated_on = excluded.stated_on, \
         stated_hash = excluded.stated_hash",
        vals![id, p.since, p.owner, p.until, s.on, s.hash.clone()],
    )?;
    Ok(())
}

/// Finds an order by source and number.
pub fn known_order(tx: &mut Tx, source: &str, number: &str) -> Result<Option<(OrderId, Statement)>> {
    tx.one("select id, stated_on, stated_hash from orders where source = $1 and number = $2", vals![source, number], |r| {
        Ok((r.get(0)?, map_statement(r, 1)?))
    })
}

/// Writes an order's row.
pub fn put_order(tx: &mut Tx, id: OrderId, source: &str, customer: CustomerId, o: &OrderFact, s: &Statement) -> Result<()> {
    tx.exec(
        "insert into orders (id, source, number, customer, placed_on, amount_fen, state, open, stated_on, stated_hash) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         on conflict (id) do update set customer = excluded.customer, placed_on = excluded.placed_on, amount_fen = excluded.amount_fen, \
         state = excluded.state, open = excluded.open, stated_on = excluded.stated_on, stated_hash = excluded.stated_hash",
        vals![id, source, &o.number, customer, o.placed_on, o.amount_fen, o.state, o.state.is_open(), s.on, s.hash.clone()],
    )?;
    Ok(())
}

/// Finds a receivable by source and number.
pub fn known_receivable(tx: &mut Tx, source: &str, number: &str) -> Result<Option<(ReceivableId, Statement)>> {
    tx.one("select id, stated_on, stated_hash from receivables where source = $1 and number = $2", vals![source, number], |r| {
        Ok((r.get(0)?, map_statement(r, 1)?))
    })
}

/// Writes a receivable's row.
pub fn put_receivable(tx: &mut Tx, id: ReceivableId, source: &str, customer: CustomerId, r: &ReceivableFact, s: &Statement) -> Result<()> {
    tx.exec(
        "insert into receivables (id, source, number, customer, amount_fen, due_on, stated_on, stated_hash) \
         values ($1, $2, $3, $4, $5, $6, $7, $8) \
         on conflict (id) do update set customer = excluded.customer, amount_fen = excluded.amount_fen, due_on = excluded.due_on, \
         stated_on = excluded.stated_on, stated_hash = excluded.stated_hash",
        vals![id, source, &r.number, customer, r.amount_fen, r.due_on, s.on, s.hash.clone()],
    )?;
    Ok(())
}
