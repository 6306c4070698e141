//! Signals from a file, beside the database's own bulk loader: the same rows, ready in memory, into the same table with the same
//! indexes, encryption and settings, in large transactions.

use crate::{Bench, peak, rate, row, timed};
use rusqlite::{Connection, types::Value};
use std::{
    fs::File,
    io::{BufRead, BufReader, BufWriter, Write},
    path::Path,
    process::Stdio,
    thread,
    time::Duration,
};
use tenure::{
    backend::{ActRequest, Backend, Preview, Put},
    domain::act::Act,
    service::{self, Options, Service},
};

/// Rows of one transaction of the bulk loader.
const LARGE: usize = 100_000;
const COLUMNS: &str = "spell, observed_at, event_key, kind, source, event, known_at, value, baseline, note, expires_at";

/// A connection like the store's own.
pub fn connect(home: &Path, file: &Path) -> Connection {
    let key = service::keys::export(home).unwrap();
    let connection = Connection::open(file).unwrap();
    let settings = format!(
        "pragma key=\"x'{}'\"; pragma journal_mode=wal; pragma synchronous=full; pragma temp_store=memory; pragma cache_size=-65536; \
         pragma wal_autocheckpoint=8000;",
        key.trim()
    );
    connection.execute_batch(&settings).unwrap();
    connection
}

pub fn run(bench: &Bench, sample: &Path) {
    let file = bench.file("signals.csv");
    write_signals(bench, sample, &file);
    let home = bench.copy(sample, "import");
    connect(&home, &service::home::database(&home)).execute_batch("delete from signals; vacuum").unwrap();
    let again = bench.copy(&home, "memory");

    let service = Service::open(Options { create: false, ..Options::new(&home) }).unwrap();
    let session = service.session(service.identify(None).unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let bytes = file.metadata().unwrap().len();
    let (count, ours) = timed(|| {
        let staged = runtime.block_on(async {
            let put =
                Put::Import { kind: "signals".into(), map: None, file: "signals.csv".into(), bytes: Some(bytes), preview: Preview::No };
            let staged = session.put(put, Box::new(File::open(&file).unwrap()), Box::new(|_| ())).await.unwrap();
            let id = staged.id.unwrap();
            session.act(ActRequest::one(Act::ImportPublish, id, None)).await.unwrap();
            (id, staged.rows)
        });
        service.publish(staged.0, &|| true).unwrap();
        staged.1
    });
    let count = usize::try_from(count).unwrap();
    drop((session, service));

    let (loaded, peer) = bulk(bench, &home);
    assert!(loaded > 0, "the import left signals behind");
    let ratio = (count as f64 / ours.as_secs_f64()) / (loaded as f64 / peer.as_secs_f64());
    let beside = format!("{ratio:.2} of the bulk loader ({}, {loaded} rows)", rate(loaded, peer));
    row(&format!("import of {count} signals: read, checked, staged, published"), rate(count, ours), &beside);
    row("memory of `tenure import`, peak", peak_of_import(bench, &again, &file), "scores included");
}

/// The first lines of the large file that the sample company writes.
fn write_signals(bench: &Bench, home: &Path, file: &Path) {
    let wanted = std::env::var("TENURE_BENCH_SIGNALS").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let people = bench.employees.to_string();
    let mut command = bench.command(home, &["demo", "--employees", &people, "--seed", "1", "--write-signals", "/dev/stdout"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut out = BufWriter::new(File::create(file).unwrap());
    lines.take(wanted + 1).for_each(|line| writeln!(out, "{}", line.unwrap()).unwrap());
    out.flush().unwrap();
    let _ = child.kill();
    child.wait().unwrap();
}

fn peak_of_import(bench: &Bench, home: &Path, file: &Path) -> String {
    let mut command = bench.command(home, &["import", "signals", file.to_str().unwrap(), "--json"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut seen = String::new();
    while child.try_wait().unwrap().is_none() {
        // The peak only grows, so the last look is the one that counts.
        seen = peak(child.id()).unwrap_or(seen);
        thread::sleep(Duration::from_millis(5));
    }
    seen
}

/// Loads the rows of a home's table into an empty one.
fn bulk(bench: &Bench, home: &Path) -> (usize, Duration) {
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
    // The store keeps the uniqueness of event keys in a table of its own; the peer gets the index that says the same.
    into.execute_batch(&format!("{}; create unique index signals_event on signals (event_key)", schema.join(";"))).unwrap();
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
