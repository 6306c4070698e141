//! Numbered migrations, both engines' text side by side. A shipped file never changes: its hash is kept in the database.

use super::{Db, Result, StoreError, Tx};
use crate::vals;
use sha2::{Digest, Sha256};

/// (version, SQLite text, PostgreSQL text)
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, include_str!("migrations/0001.sqlite.sql"), include_str!("migrations/0001.postgres.sql")),
    (2, include_str!("migrations/0002.sqlite.sql"), include_str!("migrations/0002.postgres.sql")),
    (3, include_str!("migrations/0003.sqlite.sql"), include_str!("migrations/0003.postgres.sql")),
    (4, include_str!("migrations/0004.sqlite.sql"), include_str!("migrations/0004.postgres.sql")),
    (5, include_str!("migrations/0005.sqlite.sql"), include_str!("migrations/0005.postgres.sql")),
    (6, include_str!("migrations/0006.sqlite.sql"), include_str!("migrations/0006.postgres.sql")),
    (7, include_str!("migrations/0007.sqlite.sql"), include_str!("migrations/0007.postgres.sql")),
    (8, include_str!("migrations/0008.sqlite.sql"), include_str!("migrations/0008.postgres.sql")),
    (9, include_str!("migrations/0009.sqlite.sql"), include_str!("migrations/0009.postgres.sql")),
    (10, include_str!("migrations/0010.sqlite.sql"), include_str!("migrations/0010.postgres.sql")),
    (11, include_str!("migrations/0011.sqlite.sql"), include_str!("migrations/0011.postgres.sql")),
    (12, include_str!("migrations/0012.sqlite.sql"), include_str!("migrations/0012.postgres.sql")),
    (13, include_str!("migrations/0013.sqlite.sql"), include_str!("migrations/0013.postgres.sql")),
    (14, include_str!("migrations/0014.sqlite.sql"), include_str!("migrations/0014.postgres.sql")),
    (15, include_str!("migrations/0015.sqlite.sql"), include_str!("migrations/0015.postgres.sql")),
];

/// The migrations' text, as one engine takes it: tables, columns and kinds are the same for both.
pub(super) fn texts() -> impl Iterator<Item = &'static str> {
    MIGRATIONS.iter().map(|(_, sqlite, _)| *sqlite)
}

/// Whether a database holds nothing at all.
pub fn is_empty(db: &Db) -> Result<bool> {
    let sql = match db {
        Db::Sqlite(_) => "select count(*) from sqlite_master",
        Db::Postgres(_) => "select count(*) from pg_tables where schemaname = any (current_schemas(false))",
    };
    Ok(db.read(|tx| tx.count(sql, &[]))? == 0)
}

/// Whether a database holds a schema of ours, of whatever version.
pub fn is_made(db: &Db) -> Result<bool> {
    let sql = match db {
        Db::Sqlite(_) => "select count(*) from sqlite_master where name = 'schema_version'",
        Db::Postgres(_) => {
            "select count(*) from pg_tables where tablename = 'schema_version' and schemaname = any (current_schemas(false))"
        }
    };
    Ok(db.read(|tx| tx.count(sql, &[]))? > 0)
}

/// Brings the schema up to date; refuses a database that a newer program wrote.
pub fn migrate(db: &Db) -> Result<()> {
    if is_made(db)? && up_to_date(db)? {
        return Ok(());
    }
    db.write(|tx| run(db, tx))
}

/// The same in a transaction of the caller's.
pub fn run(db: &Db, tx: &mut Tx) -> Result<()> {
    if matches!(db, Db::Postgres(_)) {
        // Two that come first at the same time.
        tx.each("select 1 from (select pg_advisory_xact_lock(7365)) x", &[], |_| Ok(()))?;
    }
    tx.exec("create table if not exists schema_version (version bigint primary key, sha256 text not null, at bigint not null)", &[])?;
    let have: Vec<i64> = tx.all("select version from schema_version", &[], |r| r.get(0))?;
    for (version, sqlite, postgres) in MIGRATIONS.iter().filter(|m| !have.contains(&m.0)) {
        let text = if matches!(db, Db::Sqlite(_)) { sqlite } else { postgres };
        for statement in text.split(";\n").map(str::trim).filter(|s| !s.is_empty()) {
            tx.exec(statement.trim_end_matches(';'), &[])?;
        }
        let now = tx.now();
        tx.exec("insert into schema_version values ($1, $2, $3)", vals![*version, hash(text), now])?;
    }
    Ok(())
}

fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

fn up_to_date(db: &Db) -> Result<bool> {
    let have = db.read(|tx| {
        tx.all("select version, sha256 from schema_version order by version", &[], |r| Ok((r.get::<i64>(0)?, r.get::<String>(1)?)))
    })?;
    for (version, sha) in &have {
        let Some((_, sqlite, postgres)) = MIGRATIONS.iter().find(|m| m.0 == *version) else {
            return Err(StoreError::Schema(format!("the database has version {version}, this program knows {}", MIGRATIONS.len())));
        };
        if *sha != hash(sqlite) && *sha != hash(postgres) {
            return Err(StoreError::Schema(format!("migration {version} is not the one that made this database")));
        }
    }
    Ok(have.len() == MIGRATIONS.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Drift test: both texts declare the same tables, columns and indexes; only the types' names differ.
    #[test]
    fn both_engines_have_the_same_schema() {
        for (version, sqlite, postgres) in MIGRATIONS {
            let plain = |s: &str| {
                s.replace("integer primary key autoincrement", "bigint generated always as identity primary key")
                    .replace(" integer", " bigint")
                    .replace(" blob,", " bytea,")
                    .replace(" blob ", " bytea ")
                    .replace(" blob)", " bytea)")
                    .replace(" blob;", " bytea;")
                    .replace(" real", " double precision")
                    .replace(") without rowid;", ");")
            };
            // Prefixes are ranges, which want the order of code points whatever the server's locale.
            assert_eq!(plain(sqlite), postgres.replace(" collate \"C\"", ""), "migration {version}");
        }
    }
}
