//! Customers: acts on who owns them, and what is told of them.

use super::{
    Service,
    act::{Decided, Told},
    cursor::{limit, page, place},
};
use crate::{
    backend::{
        ActRequest, Failure, FailureKind, Page, Target,
        answer::{CustomerCard, CustomerRow},
        query::{CustomerView, Slice},
    },
    domain::{
        act::{Act, Change, Context, Entity, Refusal, RefusalClass},
        customer,
        ids::{CustomerId, PersonId},
        person::PersonRef,
        row::Filter,
        sentence::Sentence,
    },
    store::{self, Tx},
};
use std::collections::BTreeSet;

/// Orders, receivables and transfers of a card.
const SHOWN: i64 = 200;

impl Service {
    /// Decides an act on one customer. Everybody whom it concerns has it on their timeline: who held it, who takes it, who collects.
    pub(super) fn decide_customer(&self, tx: &mut Tx, request: &ActRequest, target: Target, cx: &mut Context) -> Told {
        let id = CustomerId(target.id);
        let (to, collector) = match &request.act {
            Act::CustomerTransfer { to } => (Some(*to), None),
            Act::CustomerDecline { collector } | Act::CustomerPool { collector } => (None, *collector),
            Act::CustomerCollect { collector } => (None, Some(*collector)),
            _ => (None, None),
        };
        let today = self.day(tx.now());
        let Some(f) = store::customer::facts(tx, id, to, collector, today)? else {
            return Ok(Err(Refusal::new(RefusalClass::NotFound, Sentence::new("refused-not-found").with("id", target.id))));
        };
        let changes = match customer::check_version(&f, target.version).and_then(|()| customer::decide(&f, &request.act, cx)) {
            Ok(changes) => changes,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let version = changes.iter().find_map(|c| if let Change::Customer { customer, .. } = c { Some(customer.version) } else { None });
        let moved = changes.iter().find_map(|c| if let Change::Transfer(t) = c { Some(t) } else { None });
        let concerned: BTreeSet<PersonId> =
            [f.customer.owner, f.customer.collector, moved.and_then(|t| t.to), collector].into_iter().flatten().collect();
        let mut items = Vec::with_capacity(concerned.len());
        for person in concerned {
            items.push(self.item(tx, Entity::Customer, id.into(), Some(person), Some(f.customer.version), version, request)?);
        }
        if items.is_empty() {
            items.push(self.item(tx, Entity::Customer, id.into(), None, Some(f.customer.version), version, request)?);
        }
        Ok(Ok(Decided { changes, items, version, pending: None }))
    }

    /// A page of customers.
    pub(super) fn customers(
        &self,
        tx: &mut Tx,
        view: CustomerView,
        owner: Option<PersonId>,
        filter: &Filter,
        slice: &Slice,
    ) -> Result<Page<CustomerRow>, Failure> {
        let number = |tx: &mut Tx, id| Ok(store::customer::get(tx, CustomerId(id))?.map(|c| c.number));
        let after = place(tx, slice, number)?.map(|(number, id)| (number, CustomerId(id)));
        let rows = store::customer::page(tx, view, owner, filter, &after, limit(slice))?;
        Ok(page(rows, slice, |r| format!("{}.{}", r.customer.number, r.customer.id)))
    }

    /// A customer's card.
    pub(super) fn customer_card(&self, tx: &mut Tx, id: CustomerId) -> Result<CustomerCard, Failure> {
        let Some(row) = store::customer::row(tx, id)? else {
            return Err(Failure::new(FailureKind::NotFound, Sentence::new("not-found").with("what", "@entity-customer")));
        };
        let ownerships = store::customer::ownerships(tx, id)?;
        let transfers = store::customer::transfers(tx, id, SHOWN)?;
        let named: BTreeSet<PersonId> = ownerships
            .iter()
            .filter_map(|o| o.owner)
            .chain(transfers.iter().flat_map(|t| [t.from, t.to, t.collector]).flatten())
            .chain(row.customer.collector)
            .collect();
        let people: Vec<PersonRef> = store::person::refs(tx, &named.into_iter().collect::<Vec<_>>())?;
        Ok(CustomerCard {
            row,
            ownerships,
            orders: store::customer::orders(tx, id, SHOWN)?,
            receivables: store::customer::receivables(tx, id, SHOWN)?,
            transfers,
            people,
        })
    }

    /// Customers with a number.
    pub(super) fn find_customer(&self, tx: &mut Tx, number: &str) -> Result<Vec<CustomerRow>, Failure> {
        let mut out = Vec::new();
        for c in store::customer::by_number(tx, number, 20)? {
            out.extend(store::customer::row(tx, c.id)?);
        }
        Ok(out)
    }
}

/// People whom rows name.
pub(super) fn named<'a>(rows: impl IntoIterator<Item = &'a CustomerRow>) -> Vec<PersonId> {
    rows.into_iter().flat_map(|r| r.owner.iter().chain(&r.collector)).map(|p| p.id).collect()
}
