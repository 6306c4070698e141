//! `kill -9` at any instant: the database opens, the chain verifies, nothing acknowledged is lost.

use crate::harness::Home;
use std::{
    process::{Child, Output},
    sync::mpsc,
    thread,
    time::Duration,
};

/// Lets a process run for about as long, then kills it; its output when it was done before.
fn kill_after(child: Child, span: Duration) -> Option<Output> {
    let pid = rustix::process::Pid::from_child(&child);
    let (ended, end) = mpsc::channel();
    let waiter = thread::spawn(move || ended.send(child.wait_with_output().unwrap()));
    let output = end.recv_timeout(span).ok().filter(|output| output.status.success());
    if output.is_none() {
        // It may have ended meanwhile; the waiter has not reaped it before it sends.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        let late = end.recv().unwrap();
        waiter.join().unwrap().unwrap();
        return Some(late).filter(|output| output.status.success());
    }
    output
}

#[test]
fn an_act_is_done_or_not_done() {
    let home = Home::sample();
    let before = home.entries();
    let alerts = home.alerts();
    let ids: Vec<&str> = alerts.iter().filter(|alert| alert["state"] == "new").map(|alert| alert["id"].as_str().unwrap()).collect();
    assert!(ids.len() > 3, "the sample company has open alerts");
    // How long an act takes on this machine, so that the kills fall into it.
    let started = std::time::Instant::now();
    home.must(&["alert", "ack", ids[0], "--json"]);
    let whole = started.elapsed();
    let mut acknowledged = vec![ids[0]];
    let tries = 24u32;
    for (n, id) in (0..tries).zip(ids.iter().cycle().skip(1)) {
        let key = format!("crash-{id}");
        let child = home.command(&["alert", "ack", id, "--key", &key, "--json"]).spawn().unwrap();
        if kill_after(child, whole * (n + 1) / tries).is_some() {
            acknowledged.push(id);
        }
    }
    let after = home.alerts();
    for id in &acknowledged {
        let alert = after.iter().find(|alert| alert["id"] == **id).unwrap();
        assert_eq!(alert["state"], "acked", "the answer came, so it is done: {alert:#}");
    }
    // Whatever was cut before its answer is asked again with the same key: done once, now or then.
    for id in ids.iter().skip(1) {
        home.must(&["alert", "ack", id, "--key", &format!("crash-{id}"), "--json"]);
    }
    let done = home.alerts().iter().filter(|alert| alert["state"] == "acked").count();
    assert!(done >= ids.len());
    assert_eq!(home.entries(), before + ids.len() as u64, "one entry an act, however often it was asked for");
}

#[test]
fn an_import_is_whole_or_can_be_repeated() {
    let file = Home::empty();
    let signals = file.path().join("signals.ndjson");
    let signals = signals.to_str().unwrap();
    file.must(&["demo", "--employees", "200", "--seed", "2", "--write-signals", signals]);

    let whole = Home::sample();
    let started = std::time::Instant::now();
    whole.must(&["import", "signals", signals, "--json"]);
    let span = started.elapsed();

    let cut = Home::sample();
    let mut entries = cut.entries();
    let tries = 8;
    for n in 0..tries {
        let child = cut.command(&["import", "signals", signals, "--json"]).spawn().unwrap();
        kill_after(child, span * (n + 1) / (tries + 1));
        let now = cut.entries();
        assert!(now >= entries, "entries never go away");
        entries = now;
    }
    cut.must(&["import", "signals", signals, "--json"]);
    cut.must(&["worker", "--once"]);
    whole.must(&["worker", "--once"]);
    cut.entries();
    for alert in whole.alerts() {
        let number = alert["employee"]["number"].as_str().unwrap();
        let score = |home: &Home| home.json(&["risk", "explain", number])["score"].clone();
        assert_eq!(score(&whole), score(&cut), "{number}");
    }
}
