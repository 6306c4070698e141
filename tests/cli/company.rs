//! A small company in a home of its own.

use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
};
use tempfile::TempDir;

/// The people of the article: 10001 scores 8.2, 10002 7.5, 10003 8.5. Three others are called 张伟.
const EMPLOYEES: &str = "\
number,name,org,post,started,manager,critical,impact
10001,李研,/集团/研发部,研发总监,2019-03-01,,研发,高
10002,王销,/集团/快消部,销售总监,2018-05-01,,销售,高
10003,赵销,/集团/制造部,销售主管,2017-07-01,,销售,高
20001,张伟,/集团/研发部,工程师,2020-01-01,10001,,中
20002,张伟,/集团/快消部,销售,2021-01-01,10002,,低
20003,张伟,/集团/制造部,质检员,2022-01-01,10003,质控,中
";

/// (number, kind, days ago, value, baseline)
const SIGNALS: &[(&str, &str, i64, &str, &str)] = &[
    ("10001", "resume_update", 12, "", ""),
    ("10001", "resume_update", 70, "", ""),
    ("10001", "late", 3, "", ""),
    ("10001", "late", 11, "", ""),
    ("10001", "late", 25, "", ""),
    ("10001", "late", 38, "", ""),
    ("10001", "late", 52, "", ""),
    ("10001", "perf_score", 141, "100", ""),
    ("10001", "perf_score", 51, "80", ""),
    ("10001", "pay_gap", 45, "34000", "40000"),
    ("10002", "resume_update", 20, "", ""),
    ("10002", "leave", 2, "", ""),
    ("10002", "leave", 9, "", ""),
    ("10002", "leave", 16, "", ""),
    ("10002", "leave", 23, "", ""),
    ("10002", "perf_score", 130, "100", ""),
    ("10002", "perf_score", 40, "82", ""),
    ("10003", "resume_update", 8, "", ""),
    ("10003", "leave", 4, "", ""),
    ("10003", "leave", 13, "", ""),
    ("10003", "leave", 27, "", ""),
    ("10003", "leave", 44, "", ""),
    ("10003", "perf_score", 233, "92", ""),
    ("10003", "perf_score", 142, "85", ""),
    ("10003", "perf_score", 51, "78", ""),
    ("10003", "pay_gap", 60, "22000", "25000"),
    ("20001", "late", 5, "", ""),
];

/// A home, and the files beside it.
pub struct Company {
    folder: TempDir,
}

impl Company {
    /// A home that nobody has used yet.
    pub fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A copy of the company: people, signals, scores and three open alerts.
    pub fn new() -> Self {
        static BUILT: OnceLock<Company> = OnceLock::new();
        let built = BUILT.get_or_init(Self::build);
        let copy = Self::empty();
        fs::create_dir(copy.home()).unwrap();
        for file in fs::read_dir(built.home()).unwrap().map(Result::unwrap).filter(|f| f.path().is_file()) {
            fs::copy(file.path(), copy.home().join(file.file_name())).unwrap();
        }
        copy
    }

    fn build() -> Self {
        let c = Self::empty();
        let people = c.file("employees.csv", EMPLOYEES);
        let now = jiff::Timestamp::now();
        let mut signals = String::from("event,number,kind,observed_at,value,baseline\n");
        for (i, (number, kind, days, value, baseline)) in SIGNALS.iter().enumerate() {
            let at = now - jiff::SignedDuration::from_hours(24 * days);
            signals.push_str(&format!("e{i},{number},{kind},{at},{value},{baseline}\n"));
        }
        let signals = c.file("signals.csv", &signals);
        c.ok(&["import", "employees", &people]);
        c.ok(&["signal", "enable", "resume_update", "--basis", "consent"]);
        c.ok(&["import", "signals", &signals]);
        // What roles may not do is roles.rs's.
        fs::write(c.home().join("roles.toml"), "[[hrbp]]\nof = [\"*\"]\n[[hr_manager]]\nof = [\"*\"]\n[[triager]]\nof = [\"*\"]\n")
            .unwrap();
        for (name, role) in [("chen", "hrbp"), ("lin", "hr_manager")] {
            c.ok(&["operator", "add", name, "--role", role]);
        }
        c
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Writes a file beside the home.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().into()
    }

    /// The binary in this home, with nothing of the tester's environment that it reads.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut c = bare(args);
        c.env("TENURE_HOME", self.home()).current_dir(self.folder.path());
        c
    }

    pub fn run(&self, args: &[&str]) -> Answer {
        answer(self.command(args).stdin(Stdio::null()).output().unwrap())
    }

    /// Runs what must succeed.
    pub fn ok(&self, args: &[&str]) -> Answer {
        let a = self.run(args);
        assert_eq!(a.code, 0, "{args:?}: {}{}", a.out, a.err);
        a
    }

    /// The document that a command prints under `--json`.
    pub fn json(&self, args: &[&str]) -> Value {
        self.ok(&[args, &["--json"]].concat()).json()
    }

    /// The open alert of a person: id and version.
    pub fn alert(&self, number: &str) -> (String, String) {
        let all = self.json(&["alert", "list", "--view", "all"]);
        let row = all.as_array().unwrap().iter().find(|r| r["employee"]["number"] == number).unwrap();
        (row["id"].as_str().unwrap().into(), row["version"].to_string())
    }

    /// Number of entries of the act chain, which must verify.
    pub fn entries(&self) -> u64 {
        let v = self.json(&["audit", "verify"]);
        assert_eq!(v["ok"], true);
        v["entries"].as_u64().unwrap()
    }
}

/// The binary without any home.
pub fn bare(args: &[&str]) -> Command {
    let mut c = Command::new(env!("CARGO_BIN_EXE_tenure"));
    for name in ["TENURE_HOME", "TENURE_BACKEND", "TENURE_KEY", "LC_ALL", "LC_MESSAGES", "NO_COLOR"] {
        c.env_remove(name);
    }
    c.env("LANG", "C.UTF-8").args(args);
    c
}

/// What a process left behind.
#[derive(Debug)]
pub struct Answer {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Answer {
    /// Stdout as exactly one JSON document.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {:?}", self.out))
    }

    /// The error document on stderr.
    pub fn error(&self) -> Value {
        let all: Value = serde_json::from_str(&self.err).unwrap_or_else(|e| panic!("{e}: {:?}", self.err));
        all["error"].clone()
    }
}

pub fn answer(o: Output) -> Answer {
    Answer {
        // A signal is not an answer.
        code: o.status.code().unwrap_or(-1),
        out: String::from_utf8(o.stdout).unwrap(),
        err: String::from_utf8(o.stderr).unwrap(),
    }
}

/// Bytes of every file of a folder, for comparing.
pub fn snapshot(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> =
        fs::read_dir(dir).unwrap().map(|f| f.unwrap().path()).filter(|p| p.is_file()).map(|p| (p.clone(), fs::read(p).unwrap())).collect();
    files.sort();
    files
}
