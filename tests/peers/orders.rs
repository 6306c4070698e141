//! Orders on a real SCIM server, by the real program in processes of its own: what fails on the line, what dies, and what others do behind
//! our back. What is asserted is what the server itself says.

use crate::kit::{
    Peer,
    company::Company,
    proxy::{Fault, Proxy},
    scim::Plain,
};
use serde_json::Value;
use std::process::Command;

/// A company, a SCIM server, and a failing line between them.
pub struct Line {
    pub peer: Peer,
    pub idp: Plain,
    pub proxy: Proxy,
    pub company: Company,
}

/// A target that answers within a second; sessions are said to end with the sign-in.
pub fn target(company: &Company, url: &str, token: &str, more: &str) -> String {
    let token = company.secret("token", token);
    format!(
        "[[targets]]\nname = \"idp\"\nkind = \"scim\"\nurl = {url:?}\ntoken = {token}\nmatch = \"employee_number = externalId\"\n{more}\n"
    )
}

impl Line {
    pub fn new(people: usize) -> Self {
        let peer = Peer::start("scim2", &[]);
        let idp = Plain { base: peer.word("url").into(), token: peer.word("token").into() };
        let proxy = Proxy::before(peer.word("url"));
        let company = Company::new(people, "");
        let line = Self { peer, idp, proxy, company };
        line.declare("timeout = \"1s\"\nsession_max = \"0s\"");
        line
    }

    /// The target, through the proxy.
    fn declare(&self, more: &str) {
        let url = self.proxy.url(self.peer.word("url"));
        self.company.targets(&target(&self.company, &url, self.peer.word("token"), more));
    }

    /// Writes that reached the account.
    pub fn writes(&self, id: &str) -> usize {
        self.proxy.forwarded().iter().filter(|(m, p)| m != "GET" && p.ends_with(id)).count()
    }
}

pub fn user(id: &str) -> String {
    format!("/v2/Users/{id}")
}

pub fn is_done(order: &Value) -> bool {
    order["state"] == "complete" || order["state"] == "verified"
}

/// The step that blocks the sign-in.
pub fn block(order: &Value) -> &Value {
    order["steps"].as_array().unwrap().iter().find(|s| s["kind"] == "block_sign_in").unwrap()
}

#[test]
fn whatever_fails_on_the_line_an_order_is_never_falsely_complete() {
    // One person a fault; how often the write reaches the server is known where it is.
    let once: Vec<(Fault, Option<usize>)> = vec![
        (Fault::Pass, Some(1)),
        (Fault::DropReply, Some(1)),
        (Fault::DropRequest, Some(1)),
        (Fault::answer(401), Some(1)),
        (Fault::retry(429, 2), Some(1)),
        (Fault::retry(503, 1), Some(1)),
        (Fault::answer(503), Some(1)),
        (Fault::Stall, Some(1)),
        (Fault::StallBefore, Some(1)),
        (Fault::Drip(100), Some(1)),
        (Fault::Truncate, Some(1)),
        (Fault::Answer { status: 200, headers: Vec::new(), body: "{}" }, Some(1)),
        (Fault::Answer { status: 200, headers: Vec::new(), body: "<html>Welcome to the hotel</html>" }, Some(1)),
    ];
    let line = Line::new(once.len());
    let _worker = line.company.worker();
    let mut orders = Vec::new();
    for (n, (fault, writes)) in once.into_iter().enumerate() {
        let number = (30_000 + n).to_string();
        let id = line.idp.add(&format!("user{n}"), &number);
        line.proxy.next(&format!("PATCH {}", user(&id)), fault.clone());
        orders.push((line.company.suspend(&number), id, fault, writes));
    }
    for (order, id, fault, writes) in &orders {
        let honest = |o: &Value| assert!(!is_done(o) || !line.idp.active(id), "{fault:?}: falsely complete: {o:#}");
        let done = line.company.until(order, "verified", &honest, &|o| o["state"] == "verified");
        assert!(!line.idp.active(id), "{fault:?}");
        assert_eq!(done["residual_seconds"], 0, "{fault:?}");
        assert!(done["steps"].as_array().unwrap().iter().all(|s| s["state"] == "confirmed" && !s["at"].is_null()), "{fault:?}: {done:#}");
        if let Some(writes) = writes {
            assert_eq!(line.writes(id), *writes, "{fault:?}");
        }
    }
    // Our own credential was refused once: that is an alert, whatever came later.
    assert_eq!(line.company.alerts("connector_down"), 1);
    line.company.sound();
}

