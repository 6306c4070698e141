//! One script of commands says the same on every engine: what it prints, its exit codes, and in the end who has seen whom.
//!
//! All homes begin as copies of one sample company, with one clock that stands still and one order of ids, so that nothing has to be made
//! alike first but what is random: tokens, and the seals of what is written about people. The lines of `script.txt` come first; then as many
//! that a seed draws as make three hundred. Exit 6 is not among them: how an engine is lost is a matter of its own (tests/peers).

use crate::{
    kit::{Api, Engine, ROOMS, Time, publish, said, zone},
    peer,
    sim::Sim,
};
use clap::{CommandFactory, Parser};
use jiff::{SignedDuration, Timestamp};
use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::{Command as Process, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};
use tempfile::TempDir;
use tenure::{
    cli::{Cli, Command, Settle, Use},
    demo::{self, Spec},
    domain::{
        audit::Entry,
        ids::{OperatorId, TokenId},
        operator::{Identity, Operator, Proof, Role},
        token::{Scope, Token},
    },
    http::Client,
    service::{
        Options, Service,
        home::id_maker,
        migrate::{Place, migrate},
    },
    store::{self, audit::Chain},
    text::{Lang, Texts},
    worker,
};
use uuid::Uuid;
use zeroize::Zeroizing;

const COMMANDS: usize = 300;

fn now() -> Timestamp {
    "2026-03-02T02:00:00Z".parse().unwrap()
}

/// A line of the script.
#[derive(Clone, Debug)]
struct Line {
    /// Time that passes first.
    days: i64,
    who: String,
    words: Vec<String>,
    /// (word, pointer into what is printed)
    keeps: Vec<(String, String)>,
}

/// Words as a shell would see them.
fn words(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    for (n, part) in text.split('\'').enumerate() {
        match n % 2 {
            0 => all.extend(part.split_whitespace().map(str::to_owned)),
            _ => all.push(part.to_owned()),
        }
    }
    all
}

fn line(text: &str) -> Line {
    let (command, keeps) = text.split_once(" | ").unwrap_or((text, ""));
    let mut all = words(command);
    let days = all[0].strip_prefix('+').and_then(|d| d.strip_suffix('d')).map_or(0, |d| d.parse().unwrap());
    if days > 0 {
        all.remove(0);
    }
    let keeps = keeps.split_whitespace().map(|k| k.split_once('=').map(|(k, p)| (k.into(), p.into())).unwrap()).collect();
    Line { days, who: all.remove(0), words: all, keeps }
}

/// Lines that a seed draws: whoever does whatever to whomever, sense or not.
fn drawn(count: usize) -> Vec<Line> {
    let mut dice = ChaCha8Rng::seed_from_u64(300);
    let forms = [
        "employee show N",
        "employee timeline N --limit 4",
        "employee list X --limit 3",
        "risk score N",
        "risk explain N --as-of 2026-02-1D",
        "risk predict N --set pay_gap=D --set attendance_growth=D",
        "alert show N",
        "alert ack N M",
        "alert note N M --text 'D 次电话'",
        "alert snooze N --until Dd --reason '排班D'",
        "alert escalate N M --reason D",
        "alert talk N --needs D --next D --at Dh",
        "alert talk N --needs D --at 'Dh ago'",
        "alert dismiss N --code duplicate",
        "plan create N --template training --text '培训D' --cost D00",
        "plan list X",
        "offboarding start N --exit contract_ended --last-day 2026-05-1D",
        "offboarding show N",
        "customer list --owner N --limit 2",
        "customer list X --limit 2",
        "freeze plan N --level suspend",
        "freeze request N --level restrict --confirm 000D",
        "offboarding list --limit 2",
        "audit list --limit D",
        "employee sort-name N 'name D' --expect D",
    ];
    let busy: [u32; 7] = [10_013, 10_044, 10_050, 10_060, 10_023, 10_417, 10_002];
    let one = |_| {
        let form = forms.choose(&mut dice).unwrap();
        let n = if dice.random_bool(0.5) { 10_001 + dice.random_range(0..60) } else { *busy.choose(&mut dice).unwrap() };
        let (n, m) = (n.to_string(), [10_013, 10_044, 10_050, 10_060].choose(&mut dice).unwrap().to_string());
        let (d, x) = (dice.random_range(1..9).to_string(), ["张", "wang", "K00004", "10", "无"].choose(&mut dice).unwrap());
        let who = ["zhang-hr", "li-hrm", "chen-director", "wang-triage"].choose(&mut dice).unwrap();
        let put = |word: &String| match word.as_str() {
            "N" => n.clone(),
            "M" => m.clone(),
            "X" => (*x).to_owned(),
            _ => word.replace('D', &d),
        };
        Line { days: 0, who: (*who).to_owned(), words: words(form).iter().map(put).collect(), keeps: Vec::new() }
    };
    (0..count).map(one).collect()
}

