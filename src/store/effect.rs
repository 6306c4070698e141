//! What came of alerts, counted by spell and day, and the spells of which something changed since.

use super::{Result, Tx, listed};
use crate::{
    domain::{
        alert::Alert,
        effect::Tally,
        ids::{PersonId, SpellId},
        person::ExitKind,
    },
    vals,
};
use jiff::{Timestamp, civil::Date};
use std::collections::{BTreeMap, BTreeSet};

/// Has spells counted again; twice is once. In their order, as everybody does.
pub fn mark(tx: &mut Tx, spells: &BTreeSet<SpellId>) -> Result<()> {
    let spells: Vec<SpellId> = spells.iter().copied().collect();
    for some in spells.chunks(500) {
        let (list, params) = listed(some.iter().copied());
        let rows = format!("({})", list.replace(", ", "), ("));
        tx.exec(&format!("insert into uncounted (spell) values {rows} on conflict (spell) {}", tx.again()), &params)?;
    }
    Ok(())
}

/// Has all spells of somebody counted again.
pub fn mark_of(tx: &mut Tx, person: PersonId) -> Result<u64> {
    let sql =
        format!("insert into uncounted (spell) select id from spells where person = $1 order by id on conflict (spell) {}", tx.again());
    tx.exec(&sql, vals![person])
}

/// How many wait.
pub fn waiting(tx: &mut Tx) -> Result<i64> {
    tx.count("select count(*) from uncounted", &[])
}

/// Takes some off the list, before anything about them is read; those that somebody marks meanwhile are passed over.
pub fn claim(tx: &mut Tx, limit: i64) -> Result<Vec<SpellId>> {
    let free = format!("select spell from uncounted order by spell limit $1{}", tx.passing_over());
    tx.all(&format!("delete from uncounted where spell in ({free}) returning spell"), vals![limit], |r| r.get(0))
}

/// How an employment ends, or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    pub exit: ExitKind,
    pub last_day: Date,
    /// Day of the notice, as a case that was not withdrawn states it.
    pub notice_on: Option<Date>,
    /// When that case was begun.
    pub begun: Option<Timestamp>,
}

/// Alerts of spells, and how those ended that did.
pub fn facts(tx: &mut Tx, spells: &[SpellId]) -> Result<(Vec<Alert>, BTreeMap<SpellId, Left>)> {
    let (list, params) = listed(spells.iter().copied());
    let alerts = super::alert::of_spells(tx, &list, &params)?;
    let left = tx.all(
        &format!(
            "select s.id, s.exit, s.last_day, min(c.notice_on), min(c.started_at) from spells s \
             left join cases c on c.spell = s.id and c.state <> 'withdrawn' \
             where s.id in ({list}) and s.exit is not null and s.last_day is not null group by s.id, s.exit, s.last_day"
        ),
        &params,
        |r| Ok((r.get(0)?, Left { exit: r.get(1)?, last_day: r.get(2)?, notice_on: r.get(3)?, begun: r.get(4)? })),
    )?;
    Ok((alerts, left.into_iter().collect()))
}

/// Puts counts in the place of what was counted of those spells.
pub fn put(tx: &mut Tx, spells: &[SpellId], counted: &[(SpellId, Date, Tally)]) -> Result<()> {
    let (list, params) = listed(spells.iter().copied());
    tx.exec(&format!("delete from effect where spell in ({list})"), &params)?;
    if !counted.is_empty() {
        tx.bulk(
            "insert into effect (spell, day, alerts, hits, leavers, foreseen) values ($1, $2, $3, $4, $5, $6)",
            counted.iter().map(|(s, day, t)| vals![*s, *day, t.alerts, t.hits, t.leavers, t.foreseen].to_vec()),
        )?;
    }
    Ok(())
}

/// Sums over some days. Alerts are split by a day: up to it they are old enough to be judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Alerts that are old enough, and leavers.
    pub judged: Tally,
    /// Alerts that are not.
    pub young: i64,
}

/// Sums from one day to another, both included.
pub fn sums(tx: &mut Tx, from: Date, to: Date, old: Date) -> Result<Sums> {
    let one = |what: &str| format!("cast(coalesce(sum({what}), 0) as bigint)");
    let sql = format!(
        "select {}, {}, {}, {}, {} from effect where day >= $1 and day <= $2",
        one("case when day <= $3 then alerts else 0 end"),
        one("case when day <= $3 then hits else 0 end"),
        one("leavers"),
        one("foreseen"),
        one("case when day > $3 then alerts else 0 end"),
    );
    let found = tx.one(&sql, vals![from, to, old], |r| {
        Ok(Sums { judged: Tally { alerts: r.get(0)?, hits: r.get(1)?, leavers: r.get(2)?, foreseen: r.get(3)? }, young: r.get(4)? })
    })?;
    Ok(found.unwrap_or_default())
}
