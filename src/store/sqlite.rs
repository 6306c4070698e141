//! SQLite under SQLCipher: one writer, a few readers, WAL, `synchronous=FULL`.

use super::{Engine, RawRow, Result, StoreError, Tx, Val, seal::Seals};
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, TransactionBehavior, types::ValueRef};
use std::{
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};
use zeroize::Zeroizing;

/// How long a writer waits for another process before it says that the database is busy.
const BUSY: Duration = Duration::from_secs(30);

/// 32 random bytes, used raw: no key derivation, so that opening is quick.
#[derive(Clone)]
pub struct DbKey(pub Zeroizing<[u8; 32]>);

/// Supplies the store's time; fixed while the sample company is built.
pub type Clock = Box<dyn Fn() -> Timestamp + Send + Sync>;

/// A SQLite database file.
pub struct SqliteDb {
    path: PathBuf,
    /// Device and inode of the file that was opened. An open file can be moved or replaced: what is written to it then is lost to
    /// everybody who opens the path.
    file: (u64, u64),
    key: DbKey,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    reserve: Reserve,
    /// A connection of its own, because `data_version` counts what *others* committed.
    watcher: Mutex<Option<Connection>>,
    clock: Clock,
    pub(super) seals: OnceLock<Seals>,
}

fn held<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic while a connection was held rolled its transaction back when it was dropped; the connection is sound.
    m.lock().unwrap_or_else(PoisonError::into_inner)
}

impl SqliteDb {
    /// Opens a database file, or makes it when `create`. The key is checked at once.
    pub fn open(path: &Path, key: DbKey, create: bool, clock: Clock) -> Result<Self> {
        let reserve = Reserve(path.with_extension("reserve"));
        let writer = match connect(path, &key, create, WRITER_CACHE) {
            Err(StoreError::Disk(_)) if reserve.lend() => connect(path, &key, create, WRITER_CACHE),
            opened => opened,
        }?;
        let file = identity(path).ok_or(StoreError::Moved)?;
        Ok(Self {
            path: path.into(),
            file,
            key,
            writer: Mutex::new(writer),
            readers: Mutex::default(),
            reserve,
            watcher: Mutex::new(None),
            clock,
            seals: OnceLock::new(),
        })
    }

    /// Refuses when the file at the path is another one.
    fn still_here(&self) -> Result<()> {
        if identity(&self.path) == Some(self.file) { Ok(()) } else { Err(StoreError::Moved) }
    }

    /// Path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn read<T, E: From<StoreError>>(&self, f: impl FnOnce(&mut Tx) -> std::result::Result<T, E>) -> std::result::Result<T, E> {
        self.still_here()?;
        let kept = held(&self.readers).pop();
        let mut conn = match kept {
            Some(c) => c,
            None => connect(&self.path, &self.key, false, READER_CACHE)?,
        };
        let done = within(&mut conn, TransactionBehavior::Deferred, (self.clock)(), self.seals.get(), f);
        held(&self.readers).push(conn);
        done
    }

    pub(super) fn write<T, E: From<StoreError>>(&self, f: impl FnOnce(&mut Tx) -> std::result::Result<T, E>) -> std::result::Result<T, E> {
        let mut conn = held(&self.writer);
        self.reserve.keep()?;
        self.within_now(&mut conn, f)
    }

    pub(super) fn write_urgent<T, E: From<StoreError>>(
        &self,
        f: impl FnOnce(&mut Tx) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let mut conn = held(&self.writer);
        self.reserve.give();
        self.within_now(&mut conn, f)
    }

    pub(super) fn write_relaxed<T, E: From<StoreError>>(
        &self,
        f: impl FnOnce(&mut Tx) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let mut conn = held(&self.writer);
        self.reserve.keep()?;
        conn.execute_batch("pragma synchronous=normal").map_err(StoreError::from)?;
        let done = self.within_now(&mut conn, f);
        conn.execute_batch("pragma synchronous=full").map_err(StoreError::from)?;
        done
    }

    fn within_now<T, E: From<StoreError>>(
        &self,
        conn: &mut Connection,
        f: impl FnOnce(&mut Tx) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
        // The clock is read once the lock is held, so that times follow the order of commits.
        let out = {
            let mut engine = SqliteEngine { conn: &tx, now: (self.clock)() };
            f(&mut Tx::new(&mut engine, self.seals.get()))?
        };
        // As late as can be: what is acknowledged must be in the file that others see.
        self.still_here()?;
        tx.commit().map_err(StoreError::from)?;
        Ok(out)
    }

    pub(super) fn data_version(&self) -> Result<i64> {
        self.still_here()?;
        let mut watcher = held(&self.watcher);
        if watcher.is_none() {
            *watcher = Some(connect(&self.path, &self.key, false, READER_CACHE)?);
        }
        match watcher.as_ref() {
            Some(c) => Ok(c.query_row("pragma data_version", [], |r| r.get(0))?),
            None => Ok(0),
        }
    }

    /// Gives back the writer's large cache: a console lives beside two hundred others.
    pub fn lean(&self) -> Result<()> {
        Ok(held(&self.writer).execute_batch(&format!("pragma cache_size=-{READER_CACHE}"))?)
    }

    /// Runs plain statements outside a transaction: migrations and pragmas.
    pub fn batch(&self, sql: &str) -> Result<()> {
        Ok(held(&self.writer).execute_batch(sql)?)
    }

    /// Writes every page anew, so that none keeps what was deleted, and empties the log.
    pub fn compact(&self) -> Result<()> {
        Ok(held(&self.writer).execute_batch("vacuum; pragma wal_checkpoint(truncate)")?)
    }

    /// Copies the database online into `to` under the same key.
    pub fn copy_to(&self, to: &Path) -> Result<()> {
        let from = connect(&self.path, &self.key, false, READER_CACHE)?;
        let mut into = Connection::open(to)?;
        unlock(&into, &self.key)?;
        rusqlite::backup::Backup::new(&from, &mut into)?.run_to_completion(2_000, Duration::ZERO, None)?;
        into.execute_batch("pragma journal_mode=delete")?;
        Ok(())
    }

    /// Encrypts the whole file under another key. Other processes must be gone.
    pub fn rekey(&self, key: &DbKey) -> Result<()> {
        let conn = held(&self.writer);
        held(&self.readers).clear();
        *held(&self.watcher) = None;
        // Changing the key rewrites every page, which the WAL cannot carry.
        conn.execute_batch("pragma journal_mode=delete")?;
        conn.execute_batch(&Zeroizing::new(format!("pragma rekey=\"x'{}'\"", hex::encode(key.0.as_slice()))))?;
        Ok(())
    }

    /// Whether the room that is kept for a full disk is there.
    pub(super) fn reserve_is_whole(&self) -> bool {
        self.reserve.held() == Some(Reserve::ROOM)
    }

    /// Checks every page: SQLCipher's authentication codes and SQLite's structure.
    pub fn check(&self) -> Result<Vec<String>> {
        let conn = held(&self.writer);
        let mut out = Vec::new();
        for pragma in ["pragma cipher_integrity_check", "pragma integrity_check(20)"] {
            let mut stmt = conn.prepare(pragma)?;
            let mut rows = stmt.query([])?;
            while let Some(r) = rows.next()? {
                let line: String = r.get(0)?;
                if line != "ok" {
                    out.push(line);
                }
            }
        }
        Ok(out)
    }
}

