//! What a leaver holds: customers with their orders and receivables, drawn from the store and not from the leaver [CU-4].

use super::{Result, Tx, customer};
use crate::{
    domain::{
        handover::{Holding, Ledger},
        ids::{CaseId, CustomerId, PersonId},
    },
    vals,
};
use std::collections::BTreeMap;

/// Customers of a person now, then those that declined the person's successor and are in the pool.
pub fn of(tx: &mut Tx, person: PersonId) -> Result<Vec<Holding>> {
    let now = tx.now();
    let mut out: Vec<Holding> = customer::held_by(tx, person)?
        .into_iter()
        .map(|h| Holding {
            customer: h.customer,
            version: h.version,
            number: h.number,
            name: h.name,
            open_orders: h.open_orders,
            receivable_fen: h.receivable_fen,
            transfer: h.transfer.map_or_else(|| "-".into(), |t| format!("@transfer-state-{t}")),
            until: h.until,
            due: h.until.is_some_and(|until| until <= now),
            declined: false,
            collector: false,
        })
        .collect();
    // The last word counts: who was handed on after all has an owner.
    out.extend(tx.all(
        "select c.id, c.version, c.number, c.name, c.collector, \
         (select count(*) from orders o where o.customer = c.id and o.open = 1), \
         (select cast(coalesce(sum(r.amount_fen), 0) as bigint) from receivables r where r.customer = c.id) \
         from customers c where c.owner is null and exists (select 1 from transfers t where t.customer = c.id and t.from_owner = $1 \
         and t.state = 'declined') order by c.number, c.id",
        vals![person],
        |r| {
            Ok(Holding {
                customer: r.get::<CustomerId>(0)?,
                version: r.get(1)?,
                number: r.get(2)?,
                name: r.get(3)?,
                open_orders: r.get(5)?,
                receivable_fen: r.get(6)?,
                transfer: "@transfer-state-declined".into(),
                until: None,
                due: false,
                declined: true,
                collector: r.get::<Option<PersonId>>(4)?.is_some(),
            })
        },
    )?);
    Ok(out)
}

/// Listed customers of a case that the leaver gave up, each with what went with it the last time.
pub fn gone(tx: &mut Tx, case: CaseId, person: PersonId) -> Result<BTreeMap<CustomerId, Ledger>> {
    let all = tx.all(
        "select t.customer, t.open_orders, t.receivable_fen from transfers t where t.from_owner = $2 and t.state in ('transferred', 'declined', \
         'pooled') and t.customer in (select i.customer from handover_items i where i.case_id = $1) order by t.ended_at, t.id",
        vals![case, person],
        |r| Ok((r.get(0)?, Ledger { customers: 1, orders: r.get(1)?, receivable_fen: r.get(2)? })),
    )?;
    Ok(all.into_iter().collect())
}

/// How many customers are a person's now.
pub fn count(tx: &mut Tx, person: PersonId) -> Result<i64> {
    customer::count_held(tx, person)
}
