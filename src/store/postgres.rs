//! PostgreSQL: the same SQL, one connection a transaction from a small pool.
//!
//! The store is called from blocking threads; a runtime of its own drives the connections. Statements are unnamed and carry their types: one
//! round trip each, and nothing that a pooler in transaction mode would lose. Every wait has a deadline of its own: a server that was
//! stopped answers nothing and closes nothing, whatever time-outs the connection has.

mod memory;
mod url;

use super::{Engine, RawRow, Result, StoreError, Tx, Val, sqlite::Clock};
use bytes::BytesMut;
use futures_util::{TryStreamExt, future, pin_mut};
use jiff::Timestamp;
use memory::Memory;
use std::{
    path::Path,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};
use tokio::{runtime::Runtime, sync::watch};
use tokio_postgres::{
    AsyncMessage, Client, NoTls, SimpleQueryMessage,
    binary_copy::BinaryCopyInWriter,
    types::{IsNull, ToSql, Type, to_sql_checked},
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long a statement may take before its connection is given up. The server is told the same, so that it holds no locks for nobody.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long a connection may take to come up.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a listener that lost its connection waits before the next one.
const AGAIN: Duration = Duration::from_secs(2);
/// The channel that says that something was announced.
const CHANNEL: &str = "tenure";

/// How a transaction begins. The time-outs hold for it alone: the connection may be a pooler's. Then comes the server's clock, in µs.
const WRITE: &str = "begin; set local statement_timeout = '15s'; set local idle_in_transaction_session_timeout = '60s'; \
                     select (extract(epoch from clock_timestamp()) * 1000000)::bigint";
const READ: &str = "begin isolation level repeatable read read only; set local statement_timeout = '15s'; \
                    set local idle_in_transaction_session_timeout = '60s'; \
                    select (extract(epoch from clock_timestamp()) * 1000000)::bigint";
const NOW: &str = "select (extract(epoch from clock_timestamp()) * 1000000)::bigint";

/// A PostgreSQL database.
pub struct PgDb {
    server: Arc<Server>,
    runtime: Runtime,
    idle: Mutex<Vec<Client>>,
    /// Instead of the server's clock.
    clock: Option<Clock>,
    memory: Memory,
    news: OnceLock<watch::Receiver<u64>>,
}

/// Where the server is and how it is spoken to.
struct Server {
    config: tokio_postgres::Config,
    /// `None`: in plain text.
    tls: Option<MakeRustlsConnect>,
}

/// A future's value within a deadline.
async fn within<T>(patience: Duration, f: impl Future<Output = std::result::Result<T, tokio_postgres::Error>>) -> Result<T> {
    match tokio::time::timeout(patience, f).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(StoreError::Unreachable(format!("no answer within {} s", patience.as_secs()))),
    }
}

impl Server {
    /// A connection; what the server says by itself is passed on as a count.
    async fn connect(&self, news: Option<watch::Sender<u64>>) -> Result<Client> {
        async fn drive<S, T>(mut connection: tokio_postgres::Connection<S, T>, news: Option<watch::Sender<u64>>)
        where
            S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
            T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
        {
            while let Some(Ok(message)) = future::poll_fn(|cx| connection.poll_message(cx)).await {
                if let (AsyncMessage::Notification(_), Some(news)) = (message, &news) {
                    news.send_modify(|n| *n += 1);
                }
            }
        }
        match &self.tls {
            None => {
                let (client, connection) = within(CONNECT, self.config.connect(NoTls)).await?;
                tokio::spawn(drive(connection, news));
                Ok(client)
            }
            Some(tls) => {
                let (client, connection) = within(CONNECT, self.config.connect(tls.clone())).await?;
                tokio::spawn(drive(connection, news));
                Ok(client)
            }
        }
    }

