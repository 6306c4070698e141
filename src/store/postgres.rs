//! PostgreSQL: the same SQL, one connection a transaction from a small pool.
//!
//! The store is called from blocking threads; a runtime of its own drives the connections. Statements are unnamed and carry their types: one
//! round trip each, and nothing that a pooler in transaction mode would lose. Every wait has a deadline of its own: a server that was
//! stopped answers nothing and closes nothing, whatever time-outs the connection has.

mod bulk;
mod link;
mod memory;
mod url;

use super::{Engine, RawRow, Result, StoreError, Tx, Val, seal::Seals, sqlite::Clock};
use bulk::Copied;
use bytes::BytesMut;
use futures_util::{TryStreamExt, future, pin_mut};
use jiff::Timestamp;
use link::{Link, Server, within};
use memory::Memory;
use std::{
    cell::Cell,
    path::Path,
    sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};
use tokio::{
    runtime::{Handle, Runtime},
    sync::watch,
};
use tokio_postgres::{
    SimpleQueryMessage,
    types::{IsNull, ToSql, Type, to_sql_checked},
};

/// How long a statement may take before its connection is given up. The server is told to give up a little earlier: it holds no locks for
/// nobody, and whoever only waited for a lock is told so.
const PATIENCE: Duration = Duration::from_secs(15);
/// Connections of one process, besides the one that listens. PostgreSQL as it is shipped has a hundred for all.
const MOST: usize = 20;
/// How long a connection to one host may take to come up, unless the URL says `connect_timeout`.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a listener that lost its connection waits before the next one.
const AGAIN: Duration = Duration::from_secs(2);
/// The channel that says that something was announced.
const CHANNEL: &str = "tenure";

/// How a transaction begins. The time-outs hold for it alone: the connection may be a pooler's. Then comes the server's clock, in µs.
const WRITE: &str = "begin; set local statement_timeout = '13s'; set local idle_in_transaction_session_timeout = '60s'; \
                     select (extract(epoch from clock_timestamp()) * 1000000)::bigint";
const READ: &str = "begin isolation level repeatable read read only; set local statement_timeout = '13s'; \
                    set local idle_in_transaction_session_timeout = '60s'; \
                    select (extract(epoch from clock_timestamp()) * 1000000)::bigint";
const NOW: &str = "select (extract(epoch from clock_timestamp()) * 1000000)::bigint";

/// A PostgreSQL database.
pub struct PgDb {
    server: Arc<Server>,
    runtime: Rooms,
    slots: Slots,
    idle: Mutex<Vec<Link>>,
    /// Instead of the server's clock.
    clock: Option<Clock>,
    memory: Memory,
    news: OnceLock<watch::Receiver<u64>>,
    pub(super) seals: OnceLock<Seals>,
}

/// Transactions of this process that are open: a server has only so many connections for everybody.
#[derive(Default)]
struct Slots {
    taken: Mutex<usize>,
    freed: Condvar,
}

struct Slot<'s>(&'s Slots);

impl Slots {
    /// Waits for its turn.
    fn take(&self) -> Result<Slot<'_>> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut taken, waited) = self.freed.wait_timeout_while(taken, PATIENCE, |n| *n >= MOST).unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            return Err(StoreError::Busy);
        }
        *taken += 1;
        Ok(Slot(self))
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        *self.0.taken.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.freed.notify_one();
    }
}

/// The runtime that drives the connections. Whoever holds the store last may be an async task, where a runtime must not be waited for.
struct Rooms {
    handle: Handle,
    own: Option<Runtime>,
}

impl Rooms {
    fn block_on<T>(&self, f: impl Future<Output = T>) -> T {
        self.handle.block_on(f)
    }
}

impl Drop for Rooms {
    fn drop(&mut self) {
        if let Some(own) = self.own.take() {
            own.shutdown_background();
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
        let (hosts, tls) = url::parse(text, password)?;
        let rooms = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|e| StoreError::Unreachable(e.to_string()))?;
        let memory = Memory::open(hosts.first().and_then(|c| c.get_dbname()).unwrap_or_default(), memory);
        let server = Arc::new(Server::new(hosts, tls));
        let runtime = Rooms { handle: rooms.handle().clone(), own: Some(rooms) };
        let db = Self {
            server,
            runtime,
            slots: Slots::default(),
            idle: Mutex::default(),
            clock,
            memory,
            news: OnceLock::new(),
            seals: OnceLock::new(),
        };
        let first = db.connect(&[])?;
        db.give_back(first);
        Ok(db)
    }

    /// Hosts and name, for sentences: `db1,db2/tenure, TLS`.
    pub fn place(&self) -> String {
        self.server.place()
    }

