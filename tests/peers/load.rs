//! Ten thousand acts from several processes' worth of clients while cables are pulled, workers die and the primary is lost: none lost, none
//! doubled, and what the workers had to do is done once. `TENURE_ACTS` says another number.

use crate::{
    hosts::{Idp, ask, count, until_verified},
    kit::{
        PATIENCE,
        cluster::{
            Cluster,
            Node::{Primary, Standby},
        },
        company::Company,
        desk::Desk,
        wire::Wire,
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Condvar, LazyLock, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};
use tenure::backend::{ActReply, FailureKind};

static ACTS: LazyLock<usize> = LazyLock::new(|| std::env::var("TENURE_ACTS").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000));
const DESKS: usize = 3;
/// People at each desk.
const HANDS: usize = 3;
const FROZEN: usize = 18;

/// What all clients know together.
#[derive(Default)]
struct Told {
    next: AtomicUsize,
    counts: Mutex<Counts>,
    changed: Condvar,
}

#[derive(Default)]
struct Counts {
    /// The entry that was acknowledged for each key.
    entries: BTreeMap<String, i64>,
    /// How often each desk had to say something again.
    again: [usize; DESKS],
}

impl Told {
    /// Says one thing after the other until all is said; each until it is known to be done.
    fn work(&self, d: usize, desk: &Desk, alerts: &[String]) {
        loop {
            let n = self.next.fetch_add(1, Ordering::SeqCst);
            if n >= *ACTS {
                return;
            }
            let key = format!("{n:05}");
            let deadline = Instant::now() + 2 * PATIENCE;
            let entry = loop {
                match desk.note(&alerts[n % alerts.len()], &key) {
                    Ok(ActReply { entry: Some(entry), .. }) => break entry,
                    Err(e) if matches!(e.kind, FailureKind::Unreachable | FailureKind::Unknown) => {
                        self.count(|c| c.again[d] += 1);
                        assert!(Instant::now() < deadline, "never came back: {e:?}");
                    }
                    other => panic!("{other:?}"),
                }
            };
            self.count(|c| assert_eq!(c.entries.insert(key, entry), None));
        }
    }

    fn count(&self, f: impl FnOnce(&mut Counts)) {
        f(&mut self.counts.lock().unwrap());
        self.changed.notify_all();
    }

    fn until(&self, what: &str, state: impl Fn(&Counts) -> bool) {
        let mut counts = self.counts.lock().unwrap();
        while !state(&counts) {
            let (again, waited) = self.changed.wait_timeout(counts, PATIENCE).unwrap();
            assert!(!waited.timed_out(), "{what}: nothing goes on after {}", again.entries.len());
            counts = again;
        }
    }

    fn until_done(&self, n: usize) {
        self.until("acts", |c| c.entries.len() >= n);
    }
}

#[test]
fn ten_thousand_acts_are_each_done_once_through_cut_cables_dead_workers_and_a_lost_primary() {
    let cluster = Cluster::start(&["standby"]);
    let name = cluster.database("company");
    let url = cluster.either(name);
    let company = Company::on(&url, FROZEN);
    let idp = Idp::new(FROZEN);
    let numbers: Vec<String> = idp.accounts.keys().cloned().collect();
    let (_own, text) = idp.way(&company);
    company.targets(&text);
    let alerts: Vec<String> = ["20001", "20002", "20003"].iter().map(|n| company.alarm(n)).collect();
    let ways: Vec<_> = (0..3).map(|_| idp.way(&company)).collect();
    let hosts: Vec<_> = ways.iter().enumerate().map(|(n, (_, text))| company.host(&format!("host{n}"), text)).collect();
    let mut workers: Vec<_> = hosts.iter().map(|h| h.worker()).collect();
    // Each desk has a cable of its own to the first server.
    let wires: Vec<Wire> = (0..DESKS).map(|_| Wire::before(&format!("127.0.0.1:{}", cluster.word("port")))).collect();
    let desks: Vec<Desk> =
        wires.iter().map(|w| Desk::open(&company, &url.replacen(cluster.word("port"), &w.port().to_string(), 1))).collect();
    let seq = |desk: &Desk| count(desk, "select seq from heads where chain = 'acts'");
    let before = seq(&desks[0]);

    let told = Told::default();
    let began = Instant::now();
    let tick = |what: &str| {
        let counts = told.counts.lock().unwrap();
        println!("{what}: {} acts after {:.1} s, said again {:?}", counts.entries.len(), began.elapsed().as_secs_f64(), counts.again);
    };
    thread::scope(|scope| {
        for (d, desk) in desks.iter().enumerate() {
            for _ in 0..HANDS {
                let (told, alerts) = (&told, &alerts);
                scope.spawn(move || told.work(d, desk, alerts));
            }
        }
        told.until_done(*ACTS / 20);
        ask(&desks[0], &numbers[..6], None);
        told.until_done(*ACTS / 7);
        let torn = wires[0].tear();
        assert!(torn > 0, "no connection was cut");
        // A worker is killed in the middle of the next orders.
        ask(&desks[1], &numbers[6..12], None);
        told.until_done(*ACTS / 4);
        std::mem::replace(&mut workers[0], hosts[0].worker()).kill();
        // A cable is out until whoever sits at its end has given up.
        let given_up = told.counts.lock().unwrap().again[1];
        tick("held");
        wires[1].hold();
        told.until("a held cable", |c| c.again[1] >= given_up + HANDS);
        wires[1].go_on();
        tick("goes on");
        told.until_done(*ACTS / 2);
        ask(&desks[2], &numbers[12..], None);
        cluster.kill(Primary);
        cluster.promote();
    });
    tick("all said");
    let Counts { entries: told, again } = told.counts.into_inner().unwrap();
    assert!(again.iter().all(|n| *n > 0), "the primary died unseen: {again:?}");

    let last = Desk::open(&company, &cluster.url(Standby, name));
    until_verified(&last, FROZEN);
    assert_eq!(told.len(), *ACTS);
    // What was acknowledged is what is there, and nothing else is.
    let (kept, noted) = last
        .service
        .db()
        .read(|tx| -> Result<_, tenure::store::StoreError> {
            let kept = tenure::store::idempotency::all(tx)?;
            let noted = tx.all("select seq from audit where act = 'alert.note'", &[], |r| r.get::<i64>(0))?;
            Ok((kept, noted))
        })
        .unwrap();
    let entry = |answer: &str| serde_json::from_str::<ActReply>(answer).unwrap().entry.unwrap();
    let kept: BTreeMap<String, i64> =
        kept.into_iter().filter(|(_, key, _)| key.len() == 5).map(|(_, key, answer)| (key, entry(&answer))).collect();
    assert_eq!(kept, told);
    assert_eq!(noted.len(), *ACTS);
    assert_eq!(noted.into_iter().collect::<BTreeSet<_>>(), told.into_values().collect());
    assert_eq!(count(&last, "select count(*) from notes"), *ACTS as i64);
    // No number of the chain was given twice or left out.
    assert_eq!(count(&last, &format!("select count(*) from audit where seq > {before}")), seq(&last) - before);
    company.sound();
    idp.written_once(numbers.iter());
}
