//! The console behind a real sshd with the shipped configuration: who it is, what cannot be done, and what a cut connection costs.

use crate::{
    harness::{Console, Home, PATIENCE},
    kit::{Peer, scim::Plain},
};
use serde_json::Value;
use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
    thread,
    time::Instant,
};
use termlens::{Signal, Terminal};

const PROGRAM: &str = env!("CARGO_BIN_EXE_tenure");

/// A host before a copy of a home. `lin` and `chen` are operators with a registered key each; their names bear the host's mark.
struct Host(Peer);

impl Host {
    fn new(home: &Home, more: &[&str]) -> Self {
        // Whoever comes first owns it.
        home.must(&["operator", "add", "first", "--role", "auditor"]);
        // What a role may not do is tested elsewhere.
        std::fs::write(home.path().join("roles.toml"), "[[hr_manager]]\nof = [\"*\"]\n[[hrbp]]\nof = [\"*\"]\n").unwrap();
        let host = Self(Peer::start("shared-host", &[&[PROGRAM, home.path().to_str().unwrap()], more].concat()));
        for (key, role) in [("lin", "hr_manager"), ("chen", "hrbp")] {
            host.ok(&["operator", "add", &host.name(key), "--role", role]);
            host.ok(&["operator", "key", &host.name(key), &host.at(&format!("{key}.pub"))]);
        }
        host
    }

    /// A path in the peer's folder.
    fn at(&self, file: &str) -> String {
        format!("{}/{file}", self.0.word("dir"))
    }

    fn name(&self, operator: &str) -> String {
        format!("{}{operator}", self.0.word("mark"))
    }

    /// The account that the console runs as.
    fn account(&self) -> String {
        self.name("hr")
    }

    /// `tenure` on the host, as the account itself.
    fn tenure(&self, args: &[&str]) -> Output {
        let mut command = Command::new("runuser");
        command.args(["-u", &self.account(), "--", "env", "-i", "LANG=C.UTF-8", &self.at("tenure"), "--home", &self.at("home")]);
        // Whoever made the home owns it.
        command.args(args).args(["--as", "root"]).stdin(Stdio::null()).output().unwrap()
    }

    #[track_caller]
    fn ok(&self, args: &[&str]) -> String {
        let o = self.tenure(args);
        assert!(o.status.success(), "{args:?}: {}{}", String::from_utf8_lossy(&o.stdout), String::from_utf8_lossy(&o.stderr));
        String::from_utf8(o.stdout).unwrap()
    }

    #[track_caller]
    fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.ok(&[args, &["--json"]].concat())).unwrap()
    }

    /// What `ssh`, `scp` and `sftp` have in common.
    fn client(&self, key: &str) -> Vec<String> {
        ["-F", &self.at("config"), "-i", &self.at(key)].map(str::to_owned).into()
    }

    /// A login in a terminal: with a key, to an account, with more options before and arguments after it.
    fn login_to(&self, account: &str, key: &str, more: &[&str], args: &[&str]) -> Console {
        let mut builder = Terminal::builder().size(80, 24).timeout(PATIENCE).env_clear();
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("PATH", "/usr/bin:/bin"), ("HOME", "/nonexistent")] {
            builder = builder.env(name, value);
        }
        let all: Vec<String> = self.client(key).into_iter().chain(more.iter().map(|m| (*m).to_owned())).collect();
        Console(builder.args(all).args([format!("{account}@here")]).args(args.iter().copied()).spawn("ssh").unwrap())
    }

    fn login(&self, key: &str) -> Console {
        self.login_to(&self.account(), key, &[], &[])
    }

    /// A call of a client without a terminal.
    fn call(&self, program: &str, args: &[&str]) -> Output {
        Command::new(program).args(self.client("lin")).args(args).stdin(Stdio::null()).output().unwrap()
    }

    /// The one process of the console on the host; `None` when there is none.
    fn process(&self) -> Option<String> {
        let found = Command::new("pgrep").args(["-u", &self.account(), "-x", "tenure"]).output().unwrap();
        String::from_utf8(found.stdout).unwrap().lines().next().map(str::to_owned)
    }

    /// Waits until the console on the host has ended, whatever became of the client.
    fn gone(&self) {
        let deadline = Instant::now() + PATIENCE;
        while self.process().is_some() {
            assert!(Instant::now() < deadline, "the console outlives its connection");
            thread::yield_now();
        }
    }

    /// Sends a signal to processes of the account by name.
    fn signal(&self, signal: &str, name: &str) {
        let sent = Command::new("pkill").args([signal, "-u", &self.account(), "-x", name]).status().unwrap();
        assert!(sent.success(), "there is a {name}");
    }

    /// Operator and proof of the newest entry of an act.
    fn by(&self, act: &str) -> (String, String) {
        let entries = self.json(&["audit", "list"]);
        let entry = entries.as_array().unwrap().iter().find(|e| e["act"] == act).unwrap_or_else(|| panic!("no {act}"));
        (entry["operator_name"].as_str().unwrap().into(), entry["proof"].as_str().unwrap().into())
    }
}

