//! Customers, who owns them, orders and receivables from files: the same rows come to the same state in whatever order and split.

use super::{decide::Took, ledger::Ledger, refused};
use crate::{
    backend::Failure,
    domain::{
        customer::{self, Point},
        ids::{CustomerId, OrderId, PersonId, ReceivableId},
        import::{CustomerFact, OrderFact, ReceivableFact, StatedOwner},
        sentence::Sentence,
    },
    service::Service,
    store::customer::Statement,
};
use jiff::civil::Date;
use sha2::{Digest, Sha256};

/// What a row did, or why it cannot be taken.
type Decided = Result<Took, Sentence>;

fn took(changes: bool) -> Took {
    if changes { Took::Custody } else { Took::Same }
}

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

impl Service {
    pub(super) fn customer(&self, ledger: &mut impl Ledger, source: &str, c: &CustomerFact) -> Result<Decided, Failure> {
        let known = ledger.customer(source, &c.number)?;
        let id = known.as_ref().map_or_else(|| CustomerId(self.new_id(ledger.now())), |k| k.id);
        let described = statement(c.stated_on, &[&c.name, c.contact.as_deref().unwrap_or_default()]);
        let description = news(known.as_ref().map(|k| &k.stated), &described);
        let owner = match &c.owner {
            None => None,
            Some(StatedOwner::Pool) => Some(None),
            Some(StatedOwner::Number(number)) => match owner_of(ledger, number, c.owned_from)? {
                Ok(person) => Some(Some(person)),
                Err(why) => return Ok(Err(why)),
            },
        };
        let point =
            owner.map(|owner| Point { since: c.owned_from.unwrap_or(c.stated_on), n: 0, owner, until: c.owned_until, transfer: None });
        let owned = match &point {
            Some(p) => match judge(ledger, id, c, p)? {
                Ok(told) => Some(told),
                Err(why) => return Ok(Err(why)),
            },
            None => None,
        };
        match description {
            News::Changed if known.is_none() => ledger.add_customer(id, source, c, &described)?,
            News::Changed => ledger.describe(id, c, &described)?,
            News::Again => ledger.restate_customer(id, &described)?,
            News::Nothing => {}
        }
        if let (Some(p), Some((news, told))) = (&point, &owned)
            && *news != News::Nothing
        {
            ledger.put_point(id, p, told, description == News::Changed)?;
        }
        let changes = description == News::Changed || owned.is_some_and(|(news, _)| news == News::Changed);
        Ok(Ok(took(changes)))
    }

    pub(super) fn order(&self, ledger: &mut impl Ledger, source: &str, o: &OrderFact) -> Result<Decided, Failure> {
        let customer = match customer_of(ledger, source, &o.customer)? {
            Ok(id) => id,
            Err(why) => return Ok(Err(why)),
        };
        let told = statement(o.stated_on, &[&o.customer, &o.placed_on.to_string(), &o.amount_fen.to_string(), o.state.into()]);
        let known = ledger.order(source, &o.number)?;
        let news = news(known.as_ref().map(|(_, k)| k), &told);
        if news != News::Nothing {
            let id = known.map_or_else(|| OrderId(self.new_id(ledger.now())), |(id, _)| id);
            ledger.put_order(id, source, customer, o, &told)?;
        }
        Ok(Ok(took(news == News::Changed)))
    }

    pub(super) fn receivable(&self, ledger: &mut impl Ledger, source: &str, r: &ReceivableFact) -> Result<Decided, Failure> {
        let customer = match customer_of(ledger, source, &r.customer)? {
            Ok(id) => id,
            Err(why) => return Ok(Err(why)),
        };
        let told = statement(r.stated_on, &[&r.customer, &r.amount_fen.to_string(), &r.due_on.to_string()]);
        let known = ledger.receivable(source, &r.number)?;
        let news = news(known.as_ref().map(|(_, k)| k), &told);
        if news != News::Nothing {
            let id = known.map_or_else(|| ReceivableId(self.new_id(ledger.now())), |(id, _)| id);
            ledger.put_receivable(id, source, customer, r, &told)?;
        }
        Ok(Ok(took(news == News::Changed)))
    }
}

/// The person whom an employee number meant on a day; without a day whoever has it, or had it last.
fn owner_of(ledger: &mut impl Ledger, number: &str, on: Option<Date>) -> Result<Result<PersonId, Sentence>, Failure> {
    let spans = ledger.spans(number)?;
    let Some(on) = on.map(|d| d.to_string()) else {
        let running = spans.iter().rfind(|s| s.last_day.is_none());
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

/// What a file's word about an owner is beside those that are known, or why it cannot stand.
fn judge(ledger: &mut impl Ledger, id: CustomerId, c: &CustomerFact, p: &Point) -> Result<Result<(News, Statement), Sentence>, Failure> {
    let owner = p.owner.map(|o| o.to_string()).unwrap_or_default();
    let told = statement(c.stated_on, &[&owner, &p.until.map(|u| u.to_string()).unwrap_or_default()]);
    let news = news(ledger.stated(id, p.since)?.as_ref(), &told);
    if news != News::Changed {
        return Ok(Ok((news, told)));
    }
    let mut points = ledger.points(id)?;
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
        && ledger.taker(after)?.is_none_or(|t| t.leaving)
    {
        // What was handed over here does not go to somebody who is leaving because a file says so.
        return Ok(Err(refused("import-owner-leaving").with("number", &c.number)));
    }
    Ok(Ok((news, told)))
}

/// The customer with a number: of the same source, else the only one there is.
fn customer_of(ledger: &mut impl Ledger, source: &str, number: &str) -> Result<Result<CustomerId, Sentence>, Failure> {
    if let Some(own) = ledger.customer(source, number)? {
        return Ok(Ok(own.id));
    }
    Ok(match ledger.numbered(number)?.as_slice() {
        [only] => Ok(*only),
        [] => Err(refused("import-unknown-customer").with("number", number)),
        _ => Err(refused("import-ambiguous-customer").with("number", number)),
    })
}
