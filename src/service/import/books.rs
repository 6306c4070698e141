//! The part of a ledger that is about customers: the store while publishing, a draft over it for a preview.
//!
//! A file of customers holds no people: whom it names is as stored in both.

use super::ledger::{Draft, Live};
use crate::{
    domain::{
        customer::{Point, Taker},
        ids::{CustomerId, OrderId, PersonId, ReceivableId},
        import::{CustomerFact, OrderFact, ReceivableFact},
    },
    store::{
        self, StoreError,
        customer::{Known, Statement},
    },
};
use jiff::civil::Date;
use std::collections::HashMap;

type Result<T> = std::result::Result<T, StoreError>;

/// Facts about customers, and where their changes go.
pub(super) trait Books {
    /// A customer by source and number.
    fn customer(&mut self, source: &str, number: &str) -> Result<Option<Known>>;
    /// Customers with a number, of whatever source; at most two.
    fn numbered(&mut self, number: &str) -> Result<Vec<CustomerId>>;
    /// Everything that was ever said about who owns a customer.
    fn points(&mut self, id: CustomerId) -> Result<Vec<Point>>;
    /// What files said last about who owns it from a day.
    fn stated(&mut self, id: CustomerId, since: Date) -> Result<Option<Statement>>;
    fn taker(&mut self, id: PersonId) -> Result<Option<Taker>>;
    fn order(&mut self, source: &str, number: &str) -> Result<Option<(OrderId, Statement)>>;
    fn receivable(&mut self, source: &str, number: &str) -> Result<Option<(ReceivableId, Statement)>>;
    fn add_customer(&mut self, id: CustomerId, source: &str, row: &CustomerFact, said: &Statement) -> Result<()>;
    fn describe(&mut self, id: CustomerId, row: &CustomerFact, said: &Statement) -> Result<()>;
    /// Notes that a customer was stated again, later, as it is.
    fn restate_customer(&mut self, id: CustomerId, said: &Statement) -> Result<()>;
    /// Writes what a file says about the owner from a day. `fresh` when the row is a change that a person can see already.
    fn put_point(&mut self, id: CustomerId, point: &Point, said: &Statement, fresh: bool) -> Result<()>;
    fn put_order(&mut self, id: OrderId, source: &str, customer: CustomerId, row: &OrderFact, said: &Statement) -> Result<()>;
    fn put_receivable(
        &mut self,
        id: ReceivableId,
        source: &str,
        customer: CustomerId,
        row: &ReceivableFact,
        said: &Statement,
    ) -> Result<()>;
}

impl Books for Live<'_, '_> {
    fn customer(&mut self, source: &str, number: &str) -> Result<Option<Known>> {
        store::customer::known(self.tx, source, number)
    }

    fn numbered(&mut self, number: &str) -> Result<Vec<CustomerId>> {
        Ok(store::customer::by_number(self.tx, number, 2)?.into_iter().map(|c| c.id).collect())
    }

    fn points(&mut self, id: CustomerId) -> Result<Vec<Point>> {
        store::customer::points(self.tx, id)
    }

    fn stated(&mut self, id: CustomerId, since: Date) -> Result<Option<Statement>> {
        store::customer::stated(self.tx, id, since)
    }

    fn taker(&mut self, id: PersonId) -> Result<Option<Taker>> {
        store::customer::taker(self.tx, id)
    }

    fn order(&mut self, source: &str, number: &str) -> Result<Option<(OrderId, Statement)>> {
        store::customer::known_order(self.tx, source, number)
    }

    fn receivable(&mut self, source: &str, number: &str) -> Result<Option<(ReceivableId, Statement)>> {
        store::customer::known_receivable(self.tx, source, number)
    }

    fn add_customer(&mut self, id: CustomerId, source: &str, row: &CustomerFact, said: &Statement) -> Result<()> {
        store::customer::add(self.tx, id, source, row, said)
    }

    fn describe(&mut self, id: CustomerId, row: &CustomerFact, said: &Statement) -> Result<()> {
        store::customer::describe(self.tx, id, row, said)
    }

    fn restate_customer(&mut self, id: CustomerId, said: &Statement) -> Result<()> {
        store::customer::restate(self.tx, id, said)
    }

    fn put_point(&mut self, id: CustomerId, point: &Point, said: &Statement, fresh: bool) -> Result<()> {
        store::customer::state_point(self.tx, id, point, said)?;
        // A new owner is a change that a person can see; more of the past is not.
        if store::customer::settle(self.tx, id)? && !fresh {
            store::customer::touch(self.tx, id)?;
        }
        Ok(())
    }

