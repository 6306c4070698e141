//! Customers, who owns them, orders and receivables from files: the same rows come to the same state in whatever order and split.

use super::refused;
use crate::{
    backend::Failure,
    domain::{
        customer::{self, Point},
        ids::{CustomerId, OrderId, PersonId, ReceivableId},
        import::{CustomerFact, ImportRow, OrderFact, ReceivableFact, StatedOwner},
        sentence::Sentence,
    },
    service::Service,
    store::{self, Tx, customer::Statement},
};
use jiff::civil::Date;
use sha2::{Digest, Sha256};

/// Whether a row changed something, or why it cannot be taken.
type Took = Result<bool, Sentence>;

/// What a statement is beside the one that is known of the same thing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum News {
    /// The first, or a later one that says something else.
    Changed,
    /// It says the same, later: nothing older counts any more.
    Again,
    /// Known, or older.
    Nothing,
}

/// The latest statement wins; of two of one day the one with the greater hash does, whatever the order.
fn news(known: Option<&Statement>, new: &Statement) -> News {
    match known {
        None => News::Changed,
        Some(k) if k.hash == new.hash && new.on > k.on => News::Again,
        Some(k) if k.hash != new.hash && (new.on, &new.hash) > (k.on, &k.hash) => News::Changed,
        Some(_) => News::Nothing,
    }
}

/// A statement of some texts, made on a day.
fn statement(on: Date, parts: &[&str]) -> Statement {
    let mut h = Sha256::new();
    for p in parts {
        h.update((p.len() as u64).to_be_bytes());
        h.update(p.as_bytes());
    }
    Statement { on, hash: h.finalize().to_vec() }
}

/// A row without the name of its kind, as quarantine keeps it.
pub(super) fn bare(row: &ImportRow) -> serde_json::Value {
    let tagged = serde_json::to_value(row).unwrap_or_default();
    match tagged {
        serde_json::Value::Object(kinds) => kinds.into_iter().next().map(|(_, row)| row).unwrap_or_default(),
        other => other,
    }
}

impl Service {
    /// Takes a row about customers; without `write` it only says what taking it would do. Other rows are taken elsewhere.
    pub(super) fn take(&self, tx: &mut Tx, source: &str, row: &ImportRow, write: bool) -> Result<Took, Failure> {
        match row {
            ImportRow::Customer(c) => self.take_customer(tx, source, c, write),
            ImportRow::Order(o) => self.take_order(tx, source, o, write),
            ImportRow::Receivable(r) => self.take_receivable(tx, source, r, write),
            ImportRow::Employee(_) | ImportRow::Signal(_) | ImportRow::Exit(_) => Ok(Ok(false)),
        }
    }

    fn take_customer(&self, tx: &mut Tx, source: &str, c: &CustomerFact, write: bool) -> Result<Took, Failure> {
        let known = store::customer::known(tx, source, &c.number)?;
        let id = known.as_ref().map_or_else(|| CustomerId(self.new_id(tx.now())), |k| k.id);
        let described = statement(c.stated_on, &[&c.name, c.contact.as_deref().unwrap_or_default()]);
        let description = news(known.as_ref().map(|k| &k.stated), &described);
        let owner = match &c.owner {
            None => None,
            Some(StatedOwner::Pool) => Some(None),
            Some(StatedOwner::Number(number)) => match self.owner_of(tx, number, c.owned_from)? {
                Ok(person) => Some(Some(person)),
                Err(why) => return Ok(Err(why)),
            },
        };
        let point =
            owner.map(|owner| Point { since: c.owned_from.unwrap_or(c.stated_on), n: 0, owner, until: c.owned_until, transfer: None });
        let owned = match &point {
            Some(p) => match judge(tx, id, c, p)? {
                Ok(told) => Some(told),
                Err(why) => return Ok(Err(why)),
            },
            None => None,
        };
        let changes = description == News::Changed || owned.as_ref().is_some_and(|(news, _)| *news == News::Changed);
        if !write {
            return Ok(Ok(changes));
        }
        match description {
            News::Changed if known.is_none() => store::customer::add(tx, id, source, c, &described)?,
            News::Changed => store::customer::describe(tx, id, c, &described)?,
            News::Again => store::customer::restate(tx, id, &described)?,
            News::Nothing => {}
        }
        if let (Some(p), Some((news, told))) = (&point, &owned)
            && *news != News::Nothing
        {
            store::customer::state_point(tx, id, p, told)?;
            // A new owner is a change that a person can see; more of the past is not.
            let moved = store::customer::settle(tx, id)?;
            if moved && known.is_some() && description != News::Changed {
                store::customer::touch(tx, id)?;
            }
        }
        Ok(Ok(changes))
    }

