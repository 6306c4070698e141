//! The throw-away cluster and the pooler before it: one a test run, one database a home.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};
use tenure::store::{self, Db, postgres::PgDb};

/// How a database is come at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Direct,
    /// Through pgbouncer in transaction mode.
    Pooled,
}

struct Cluster {
    direct: String,
    pooled: String,
    /// Its standard input is ours: the cluster ends with this process, however that ends.
    _held: Child,
}

impl Cluster {
    fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/postgres");
        let mut held = Command::new(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("tests/peers/postgres starts");
        let mut line = String::new();
        BufReader::new(held.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let word = |key: &str| line.split_whitespace().find_map(|w| w.strip_prefix(key)?.strip_prefix('=')).map(str::to_owned);
        let (direct, pooled) = word("direct").zip(word("pooled")).expect("the contract is held on every engine or not at all (see above)");
        let cluster = Self { direct, pooled, _held: held };
        // What every new company's database starts as, laid down once.
        cluster.admin("create database made");
        store::migrate::migrate(&Db::Postgres(PgDb::open(&format!("{}made", cluster.direct), None, None, None).unwrap().into())).unwrap();
        cluster
    }

    fn admin(&self, sql: &str) {
        PgDb::open(&format!("{}postgres", self.direct), None, None, None).unwrap().batch(sql).unwrap();
    }

    /// Name of a new database, from a template.
    fn make(&self, template: &str) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("home{}", NEXT.fetch_add(1, Ordering::Relaxed));
        self.admin(&format!("create database {name} template {template}"));
        name
    }
}

fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(Cluster::start)
}

fn url(way: Way, template: &str) -> String {
    let cluster = cluster();
    let at = if way == Way::Pooled { &cluster.pooled } else { &cluster.direct };
    format!("{at}{}", cluster.make(template))
}

/// URL of a database with nothing in it.
pub fn database(way: Way) -> String {
    url(way, "template1")
}

/// URL of a database that has the schema and no row.
pub fn home(way: Way) -> String {
    url(way, "made")
}
