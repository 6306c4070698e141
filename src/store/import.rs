//! Staged imports, quarantine, and publishing people.

use super::{Result, Row, StoreError, Tx, seal};
use crate::{
    domain::{
        ids::{ImportId, PersonId, QuarantineId, SpellId},
        import::{BadRow, EmployeeRow, Ending, Origin, Stated},
        person::{ExitKind, Impact, SpellState},
        row::QuarantineRow,
        sentence::Sentence,
    },
    vals,
};
use jiff::{Timestamp, civil::Date};
use uuid::Uuid;

/// A staged import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    pub id: ImportId,
    pub kind: String,
    /// Name or text of the mapping.
    pub map: Option<String>,
    pub source: String,
    pub file: String,
    pub hash: String,
    /// `staging`, `staged`, `publishing`, `published` or `discarded`.
    pub state: String,
    pub rows: i64,
    pub bad: i64,
    /// Chunks that are published.
    pub done: i64,
    pub added: i64,
    pub same: i64,
    pub refused: i64,
    /// Publishing would end more people than the policy allows.
    pub over_exits: bool,
}

impl Import {
    /// An import that begins in a state.
    pub fn new(id: ImportId, kind: &str, map: Option<String>, source: &str, file: &str, state: &str) -> Self {
        Self {
            id,
            kind: kind.into(),
            map,
            source: source.into(),
            file: file.into(),
            hash: String::new(),
            state: state.into(),
            rows: 0,
            bad: 0,
            done: 0,
            added: 0,
            same: 0,
            refused: 0,
            over_exits: false,
        }
    }
}

/// Writes an import's row.
pub fn put(tx: &mut Tx, i: &Import) -> Result<()> {
    let now = tx.now();
    tx.exec(
        "insert into imports (id, kind, map, source, file, hash, state, at, rows, bad, done, added, same, refused, over_exits) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
         on conflict (id) do update set hash = excluded.hash, state = excluded.state, rows = excluded.rows, bad = excluded.bad, done = excluded.done, \
         added = excluded.added, same = excluded.same, refused = excluded.refused, over_exits = excluded.over_exits",
        vals![
            i.id,
            &i.kind,
            i.map.clone(),
            &i.source,
            &i.file,
            &i.hash,
            &i.state,
            now,
            i.rows,
            i.bad,
            i.done,
            i.added,
            i.same,
            i.refused,
            i.over_exits
        ],
    )?;
    Ok(())
}

/// One import.
pub fn get(tx: &mut Tx, id: ImportId) -> Result<Option<Import>> {
    tx.one(
        "select id, kind, map, source, file, hash, state, rows, bad, done, added, same, refused, over_exits from imports where id = $1",
        vals![id],
        |r| {
            Ok(Import {
                id: r.get(0)?,
                kind: r.get(1)?,
                map: r.get(2)?,
                source: r.get(3)?,
                file: r.get(4)?,
                hash: r.get(5)?,
                state: r.get(6)?,
                rows: r.get(7)?,
                bad: r.get(8)?,
                done: r.get(9)?,
                added: r.get(10)?,
                same: r.get(11)?,
                refused: r.get(12)?,
                over_exits: r.get(13)?,
            })
        },
    )
}

/// Imports that were being staged or were never published, made before an instant.
pub fn abandoned(tx: &mut Tx, before: Timestamp) -> Result<Vec<ImportId>> {
    tx.all("select id from imports where state in ('staging', 'staged') and at < $1", vals![before], |r| r.get(0))
}

/// Adds a chunk of mapped rows.
pub fn put_chunk(tx: &mut Tx, import: ImportId, n: i64, bytes: &[u8]) -> Result<()> {
    let bytes = tx.seal_home_bytes(bytes)?;
    tx.exec("insert into import_chunks (import, n, bytes) values ($1, $2, $3)", vals![import, n, bytes])?;
    Ok(())
}

/// Chunk `n` of an import.
pub fn chunk(tx: &mut Tx, import: ImportId, n: i64) -> Result<Option<Vec<u8>>> {
    tx.one("select bytes from import_chunks where import = $1 and n = $2", vals![import, n], |r| Ok(r.home().bytes(r.get(0)?)))
}

/// Number of chunks.
pub fn chunks(tx: &mut Tx, import: ImportId) -> Result<i64> {
    tx.count("select count(*) from import_chunks where import = $1", vals![import])
}

