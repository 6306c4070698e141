//! Operators and the home's own facts.

use super::{Result, Row, Tx, Val};
use crate::{
    domain::{
        freeze::same_login,
        ids::{FreezeId, OperatorId, PersonId},
        operator::Operator,
    },
    vals,
};

const COLUMNS: &str = "id, name, role, created_at, revoked_at, version, person, ended_at, ended_by, org";

fn map(r: &Row) -> Result<Operator> {
    Ok(Operator {
        id: r.get(0)?,
        name: r.get(1)?,
        role: r.get(2)?,
        created_at: r.get(3)?,
        revoked_at: r.get(4)?,
        version: r.get(5)?,
        person: r.get(6)?,
        ended_at: r.get(7)?,
        ended_by: r.get(8)?,
        org: r.get(9)?,
    })
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
        "insert into operators (id, name, role, created_at, revoked_at, version, person, ended_at, ended_by, org) values ($1, $2, $3, $4, $5, $6, \
         $7, $8, $9, $10) on conflict (id) do update set role = excluded.role, revoked_at = excluded.revoked_at, version = excluded.version, \
         person = excluded.person, ended_at = excluded.ended_at, ended_by = excluded.ended_by, org = excluded.org",
        vals![o.id, &o.name, o.role, o.created_at, o.revoked_at, o.version, o.person, o.ended_at, o.ended_by, o.org.clone()],
    )?;
    Ok(())
}

/// By what a human being is known as an operator beside name and number of this employment: the operators that were linked to them, and the
/// numbers of all their employments.
pub fn names_of(tx: &mut Tx, person: PersonId) -> Result<Vec<String>> {
    tx.all(
        "select name from operators where person = $1 union select number from spells where person = $1 and number <> '' order by 1",
        vals![person],
        |r| r.get(0),
    )
}

/// Operators who are a person: those that were linked to them, and those linked to nobody who bear one of their numbers, the login of one of
/// their accounts, or their Latin name where nobody else has it. Narrower than what a guard goes by: here somebody loses their access.
pub fn of_person(tx: &mut Tx, person: PersonId, logins: &[String]) -> Result<Vec<Operator>> {
    let mut known = tx.all("select number from spells where person = $1 and number <> ''", vals![person], |r| r.get::<String>(0))?;
    known.extend(logins.iter().cloned());
    let latin = "select p.sort_name from persons p where p.id = $1 and p.erased = 0 and p.sort_name <> '' and not exists \
                 (select 1 from persons o where o.sort_name = p.sort_name and o.id <> p.id and o.erased = 0)";
    let latin = tx.one(latin, vals![person], |r| r.get::<String>(0))?;
    let together = |s: &str| s.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let is = |o: &Operator| match o.person {
        Some(of) => of == person,
        None => known.iter().any(|n| same_login(&o.name, n)) || latin.as_ref().is_some_and(|l| together(l) == together(&o.name)),
    };
    Ok(all(tx)?.into_iter().filter(is).collect())
}

/// Operators whom an order ended.
pub fn ended_by(tx: &mut Tx, order: FreezeId) -> Result<Vec<Operator>> {
    tx.all(&format!("select {COLUMNS} from operators where ended_by = $1 order by name"), &[Val::from(order)], map)
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
