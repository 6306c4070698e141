//! Stored answers of acts by (operator, key), kept for 30 days.

use super::{Result, Tx};
use crate::{domain::ids::OperatorId, vals};
use jiff::SignedDuration;

/// The hash of the request and the stored answer.
pub fn find(tx: &mut Tx, operator: OperatorId, key: &str) -> Result<Option<(Vec<u8>, String)>> {
    tx.one("select request_hash, answer from idempotency where operator = $1 and key = $2", vals![operator, key], |r| {
        Ok((r.get(0)?, r.home().text(r.get(1)?)))
    })
}

/// Stores an answer.
pub fn put(tx: &mut Tx, operator: OperatorId, key: &str, request_hash: &[u8], answer: &str) -> Result<()> {
    let now = tx.now();
    let answer = tx.seal_home(answer)?;
    tx.exec(
        "insert into idempotency (operator, key, request_hash, answer, at) values ($1, $2, $3, $4, $5)",
        vals![operator, key, request_hash, answer, now],
    )?;
    Ok(())
}

/// Every stored answer: whose, under which key.
pub fn all(tx: &mut Tx) -> Result<Vec<(OperatorId, String, String)>> {
    tx.all("select operator, key, answer from idempotency", &[], |r| Ok((r.get(0)?, r.get(1)?, r.home().text(r.get(2)?))))
}

/// Puts another answer in its place.
pub fn replace(tx: &mut Tx, operator: OperatorId, key: &str, answer: &str) -> Result<()> {
    let answer = tx.seal_home(answer)?;
    tx.exec("update idempotency set answer = $3 where operator = $1 and key = $2", vals![operator, key, answer])?;
    Ok(())
}

/// Forgets what is older than 30 days.
pub fn purge(tx: &mut Tx) -> Result<u64> {
    let old = tx.now() - SignedDuration::from_hours(24 * 30);
    tx.exec("delete from idempotency where at < $1", vals![old])
}
