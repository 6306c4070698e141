//! A home on any engine, a clock that tests move, and hands that act in the home.

use crate::peer::{self, Way};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use proptest::test_runner::{Config, TestRunner};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeSet,
    io::{self, Cursor, Read, Write},
    net::SocketAddr,
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};
use strum::IntoEnumIterator;
use tempfile::TempDir;
use tenure::{
    backend::{
        ActReply, ActRequest, Answer, Backend, Failure, Filter, Preview, Put, Query, Reply, Staged, Target,
        answer::{AlertRow, Explanation, ImportState, TimelineRow, Verified},
        ingest::{Batch, Ingested, Knock},
        query::{AlertView, Slice},
    },
    cli::{self, Out, Use},
    domain::{
        act::{Act, Refusal},
        alert::{Alert, AlertState},
        audit::Entry,
        ids::{AlertId, ImportId, OperatorId, PersonId, TokenId},
        operator::{Identity, Role},
        signal::{LawfulBasis, SignalKind},
        token::{Scope, Token},
    },
    http::{Client, Limits},
    service::{Doors, Options, Service, Session, home::id_maker},
    store::{self, Db, StoreError, Tx, audit::Chain, postgres::PgDb, sqlite::Clock},
    text::{Lang, Texts},
    worker,
};
use tokio::{runtime::Runtime, sync::oneshot};
use uuid::Uuid;
use zeroize::Zeroizing;

/// Where the data of a home is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
    /// PostgreSQL behind pgbouncer in transaction mode.
    Pooled,
    /// SQLite, and operators come over the HTTP API.
    Http,
    /// PostgreSQL, and operators come over the HTTP API.
    HttpPostgres,
}

impl Engine {
    /// The data is on a server.
    pub fn is_server(self) -> bool {
        matches!(self, Self::Postgres | Self::Pooled | Self::HttpPostgres)
    }

    /// Operators come over the HTTP API.
    pub fn is_wire(self) -> bool {
        matches!(self, Self::Http | Self::HttpPostgres)
    }

    /// How its server is come at, where it has one.
    pub fn way(self) -> Option<Way> {
        self.is_server().then_some(if self == Self::Pooled { Way::Pooled } else { Way::Direct })
    }
}

/// Makes a test of each function, once on each kind of store: for what no operator is at. What somebody with the database in hand does,
/// jobs, seals, dumps, and workers that take turns.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test] fn $name() { super::$name(crate::kit::Engine::Sqlite) })+
        }
        mod postgres {
            $(#[test] fn $name() { super::$name(crate::kit::Engine::Postgres) })+
        }
        mod pooled {
            $(#[test] fn $name() { super::$name(crate::kit::Engine::Pooled) })+
        }
    };
}

/// The same, and over the HTTP API of either: for what operators can see.
macro_rules! on_all {
    ($($name:ident),+ $(,)?) => {
        on_both!($($name),+);
        mod http {
            $(#[test] fn $name() { super::$name(crate::kit::Engine::Http) })+
        }
        mod http_postgres {
            $(#[test] fn $name() { super::$name(crate::kit::Engine::HttpPostgres) })+
        }
    };
}

/// The answer of a query, which must be of that kind.
macro_rules! ask {
    ($hand:expr, $query:expr => $answer:ident) => {
        match $hand.ask($query) {
            tenure::backend::Answer::$answer(a) => a,
            other => panic!("another answer: {other:?}"),
        }
    };
}

/// Drives the async door for tests that are not.
pub static ROOMS: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());

/// The store's time: stands where a test puts it and moves on by a microsecond whenever it is read.
#[derive(Clone)]
pub struct Time(Arc<AtomicI64>);

impl Time {
    pub fn new(at: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(at.as_microsecond())))
    }

    pub fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).unwrap()
    }

    /// Moves the clock, also back.
    pub fn pass(&self, by: SignedDuration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
    }

    pub fn hours(&self, hours: i64) {
        self.pass(SignedDuration::from_hours(hours));
    }

    /// A clock that does not move when it is read: how often is no engine's business.
    pub fn still(&self) -> Clock {
        let time = self.clone();
        Box::new(move || time.now())
    }

    fn clock(&self) -> Clock {
        let time = self.0.clone();
        Box::new(move || Timestamp::from_microsecond(time.fetch_add(1, Ordering::SeqCst) + 1).unwrap())
    }
}