    fn connect(&self, but: &[usize]) -> Result<Link> {
        self.runtime.block_on(self.server.connect(None, but))
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Link>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give_back(&self, link: Link) {
        if !link.is_closed() {
            self.idle().push(link);
        }
    }

    /// A host that does not answer, or that lacks what it should have: its connections are gone, and others are asked first.
    fn pass_over(&self, host: usize) {
        self.idle().retain(|l| l.host != host);
        self.server.pass_over(host);
    }

    /// A connection that failed. One that was closed has merely ended; one that only says nothing is like all others to its host.
    fn give_up(&self, link: &Link) {
        if !link.is_closed() {
            self.pass_over(link.host);
        }
    }

    /// Runs statements outside a transaction.
    pub fn batch(&self, sql: &str) -> Result<()> {
        let link = self.connect(&[])?;
        self.runtime.block_on(within(PATIENCE, link.batch_execute(sql)))
    }

    pub(super) fn feed_mark(&self) -> Result<i64> {
        self.transact(false, |tx| tx.count("select coalesce(max(seq), 0) from feed", &[]))
    }

    /// Changes whenever something was announced. Behind a pooler that does not pass that on it never does: whoever waits looks now and then too.
    pub(super) fn news(&self) -> watch::Receiver<u64> {
        self.news
            .get_or_init(|| {
                let (news, heard) = watch::channel(0);
                self.runtime.handle.spawn(self.server.clone().listen(news));
                heard
            })
            .clone()
    }

    /// A connection in a new transaction, and the server's time. Connections that died while they lay idle are passed over, and so are hosts
    /// that lack what was acknowledged, while there are others. Where there are none, nothing is written; reading is better than nothing, as
    /// long as whoever reads is told which entry is missing.
    fn begin(&self, write: bool) -> Result<(Link, Timestamp, Option<i64>)> {
        let (mut behind, mut checks, mut lacks) = (Vec::new(), true, None);
        loop {
            let last = self.memory.last().filter(|_| checks);
            let kept = self.idle().pop().filter(|l| !behind.contains(&l.host));
            let is_kept = kept.is_some();
            let link = match kept.map_or_else(|| self.connect(&behind), Ok) {
                Err(_) if !behind.is_empty() => None,
                link => Some(link?),
            };
            if let Some(link) = link {
                let begin = if write { WRITE } else { READ };
                let check = last.as_ref().map_or_else(String::new, |(seq, _)| format!("; select seq, hash from audit where seq = {seq}"));
                let said = self.runtime.block_on(within(PATIENCE, link.simple_query(&format!("{begin}{check}"))));
                match said {
                    Ok(said) if last.as_ref().is_none_or(|last| memory::heads(&said).any(|h| h == *last)) => {
                        return Ok((link, clock_of(&said)?, lacks));
                    }
                    Err(StoreError::Unreachable(_)) if is_kept => {
                        self.give_up(&link);
                        continue;
                    }
                    // There is no other one to ask.
                    Ok(said) if !write && self.server.hosts() == 1 => {
                        return Ok((link, clock_of(&said)?, last.map(|(seq, _)| seq)));
                    }
                    // No such table is no such entry.
                    Ok(_) | Err(StoreError::Schema(_)) => {
                        behind.push(link.host);
                        self.pass_over(link.host);
                    }
                    Err(e) => return Err(e),
                }
                if behind.len() < self.server.hosts() {
                    continue;
                }
            }
            match last {
                Some((seq, _)) if write => return Err(StoreError::Behind(seq)),
                last => (behind, checks, lacks) = (Vec::new(), false, last.map(|(seq, _)| seq)),
            }
        }
    }

    pub(super) fn transact<T, E: From<StoreError>>(
        &self,
        write: bool,
        f: impl FnOnce(&mut Tx) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let _slot = self.slots.take()?;
        let (link, now, behind) = self.begin(write)?;
        let mut engine = PgEngine { db: self, link: &link, now, behind, leads: false, wakes: false, lost: Cell::new(false) };
        if let Some(clock) = &self.clock {
            engine.now = clock();
        }
        let out = f(&mut Tx::new(&mut engine, self.seals.get()));
        let (wakes, lost) = (engine.wakes, engine.lost.get());
        if lost {
            self.give_up(&link);
        } else if out.is_err() {
            // A connection that cannot even do that is not used again; the server rolls back by itself.
            if self.runtime.block_on(within(PATIENCE, link.batch_execute("rollback"))).is_ok() {
                self.give_back(link);
            }
        } else {
            self.commit(link, write, wakes)?;
        }
        out
    }

    /// Commits. When the answer is lost, nobody knows whether it was done.
    fn commit(&self, link: Link, write: bool, wakes: bool) -> Result<()> {
        if !write {
            self.runtime.block_on(within(PATIENCE, link.batch_execute("commit")))?;
            self.give_back(link);
            return Ok(());
        }
        let notify = format!("notify {CHANNEL}");
        let said = self.runtime.block_on(async {
            // Sent together: one round trip.
            let told = async { if wakes { link.batch_execute(&notify).await } else { Ok(()) } };
            let head = link.simple_query(memory::HEAD);
            within(PATIENCE, async { future::try_join3(told, head, link.batch_execute("commit")).await.map(|(_, head, _)| head) }).await
        });
        match said {
            Ok(head) => {
                self.memory.keep(&head);
                self.give_back(link);
                Ok(())
            }
            Err(StoreError::Unreachable(why)) => {
                self.give_up(&link);
                Err(StoreError::Unknown(why))
            }
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
    link: &'d Link,
    now: Timestamp,
    behind: Option<i64>,
    /// The head row of the act chain is ours.
    leads: bool,
    /// Something was announced: whoever waits is told at the commit.
    wakes: bool,
    /// The server does not answer any more.
    lost: Cell<bool>,
}

impl PgEngine<'_> {
    fn wait<T>(&self, f: impl Future<Output = std::result::Result<T, tokio_postgres::Error>>) -> Result<T> {
        let done = self.db.runtime.block_on(within(PATIENCE, f));
        if matches!(done, Err(StoreError::Unreachable(_))) {
            self.lost.set(true);
        }
        done
    }

    /// Takes the head row of the act chain; gives the server's time, read when the row was ours.
    fn take_head(&mut self) -> Result<Timestamp> {
        let (_, said) = self.wait(future::try_join(self.link.simple_query(memory::LOCK), self.link.simple_query(NOW)))?;
        self.leads = true;
        clock_of(&said)
    }
}

impl Engine for PgEngine<'_> {
    fn run(&mut self, sql: &str, params: &[Val], each: &mut dyn FnMut(&dyn RawRow) -> Result<()>) -> Result<u64> {
        let (rows, changed) = self.wait(async {
            let stream = self.link.query_typed_raw(sql, params.iter().map(|v| (v, v.wire()))).await?;
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
                    let done = self.wait(future::try_join_all(typed.iter().map(|row| self.link.execute_typed(sql, row))))?;
                    n += done.iter().sum::<u64>();
                }
            }
        }
    }

