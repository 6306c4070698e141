//! Three hosts that share the queue of one server, each with its own way to the provider, so that it is known who sent what.

use crate::{
    kit::{
        PATIENCE, Peer,
        cluster::{Cluster, Node::Primary},
        company::Company,
        desk::Desk,
        proxy::Proxy,
        scim::Plain,
    },
    orders::user,
};
use jiff::{SignedDuration, Timestamp};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, mpsc},
    time::Instant,
};
use tenure::{
    backend::{ActRequest, Target, Touched},
    domain::{
        act::Act,
        freeze::{Level, Mode},
    },
    store::{self, StoreError},
};
use uuid::Uuid;

/// A provider and its accounts, by employee number.
pub struct Idp {
    pub peer: Peer,
    plain: Plain,
    pub accounts: BTreeMap<String, String>,
}

impl Idp {
    pub fn new(people: usize) -> Self {
        let peer = Peer::start("scim2", &[]);
        let plain = Plain { base: peer.word("url").into(), token: peer.word("token").into() };
        let accounts = (0..people).map(|n| (30_000 + n).to_string()).map(|n| (n.clone(), plain.add(&format!("user{n}"), &n)));
        Self { accounts: accounts.collect(), peer, plain }
    }

    /// A proxy before it, and what a host says of it. A lease is held for 13 seconds; what was sent is read back after 15.
    pub fn way(&self, company: &Company) -> (Arc<Proxy>, String) {
        let proxy = Proxy::before(self.peer.word("url"));
        let (url, token) = (proxy.url(self.peer.word("url")), company.secret("idp", self.peer.word("token")));
        let text = format!(
            "[[targets]]\nname = \"idp\"\nkind = \"scim\"\nurl = {url:?}\ntoken = {token}\nmatch = \"employee_number = externalId\"\n\
             timeout = \"1s\"\nsession_max = \"0s\"\nconcurrency = 2\n"
        );
        (Arc::new(proxy), text)
    }

    /// Each of these accounts is off, and was written to once.
    pub fn written_once<'n>(&self, numbers: impl Iterator<Item = &'n String>) {
        let log = self.peer.log();
        for number in numbers {
            let id = &self.accounts[number];
            assert!(!self.plain.active(id), "{number} is on");
            let lines: Vec<&str> = log.lines().filter(|l| l.contains(id.as_str())).collect();
            assert_eq!(lines.iter().filter(|l| l.contains("\"PATCH ")).count(), 1, "{number}: {lines:#?}");
        }
    }
}

/// Asks for suspensions, at once or at an hour; ids and hashes of the plans.
pub fn ask(desk: &Desk, numbers: &[String], at: Option<Timestamp>) -> Vec<(Uuid, String)> {
    let mode = if at.is_some() { Mode::Planned } else { Mode::Immediate };
    let act = Act::FreezeRequest { level: Level::Suspend, mode, at, plan_hash: None, confirm: None, ticket: None, except: Vec::new() };
    let person = |n: &String| desk.service.db().read(|tx| store::person::find(tx, n, 1)).unwrap().remove(0).id.0;
    let targets = numbers.iter().map(|n| Target { id: person(n), version: None }).collect();
    let reply = desk.act(ActRequest { act, targets, key: None, reason: Some("left".into()), written: None }).unwrap();
    assert!(reply.outcomes.iter().all(|o| o.refusal.is_none()), "{reply:?}");
    let hashes: BTreeMap<Uuid, String> = reply
        .touched
        .iter()
        .filter_map(|t| if let Touched::Freeze(r) = t { Some((r.order.id.0, r.order.plan_hash.clone())) } else { None })
        .collect();
    reply.outcomes.iter().map(|o| (o.id, hashes[&o.id].clone())).collect()
}

pub fn count(desk: &Desk, sql: &str) -> i64 {
    desk.service.db().read(|tx| tx.count(sql, &[])).unwrap()
}

/// Until so many orders are verified; looks when something changed.
pub fn until_verified(desk: &Desk, orders: usize) {
    let (deadline, mut mark) = (Instant::now() + 2 * PATIENCE, desk.watch(0).mark);
    while count(desk, "select count(*) from freezes where state = 'verified'") < orders as i64 {
        let states = || desk.service.db().read(|tx| tx.all("select state from freezes", &[], |r| r.get::<String>(0))).unwrap();
        assert!(Instant::now() < deadline, "not all are verified: {:?}", states());
        mark = desk.watch(mark).mark;
    }
}

/// Sends a signal to a worker, whose number is told once it is known, at the moment that its first write is about to reach the provider.
fn at_its_first_write(proxy: &Proxy, signal: Signal) -> (mpsc::Sender<Pid>, mpsc::Receiver<()>) {
    let ((tell, told), (done, is_done)) = (mpsc::channel::<Pid>(), mpsc::channel());
    proxy.meanwhile("PATCH", move || {
        kill_process(told.recv().unwrap(), signal).unwrap();
        done.send(()).unwrap();
    });
    (tell, is_done)
}

