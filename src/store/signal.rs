//! Signals, their kinds and sources.

use super::{
    Result, Row, Tx, Val, listed,
    seal::{Opener, TEXT},
};
use crate::{
    domain::{
        ids::{PersonId, SpellId},
        import::SignalRow,
        signal::{KindPolicy, Signal, SignalKind},
    },
    vals,
};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use strum::IntoEnumIterator;

/// All kinds with their switches.
pub fn kinds(tx: &mut Tx) -> Result<Vec<KindPolicy>> {
    tx.all("select kind, enabled, basis, purpose, sensitivity, keep_days, version from kinds order by kind", &[], |r| {
        Ok(KindPolicy {
            kind: r.get(0)?,
            enabled: r.get(1)?,
            basis: r.get(2)?,
            purpose: r.get(3)?,
            sensitivity: r.get(4)?,
            keep_days: r.get(5)?,
            version: r.get(6)?,
        })
    })
}

/// Writes a kind's row.
pub fn put_kind(tx: &mut Tx, k: &KindPolicy) -> Result<()> {
    tx.exec(
        "insert into kinds (kind, enabled, basis, purpose, sensitivity, keep_days, version) values ($1, $2, $3, $4, $5, $6, $7) \
         on conflict (kind) do update set enabled = excluded.enabled, basis = excluded.basis, purpose = excluded.purpose, \
         sensitivity = excluded.sensitivity, keep_days = excluded.keep_days, version = excluded.version",
        vals![k.kind, k.enabled, k.basis, &k.purpose, k.sensitivity, k.keep_days, k.version],
    )?;
    Ok(())
}

/// Small number of a source, made when it is new.
pub fn source_id(tx: &mut Tx, name: &str) -> Result<i64> {
    if let Some(id) = tx.one("select id from sources where name = $1", vals![name], |r| r.get::<i64>(0))? {
        return Ok(id);
    }
    let id = tx.count("select max(id) from sources", &[])? + 1;
    tx.exec("insert into sources (id, name) values ($1, $2)", vals![id, name])?;
    Ok(id)
}

/// Identity of a signal.
pub type EventKey = [u8; 16];

/// Identity of a signal: (source, event), whatever file it came in.
pub fn event_key(source: &str, event: &str) -> EventKey {
    let mut h = Sha256::new();
    h.update((source.len() as u64).to_be_bytes());
    h.update(source.as_bytes());
    h.update(event.as_bytes());
    let full: [u8; 32] = h.finalize().into();
    let mut out = [0; 16];
    out.copy_from_slice(full.first_chunk::<16>().unwrap_or(&[0; 16]));
    out
}

/// Employment interval of a spell that has a number, for matching signals with people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub spell: SpellId,
    pub person: PersonId,
    /// ISO date.
    pub started: String,
    /// ISO date.
    pub last_day: Option<String>,
}

/// Spells that carry an employee number.
pub fn spans(tx: &mut Tx, number: &str) -> Result<Vec<Span>> {
    tx.all("select id, person, started, last_day from spells where number = $1 order by started", vals![number], |r| {
        Ok(Span { spell: r.get(0)?, person: r.get(1)?, started: r.get(2)?, last_day: r.get(3)? })
    })
}

/// Kinds whose numbers are sealed too, as a list of SQL.
pub(super) fn sealed_kinds() -> String {
    let kinds: Vec<String> = SignalKind::iter().filter(|k| k.is_sealed()).map(|k| (k as i64).to_string()).collect();
    kinds.join(", ")
}

/// What a sealed kind says: value, baseline, note.
type Said = (Option<f64>, Option<f64>, Option<String>);

/// How a signal is stored. All that a sealed kind says is one sealed text; of the others the note is.
pub(super) fn stored(tx: &mut Tx, person: PersonId, kind: SignalKind, said: Said) -> Result<Said> {
    let (value, baseline, note) = said;
    if !kind.is_sealed() {
        let note = tx.seal_opt(person, note.as_deref())?;
        return Ok((value, baseline, note));
    }
    if value.is_none() && baseline.is_none() && note.is_none() {
        return Ok((None, None, None));
    }
    let text = serde_json::to_string(&(value, baseline, note)).map_err(|e| super::StoreError::Sql(e.to_string()))?;
    Ok((None, None, Some(tx.seal(person, &text)?)))
}

