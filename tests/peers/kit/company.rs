//! A home of the real program, as its users have one: every call is a process of its own.

use super::PATIENCE;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::Instant,
};
use tempfile::TempDir;

/// The home, with people, and three operators besides the user of the operating system: lin, wang and chen.
pub struct Company {
    folder: TempDir,
    /// Where the data is, if not in the home's own file.
    server: Option<String>,
}

/// Another host of the company.
pub struct Host<'c> {
    company: &'c Company,
    home: PathBuf,
    skew: Option<&'static str>,
}

impl Host<'_> {
    /// Its clock is off by so much, as libfaketime writes it: `+10m`. What only lasts takes as long as it takes.
    pub fn skewed(self, by: &'static str) -> Self {
        let host = Self { skew: Some(by), ..self };
        let said = host.dressed(Command::new("date")).arg("+%s").output().unwrap();
        let (there, here) = (String::from_utf8(said.stdout).unwrap(), jiff::Timestamp::now().as_second());
        let off = there.trim().parse::<i64>().unwrap() - here;
        assert!(off.abs() > 500, "the clock of that host is not off: {off} s");
        host
    }

    /// A command, with the clock of this host.
    fn dressed(&self, mut c: Command) -> Command {
        if let Some(by) = self.skew {
            let found = fs::read_dir("/usr/lib").unwrap().flatten().map(|e| e.path().join("faketime/libfaketime.so.1"));
            let library = found.into_iter().find(|p| p.exists()).expect("libfaketime is installed by tests/run");
            c.env("LD_PRELOAD", library).env("FAKETIME", by).env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("FAKETIME_DISABLE_SHM", "1");
        }
        c
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut c = self.dressed(self.company.command(args));
        c.env("TENURE_HOME", &self.home);
        c
    }

    /// `tenure worker` on this host.
    pub fn worker(&self) -> Running {
        Running(self.command(&["worker"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// What a command says that must succeed.
    pub fn ok(&self, args: &[&str]) -> String {
        said(args, self.command(args).output().unwrap())
    }
}

fn said(args: &[&str], o: Output) -> String {
    assert!(o.status.success(), "{args:?}: {}{}", String::from_utf8_lossy(&o.stdout), String::from_utf8_lossy(&o.stderr));
    String::from_utf8(o.stdout).unwrap()
}

/// A process that is killed when it goes out of scope.
pub struct Running(Child);

impl Running {
    pub fn of(child: Child) -> Self {
        Self(child)
    }

    /// `kill -9`, and waits until it is gone.
    pub fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Its signals come from elsewhere, too.
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.0)
    }

    /// Stops it in its tracks, wherever it is.
    pub fn pause(&self) {
        kill_process(self.pid(), Signal::STOP).unwrap();
    }

    pub fn go_on(&self) {
        kill_process(self.pid(), Signal::CONT).unwrap();
    }

    /// Its end and what it said.
    pub fn output(mut self) -> Output {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        use std::io::Read;
        self.0.stdout.take().unwrap().read_to_end(&mut out).unwrap();
        self.0.stderr.take().unwrap().read_to_end(&mut err).unwrap();
        Output { status: self.0.wait().unwrap(), stdout: out, stderr: err }
    }
}

/// A disk that is taken away when it goes out of scope.
pub struct Disk(PathBuf);

impl Disk {
    /// Fills it to the last byte.
    pub fn fill(&self) {
        let mut filler = fs::File::create(self.0.join("filler")).unwrap();
        let full = std::io::copy(&mut std::io::repeat(0), &mut filler).unwrap_err();
        assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
    }

    pub fn clear(&self) {
        fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Company {
    /// `people` besides the three of one name (20001, 20002, 20003) and those whom the directory of tests/peers knows; no batch is too
    /// large. Targets as `tenure.toml` has them.
    pub fn new(people: usize, targets: &str) -> Self {
        Self::made(people, targets, None)
    }

    /// The same on a server.
    pub fn on(server: &str, people: usize) -> Self {
        Self::made(people, "", Some(server.into()))
    }

    fn made(people: usize, targets: &str, server: Option<String>) -> Self {
        let company = Self { folder: tempfile::tempdir().unwrap(), server };
        let mut text = String::from(
            "number,name,org,post,started\n20001,张伟,/集团/研发部,工程师,2020-01-01\n20002,张伟,/集团/快消部,销售,2021-01-01\n\
             20003,张伟,/集团/制造部,质检员,2022-01-01\n10252,章维,/集团/制造部,质检员,2022-01-01\n10254,李娜,/集团/制造部,质检员,2022-01-01\n",
        );
        for n in 0..people {
            text.push_str(&format!("{},员工{n},/集团/客服部,客服,2021-01-01\n", 30_000 + n));
        }
        let file = company.folder.path().join("employees.csv");
        fs::write(&file, text).unwrap();
        company.ok(&["import", "employees", file.to_str().unwrap()]);
        // Whoever works at the targets here may do all of it: what roles may not do is tested elsewhere.
        fs::write(company.dir().join("roles.toml"), "[[hrbp]]\nof = [\"*\"]\n[[hr_manager]]\nof = [\"*\"]\n").unwrap();
        for (name, role) in [("lin", "hr_manager"), ("wang", "hrbp"), ("chen", "hrbp")] {
            company.ok(&["operator", "add", name, "--role", role]);
        }
        company.targets(targets);
        company
    }

    /// One more person, as another day's file states it.
    pub fn hire(&self, number: &str, name: &str) {
        let file = self.folder.path().join("hired.csv");
        fs::write(&file, format!("number,name,org,post,started\n{number},{name},/集团/机房,运维,2021-01-01\n")).unwrap();
        self.ok(&["import", "employees", file.to_str().unwrap()]);
    }

    /// A file of the home's folder, for imports.
    pub fn file(&self, name: &str, text: &str) -> String {
        let file = self.folder.path().join(name);
        fs::write(&file, text).unwrap();
        file.display().to_string()
    }

    pub fn dir(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Keeps a secret in a file; what a target says of it.
    pub fn secret(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, format!("{text}\n")).unwrap();
        format!("{{ file = {:?} }}", path.display().to_string())
    }

    /// Declares other targets.
    pub fn targets(&self, targets: &str) {
        Self::declare(&self.dir(), targets);
    }

    fn declare(home: &Path, targets: &str) {
        let config = format!("[freeze]\nbatch_people = 100000\nbatch_share = 1.0\n\n{targets}");
        fs::write(home.join("tenure.toml"), config).unwrap();
    }

    /// The folder of another host that works on the same server: the same key, and ways of its own to the targets.
    pub fn host(&self, name: &str, targets: &str) -> Host<'_> {
        let home = self.folder.path().join(name);
        fs::create_dir(&home).unwrap();
        for file in fs::read_dir(self.dir()).unwrap().flatten().filter(|e| e.path().is_file()) {
            fs::copy(file.path(), home.join(file.file_name())).unwrap();
        }
        Self::declare(&home, targets);
        Host { company: self, home, skew: None }
    }

    pub fn command(&self, args: &[&str]) -> Command {
        self.command_at(self.server.as_deref(), args)
    }

    fn command_at(&self, server: Option<&str>, args: &[&str]) -> Command {
        let mut c = Command::new(env!("CARGO_BIN_EXE_tenure"));
        for name in ["TENURE_BACKEND", "TENURE_KEY", "LC_ALL", "LC_MESSAGES"] {
            c.env_remove(name);
        }
        c.env("TENURE_HOME", self.dir()).env("LANG", "C.UTF-8");
        if let Some(server) = server {
            c.env("TENURE_BACKEND", server);
            if args.contains(&"--as") {
                // On a server nobody asserts who they are. A login by SSH whose command the host has fixed names them.
                c.args(["--forced", "--home", self.dir().to_str().unwrap(), "--backend", server]).env("SSH_CONNECTION", "a test");
            }
        }
        c.args(args).stdin(Stdio::null());
        c
    }

    /// A command under a limit of the size of files, in KiB: beyond it every write fails, as on a full disk.
    pub fn cramped(&self, kib: u32, args: &[&str]) -> Output {
        let mut c = Command::new("bash");
        c.args(["-c", "trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"", "cramped"]).arg(kib.to_string());
        let plain = self.command(args);
        c.arg(plain.get_program()).args(plain.get_args()).stdin(Stdio::null());
        for (name, value) in plain.get_envs() {
            match value {
                Some(value) => c.env(name, value),
                None => c.env_remove(name),
            };
        }
        c.output().unwrap()
    }

    /// Moves the home onto a disk of its own, of so many MiB: it can be full without anything else being so. Wants root.
    pub fn small_disk(&self, mib: u32) -> Disk {
        let (home, new) = (self.dir(), self.folder.path().join("disk"));
        fs::create_dir(&new).unwrap();
        let run =
            |program: &str, args: &[&str]| assert!(Command::new(program).args(args).status().unwrap().success(), "{program} {args:?}");
        let (home_at, new_at) = (home.to_str().unwrap(), new.to_str().unwrap());
        run("mount", &["-t", "tmpfs", "-o", &format!("size={mib}m"), "tmpfs", new_at]);
        let disk = Disk(new.clone());
        run("cp", &["-a", &format!("{home_at}/."), new_at]);
        fs::remove_dir_all(&home).unwrap();
        std::os::unix::fs::symlink(&new, &home).unwrap();
        disk
    }

    /// A process in the background.
    pub fn start(&self, args: &[&str]) -> Running {
        Running(self.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// `tenure worker`, in the background.
    pub fn worker(&self) -> Running {
        self.start(&["worker"])
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// What a command says that must succeed.
    pub fn ok(&self, args: &[&str]) -> String {
        said(args, self.run(args))
    }

    /// The document of a command that must succeed.
    pub fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.ok(&[args, &["--json"]].concat())).unwrap()
    }

    /// The error of a command that must end with that code, and end with a next step or a reason in words.
    pub fn refused(&self, exit: i32, args: &[&str]) -> String {
        Self::code(exit, args, &self.run(&[args, &["--json"]].concat()))
    }

    /// The same with the data elsewhere.
    pub fn refused_at(&self, exit: i32, url: &str, args: &[&str]) -> String {
        Self::code(exit, args, &self.at(url, &[args, &["--json"]].concat()))
    }

    /// A command with the data elsewhere.
    pub fn at(&self, url: &str, args: &[&str]) -> Output {
        self.command_at(Some(url), args).output().unwrap()
    }

    fn code(exit: i32, args: &[&str], o: &Output) -> String {
        let said = String::from_utf8_lossy(&o.stderr).into_owned();
        assert_eq!(o.status.code(), Some(exit), "{args:?}: {}{said}", String::from_utf8_lossy(&o.stdout));
        let error: Value = serde_json::from_str(&said).unwrap_or_else(|e| panic!("{args:?}: {e}: {said}"));
        let message = error["error"]["message"].as_str().unwrap();
        assert!(message.ends_with(['.', '?', ':', ')']) && !message.contains('⟨'), "{message}");
        error["error"]["code"].as_str().unwrap().to_owned()
    }

    /// Asks for a suspension on one person's word; the order's id.
    pub fn suspend(&self, number: &str) -> String {
        let order = self.json(&["freeze", "request", number, "--level", "suspend", "--reason", "left for a competitor"]);
        order["id"].as_str().unwrap().to_owned()
    }

    /// Asks for a suspension in a second, which waits for another person's word; the order's id and the plan's hash.
    pub fn planned(&self, number: &str) -> (String, String) {
        let order = self.json(&["freeze", "request", number, "--level", "suspend", "--at", "1s", "--reason", "last day"]);
        (order["id"].as_str().unwrap().to_owned(), order["plan_hash"].as_str().unwrap().to_owned())
    }

    pub fn order(&self, id: &str) -> Value {
        self.json(&["freeze", "show", id])
    }

    /// Looks at an order again and again until it is as wanted; `always` is asked of each look.
    pub fn until(&self, id: &str, what: &str, always: &dyn Fn(&Value), wanted: &dyn Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let order = self.order(id);
            always(&order);
            if wanted(&order) {
                return order;
            }
            assert!(Instant::now() < deadline, "never {what}: {order:#}");
        }
    }

    /// Until it is in a state.
    pub fn until_state(&self, id: &str, state: &str) -> Value {
        self.until(id, state, &|_| (), &|o| o["state"] == state)
    }

    /// Loads what opens an alert on a person; the alert's id.
    pub fn alarm(&self, number: &str) -> String {
        let now = jiff::Timestamp::now();
        let facts =
            [("resume_update", 12, ""), ("resume_update", 70, ""), ("late", 3, ""), ("late", 11, ""), ("late", 25, ""), ("late", 38, "")];
        let scores = [("perf_score", 141, "100"), ("perf_score", 51, "70")];
        let mut text = String::from("event,number,kind,observed_at,value\n");
        for (n, (kind, days, value)) in facts.iter().chain(&scores).enumerate() {
            let at = now - jiff::SignedDuration::from_hours(24 * days);
            text.push_str(&format!("{number}-{n},{number},{kind},{at},{value}\n"));
        }
        // It may be on already.
        self.run(&["signal", "enable", "resume_update", "--basis", "consent"]);
        self.ok(&["import", "signals", &self.file("signals.csv", &text)]);
        let all = self.json(&["alert", "list", "--view", "all"]);
        let of = all.as_array().unwrap().iter().find(|a| a["employee"]["number"] == number);
        of.unwrap_or_else(|| panic!("no alert: {all:#}"))["id"].as_str().unwrap().to_owned()
    }

    /// The notes of an alert, sorted.
    pub fn notes(&self, alert: &str) -> Vec<String> {
        let card = self.json(&["alert", "show", alert]);
        let mut notes: Vec<String> = card["notes"].as_array().unwrap().iter().map(|n| n["text"].as_str().unwrap().into()).collect();
        notes.sort();
        notes
    }

    /// Open alerts of a kind.
    pub fn alerts(&self, kind: &str) -> usize {
        let all = self.json(&["alert", "list", "--view", "all"]);
        all.as_array().unwrap().iter().filter(|a| a["kind"] == kind).count()
    }

    /// Whether the audit chain verifies.
    pub fn sound(&self) {
        assert_eq!(self.json(&["audit", "verify"])["ok"], true);
    }
}