#[test]
fn what_keeps_failing_leaves_an_order_partial_with_its_reason() {
    let kinds: [(Fault, &str, bool); 8] = [
        (Fault::answer(401), "target-unauthorised", false),
        (Fault::retry(429, 1), "target-rate", false),
        (Fault::answer(503), "target-closed", false),
        (Fault::StallBefore, "target-no-answer", false),
        (Fault::DropRequest, "target-lost", false),
        (Fault::answer(403), "target-forbidden", true),
        (Fault::Answer { status: 404, headers: Vec::new(), body: "<html>no such route</html>" }, "target-not-json", false),
        (Fault::Answer { status: 404, headers: Vec::new(), body: r#"{"status": "404"}"# }, "target-not-gone", false),
    ];
    let line = Line::new(kinds.len());
    let _worker = line.company.worker();
    let mut orders = Vec::new();
    for (n, (fault, code, refused)) in kinds.into_iter().enumerate() {
        let number = (30_000 + n).to_string();
        let id = line.idp.add(&format!("user{n}"), &number);
        if matches!(code, "target-not-json" | "target-not-gone") {
            // A gateway that lost its route says so to every request; nobody is gone by its word, nor by one that the list denies.
            line.proxy.always(&format!("GET {}", user(&id)), fault.clone());
        }
        line.proxy.always(&format!("PATCH {}", user(&id)), fault);
        orders.push((line.company.suspend(&number), id, code, refused));
    }
    for (order, id, code, refused) in &orders {
        let honest = |o: &Value| assert!(!is_done(o), "{code}: falsely complete: {o:#}");
        let ends = if *refused { "failed" } else { "partial" };
        let stuck = line.company.until(order, ends, &honest, &|o| o["state"] == ends);
        assert!(line.idp.active(id) && stuck["residual_seconds"].is_null(), "{code}: {stuck:#}");
        // A second try may be under way: then the reason is empty for a moment.
        let told = line.company.until(order, code, &honest, &|o| block(o)["error"]["code"] == *code);
        let lines = [line.company.ok(&["freeze", "show", order]), line.company.ok(&["freeze", "show", order, "--lang", "zh-CN"])];
        assert!(lines.iter().all(|l| !l.contains('⟨')), "a reason without words: {told:#} {lines:?}");
    }
    // The line is mended: what waited goes on by itself, what was refused when somebody says so.
    line.proxy.calm();
    for (order, id, code, refused) in &orders {
        if *refused {
            line.company.ok(&["freeze", "resume", order]);
        }
        line.company.until_state(order, "verified");
        assert!(!line.idp.active(id), "{code}");
        assert_eq!(line.writes(id), 1, "{code}");
    }
    line.company.sound();
}

#[test]
fn an_idp_that_is_down_half_way_leaves_it_unknown_until_a_read_back() {
    let line = Line::new(0);
    let id = line.idp.add("zhang.wei", "20001");
    // The write takes effect, its answer is lost, and from then on nothing can be read.
    line.proxy.next(&format!("GET {}", user(&id)), Fault::Pass);
    line.proxy.always(&format!("GET {}", user(&id)), Fault::answer(503));
    line.proxy.next(&format!("PATCH {}", user(&id)), Fault::DropReply);
    let worker = line.company.worker();
    let order = line.company.suspend("20001");
    let stuck = line.company.until(&order, "partial", &|o| assert!(!is_done(o), "{o:#}"), &|o| o["state"] == "partial");
    assert_eq!((&block(&stuck)["state"], &stuck["residual_seconds"]), (&Value::from("unknown"), &Value::Null), "{stuck:#}");
    assert!(!line.idp.active(&id), "it had happened");
    // The terminal is lost; another worker goes on, and sends nothing again.
    worker.kill();
    line.proxy.calm();
    let _worker = line.company.worker();
    let done = line.company.until_state(&order, "verified");
    assert_eq!((line.writes(&id), &block(&done)["state"]), (1, &Value::from("confirmed")));
}

#[test]
fn a_line_that_flaps_and_a_line_without_tls() {
    let line = Line::new(0);
    let ids = [line.idp.add("zhang.wei", "20001"), line.idp.add("zhang.wei2", "20002")];
    // The line is down when the hour comes, comes up and goes down again.
    let (order, hash) = line.company.planned("20001");
    line.proxy.down();
    line.company.ok(&["freeze", "approve", &order, "--hash", &hash, "--as", "lin"]);
    let _worker = line.company.worker();
    let stuck = line.company.until(&order, "partial", &|o| assert!(!is_done(o)), &|o| o["state"] == "partial");
    assert_eq!(block(&stuck)["error"]["code"], "target-unreachable");
    for _ in 0..3 {
        line.proxy.up();
        line.proxy.down();
    }
    assert!(!is_done(&line.company.order(&order)) || !line.idp.active(&ids[0]));
    line.proxy.up();
    line.company.until_state(&order, "verified");
    assert!(!line.idp.active(&ids[0]) && line.writes(&ids[0]) == 1);
    drop(_worker);

    // The server stops speaking TLS before the hour: nothing is sent in clear.
    let (order, hash) = line.company.planned("20002");
    let secure = line.proxy.url(line.peer.word("url")).replace("http://", "https://");
    let more = format!("timeout = \"1s\"\nsession_max = \"0s\"\nca = {:?}", authority(&line.company));
    line.company.targets(&target(&line.company, &secure, line.peer.word("token"), &more));
    line.company.ok(&["freeze", "approve", &order, "--hash", &hash, "--as", "lin"]);
    let worker = line.company.worker();
    let stuck = line.company.until(&order, "partial", &|o| assert!(!is_done(o)), &|o| o["state"] == "partial");
    assert_eq!(block(&stuck)["error"]["code"], "target-unreachable");
    assert!(line.idp.active(&ids[1]) && line.writes(&ids[1]) == 0);
    worker.kill();
    line.declare("timeout = \"1s\"\nsession_max = \"0s\"");
    let _worker = line.company.worker();
    line.company.until_state(&order, "verified");
    assert!(!line.idp.active(&ids[1]));
}

fn authority(company: &Company) -> String {
    let out = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=ca", "-keyout", "/dev/null"])
        .output()
        .unwrap();
    let path = company.dir().join("ca.pem");
    std::fs::write(&path, out.stdout).unwrap();
    path.display().to_string()
}

/// Kills the worker when it has come so far with one account, and lets another go on. An order that is retried asks in this order: the
/// account before the journal, the account once more before the write, the write, the account after it, and the account for the last step.
fn killed(reads: usize, write: Option<Fault>, journalled: &str) {
    let line = Line::new(0);
    line.declare("timeout = \"2s\"\nsession_max = \"0s\"");
    let id = line.idp.add("zhang.wei", "20001");
    let (get, patch) = (format!("GET {}", user(&id)), format!("PATCH {}", user(&id)));
    // Nothing can be sent while the order is asked for and approved: only the worker that dies gets so far.
    let (order, hash) = line.company.planned("20001");
    line.proxy.down();
    line.company.ok(&["freeze", "approve", &order, "--hash", &hash, "--as", "lin"]);
    let tried = |o: &Value| {
        line.company.run(&["worker", "--once"]);
        block(o)["attempts"].as_i64() > Some(0) && block(o)["state"] == "pending"
    };
    line.company.until(&order, "tried", &|_| (), &tried);
    let came = if let Some(fault) = write {
        line.proxy.next(&patch, fault);
        (patch.as_str(), 1)
    } else {
        for _ in 1..reads {
            line.proxy.next(&get, Fault::Pass);
        }
        line.proxy.next(&get, Fault::StallBefore);
        (get.as_str(), reads)
    };
    line.proxy.up();
    let worker = line.company.worker();
    line.proxy.until_seen(came.0, came.1);
    worker.kill();
    let left = line.company.order(&order);
    assert_eq!(block(&left)["state"], journalled, "{left:#}");
    assert!(!is_done(&left) || !line.idp.active(&id), "{left:#}");
    line.proxy.release();
    line.proxy.calm();
    let _next = line.company.worker();
    let honest = |o: &Value| assert!(!is_done(o) || !line.idp.active(&id), "falsely complete: {o:#}");
    let done = line.company.until(&order, "verified", &honest, &|o| o["state"] == "verified");
    // As without a crash: locked out, everything confirmed, one write.
    assert!(!line.idp.active(&id) && done["steps"].as_array().unwrap().iter().all(|s| s["state"] == "confirmed"));
    let log = line.peer.log();
    assert_eq!(log.lines().filter(|l| l.contains(&format!("\"PATCH {}", user(&id)))).count(), 1, "{log}");
    line.company.sound();
}

#[test]
fn killed_when_journalled_and_not_sent() {
    killed(2, None, "sent");
}

#[test]
fn killed_when_sent_and_never_arrived() {
    killed(0, Some(Fault::StallBefore), "sent");
}

#[test]
fn killed_when_sent_and_not_answered() {
    killed(0, Some(Fault::Stall), "sent");
}

#[test]
fn killed_when_answered_and_not_settled() {
    killed(3, None, "sent");
}

#[test]
fn killed_when_settled() {
    killed(4, None, "confirmed");
}

#[test]
fn the_wrong_zhang_wei_is_not_frozen_also_where_filters_are_ignored() {
    for (script, args) in [("scim2", vec![]), ("scimmy", vec!["no-filter"])] {
        let peer = Peer::start(script, &args);
        let idp = Plain { base: peer.word("url").into(), token: peer.word("token").into() };
        let ids = [idp.add("zhang.wei", "20001"), idp.add("zhang.wei2", "20002"), idp.add("zhang.wei3", "20003")];
        let company = Company::new(0, "");
        company.targets(&target(&company, peer.word("url"), peer.word("token"), "session_max = \"0s\""));
        let before = peer.log();
        let request = |who: &str, more: &[&str]| {
            let args = [&["freeze", "request", who, "--level", "suspend", "--reason", "for cause"], more].concat();
            company.run(&args).status.code()
        };
        assert_eq!(request("张伟", &[]), Some(2), "three of one name");
        assert_eq!(request("zhang wei", &[]), Some(2), "three of one name");
        assert_eq!(peer.log(), before, "nobody was asked about");
        assert_eq!(
            company.refused(2, &["freeze", "request", "20002", "--level", "suspend", "--reason", "x", "--confirm", "0001Z"]),
            "refused-freeze-confirm"
        );
        let plan = company.json(&["freeze", "plan", "20002", "--level", "suspend"]);
        let steps = plan["intent"]["steps"].as_array().unwrap();
        assert!(!steps.is_empty() && steps.iter().all(|s| s["account"] == ids[1].as_str()), "{script}: {plan:#}");
        let new = peer.log()[before.len()..].to_owned();
        assert!(!new.is_empty() && new.lines().all(|l| l.contains("GET ")), "{script}: reads only: {new}");
        assert_eq!(request("20002", &["--confirm", "0002z", "--hash", plan["plan_hash"].as_str().unwrap()]), Some(0));
        assert_eq!(ids.clone().map(|id| idp.active(&id)), [true, false, true], "{script}");
        let new = peer.log()[before.len()..].to_owned();
        let writes: Vec<_> = new.lines().filter(|l| !l.contains("GET ")).collect();
        assert!(writes.len() == 1 && writes[0].contains(&ids[1]), "{script}: {writes:?}");
    }
}

#[test]
fn a_plan_is_reads_one_access_entry_and_one_hash() {
    let line = Line::new(0);
    line.idp.add("zhang.wei", "20001");
    let company = &line.company;
    let before = (line.peer.log().len(), company.json(&["audit", "list"]).as_array().unwrap().len());
    let access = || {
        let all = company.json(&["audit", "access"]);
        all.as_array().unwrap().iter().filter(|e| e["act"] != "access" && e["act"] != "audit").count()
    };
    let seen = access();
    let plan = company.json(&["freeze", "plan", "20001", "--level", "suspend"]);
    assert_eq!(access() - seen, 1, "one access entry");
    let new = line.peer.log()[before.0..].to_owned();
    assert!(!new.is_empty() && new.lines().all(|l| l.contains("\"GET ")), "{new}");
    assert_eq!(company.json(&["audit", "list"]).as_array().unwrap().len(), before.1, "no act");
    assert_eq!(company.json(&["freeze", "list"]), serde_json::json!([]));
    let hash = plan["plan_hash"].as_str().unwrap();
    assert_eq!(hash.len(), 64);
    let again = company.json(&["freeze", "plan", "20001", "--level", "suspend", "--lang", "zh-CN"]);
    assert_eq!(again["plan_hash"], hash);
    assert_ne!(company.json(&["freeze", "plan", "20001", "--level", "suspend", "--at", "9h"])["plan_hash"], hash);
    // The order carries what was approved, under the names that scripts read.
    let order = company.suspend("20001");
    let order = company.order(&order);
    for key in ["id", "state", "level", "plan_hash", "employee", "residual_seconds", "gaps", "steps"] {
        assert!(order.get(key).is_some(), "{key}");
    }
    for key in ["target", "kind", "state", "attempts", "at"] {
        assert!(order["steps"][0].get(key).is_some(), "{key}");
    }
    assert_eq!(
        (&order["plan_hash"], &order["level"], &order["state"]),
        (&Value::from(hash), &Value::from("suspend"), &Value::from("verified"))
    );
}

#[test]
fn enabled_behind_our_back_is_one_alert() {
    let line = Line::new(0);
    let id = line.idp.add("zhang.wei", "20001");
    let company = &line.company;
    let order = company.suspend("20001");
    company.until_state(&order, "verified");
    line.idp.set_active(&id, true);
    for _ in 0..3 {
        company.ok(&["freeze", "verify", &order]);
        company.run(&["worker", "--once"]);
        let o = company.order(&order);
        assert_eq!((&o["state"], &o["residual_seconds"]), (&Value::from("drifted"), &Value::Null), "{o:#}");
        assert_eq!(company.alerts("freeze_drift"), 1, "told once");
    }
    assert!(line.idp.active(&id), "nobody acts on an account by itself");
    company.ok(&["freeze", "resume", &order]);
    company.until_state(&order, "verified");
    assert!(!line.idp.active(&id));
    // Given back by an order of its own, once another person has said so.
    let thaw = company.json(&["freeze", "thaw", &order, "--reason", "wrong person"]);
    let (thaw, hash) = (thaw["id"].as_str().unwrap(), thaw["plan_hash"].as_str().unwrap());
    assert_eq!(company.refused(3, &["freeze", "approve", thaw, "--hash", hash]), "refused-own-approval");
    assert_eq!(company.refused(4, &["freeze", "approve", thaw, "--hash", "00", "--as", "lin"]), "refused-plan-hash");
    assert!(!line.idp.active(&id));
    company.ok(&["freeze", "approve", thaw, "--hash", hash, "--as", "lin"]);
    company.until_state(thaw, "complete");
    assert_eq!(company.order(&order)["state"], "thawed");
    assert!(line.idp.active(&id));
}