/// What a signal of a sealed kind says.
pub(super) fn opened(open: &Opener, note: String, value: Option<f64>, baseline: Option<f64>) -> Said {
    if !note.starts_with(TEXT) {
        return (value, baseline, Some(note));
    }
    serde_json::from_str(&open.text(note)).unwrap_or_default()
}

fn said(r: &Row, kind: SignalKind, open: &Opener, i: usize) -> Result<Said> {
    let (value, baseline, note): Said = (r.get(i)?, r.get(i + 1)?, r.get(i + 2)?);
    Ok(match note {
        Some(note) if kind.is_sealed() => opened(open, note, value, baseline),
        note => (value, baseline, open.opt(note)),
    })
}

/// Inserts signals that are new; gives back how many were.
pub fn insert(tx: &mut Tx, source: i64, source_name: &str, rows: &[(SpellId, SignalRow, i64)]) -> Result<u64> {
    let seals = |s: &SignalRow| s.kind.is_sealed() || s.note.is_some();
    let whose = people(tx, rows.iter().filter(|(_, s, _)| seals(s)).map(|(spell, ..)| *spell))?;
    tx.hold_keys(whose.values().copied())?;
    let mut all = Vec::with_capacity(rows.len());
    for (spell, s, _) in rows {
        all.push(match whose.get(spell) {
            Some(person) => stored(tx, *person, s.kind, (s.value, s.baseline, s.note.clone()))?,
            None => (s.value, s.baseline, None),
        });
    }
    tx.bulk(
        "insert into signals (spell, observed_at, event_key, kind, source, event, known_at, value, baseline, note, expires_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing",
        rows.iter().zip(all).map(|((spell, s, keep_days), (value, baseline, note))| {
            vec![
                Val::from(*spell),
                s.observed_at.into(),
                event_key(source_name, &s.event).as_slice().into(),
                s.kind.into(),
                source.into(),
                Val::from(&s.event),
                s.known_at.into(),
                value.into(),
                baseline.into(),
                note.into(),
                (s.observed_at + SignedDuration::from_hours(24 * keep_days)).into(),
            ]
        }),
    )
}

/// Whose some spells are.
fn people(tx: &mut Tx, spells: impl Iterator<Item = SpellId>) -> Result<HashMap<SpellId, PersonId>> {
    let mut wanted: Vec<SpellId> = spells.collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut out = HashMap::with_capacity(wanted.len());
    for some in wanted.chunks(500) {
        let (list, params) = listed(some.iter().copied());
        let sql = format!("select id, person from spells where id in ({list})");
        out.extend(tx.all(&sql, &params, |r| Ok((r.get::<SpellId>(0)?, r.get::<PersonId>(1)?)))?);
    }
    Ok(out)
}

/// Claims event keys for their signals; the first claim stays. Gives which of them were new.
pub fn claim(tx: &mut Tx, keys: &[(EventKey, SpellId, i64)]) -> Result<Vec<bool>> {
    let mut new = Vec::with_capacity(keys.len());
    for (key, spell, observed_at) in keys {
        let n = tx.exec(
            "insert into events (event_key, spell, observed_at) values ($1, $2, $3) on conflict do nothing",
            vals![key.as_slice(), *spell, *observed_at],
        )?;
        new.push(n == 1);
    }
    Ok(new)
}

/// Whom and when an event key was first claimed for.
pub fn claimed(tx: &mut Tx, key: &EventKey) -> Result<Option<(SpellId, i64)>> {
    tx.one("select spell, observed_at from events where event_key = $1", vals![key.as_slice()], |r| Ok((r.get(0)?, r.get(1)?)))
}

/// What a signal says: (spell, observed, kind, value, baseline).
pub type Content = (SpellId, i64, SignalKind, Option<f64>, Option<f64>);

