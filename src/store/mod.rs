//! SQL written once, one file a feature, in the subset that SQLite and PostgreSQL both take.
//!
//! [`sqlite`] and [`postgres`] give only run, bulk, lock and wake; nothing above sees which engine it is. Types on the wire are four:
//! `bigint`, `double precision`, `text` and bytes. Ids are 16 bytes, instants are microseconds UTC, civil dates are ISO text.

pub mod alert;
pub mod anchor;
pub mod approval;
pub mod audit;
pub mod blob;
pub mod cell;
pub mod contest;
pub mod copy;
pub mod customer;
pub mod draft;
pub mod effect;
pub mod freeze;
pub mod holding;
pub mod idempotency;
pub mod import;
pub mod job;
pub mod migrate;
pub mod offboarding;
pub mod older;
pub mod operator;
pub mod person;
pub mod plan;
pub mod postgres;
pub mod reveal;
pub mod score;
pub mod seal;
pub mod signal;
pub mod sqlite;
pub mod ssh_key;
pub mod today;
pub mod token;

pub use cell::{Cell, Val};

use jiff::Timestamp;

/// Why the store did not answer. Details hold SQL and engine words, never values.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The key does not open the database, or the file is none.
    #[error("wrong key or not a database")]
    WrongKey,
    /// Another process held the lock for too long.
    #[error("the database is busy")]
    Busy,
    /// The disk is full or read-only.
    #[error("the disk is full or cannot be written: {0}")]
    Disk(String),
    /// The file that was opened is no longer at its path: moved, or replaced by a restore.
    #[error("the database file was moved or replaced")]
    Moved,
    /// The server cannot be reached.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// The server speaks no TLS, or its certificate is not one that we trust.
    #[error("no protected connection: {0}")]
    Untrusted(String),
    /// The connection was lost while a transaction was being committed: whether it was is not known.
    #[error("no answer to a commit: {0}")]
    Unknown(String),
    /// The server lacks an entry that it, or another of its cluster, had acknowledged.
    #[error("the database lacks entry {0}, which was acknowledged")]
    Behind(i64),
    /// The address of a server cannot be used.
    #[error("{0}")]
    Url(String),
    /// A row holds what it cannot hold.
    #[error("column {0} of a row cannot be read")]
    Column(usize),
    /// The schema is newer than this program, or a shipped migration was changed.
    #[error("schema: {0}")]
    Schema(String),
    /// Anything else.
    #[error("{0}")]
    Sql(String),
    /// A decision above stopped the transaction; nothing was written.
    #[error("{0}")]
    Stopped(String),
}

/// Result of the store.
pub type Result<T> = std::result::Result<T, StoreError>;

/// What an engine gives inside one transaction or one read snapshot.
pub trait Engine {
    /// Runs a statement; calls `each` with every row it returns. Gives the number of rows changed.
    fn run(&mut self, sql: &str, params: &[Val], each: &mut dyn FnMut(&dyn RawRow) -> Result<()>) -> Result<u64>;
    /// Walks the rows of a large table without holding them all.
    fn stream(&mut self, sql: &str, each: &mut dyn FnMut(&dyn RawRow) -> Result<()>) -> Result<()> {
        self.run(sql, &[], each).map(|_| ())
    }
    /// What a select ends with that takes rows and passes over those that another transaction has in hand; nothing where there is never
    /// another one that writes.
    fn passing_over(&self) -> &'static str {
        ""
    }
    /// What setting a mark that is set already does to it.
    fn again(&self) -> &'static str {
        "do nothing"
    }
    /// What stands in an insert of rows whose numbers the engine would give out; nothing where it takes those that it is given.
    fn numbering(&self) -> &'static str {
        ""
    }
    /// Runs one statement for many rows; gives the number of rows changed.
    fn bulk(&mut self, sql: &str, rows: &mut dyn Iterator<Item = Vec<Val>>) -> Result<u64>;
    /// Takes the lock of the act chain until the transaction ends, so that facts loaded afterwards are exact.
    fn lock(&mut self) -> Result<()>;
    /// Tells whoever waits for news, once the transaction is committed; what is announced afterwards is in the order of commits.
    fn wake(&mut self) -> Result<()>;
    /// The entry that the server lacks though it was acknowledged: what is read there is old.
    fn behind(&self) -> Option<i64> {
        None
    }
    /// The store's time at the start of the transaction.
    fn now(&self) -> Timestamp;
}

