//! `kill -9` at any moment (the real binary on real files): the database opens, the chain verifies, nothing acknowledged is lost, and
//! what was begun is finished as if nothing had happened.

use crate::secrets::found_in;
use jiff::{SignedDuration, Timestamp};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tenure::{
    backend::{Query, Reply},
    service::{Options, Service},
    store,
};

const NAMES: [&str; 3] = ["欧阳明远", "司徒静雯", "诸葛长风"];

/// A home of its own, and a folder for what a process may leave in temporary files.
pub struct Home {
    folder: TempDir,
}

impl Home {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("tmp")).unwrap();
        Self { folder }
    }

    /// A copy of a home that nobody has open.
    fn copy(&self) -> Self {
        let copy = Self::new();
        fs::create_dir(copy.dir()).unwrap();
        for f in fs::read_dir(self.dir()).unwrap().map(|f| f.unwrap()).filter(|f| f.path().is_file()) {
            fs::copy(f.path(), copy.dir().join(f.file_name())).unwrap();
        }
        copy
    }

    pub fn dir(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub fn tmp(&self) -> PathBuf {
        self.folder.path().join("tmp")
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut c = Command::new(env!("CARGO_BIN_EXE_tenure"));
        for name in ["TENURE_BACKEND", "TENURE_KEY", "LC_ALL", "LC_MESSAGES"] {
            c.env_remove(name);
        }
        c.env("TENURE_HOME", self.dir()).env("TMPDIR", self.tmp()).env("SQLITE_TMPDIR", self.tmp()).env("LANG", "C.UTF-8");
        c.current_dir(self.folder.path()).args(args).stdin(Stdio::null());
        c
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    pub fn ok(&self, args: &[&str]) -> String {
        let o = self.run(args);
        assert!(o.status.success(), "{args:?}: {}{}", String::from_utf8_lossy(&o.stdout), String::from_utf8_lossy(&o.stderr));
        String::from_utf8(o.stdout).unwrap()
    }

    fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.ok(&[args, &["--json"]].concat())).unwrap()
    }

    /// The same home, seen from this process.
    pub fn look(&self) -> Arc<Service> {
        Service::open(Options { create: false, ..Options::new(self.dir()) }).unwrap()
    }

    /// As time would: no lease of a process that was killed is left.
    fn leases_run_out(&self) {
        self.look().db().write(|tx| tx.exec("update jobs set lease_until = 0 where state = 'leased'", &[])).unwrap();
    }

    /// Opens, verifies, and is sound page by page.
    fn sound(&self) -> i64 {
        let v = self.json(&["audit", "verify"]);
        assert_eq!(v["ok"], true, "{v}");
        if let store::Db::Sqlite(db) = self.look().db() {
            assert_eq!(db.check().unwrap(), [""; 0]);
        }
        v["entries"].as_i64().unwrap()
    }

    fn count(&self, sql: &str) -> i64 {
        self.look().db().read(|tx| tx.count(sql, &[])).unwrap()
    }
}

fn ask(service: &Arc<Service>, query: &Query) -> Reply {
    let who = service.identify(None).unwrap();
    service.query(&who, query).unwrap().reply
}

/// Kills a process that still runs; false when it had ended by itself.
fn kill(mut child: Child) -> bool {
    let running = child.try_wait().unwrap().is_none();
    let _ = child.kill();
    let _ = child.wait();
    running
}

const ROWS: usize = 7_000;

/// Three people and 7,000 signals of theirs, in several chunks.
fn company() -> (Home, String) {
    let home = Home::new();
    let people = home.folder.path().join("employees.csv");
    let mut text = String::from("number,name,org,post,started\n");
    for (n, name) in NAMES.iter().enumerate() {
        text.push_str(&format!("1000{n},{name},/集团,专员,2015-01-01\n"));
    }
    fs::write(&people, text).unwrap();
    home.ok(&["import", "employees", people.to_str().unwrap()]);
    let now = Timestamp::now();
    let mut text = String::from("event,number,kind,observed_at,value\n");
    for n in 0..ROWS {
        let at = now - SignedDuration::from_mins(60 + n as i64 * 23);
        let kind = ["late", "leave", "stress", "perf_score", "call_volume"][n % 5];
        text.push_str(&format!("s{n},1000{},{kind},{at},{}\n", n % 3, 50 + n % 40));
    }
    (home, text)
}

