//! Two workers on one home, killed again and again: what one of them had in hand, the other ends.

use crate::{
    kit::{PATIENCE, Peer, company::Company, proxy::Proxy, scim::Plain},
    orders::{is_done, user},
};
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

const PEOPLE: usize = 16;
const KILLS: usize = 6;

/// A sequence that one number gives (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

/// A provider behind a proxy, and its accounts in the order of people.
struct Idp {
    peer: Peer,
    plain: Plain,
    proxy: Proxy,
    accounts: Vec<String>,
}

impl Idp {
    fn new() -> Self {
        let peer = Peer::start("scim2", &[]);
        let plain = Plain { base: peer.word("url").into(), token: peer.word("token").into() };
        let proxy = Proxy::before(peer.word("url"));
        let accounts = (0..PEOPLE).map(|n| plain.add(&format!("user{n}"), &(30_000 + n).to_string())).collect();
        Self { peer, plain, proxy, accounts }
    }
}

/// No order is shown as done while an account of its person is on; gives how many are verified.
fn honest(company: &Company, orders: &[String], idps: &[Idp]) -> usize {
    let seen = company.json(&["freeze", "list", "--view", "all"]);
    let mut verified = 0;
    for (n, id) in orders.iter().enumerate() {
        let order = seen.as_array().unwrap().iter().find(|o| o["id"] == id.as_str()).unwrap();
        if is_done(order) {
            assert!(idps.iter().all(|i| !i.plain.active(&i.accounts[n])), "falsely complete: {order:#}");
        }
        verified += usize::from(order["state"] == "verified");
    }
    verified
}

#[test]
fn two_workers_that_are_killed_at_any_moment_end_every_order_with_one_write_an_account() {
    // Another run with the same numbers: TENURE_SEED.
    let given = std::env::var("TENURE_SEED").ok().and_then(|s| s.parse().ok());
    let seed = given.unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as u64);
    println!("TENURE_SEED={seed}");
    let mut dice = Dice(seed);
    let idps = [Idp::new(), Idp::new()];
    let company = Company::new(PEOPLE, "");
    let targets = ["idp", "mail"].iter().zip(&idps).map(|(name, idp)| {
        let (url, token) = (idp.proxy.url(idp.peer.word("url")), company.secret(name, idp.peer.word("token")));
        format!(
            "[[targets]]\nname = {name:?}\nkind = \"scim\"\nurl = {url:?}\ntoken = {token}\nmatch = \"employee_number = externalId\"\n\
             timeout = \"1s\"\nsession_max = \"0s\"\n"
        )
    });
    company.targets(&targets.collect::<String>());
    let planned: Vec<_> = (0..PEOPLE).map(|n| company.planned(&(30_000 + n).to_string())).collect();
    // Nothing is sent while they are approved.
    idps.iter().for_each(|i| i.proxy.down());
    for (id, hash) in &planned {
        company.ok(&["freeze", "approve", id, "--hash", hash, "--as", "lin"]);
    }
    idps.iter().for_each(|i| i.proxy.up());
    let orders: Vec<_> = planned.into_iter().map(|(id, _)| id).collect();

    let came = || idps.iter().map(|i| i.proxy.seen("*")).sum::<usize>();
    let mut workers = [company.worker(), company.worker()];
    let verified = AtomicUsize::new(0);
    let all = || verified.load(Ordering::SeqCst) == PEOPLE;
    thread::scope(|scope| {
        // Whoever looks, and how often, is nothing to the workers.
        scope.spawn(|| {
            let deadline = Instant::now() + 4 * PATIENCE;
            while !all() {
                verified.store(honest(&company, &orders, &idps), Ordering::SeqCst);
                assert!(Instant::now() < deadline, "seed {seed}: {:#}", company.json(&["freeze", "list"]));
            }
        });
        for kill in 0..KILLS {
            // Requests are the clock; when all is done there are no more.
            let (moment, whom) = (came() + 1 + dice.below(24) as usize, dice.below(3));
            let deadline = Instant::now() + PATIENCE;
            while came() < moment && !all() {
                assert!(Instant::now() < deadline, "seed {seed}, kill {kill}: nothing goes on");
                thread::yield_now();
            }
            for (n, worker) in workers.iter_mut().enumerate() {
                if whom == 2 || whom == n as u64 {
                    std::mem::replace(worker, company.worker()).kill();
                }
            }
            println!("kill {kill}: {whom} after {} requests, {} verified", came(), verified.load(Ordering::SeqCst));
        }
    });
    for idp in &idps {
        let log = idp.peer.log();
        for id in &idp.accounts {
            assert!(!idp.plain.active(id), "seed {seed}");
            let writes = log.lines().filter(|l| l.contains(&format!("\"PATCH {}", user(id)))).count();
            assert_eq!(writes, 1, "seed {seed}: {}", log.lines().filter(|l| l.contains(id.as_str())).collect::<Vec<_>>().join("\n"));
        }
    }
    for order in &orders {
        let order = company.order(order);
        assert!(order["steps"].as_array().unwrap().iter().all(|s| s["state"] == "confirmed"), "seed {seed}: {order:#}");
    }
    company.sound();
}
