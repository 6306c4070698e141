//! PostgreSQL as a company runs it, and what befalls it.

use super::{PATIENCE, Peer};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};
use tenure::store::postgres::PgDb;

/// One of the servers, by the name of its folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    Primary,
    Standby,
}

impl Node {
    fn name(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Standby => "standby",
        }
    }
}

/// The servers of `tests/peers/database`.
pub struct Cluster(Peer);

impl Cluster {
    pub fn start(args: &[&str]) -> Self {
        Self(Peer::start("database", args))
    }

    pub fn word(&self, key: &str) -> &str {
        self.0.word(key)
    }

    fn port(&self, node: Node) -> &str {
        self.word(if node == Node::Primary { "port" } else { "standby" })
    }

    /// A database of one server.
    pub fn url(&self, node: Node, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port(node))
    }

    /// A database of whichever server takes writes; the primary of the beginning is asked first.
    pub fn either(&self, database: &str) -> String {
        let (one, other) = (self.port(Node::Primary), self.port(Node::Standby));
        format!("postgres://postgres@127.0.0.1:{one},127.0.0.1:{other}/{database}?target_session_attrs=read-write&connect_timeout=2")
    }

    /// A database behind the pooler.
    pub fn pooled(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.word("pool"))
    }

    /// Makes an empty database; gives its name.
    pub fn database<'n>(&self, name: &'n str) -> &'n str {
        self.sql(Node::Primary, "postgres", &format!("create database {name}"));
        name
    }

    /// Runs a statement outside the program.
    pub fn sql(&self, node: Node, database: &str, sql: &str) {
        PgDb::open(&self.url(node, database), None, None, None).unwrap().batch(sql).unwrap();
    }

    fn data(&self, node: Node) -> PathBuf {
        Path::new(self.word("dir")).join(node.name())
    }

    /// The server's processes, its first one first.
    fn processes(&self, node: Node) -> Vec<Pid> {
        let file = fs::read_to_string(self.data(node).join("postmaster.pid")).unwrap();
        let first: i32 = file.lines().next().unwrap().trim().parse().unwrap();
        let children = fs::read_dir("/proc").unwrap().flatten().filter_map(|e| {
            let pid: i32 = e.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(e.path().join("stat")).ok()?;
            // After the name, which may hold anything: state, parent.
            let parent: i32 = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
            (parent == first).then_some(pid)
        });
        std::iter::once(first).chain(children).filter_map(Pid::from_raw).collect()
    }

    /// Stops a whole server in its tracks: connections stay, and nobody answers.
    pub fn hang(&self, node: Node) {
        // The first first: it makes no new ones then.
        kill_process(self.processes(node)[0], Signal::STOP).unwrap();
        for pid in self.processes(node).into_iter().skip(1) {
            let _ = kill_process(pid, Signal::STOP);
        }
    }

    pub fn go_on(&self, node: Node) {
        for pid in self.processes(node) {
            let _ = kill_process(pid, Signal::CONT);
        }
    }

    /// `kill -9` of a whole server, as if its machine had lost power.
    pub fn kill(&self, node: Node) {
        let all = self.processes(node);
        for pid in &all {
            let _ = kill_process(*pid, Signal::KILL);
        }
        let deadline = Instant::now() + PATIENCE;
        while all.iter().any(|p| Path::new(&format!("/proc/{}", p.as_raw_nonzero())).exists()) {
            assert!(Instant::now() < deadline, "a killed server lives");
            std::thread::yield_now();
        }
    }

    fn control(&self, node: Node, args: &[&str]) {
        let (user, ctl) = (self.word("as"), format!("{}/pg_ctl", self.word("bin")));
        let mut command = if user == "-" { Command::new(&ctl) } else { Command::new("runuser") };
        if user != "-" {
            command.args(["-u", user, "--", &ctl]);
        }
        let log = Path::new(self.word("dir")).join(format!("{}.again", node.name()));
        let file = || fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
        command.arg("-D").arg(self.data(node)).args(args).current_dir(self.word("dir"));
        let done = command.stdin(std::process::Stdio::null()).stdout(file()).stderr(file()).status().unwrap();
        assert!(done.success(), "pg_ctl {args:?}: {}", fs::read_to_string(&log).unwrap_or_default());
    }

    pub fn promote(&self) {
        self.control(Node::Standby, &["-w", "promote"]);
    }

    /// Starts a server that has ended.
    pub fn again(&self, node: Node) {
        self.control(node, &["-w", "start"]);
    }

    /// Ends a server in good order.
    pub fn end(&self, node: Node) {
        self.control(node, &["-w", "-m", "fast", "stop"]);
    }
}