/// One host is stopped in the middle of a batch, the next is killed there, the third has a clock that is ten minutes ahead, and another one,
/// ten minutes behind, only approves.
#[test]
fn work_moves_on_within_its_lease_whatever_became_of_who_had_it_and_whatever_the_clock_says() {
    const PEOPLE: usize = 8;
    let began = Timestamp::now();
    let cluster = Cluster::start(&[]);
    let url = cluster.url(Primary, cluster.database("hosts"));
    let company = Company::on(&url, PEOPLE + 1);
    let idp = Idp::new(PEOPLE + 1);
    let numbers: Vec<String> = idp.accounts.keys().cloned().collect();
    let (all, last) = numbers.split_at(PEOPLE);
    let (own, text) = idp.way(&company);
    company.targets(&text);
    let ways: Vec<_> = (0..3).map(|_| idp.way(&company)).collect();
    let [paused, killed, ahead] = ["paused", "killed", "ahead"].map(|name| {
        let n = ["paused", "killed", "ahead"].iter().position(|n| *n == name).unwrap();
        company.host(name, &ways[n].1)
    });
    let (ahead, behind) = (ahead.skewed("+10m"), company.host("behind", &text).skewed("-10m"));
    let desk = Desk::open(&company, &url);
    let lease = || {
        let found = desk.service.db().read(|tx| {
            tx.one("select lease_until from jobs where kind = 'freeze_target' and state = 'leased'", &[], |r| r.get::<Timestamp>(0))
        });
        found.unwrap().expect("somebody holds the target")
    };

    // Two are approved by hosts with wrong clocks. Nothing is sent meanwhile: who approves would do it too.
    let orders = ask(&desk, all, Some(Timestamp::now() + SignedDuration::from_secs(1)));
    let (by_hosts, by_desk) = orders.split_at(2);
    own.down();
    ways[2].0.down();
    for ((id, hash), host) in by_hosts.iter().zip([&ahead, &behind]) {
        host.ok(&["freeze", "approve", &id.to_string(), "--hash", hash, "--as", "wang"]);
    }
    ways[2].0.up();
    own.up();
    let wang = Desk::of(&company.dir(), &url, Some("wang"));
    for (id, hash) in by_desk {
        let reply = wang.act(ActRequest::one(Act::FreezeApprove { hash: hash.clone() }, *id, None)).unwrap();
        assert_eq!(reply.outcomes[0].refusal, None);
    }
    assert_eq!(ways.iter().map(|(way, _)| way.writes()).sum::<usize>(), 0);

    let (tell, stopped) = at_its_first_write(&ways[0].0, Signal::STOP);
    let first = paused.worker();
    tell.send(first.pid()).unwrap();
    stopped.recv_timeout(PATIENCE).unwrap();
    let leases = [lease()];

    // When each account was first asked for by the hosts that come after, by the clock of the store.
    let seen: Arc<Mutex<[Option<Timestamp>; 3]>> = Arc::default();
    let url_of = Arc::new(url.clone());
    for (host, (way, _)) in ways.iter().enumerate().skip(1) {
        for id in all.iter().map(|n| &idp.accounts[n]) {
            let (seen, url) = (seen.clone(), url_of.clone());
            way.meanwhile(&format!("GET {}", user(id)), move || {
                let mut seen = seen.lock().unwrap();
                if seen[host].is_none() {
                    let db = store::postgres::PgDb::open(&url, None, None, None).unwrap();
                    seen[host] = Some(store::Db::Postgres(db.into()).read(|tx| Ok::<_, StoreError>(tx.now())).unwrap());
                }
            });
        }
    }
    let (tell, dead) = at_its_first_write(&ways[1].0, Signal::KILL);
    let second = killed.worker();
    tell.send(second.pid()).unwrap();
    dead.recv_timeout(PATIENCE).unwrap();
    let leases = [leases[0], lease()];
    second.kill();

    let third = ahead.worker();
    until_verified(&desk, PEOPLE);
    let seen = *seen.lock().unwrap();
    for (n, until) in leases.iter().enumerate() {
        assert!(seen[n + 1].unwrap() >= *until, "the host after {n} came before its lease had ended: {seen:?}, {leases:?}");
    }
    assert_eq!(ways[2].0.writes(), PEOPLE - ways[0].0.writes() - ways[1].0.writes());
    assert!(ways[2].0.writes() > 0);

    // The first one goes on where it was: nothing is left of that for it to send. It is alive, and takes what comes.
    let before = ways[0].0.writes();
    kill_process(third.pid(), Signal::TERM).unwrap();
    let ended = third.output();
    assert!(ended.status.success(), "{ended:?}");
    first.go_on();
    ask(&desk, last, None);
    until_verified(&desk, PEOPLE + 1);
    let writes: Vec<_> = ways[0].0.forwarded().into_iter().filter(|(method, _)| method == "PATCH").map(|(_, path)| path).collect();
    assert_eq!(writes[before..], [user(&idp.accounts[&last[0]])]);
    assert_eq!(own.writes(), 0);
    idp.written_once(numbers.iter());

    // Nobody's clock but the store's is in the chain.
    let turned = "select count(*) from audit a join audit b on b.seq = a.seq + 1 where b.at < a.at";
    assert_eq!(count(&desk, turned), 0);
    let off = format!("select count(*) from audit where at < {} or at > {}", began.as_microsecond(), Timestamp::now().as_microsecond());
    assert_eq!(count(&desk, &off), 0);
    assert_eq!(count(&desk, "select count(*) from approvals where state <> 'granted'"), 0);
    company.sound();
}
