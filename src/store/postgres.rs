//! PostgreSQL: the same SQL, one connection a transaction from a small pool.
//!
//! The store is called from blocking threads; a runtime of its own drives the connections.

use super::{Engine, RawRow, Result, StoreError, Tx, Val, sqlite::Clock};
use bytes::BytesMut;
use jiff::Timestamp;
use std::sync::{Mutex, PoisonError};
use tokio::runtime::Runtime;
use tokio_postgres::{
    Client, NoTls,
    types::{IsNull, ToSql, Type, to_sql_checked},
};

/// A PostgreSQL database.
pub struct PgDb {
    url: String,
    runtime: Runtime,
    idle: Mutex<Vec<Client>>,
    /// Instead of the server's clock.
    clock: Option<Clock>,
}

impl PgDb {
    /// Connects once to see that the server answers. Time is the server's unless a clock is given.
    pub fn open(url: &str, clock: Option<Clock>) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|e| StoreError::Unreachable(e.to_string()))?;
        let db = Self { url: url.into(), runtime, idle: Mutex::default(), clock };
        let first = db.connect()?;
        db.give_back(first);
        Ok(db)
    }

    fn connect(&self) -> Result<Client> {
        let (client, connection) = self.runtime.block_on(tokio_postgres::connect(&self.url, NoTls))?;
        self.runtime.spawn(connection);
        Ok(client)
    }

    fn give_back(&self, client: Client) {
        if !client.is_closed() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(client);
        }
    }

    /// Runs statements outside a transaction: migrations.
    pub fn batch(&self, sql: &str) -> Result<()> {
        let client = self.connect()?;
        Ok(self.runtime.block_on(client.batch_execute(sql))?)
    }

    pub(super) fn feed_mark(&self) -> Result<i64> {
        self.transact(false, |tx| tx.count("select coalesce(max(seq), 0) from feed", &[]))
    }

    pub(super) fn transact<T, E: From<StoreError>>(
        &self,
        write: bool,
        f: impl FnOnce(&mut Tx) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let client = match kept.filter(|c| !c.is_closed()) {
            Some(c) => c,
            None => self.connect()?,
        };
        let begin = if write { "begin" } else { "begin isolation level repeatable read read only" };
        self.runtime.block_on(client.batch_execute(begin)).map_err(StoreError::from)?;
        let mut engine = PgEngine { runtime: &self.runtime, client: &client, clock: self.clock.as_ref(), now: Timestamp::UNIX_EPOCH };
        let out = engine.read_clock().map_err(E::from).and_then(|()| f(&mut Tx::new(&mut engine)));
        let end = if out.is_ok() { "commit" } else { "rollback" };
        let ended = self.runtime.block_on(client.batch_execute(end)).map_err(StoreError::from);
        self.give_back(client);
        let value = out?;
        ended?;
        Ok(value)
    }
}

struct PgEngine<'c> {
    runtime: &'c Runtime,
    client: &'c Client,
    clock: Option<&'c Clock>,
    now: Timestamp,
}

impl PgEngine<'_> {
    fn read_clock(&mut self) -> Result<()> {
        if let Some(clock) = self.clock {
            self.now = clock();
            return Ok(());
        }
        let row = self.runtime.block_on(self.client.query_one("select (extract(epoch from clock_timestamp()) * 1000000)::bigint", &[]))?;
        self.now = Timestamp::from_microsecond(row.try_get::<_, i64>(0)?).map_err(|_| StoreError::Column(0))?;
        Ok(())
    }

    fn refs(params: &[Val]) -> Vec<&(dyn ToSql + Sync)> {
        params.iter().map(|v| v as &(dyn ToSql + Sync)).collect()
    }
}

impl Engine for PgEngine<'_> {
    fn run(&mut self, sql: &str, params: &[Val], each: &mut dyn FnMut(&dyn RawRow) -> Result<()>) -> Result<u64> {
        // Unnamed statements: they also pass a pooler in transaction mode.
        let statement = self.runtime.block_on(self.client.prepare(sql))?;
        let params = Self::refs(params);
        if statement.columns().is_empty() {
            return Ok(self.runtime.block_on(self.client.execute(&statement, &params))?);
        }
        let rows = self.runtime.block_on(self.client.query(&statement, &params))?;
        for row in &rows {
            each(row)?;
        }
        Ok(rows.len() as u64)
    }

    fn bulk(&mut self, sql: &str, rows: &mut dyn Iterator<Item = Vec<Val>>) -> Result<u64> {
        let statement = self.runtime.block_on(self.client.prepare(sql))?;
        let mut n = 0;
        for row in rows {
            n += self.runtime.block_on(self.client.execute(&statement, &Self::refs(&row)))?;
        }
        Ok(n)
    }

    fn lock(&mut self) -> Result<()> {
        self.runtime.block_on(self.client.execute("select seq from heads where chain = 'acts' for update", &[]))?;
        // What was read before waiting for the lock may be old: the clock is read again.
        self.read_clock()
    }

    fn now(&self) -> Timestamp {
        self.now
    }
}

impl ToSql for Val {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(n) if *ty == Type::FLOAT8 => (*n as f64).to_sql(ty, out),
            Self::Int(n) if *ty == Type::INT4 => i32::try_from(*n)?.to_sql(ty, out),
            Self::Int(n) => n.to_sql(ty, out),
            Self::Real(n) => n.to_sql(ty, out),
            Self::Text(s) => s.to_sql(ty, out),
            Self::Blob(b) => b.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl RawRow for tokio_postgres::Row {
    fn int(&self, i: usize) -> Result<Option<i64>> {
        match self.columns().get(i).map(|c| c.type_()) {
            Some(t) if *t == Type::INT4 => Ok(self.try_get::<_, Option<i32>>(i)?.map(i64::from)),
            _ => Ok(self.try_get(i)?),
        }
    }
    fn real(&self, i: usize) -> Result<Option<f64>> {
        Ok(self.try_get(i)?)
    }
    fn text(&self, i: usize) -> Result<Option<&str>> {
        Ok(self.try_get(i)?)
    }
    fn blob(&self, i: usize) -> Result<Option<&[u8]>> {
        Ok(self.try_get(i)?)
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(e: tokio_postgres::Error) -> Self {
        match e.as_db_error() {
            Some(d) => Self::Sql(format!("{}: {}", d.code().code(), d.message())),
            None => Self::Unreachable(e.to_string()),
        }
    }
}
