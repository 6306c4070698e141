//! Erasing a person for good: every text that names them goes, in this database and in every older copy of it that is put back.
//!
//! Whoever was erased is in a list beside the database (`erased` in the home's folder: ids, no names, each with a code under the home's wrapping
//! key, so that nobody writes somebody in). A database that knows such a person as they were is one from before: it is erased there again, with
//! an entry, before anybody reads it.

use super::{
    Failure,
    import::{self, Line},
    keys::Vault,
};
use crate::{
    domain::{
        act::Entity,
        audit::{Entry, Item},
        ids::{JobId, PersonId, QuarantineId},
        import::{BadRow, ImportRow, StatedOwner},
    },
    store::{self, Db, StoreError, Tx, audit::Chain, person::Marks},
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};
use uuid::Uuid;

/// The job that writes the database anew, so that no page keeps what was deleted.
pub const COMPACT: &str = "compact";
/// What stands where a name was.
const GONE: &str = "…";

fn file(dir: &Path) -> PathBuf {
    dir.join("erased")
}

/// Who is in the list. A line whose code is not ours names nobody.
pub fn listed(dir: &Path, vault: &Vault) -> BTreeSet<PersonId> {
    let text = fs::read_to_string(file(dir)).unwrap_or_default();
    let known = |line: &str| {
        let (id, code) = line.split_once(' ')?;
        let id = PersonId(id.parse().ok()?);
        (vault.erasure_code(id) == code.trim()).then_some(id)
    };
    text.lines().filter_map(known).collect()
}

/// Puts whoever is erased in a database into the list.
pub fn remember(db: &Db, dir: &Path, vault: &Vault) -> Result<(), Failure> {
    let erased = db.read(store::person::erased)?;
    let known = listed(dir, vault);
    // A line that was cut short ends here.
    let lines: String =
        erased.iter().filter(|id| !known.contains(id)).map(|id| format!("\n{} {}\n", id.0, vault.erasure_code(*id))).collect();
    if lines.is_empty() {
        return Ok(());
    }
    let mut list = fs::OpenOptions::new().append(true).create(true).mode(0o600).open(file(dir)).map_err(|e| super::backup::io(dir, e))?;
    list.write_all(lines.as_bytes()).and_then(|()| list.sync_all()).map_err(|e| super::backup::io(dir, e))
}

/// Erases again whom the list names and the database still knows; how many. A person is a transaction: cut short, it goes on at the next
/// opening.
pub fn replay(db: &Db, dir: &Path, vault: &Vault) -> Result<usize, Failure> {
    let ids: Vec<PersonId> = listed(dir, vault).into_iter().collect();
    if ids.is_empty() {
        return Ok(0);
    }
    let back = db.read(|tx| store::person::unerased(tx, &ids))?;
    for id in &back {
        db.write(|tx| -> Result<(), Failure> {
            tx.lock()?;
            erase(tx, *id)?;
            let item = Item { entity: Entity::Person, id: id.0, person: Some(*id), before: None, after: None, sealed: None };
            let entry = Entry { count: Some(1), ..Entry::new(tx.now(), None, "person.erase_again", vec![item]) };
            store::audit::append(tx, Chain::Acts, entry)?;
            Ok(store::audit::announce(tx, "person", Some(id.0))?)
        })?;
    }
    Ok(back.len())
}

/// Erases a person: their rows, and what names them in rows that nobody's key seals.
pub(super) fn erase(tx: &mut Tx, id: PersonId) -> Result<(), Failure> {
    let marks = store::person::marks(tx, id)?;
    store::person::erase(tx, id)?;
    store::freeze::erase(tx, id)?;
    store::reveal::erase(tx, id)?;
    quarantine(tx, &marks)?;
    staged(tx, &marks)?;
    for (operator, key, answer) in store::idempotency::all(tx)? {
        if let Some(answer) = scrubbed(&answer, &|s| marks.stand_in(s)) {
            store::idempotency::replace(tx, operator, &key, &answer)?;
        }
    }
    store::job::forget_errors(tx, |error| marks.stand_in(error))?;
    // The cases are gone, and with them the days of notice.
    store::effect::mark_of(tx, id)?;
    let now = tx.now();
    store::job::queue(tx, JobId(Uuid::now_v7()), "score", "all", now, "")?;
    Ok(store::job::queue(tx, JobId(Uuid::now_v7()), COMPACT, "all", now, "")?)
}

/// A JSON text without the strings that are to go; `None` when there were none.
fn scrubbed(text: &str, goes: &dyn Fn(&str) -> bool) -> Option<String> {
    fn walk(v: &mut Value, goes: &dyn Fn(&str) -> bool) -> bool {
        match v {
            Value::String(s) if goes(s) => {
                *s = GONE.into();
                true
            }
            Value::Array(all) => all.iter_mut().fold(false, |hit, v| walk(v, goes) | hit),
            Value::Object(all) => all.values_mut().fold(false, |hit, v| walk(v, goes) | hit),
            _ => false,
        }
    }
    let mut value: Value = serde_json::from_str(text).ok()?;
    walk(&mut value, goes).then(|| value.to_string())
}

