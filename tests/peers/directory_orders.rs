//! Orders on a real directory over a line that fails, by the real program in processes of its own. What is asserted is what the directory
//! itself says: its entries, and its log of what it was told to write.

use crate::kit::{
    Peer,
    company::Company,
    relay::{EMPTY, Fault, NO_RESULT, Relay},
};
use serde_json::Value;
use std::{process::Command, thread};

const BASE: &str = "dc=example,dc=test";
const FOR_GOOD: &str = "pwdAccountLockedTime: 000001010000Z";

struct Line {
    peer: Peer,
    relay: Relay,
    company: Company,
}

impl Line {
    fn new() -> Self {
        let peer = Peer::start("slapd", &["clear"]);
        let (relay, company) = (Relay::before(peer.word("plain")), Company::new(0, ""));
        let (url, secret) = (relay.url(), company.secret("password", peer.word("password")));
        company.targets(&format!(
            "[[targets]]\nname = \"directory\"\nkind = \"ldap\"\nurl = {url:?}\nbind_dn = \"cn=tenure,{BASE}\"\npassword = {secret}\n\
             base = {BASE:?}\nmatch = \"employee_number = employeeNumber\"\ntimeout = \"2s\"\nsession_max = \"0s\"\n"
        ));
        Self { peer, relay, company }
    }

    /// Whether the directory itself says that the person is locked out for good.
    fn locked(&self, uid: &str) -> bool {
        let mut command = Command::new("ldapsearch");
        command.args(["-x", "-LLL", "-H", self.peer.word("plain"), "-D", &format!("cn=root,{BASE}"), "-w", self.peer.word("password")]);
        let out = command.args(["-s", "base", "-b", &dn(uid), "pwdAccountLockedTime"]).output().expect("install ldap-utils");
        assert!(out.status.success(), "{out:?}");
        String::from_utf8_lossy(&out.stdout).contains(FOR_GOOD)
    }

    /// Whether the password that the person knows lets them in.
    fn gets_in(&self, uid: &str) -> bool {
        let mut command = Command::new("ldapwhoami");
        command.args(["-x", "-H", self.peer.word("plain"), "-D", &dn(uid), "-w", self.peer.word("password")]);
        command.output().expect("install ldap-utils").status.success()
    }

    /// Writes of an entry in the directory's own log: locks, and new passwords.
    fn writes(&self, uid: &str) -> (usize, usize) {
        let log = self.peer.log();
        let mine = format!("MOD dn=\"{}\"", dn(uid));
        let ops: Vec<_> = log.lines().filter(|l| l.contains(&mine)).filter_map(|l| operation(l)).collect();
        let secret = |op: &&&str| log.lines().any(|l| operation(l) == Some(op) && l.contains("MOD attr=") && l.contains("userPassword"));
        let secrets = ops.iter().filter(secret).count();
        (ops.len() - secrets, secrets)
    }
}

fn dn(uid: &str) -> String {
    format!("uid={uid},ou=people,{BASE}")
}

/// `conn=1003 op=2` of a line.
fn operation(line: &str) -> Option<&str> {
    let from = line.find("conn=")?;
    let rest = line.get(from..)?;
    let to = rest.match_indices(' ').nth(1).map_or(rest.len(), |(at, _)| at);
    rest.get(..to)
}

fn is_done(order: &Value) -> bool {
    order["state"] == "complete" || order["state"] == "verified"
}

fn state<'a>(order: &'a Value, kind: &str) -> &'a str {
    order["steps"].as_array().unwrap().iter().find(|s| s["kind"] == kind).unwrap()["state"].as_str().unwrap()
}

#[test]
fn whatever_fails_on_the_line_of_a_directory_an_order_is_never_falsely_complete() {
    let line = Line::new();
    // Whom, what fails, and at which write: the lock, or the new password.
    let mut faults = vec![
        ("zhang.wei", "10252", Fault::DropReply, 0),
        ("zhang.wei2", "10253", Fault::DropRequest, 0),
        ("li.na", "10254", Fault::Stall, 0),
        ("box1", "b1", Fault::StallBefore, 0),
        ("box2", "b2", Fault::DropReply, 1),
        ("box3", "b3", Fault::Stall, 1),
        ("box4", "b4", Fault::StallBefore, 1),
    ];
    // Answers on which the parser of the client panics, in either of the tasks that it has.
    faults.extend([("box5", "b5", Fault::Garble(EMPTY), 0), ("box6", "b6", Fault::Garble(NO_RESULT), 0)]);
    for (uid, number, ..) in &faults {
        if !matches!(*number, "10252" | "10254") {
            line.company.hire(number, &format!("员工{uid}"));
        }
    }
    let worker = line.company.worker();
    let mut orders = Vec::new();
    for (uid, number, fault, nth) in &faults {
        let write = format!("modify {}", dn(uid));
        for _ in 0..*nth {
            line.relay.next(&write, Fault::Pass);
        }
        line.relay.next(&write, *fault);
        let (order, hash) = line.company.planned(number);
        line.company.ok(&["freeze", "approve", &order, "--hash", &hash, "--as", "lin"]);
        orders.push(order);
    }
    for (order, (uid, _, fault, nth)) in orders.iter().zip(&faults) {
        let honest = |o: &Value| assert!(!is_done(o) || line.locked(uid), "{uid} {fault:?} {nth}: falsely complete: {o:#}");
        let done = line.company.until(order, "verified", &honest, &|o| o["state"] == "verified");
        assert!(done["steps"].as_array().unwrap().iter().all(|s| s["state"] == "confirmed"), "{uid} {fault:?} {nth}: {done:#}");
        assert!(line.locked(uid) && !line.gets_in(uid), "{uid} {fault:?} {nth}");
        assert_eq!(line.writes(uid), (1, 1), "{uid} {fault:?} {nth}: each write once\n{}", line.peer.log());
    }
    worker.kill();
    line.company.sound();
}

