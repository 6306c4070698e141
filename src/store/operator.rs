//! Operators and the home's own facts.

use super::{Result, Row, Tx};
use crate::{
    domain::{ids::OperatorId, operator::Operator},
    vals,
};

const COLUMNS: &str = "id, name, role, created_at, revoked_at, version";

fn map(r: &Row) -> Result<Operator> {
    Ok(Operator { id: r.get(0)?, name: r.get(1)?, role: r.get(2)?, created_at: r.get(3)?, revoked_at: r.get(4)?, version: r.get(5)? })
}

/// All operators by name, the revoked ones too.
pub fn all(tx: &mut Tx) -> Result<Vec<Operator>> {
    tx.all(&format!("select {COLUMNS} from operators order by name"), &[], map)
}

/// The operator of that name.
pub fn by_name(tx: &mut Tx, name: &str) -> Result<Option<Operator>> {
    tx.one(&format!("select {COLUMNS} from operators where name = $1"), vals![name], map)
}

/// The operator with that id.
pub fn by_id(tx: &mut Tx, id: OperatorId) -> Result<Option<Operator>> {
    tx.one(&format!("select {COLUMNS} from operators where id = $1"), vals![id], map)
}

/// Writes an operator's row.
pub fn put(tx: &mut Tx, o: &Operator) -> Result<()> {
    tx.exec(
        "insert into operators (id, name, role, created_at, revoked_at, version) values ($1, $2, $3, $4, $5, $6) \
         on conflict (id) do update set role = excluded.role, revoked_at = excluded.revoked_at, version = excluded.version",
        vals![o.id, &o.name, o.role, o.created_at, o.revoked_at, o.version],
    )?;
    Ok(())
}

/// A fact about the home, such as `made_data`.
pub fn meta(tx: &mut Tx, key: &str) -> Result<Option<String>> {
    tx.one("select value from meta where key = $1", vals![key], |r| r.get(0))
}

/// Sets a fact about the home.
pub fn set_meta(tx: &mut Tx, key: &str, value: &str) -> Result<()> {
    tx.exec("insert into meta (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value", vals![key, value])?;
    Ok(())
}
