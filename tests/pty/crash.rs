//! `kill -9` at any instant: the database opens, the chain verifies, nothing acknowledged is lost.

use crate::harness::Home;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::{
    fs,
    process::{Child, Output},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
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
    let alerts = home.alerts();
    let alert = alerts[0]["id"].as_str().unwrap();
    let note = |n: u32| (format!("第{n}次备注"), format!("crash-{n}"));
    // How long an act takes on this machine, so that the kills fall into it.
    let started = Instant::now();
    home.must(&["alert", "note", alert, "--text", &note(0).0, "--key", &note(0).1, "--json"]);
    let whole = started.elapsed();
    let tries = 40u32;
    let mut answered = vec![0];
    for n in 1..=tries {
        let (text, key) = note(n);
        let child = home.command(&["alert", "note", alert, "--text", &text, "--key", &key, "--json"]).spawn().unwrap();
        if kill_after(child, whole * n / tries).is_some() {
            answered.push(n);
        }
        home.entries();
    }
    let notes = |home: &Home| home.json(&["alert", "show", alert])["notes"].as_array().unwrap().clone();
    for n in answered {
        assert!(notes(&home).iter().any(|kept| kept["text"] == note(n).0), "the answer to {n} came, so it is done");
    }
    // Whatever was cut before its answer is asked again with the same key: done once, then or now.
    for n in 0..=tries {
        home.must(&["alert", "note", alert, "--text", &note(n).0, "--key", &note(n).1, "--json"]);
    }
    let kept = notes(&home);
    for n in 0..=tries {
        assert_eq!(kept.iter().filter(|kept| kept["text"] == note(n).0).count(), 1, "note {n}");
    }
    home.entries();
}

#[test]
fn an_import_is_whole_or_is_finished_later() {
    let people = Home::sample().json(&["employee", "list", "--limit", "200"]);
    let active = people.as_array().unwrap().iter().filter(|person| person["state"] == "active");
    let numbers: Vec<&str> = active.map(|person| person["number"].as_str().unwrap()).collect();
    assert!(numbers.len() > 100);
    let mut table = String::from("event,number,kind,observed_at,value\n");
    for day in 0..15 {
        let at = Timestamp::now() - SignedDuration::from_hours(24 * (day + 1));
        for number in &numbers {
            table.push_str(&format!("crash-{number}-{day},{number},late,{at},{}\n", 1 + day % 3));
        }
    }
    let file = Home::empty();
    let path = file.path().join("late.csv");
    fs::write(&path, table).unwrap();
    let load = ["import", "signals", path.to_str().unwrap(), "--json"];

    let whole = Home::sample();
    let started = Instant::now();
    whole.must(&load);
    let span = started.elapsed();

    let cut = Home::sample();
    let tries = 12;
    let mut entries = cut.entries();
    for n in 1..=tries {
        kill_after(cut.command(&load).spawn().unwrap(), span * n / (tries + 1));
        let now = cut.entries();
        assert!(now >= entries, "entries never go away");
        entries = now;
    }
    cut.must(&load);
    for home in [&whole, &cut] {
        home.must(&["worker", "--once"]);
        home.entries();
    }
    for number in numbers {
        let [want, got] = [&whole, &cut].map(|home| {
            let explained = home.run(&["risk", "explain", number, "--json"]);
            let mut told: Value = serde_json::from_slice(&explained.stdout).unwrap();
            told.as_object_mut().unwrap().remove("computed_at");
            told
        });
        assert_eq!(want, got, "{number}");
    }
}
