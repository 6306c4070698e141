//! Keys of SSH, by fingerprint.

use super::{Result, Row, Tx};
use crate::{
    domain::{
        ids::{OperatorId, SshKeyId},
        ssh_key::SshKey,
    },
    vals,
};

const SELECT: &str = "select k.id, k.operator, o.name, k.fingerprint, k.created_at, k.removed_at, k.version \
                      from ssh_keys k join operators o on o.id = k.operator";

fn map(r: &Row) -> Result<SshKey> {
    Ok(SshKey {
        id: r.get(0)?,
        operator: r.get(1)?,
        name: r.get(2)?,
        fingerprint: r.get(3)?,
        created_at: r.get(4)?,
        removed_at: r.get(5)?,
        version: r.get(6)?,
    })
}

/// All keys by operator and age, the removed ones too.
pub fn all(tx: &mut Tx) -> Result<Vec<SshKey>> {
    tx.all(&format!("{SELECT} order by o.name, k.created_at, k.id"), &[], map)
}

/// The registered key of that fingerprint.
pub fn by_fingerprint(tx: &mut Tx, fingerprint: &str) -> Result<Option<SshKey>> {
    tx.one(&format!("{SELECT} where k.fingerprint = $1 and k.removed_at is null"), vals![fingerprint], map)
}

/// Whether a key is still registered.
pub fn is_registered(tx: &mut Tx, id: SshKeyId) -> Result<bool> {
    Ok(tx.one("select 1 from ssh_keys where id = $1 and removed_at is null", vals![id], |_| Ok(()))?.is_some())
}

/// The registered keys of an operator.
pub fn of_operator(tx: &mut Tx, operator: OperatorId) -> Result<Vec<SshKey>> {
    tx.all(&format!("{SELECT} where k.operator = $1 and k.removed_at is null order by k.created_at, k.id"), vals![operator], map)
}

/// Writes a key's row.
pub fn put(tx: &mut Tx, k: &SshKey) -> Result<()> {
    tx.exec(
        "insert into ssh_keys (id, operator, fingerprint, created_at, removed_at, version) values ($1, $2, $3, $4, $5, $6) \
         on conflict (id) do update set removed_at = excluded.removed_at, version = excluded.version",
        vals![k.id, k.operator, &k.fingerprint, k.created_at, k.removed_at, k.version],
    )?;
    Ok(())
}