fn script() -> Vec<Line> {
    let mut all: Vec<_> = include_str!("script.txt").lines().filter(|l| !l.is_empty() && !l.starts_with('#')).map(line).collect();
    all.extend(drawn(COMMANDS.saturating_sub(all.len())));
    all
}

/// The files that the script names.
fn files(dir: &Path) {
    let people = "number,name,org,post,started\n70001,赵新,/华夏,专员,2026-02-01\n70002,钱新,/华夏,专员,2026-02-01\n";
    let signals = "event,number,kind,observed_at\ns1,70001,late,2026-02-20T01:00:00Z\ns2,70001,late,2026-02-24T01:00:00Z\n";
    for (name, text) in [
        ("people.csv", people),
        ("signals.csv", signals),
        (
            "bad.csv",
            "event,number,kind,observed_at\ns3,70002,late,2026-02-20T01:00:00Z\ns4,70009,late,2026-02-24T01:00:00Z\ns5,70001,late,never\n",
        ),
        ("exits.csv", "number,last_day,exit\n70002,2026-03-01,resigned\n"),
        ("customers.csv", "number,name,owner\nK7000001,新客户,70001\n"),
        ("orders.csv", "number,customer,placed_on,amount\nD7000001,K7000001,2026-03-01,120.50\n"),
        ("receivables.csv", "number,customer,amount,due_on\nR7000001,K7000001,80,2026-03-20\n"),
        ("inputs.json", "{\"pay_gap\": 0.2, \"attendance_growth\": 1}"),
        ("evidence.txt", "客户清单与钥匙已交接\n"),
    ] {
        fs::write(dir.join(name), text).unwrap();
    }
}

/// The sample company that every home is a copy of, and a token for each of its operators.
struct Sample {
    dir: TempDir,
    crew: BTreeMap<String, (Identity, String)>,
}

fn open(dir: &Path, server: Option<String>, time: &Time, sims: &[Sim]) -> Arc<Service> {
    let targets = Some(sims.iter().map(Sim::shared).collect());
    let fixed = Some((time.still(), id_maker(ChaCha8Rng::seed_from_u64(7))));
    Service::open(Options { create: false, server, fixed, targets, ..Options::new(dir) }).unwrap()
}