/// Puts other bytes in a chunk's place.
pub fn replace_chunk(tx: &mut Tx, import: ImportId, n: i64, bytes: &[u8]) -> Result<()> {
    let bytes = tx.seal_home_bytes(bytes)?;
    tx.exec("update import_chunks set bytes = $3 where import = $1 and n = $2", vals![import, n, bytes])?;
    Ok(())
}

/// Imports that have staged chunks, and how many.
pub fn with_chunks(tx: &mut Tx) -> Result<Vec<(ImportId, i64)>> {
    tx.all("select import, count(*) from import_chunks group by import", &[], |r| Ok((r.get(0)?, r.get(1)?)))
}

/// Drops the staged bytes of an import.
pub fn drop_chunks(tx: &mut Tx, import: ImportId) -> Result<()> {
    tx.exec("delete from import_chunks where import = $1", vals![import])?;
    Ok(())
}

/// Puts a row into quarantine.
pub fn quarantine(tx: &mut Tx, id: QuarantineId, import: &Import, bad: &BadRow) -> Result<()> {
    let now = tx.now();
    let json = |v: &Sentence| serde_json::to_string(v).map_err(|e| StoreError::Sql(e.to_string()));
    // Reasons are counted by their code; what they name is sealed with the row.
    let (why, raw) = (json(&Sentence { args: Default::default(), ..bad.why.clone() })?, tx.seal_home(&said(&bad.why, &bad.raw)?)?);
    tx.exec(
        "insert into quarantine (id, import, at, kind, map, file, row, col, why, raw) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         on conflict (id) do nothing",
        vals![
            id,
            import.id,
            now,
            &import.kind,
            import.map.clone(),
            &bad.origin.file,
            i64::try_from(bad.origin.row).unwrap_or(i64::MAX),
            bad.column.clone(),
            why,
            raw
        ],
    )?;
    Ok(())
}

/// A quarantined row with what is needed to map it again.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    pub row: QuarantineRow,
    pub kind: String,
    pub map: Option<String>,
    pub import: ImportId,
}

/// Quarantined rows, oldest first.
pub fn quarantined(tx: &mut Tx, after: Option<(i64, Uuid)>, limit: i64) -> Result<Vec<Kept>> {
    let (at, id) = after.unwrap_or((i64::MIN, Uuid::nil()));
    tx.all(
        "select id, at, file, row, col, why, raw, kind, map, import from quarantine where (at, id) > ($1, $2) order by at, id limit $3",
        vals![at, id, limit],
        map_kept,
    )
}

/// When a row came into quarantine, in µs.
pub fn quarantined_at(tx: &mut Tx, id: Uuid) -> Result<Option<i64>> {
    tx.one("select at from quarantine where id = $1", vals![id], |r| r.get(0))
}

/// A reason and a row as they are sealed.
pub(super) fn said(why: &Sentence, raw: &str) -> Result<String> {
    serde_json::to_string(&(why, raw)).map_err(|e| StoreError::Sql(e.to_string()))
}

fn map_kept(r: &Row) -> Result<Kept> {
    let (why, raw): (String, String) = (r.get(5)?, r.get(6)?);
    let (why, raw): (Sentence, String) = if raw.starts_with(seal::TEXT) {
        serde_json::from_str(&r.home().text(raw)).map_err(|_| StoreError::Column(6))?
    } else {
        (serde_json::from_str(&why).map_err(|_| StoreError::Column(5))?, raw)
    };
    Ok(Kept {
        row: QuarantineRow {
            id: r.get(0)?,
            at: r.get(1)?,
            row: BadRow {
                origin: Origin { file: r.get(2)?, row: u64::try_from(r.get::<i64>(3)?).unwrap_or(0) },
                column: r.get(4)?,
                why,
                raw,
            },
        },
        kind: r.get(7)?,
        map: r.get(8)?,
        import: r.get(9)?,
    })
}

/// Takes a row out of quarantine.
pub fn release(tx: &mut Tx, id: QuarantineId) -> Result<()> {
    tx.exec("delete from quarantine where id = $1", vals![id])?;
    Ok(())
}

/// Rows that are in quarantine for a reason.
pub fn count_refused(tx: &mut Tx, code: &str) -> Result<i64> {
    tx.count("select count(*) from quarantine where why like $1", vals![format!("%\"{code}\"%")])
}

/// Rows in quarantine.
pub fn count_quarantine(tx: &mut Tx) -> Result<i64> {
    tx.count("select count(*) from quarantine", &[])
}

/// A person as the store knows them from one source.
pub struct Known {
    pub id: PersonId,
    pub spell: SpellId,
    pub stated: Stated,
}