/// Opens the queue and writes a note on the first row, unsent.
fn writes(console: &mut Console, text: &str) {
    console.press("g a").sees("[Alerts]");
    console.until("a row has the cursor", |screen| screen.text().lines().any(|row| row.starts_with("> ")));
    console.press("c").sees("Ctrl-D").types(text).sees(text);
}

fn notes(host: &Host) -> String {
    let alerts = host.json(&["alert", "list", "--view", "all"]);
    let shown = alerts.as_array().unwrap().iter().map(|a| host.ok(&["alert", "show", a["id"].as_str().unwrap(), "--json"]));
    shown.collect()
}

/// Variables that would change who, where or what if anything looked at them.
const FORGED: &str = "TENURE_AS=chen TENURE_OPERATOR=chen TENURE_HOME=/tmp TENURE_BACKEND=sqlite:/tmp TENURE_TOKEN=tnr_0 TENURE_PROFILE=x \
                      TENURE_KEY=00 EDITOR=/bin/sh PAGER=/bin/sh SHELL=/bin/bash XDG_DATA_HOME=/tmp RUST_BACKTRACE=full LD_LIBRARY_PATH=/tmp";

#[test]
fn the_key_says_who_it_is_and_the_session_does_not() {
    let host = Host::new(&Home::sample(), &[]);
    let careless = host.name("as");
    let forged = format!("SetEnv={FORGED}");
    for (account, key, operator) in [(host.account(), "lin", "lin"), (host.account(), "chen", "chen"), (careless.clone(), "named", "lin")] {
        let operator = host.name(operator);
        let mut console = host.login_to(&account, key, &["-o", &forged], &[]);
        console.sees(&format!("{operator} (SSH key)"));
        let environ = fs::read_to_string(format!("/proc/{}/environ", host.process().unwrap())).unwrap();
        for name in ["TENURE_", "EDITOR", "PAGER", "XDG_", "RUST_", "LD_", "SHELL"] {
            assert!(!environ.split('\0').any(|v| v.starts_with(name)), "{name}: {environ:?}");
        }
        let text = format!("written with the key {key}");
        writes(&mut console, &text);
        console.press("ctrl-d").sees("Done: note");
        assert_eq!(host.by("alert.note"), (operator, "ssh_key".into()));
        console.press("Q");
        assert_eq!(console.ends_saying(""), 0);
        assert!(notes(&host).contains(&text));
    }

    // A key that may log in and that nobody registered.
    let console = host.login("stranger");
    assert_eq!(console.ends_saying("registered for no operator"), 3);
    // Removed, it opens nothing; the other one still does.
    host.ok(&["operator", "unkey", &host.at("chen.pub")]);
    assert_eq!(host.login("chen").ends_saying("registered for no operator"), 3);
    // A careless sshd hands on what the client says of its own proof: it is not sshd's file.
    let list = host.at("proof");
    fs::write(&list, format!("publickey {}", fs::read_to_string(host.at("chen.pub")).unwrap())).unwrap();
    let told = format!("SetEnv=SSH_USER_AUTH={list}");
    assert_eq!(host.login_to(&careless, "named", &["-o", &told], &[]).ends_saying("cannot be trusted"), 3);
    host.ok(&["operator", "revoke", &host.name("lin")]);
    assert_eq!(host.login("lin").ends_saying("registered for no operator"), 3);
    assert_eq!(host.login_to(&careless, "named", &[], &[]).ends_saying("was revoked"), 3);
    assert_eq!(host.json(&["audit", "verify"])["ok"], true);
}