    /// The person whom an employee number meant on a day; without a day whoever has it, or had it last.
    fn owner_of(&self, tx: &mut Tx, number: &str, on: Option<Date>) -> Result<Result<PersonId, Sentence>, Failure> {
        let spans = store::signal::spans(tx, number)?;
        let Some(on) = on.map(|d| d.to_string()) else {
            let running = spans.iter().filter(|s| s.last_day.is_none()).next_back();
            let last = running.or_else(|| spans.iter().max_by_key(|s| &s.last_day));
            return Ok(last.map(|s| s.person).ok_or_else(|| refused("import-unknown-number").with("number", number)));
        };
        if spans.is_empty() {
            return Ok(Err(refused("import-unknown-number").with("number", number)));
        }
        let mut fits = spans.iter().filter(|s| s.started <= on && s.last_day.as_ref().is_none_or(|l| on <= *l));
        Ok(match (fits.next(), fits.next()) {
            (Some(s), None) => Ok(s.person),
            (Some(_), Some(_)) => Err(refused("import-ambiguous-number").with("number", number)),
            _ => Err(refused("import-outside-employment").with("number", number).with("on", on)),
        })
    }

    fn take_order(&self, tx: &mut Tx, source: &str, o: &OrderFact, write: bool) -> Result<Took, Failure> {
        let customer = match customer_of(tx, source, &o.customer)? {
            Ok(id) => id,
            Err(why) => return Ok(Err(why)),
        };
        let told = statement(o.stated_on, &[&o.customer, &o.placed_on.to_string(), &o.amount_fen.to_string(), o.state.into()]);
        let known = store::customer::known_order(tx, source, &o.number)?;
        let news = news(known.as_ref().map(|(_, k)| k), &told);
        if write && news != News::Nothing {
            let id = known.map_or_else(|| OrderId(self.new_id(tx.now())), |(id, _)| id);
            store::customer::put_order(tx, id, source, customer, o, &told)?;
        }
        Ok(Ok(news == News::Changed))
    }

    fn take_receivable(&self, tx: &mut Tx, source: &str, r: &ReceivableFact, write: bool) -> Result<Took, Failure> {
        let customer = match customer_of(tx, source, &r.customer)? {
            Ok(id) => id,
            Err(why) => return Ok(Err(why)),
        };
        let told = statement(r.stated_on, &[&r.customer, &r.amount_fen.to_string(), &r.due_on.to_string()]);
        let known = store::customer::known_receivable(tx, source, &r.number)?;
        let news = news(known.as_ref().map(|(_, k)| k), &told);
        if write && news != News::Nothing {
            let id = known.map_or_else(|| ReceivableId(self.new_id(tx.now())), |(id, _)| id);
            store::customer::put_receivable(tx, id, source, customer, r, &told)?;
        }
        Ok(Ok(news == News::Changed))
    }
}

/// What a file's word about an owner is beside those that are known, or why it cannot stand.
fn judge(tx: &mut Tx, id: CustomerId, c: &CustomerFact, p: &Point) -> Result<Result<(News, Statement), Sentence>, Failure> {
    let owner = p.owner.map(|o| o.to_string()).unwrap_or_default();
    let told = statement(c.stated_on, &[&owner, &p.until.map(|u| u.to_string()).unwrap_or_default()]);
    let news = news(store::customer::stated(tx, id, p.since)?.as_ref(), &told);
    if news != News::Changed {
        return Ok(Ok((news, told)));
    }
    let mut points = store::customer::points(tx, id)?;
    points.retain(|q| q.transfer.is_some() || q.since != p.since);
    let inside = |a: &Point, b: &Point| a.since < b.since && a.until.is_some_and(|until| b.since <= until);
    let clash = |q: &&Point| q.transfer.is_none() && q.owner != p.owner && (inside(q, p) || inside(p, q));
    if let Some(q) = points.iter().find(clash) {
        return Ok(Err(refused("import-ownership-overlap").with("number", &c.number).with("from", p.since).with("other", q.since)));
    }
    let owner_now = |points: &[Point]| customer::intervals(points).pop().and_then(|i| i.owner);
    let handed_over = points.iter().any(|q| q.transfer.is_some());
    let before = owner_now(&points);
    points.push(p.clone());
    if let Some(after) = owner_now(&points).filter(|_| handed_over)
        && before != Some(after)
        && store::customer::taker(tx, after)?.is_none_or(|t| t.leaving)
    {
        // What was handed over here does not go to somebody who is leaving because a file says so.
        return Ok(Err(refused("import-owner-leaving").with("number", &c.number)));
    }
    Ok(Ok((news, told)))
}

/// The customer with a number: of the same source, else the only one there is.
fn customer_of(tx: &mut Tx, source: &str, number: &str) -> Result<Result<CustomerId, Sentence>, Failure> {
    if let Some(own) = store::customer::known(tx, source, number)? {
        return Ok(Ok(own.id));
    }
    Ok(match store::customer::by_number(tx, number, 2)?.as_slice() {
        [only] => Ok(only.id),
        [] => Err(refused("import-unknown-customer").with("number", number)),
        _ => Err(refused("import-ambiguous-customer").with("number", number)),
    })
}