/// Finds a person by source and key.
pub fn known(tx: &mut Tx, source: &str, key: &str) -> Result<Option<Known>> {
    tx.one("select id, spell, stated_on, stated_hash from persons where source = $1 and source_key = $2", vals![source, key], |r| {
        Ok(Known { id: r.get(0)?, spell: r.get(1)?, stated: stated(r.get(2)?, &r.get::<Vec<u8>>(3)?) })
    })
}

/// Bytes of a statement besides its day: its hour in µs, what it says of the end, and the hash.
fn stated_bytes(s: &Stated) -> Vec<u8> {
    let (kind, day) = match s.ending {
        Ending::Leaves(day) => (0, day),
        Ending::Stays => (1, Date::ZERO),
        Ending::Left(day) => (2, day),
    };
    let mut out = s.at.to_be_bytes().to_vec();
    out.push(kind);
    out.extend(day.year().to_be_bytes());
    out.extend([day.month().unsigned_abs(), day.day().unsigned_abs()]);
    out.extend(&s.hash);
    out
}

/// The statement of a day with the bytes of [`stated_bytes`]. Of one that is kept as a hash alone nobody knows what it said of the end:
/// that is an end that no file can state.
fn stated(on: Date, bytes: &[u8]) -> Stated {
    let read = |b: &[u8]| -> Option<Stated> {
        let (at, rest) = b.split_first_chunk::<8>()?;
        let ([kind, y1, y2, month, day], hash) = rest.split_first_chunk::<5>()?;
        let day = Date::new(i16::from_be_bytes([*y1, *y2]), i8::try_from(*month).ok()?, i8::try_from(*day).ok()?).ok()?;
        let ending = match kind {
            0 => Ending::Leaves(day),
            1 => Ending::Stays,
            2 => Ending::Left(day),
            _ => return None,
        };
        Some(Stated { on, at: i64::from_be_bytes(*at), ending, hash: hash.to_vec() })
    };
    Some(bytes).filter(|b| b.len() > 32).and_then(read).unwrap_or_else(|| Stated {
        on,
        at: 0,
        ending: Ending::Left(Date::MIN),
        hash: bytes.to_vec(),
    })
}

/// Notes that a spell was stated again, later, as it is; `person` where that was the last word about the person too.
pub fn restate(tx: &mut Tx, spell: SpellId, said: &Stated, person: Option<PersonId>) -> Result<()> {
    let bytes = stated_bytes(said);
    tx.exec("update spells set stated_on = $2, stated_hash = $3 where id = $1", vals![spell, said.on, bytes.clone()])?;
    if let Some(person) = person {
        tx.exec("update persons set stated_on = $2, stated_hash = $3 where id = $1", vals![person, said.on, bytes])?;
    }
    Ok(())
}

/// A spell as the store knows it.
#[derive(Clone, Debug)]
pub struct KnownSpell {
    pub id: SpellId,
    pub number: String,
    pub started: Date,
    pub last_day: Option<Date>,
    pub state: SpellState,
    pub exit: Option<ExitKind>,
    pub stated: Stated,
}

impl KnownSpell {
    pub fn live(&self) -> bool {
        self.state.is_live()
    }

    /// How it ends, as it is on record now.
    pub fn ending(&self) -> Ending {
        Ending::of(self.state, self.last_day)
    }
}

/// All spells of a person, oldest first.
pub fn spells(tx: &mut Tx, person: PersonId) -> Result<Vec<KnownSpell>> {
    let sql = "select id, number, started, last_day, state, exit, stated_on, stated_hash from spells where person = $1 order by started";
    tx.all(sql, vals![person], |r| {
        Ok(KnownSpell {
            id: r.get(0)?,
            number: r.get(1)?,
            started: r.get(2)?,
            last_day: r.get(3)?,
            state: r.get(4)?,
            exit: r.get(5)?,
            stated: stated(r.get(6)?, &r.get::<Vec<u8>>(7)?),
        })
    })
}

/// The live spell with a number: (spell, person).
pub fn live_number(tx: &mut Tx, number: &str) -> Result<Option<(SpellId, PersonId)>> {
    tx.one("select id, person from spells where number = $1 and live = 1", vals![number], |r| Ok((r.get(0)?, r.get(1)?)))
}