    fn put_order(&mut self, id: OrderId, source: &str, customer: CustomerId, row: &OrderFact, said: &Statement) -> Result<()> {
        store::customer::put_order(self.tx, id, source, customer, row, said)
    }

    fn put_receivable(
        &mut self,
        id: ReceivableId,
        source: &str,
        customer: CustomerId,
        row: &ReceivableFact,
        said: &Statement,
    ) -> Result<()> {
        store::customer::put_receivable(self.tx, id, source, customer, row, said)
    }
}

/// What a file would have changed so far about customers, orders and receivables of its source, by their numbers.
#[derive(Default)]
pub(super) struct Drafts {
    customers: HashMap<String, CustomerId>,
    described: HashMap<CustomerId, Statement>,
    /// By the first day.
    points: HashMap<CustomerId, HashMap<Date, (Point, Statement)>>,
    orders: HashMap<String, (OrderId, Statement)>,
    receivables: HashMap<String, (ReceivableId, Statement)>,
}

impl Books for Draft<'_, '_> {
    fn customer(&mut self, source: &str, number: &str) -> Result<Option<Known>> {
        let stored = store::customer::known(self.tx, source, number)?;
        let books = &self.memory.books;
        let Some(id) = stored.as_ref().map(|k| k.id).or_else(|| books.customers.get(number).copied()) else { return Ok(None) };
        let stated = books.described.get(&id).cloned().or_else(|| stored.map(|k| k.stated));
        Ok(stated.map(|stated| Known { id, stated }))
    }

    fn numbered(&mut self, number: &str) -> Result<Vec<CustomerId>> {
        // A customer that the file brings is of its own source, where it is looked for first.
        Ok(store::customer::by_number(self.tx, number, 2)?.into_iter().map(|c| c.id).collect())
    }

    fn points(&mut self, id: CustomerId) -> Result<Vec<Point>> {
        let mut points = store::customer::points(self.tx, id)?;
        if let Some(drafted) = self.memory.books.points.get(&id) {
            points.retain(|p| p.transfer.is_some() || !drafted.contains_key(&p.since));
            points.extend(drafted.values().map(|(p, _)| p.clone()));
            points.sort_by_key(|p| (p.since, p.n));
        }
        Ok(points)
    }

    fn stated(&mut self, id: CustomerId, since: Date) -> Result<Option<Statement>> {
        match self.memory.books.points.get(&id).and_then(|of| of.get(&since)) {
            Some((_, said)) => Ok(Some(said.clone())),
            None => store::customer::stated(self.tx, id, since),
        }
    }

    fn taker(&mut self, id: PersonId) -> Result<Option<Taker>> {
        store::customer::taker(self.tx, id)
    }

    fn order(&mut self, source: &str, number: &str) -> Result<Option<(OrderId, Statement)>> {
        match self.memory.books.orders.get(number) {
            Some(drafted) => Ok(Some(drafted.clone())),
            None => store::customer::known_order(self.tx, source, number),
        }
    }

    fn receivable(&mut self, source: &str, number: &str) -> Result<Option<(ReceivableId, Statement)>> {
        match self.memory.books.receivables.get(number) {
            Some(drafted) => Ok(Some(drafted.clone())),
            None => store::customer::known_receivable(self.tx, source, number),
        }
    }

    fn add_customer(&mut self, id: CustomerId, _: &str, row: &CustomerFact, said: &Statement) -> Result<()> {
        self.memory.books.customers.insert(row.number.clone(), id);
        self.restate_customer(id, said)
    }

    fn describe(&mut self, id: CustomerId, _: &CustomerFact, said: &Statement) -> Result<()> {
        self.restate_customer(id, said)
    }

    fn restate_customer(&mut self, id: CustomerId, said: &Statement) -> Result<()> {
        self.memory.books.described.insert(id, said.clone());
        Ok(())
    }

    fn put_point(&mut self, id: CustomerId, point: &Point, said: &Statement, _: bool) -> Result<()> {
        self.memory.books.points.entry(id).or_default().insert(point.since, (point.clone(), said.clone()));
        Ok(())
    }

    fn put_order(&mut self, id: OrderId, _: &str, _: CustomerId, row: &OrderFact, said: &Statement) -> Result<()> {
        self.memory.books.orders.insert(row.number.clone(), (id, said.clone()));
        Ok(())
    }

    fn put_receivable(&mut self, id: ReceivableId, _: &str, _: CustomerId, row: &ReceivableFact, said: &Statement) -> Result<()> {
        self.memory.books.receivables.insert(row.number.clone(), (id, said.clone()));
        Ok(())
    }
}
