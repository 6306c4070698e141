//! What was typed and not sent, sealed, until its operator comes again.

use super::{Result, Tx};
use crate::{domain::ids::OperatorId, vals};
use jiff::Timestamp;
use uuid::Uuid;

/// Keeps one session's texts.
pub fn add(tx: &mut Tx, id: Uuid, operator: OperatorId, sealed: &[u8]) -> Result<()> {
    let now = tx.now();
    tx.exec("insert into drafts (id, operator, at, sealed) values ($1, $2, $3, $4)", vals![id, operator, now, sealed])?;
    Ok(())
}

/// What is kept of an operator, oldest first.
pub fn of(tx: &mut Tx, operator: OperatorId) -> Result<Vec<(Uuid, Vec<u8>)>> {
    tx.all("select id, sealed from drafts where operator = $1 order by at, id", vals![operator], |r| Ok((r.get(0)?, r.get(1)?)))
}

/// Forgets one session's texts.
pub fn remove(tx: &mut Tx, id: Uuid) -> Result<()> {
    tx.exec("delete from drafts where id = $1", vals![id])?;
    Ok(())
}

/// Forgets what was kept before an instant.
pub fn purge(tx: &mut Tx, before: Timestamp) -> Result<()> {
    tx.exec("delete from drafts where at < $1", vals![before])?;
    Ok(())
}
