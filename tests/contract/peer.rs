//! The throw-away cluster: one a test run, one database a home.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};
use tenure::store::postgres::PgDb;

struct Cluster {
    url: String,
    /// Its standard input is ours: the cluster ends with this process, however that ends.
    _held: Child,
}

fn start() -> Cluster {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/postgres");
    let mut held = Command::new(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("tests/peers/postgres starts");
    let mut url = String::new();
    BufReader::new(held.stdout.take().unwrap()).read_line(&mut url).unwrap();
    assert!(url.starts_with("postgres://"), "no PostgreSQL: the contract is held on both engines or not at all (see above)");
    Cluster { url: url.trim_end().into(), _held: held }
}

/// URL of an empty database of its own.
pub fn database() -> String {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let cluster = CLUSTER.get_or_init(start);
    let name = format!("home{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let admin = PgDb::open(&format!("{}postgres", cluster.url), None, None, None).unwrap();
    admin.batch(&format!("create database {name}")).unwrap();
    format!("{}{name}", cluster.url)
}
