//! Every subcommand says what it takes.

use super::company::{answer, bare};
use clap::CommandFactory;
use tenure::cli::Cli;

fn paths(command: &clap::Command, path: &[String], out: &mut Vec<Vec<String>>) {
    out.push(path.to_vec());
    for sub in command.get_subcommands().filter(|s| s.get_name() != "help") {
        paths(sub, &[path, &[sub.get_name().to_owned()]].concat(), out);
    }
}

#[test]
fn every_subcommand_has_help() {
    let mut all = Vec::new();
    paths(&Cli::command(), &[], &mut all);
    assert!(all.len() > 50, "{all:?}");
    for path in all {
        let args: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
        let a = answer(bare(&args).output().unwrap());
        assert_eq!((a.code, a.err.as_str()), (0, ""), "{args:?}");
        let name = ["tenure"].into_iter().chain(path.iter().map(String::as_str)).collect::<Vec<_>>().join(" ");
        assert!(a.out.contains(&format!("Usage: {name}")), "{args:?}: {}", a.out);
        assert!(!a.out.lines().next().unwrap_or_default().is_empty(), "{name} has no description");
    }
}

#[test]
fn the_grammar_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn the_promised_subcommands_are_there() {
    for path in [
        "demo",
        "import",
        "quarantine list",
        "quarantine retry",
        "employee list",
        "employee show",
        "employee timeline",
        "employee sort-name",
        "employee erase",
        "risk score",
        "risk explain",
        "risk predict",
        "risk models",
        "alert list",
        "alert show",
        "alert ack",
        "alert assign",
        "alert snooze",
        "alert escalate",
        "alert note",
        "alert talk",
        "alert dismiss",
        "alert resolve",
        "alert reopen",
        "alert report",
        "plan list",
        "plan show",
        "plan create",
        "plan submit",
        "plan cancel",
        "plan advance",
        "plan outcome",
        "customer list",
        "customer show",
        "customer transfer",
        "customer advance",
        "customer decline",
        "customer pool",
        "customer fail",
        "customer collect",
        "approval list",
        "approval grant",
        "approval deny",
        "signal kinds",
        "signal enable",
        "signal disable",
        "operator add",
        "operator list",
        "operator revoke",
        "operator token",
        "operator tokens",
        "operator untoken",
        "operator key",
        "operator keys",
        "operator unkey",
        "audit list",
        "audit verify",
        "audit access",
        "audit anchor",
        "audit anchors",
        "risk contest",
        "risk contests",
        "risk answer",
        "job list",
        "job retry",
        "worker",
        "backup",
        "restore",
        "key export",
        "key rotate",
        "config show",
        "config check",
        "config path",
        "config keymap",
        "doctor",
        "completions",
    ] {
        let mut at = Cli::command();
        for word in path.split(' ') {
            at = at.find_subcommand(word).unwrap_or_else(|| panic!("{path}")).clone();
        }
    }
}

#[test]
fn completions_name_the_subcommands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let a = answer(bare(&["completions", shell]).output().unwrap());
        assert_eq!((a.code, a.err.as_str()), (0, ""), "{shell}");
        assert!(a.out.contains("quarantine") && a.out.contains("timeline"), "{shell}");
    }
}