fn sample() -> Sample {
    let dir = tempfile::tempdir().unwrap();
    demo::home::build(dir.path(), &Spec { employees: 60, seed: 7, ..Spec::new(now(), zone()) }, false, |_| {}).unwrap();
    let service = open(dir.path(), None, &Time::new(now()), &[]);
    // Whoever does what no other role may.
    let boss = Operator::new(OperatorId(Uuid::from_u128(100)), "boss".into(), Role::Owner, None, now());
    service.db().write(|tx| store::operator::put(tx, &boss)).unwrap();
    let mut crew = BTreeMap::new();
    for (n, name) in demo::operators().iter().map(|(name, _)| name).chain([&"boss"]).enumerate() {
        let who = Identity { proof: Proof::Token, ..service.identify(Some(name)).unwrap() };
        let secret = format!("token of {name}");
        let token = Token {
            id: TokenId(Uuid::from_u128(n as u128 + 1)),
            operator: who.operator,
            name: (*name).to_owned(),
            scope: Scope::Full,
            created_at: now(),
            expires_at: now() + SignedDuration::from_hours(24 * 90),
            revoked_at: None,
            version: 1,
        };
        service.db().write(|tx| store::token::add(tx, &token, &hex::encode(Sha256::digest(&secret)))).unwrap();
        crew.insert((*name).to_owned(), (who, secret));
    }
    Sample { dir, crew }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() {
            fs::create_dir(to.join(entry.file_name())).unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// How a command is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    /// To the command line's own code.
    Hand,
    /// To a process of its own, over HTTP.
    Process,
}

/// By operator and query.
type Seen = BTreeMap<(String, String), BTreeSet<Uuid>>;

/// What one engine says.
struct Stage {
    service: Arc<Service>,
    time: Time,
    api: Option<Api>,
    _dir: TempDir,
}

impl Stage {
    fn new(sample: &Sample, on: Engine) -> Self {
        let dir = tempfile::tempdir().unwrap();
        copy(sample.dir.path(), dir.path());
        let url = on.way().map(peer::database);
        if let Some(url) = &url {
            migrate(&open(dir.path(), None, &Time::new(now()), &[]), &Place::Server(url.clone())).unwrap();
        }
        let sim = Sim::new("idp");
        for number in ["10050", "10044", "10023", "10417", "10002", "10013", "10060"] {
            sim.add(&format!("u{number}"), number);
        }
        sim.add("spare", "");
        let time = Time::new(now());
        let service = open(dir.path(), url, &time, &[sim]);
        let api = on.is_wire().then(|| publish(&service));
        Self { service, time, api, _dir: dir }
    }

    /// Who did what, in the order of the chain, the machine too.
    fn acts(&self) -> Vec<String> {
        let mut stored = self.service.db().read(|tx| store::audit::page(tx, Chain::Acts, i64::MAX, None, None, 100_000)).unwrap();
        stored.reverse();
        let one = |bytes: &[u8]| {
            let e: Entry = serde_json::from_slice(bytes).unwrap();
            format!("{} {} {}", e.operator_name, e.act, e.count.map_or_else(String::new, |n| n.to_string()))
        };
        stored.iter().map(|(_, bytes, _)| one(bytes)).collect()
    }

    /// Who has seen whom, by which query. To look somebody up and then to read them is one entry or two, as fast as the one follows the other:
    /// of a search only those are told here whom nothing else of the same operator tells.
    fn seen(&self) -> Seen {
        let stored = self.service.db().read(|tx| store::audit::page(tx, Chain::Access, i64::MAX, None, None, 100_000)).unwrap();
        let mut seen = Seen::new();
        for (_, bytes, _) in stored {
            let entry: Entry = serde_json::from_slice(&bytes).unwrap();
            seen.entry((entry.operator_name, entry.act)).or_default().extend(entry.items.iter().map(|i| i.id));
        }
        let read = seen.clone();
        for ((who, _), found) in seen.iter_mut().filter(|((_, query), _)| query == "find") {
            found.retain(|id| !read.iter().any(|((by, query), ids)| by == who && query != "find" && ids.contains(id)));
        }
        seen.retain(|(_, query), ids| query != "find" || !ids.is_empty());
        seen
    }

    fn process(&self, words: &[String], token: &str) -> (u8, String, String) {
        let url = format!("http://{}", self.api.as_ref().unwrap().at);
        let o = Process::new(env!("CARGO_BIN_EXE_tenure"))
            .args(words)
            .args(["--json", "--lang", "en"])
            .env_clear()
            .env("TENURE_HOME", self._dir.path())
            .env("TENURE_BACKEND", url)
            .env("TENURE_TOKEN", token)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (o.status.code().unwrap().try_into().unwrap(), text(o.stdout), text(o.stderr))
    }

    /// Gives one command; what is due is done around it as where the command line runs a home itself.
    fn give(&self, sample: &Sample, line: &Line, words: &[String], by: By) -> (u8, String, String) {
        self.time.pass(SignedDuration::from_hours(24 * line.days) + SignedDuration::from_mins(1));
        let _ = worker::drain(&self.service);
        let args = ["tenure"].into_iter().map(str::to_owned).chain(words.iter().cloned());
        let Ok(Cli { command: Some(Command::Use(command)), .. }) = Cli::try_parse_from(args) else {
            // What does not come as far as the door.
            return if by == By::Process { self.process(words, "") } else { (2, String::new(), String::new()) };
        };
        let who = sample.crew.get(&line.who).unwrap();
        let settle = command.settle();
        if settle == Settle::Retry {
            worker::retry(&self.service).unwrap();
        }
        // An import waits for its worker.
        let waits = matches!(command, Use::Import(_) | Use::Quarantine(_)) && settle == Settle::Beside;
        let ended = AtomicBool::new(false);
        let said = thread::scope(|scope| {
            if waits {
                scope.spawn(|| {
                    while !ended.load(Ordering::Relaxed) && worker::drain(&self.service).is_ok() {
                        thread::yield_now();
                    }
                });
            }
            let said = match by {
                By::Hand => match &self.api {
                    None => {
                        let session = self.service.session(who.0.clone());
                        let said = said(command, &session, Lang::En, true);
                        session.flush().unwrap();
                        said
                    }
                    Some(api) => {
                        let url = format!("http://{}", api.at);
                        let client = ROOMS.block_on(Client::open(&url, Zeroizing::new(who.1.clone()), None, false)).unwrap();
                        said(command, &client, Lang::En, true)
                    }
                },
                By::Process => self.process(words, &who.1),
            };
            ended.store(true, Ordering::Relaxed);
            said
        });
        if let Some(api) = &self.api {
            api.flush();
        }
        let _ = worker::drain(&self.service);
        said
    }
}

/// Without what is made at random (tokens and seals, and every hash that hangs on them), and without what engines say of themselves: where a
/// reserve of the disk would be, and into how many entries reads were gathered, which is a matter of seconds.
fn alike(text: &str) -> String {
    let texts = Texts::new(&[]);
    let say = |code| texts.get(Lang::En, code);
    let text = text.replace("drill-reserve-server", "drill-reserve").replace(&say("drill-reserve-server"), &say("drill-reserve"));
    let text = &*text;
    let text = serde_json::from_str::<Value>(text).map_or_else(|_| text.to_owned(), |v| serde_json::to_string_pretty(&v).unwrap());
    let text: String = text.split_inclusive('\n').filter(|l| !l.contains("\"access_entries\"")).collect();
    let words = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
    let is_random = |w: &str| w.len() >= 64 && w.bytes().filter(u8::is_ascii_hexdigit).count() >= 64;
    words
        .map(|w| if is_random(w) { format!("…{}", w.trim_start_matches(|c: char| c.is_ascii_alphanumeric())) } else { w.to_owned() })
        .collect()
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq)]
struct Said {
    command: String,
    code: u8,
    out: String,
}