#[test]
fn there_is_nothing_but_the_console() {
    let host = Host::new(&Home::sample(), &[]);
    let entries = host.json(&["audit", "verify"])["entries"].clone();
    let (user, marker) = (format!("{}@here", host.account()), host.at("home/marker"));
    let other = host.name("chen");
    for command in
        [&["touch", &marker][..], &["/bin/sh"], &["--as", &other], &["tenure", "operator", "list"], &["-t", "--", "tenure", "--as", &other]]
    {
        let (before, after): (Vec<&str>, Vec<&str>) = command.iter().partition(|a| **a == "-t");
        let o = host.call("ssh", &[&before[..], &["--", &user], &after].concat());
        let said = format!("{}{}", String::from_utf8_lossy(&o.stdout), String::from_utf8_lossy(&o.stderr));
        assert!(o.status.code() == Some(2) && said.contains("Only the console runs here"), "{command:?}: {said}");
    }
    let o = host.call("ssh", &["-s", "--", &user, "sftp"]);
    assert_eq!(o.status.code(), Some(2), "{o:?}");
    let o = host.call("ssh", &["-T", "--", &user]);
    assert!(o.status.code() == Some(2) && String::from_utf8_lossy(&o.stderr).contains("needs a terminal"), "{o:?}");
    let to = format!("{user}:{marker}");
    for args in [&["/etc/hostname", &to][..], &["-O", "/etc/hostname", &to]] {
        assert!(!host.call("scp", args).status.success(), "scp {args:?}");
    }
    assert!(!host.call("sftp", &[&user]).status.success());
    let there = format!("127.0.0.1:{}", host.0.word("port"));
    for forward in
        [&["-W", &there][..], &["-o", "ExitOnForwardFailure=yes", "-R", "127.0.0.1:0:127.0.0.1:1"], &["-R", "/tmp/tenure-no:127.0.0.1:1"]]
    {
        let o = host.call("ssh", &[forward, &["-N", "-o", "ExitOnForwardFailure=yes", "--", &user]].concat());
        assert!(!o.status.success() && o.stdout.is_empty(), "{forward:?}: {o:?}");
    }
    assert!(!Path::new(&marker).exists());

    // Stopped from the keyboard before it is up, while it is up, and from outside: it goes on.
    let mut console = host.login("lin");
    console.types("\x1a\x1a").sees("(SSH key)").press("ctrl-z").press("g a").sees("[Alerts]");
    host.signal("-TSTP", "tenure");
    console.press("g p").sees("[People]");
    let state = fs::read_to_string(format!("/proc/{}/stat", host.process().unwrap())).unwrap();
    assert!(!state.rsplit(')').next().unwrap().trim().starts_with('T'), "{state}");
    console.press("Q");
    assert_eq!(console.ends_saying(""), 0);
    assert_eq!(host.json(&["audit", "verify"])["entries"], entries, "nothing was done");
}