/// The home's own roles.
const ROLES: &str = "roles.toml";

/// A home.
pub struct Kit {
    pub service: Arc<Service>,
    pub time: Time,
    pub dir: TempDir,
    url: Option<String>,
    api: Option<Api>,
}

/// The HTTP API of a kit; it ends with it.
pub struct Api {
    pub at: SocketAddr,
    doors: Arc<Published>,
    _ends: oneshot::Sender<()>,
}

/// The doors that the API of a kit publishes.
struct Published(Doors);

impl tenure::http::Doors for Published {
    fn open(&self, token: &str) -> Result<Arc<dyn Backend>, Failure> {
        Ok(self.0.open(token)?)
    }

    fn knock(&self, source: &str, knock: &Knock) -> Result<(), Failure> {
        self.0.service().knock(source, knock)
    }

    fn ingest(&self, batch: Batch) -> Result<Ingested, Failure> {
        self.0.service().ingest(&batch)
    }

    fn ready(&self) -> Result<(), Failure> {
        Ok(())
    }
}

impl Api {
    /// Seals the reads that wait.
    pub fn flush(&self) {
        self.doors.0.flush().unwrap();
    }
}

/// Publishes a home on a port of its own.
pub fn publish(service: &Arc<Service>) -> Api {
    publish_within(service, Limits::default())
}

/// The same within other bounds.
pub fn publish_within(service: &Arc<Service>, limits: Limits) -> Api {
    publish_over(service, None, limits)
}

/// The same over TLS, where a certificate and its key are given.
pub fn publish_over(service: &Arc<Service>, tls: Option<(std::path::PathBuf, std::path::PathBuf)>, limits: Limits) -> Api {
    let (told, bound) = std::sync::mpsc::channel();
    let served = tenure::http::Served { listen: "127.0.0.1:0".parse().unwrap(), tls, log: false, limits };
    let doors = Arc::new(Published(Doors::new(service.clone())));
    let open = doors.clone();
    let (ends, end) = oneshot::channel();
    ROOMS.spawn(async move { tenure::http::serve(open, served, move |at| told.send(at).unwrap(), async { drop(end.await) }).await });
    Api { at: bound.recv().unwrap(), doors, _ends: ends }
}

/// What a command says at a door: exit code, stdout and stderr.
pub fn said(command: Use, door: &dyn Backend, lang: Lang, json: bool) -> (u8, String, String) {
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);
    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let (kept, texts) = (Kept::default(), Arc::new(Texts::new(&[])));
    let mut out = Out::stdout(texts, lang, zone(), json).into(Box::new(kept.clone()));
    let (code, err) = match ROOMS.block_on(cli::run(command, door, &mut out)) {
        Ok(code) => (code, String::new()),
        Err(stop) => out.failure(&stop),
    };
    out.flush().unwrap();
    let said = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    (code, said, err)
}

pub fn zone() -> TimeZone {
    TimeZone::get("Asia/Shanghai").unwrap()
}

/// Monday, 10:00 in Shanghai.
pub fn monday() -> Timestamp {
    "2026-03-02T02:00:00Z".parse().unwrap()
}

impl Kit {
    /// A home that nobody has used yet.
    pub fn new(on: Engine) -> Self {
        Self::with(on, monday(), "")
    }