/// Writes a person's row; the version rises.
pub fn put_person(tx: &mut Tx, id: PersonId, source: &str, row: &EmployeeRow, spell: SpellId, said: &Stated) -> Result<()> {
    tx.exec(
        "insert into persons (id, source, source_key, name, sort_name, sort_fixed, spell, erased, version, stated_on, stated_hash, email) \
         values ($1, $2, $3, $4, $5, 0, $6, 0, 1, $7, $8, $9) \
         on conflict (id) do update set name = excluded.name, email = excluded.email, \
         sort_name = case when persons.sort_fixed = 1 then persons.sort_name else excluded.sort_name end, spell = excluded.spell, \
         version = persons.version + 1, stated_on = excluded.stated_on, stated_hash = excluded.stated_hash",
        vals![
            id,
            source,
            &row.person,
            &row.name,
            row.sort_name.as_deref().unwrap_or(&row.name),
            spell,
            said.on,
            stated_bytes(said),
            row.email.clone()
        ],
    )?;
    Ok(())
}

/// Sets which spell of a person is shown: the live one, else the one that started last.
pub fn show_spell(tx: &mut Tx, person: PersonId) -> Result<()> {
    tx.exec(
        "update persons set spell = (select id from spells where person = $1 order by live desc, started desc limit 1) where id = $1",
        vals![person],
    )?;
    Ok(())
}

/// Writes a spell's row.
pub fn put_spell(tx: &mut Tx, id: SpellId, person: PersonId, row: &EmployeeRow, said: &Stated) -> Result<()> {
    tx.exec(
        "insert into spells (id, person, number, org, post, critical, impact, manager, state, started, last_day, exit, live, version, stated_on, \
         stated_hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1, $14, $15) \
         on conflict (id) do update set number = excluded.number, org = excluded.org, post = excluded.post, critical = excluded.critical, \
         impact = excluded.impact, manager = excluded.manager, state = excluded.state, last_day = excluded.last_day, exit = excluded.exit, \
         live = excluded.live, version = spells.version + 1, stated_on = excluded.stated_on, stated_hash = excluded.stated_hash",
        vals![
            id,
            person,
            &row.number,
            &row.org,
            &row.post,
            row.critical,
            row.impact.unwrap_or(Impact::Medium),
            row.manager.clone(),
            row.state,
            row.started,
            row.last_day,
            row.exit,
            row.state.is_live(),
            said.on,
            stated_bytes(said)
        ],
    )?;
    Ok(())
}

/// Spells whose last day is over and that nobody ended: ends them. Returns how many.
pub fn depart(tx: &mut Tx, today: Date) -> Result<u64> {
    tx.exec(
        "update persons set version = version + 1 where spell in (select id from spells where live = 1 and last_day < $1)",
        vals![today],
    )?;
    tx.exec("update spells set state = 'departed', live = 0, version = version + 1 where live = 1 and last_day < $1", vals![today])
}

/// Ends a live spell, or gives notice of its end while the last day is still to come.
pub fn end_spell(tx: &mut Tx, id: SpellId, last_day: Date, exit: ExitKind, gone: bool) -> Result<()> {
    let state = if gone { SpellState::Departed } else { SpellState::Notice };
    tx.exec(
        "update spells set state = $4, live = $5, last_day = $2, exit = $3, version = version + 1 where id = $1",
        vals![id, last_day, exit, state, !gone],
    )?;
    tx.exec("update persons set version = version + 1 where spell = $1", vals![id])?;
    Ok(())
}

/// Live spells.
pub fn count_live(tx: &mut Tx) -> Result<i64> {
    tx.count("select count(*) from spells where live = 1", &[])
}

/// People and signals, as counted when they came and went: counting millions of rows would cost the first frame.
pub fn counts(tx: &mut Tx) -> Result<(i64, i64)> {
    let mut read = |key: &str| Ok::<i64, StoreError>(super::operator::meta(tx, key)?.and_then(|v| v.parse().ok()).unwrap_or(0));
    Ok((read("people")?, read("signals")?))
}

/// Adds to a counter of [`counts`]: `people` or `signals`.
pub fn count(tx: &mut Tx, key: &str, more: i64) -> Result<()> {
    if more != 0 {
        let now = super::operator::meta(tx, key)?.and_then(|v| v.parse().ok()).unwrap_or(0i64);
        super::operator::set_meta(tx, key, &(now + more).to_string())?;
    }
    Ok(())
}

/// True when there is at least one person; cheap at any size.
pub fn any_person(tx: &mut Tx) -> Result<bool> {
    Ok(tx.one("select 1 from persons limit 1", &[], |r| r.get::<Option<i64>>(0))?.is_some())
}
