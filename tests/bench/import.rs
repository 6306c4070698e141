//! Signals from a file, beside the database's own bulk loader: the same rows, ready in memory, into the same table with the same
//! indexes, encryption and settings, in large transactions.

use crate::{Bench, rate, row, seconds, timed};
use rusqlite::{Connection, types::Value};
use std::{fs::File, path::Path};
use tenure::{
    backend::{ActRequest, Backend, Put},
    domain::act::Act,
    service::{self, Options, Service},
    worker,
};

/// Rows of one transaction of the bulk loader.
const LARGE: usize = 100_000;
const COLUMNS: &str = "spell, observed_at, event_key, kind, source, event, known_at, value, baseline, note, expires_at";

/// A connection like the store's own.
pub fn connect(home: &Path, file: &Path) -> Connection {
    let key = service::keys::export(home).unwrap();
    let connection = Connection::open(file).unwrap();
    let settings = format!(
        "pragma key=\"x'{}'\"; pragma journal_mode=wal; pragma synchronous=full; pragma temp_store=memory; pragma cache_size=-16384; \
         pragma wal_autocheckpoint=4000;",
        key.trim()
    );
    connection.execute_batch(&settings).unwrap();
    connection
}

pub fn run(bench: &Bench, sample: &Path) {
    let file = bench.file("signals.ndjson");
    bench.must(sample, &["demo", "--employees", &bench.employees.to_string(), "--seed", "1", "--write-signals", file.to_str().unwrap()]);
    let home = bench.copy(sample, "import");
    connect(&home, &service::home::database(&home)).execute_batch("delete from signals; vacuum").unwrap();

    let service = Service::open(Options { create: false, ..Options::new(&home) }).unwrap();
    let session = service.session(service.identify(None).unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let bytes = file.metadata().unwrap().len();
    let (count, ours) = timed(|| {
        runtime.block_on(async {
            let put = Put::Import { kind: "signals".into(), map: None, file: "signals.ndjson".into(), bytes: Some(bytes), preview: false };
            let staged = session.put(put, Box::new(File::open(&file).unwrap()), Box::new(|_| ())).await.unwrap();
            session.act(ActRequest::one(Act::ImportPublish, staged.id, None)).await.unwrap();
            staged.rows
        })
    });
    let ((), published) = timed(|| {
        worker::drain(&service).unwrap();
    });
    let count = usize::try_from(count).unwrap();
    drop((session, service));

    let (loaded, peer) = bulk(bench, &home);
    assert!(loaded > 0, "the import left signals behind");
    let peer_rate = loaded as f64 / peer.as_secs_f64();
    let ratio = |time: std::time::Duration| {
        format!("{:.2} of the bulk loader ({})", count as f64 / time.as_secs_f64() / peer_rate, rate(loaded, peer))
    };
    row(&format!("import of {count} signals: staged, checked, published"), rate(count, ours), &ratio(ours));
    row("the same, and what its jobs did after (scores too)", seconds(ours + published), &ratio(ours + published));
}

/// Loads the rows of a home's table into an empty one.
fn bulk(bench: &Bench, home: &Path) -> (usize, std::time::Duration) {
    let from = connect(home, &service::home::database(home));
    // In the order of the file, as the import meets them.
    let rows: Vec<Vec<Value>> = from
        .prepare(&format!("select {COLUMNS} from signals order by event"))
        .unwrap()
        .query_map([], |row| (0..11).map(|column| row.get(column)).collect())
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let schema: Vec<String> = from
        .prepare("select sql from sqlite_master where tbl_name = 'signals' and sql is not null order by type desc")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let mut into = connect(home, &bench.file("peer.db"));
    into.execute_batch(&schema.join(";")).unwrap();
    let insert = format!("insert into signals ({COLUMNS}) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
    timed(|| {
        for part in rows.chunks(LARGE) {
            let transaction = into.transaction().unwrap();
            {
                let mut statement = transaction.prepare_cached(&insert).unwrap();
                for row in part {
                    statement.execute(rusqlite::params_from_iter(row)).unwrap();
                }
            }
            transaction.commit().unwrap();
        }
        rows.len()
    })
}