/// A file that only holds room on the disk, so that a break-glass freeze can be carried out and written down when it is full.
struct Reserve(PathBuf);

impl Reserve {
    /// Bytes that are kept: a few hundred transactions.
    const ROOM: u64 = 16 << 20;
    /// With less than this left, room is given.
    const LOW: u64 = 4 << 20;
    /// What opening a database takes that was closed: its index of the log, and the first of the log.
    const LOAN: u64 = 1 << 20;

    /// Takes the room, as far as it was given. While it cannot be had nothing ordinary is written: what is free is for the urgent.
    fn keep(&self) -> Result<()> {
        if self.held() == Some(Self::ROOM) {
            return Ok(());
        }
        let full = |e: std::io::Error| StoreError::Disk(e.to_string());
        let file = std::fs::OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&self.0).map_err(full)?;
        match rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, Self::ROOM) {
            // A file system that keeps nothing for anybody.
            Err(rustix::io::Errno::OPNOTSUPP) => file.set_len(Self::ROOM).map_err(full),
            taken => taken.map_err(|e| full(e.into())),
        }
    }

    fn held(&self) -> Option<u64> {
        std::fs::metadata(&self.0).ok().map(|m| m.len())
    }

    fn is_low(&self) -> bool {
        let left = self.0.parent().and_then(|dir| rustix::fs::statvfs(dir).ok()).map(|s| s.f_bavail.saturating_mul(s.f_frsize));
        left.is_some_and(|left| left < Self::LOW)
    }

    /// Gives all of it, if there is little else.
    fn give(&self) {
        if self.is_low() {
            // It may have been given before.
            let _ = std::fs::remove_file(&self.0);
        }
    }

    /// Gives a little, so that a full disk can at least be read from; false when there is nothing to give.
    fn lend(&self) -> bool {
        let Some(rest) = self.held().and_then(|held| held.checked_sub(Self::LOAN)) else { return false };
        self.is_low() && std::fs::OpenOptions::new().write(true).open(&self.0).and_then(|f| f.set_len(rest)).is_ok()
    }
}

/// Device and inode of a file; `None` when there is none.
fn identity(path: &Path) -> Option<(u64, u64)> {
    std::fs::metadata(path).ok().map(|m| (m.dev(), m.ino()))
}

fn unlock(conn: &Connection, key: &DbKey) -> Result<()> {
    // Without this a wrong key makes SQLCipher print on standard error, that is, over the console.
    conn.execute_batch("pragma cipher_log_level=NONE")?;
    conn.execute_batch(&Zeroizing::new(format!("pragma key=\"x'{}'\"", hex::encode(key.0.as_slice()))))?;
    Ok(())
}

