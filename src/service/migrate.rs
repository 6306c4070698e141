//! Moving a company to another place: from a file to a server, or back, verified row by row [NF-5].
//!
//! All of it is one transaction of the target, which commits once every table was read back and is the same: whatever ends it early leaves
//! nothing there, and it is begun again. Meanwhile nobody acts in the place that is left.

use super::{Config, Service, home, keys};
use crate::{
    backend::{Failure, FailureKind},
    domain::sentence::Sentence,
    store::{
        Db, Tx,
        copy::{self, Table},
        migrate,
        sqlite::SqliteDb,
    },
};
use jiff::Timestamp;
use serde::Serialize;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Where a company goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A folder, which becomes a home.
    Home(PathBuf),
    /// A database, by its URL; the home stays what it is.
    Server(String),
}

/// What a table holds in both places.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moved {
    pub table: &'static str,
    pub rows: u64,
    pub digest: String,
}

/// What was moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    pub from: String,
    pub to: String,
    pub rows: u64,
    /// Entries of the two chains, and their heads: both verify.
    pub acts: i64,
    pub acts_head: String,
    pub reads: i64,
    pub reads_head: String,
    pub tables: Vec<Moved>,
}

fn name(db: &Db) -> String {
    match db {
        Db::Sqlite(db) => db.path().display().to_string(),
        Db::Postgres(db) => db.place(),
    }
}

/// Copies a company into an empty place and verifies what is there.
///
/// # Errors
/// A target that holds anything, a chain that is broken before it is moved, a table that does not come out the same, a server that goes away:
/// the target then is as it was.
pub fn migrate(service: &Service, to: &Place) -> Result<Report, Failure> {
    match to {
        Place::Server(url) => {
            let db = home::server(service.dir(), service.config(), url, None)?;
            let key = keys::load(service.dir(), &service.config().key)?;
            if !migrate::is_empty(&db)? {
                return Err(used(name(&db)));
            }
            move_into(service, &db, Some(&key), name(&db))
        }
        Place::Home(dir) => {
            let file = home::database(dir);
            if fs::metadata(&file).is_ok_and(|m| m.len() > 0) {
                return Err(used(file.display().to_string()));
            }
            let io = |e: std::io::Error| super::backup::io(dir, e);
            fs::create_dir_all(dir).map_err(io)?;
            home::refuse_network(dir)?;
            let config = Config::load(dir)?;
            let key_file = keys::file(dir, &config.key);
            if keys::is_file(&config.key) && !key_file.exists() {
                keys::write(&key_file, &keys::random_key()?)?;
            }
            let key = keys::load(dir, &config.key)?;
            // Not the home's name until it is whole.
            let part = dir.join("tenure.part");
            clear(&part);
            let moved = SqliteDb::open(&part, keys::db_key(&key), true, Box::new(Timestamp::now)).map_err(Failure::from).and_then(|db| {
                // Closed when this ends: what it wrote is then in the one file.
                move_into(service, &Db::Sqlite(Box::new(db)), None, file.display().to_string())
            });
            let done = moved.and_then(|report| fs::rename(&part, &file).map_err(io).map(|()| report));
            clear(&part);
            done
        }
    }
}

fn used(place: String) -> Failure {
    Failure::new(FailureKind::Refused, Sentence::new("migrate-used").with("place", place)).next(Sentence::new("migrate-used-next"))
}

/// Removes what was left half done.
fn clear(part: &Path) {
    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{end}", part.display()));
    }
}

fn move_into(service: &Service, target: &Db, under: Option<&keys::Key>, to: String) -> Result<Report, Failure> {
    let source = service.db();
    // Who acts meanwhile waits, or is told that the database is busy: an act must not be acknowledged where nobody will look for it.
    source.write(|still: &mut Tx| {
        still.lock()?;
        source.read(|from| {
            target.write(|into| {
                migrate::run(target, into)?;
                let tables = copy::tables().iter().map(|table| one(table, from, into, still)).collect::<Result<Vec<_>, Failure>>()?;
                copy::number(into)?;
                service.vault.keep(into, under)?;
                let verified = super::query::verify(into)?;
                if let Some((chain, broken)) = verified.broken {
                    let what = Sentence::new("migrate-chain").with("chain", chain).with("seq", broken.seq);
                    return Err(Failure::new(FailureKind::Failed, what).next(Sentence::new("migrate-chain-next")));
                }
                Ok(Report {
                    from: name(source),
                    to,
                    rows: tables.iter().map(|t| t.rows).sum(),
                    acts: verified.entries,
                    acts_head: verified.head,
                    reads: verified.access_entries,
                    reads_head: verified.access_head,
                    tables,
                })
            })
        })
    })
}

fn one(table: &Table, from: &mut Tx, into: &mut Tx, still: &mut Tx) -> Result<Moved, Failure> {
    // The lock of whoever says nothing for a minute is taken away.
    let sent = table.copy(from, into, &mut || still.count("select 1", &[]).map(|_| ()))?;
    let there = table.tally(into)?;
    if sent != there {
        let what = Sentence::new("migrate-differs").with("table", table.name).with("sent", sent.rows).with("there", there.rows);
        return Err(Failure::new(FailureKind::Failed, what).next(Sentence::new("migrate-differs-next")));
    }
    Ok(Moved { table: table.name, rows: there.rows, digest: there.digest() })
}