#[test]
fn a_directory_that_dies_after_the_write_leaves_it_unknown_until_a_read_back() {
    let line = Line::new();
    let write = format!("modify {}", dn("zhang.wei"));
    let (order, hash) = line.company.planned("10252");
    // The write takes effect, its answer is lost, and from then on nobody gets in to look.
    line.relay.next("bind", Fault::Pass);
    line.relay.next("bind", Fault::Pass);
    line.relay.always("bind", Fault::DropRequest);
    line.relay.next(&write, Fault::DropReply);
    line.company.ok(&["freeze", "approve", &order, "--hash", &hash, "--as", "lin"]);
    let worker = line.company.worker();
    let unknown = |o: &Value| state(o, "block_sign_in") == "unknown" && o["state"] == "partial";
    let stuck = line.company.until(&order, "unknown", &|o| assert!(!is_done(o), "{o:#}"), &unknown);
    assert!(stuck["residual_seconds"].is_null() && line.locked("zhang.wei"), "it had happened: {stuck:#}");
    worker.kill();
    line.relay.calm();
    let _worker = line.company.worker();
    let done = line.company.until_state(&order, "verified");
    assert_eq!((line.writes("zhang.wei"), state(&done, "block_sign_in")), ((1, 1), "confirmed"), "{}", line.peer.log());
    line.company.sound();
}

/// Kills the worker at a point and lets another go on. An order that is retried comes so: a look before the journal, a connection for
/// the lock, a look after it; the same for the new password; and a look for the last step. `left`: what the journal then says of both.
fn killed(kind: &str, nth: usize, fault: Fault, left: [&str; 2]) {
    let line = Line::new();
    let point = format!("{kind} {nth} {fault:?}");
    let (order, hash) = line.company.planned("10252");
    line.relay.down();
    line.company.ok(&["freeze", "approve", &order, "--hash", &hash, "--as", "lin"]);
    let tried = |o: &Value| {
        line.company.run(&["worker", "--once"]);
        o["steps"][0]["attempts"].as_i64() > Some(0) && state(o, "block_sign_in") == "pending"
    };
    line.company.until(&order, "tried", &|_| (), &tried);
    let before = line.relay.seen(kind);
    for _ in 1..nth {
        line.relay.next(kind, Fault::Pass);
    }
    line.relay.next(kind, fault);
    line.relay.up();
    let worker = line.company.worker();
    line.relay.until_seen(kind, before + nth);
    worker.kill();
    let seen = line.company.order(&order);
    assert_eq!([state(&seen, "block_sign_in"), state(&seen, "reset_secret")], left, "{point}: {seen:#}");
    assert!(!is_done(&seen), "{point}: {seen:#}");
    line.relay.release();
    line.relay.calm();
    let _next = line.company.worker();
    let honest = |o: &Value| assert!(!is_done(o) || line.locked("zhang.wei"), "{point}: falsely complete: {o:#}");
    let done = line.company.until(&order, "verified", &honest, &|o| o["state"] == "verified");
    // As without a crash: locked, another password, everything confirmed, each write once.
    assert!(done["steps"].as_array().unwrap().iter().all(|s| s["state"] == "confirmed"), "{point}: {done:#}");
    assert!(line.locked("zhang.wei") && !line.gets_in("zhang.wei"), "{point}");
    assert_eq!(line.writes("zhang.wei"), (1, 1), "{point}\n{}", line.peer.log());
    line.company.sound();
}

#[test]
fn killed_at_any_point_of_an_order_on_a_directory() {
    let points = [
        // Journalled and not sent; sent and never arrived; sent and not answered; answered and not settled; settled.
        ("bind", 2, Fault::StallBefore, ["sent", "pending"]),
        ("modify", 1, Fault::StallBefore, ["sent", "pending"]),
        ("modify", 1, Fault::Stall, ["sent", "pending"]),
        ("bind", 3, Fault::StallBefore, ["sent", "pending"]),
        ("bind", 4, Fault::StallBefore, ["confirmed", "pending"]),
        // The same of the new password, of which only a trace is left.
        ("bind", 5, Fault::StallBefore, ["confirmed", "sent"]),
        ("modify", 2, Fault::StallBefore, ["confirmed", "sent"]),
        ("modify", 2, Fault::Stall, ["confirmed", "sent"]),
        ("bind", 6, Fault::StallBefore, ["confirmed", "sent"]),
        ("bind", 7, Fault::StallBefore, ["confirmed", "confirmed"]),
    ];
    // Most of the time is waiting until no late call can arrive any more.
    thread::scope(|all| {
        for (kind, nth, fault, left) in points {
            all.spawn(move || killed(kind, nth, fault, left));
        }
    });
}
