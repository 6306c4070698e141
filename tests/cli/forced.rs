//! A login whose command the host has fixed, without the host: who it takes, and what it looks away from. Behind a real sshd it is tried in
//! tests/pty.

use super::company::{Answer, Company, answer, bare};
use std::process::Stdio;

/// The fixed command, with what a client sent as variables.
fn forced(c: &Company, args: &[&str], sent: &[(&str, &str)]) -> Answer {
    let home = c.home();
    let mut command = bare(&[&["--forced", "--home", home.to_str().unwrap()], args].concat());
    answer(command.env("SSH_CONNECTION", "127.0.0.1 1 127.0.0.1 22").envs(sent.iter().copied()).stdin(Stdio::null()).output().unwrap())
}

#[test]
fn the_command_of_the_host_says_who_it_is_and_variables_do_not() {
    let (c, other) = (Company::new(), Company::new());
    let entries = other.entries();
    let elsewhere = other.home().display().to_string();
    let sent =
        [("TENURE_HOME", elsewhere.as_str()), ("TENURE_BACKEND", "postgres://x@127.0.0.1:1/x"), ("TENURE_AS", "lin"), ("TENURE_KEY", "00")];
    let a = forced(&c, &["--as", "chen", "alert", "ack", "10001"], &sent);
    assert_eq!((a.code, a.err.as_str()), (0, ""), "{a:?}");
    let newest = c.json(&["audit", "list"])[0].clone();
    assert_eq!((&newest["act"], &newest["operator_name"], &newest["proof"]), (&"alert.ack".into(), &"chen".into(), &"ssh_key".into()));
    assert_eq!(other.entries(), entries);
}

#[test]
fn without_a_proof_nobody_comes_in() {
    let c = Company::new();
    let code = |args: &[&str], sent: &[(&str, &str)]| {
        let a = forced(&c, &[args, &["alert", "list", "--json"]].concat(), sent);
        assert_eq!(a.out, "");
        (a.code, a.error()["code"].as_str().unwrap().to_owned())
    };
    assert_eq!(code(&[], &[]), (3, "forced-no-auth-info".into()));
    // A file that the client names is not the one that sshd makes, whatever is in it.
    let key = "publickey ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for file in [c.file("proof", key), "/tmp/sshauth./../../etc/passwd".into(), "/tmp/sshauth.none".into()] {
        assert_eq!(code(&[], &[("SSH_USER_AUTH", &file)]), (3, "forced-auth-file".into()), "{file}");
        assert_eq!(code(&["--as", "chen"], &[("SSH_USER_AUTH", &file)]), (3, "forced-auth-file".into()), "{file}");
    }
    assert_eq!(code(&["--as", "nobody"], &[]), (5, "operator-unknown".into()));
    let home = c.home();
    let a = answer(bare(&["--forced", "--home", home.to_str().unwrap(), "--as", "chen", "alert", "list", "--json"]).output().unwrap());
    assert_eq!((a.code, a.error()["code"].as_str()), (3, Some("forced-no-login")));
}

#[test]
fn a_command_of_the_client_is_not_run() {
    let c = Company::new();
    let entries = c.entries();
    let wish = [("SSH_ORIGINAL_COMMAND", "alert ack 10001")];
    let a = forced(&c, &["--as", "chen"], &wish);
    assert_eq!((a.code, a.out.as_str()), (2, ""));
    assert!(a.err.contains("Only the console runs here"), "{a:?}");
    // Nor where whoever wrote the fixed command left the flag out.
    let mut command = c.command(&["--as", "chen", "alert", "ack", "10001"]);
    let a = answer(command.envs(wish).output().unwrap());
    assert_eq!((a.code, a.out.as_str()), (2, ""));
    assert_eq!(c.entries(), entries);
    // And what runs a home is for its administrator.
    for run in [&["worker", "--once"][..], &["key", "export"], &["config", "show"]] {
        let a = forced(&c, &[&["--as", "chen"], run, &["--json"]].concat(), &[]);
        assert_eq!((a.code, a.out.as_str(), a.error()["code"].as_str()), (2, "", Some("forced-run")), "{run:?}");
    }
}

#[test]
fn nobody_is_asserted_on_a_server() {
    for server in ["postgres://x@127.0.0.1:1/x", "http://127.0.0.1:1"] {
        let c = Company::new();
        let mut command = c.command(&["--backend", server, "--as", "chen", "alert", "list", "--json"]);
        let a = answer(command.env("TENURE_TOKEN", "tnr_0").output().unwrap());
        assert_eq!((a.code, a.error()["code"].as_str()), (2, Some("cli-as-server")), "{server}: {a:?}");
    }
}

#[test]
fn keys_are_registered_by_file_or_fingerprint() {
    let c = Company::new();
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let file = c.file("chen.pub", &format!("{key} chen@laptop\n"));
    c.ok(&["operator", "key", "chen", &file]);
    let keys = c.json(&["operator", "keys"]);
    let print = keys[0]["fingerprint"].as_str().unwrap();
    assert!(print.starts_with("SHA256:") && keys[0]["name"] == "chen", "{keys}");
    let a = c.run(&["operator", "key", "lin", print, "--json"]);
    assert_eq!((a.code, a.error()["code"].as_str()), (4, Some("refused-key-taken")));
    c.ok(&["operator", "unkey", print]);
    c.ok(&["operator", "key", "lin", print]);
    for wrong in ["", "ssh-ed25519 AAAA\n", &format!("{key}\n{key}\n")] {
        let a = c.run(&["operator", "key", "lin", &c.file("wrong.pub", wrong), "--json"]);
        assert_eq!((a.code, a.error()["code"].as_str()), (2, Some("cli-not-a-key")), "{wrong:?}");
    }
    assert_eq!(c.run(&["operator", "key", "lin", "none.pub"]).code, 5);
}