fn run(sample: &Sample, dir: &Path, on: Engine, by: By) -> (Vec<Said>, Seen, Vec<String>) {
    let stage = Stage::new(sample, on);
    let mut kept: BTreeMap<String, String> = BTreeMap::new();
    let mut all = Vec::new();
    for line in script() {
        let word = |word: &String| match word.strip_prefix('@') {
            Some(file) => dir.join(file).to_str().unwrap().to_owned(),
            None => kept.iter().fold(word.clone(), |w, (name, value)| w.replace(&format!("{{{name}}}"), value)),
        };
        let words: Vec<String> = line.words.iter().map(word).collect();
        let (code, out, err) = stage.give(sample, &line, &words, by);
        let parsed: Value = serde_json::from_str(&out).unwrap_or_default();
        for (name, pointer) in &line.keeps {
            let value = parsed.pointer(pointer).map_or_else(|| format!("no-{name}"), |v| v.as_str().map_or(v.to_string(), str::to_owned));
            kept.insert(name.clone(), value);
        }
        // What clap has to say names the program's own usage, which the door never sees.
        let err = if err.contains("cli-usage") { String::new() } else { alike(&err) };
        let out = if words.starts_with(&["audit".into(), "access".into()]) { String::new() } else { alike(&out) };
        all.push(Said { command: format!("{}: {}", line.who, line.words.join(" ")), code, out: out + &err });
    }
    (all, stage.seen(), stage.acts())
}

