//! What a leaver holds: customers with their orders and receivables, drawn from the store and not from the leaver [CU-4].

use super::{Result, Tx};
use crate::domain::{handover::Holding, ids::PersonId};

/// Customers of a person now, and those that declined a successor and are in the pool.
pub fn of(_tx: &mut Tx, _person: PersonId) -> Result<Vec<Holding>> {
    Ok(Vec::new())
}

/// How many customers are a person's now.
pub fn count(_tx: &mut Tx, _person: PersonId) -> Result<i64> {
    Ok(0)
}