    /// An empty home with a configuration, at an instant.
    pub fn with(on: Engine, at: Timestamp, config: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("tenure.toml"), config).unwrap();
        // What a role may not do is roles.rs's: everybody here may do everything.
        let everything: String = Role::iter().map(|r| format!("[[{r}]]\nof = [\"*\"]\n")).collect();
        std::fs::write(dir.path().join(ROLES), everything).unwrap();
        let url = on.way().map(peer::home);
        let time = Time::new(at);
        let service = open(&dir, &url, &time, false, None).unwrap();
        let api = on.is_wire().then(|| publish(&service));
        Self { service, time, dir, url, api }
    }

    /// Six people: the three of the article with an open alert each, and three others of one name. chen, lin and wang work here.
    pub fn company(on: Engine) -> Self {
        let kit = Self::new(on);
        kit.settle();
        kit
    }

    /// Fills an empty home as [`Kit::company`] does.
    pub fn settle(&self) {
        let hand = self.me();
        for (name, role) in [("chen", Role::Hrbp), ("lin", Role::HrManager), ("wang", Role::Triager)] {
            hand.done(Act::OperatorAdd { name: name.into(), role, person: None, org: None });
        }
        self.enable(SignalKind::ResumeUpdate);
        self.load("employees", EMPLOYEES);
        let now = self.time.now();
        self.load(
            "signals",
            &file(&[signals(Article::A, "10001", now), signals(Article::B, "10002", now), signals(Article::C, "10003", now)]),
        );
    }

    /// The same home with the roles that ship.
    pub fn strict(self) -> Self {
        std::fs::remove_file(self.dir.path().join(ROLES)).unwrap();
        self.reopened()
    }

    /// The same home after its folder was changed.
    pub fn reopened(self) -> Self {
        let service = open(&self.dir, &self.url, &self.time, false, None).unwrap();
        let api = self.api.as_ref().map(|_| publish(&service));
        Self { service, api, ..self }
    }

    /// Where the data is, when a server has it.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// The same home as another process would open it.
    pub fn again(&self, read_only: bool) -> Arc<Service> {
        open(&self.dir, &self.url, &self.time, read_only, None).unwrap()
    }

    /// The same home, with targets.
    pub fn targets(self, targets: Vec<Arc<dyn tenure::connect::targets::Target>>) -> Self {
        let service = open(&self.dir, &self.url, &self.time, false, Some(targets)).unwrap();
        let api = self.api.as_ref().map(|_| publish(&service));
        Self { service, api, ..self }
    }

    /// The same home as another process would open it, with targets.
    pub fn beside(&self, targets: Vec<Arc<dyn tenure::connect::targets::Target>>) -> Arc<Service> {
        open(&self.dir, &self.url, &self.time, false, Some(targets)).unwrap()
    }

    /// The hand of the operating system's user.
    pub fn me(&self) -> Hand {
        self.come(self.service.identify(None).unwrap())
    }

    /// Address of the API.
    pub fn at(&self) -> SocketAddr {
        self.api.as_ref().unwrap().at
    }

    /// Publishes the home, on whatever it is, for as long as the tests run; gives the address.
    pub fn serve(&self) -> SocketAddr {
        let api = publish(&self.service);
        let at = api.at;
        std::mem::forget(api);
        at
    }

    /// Whoever it is comes through the API where there is one.
    fn come(&self, who: Identity) -> Hand {
        let wire = self.api.as_ref().map(|Api { at, doors, .. }| {
            let secret = Uuid::new_v4().to_string();
            let token = Token {
                id: TokenId(Uuid::new_v4()),
                operator: who.operator,
                name: who.name.clone(),
                scope: Scope::Full,
                created_at: self.time.now(),
                expires_at: Timestamp::MAX - SignedDuration::from_hours(48),
                revoked_at: None,
                version: 1,
            };
            // Past the acts, which would be counted.
            self.write(|tx| store::token::add(tx, &token, &hex::encode(Sha256::digest(secret.as_bytes()))));
            let client = ROOMS.block_on(Client::open(&format!("http://{at}"), Zeroizing::new(secret), None, false)).unwrap();
            (client, doors.clone())
        });
        Hand { session: self.service.session(who), wire }
    }

    /// The hand of an operator.
    pub fn hand(&self, name: &str) -> Hand {
        self.come(self.service.identify(Some(name)).unwrap())
    }

    pub fn hand_in(service: &Arc<Service>, name: &str) -> Hand {
        Hand { session: service.session(service.identify(Some(name)).unwrap()), wire: None }
    }

    pub fn enable(&self, kind: SignalKind) {
        self.me().done(Act::SignalEnable { kind, basis: LawfulBasis::Consent });
    }

    /// Runs every job that is due; none may fail.
    pub fn drain(&self) {
        let ran = worker::drain(&self.service).unwrap();
        assert_eq!(ran.failed, 0, "{:?}", self.sql_texts("select kind || ': ' || coalesce(error, '') from jobs"));
    }

    pub fn stage(&self, kind: &str, text: &str, preview: Preview) -> Result<Staged, Failure> {
        self.me().stage(kind, text, None, preview)
    }

    /// Stages a file; gives its import.
    pub fn staged(&self, kind: &str, text: &str) -> ImportId {
        self.stage(kind, text, Preview::No).unwrap().id.unwrap()
    }

    /// Stages a file, publishes it, and runs the jobs.
    pub fn load(&self, kind: &str, text: &str) -> ImportState {
        self.publish(self.staged(kind, text))
    }

    pub fn publish(&self, id: ImportId) -> ImportState {
        self.me().on(Act::ImportPublish, id, None);
        self.drain();
        let state = ask!(self.me(), Query::Import { id } => Import);
        assert_eq!(state.state, "published");
        state
    }

    /// The live person with an employee number.
    pub fn person(&self, number: &str) -> PersonId {
        self.read(|tx| store::person::find(tx, number, 2)).first().unwrap_or_else(|| panic!("nobody has the number {number}")).id
    }

    /// The open alert of the person with that number.
    pub fn alert(&self, number: &str) -> AlertRow {
        let person = self.person(number);
        self.read(|tx| store::alert::open_of_person(tx, person)).unwrap_or_else(|| panic!("{number} has no open alert"))
    }

    /// An alert as it is stored now.
    pub fn stored(&self, id: AlertId) -> Alert {
        self.read(|tx| store::alert::get(tx, id)).unwrap()
    }

    /// A person with a weighty past: the alert of a new person is open afterwards.
    pub fn hire(&self, number: &str, like: Article) -> AlertRow {
        self.load("employees", &format!("{HEAD}\n{number},新人{number},/集团/研发部,工程师,2019-03-01,,,\n"));
        self.load("signals", &file(&[signals(like, number, self.time.now())]));
        self.alert(number)
    }

    pub fn explain(&self, number: &str) -> Explanation {
        *ask!(self.me(), Query::Explain { id: self.person(number), as_of: None, model: None } => Explain)
    }

    pub fn timeline(&self, number: &str) -> Vec<TimelineRow> {
        let slice = Slice { after: None, limit: 500 };
        ask!(self.me(), Query::Timeline { id: self.person(number), kinds: Vec::new(), slice } => Timeline).rows
    }

    /// Number of the newest entry of the act chain.
    pub fn seq(&self) -> i64 {
        self.read(|tx| store::audit::head(tx, Chain::Acts)).0
    }

    /// Entries of the act chain after `seq`, oldest first. Read past the door, which would note who asked.
    pub fn entries(&self, seq: i64) -> Vec<Entry> {
        self.chain(Chain::Acts, seq)
    }

    /// Entries of the access chain after `seq`, oldest first.
    pub fn reads(&self, seq: i64) -> Vec<Entry> {
        self.chain(Chain::Access, seq)
    }

    fn chain(&self, chain: Chain, seq: i64) -> Vec<Entry> {
        let stored = self.read(|tx| store::audit::page(tx, chain, i64::MAX, None, None, 100_000));
        let all = stored.into_iter().rev().filter(|(n, ..)| *n > seq);
        all.map(|(_, bytes, _)| serde_json::from_slice(&bytes).unwrap()).collect()
    }

    /// Number of the newest entry of the access chain.
    pub fn read_seq(&self) -> i64 {
        self.read(|tx| store::audit::head(tx, Chain::Access)).0
    }

    pub fn verified(&self) -> Verified {
        ask!(self.me(), Query::AuditVerify => Verified)
    }

    pub fn read<T>(&self, f: impl FnOnce(&mut Tx) -> Result<T, StoreError>) -> T {
        self.service.db().read(f).unwrap()
    }

    pub fn write<T>(&self, f: impl FnOnce(&mut Tx) -> Result<T, StoreError>) -> T {
        self.service.db().write(f).unwrap()
    }

    /// A write by somebody with the database in hand, past the service and all that it remembers.
    pub fn tamper(&self, f: impl Fn(&mut Tx) -> Result<(), StoreError>) {
        match &self.url {
            Some(url) => Db::Postgres(PgDb::open(url, None, None, None).unwrap().into()).write(f).unwrap(),
            None => self.write(f),
        }
    }

    pub fn count(&self, sql: &str) -> i64 {
        self.read(|tx| tx.count(sql, &[]))
    }

    pub fn sql_texts(&self, sql: &str) -> Vec<String> {
        self.read(|tx| tx.all(sql, &[], |r| r.get::<String>(0)))
    }

    /// What holds of every home at every moment (domain.md 16).
    pub fn check(&self) {
        let v = self.verified();
        assert!(v.ok, "{:?}", v.broken);
        let doubled = "select count(*) from (select spell from alerts where open = 1 group by spell, kind having count(*) > 1) x";
        assert_eq!(self.count(doubled), 0, "9: two open alerts of one spell and kind");
        let open = "state in ('new', 'acked', 'in_progress', 'snoozed')";
        assert_eq!(self.count(&format!("select count(*) from alerts where (open = 1) <> ({open})")), 0, "a state and its flag differ");
        let silent = "select count(*) from alerts where open = 0 and ((outcome is null and dismissed is null) or closed_at is null)";
        assert_eq!(self.count(silent), 0, "15: an alert ended without outcome or reason");
        let late = "select count(*) from alerts a where state = 'snoozed' and talked_at is null and snoozed_until > talk_due_at \
                    and not exists (select 1 from approvals v where v.subject = a.id and v.state = 'granted')";
        assert_eq!(self.count(late), 0, "12: a snooze past the talk clock that nobody approved");
        let live = "select count(*) from (select person from spells where live = 1 group by person having count(*) > 1) x";
        assert_eq!(self.count(live), 0, "two live spells of one person");
        let gone =
            "select count(*) from alerts a join spells s on s.id = a.spell where a.open = 1 and a.kind = 'attrition_risk' and s.live = 0";
        assert_eq!(self.count(gone), 0, "an open alert on a spell that has departed");
        crate::effect::counted(self);
        let stuck = self.sql_texts("select kind || ': ' || coalesce(error, '') from jobs where state = 'failed'");
        assert!(stuck.is_empty(), "{stuck:?}");
    }
}

