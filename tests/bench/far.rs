//! The console over HTTP on a line of 300 ms there and back, and the server with two hundred consoles.

use crate::{
    Bench,
    kit::{
        cluster::{Cluster, Node::Primary},
        wire::Wire,
    },
    millis, peak,
    raw::Raw,
    row,
};
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};
use tenure::{
    backend::{Answer, Backend, Filter, Query, query::Slice},
    http::Client,
};
use tokio::task::JoinSet;
use zeroize::Zeroizing;

const ONE_WAY: Duration = Duration::from_millis(150);
/// Longer than an answer can take to come: what is quiet for so long is over.
const QUIET: Duration = Duration::from_millis(1_500);
const CONSOLES: usize = 200;
/// What each console asks for while it is used.
const ROUNDS: usize = 5;

/// `tenure serve` on the sample company, in PostgreSQL. Killed when dropped.
struct Served {
    child: Child,
    home: PathBuf,
    database: String,
    /// `127.0.0.1:port`
    at: String,
    _cluster: Cluster,
}

impl Served {
    fn start(bench: &Bench, sample: &Path) -> Self {
        let cluster = Cluster::start(&[]);
        let database = cluster.url(Primary, cluster.database("served"));
        bench.must(sample, &["migrate", "--to", &database]);
        let home = bench.copy(sample, "served");
        let mut command = bench.command(&home, &["serve", "--listen", "127.0.0.1:0", "--json"]);
        command.env("TENURE_BACKEND", &database).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: serde_json::Value = serde_json::from_str(&line).unwrap();
        let at = said["url"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
        Self { child, home, database, at, _cluster: cluster }
    }

    fn must(&self, bench: &Bench, args: &[&str]) -> String {
        let output = bench.command(&self.home, args).env("TENURE_BACKEND", &self.database).output().unwrap();
        assert!(output.status.success(), "tenure {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// A token of an operator of its own.
    fn token(&self, bench: &Bench, name: &str) -> String {
        self.must(bench, &["operator", "add", name, "--role", "hr_manager"]);
        let said: serde_json::Value = serde_json::from_str(&self.must(bench, &["operator", "token", name, "--json"])).unwrap();
        said["token"].as_str().unwrap().to_owned()
    }

    /// Memory that is held now, in MB.
    fn held(&self) -> String {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let kib = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap().trim().trim_end_matches(" kB");
        format!("{:.1} MB", kib.parse::<f64>().unwrap() / 1024.0)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn run(bench: &Bench, sample: &Path) {
    let served = Served::start(bench, sample);
    console(bench, &served);
    crowd(bench, &served);
}

fn console(bench: &Bench, served: &Served) {
    let wire = Wire::long(&served.at, ONE_WAY);
    let token = served.token(bench, "far");
    let mut command = bench.command(&bench.file("nowhere"), &["--lang", "en"]);
    command.env("TENURE_BACKEND", format!("http://127.0.0.1:{}", wire.port())).env("TENURE_TOKEN", token);
    let (mut before, began) = (wire.passed(), Instant::now());
    let mut pty = Raw::spawn(&mut command);
    let mut step = |what: &str, took: Duration, bytes: usize| {
        let now = wire.passed();
        let p = now.since(before);
        before = now;
        let beside =
            format!("{} turns, {} connections, {} bytes up, {} down; {bytes} to the terminal", p.turns, p.connections, p.up, p.down);
        row(&format!("300 ms away: {what}"), millis(took), &beside);
    };
    let first = pty.until("the first row", |text| text.lines().any(|line| line.trim_start().starts_with('>')));
    step("first useful frame", first - began, 0);
    while pty.settle(QUIET).is_some() {}
    step("until it is quiet", began.elapsed() - QUIET, 0);
    let keys = [
        ("a row down (j)", "j"),
        ("the alert queue (g a)", "ga"),
        ("a page down", "\x1b[6~"),
        ("a person opened (Enter)", "\r"),
        ("back (Esc)", "\x1b"),
        ("people (g p)", "gp"),
        ("a page down of people", "\x1b[6~"),
        ("an alert acknowledged (g a, a)", "gaa"),
    ];
    for (what, keys) in keys {
        let (took, bytes) = press(&mut pty, keys);
        step(what, took, bytes);
    }
    let quiet = Instant::now();
    while quiet.elapsed() < Duration::from_secs(30) {
        pty.settle(Duration::from_secs(5));
    }
    step("half a minute idle", Duration::ZERO, 0);
    row("memory of the console over HTTP, peak", peak(pty.child.id()).unwrap_or_default(), "");
}

/// Until all that came of the keys is on the screen.
fn press(pty: &mut Raw, keys: &str) -> (Duration, usize) {
    let began = Instant::now();
    let (mut last, mut bytes) = match pty.press(keys) {
        Some((took, some)) => (took, some.len()),
        None => (Duration::ZERO, 0),
    };
    while let Some((at, some)) = pty.settle(QUIET) {
        (last, bytes) = (at - began, bytes + some.len());
    }
    (last, bytes)
}

fn crowd(bench: &Bench, served: &Served) {
    row("memory of the server, nobody connected", served.held(), "");
    let tokens: Vec<String> = (0..CONSOLES).map(|n| served.token(bench, &format!("console{n}"))).collect();
    row("  after two hundred operators and tokens were made", served.held(), "");
    let rooms = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    rooms.block_on(async {
        let url = format!("http://{}", served.at);
        let mut doors = Vec::with_capacity(CONSOLES);
        for token in tokens {
            doors.push(Arc::new(Client::open(&url, Zeroizing::new(token), None, false).await.unwrap()));
        }
        // Each waits for news on a stream of its own, as a console does.
        let mut watching = JoinSet::new();
        for door in &doors {
            let mark = door.watch(0).await.unwrap().mark;
            let door = door.clone();
            watching.spawn(async move {
                let mut mark = mark;
                while let Ok(seen) = door.watch(mark).await {
                    mark = seen.mark;
                }
            });
        }
        // Past the first answer that nothing changed.
        tokio::time::sleep(Duration::from_secs(28)).await;
        row(&format!("memory of the server, {CONSOLES} consoles watching"), served.held(), "");
        let began = Instant::now();
        let mut asking = JoinSet::new();
        for door in &doors {
            let door = door.clone();
            asking.spawn(async move {
                for _ in 0..ROUNDS {
                    let slice = Slice { after: None, limit: 50 };
                    let reply = door.query(Query::People { filter: Filter::default(), slice }).await.unwrap();
                    let Answer::People(page) = reply.answer else { panic!("another answer") };
                    door.query(Query::Person { id: page.rows[0].person.id }).await.unwrap();
                    door.query(Query::Today).await.unwrap();
                }
            });
        }
        while let Some(ended) = asking.join_next().await {
            ended.unwrap();
        }
        let asked = CONSOLES * ROUNDS * 3;
        let beside =
            format!("{asked} queries in {:.1} s; peak {}", began.elapsed().as_secs_f64(), peak(served.child.id()).unwrap_or_default());
        row(&format!("memory of the server, {CONSOLES} consoles in use"), served.held(), &beside);
        watching.abort_all();
    });
}