/// A row as the engine holds it, by column index.
pub trait RawRow {
    /// 64-bit integer or null.
    fn int(&self, i: usize) -> Result<Option<i64>>;
    /// Double or null.
    fn real(&self, i: usize) -> Result<Option<f64>>;
    /// Text or null.
    fn text(&self, i: usize) -> Result<Option<&str>>;
    /// Bytes or null.
    fn blob(&self, i: usize) -> Result<Option<&[u8]>>;
}

/// Access to the columns of a row with their types inferred.
pub struct Row<'a> {
    raw: &'a dyn RawRow,
    seals: Option<&'a seal::Seals>,
}

impl Row<'_> {
    /// Column `i`, counted from 0.
    pub fn get<T: Cell>(&self, i: usize) -> Result<T> {
        T::from_cell(self.raw, i)
    }
}

/// A transaction. Dropped without a commit it leaves nothing behind.
pub struct Tx<'e> {
    engine: &'e mut dyn Engine,
    seals: Option<&'e seal::Seals>,
    keys: seal::Keys,
    /// Statements run in this transaction, for tests that count queries.
    pub statements: u64,
}

impl<'e> Tx<'e> {
    fn new(engine: &'e mut dyn Engine, seals: Option<&'e seal::Seals>) -> Self {
        Self { engine, seals, keys: seal::Keys::new(), statements: 0 }
    }

    /// The store's time at the start of the transaction.
    pub fn now(&self) -> Timestamp {
        self.engine.now()
    }

    /// The entry that the server lacks though it was acknowledged: what is read here is old.
    pub fn behind(&self) -> Option<i64> {
        self.engine.behind()
    }

    /// Takes the lock of the act chain.
    pub fn lock(&mut self) -> Result<()> {
        self.engine.lock()
    }

    /// Tells whoever waits for news, once the transaction is committed.
    pub fn wake(&mut self) -> Result<()> {
        self.engine.wake()
    }

    /// Runs a statement that returns nothing of interest; gives the number of rows changed.
    pub fn exec(&mut self, sql: &str, params: &[Val]) -> Result<u64> {
        self.statements += 1;
        self.engine.run(sql, params, &mut |_| Ok(()))
    }

    /// Streams rows.
    pub fn each(&mut self, sql: &str, params: &[Val], mut f: impl FnMut(&Row) -> Result<()>) -> Result<()> {
        self.statements += 1;
        let seals = self.seals;
        self.engine.run(sql, params, &mut |raw| f(&Row { raw, seals })).map(|_| ())
    }

    /// Walks the rows of a large table without holding them all.
    pub fn stream(&mut self, sql: &str, mut f: impl FnMut(&Row) -> Result<()>) -> Result<()> {
        self.statements += 1;
        let seals = self.seals;
        self.engine.stream(sql, &mut |raw| f(&Row { raw, seals }))
    }

    /// The end of a select that takes rows and passes over those that somebody else has in hand.
    pub fn passing_over(&self) -> &'static str {
        self.engine.passing_over()
    }

    /// `on conflict (spell) ...` of a mark that may be set already: where others take marks off meanwhile it holds on to the row, so that
    /// they pass over it and it is there after this transaction.
    pub fn again(&self) -> &'static str {
        self.engine.again()
    }

    /// What stands in an insert of rows whose numbers the engine would give out.
    pub(super) fn numbering(&self) -> &'static str {
        self.engine.numbering()
    }

    /// All rows, mapped.
    pub fn all<T>(&mut self, sql: &str, params: &[Val], mut f: impl FnMut(&Row) -> Result<T>) -> Result<Vec<T>> {
        let mut out = Vec::new();
        self.each(sql, params, |r| {
            out.push(f(r)?);
            Ok(())
        })?;
        Ok(out)
    }

    /// The first row, mapped.
    pub fn one<T>(&mut self, sql: &str, params: &[Val], f: impl FnMut(&Row) -> Result<T>) -> Result<Option<T>> {
        Ok(self.all(sql, params, f)?.into_iter().next())
    }

    /// One number; 0 when there is no row.
    pub fn count(&mut self, sql: &str, params: &[Val]) -> Result<i64> {
        Ok(self.one(sql, params, |r| r.get::<Option<i64>>(0))?.flatten().unwrap_or(0))
    }

    /// Runs one statement for many rows.
    pub fn bulk(&mut self, sql: &str, rows: impl Iterator<Item = Vec<Val>>) -> Result<u64> {
        self.statements += 1;
        let mut rows = rows;
        self.engine.bulk(sql, &mut rows)
    }
}

