//! Figures, not assertions: `cargo bench`. Each one stands beside a peer of the same run where there is one.
//!
//! `TENURE_BENCH_EMPLOYEES` sets the size of the company (2,000 by default; about 20 signals a person), `TENURE_BENCH_SIGNALS` the length
//! of the file that is imported (100,000). `cargo bench -- freezes` freezes people on a real server, which `tests/peers/install` installs:
//! `TENURE_BENCH_FREEZES` says how many (1,000). `cargo bench -- server` acts and asks on PostgreSQL, `cargo bench -- far` over HTTP.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod console;
mod far;
mod freezes;
mod import;
#[path = "../peers/kit/mod.rs"]
mod kit;
// The pty tests use all of it.
#[allow(dead_code)]
#[path = "../pty/raw.rs"]
mod raw;
mod scoring;
mod server;

use std::{
    fmt::Display,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_tenure");

fn main() {
    let employees = std::env::var("TENURE_BENCH_EMPLOYEES").ok().and_then(|n| n.parse().ok()).unwrap_or(2_000);
    let bench = Bench { employees, folder: tempfile::tempdir().unwrap() };
    if std::env::args().any(|a| a == "freezes") {
        return freezes::run(&bench);
    }
    println!("company of {employees} people; {} build\n", if cfg!(debug_assertions) { "debug" } else { "release" });
    row("what", "figure", "beside");

    let (sample, took) = timed(|| bench.sample());
    row("the sample company is built", seconds(took), "");
    let only = |what: &str| std::env::args().any(|a| a == what);
    if only("server") {
        return server::run(&bench, &sample);
    }
    if only("far") {
        return far::run(&bench, &sample);
    }
    start(&bench);
    console::run(&bench, &sample);
    import::run(&bench, &sample);
    scoring::run(&bench, &sample);
}

/// The binary alone.
fn start(bench: &Bench) {
    let mut times: Vec<_> = (0..50).map(|_| timed(|| bench.must(Path::new("/nonexistent"), &["--version"])).1).collect();
    let mut peer: Vec<_> = (0..50).map(|_| timed(|| Command::new("/bin/true").status().unwrap()).1).collect();
    let (ours, floor) = (percentile(&mut times, 50), percentile(&mut peer, 50));
    row("tenure --version, p50", millis(ours), &format!("/bin/true {}", millis(floor)));
}

/// Where everything is and how large it is.
pub struct Bench {
    pub employees: u32,
    folder: TempDir,
}

impl Bench {
    fn sample(&self) -> PathBuf {
        let home = self.folder.path().join("sample");
        self.must(&home, &["demo", "--no-console", "--employees", &self.employees.to_string(), "--seed", "1"]);
        home
    }

    /// A copy of a home under another name.
    pub fn copy(&self, home: &Path, name: &str) -> PathBuf {
        let copy = self.folder.path().join(name);
        fs::create_dir_all(&copy).unwrap();
        for entry in fs::read_dir(home).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
            fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
        }
        copy
    }

    /// A file in the folder that goes away at the end.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command line on a home.
    pub fn command(&self, home: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(args).env("TENURE_HOME", home).env("LANG", "C.UTF-8").env("TERM", "xterm-256color").stdin(Stdio::null());
        command
    }

    /// The same, run to its end; its output.
    pub fn must(&self, home: &Path, args: &[&str]) -> String {
        let output = self.command(home, args).output().unwrap();
        assert!(output.status.success(), "tenure {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

/// One line of the table.
pub fn row(what: &str, figure: impl Display, beside: &str) {
    println!("{what:<58}{:>16}   {beside}", figure.to_string());
}

pub fn timed<T>(f: impl FnOnce() -> T) -> (T, Duration) {
    let started = Instant::now();
    let value = f();
    (value, started.elapsed())
}

pub fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times.get((times.len() * percent / 100).min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}

pub fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

pub fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

pub fn rate(count: usize, time: Duration) -> String {
    format!("{:.0}/s", count as f64 / time.as_secs_f64())
}

/// Most memory that a running process ever held.
pub fn peak(process: u32) -> Option<String> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let kib: f64 = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().trim_end_matches(" kB").parse().ok()?;
    Some(format!("{:.1} MB", kib / 1024.0))
}