    /// Passes on what is announced, for as long as somebody wants to know.
    async fn listen(self: Arc<Self>, news: watch::Sender<u64>) {
        while !news.is_closed() {
            if let Ok(client) = self.connect(Some(news.clone())).await
                && within(PATIENCE, client.batch_execute(&format!("listen {CHANNEL}"))).await.is_ok()
            {
                // What was said while nobody listened is looked for now.
                news.send_modify(|n| *n += 1);
                while !client.is_closed() && !news.is_closed() {
                    tokio::time::sleep(AGAIN).await;
                }
            }
            tokio::time::sleep(AGAIN).await;
        }
    }
}

impl PgDb {
    /// Connects once to see that the server answers. A password given here takes the place of the URL's. Time is the server's unless a clock
    /// is given. What was last acknowledged is remembered in `memory`, where a folder is given.
    ///
    /// # Errors
    /// A URL that is none, certificates that cannot be read, a server that does not answer within 5 s or does not let us in.
    pub fn open(text: &str, password: Option<&str>, clock: Option<Clock>, memory: Option<&Path>) -> Result<Self> {
        let (mut config, tls) = url::parse(text)?;
        if let Some(password) = password {
            config.password(password);
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|e| StoreError::Unreachable(e.to_string()))?;
        let memory = Memory::open(&config, memory);
        let server = Arc::new(Server { config, tls });
        let db = Self { server, runtime, idle: Mutex::default(), clock, memory, news: OnceLock::new() };
        let first = db.connect()?;
        db.give_back(first);
        Ok(db)
    }

    /// Hosts and name, for sentences: `db1,db2/tenure, TLS`.
    pub fn place(&self) -> String {
        let hosts: Vec<String> = self.server.config.get_hosts().iter().map(url::host).collect();
        let tls = if self.server.tls.is_some() { ", TLS" } else { "" };
        format!("{}/{}{tls}", hosts.join(","), self.server.config.get_dbname().unwrap_or_default())
    }

    fn connect(&self) -> Result<Client> {
        self.runtime.block_on(self.server.connect(None))
    }

    fn give_back(&self, client: Client) {
        if !client.is_closed() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(client);
        }
    }

    /// Runs statements outside a transaction.
    pub fn batch(&self, sql: &str) -> Result<()> {
        let client = self.connect()?;
        self.runtime.block_on(within(PATIENCE, client.batch_execute(sql)))
    }

    pub(super) fn feed_mark(&self) -> Result<i64> {
        self.transact(false, |tx| tx.count("select coalesce(max(seq), 0) from feed", &[]))
    }

    /// Changes whenever something was announced. Behind a pooler that does not pass that on it never does: whoever waits looks now and then too.
    pub(super) fn news(&self) -> watch::Receiver<u64> {
        self.news
            .get_or_init(|| {
                let (news, heard) = watch::channel(0);
                self.runtime.spawn(self.server.clone().listen(news));
                heard
            })
            .clone()
    }

    /// A connection in a new transaction, and the server's time. Connections that died while they lay idle are passed over.
    fn begin(&self, write: bool) -> Result<(Client, Timestamp)> {
        loop {
            let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let is_kept = kept.is_some();
            let client = kept.map_or_else(|| self.connect(), Ok)?;
            let last = self.memory.last().filter(|_| write);
            let begin = match &last {
                Some((seq, _)) => format!("{WRITE}; select seq, hash from audit where seq = {seq}"),
                None => (if write { WRITE } else { READ }).to_owned(),
            };
            match self.runtime.block_on(within(PATIENCE, client.simple_query(&begin))) {
                Ok(said) => match last {
                    Some(last) if !memory::heads(&said).any(|h| h == last) => return Err(StoreError::Behind(last.0)),
                    _ => return Ok((client, clock_of(&said)?)),
                },
                Err(StoreError::Unreachable(_)) if is_kept => {}
                Err(e) => return Err(e),
            }
        }
    }

    pub(super) fn transact<T, E: From<StoreError>>(
        &self,
        write: bool,
        f: impl FnOnce(&mut Tx) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let (client, now) = self.begin(write)?;
        let mut engine = PgEngine { db: self, client: &client, now, wakes: false };
        if let Some(clock) = &self.clock {
            engine.now = clock();
        }
        let out = f(&mut Tx::new(&mut engine));
        let wakes = engine.wakes;
        if out.is_err() {
            // A connection that cannot even do that is not used again; the server rolls back by itself.
            if self.runtime.block_on(within(PATIENCE, client.batch_execute("rollback"))).is_ok() {
                self.give_back(client);
            }
            return out;
        }
        self.commit(client, write, wakes)?;
        out
    }

    /// Commits. When the answer is lost, nobody knows whether it was done.
    fn commit(&self, client: Client, write: bool, wakes: bool) -> Result<()> {
        if !write {
            self.runtime.block_on(within(PATIENCE, client.batch_execute("commit")))?;
            self.give_back(client);
            return Ok(());
        }
        let notify = format!("notify {CHANNEL}");
        let said = self.runtime.block_on(async {
            // Sent together: one round trip.
            let told = async { if wakes { client.batch_execute(&notify).await } else { Ok(()) } };
            let head = client.simple_query(memory::HEAD);
            within(PATIENCE, async { future::try_join3(told, head, client.batch_execute("commit")).await.map(|(_, head, _)| head) }).await
        });
        match said {
            Ok(head) => {
                self.memory.keep(&head);
                self.give_back(client);
                Ok(())
            }
            Err(StoreError::Unreachable(why)) => Err(StoreError::Unknown(why)),
            Err(e) => Err(e),
        }
    }
}

