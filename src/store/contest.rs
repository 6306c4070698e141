//! Contests of scores.

use super::{
    Result, Row, Tx, Val,
    person::{REF, bound, bound_in, map_ref},
};
use crate::{
    domain::{
        contest::{Contest, Mark},
        ids::{ContestId, SpellId},
        row::{ContestRow, Within},
    },
    vals,
};
use uuid::Uuid;

const COLUMNS: &str = "k.id, k.person, k.spell, k.score_id, k.score, k.band, k.state, k.version, k.opened_at, k.opened_by, k.opened_name, k.due_at, \
                       k.answered_at, k.answered_by";
const LEN: usize = 14;

/// Whether the score of a spell is contested: a column for other lists. `spell` is the name of theirs.
pub fn contested(spell: &str) -> String {
    format!("(select count(*) from contests k where k.spell = {spell} and k.state = 'open')")
}

fn map(r: &Row) -> Result<Contest> {
    Ok(Contest {
        id: r.get(0)?,
        person: r.get(1)?,
        spell: r.get(2)?,
        score_id: r.get(3)?,
        score: r.get(4)?,
        band: r.get(5)?,
        state: r.get(6)?,
        version: r.get(7)?,
        opened_at: r.get(8)?,
        opened_by: r.get(9)?,
        opened_name: r.get(10)?,
        due_at: r.get(11)?,
        answered_at: r.get(12)?,
        answered_by: r.get(13)?,
    })
}

/// Texts of a contest, sealed: what was said, the answer, what the score was made of.
pub type Sealed = (String, Option<String>, String);

/// Opens a contest with its sealed texts.
pub fn add(tx: &mut Tx, c: &Contest, said: &str, explained: &str) -> Result<()> {
    tx.exec(
        "insert into contests (id, person, spell, score_id, score, band, state, version, opened_at, opened_by, opened_name, due_at, said, \
         explained) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        vals![
            c.id,
            c.person,
            c.spell,
            c.score_id,
            c.score,
            c.band,
            c.state,
            c.version,
            c.opened_at,
            c.opened_by,
            &c.opened_name,
            c.due_at,
            said,
            explained
        ],
    )?;
    Ok(())
}

/// Writes the answer.
pub fn answer(tx: &mut Tx, c: &Contest, answer: &str) -> Result<()> {
    tx.exec(
        "update contests set state = $2, version = $3, answered_at = $4, answered_by = $5, answer = $6 where id = $1",
        vals![c.id, c.state, c.version, c.answered_at, c.answered_by.clone(), answer],
    )?;
    Ok(())
}

/// One contest.
pub fn get(tx: &mut Tx, id: ContestId) -> Result<Option<Contest>> {
    tx.one(&format!("select {COLUMNS} from contests k where k.id = $1"), vals![id], map)
}

/// The open one of a spell.
pub fn open_of(tx: &mut Tx, spell: SpellId) -> Result<Option<Contest>> {
    tx.one(&format!("select {COLUMNS} from contests k where k.spell = $1 and k.state = 'open'"), vals![spell], map)
}

/// What is said where the score of a spell is shown: that it is contested, or that it was withdrawn and is no newer.
pub fn mark(tx: &mut Tx, spell: SpellId) -> Result<Option<Mark>> {
    tx.one(
        "select k.id, k.state, k.due_at from contests k left join current_scores c on c.spell = k.spell where k.spell = $1 and \
         (k.state = 'open' or (k.state = 'withdrawn' and c.computed_at <= k.answered_at)) order by k.opened_at desc, k.id desc limit 1",
        vals![spell],
        |r| Ok(Mark { id: r.get(0)?, state: r.get(1)?, due_at: r.get(2)? }),
    )
}

fn map_row(r: &Row) -> Result<ContestRow> {
    Ok(ContestRow { contest: map(r)?, employee: map_ref(r, LEN)? })
}

const FROM: &str = "from contests k join persons p on p.id = k.person join spells s on s.id = p.spell";

/// One with its person.
pub fn row(tx: &mut Tx, id: ContestId) -> Result<Option<ContestRow>> {
    tx.one(&format!("select {COLUMNS}, {REF} {FROM} where k.id = $1 and p.erased = 0"), vals![id], map_row)
}

/// Sealed texts of one.
pub fn texts(tx: &mut Tx, id: ContestId) -> Result<Option<Sealed>> {
    tx.one("select said, answer, explained from contests where id = $1", vals![id], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
}

/// Where a page starts: the due time and the id of the row before it.
pub type After = Option<(i64, Uuid)>;

/// The queue, the first due first; all of them, or those that want an answer.
pub fn page(tx: &mut Tx, all: bool, within: &Within, after: &After, limit: i64) -> Result<Vec<ContestRow>> {
    let (due, id) = after.unwrap_or((i64::MIN, Uuid::nil()));
    let open = if all { "" } else { " and k.state = 'open'" };
    let mut params = vec![Val::from(due), Val::from(id), Val::from(limit)];
    let bound = bound(within, &mut params);
    let sql = format!(
        "select {COLUMNS}, {REF} {FROM} where p.erased = 0{open} and (k.due_at, k.id) > ($1, $2){bound} order by k.due_at, k.id limit $3"
    );
    tx.all(&sql, &params, map_row)
}

/// Open contests of people who were not erased: how many, and how many are past their day.
pub fn counts(tx: &mut Tx, within: &Within) -> Result<(i64, i64)> {
    let mut params = vec![Val::from(tx.now())];
    let bound = bound_in("k.person", within, &mut params);
    let sql = format!(
        "select count(*), coalesce(sum(case when k.due_at < $1 then 1 else 0 end), 0) from contests k join persons p on p.id = k.person \
               where k.state = 'open' and p.erased = 0{bound}"
    );
    Ok(tx.one(&sql, &params, |r| Ok((r.get(0)?, r.get(1)?)))?.unwrap_or_default())
}