/// The lines that differ, with what was meant to be there.
fn difference(want: &str, got: &str) -> String {
    let (want, got): (Vec<_>, Vec<_>) = (want.lines().collect(), got.lines().collect());
    let lines = (0..want.len().max(got.len())).filter(|n| want.get(*n) != got.get(*n)).take(12);
    lines.map(|n| format!("  -{}\n  +{}\n", want.get(n).unwrap_or(&""), got.get(n).unwrap_or(&""))).collect()
}

#[test]
fn three_hundred_commands_say_the_same_on_every_engine() {
    let (sample, dir) = (sample(), tempfile::tempdir().unwrap());
    files(dir.path());
    let others = [
        (Engine::Postgres, By::Hand),
        (Engine::Pooled, By::Hand),
        (Engine::Http, By::Hand),
        (Engine::HttpPostgres, By::Hand),
        (Engine::Http, By::Process),
    ];
    let ((first, seen, acts), others) = thread::scope(|scope| {
        let sample = &sample;
        let dir = dir.path();
        let running = others.map(|(on, by)| scope.spawn(move || (on, by, run(sample, dir, on, by))));
        (run(sample, dir, Engine::Sqlite, By::Hand), running.map(|r| r.join().unwrap()))
    });
    assert!(first.len() >= COMMANDS);
    let codes: BTreeSet<u8> = first.iter().map(|s| s.code).collect();
    assert!([0, 2, 3, 4, 5, 7].iter().all(|c| codes.contains(c)), "{codes:?}");
    insta::assert_snapshot!("codes", first.iter().map(|s| format!("{} {}", s.code, s.command)).collect::<Vec<_>>().join("\n"));
    let mut bad = String::new();
    for (on, by, (said, whom, did)) in &others {
        if *did != acts {
            let text = difference(&acts.join("\n"), &did.join("\n"));
            bad += &format!("{on:?} by {by:?}: the chain\n{text}");
        }
        for act in whom.keys().chain(seen.keys()).collect::<BTreeSet<_>>() {
            let (want, got) = (seen.get(act), whom.get(act));
            if want != got {
                bad += &format!("{on:?} by {by:?}: seen by {act:?}\n  -{want:?}\n  +{got:?}\n");
            }
        }
        for (want, got) in first.iter().zip(said).filter(|(want, got)| want != got) {
            bad +=
                &format!("{on:?} by {by:?}: {} (exit {}, here {})\n{}", want.command, want.code, got.code, difference(&want.out, &got.out));
        }
    }
    assert!(bad.is_empty(), "{bad}");
}

/// Every subcommand that goes through the door is in the script.
#[test]
fn the_script_leaves_no_subcommand_out() {
    fn leaves(command: &clap::Command, path: &str, out: &mut BTreeSet<String>) {
        let below: Vec<_> = command.get_subcommands().filter(|s| s.get_name() != "help").collect();
        for sub in &below {
            leaves(sub, format!("{path} {}", sub.get_name()).trim(), out);
        }
        if below.is_empty() {
            out.insert(path.to_owned());
        }
    }
    let mut all = BTreeSet::new();
    leaves(&Cli::command(), "", &mut all);
    // These run a home and go past the door.
    let homes = ["demo", "worker", "serve", "backup", "restore", "migrate", "key", "config", "doctor", "completions"];
    all.retain(|path| !homes.contains(&path.split(' ').next().unwrap()));
    let given: Vec<String> = script().iter().map(|l| format!("{} ", l.words.join(" "))).collect();
    let missing: Vec<_> = all.iter().filter(|path| !given.iter().any(|g| g.starts_with(&format!("{path} ")))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
