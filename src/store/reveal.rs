//! Whose name was revealed to whom.

use super::{Result, Tx};
use crate::{
    domain::{
        ids::{OperatorId, PersonId},
        operator::Operator,
        role::Role,
    },
    vals,
};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Reveals somebody to an operator in a role, until an instant; a later one takes the place of an earlier one.
pub fn put(tx: &mut Tx, operator: OperatorId, person: PersonId, role: Role, until: Timestamp) -> Result<()> {
    let now = tx.now();
    tx.exec(
        "insert into reveals (operator, person, role, at, until) values ($1, $2, $3, $4, $5) \
         on conflict (operator, person) do update set role = excluded.role, at = excluded.at, until = excluded.until",
        vals![operator, person, role, now, until],
    )?;
    tx.exec("delete from reveals where until <= $1", vals![now])?;
    Ok(())
}

/// Who is revealed to an operator now. What was revealed in another role is not.
pub fn of(tx: &mut Tx, operator: &Operator) -> Result<BTreeSet<PersonId>> {
    let now = tx.now();
    let found = tx.all(
        "select person from reveals where operator = $1 and role = $2 and until > $3",
        vals![operator.id, operator.role, now],
        |r| r.get(0),
    )?;
    Ok(found.into_iter().collect())
}

/// Forgets that an erased person was revealed.
pub fn erase(tx: &mut Tx, person: PersonId) -> Result<()> {
    tx.exec("delete from reveals where person = $1", vals![person])?;
    Ok(())
}
