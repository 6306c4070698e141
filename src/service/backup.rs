//! Backups: an online copy under the same key; restoring verifies first and keeps the replaced database aside [NF-3].

use super::{Config, Service, erase, home, keys};
use crate::{
    backend::{Failure, FailureKind, answer::Verified},
    domain::sentence::Sentence,
    store::{self, Db, sqlite::SqliteDb},
};
use jiff::Timestamp;
use std::{
    fs,
    path::{Path, PathBuf},
};

pub(super) fn io(what: &Path, e: impl ToString) -> Failure {
    Failure::new(FailureKind::Failed, Sentence::new("backup-io").with("file", what.display()).with("detail", e))
        .next(Sentence::new("backup-io-next"))
}

/// Copies the home's database into a new file while others work, and verifies the copy.
///
/// # Errors
/// The file exists, the disk is full, or the copy does not verify; a half copy is removed.
pub fn backup(service: &Service, to: &Path) -> Result<Verified, Failure> {
    if to.exists() {
        return Err(Failure::new(FailureKind::Usage, Sentence::new("backup-exists").with("file", to.display())));
    }
    let Db::Sqlite(db) = service.db() else {
        return Err(Failure::new(FailureKind::Usage, Sentence::new("backup-not-here")));
    };
    let part = to.with_extension("part");
    let copied = db.copy_to(&part).map_err(Failure::from).and_then(|()| verify(&part, service.dir(), service.config()));
    match copied {
        Ok(v) => {
            fs::rename(&part, to).map_err(|e| io(to, e))?;
            Ok(v)
        }
        Err(e) => {
            let _ = fs::remove_file(&part);
            Err(e)
        }
    }
}

/// Opens a database file with the home's key and walks both chains.
fn verify(file: &Path, dir: &Path, config: &Config) -> Result<Verified, Failure> {
    let key = keys::load(dir, &config.key)?;
    let db = SqliteDb::open(file, keys::db_key(&key), false, Box::new(Timestamp::now)).map_err(|e| {
        let why = super::failure(e);
        Failure::new(why.kind, Sentence::new("backup-unreadable").with("file", file.display()))
            .next(Sentence::new("backup-unreadable-next"))
    })?;
    let faults = db.check()?;
    let verified = Db::Sqlite(Box::new(db)).read(super::query::verify)?;
    if !faults.is_empty() || !verified.ok {
        return Err(Failure::new(FailureKind::Failed, Sentence::new("backup-broken").with("file", file.display()))
            .next(Sentence::new("backup-broken-next")));
    }
    Ok(verified)
}

/// Replaces the home's database by a backup that verifies. The replaced files are kept aside; returns where.
pub fn restore(dir: &Path, from: &Path) -> Result<PathBuf, Failure> {
    let config = Config::load(dir)?;
    if !from.is_file() {
        return Err(Failure::new(FailureKind::NotFound, Sentence::new("backup-missing").with("file", from.display())));
    }
    let part = dir.join("restore.part");
    fs::copy(from, &part).map_err(|e| io(&part, e))?;
    if let Err(mut e) = verify(&part, dir, &config) {
        let _ = fs::remove_file(&part);
        // The copy is nobody's business: the file that was named is meant.
        e.what = e.what.with("file", from.display());
        return Err(e);
    }
    let live = home::database(dir);
    let key = keys::load(dir, &config.key)?;
    let open = |path: &Path| {
        let db = Db::Sqlite(Box::new(SqliteDb::open(path, keys::db_key(&key), false, Box::new(Timestamp::now))?));
        store::migrate::migrate(&db)?;
        let vault = Service::prepare(&db, None)?;
        Ok::<_, Failure>((db, vault))
    };
    // Whom the database knows as erased that is about to go. One that cannot be read any more has told the list before.
    if live.exists()
        && let Ok((db, vault)) = open(&live)
    {
        erase::remember(&db, dir, &vault)?;
    }
    // Before the copy has the home's name: nobody who was erased meanwhile comes back.
    open(&part).and_then(|(db, vault)| erase::replay(&db, dir, &vault).map(|_| ()))?;
    let stamp = Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let aside = dir.join(format!("tenure.db.replaced-{stamp}"));
    for end in ["-wal", "-shm"] {
        // The journal belongs to the replaced file and goes with it.
        let own = PathBuf::from(format!("{}{end}", live.display()));
        if own.exists() {
            fs::rename(&own, format!("{}{end}", aside.display())).map_err(|e| io(&own, e))?;
        }
        let _ = fs::remove_file(format!("{}{end}", part.display()));
    }
    if live.exists() {
        fs::rename(&live, &aside).map_err(|e| io(&live, e))?;
    }
    fs::rename(&part, &live).map_err(|e| io(&live, e))?;
    Ok(aside)
}

/// The daily backup: one file a day in the home's `backups` folder, the oldest removed.
pub fn daily(service: &Service) -> Result<(), Failure> {
    let folder = service.dir().join("backups");
    fs::create_dir_all(&folder).map_err(|e| io(&folder, e))?;
    let to = folder.join(format!("tenure-{}.db", service.day(Timestamp::now())));
    if !to.exists() {
        backup(service, &to)?;
    }
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .map_err(|e| io(&folder, e))?
        .flatten()
        .map(|f| f.path())
        .filter(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with("tenure-")) && p.extension().is_some_and(|e| e == "db"))
        .collect();
    files.sort();
    let old = files.len().saturating_sub(service.config().backup.keep.max(1));
    for file in files.into_iter().take(old) {
        fs::remove_file(&file).map_err(|e| io(&file, e))?;
    }
    Ok(())
}
