//! The console over the HTTP API of a server process, on a cable that is held and torn.

use crate::{
    harness::Home,
    kit::{company::Running, wire::Wire},
};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader},
    process::{Child, Stdio},
};

/// The API of a home, and its address.
fn serve(home: &Home) -> (Running, String) {
    let mut child: Child =
        home.command(&["serve", "--listen", "127.0.0.1:0", "--no-worker", "--json"]).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let told: Value = serde_json::from_str(&line).unwrap();
    (Running::of(child), told["url"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned())
}

#[test]
fn a_cut_cable_blocks_no_key_and_what_is_on_its_way_is_settled() {
    let home = Home::sample();
    let token = home.json(&["operator", "token", "wang-triage", "--days", "1"])["token"].as_str().unwrap().to_owned();
    let (_served, at) = serve(&home);
    let wire = Wire::before(&at);
    let url = format!("http://127.0.0.1:{}", wire.port());
    let mut console = home.console("en", &[], &[("TENURE_BACKEND", &url), ("TENURE_TOKEN", &token)]);
    console.sees("(token)").press("g a").sees("[Alerts]");
    let row = |screen: &termlens::Screen| screen.text().lines().position(|row| row.starts_with("> "));
    console.until("a row has the cursor", |s| row(s).is_some());
    let first = row(&console.screen());

    // Nothing comes through, and what was open is torn: what is shown is said to be old, and every key works.
    wire.hold();
    assert!(wire.tear() > 0);
    console.sees("STALE").press("down").until("the cursor moves", |s| row(s).is_some_and(|r| Some(r) != first));
    console.press("c").sees("Ctrl-D").types("while the cable is cut").sees("while the cable is cut").press("ctrl-d");
    console.until("it is on its way", |s| !s.contains("Ctrl-D send") && !s.contains("Done: note"));
    wire.go_on();
    console.sees("Done: note").until("what is shown is live", |s| !s.contains("STALE"));

    // Torn with the request on its way: nobody knows, it is asked again by its key.
    console.press("c").sees("Ctrl-D").types("torn on its way").sees("torn on its way");
    let before = wire.passed().up;
    wire.hold();
    console.press("ctrl-d");
    while wire.passed().up == before {
        std::thread::yield_now();
    }
    wire.tear();
    wire.go_on();
    console.until("it is settled", |s| s.contains("Done: note")).press("Q");
    assert_eq!(console.ends(), 0);
    let notes: String =
        home.alerts().iter().map(|a| home.json(&["alert", "show", a["id"].as_str().unwrap()])["notes"].to_string()).collect();
    for text in ["while the cable is cut", "torn on its way"] {
        assert_eq!(notes.matches(text).count(), 1, "{text}: {notes}");
    }
    home.entries();
}