#[test]
fn files_go_through_the_inbox() {
    let host = Host::new(&Home::empty(), &["files"]);
    let lin = format!("{}@here", host.name("lin"));
    let (new, batch) = (host.at("new.csv"), host.at("batch"));
    fs::write(&new, "number,name,org,post,started\n77001,新人,/集团,工程师,2026-01-01\n").unwrap();
    let sftp = |lines: &str| {
        fs::write(&batch, lines).unwrap();
        host.call("sftp", &["-b", &batch, &lin])
    };
    let o = sftp(&format!("put {new} inbox/new.csv\nln -s /etc/passwd inbox/link\nls inbox\n"));
    assert!(o.status.success() && String::from_utf8_lossy(&o.stdout).contains("new.csv"), "{o:?}");
    for out in ["get /etc/passwd /dev/null", "get ../../etc/passwd /dev/null", "put /etc/hostname hostname", "get inbox/link /dev/null"] {
        assert!(!sftp(&format!("{out}\n")).status.success(), "{out}");
    }
    let o = host.call("ssh", &["--", &lin, "id"]);
    assert!(!o.status.success() && !String::from_utf8_lossy(&o.stdout).contains("uid="), "no command there either: {o:?}");

    let mut console = host.login("lin");
    console.sees("(SSH key)");
    console.sees("Load people of your own").press("i").sees("What it holds");
    for wrong in ["/etc/passwd", "../outbox/x", "link"] {
        console.types(wrong).press("enter").sees(&format!("{wrong} is not in your inbox")).press("ctrl-u");
    }
    console.types("new.csv").press("enter").sees("Loading");
    // The session runs no jobs.
    host.ok(&["worker", "--once"]);
    console.sees("Loaded: 1 new").press("enter Q");
    assert_eq!(console.ends_saying(""), 0);
    assert_eq!(host.json(&["employee", "list", "77001"]).as_array().unwrap().len(), 1);
    assert_eq!(host.by("import.publish"), (host.name("lin"), "ssh_key".into()));
}

#[test]
fn a_cut_connection_loses_no_note_and_leaves_orders_to_be_carried_out() {
    let peer = Peer::start("scim2", &[]);
    let plain = Plain { base: peer.word("url").into(), token: peer.word("token").into() };
    let account = plain.add("zw77002", "77002");
    let home = Home::sample();
    fs::write(home.path().join("token"), peer.word("token")).unwrap();
    home.config(&format!(
        "[console]\nlocked = \"\"\n[[targets]]\nname = \"idp\"\nkind = \"scim\"\nurl = {:?}\ntoken = {{ file = \"token\" }}\n\
         match = \"employee_number = externalId\"\nsession_max = \"0s\"\n",
        peer.word("url")
    ));
    let people = home.path().join("new.csv");
    fs::write(&people, "number,name,org,post,started\n77002,张伟,/华信集团,工程师,2026-01-01\n").unwrap();
    home.must(&["import", "employees", people.to_str().unwrap()]);
    let host = Host::new(&home, &[]);

    // The client is killed in the middle of a word, then sshd's own process, then the console is told that the terminal is gone.
    for (n, cut) in ["client", "sshd", "hangup"].into_iter().enumerate() {
        let mut console = host.login("lin");
        console.sees("(SSH key)");
        let text = format!("he will talk to her on day {n}, and half a wo");
        writes(&mut console, &text);
        match cut {
            "client" => console.0.signal(Signal::Kill).unwrap(),
            "sshd" => host.signal("-KILL", "sshd(-session)?"),
            _ => host.signal("-HUP", "tenure"),
        }
        if cut == "hangup" {
            // The link is there: the terminal is given back.
            console.ends_saying("");
        } else {
            console.0.wait_exit().unwrap();
        }
        host.gone();
        assert!(!notes(&host).contains(&text), "nothing was sent");
        let mut console = host.login("lin");
        console.sees("the connection was cut");
        console.press("g a").sees("[Alerts]");
        console.until("a row has the cursor", |screen| screen.text().lines().any(|row| row.starts_with("> ")));
        console.press("c").sees(&text).types("rd").press("ctrl-d").sees("Done: note").press("Q");
        console.ends_saying("");
        assert!(notes(&host).contains(&format!("{text}rd")));
        host.gone();
    }
    let mut other = host.login("chen");
    other.sees("(SSH key)");
    assert!(!other.screen().contains("the connection was cut"), "what somebody else typed is theirs");
    other.press("Q");
    other.ends_saying("");

    // An order is asked for, and the connection is cut while nothing carries it out.
    let mut console = host.login("lin");
    console.sees("(SSH key)").press("g f F").types("77002").press("enter").sees("zw77002");
    console.press("enter").sees("Type it").types("INC-7").press("tab tab").types("7002Z").press("ctrl-d").sees_in_row("idp", "pending");
    console.0.signal(Signal::Kill).unwrap();
    host.gone();
    assert!(plain.active(&account), "nothing was sent yet");
    let mut console = host.login("lin");
    console.sees("(SSH key)").press("g f").sees_in_row("77002", "L2").press("enter").sees("INC-7");
    host.ok(&["worker", "--once"]);
    console.sees_in_row("idp", "confirmed").press("Q");
    console.ends_saying("");
    assert!(!plain.active(&account));
    assert_eq!(host.by("freeze.request"), (host.name("lin"), "ssh_key".into()));
    assert_eq!(host.json(&["audit", "verify"])["ok"], true);
}

