//! Fifty processes, one version.

use super::company::{Company, answer};
use std::process::Stdio;

#[test]
fn fifty_processes_acknowledge_one_version_and_one_wins() {
    let c = Company::new();
    for i in 0..50 {
        c.ok(&["operator", "add", &format!("op{i}"), "--role", "triager"]);
    }
    let (id, version) = c.alert("10003");
    let before = c.entries();
    let ack = |i: usize| {
        let (name, key) = (format!("op{i}"), format!("key-{i}"));
        c.command(&["alert", "ack", &id, "--expect", &version, "--as", &name, "--key", &key, "--json"])
    };
    let children: Vec<_> =
        (0..50).map(|i| ack(i).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()).collect();
    let answers: Vec<_> = children.into_iter().map(|p| answer(p.wait_with_output().unwrap())).collect();
    let winners: Vec<usize> = (0..50).filter(|i| answers[*i].code == 0).collect();
    assert_eq!(winners.len(), 1, "{answers:?}");
    let name = format!("op{}", winners[0]);
    for (i, a) in answers.iter().enumerate().filter(|(i, _)| *i != winners[0]) {
        assert_eq!((a.code, a.out.as_str()), (4, ""), "{i}: {a:?}");
        assert_eq!(a.error()["args"]["by"], name.as_str(), "{a:?}");
        assert!(a.error()["message"].as_str().unwrap().contains(&name));
    }
    assert_eq!(c.entries(), before + 1);

    // The same key and body: the same answer, and no new entry.
    let again = answer(ack(winners[0]).output().unwrap());
    assert_eq!(again.code, 0, "{again:?}");
    let (first, second) = (answers[winners[0]].json(), again.json());
    assert_eq!((&first["outcomes"], &first["entry"]), (&second["outcomes"], &second["entry"]));
    assert_eq!((&first["replayed"], &second["replayed"]), (&false.into(), &true.into()));
    assert_eq!(c.entries(), before + 1);

    // The same key and another body is refused.
    let key = format!("key-{}", winners[0]);
    assert_eq!(c.run(&["alert", "escalate", &id, "--as", &name, "--key", &key]).code, 3);
}