/// What becomes of a row that could not be read: it is about them and goes, it is somebody else's and says their number no more, or it has
/// nothing to do with them. A name alone is also that of others.
enum Fate {
    Goes,
    Cut(String),
    Stays,
}

fn fate(kind: &str, raw: &str, marks: &Marks) -> Fate {
    if !marks.id_in_json(raw) {
        return Fate::Stays;
    }
    let theirs = match kind {
        // Somebody else's row may name them as manager: that one says no name.
        "employees" => marks.name_in(raw),
        "signals" | "exits" => true,
        _ => false,
    };
    match scrubbed(raw, &|s| marks.is(s)) {
        Some(cut) if !theirs => Fate::Cut(cut),
        _ => Fate::Goes,
    }
}

/// Rows about them that nobody could take yet are dropped; of somebody else's row that only names them, the name.
fn quarantine(tx: &mut Tx, marks: &Marks) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let page = store::import::quarantined(tx, after, 500)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some((last.row.at.as_microsecond(), last.row.id.0));
        for kept in page {
            let (id, bad) = (QuarantineId(kept.row.id.0), &kept.row.row);
            let raw = match fate(&kept.kind, &bad.raw, marks) {
                Fate::Stays => continue,
                Fate::Goes => None,
                Fate::Cut(raw) => Some(raw),
            };
            store::import::release(tx, id)?;
            if let (Some(raw), Some(import)) = (raw, store::import::get(tx, kept.import)?) {
                let mut why = bad.why.clone();
                why.args.values_mut().filter(|v| marks.stand_in(v)).for_each(|v| *v = GONE.into());
                store::import::quarantine(tx, id, &import, &BadRow { raw, why, ..bad.clone() })?;
            }
        }
    }
}

/// Rows that are staged and not published.
fn staged(tx: &mut Tx, marks: &Marks) -> Result<(), Failure> {
    for (id, chunks) in store::import::with_chunks(tx)? {
        let kind = store::import::get(tx, id)?.map_or_else(String::new, |i| i.kind);
        for n in 0..chunks {
            let Some(bytes) = store::import::chunk(tx, id, n)? else { continue };
            let mut lines: Vec<Line> = import::unpacked(&bytes)?;
            let before = lines.len();
            let mut cut = false;
            lines.retain_mut(|line| match line {
                Line::Good(_, row) => of_other(row, marks, &mut cut),
                Line::Bad(bad) => match fate(&kind, &bad.raw, marks) {
                    Fate::Stays => true,
                    Fate::Goes => false,
                    Fate::Cut(raw) => {
                        (bad.raw, cut) = (raw, true);
                        true
                    }
                },
            });
            if cut || lines.len() < before {
                store::import::replace_chunk(tx, id, n, &import::packed(&lines)?)?;
            }
        }
    }
    Ok(())
}

/// Whether a row is about somebody else; what names the person in it is taken out.
fn of_other(row: &mut ImportRow, marks: &Marks, cut: &mut bool) -> bool {
    match row {
        ImportRow::Signal(s) => !marks.is(&s.number),
        ImportRow::Exit(e) => !marks.is(&e.number),
        ImportRow::Employee(e) => {
            if e.manager.as_deref().is_some_and(|m| marks.is(m)) {
                (e.manager, *cut) = (None, true);
            }
            !marks.is(&e.number) && !marks.is(&e.person)
        }
        ImportRow::Customer(c) => {
            if matches!(&c.owner, Some(StatedOwner::Number(n)) if marks.is(n)) {
                (c.owner, *cut) = (None, true);
            }
            true
        }
        ImportRow::Order(_) | ImportRow::Receivable(_) => true,
    }
}

impl super::Service {
    /// Whether everybody whom the database has erased is in the list.
    pub fn erasures_are_listed(&self) -> Result<bool, StoreError> {
        let listed = listed(&self.dir, &self.vault);
        Ok(self.db.read(store::person::erased)?.iter().all(|id| listed.contains(id)))
    }

    /// Puts whoever was just erased into the list. One that cannot be written now is written when the home is next opened, and `doctor` says so.
    pub(super) fn remember_erased(&self) {
        let _ = remember(&self.db, &self.dir, &self.vault);
    }

    /// Writes a file database anew. A server does so by itself (see the page on PostgreSQL).
    pub fn compact(&self) -> Result<(), Failure> {
        match &self.db {
            Db::Sqlite(db) => Ok(db.compact()?),
            Db::Postgres(_) => Ok(()),
        }
    }
}
