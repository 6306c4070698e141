//! Score snapshots, the current score of each spell, and the set of people to score again.

use super::{Result, Row, Tx, Val, listed, seal::Opener, signal};
use crate::{
    domain::{
        ids::{PersonId, ScoreId, SpellId},
        score::Band,
    },
    vals,
};
use jiff::{Timestamp, civil::Date};
use std::collections::BTreeSet;

/// A snapshot as stored; `body` is the evaluation in the form of the `risk` room.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredScore {
    pub id: ScoreId,
    pub spell: SpellId,
    pub model: String,
    pub model_version: String,
    pub as_of: Date,
    pub computed_at: Timestamp,
    pub score: f64,
    pub band: Band,
    pub body: Vec<u8>,
    pub inputs_hash: Vec<u8>,
    pub valid_until: Option<Date>,
}

/// A spell that waits for a score.
#[derive(Clone, Debug, PartialEq)]
pub struct Dirty {
    pub spell: SpellId,
    pub person: PersonId,
    pub live: bool,
    /// Band and inputs of the current score.
    pub before: Option<(Band, Vec<u8>)>,
}

/// Marks people dirty; twice is once. In the order of the spells, as everybody does: who marks the same waits, and nobody for each other.
pub fn mark(tx: &mut Tx, spells: impl Iterator<Item = SpellId>) -> Result<u64> {
    let spells: BTreeSet<SpellId> = spells.collect();
    let sql = format!("insert into dirty (spell) values ($1) on conflict (spell) {}", tx.again());
    tx.bulk(&sql, spells.into_iter().map(|s| vec![Val::from(s)]))
}

/// Marks everyone dirty: the model or a kind's switch changed.
pub fn mark_all(tx: &mut Tx) -> Result<u64> {
    let sql = format!("insert into dirty (spell) select id from spells where live = 1 order by id on conflict (spell) {}", tx.again());
    tx.exec(&sql, &[])
}

/// Marks those whose score has run out by a day.
pub fn mark_expired(tx: &mut Tx, today: Date) -> Result<u64> {
    let over = "select spell from current_scores where valid_until <= $1 order by spell";
    tx.exec(&format!("insert into dirty (spell) {over} on conflict (spell) {}", tx.again()), vals![today])
}

/// How many wait.
pub fn count_dirty(tx: &mut Tx) -> Result<i64> {
    tx.count("select count(*) from dirty", &[])
}

/// Some who wait, in spell order: the spell, whose it is, and whether it is live.
pub fn waiting(tx: &mut Tx, limit: i64) -> Result<Vec<(SpellId, PersonId, bool)>> {
    tx.all("select d.spell, s.person, s.live from dirty d join spells s on s.id = d.spell order by d.spell limit $1", vals![limit], |r| {
        Ok((r.get(0)?, r.get(1)?, r.get(2)?))
    })
}

/// Takes spells off the list and then reads what is known of them, in spell order: whatever was stored with a mark that is taken off is read.
/// Whom somebody marks in a transaction of their own meanwhile is passed over, and waits on; who marks one of those that are taken waits for
/// the end of this one.
pub fn claim(tx: &mut Tx, waiting: &[(SpellId, PersonId, bool)]) -> Result<Vec<Dirty>> {
    let (list, params) = listed(waiting.iter().map(|w| w.0));
    let free = format!("select spell from dirty where spell in ({list}) order by spell{}", tx.passing_over());
    let taken: Vec<SpellId> = tx.all(&format!("delete from dirty where spell in ({free}) returning spell"), &params, |r| r.get(0))?;
    if taken.is_empty() {
        return Ok(Vec::new());
    }
    let (list, params) = listed(taken.into_iter());
    tx.all(
        &format!(
            "select s.id, s.person, s.live, c.band, c.inputs_hash from spells s left join current_scores c on c.spell = s.id \
             where s.id in ({list}) order by s.id"
        ),
        &params,
        |r| {
            let band: Option<Band> = r.get(3)?;
            let hash: Option<Vec<u8>> = r.get(4)?;
            Ok(Dirty { spell: r.get(0)?, person: r.get(1)?, live: r.get(2)?, before: band.zip(hash) })
        },
    )
}

/// Takes off the list what belongs to no spell any more.
pub fn clean(tx: &mut Tx) -> Result<u64> {
    tx.exec("delete from dirty where not exists (select 1 from spells s where s.id = dirty.spell)", &[])
}

/// Numbers of one signal, for scoring: (spell, kind, observed, known, value, baseline).
pub type Evidence = (SpellId, i64, i64, i64, Option<f64>, Option<f64>);

/// Streams the evidence of spells that were claimed, in any order.
pub fn evidence(tx: &mut Tx, claimed: &[Dirty], since: i64, mut f: impl FnMut(Evidence) -> Result<()>) -> Result<()> {
    let now = tx.now();
    // A key a person, not a signal.
    let keys = tx.keys(claimed.iter().map(|d| d.person))?;
    let open = |spell: SpellId| {
        let person = claimed.binary_search_by_key(&spell, |d| d.spell).ok().and_then(|i| claimed.get(i))?.person;
        Some(Opener::with(person, keys.get(&person)))
    };
    let (list, mut params) = listed(claimed.iter().map(|d| d.spell));
    let (n, sealed) = (params.len(), signal::sealed_kinds());
    params.extend([Val::from(since), Val::from(now)]);
    tx.each(
        &format!(
            "select g.spell, g.kind, g.observed_at, g.known_at, g.value, g.baseline, case when g.kind in ({sealed}) then g.note end \
             from signals g where g.spell in ({list}) and g.observed_at >= ${} and g.expires_at > ${}",
            n + 1,
            n + 2
        ),
        &params,
        |r| {
            let (spell, mut value, mut baseline): (SpellId, _, _) = (r.get(0)?, r.get(4)?, r.get(5)?);
            if let Some(stored) = r.get::<Option<String>>(6)?
                && let Some(open) = open(spell)
            {
                (value, baseline, _) = signal::opened(&open, stored, value, baseline);
            }
            f((spell, r.get(1)?, r.get(2)?, r.get(3)?, value, baseline))
        },
    )
}