    fn stream(&mut self, sql: &str, each: &mut dyn FnMut(&dyn RawRow) -> Result<()>) -> Result<()> {
        self.wait(self.link.batch_execute(&format!("declare walk no scroll cursor for {sql}")))?;
        let fetch = format!("fetch {STRETCH} from walk");
        let mut walked = Ok(0);
        while walked.is_ok() {
            let mut rows = 0;
            walked = self.run(&fetch, &[], &mut |row| {
                rows += 1;
                each(row)
            });
            if rows == 0 {
                break;
            }
        }
        self.wait(self.link.batch_execute("close walk"))?;
        walked.map(|_| ())
    }

    fn passing_over(&self) -> &'static str {
        " for update skip locked"
    }

    fn again(&self) -> &'static str {
        "do update set spell = excluded.spell"
    }

    fn numbering(&self) -> &'static str {
        " overriding system value"
    }

    fn lock(&mut self) -> Result<()> {
        let now = self.take_head()?;
        self.now = self.db.clock.as_ref().map_or(now, |clock| clock());
        Ok(())
    }

    fn wake(&mut self) -> Result<()> {
        // Marks must rise in the order of commits, or a watcher passes one over that comes later.
        if !self.leads {
            self.take_head()?;
        }
        self.wakes = true;
        Ok(())
    }

    fn behind(&self) -> Option<i64> {
        self.behind
    }

    fn now(&self) -> Timestamp {
        self.now
    }
}

/// Rows of a walk at a time.
const STRETCH: usize = 2_000;
/// Statements on their way at a time.
const PIPE: usize = 500;

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
            return if words.starts_with("error performing TLS handshake") { Self::Untrusted(words) } else { Self::Unreachable(words) };
        };
        let said = format!("{}: {}", d.code().code(), d.message());
        match d.code().code() {
            // Cancelled by its time-out, a deadlock, a lock that was not had.
            "57014" | "40P01" | "40001" | "55P03" => Self::Busy,
            // A standby, or a primary that became one; somebody who was away in the middle of a transaction.
            "25006" | "25P03" => Self::Unreachable(said),
            "53100" => Self::Disk(said),
            // No such table, no such column.
            "42P01" | "42703" => Self::Schema(said),
            // Connection, shutting down, too many connections, who we are, which database.
            code if ["08", "57P", "53", "28", "3D"].iter().any(|class| code.starts_with(class)) => Self::Unreachable(said),
            _ => Self::Sql(said),
        }
    }
}