/// What the company knows in the end.
fn result(home: &Home) -> Vec<String> {
    let service = home.look();
    let day = service.day(Timestamp::now());
    let mut out = vec![format!("{:?}", service.db().read(store::import::counts).unwrap())];
    for n in 0..NAMES.len() {
        let id = service.db().read(|tx| store::person::find(tx, &format!("1000{n}"), 1)).unwrap()[0].id;
        for as_of in [day, day.checked_sub(jiff::Span::new().days(20)).unwrap()] {
            let told = ask(&service, &Query::Explain { id, as_of: Some(as_of), model: None });
            out.push(serde_json::to_string(&told.answer).unwrap());
        }
        let stored = "select coalesce(max(c.score), -1) * 10 from current_scores c join spells s on s.id = c.spell where s.number = ";
        out.push(home.count(&format!("select cast(({stored} '1000{n}') as integer)")).to_string());
    }
    out
}

/// Where the killed import has come to: staged chunks, published chunks.
fn reached(service: &Arc<Service>) -> (i64, i64) {
    let sql = "select (select count(*) from import_chunks), (select coalesce(max(done), 0) from imports where kind = 'signals')";
    service.db().read(|tx| tx.one(sql, &[], |r| Ok((r.get(0)?, r.get(1)?)))).unwrap().unwrap()
}