/// The number in the first row that a batch gave.
fn clock_of(said: &[SimpleQueryMessage]) -> Result<Timestamp> {
    let first = said.iter().find_map(|m| if let SimpleQueryMessage::Row(row) = m { row.get(0) } else { None });
    let micros = first.and_then(|t| t.parse().ok()).ok_or(StoreError::Column(0))?;
    Timestamp::from_microsecond(micros).map_err(|_| StoreError::Column(0))
}

struct PgEngine<'d> {
    db: &'d PgDb,
    client: &'d Client,
    now: Timestamp,
    /// Something was announced: whoever waits is told at the commit.
    wakes: bool,
}

impl PgEngine<'_> {
    fn wait<T>(&self, f: impl Future<Output = std::result::Result<T, tokio_postgres::Error>>) -> Result<T> {
        self.db.runtime.block_on(within(PATIENCE, f))
    }

    /// Takes the head row of the act chain; gives the server's time, read when the row was ours.
    fn take_head(&self) -> Result<Timestamp> {
        let (_, said) = self.wait(future::try_join(self.client.simple_query(memory::LOCK), self.client.simple_query(NOW)))?;
        clock_of(&said)
    }
}

impl Engine for PgEngine<'_> {
    fn run(&mut self, sql: &str, params: &[Val], each: &mut dyn FnMut(&dyn RawRow) -> Result<()>) -> Result<u64> {
        let (rows, changed) = self.wait(async {
            let stream = self.client.query_typed_raw(sql, params.iter().map(|v| (v, v.wire()))).await?;
            pin_mut!(stream);
            let mut rows = Vec::new();
            while let Some(row) = stream.try_next().await? {
                rows.push(row);
            }
            Ok((rows, stream.rows_affected().unwrap_or(0)))
        })?;
        for row in &rows {
            each(row)?;
        }
        Ok(changed)
    }

    fn bulk(&mut self, sql: &str, rows: &mut dyn Iterator<Item = Vec<Val>>) -> Result<u64> {
        match Copied::of(sql) {
            Some(into) => into.fill(self, rows),
            None => {
                let mut n = 0;
                loop {
                    let some: Vec<Vec<Val>> = rows.take(PIPE).collect();
                    if some.is_empty() {
                        return Ok(n);
                    }
                    let typed: Vec<Vec<(&(dyn ToSql + Sync), Type)>> =
                        some.iter().map(|row| row.iter().map(|v| (v as &(dyn ToSql + Sync), v.wire())).collect()).collect();
                    let done = self.wait(future::try_join_all(typed.iter().map(|row| self.client.execute_typed(sql, row))))?;
                    n += done.iter().sum::<u64>();
                }
            }
        }
    }

    fn lock(&mut self) -> Result<()> {
        let now = self.take_head()?;
        self.now = self.db.clock.as_ref().map_or(now, |clock| clock());
        Ok(())
    }

    fn wake(&mut self) -> Result<()> {
        if !self.wakes {
            // Marks must rise in the order of commits, or a watcher passes one over that comes later.
            self.take_head()?;
            self.wakes = true;
        }
        Ok(())
    }

    fn now(&self) -> Timestamp {
        self.now
    }
}