type Targets = Option<Vec<Arc<dyn tenure::connect::targets::Target>>>;

fn open(dir: &TempDir, url: &Option<String>, time: &Time, read_only: bool, targets: Targets) -> Result<Arc<Service>, Failure> {
    Service::open(Options {
        server: url.clone(),
        read_only,
        targets,
        fixed: Some((time.clock(), id_maker(ChaCha8Rng::seed_from_u64(Uuid::new_v4().as_u64_pair().0)))),
        ..Options::new(dir.path())
    })
}

/// An operator at work.
pub struct Hand {
    pub session: Session,
    wire: Option<(Client, Arc<Published>)>,
}

impl Hand {
    /// What the operator has in hand of the company.
    pub fn door(&self) -> &dyn Backend {
        match &self.wire {
            Some((wire, _)) => wire,
            None => &self.session,
        }
    }

    /// How somebody who was revoked is turned away: the API says no more than that it does not know the token.
    pub fn turned_away(&self, here: &'static str) -> &'static str {
        if self.wire.is_some() { "token-unknown" } else { here }
    }

    /// Seals the reads that wait.
    pub fn flush(&self) {
        match &self.wire {
            Some((_, doors)) => doors.0.flush().unwrap(),
            None => self.session.flush().unwrap(),
        }
    }

    pub fn name(&self) -> &str {
        &self.session.who().name
    }

    pub fn role(&self) -> Role {
        self.session.who().role
    }

    pub fn session_id(&self) -> OperatorId {
        self.session.who().operator
    }

    /// The bytes of a stored file, all of them.
    pub fn file(&self, hash: &str) -> Result<Vec<u8>, Failure> {
        let mut bytes = ROOMS.block_on(self.door().get(hash))?;
        let mut all = Vec::new();
        bytes.read_to_end(&mut all).map(|_| all).map_err(Failure::broken)
    }

    pub fn try_ask(&self, query: Query) -> Result<Reply, Failure> {
        ROOMS.block_on(self.door().query(query))
    }

    pub fn ask(&self, query: Query) -> Answer {
        self.try_ask(query).unwrap().answer
    }

    pub fn send(&self, request: ActRequest) -> Result<ActReply, Failure> {
        ROOMS.block_on(self.door().act(request))
    }

    /// Ids that changed after a mark.
    pub fn watch(&self, mark: i64) -> (i64, BTreeSet<Uuid>) {
        let seen = ROOMS.block_on(self.door().watch(mark)).unwrap();
        (seen.mark, seen.changed.into_iter().filter_map(|c| c.id).collect())
    }

    /// An act without a target, done.
    pub fn done(&self, act: Act) -> ActReply {
        let reply = self.send(ActRequest { act, targets: Vec::new(), key: None, reason: None, written: None }).unwrap();
        assert_eq!(reply.outcomes[0].refusal, None);
        reply
    }

    /// An act on one target, whatever comes of it; it has a reason.
    pub fn try_on(&self, act: Act, id: impl Into<Uuid>, version: Option<i64>) -> ActReply {
        self.send(ActRequest { reason: Some("reason of a test".into()), ..ActRequest::one(act, id, version) }).unwrap()
    }

    /// An act on one target, done.
    pub fn on(&self, act: Act, id: impl Into<Uuid>, version: Option<i64>) -> ActReply {
        let reply = self.try_on(act, id, version);
        assert_eq!(reply.outcomes[0].refusal, None);
        reply
    }

    /// An act on one target that is refused.
    pub fn refused(&self, act: Act, id: impl Into<Uuid>, version: Option<i64>) -> Refusal {
        let reply = self.try_on(act, id, version);
        assert_eq!((reply.entry, reply.outcomes.len(), reply.outcomes[0].pending), (None, 1, None));
        reply.outcomes[0].refusal.clone().unwrap_or_else(|| panic!("not refused: {reply:?}"))
    }

    pub fn stage(&self, kind: &str, text: &str, map: Option<&str>, preview: Preview) -> Result<Staged, Failure> {
        let bytes = text.as_bytes().to_vec();
        let put = Put::Import {
            kind: kind.into(),
            map: map.map(Into::into),
            file: format!("{kind}.csv"),
            bytes: Some(bytes.len() as u64),
            preview,
        };
        ROOMS.block_on(self.door().put(put, Box::new(Cursor::new(bytes)), Box::new(|_| {})))
    }

    /// All rows of the alert queue.
    pub fn alerts(&self, view: AlertView) -> Vec<AlertRow> {
        ask!(self, Query::Alerts { view, filter: Filter::default(), slice: Slice { after: None, limit: 500 } } => Alerts).rows
    }
}

/// Runs a property: few cases where each costs a trip to a server. `TENURE_CASES=20` runs twenty times as many.
pub fn runner(on: Engine, sqlite: u32, server: u32) -> TestRunner {
    let times = std::env::var("TENURE_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(1).max(1);
    let cases = times * if on == Engine::Sqlite { sqlite } else { server };
    TestRunner::new(Config { cases, max_shrink_iters: 60 * times.min(10), failure_persistence: None, ..Config::default() })
}

/// Several targets at the versions that were seen.
pub fn targets(rows: &[&AlertRow]) -> Vec<Target> {
    rows.iter().map(|r| Target { id: r.alert.id.into(), version: Some(r.alert.version) }).collect()
}

pub fn is_open(a: &Alert) -> bool {
    a.state.is_open()
}

/// Allowed moves of an alert's state (domain.md 4), besides those that stay.
pub fn may_move(from: AlertState, to: AlertState) -> bool {
    use AlertState::{Acked, ClosedExit, Dismissed, InProgress, New, Resolved, Snoozed};
    match (from, to) {
        (New, Acked) | (New | Acked | Snoozed, InProgress) | (New | Acked | InProgress, Snoozed | Resolved) => true,
        (Snoozed, New | Acked) | (Acked | InProgress, New) | (New | Acked, Dismissed) => true,
        (from, ClosedExit) => from.is_open(),
        _ => false,
    }
}

pub const HEAD: &str = "number,name,org,post,started,manager,critical,impact";

/// The people of the article, and three others of one name.
pub const EMPLOYEES: &str = "\
number,name,org,post,started,manager,critical,impact
10001,李研秋,/集团/研发部,研发总监,2019-03-01,,研发,高
10002,王销远,/集团/快消部,销售总监,2018-05-01,,销售,高
10003,赵销明,/集团/制造部,销售主管,2017-07-01,,销售,高
20001,张伟,/集团/研发部,工程师,2020-01-01,10001,,中
20002,张伟,/集团/快消部,销售,2021-01-01,10002,,低
20003,张伟,/集团/制造部,质检员,2022-01-01,10003,质控,中
";

pub const SIGNAL_HEAD: &str = "event,number,kind,observed_at,known_at,value,baseline";

/// The three people of the article (requirements.md 6): 8.2, 7.5 and 8.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Article {
    A,
    B,
    C,
}

/// (kind, days ago, value, baseline)
type Fact = (&'static str, i64, &'static str, &'static str);

impl Article {
    pub fn score(self) -> f64 {
        match self {
            Self::A => 8.2,
            Self::B => 7.5,
            Self::C => 8.5,
        }
    }

    fn facts(self) -> &'static [Fact] {
        match self {
            Self::A => &[
                ("resume_update", 12, "", ""),
                ("resume_update", 70, "", ""),
                ("late", 3, "", ""),
                ("late", 11, "", ""),
                ("late", 25, "", ""),
                ("late", 38, "", ""),
                ("late", 52, "", ""),
                ("perf_score", 141, "100", ""),
                ("perf_score", 51, "80", ""),
                ("pay_gap", 45, "34000", "40000"),
            ],
            Self::B => &[
                ("resume_update", 20, "", ""),
                ("leave", 2, "", ""),
                ("leave", 9, "", ""),
                ("leave", 16, "", ""),
                ("leave", 23, "", ""),
                ("perf_score", 130, "100", ""),
                ("perf_score", 40, "82", ""),
            ],
            Self::C => &[
                ("resume_update", 8, "", ""),
                ("leave", 4, "", ""),
                ("leave", 13, "", ""),
                ("leave", 27, "", ""),
                ("leave", 44, "", ""),
                ("perf_score", 233, "92", ""),
                ("perf_score", 142, "85", ""),
                ("perf_score", 51, "78", ""),
                ("pay_gap", 60, "22000", "25000"),
            ],
        }
    }
}

/// The signals of a person like one of the article: lines of a standard file.
pub fn signals(like: Article, number: &str, now: Timestamp) -> Vec<String> {
    let line = |(i, (kind, days, value, baseline)): (usize, &Fact)| {
        let at = now - SignedDuration::from_hours(24 * days);
        format!("{number}-{i},{number},{kind},{at},,{value},{baseline}")
    };
    like.facts().iter().enumerate().map(line).collect()
}

/// A file of signals.
pub fn file(lines: &[Vec<String>]) -> String {
    let mut text = format!("{SIGNAL_HEAD}\n");
    for line in lines.iter().flatten() {
        text.push_str(line);
        text.push('\n');
    }
    text
}