#[test]
fn an_import_that_is_killed_ends_as_if_it_had_not_been() {
    let (base, text) = company();
    let plain = base.copy();
    let file = plain.folder.path().join("signals.csv");
    fs::write(&file, &text).unwrap();
    plain.ok(&["import", "signals", file.to_str().unwrap()]);
    let expected = result(&plain);
    assert_eq!(plain.count("select count(*) from signals"), ROWS as i64);

    // Kill once so many chunks are staged, or so many published.
    let (mut while_staging, mut while_publishing) = (0, 0);
    for moment in [(1, 0), (0, 1), (0, 3), (7, 0), (0, 5), (0, 6)] {
        let home = base.copy();
        let service = home.look();
        let child =
            home.command(&["import", "signals", file.to_str().unwrap()]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut child = Some(child);
        while let Some(running) = child.as_mut() {
            let (staged, done) = reached(&service);
            if (moment.0 > 0 && staged >= moment.0) || (moment.1 > 0 && done >= moment.1) || running.try_wait().unwrap().is_some() {
                kill(child.take().unwrap());
            }
        }
        // Names are in no file that the process left behind.
        for place in [home.dir(), home.tmp()] {
            assert_eq!(found_in(&place, &NAMES), [""; 0]);
        }
        drop(service);
        home.sound();
        let begun = home.count("select count(*) from imports where state = 'publishing'");
        let ended = home.count("select count(*) from imports where kind = 'signals' and state = 'published'");
        while_staging += i64::from(begun == 0 && ended == 0);
        while_publishing += begun;
        // A publishing that was acknowledged is finished by the next worker; a file that was not is loaded again.
        home.leases_run_out();
        home.ok(&["worker", "--once"]);
        assert_eq!(home.count("select count(*) from imports where state = 'publishing'"), 0);
        if begun + ended == 0 {
            home.ok(&["import", "signals", file.to_str().unwrap()]);
        }
        assert_eq!(result(&home), expected);
        assert_eq!(home.count("select count(*) from jobs where state = 'failed'"), 0);
        home.sound();
    }
    assert!(while_staging > 0 && while_publishing > 0, "killed too late each time: {while_staging} {while_publishing}");
}

#[test]
fn acts_that_are_killed_are_done_or_not_done() {
    let (home, _) = company();
    let now = Timestamp::now();
    let mut text = String::from("event,number,kind,observed_at,value,baseline\n");
    for (i, (kind, days, value, baseline)) in [
        ("late", 2, "", ""),
        ("late", 5, "", ""),
        ("leave", 9, "", ""),
        ("leave", 12, "", ""),
        ("perf_score", 140, "100", ""),
        ("perf_score", 50, "60", ""),
        ("pay_gap", 30, "20000", "40000"),
    ]
    .iter()
    .enumerate()
    {
        text.push_str(&format!("a{i},10000,{kind},{},{value},{baseline}\n", now - SignedDuration::from_hours(24 * days)));
    }
    let file = home.folder.path().join("signals.csv");
    fs::write(&file, &text).unwrap();
    home.ok(&["import", "signals", file.to_str().unwrap()]);
    let alerts = home.json(&["alert", "list"]);
    let id = alerts[0]["id"].as_str().unwrap_or_else(|| panic!("{alerts}")).to_owned();

    let note = |n: usize| {
        let (text, key) = (format!("note {n}"), format!("key-{n}"));
        let mut c = home.command(&["alert", "note", &id, "--text", &text, "--key", &key, "--json"]);
        c.stdout(Stdio::piped()).stderr(Stdio::null());
        c
    };
    // How long one takes, so that the moments fall anywhere in it.
    let began = Instant::now();
    assert!(note(0).output().unwrap().status.success());
    let whole = began.elapsed();
    let mut dice = ChaCha8Rng::seed_from_u64(u64::from(std::process::id()));
    let (mut acknowledged, mut killed) = (BTreeSet::from([0]), Vec::new());
    for n in 1..=30 {
        let moment = whole.mul_f64(dice.random_range(0.2..1.4));
        let mut child = note(n).spawn().unwrap();
        let began = Instant::now();
        while began.elapsed() < moment && child.try_wait().unwrap().is_none() {
            std::thread::park_timeout(Duration::from_micros(200));
        }
        if kill_if_running(&mut child) {
            killed.push(n);
        } else {
            acknowledged.insert(n);
        }
    }
    assert!(!killed.is_empty() && !acknowledged.is_empty());
    let notes = |home: &Home| -> Vec<usize> {
        let card = home.json(&["alert", "show", &id]);
        card["notes"].as_array().unwrap().iter().map(|n| n["text"].as_str().unwrap()[5..].parse().unwrap()).collect()
    };
    home.sound();
    let there = notes(&home);
    assert_eq!(there.len(), there.iter().collect::<BTreeSet<_>>().len(), "done twice");
    assert!(acknowledged.iter().all(|n| there.contains(n)), "acknowledged and lost");
    let entries = "select count(*) from audit where act = 'alert.note'";
    assert_eq!(home.count(entries), there.len() as i64, "40: an act without its entry, or the other way round");
    // Whoever does not know asks again with the same key: once is once.
    for n in &killed {
        let o = note(*n).output().unwrap();
        assert!(o.status.success());
        let replayed = serde_json::from_slice::<Value>(&o.stdout).unwrap()["replayed"].as_bool().unwrap();
        assert_eq!(replayed, there.contains(n), "{n}");
    }
    let mut all = notes(&home);
    all.sort_unstable();
    assert_eq!(all, (0..=30).collect::<Vec<_>>());
    assert_eq!(home.count(entries), 31);
    home.sound();
}

fn kill_if_running(child: &mut Child) -> bool {
    if let Some(status) = child.try_wait().unwrap() {
        assert!(status.success());
        return false;
    }
    let _ = child.kill();
    let status = child.wait().unwrap();
    // It may have ended between the two.
    !status.success()
}

/// Files of a folder and of the folders in it.
pub fn files(dir: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { out.extend(files(&path)) } else { out.push(path) }
    }
    out
}