/// Stores snapshots and makes them current.
pub fn put(tx: &mut Tx, scores: &[(PersonId, StoredScore)]) -> Result<()> {
    tx.hold_keys(scores.iter().map(|(p, _)| *p))?;
    let bodies = scores.iter().map(|(p, s)| tx.seal_bytes(*p, &s.body)).collect::<Result<Vec<_>>>()?;
    tx.bulk(
        "insert into scores (spell, computed_at, id, model, model_version, as_of, score, band, body, inputs_hash) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        scores.iter().zip(bodies).map(|((_, s), body)| {
            vec![
                s.spell.into(),
                s.computed_at.into(),
                s.id.into(),
                Val::from(&s.model),
                Val::from(&s.model_version),
                s.as_of.into(),
                s.score.into(),
                s.band.into(),
                body.into(),
                s.inputs_hash.clone().into(),
            ]
        }),
    )?;
    tx.bulk(
        "insert into current_scores (spell, id, model_version, score, band, valid_until, computed_at, inputs_hash) \
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (spell) do update set id = excluded.id, model_version = excluded.model_version, \
         score = excluded.score, band = excluded.band, valid_until = excluded.valid_until, computed_at = excluded.computed_at, \
         inputs_hash = excluded.inputs_hash",
        scores.iter().map(|(_, s)| {
            vec![
                s.spell.into(),
                s.id.into(),
                Val::from(&s.model_version),
                s.score.into(),
                s.band.into(),
                s.valid_until.into(),
                s.computed_at.into(),
                s.inputs_hash.clone().into(),
            ]
        }),
    )?;
    Ok(())
}

/// Scores whose inputs did not change stay as they are; only the day they run out moves.
pub fn extend(tx: &mut Tx, until: &[(SpellId, Option<Date>)]) -> Result<u64> {
    tx.bulk("update current_scores set valid_until = $2 where spell = $1", until.iter().map(|(s, d)| vec![(*s).into(), (*d).into()]))
}

/// Of `scores k join spells s`, with the key of the spell's person.
const COLUMNS: &str = "k.id, k.spell, k.model, k.model_version, k.as_of, k.computed_at, k.score, k.band, k.body, k.inputs_hash, s.person, \
                       (select y.sealed from person_keys y where y.person = s.person)";
const LEN: usize = 12;

fn map(r: &Row) -> Result<StoredScore> {
    Ok(StoredScore {
        id: r.get(0)?,
        spell: r.get(1)?,
        model: r.get(2)?,
        model_version: r.get(3)?,
        as_of: r.get(4)?,
        computed_at: r.get(5)?,
        score: r.get(6)?,
        band: r.get(7)?,
        body: r.of(10, 11)?.bytes(r.get(8)?),
        inputs_hash: r.get(9)?,
        valid_until: None,
    })
}

/// The current snapshot of a spell.
pub fn current(tx: &mut Tx, spell: SpellId) -> Result<Option<StoredScore>> {
    let sql = format!(
        "select {COLUMNS}, c.valid_until from current_scores c join scores k on k.spell = c.spell and k.computed_at = c.computed_at \
         and k.id = c.id join spells s on s.id = k.spell where c.spell = $1"
    );
    tx.one(&sql, vals![spell], |r| Ok(StoredScore { valid_until: r.get(LEN)?, ..map(r)? }))
}

/// Snapshots of a person at or before an instant, newest first.
pub fn of_person(tx: &mut Tx, person: PersonId, before: Timestamp, limit: i64) -> Result<Vec<StoredScore>> {
    tx.all(
        &format!(
            "select {COLUMNS} from scores k join spells s on s.id = k.spell where s.person = $1 and k.computed_at <= $2 \
             order by k.computed_at desc, k.id limit $3"
        ),
        vals![person, before, limit],
        map,
    )
}

/// The snapshots of a person that weighed something else than the one before (the first half of the inputs' hash), at or before an instant,
/// newest first.
pub fn changes_of_person(tx: &mut Tx, person: PersonId, before: Timestamp, limit: i64) -> Result<Vec<StoredScore>> {
    tx.all(
        &format!(
            "select {COLUMNS} from (select c.*, substr(inputs_hash, 1, 8) as weighed, \
             lag(substr(inputs_hash, 1, 8)) over (partition by spell order by computed_at, id) as earlier \
             from scores c where spell in (select id from spells where person = $1)) k join spells s on s.id = k.spell \
             where (earlier is null or earlier <> weighed) and computed_at <= $2 order by k.computed_at desc, k.id limit $3"
        ),
        vals![person, before, limit],
        map,
    )
}

/// When the newest score was computed.
pub fn latest(tx: &mut Tx) -> Result<Option<Timestamp>> {
    Ok(tx.one("select max(computed_at) from current_scores", &[], |r| r.get::<Option<Timestamp>>(0))?.flatten())
}