/// Pages that a connection keeps decrypted, in KiB. The writer's is large because imports and full scoring live by it; it is only taken
/// when it is used.
const WRITER_CACHE: u32 = 65_536;
const READER_CACHE: u32 = 2_048;

fn connect(path: &Path, key: &DbKey, create: bool, cache: u32) -> Result<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if create {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(BUSY)?;
    unlock(&conn, key)?;
    conn.query_row("select count(*) from sqlite_master", [], |r| r.get::<_, i64>(0))?;
    conn.set_prepared_statement_cache_capacity(128);
    // temp_store: nothing of a sort or a temporary table may reach a file unencrypted.
    conn.execute_batch(&format!(
        "pragma journal_mode=wal; pragma synchronous=full; pragma foreign_keys=on; pragma temp_store=memory; pragma cache_size=-{cache}; \
         pragma wal_autocheckpoint=8000;"
    ))?;
    Ok(conn)
}

fn within<T, E: From<StoreError>>(
    conn: &mut Connection,
    how: TransactionBehavior,
    now: Timestamp,
    seals: Option<&Seals>,
    f: impl FnOnce(&mut Tx) -> std::result::Result<T, E>,
) -> std::result::Result<T, E> {
    let tx = conn.transaction_with_behavior(how).map_err(StoreError::from)?;
    let mut engine = SqliteEngine { conn: &tx, now };
    f(&mut Tx::new(&mut engine, seals))
}

struct SqliteEngine<'c> {
    conn: &'c Connection,
    now: Timestamp,
}

fn numbered(sql: &str) -> String {
    // `$1` is a *named* parameter in SQLite; `?1` is numbered and agrees with PostgreSQL's order and reuse.
    sql.replace('$', "?")
}

fn bind(stmt: &mut rusqlite::CachedStatement<'_>, params: &[Val]) -> Result<()> {
    for (i, v) in params.iter().enumerate() {
        match v {
            Val::Null => stmt.raw_bind_parameter(i + 1, rusqlite::types::Null),
            Val::Int(n) => stmt.raw_bind_parameter(i + 1, n),
            Val::Real(n) => stmt.raw_bind_parameter(i + 1, n),
            Val::Text(s) => stmt.raw_bind_parameter(i + 1, s),
            Val::Blob(b) => stmt.raw_bind_parameter(i + 1, b),
        }?;
    }
    Ok(())
}

impl Engine for SqliteEngine<'_> {
    fn run(&mut self, sql: &str, params: &[Val], each: &mut dyn FnMut(&dyn RawRow) -> Result<()>) -> Result<u64> {
        let mut stmt = self.conn.prepare_cached(&numbered(sql))?;
        bind(&mut stmt, params)?;
        if stmt.column_count() == 0 {
            return Ok(stmt.raw_execute()? as u64);
        }
        let mut rows = stmt.raw_query();
        let mut n = 0;
        while let Some(row) = rows.next()? {
            each(row)?;
            n += 1;
        }
        Ok(n)
    }

    fn bulk(&mut self, sql: &str, rows: &mut dyn Iterator<Item = Vec<Val>>) -> Result<u64> {
        let mut stmt = self.conn.prepare_cached(&numbered(sql))?;
        let mut n = 0;
        for row in rows {
            bind(&mut stmt, &row)?;
            n += stmt.raw_execute()? as u64;
        }
        Ok(n)
    }

    fn lock(&mut self) -> Result<()> {
        // `begin immediate` already serialises writers.
        Ok(())
    }

    fn wake(&mut self) -> Result<()> {
        // Other processes look at `data_version`.
        Ok(())
    }

    fn now(&self) -> Timestamp {
        self.now
    }
}

impl RawRow for rusqlite::Row<'_> {
    fn int(&self, i: usize) -> Result<Option<i64>> {
        match self.get_ref(i)? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(n) => Ok(Some(n)),
            _ => Err(StoreError::Column(i)),
        }
    }
    fn real(&self, i: usize) -> Result<Option<f64>> {
        match self.get_ref(i)? {
            ValueRef::Null => Ok(None),
            ValueRef::Real(n) => Ok(Some(n)),
            ValueRef::Integer(n) => Ok(Some(n as f64)),
            _ => Err(StoreError::Column(i)),
        }
    }
    fn text(&self, i: usize) -> Result<Option<&str>> {
        match self.get_ref(i)? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(t) => Ok(Some(std::str::from_utf8(t).map_err(|_| StoreError::Column(i))?)),
            _ => Err(StoreError::Column(i)),
        }
    }
    fn blob(&self, i: usize) -> Result<Option<&[u8]>> {
        match self.get_ref(i)? {
            ValueRef::Null => Ok(None),
            ValueRef::Blob(b) => Ok(Some(b)),
            _ => Err(StoreError::Column(i)),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(e: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match e.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::WrongKey,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DiskFull | ErrorCode::ReadOnly | ErrorCode::SystemIoFailure) => Self::Disk(e.to_string()),
            Some(ErrorCode::CannotOpen) => Self::Unreachable(e.to_string()),
            _ => Self::Sql(e.to_string()),
        }
    }
}