/// Statements on their way at a time.
const PIPE: usize = 500;

/// `insert into TABLE (COLUMNS) values ($1, $2, ...) REST` as a COPY into a table of the transaction's own and one statement from there.
struct Copied<'s> {
    table: &'s str,
    columns: &'s str,
    rest: &'s str,
}

impl<'s> Copied<'s> {
    fn of(sql: &'s str) -> Option<Self> {
        let (table, more) = sql.strip_prefix("insert into ")?.split_once(" (")?;
        let (columns, more) = more.split_once(") values (")?;
        let (values, rest) = more.split_once(')')?;
        // Each column is a parameter of its own, in this order.
        let plain = values.split(", ").zip(1..).all(|(v, n)| v.strip_prefix('$') == Some(n.to_string().as_str()));
        (plain && values.split(", ").count() == columns.split(", ").count()).then_some(Self { table, columns, rest })
    }

    fn fill(&self, engine: &PgEngine, rows: &mut dyn Iterator<Item = Vec<Val>>) -> Result<u64> {
        let Self { table, columns, rest } = self;
        let made = format!("create temp table bulk on commit drop as select {columns} from {table} with no data");
        engine.wait(engine.client.batch_execute(&made))?;
        engine.wait(async {
            let statement = engine.client.prepare(&format!("select {columns} from bulk")).await?;
            let types: Vec<Type> = statement.columns().iter().map(|c| c.type_().clone()).collect();
            // Its name is free again before the transaction ends: behind a pooler the next one may have another client.
            drop(statement);
            let sink = engine.client.copy_in(&format!("copy bulk ({columns}) from stdin binary")).await?;
            let writer = BinaryCopyInWriter::new(sink, &types);
            pin_mut!(writer);
            for row in rows {
                let row: Vec<&(dyn ToSql + Sync)> = row.iter().map(|v| v as &(dyn ToSql + Sync)).collect();
                writer.as_mut().write(&row).await?;
            }
            writer.finish().await
        })?;
        let moved =
            engine.wait(engine.client.execute_typed(&format!("insert into {table} ({columns}) select {columns} from bulk{rest}"), &[]))?;
        engine.wait(engine.client.batch_execute("drop table bulk"))?;
        Ok(moved)
    }
}

impl Val {
    /// Its type on the wire. A null takes the type that the statement asks for.
    fn wire(&self) -> Type {
        match self {
            Self::Null => Type::UNKNOWN,
            Self::Int(_) => Type::INT8,
            Self::Real(_) => Type::FLOAT8,
            Self::Text(_) => Type::TEXT,
            Self::Blob(_) => Type::BYTEA,
        }
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
    /// By class of SQLSTATE (PostgreSQL, appendix A).
    fn from(e: tokio_postgres::Error) -> Self {
        let Some(d) = e.as_db_error() else {
            // The chain of causes: "error connecting to server" alone says nothing.
            let mut words = e.to_string();
            let mut cause = std::error::Error::source(&e);
            while let Some(c) = cause {
                words = format!("{words}: {c}");
                cause = c.source();
            }
            return Self::Unreachable(words);
        };
        let said = format!("{}: {}", d.code().code(), d.message());
        match d.code().code() {
            // Cancelled by its time-out, a deadlock, a lock that was not had.
            "57014" | "40P01" | "40001" | "55P03" => Self::Busy,
            // A standby, or a primary that became one.
            "25006" => Self::Unreachable(said),
            "53100" => Self::Disk(said),
            // Connection, shutting down, too many connections, who we are, which database.
            code if ["08", "57P", "53", "28", "3D"].iter().any(|class| code.starts_with(class)) => Self::Unreachable(said),
            _ => Self::Sql(said),
        }
    }
}