/// Values as the list of an `in (...)`, and as the first parameters of its statement.
fn listed<T: Into<Val>>(values: impl Iterator<Item = T>) -> (String, Vec<Val>) {
    let params: Vec<Val> = values.map(Into::into).collect();
    ((1..=params.len()).map(|n| format!("${n}")).collect::<Vec<_>>().join(", "), params)
}

/// A database of either engine.
pub enum Db {
    Sqlite(Box<sqlite::SqliteDb>),
    Postgres(Box<postgres::PgDb>),
}

impl Db {
    /// From now on sealed fields are sealed and opened with this key.
    pub fn seal_with(&self, seals: seal::Seals) {
        let cell = match self {
            Self::Sqlite(db) => &db.seals,
            Self::Postgres(db) => &db.seals,
        };
        // A home has one wrapping key for good.
        let _ = cell.set(seals);
    }

    /// Runs `f` on a consistent snapshot.
    pub fn read<T, E: From<StoreError>>(&self, f: impl FnOnce(&mut Tx) -> std::result::Result<T, E>) -> std::result::Result<T, E> {
        match self {
            Self::Sqlite(db) => db.read(f),
            Self::Postgres(db) => db.transact(false, f),
        }
    }

    /// Runs `f` in a write transaction; an error writes nothing.
    pub fn write<T, E: From<StoreError>>(&self, f: impl FnOnce(&mut Tx) -> std::result::Result<T, E>) -> std::result::Result<T, E> {
        match self {
            Self::Sqlite(db) => db.write(f),
            Self::Postgres(db) => db.transact(true, f),
        }
    }

    /// Like [`Db::write`] for what must not wait for a full disk: a break-glass freeze, and the outcomes of what was sent. It may take the room
    /// that SQLite homes keep for it; while that is not there again, nothing else is written (domain.md "Audit store full").
    pub fn write_urgent<T, E: From<StoreError>>(&self, f: impl FnOnce(&mut Tx) -> std::result::Result<T, E>) -> std::result::Result<T, E> {
        match self {
            Self::Sqlite(db) => db.write_urgent(f),
            Self::Postgres(db) => db.transact(true, f),
        }
    }

    /// Whether the room that is kept for [`Db::write_urgent`] is there; `None` where a server keeps the data.
    pub fn reserve_is_whole(&self) -> Option<bool> {
        match self {
            Self::Sqlite(db) => Some(db.reserve_is_whole()),
            Self::Postgres(_) => None,
        }
    }

    /// Like [`Db::write`] for machine work that can be done again: durable at the next act, not at once.
    pub fn write_relaxed<T, E: From<StoreError>>(&self, f: impl FnOnce(&mut Tx) -> std::result::Result<T, E>) -> std::result::Result<T, E> {
        match self {
            Self::Sqlite(db) => db.write_relaxed(f),
            Self::Postgres(db) => db.transact(true, f),
        }
    }

    /// Changes when something was announced, where the engine passes that on; `None` where it has to be looked for.
    pub fn news(&self) -> Option<tokio::sync::watch::Receiver<u64>> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(db) => Some(db.news()),
        }
    }

    /// A number that changes when another connection has committed something; cheap to ask.
    pub fn mark(&self) -> Result<i64> {
        match self {
            Self::Sqlite(db) => db.data_version(),
            Self::Postgres(db) => db.feed_mark(),
        }
    }
}

/// Values of a statement: `vals![id, version]`.
#[macro_export]
macro_rules! vals {
    ($($v:expr),* $(,)?) => { &[$($crate::store::Val::from($v)),*] };
}
