//! What a role may not see is in nothing that is printed, as text or as JSON, in either language.

use super::company::Company;
use std::fs;

/// A company with the roles that ship, a triager, and an IT supporter.
fn company() -> Company {
    let c = Company::new();
    fs::remove_file(c.home().join("roles.toml")).unwrap();
    for (name, role) in [("tri", "triager"), ("it", "it_support"), ("aud", "auditor")] {
        c.ok(&["operator", "add", name, "--role", role]);
    }
    c.ok(&["alert", "note", "10001", "--text", "李研说要走"]);
    c
}

#[test]
fn a_hidden_name_is_printed_nowhere() {
    let c = company();
    let asked: &[(&str, &[&str])] = &[
        ("tri", &["alert", "list"]),
        ("tri", &["alert", "show", "10001"]),
        ("tri", &["employee", "list"]),
        ("tri", &["employee", "show", "10001"]),
        ("tri", &["employee", "timeline", "10001"]),
        ("aud", &["audit", "list"]),
        ("aud", &["audit", "access"]),
    ];
    for (who, args) in asked {
        for more in [&["--lang", "en"][..], &["--lang", "zh-CN"], &["--json"]] {
            let args: Vec<&str> = args.iter().chain(&["--as", who]).chain(more).copied().collect();
            let said = c.ok(&args);
            for name in ["李研", "王销", "赵销", "10002", "10003", "li yan"] {
                assert!(!said.out.contains(name) && !said.err.contains(name), "{args:?}: {name}: {}{}", said.out, said.err);
            }
            assert!(!said.out.contains("10001"), "{args:?}: {}", said.out);
        }
    }
    assert!(c.ok(&["alert", "show", "10001", "--as", "tri"]).out.contains("李**说要走"), "what is not hidden stays");
}

#[test]
fn a_role_without_scores_reads_none() {
    let c = company();
    let said = c.ok(&["employee", "show", "10001", "--as", "it", "--json"]).out;
    assert!(said.contains("李研") && said.contains("\"score\":null"), "{said}");
    for args in [&["risk", "explain", "10001"][..], &["alert", "list"], &["audit", "list"]] {
        let args: Vec<&str> = args.iter().chain(&["--as", "it"]).copied().collect();
        let said = c.run(&args);
        assert_eq!(said.code, 3, "{args:?}: {}{}", said.out, said.err);
        assert!(said.err.contains("IT support") && said.err.contains("tenure operator roles"), "{}", said.err);
        assert_eq!(said.out, "");
    }
}

#[test]
fn a_name_is_revealed_by_command() {
    let c = company();
    let said = c.run(&["employee", "reveal", "10001", "--as", "tri"]);
    assert_eq!(said.code, 2, "it wants a reason: {}", said.err);
    c.ok(&["employee", "reveal", "10001", "--minutes", "15", "--reason", "call them", "--as", "tri"]);
    assert!(c.ok(&["employee", "show", "10001", "--as", "tri"]).out.contains("李研"));
    assert!(!c.ok(&["employee", "list", "--as", "tri"]).out.contains("王销"));
}
