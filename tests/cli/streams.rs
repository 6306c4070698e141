//! A reader that goes away, and streams that were never there.

use super::company::{Company, answer};
use std::process::{Command, Stdio};

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let c = Company::new();
    for args in [&["audit", "list", "--json"][..], &["alert", "list"], &["employee", "timeline", "10001", "--json"]] {
        let mut child = c.command(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // The pipe is broken before the first byte.
        drop(child.stdout.take());
        let a = answer(child.wait_with_output().unwrap());
        assert_eq!((a.code, a.err.as_str()), (0, ""), "{args:?}");
    }
}

#[test]
fn closed_streams_do_not_panic() {
    let c = Company::new();
    let (id, _) = c.alert("10001");
    for (closed, args, code) in [
        ("<&- >&-", format!("alert ack {id}"), 0),
        ("<&- >&- 2>&-", format!("alert ack {id}"), 4),
        ("2>&-", "employee show 99999".into(), 5),
        ("<&- >&-", "alert list --json".into(), 0),
        ("<&- >&- 2>&-", "--help".into(), 0),
    ] {
        let script = format!("exec \"$TENURE\" {args} {closed}");
        let status = Command::new("sh")
            .args(["-c", &script])
            .env("TENURE", env!("CARGO_BIN_EXE_tenure"))
            .env("TENURE_HOME", c.home())
            .status()
            .unwrap();
        assert_eq!(status.code(), Some(code), "{script}");
    }
}

#[test]
fn a_full_disk_is_said() {
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    let c = Company::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let a = answer(c.command(&["employee", "list", "--json"]).stdout(full).output().unwrap());
    assert_eq!((a.code, a.error()["code"].as_str()), (1, Some("cli-output")));
}

#[test]
fn hostile_names_reach_the_terminal_harmless() {
    let c = Company::new();
    let name = "Eve\u{1b}[2J\u{202e}lives";
    let file = c.file("hostile.csv", &format!("number,name,org,post,started\n66601,\"{name}\",/集团,工程师,2023-01-01\n"));
    c.run(&["import", "employees", &file]);
    for args in [&["employee", "list"][..], &["employee", "show", "66601"], &["quarantine", "list"]] {
        let a = c.run(args);
        for bad in ['\u{1b}', '\u{202e}'] {
            assert!(!a.out.contains(bad) && !a.err.contains(bad), "{args:?}");
        }
    }
}