/// The stored content of an event, to see whether a repeated id says something else.
pub fn by_event(tx: &mut Tx, key: &[u8]) -> Result<Option<Content>> {
    let sql = format!(
        "select {SIGNAL}, g.spell from events e join signals g on g.spell = e.spell and g.observed_at = e.observed_at \
         and g.event_key = e.event_key {WHOSE} where e.event_key = $1"
    );
    tx.one(&sql, vals![key], |r| {
        let s = map(r)?;
        Ok((r.get(LEN)?, s.observed_at.as_microsecond(), s.kind, s.value, s.baseline))
    })
}

const SIGNAL: &str = "g.kind, o.name, g.event, g.observed_at, g.known_at, g.value, g.baseline, g.note, g.expires_at, s.person, y.sealed";
const LEN: usize = 11;
/// What [`SIGNAL`] needs beside `signals g`.
const WHOSE: &str = "join sources o on o.id = g.source join spells s on s.id = g.spell left join person_keys y on y.person = s.person";

fn map(r: &Row) -> Result<Signal> {
    let kind = r.get(0)?;
    let (value, baseline, note) = said(r, kind, &r.of(9, 10)?, 5)?;
    Ok(Signal {
        kind,
        source: r.get(1)?,
        event: r.get(2)?,
        observed_at: r.get(3)?,
        known_at: r.get(4)?,
        value,
        baseline,
        note,
        expires_at: r.get(8)?,
    })
}

/// Signals of a spell in `[from, to]`, oldest first, ties by event id.
pub fn of_spell(tx: &mut Tx, spell: SpellId, from: Timestamp, to: Timestamp) -> Result<Vec<Signal>> {
    tx.all(
        &format!(
            "select {SIGNAL} from signals g {WHOSE} where g.spell = $1 and g.observed_at >= $2 and g.observed_at <= $3 \
             order by g.observed_at, o.name, g.event"
        ),
        vals![spell, from, to],
        map,
    )
}

/// Signals of a person before an instant, newest first, for the timeline.
pub fn of_person(tx: &mut Tx, person: PersonId, before: Timestamp, limit: i64) -> Result<Vec<Signal>> {
    tx.all(
        &format!(
            "select {SIGNAL} from signals g {WHOSE} where g.spell in (select id from spells where person = $1) \
             and g.observed_at <= $2 order by g.observed_at desc, g.event_key limit $3"
        ),
        vals![person, before, limit],
        map,
    )
}

/// Signals of one kind of a person, newest first, ties by key; after the signal with that instant and key, where one is given.
pub fn of_kind(tx: &mut Tx, person: PersonId, kind: SignalKind, after: Option<(Timestamp, [u8; 16])>, limit: i64) -> Result<Vec<Signal>> {
    let (at, key) = after.unwrap_or((Timestamp::MAX, [0xFF; 16]));
    tx.all(
        &format!(
            "select {SIGNAL} from signals g {WHOSE} where g.spell in (select id from spells where person = $1) \
             and g.kind = $2 and (g.observed_at, g.event_key) < ($3, $4) order by g.observed_at desc, g.event_key desc limit $5"
        ),
        vals![person, kind, at, key.as_slice(), limit],
        map,
    )
}

/// Deletes signals whose keeping time is over, at most 500; marks their people dirty. Returns the keys of what is gone.
pub fn purge(tx: &mut Tx) -> Result<Vec<Vec<u8>>> {
    let now = tx.now();
    let old = tx.all("select event_key, spell from signals where expires_at <= $1 limit 500", vals![now], |r| {
        Ok((r.get::<Vec<u8>>(0)?, r.get::<SpellId>(1)?))
    })?;
    let gone = tx.bulk(
        "delete from signals where spell = $2 and event_key = $1",
        old.iter().map(|(k, s)| vec![Val::from(k.clone()), Val::from(*s)]),
    )?;
    tx.bulk("delete from events where event_key = $1", old.iter().map(|(k, _)| vec![Val::from(k.clone())]))?;
    super::import::count(tx, "signals", -i64::try_from(gone).unwrap_or(0))?;
    super::score::mark(tx, old.iter().map(|(_, s)| *s))?;
    Ok(old.into_iter().map(|(k, _)| k).collect())
}