/// What sshd makes of the shipped file for somebody.
fn effective(user: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("key");
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key).status().unwrap();
    assert!(made.success());
    fs::create_dir_all("/run/sshd").unwrap();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/deploy/sshd");
    let spec = format!("user={user},host=h,addr=127.0.0.1");
    // It wants to be called by its whole path.
    let sshd = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"].into_iter().find(|p| Path::new(p).exists()).expect("openssh-server");
    let o = Command::new(sshd).args(["-T", "-C", &spec, "-f"]).arg(shipped).arg("-h").arg(&key).output().unwrap();
    assert!(o.status.success(), "{o:?}");
    String::from_utf8(o.stdout).unwrap()
}

#[test]
fn the_shipped_files_are_taken_by_sshd_and_systemd() {
    let console = effective("tenure");
    for line in [
        "forcecommand /usr/bin/tenure --forced --home /var/lib/tenure",
        "exposeauthinfo yes",
        "disableforwarding yes",
        "permituserrc no",
        "permittty yes",
        "authenticationmethods publickey",
        "maxsessions 1",
    ] {
        assert!(console.lines().any(|l| l == line), "{line}:\n{console}");
    }
    let accepted: Vec<_> = console.lines().filter_map(|l| l.strip_prefix("acceptenv ")).collect();
    assert_eq!(accepted, ["LANG", "LC_*", "COLORTERM", "NO_COLOR"]);
    assert!(effective("somebody").contains("forcecommand none"), "nobody else is touched");

    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/deploy");
    for unit in ["tenure-worker.service", "tenure-serve.service"] {
        let text = fs::read_to_string(deploy.join(unit)).unwrap();
        assert!(text.contains("NoNewPrivileges=yes") && text.contains("ProtectSystem=strict") && text.contains("User=tenure"));
        // Its command line is one that the program takes.
        let exec = text.lines().find_map(|l| l.strip_prefix("ExecStart=/usr/bin/tenure ")).unwrap();
        let help = Command::new(PROGRAM).args(exec.split(' ')).arg("--help").output().unwrap();
        assert!(help.status.success(), "{exec}: {help:?}");
        let dir = tempfile::tempdir().unwrap();
        let copy = dir.path().join(unit);
        fs::write(&copy, text.replace("/usr/bin/tenure", PROGRAM)).unwrap();
        let o = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&copy).output().unwrap();
        assert!(o.status.success() && !String::from_utf8_lossy(&o.stderr).contains(unit), "{o:?}");
    }
}
