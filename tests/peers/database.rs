//! The store on servers as companies run them: TLS, a pooler in between, several consoles at once, connections that are cut, and the next
//! version of PostgreSQL.

use crate::kit::{
    cluster::{Cluster, Node},
    company::Company,
    desk::Desk,
    tls::Authority,
};
use std::{
    fs,
    process::Output,
    sync::{Condvar, Mutex},
    thread,
};
use tenure::backend::query::{AlertView, Slice};

/// What a command that could not connect says; it must say what to do.
fn unreachable(o: &Output) -> String {
    let said = String::from_utf8_lossy(&o.stderr).into_owned();
    assert_eq!(o.status.code(), Some(6), "{said}");
    assert!(!said.contains('⟨'), "{said}");
    said
}

#[test]
fn a_server_is_trusted_by_its_authority_and_its_name() {
    let cluster = Cluster::start(&["tls"]);
    let plain = cluster.url(Node::Primary, cluster.database("tls"));
    let url = |ca: &str, mode: &str| format!("{plain}?sslmode={mode}&sslrootcert={ca}");
    let company = Company::on(&url(cluster.word("ca"), "verify-full"), 0);
    company.sound();
    assert!(company.ok(&["doctor", "--json"]).contains(", TLS"));
    // `require` is no less: who could be anybody is no protection.
    let other = Authority::new("another authority");
    for mode in ["require", "verify-full"] {
        assert!(company.at(&url(cluster.word("ca"), mode), &["employee", "list"]).status.success());
        let said = unreachable(&company.at(&url(&other.ca(), mode), &["employee", "list"]));
        assert!(said.contains("UnknownIssuer") && said.contains("sslrootcert"), "{said}");
    }

    let named = Cluster::start(&["tls=127.0.0.9"]);
    let url = format!("{}?sslmode=require&sslrootcert={}", named.url(Node::Primary, "postgres"), named.word("ca"));
    let said = unreachable(&company.at(&url, &["employee", "list"]));
    assert!(said.contains("not valid for name") && said.contains("127.0.0.9"), "{said}");

    let open = Cluster::start(&[]);
    let url = format!("{}?sslmode=require&sslrootcert={}", open.url(Node::Primary, "postgres"), named.word("ca"));
    let said = unreachable(&company.at(&url, &["employee", "list", "--lang", "zh-CN"]));
    assert!(said.contains("does not support TLS") && said.contains("受保护"), "{said}");
}

/// What a company does in a day.
fn day(company: &Company) {
    let alert = company.alarm("20001");
    company.ok(&["alert", "ack", &alert, "--as", "lin"]);
    company.ok(&["alert", "note", &alert, "--text", "spoke to the team lead", "--as", "lin"]);
    company.ok(&[
        "alert",
        "talk",
        &alert,
        "--at",
        "now",
        "--who",
        "lin",
        "--channel",
        "in_person",
        "--needs",
        "a raise",
        "--next",
        "ask",
        "--as",
        "lin",
    ]);
    company.ok(&["offboarding", "start", "20002", "--exit", "resigned", "--last-day", "2030-01-31", "--as", "lin"]);
    company.ok(&["worker", "--once"]);
    company.ok(&["risk", "explain", "20001"]);
    assert_ne!(company.json(&["employee", "timeline", "20001"]), serde_json::json!([]));
    assert_eq!(company.notes(&alert), ["spoke to the team lead"]);
    assert_eq!(company.json(&["job", "list"]).as_array().unwrap().iter().filter(|j| j["state"] == "failed").count(), 0);
    company.sound();
}

#[test]
fn version_18_holds_the_company() {
    let cluster = Cluster::start(&["18"]);
    day(&Company::on(&cluster.url(Node::Primary, cluster.database("next")), 20));
}

#[test]
fn a_pooler_in_transaction_mode_loses_nothing() {
    let cluster = Cluster::start(&["pooler"]);
    let url = cluster.pooled(cluster.database("pooled"));
    let company = Company::on(&url, 3_000);
    assert_eq!(company.json(&["employee", "list", "--limit", "5000"]).as_array().unwrap().len(), 3_005);
    day(&company);

    let alert = company.alarm("20003");
    let (one, other) = (Desk::open(&company, &url), Desk::open(&company, &url));
    let mark = one.watch(0).mark;
    let mut wanted: Vec<String> = Vec::new();
    thread::scope(|scope| {
        // More at once than the pooler has connections.
        for (n, desk) in [&one, &other, &one, &other, &one, &other].into_iter().enumerate() {
            let (alert, keys) = (alert.as_str(), (0..10).map(move |k| format!("{n}-{k}")));
            wanted.extend(keys.clone());
            scope.spawn(move || keys.for_each(|key| assert!(desk.note(alert, &key).unwrap().entry.is_some())));
        }
        wanted.push("another process".into());
        company.ok(&["alert", "note", &alert, "--text", "another process", "--as", "wang"]);
    });
    wanted.sort();
    assert_eq!(company.notes(&alert), wanted);
    // Whether or not the pooler passes it on.
    let mark = one.watch(mark).mark;
    company.ok(&["alert", "escalate", &alert, "--as", "wang"]);
    let mut seen = one.watch(mark);
    while !seen.changed.iter().any(|c| c.id.is_some_and(|id| id.to_string() == alert)) {
        seen = one.watch(seen.mark);
    }
    company.sound();
    for log in ["primary.log", "pooler.log"] {
        let log = fs::read_to_string(std::path::Path::new(cluster.word("dir")).join(log)).unwrap();
        let bad: Vec<_> = log.lines().filter(|l| l.contains("prepared statement") || l.contains("ERROR:")).collect();
        assert!(bad.is_empty(), "{bad:#?}");
    }
}

#[test]
fn several_consoles_are_told_of_what_another_process_does() {
    let cluster = Cluster::start(&[]);
    let url = cluster.url(Node::Primary, cluster.database("told"));
    let company = Company::on(&url, 0);
    let alert = company.alarm("20001");
    let desks: Vec<Desk> = (0..3).map(|_| Desk::open(&company, &url)).collect();
    // Each listens: the first news of a listener is that it does.
    let heard: Vec<u64> = desks.iter().map(|d| d.told(0)).collect();
    let marks: Vec<i64> = desks.iter().map(|d| d.watch(0).mark).collect();
    thread::scope(|scope| {
        for ((desk, heard), mark) in desks.iter().zip(heard).zip(marks) {
            let alert = alert.parse().unwrap();
            scope.spawn(move || {
                assert!(desk.watch(mark).changed.iter().any(|c| c.id == Some(alert)));
                // It was said, not only found.
                assert!(desk.told(heard) > heard);
            });
        }
        company.ok(&["alert", "ack", &alert, "--as", "wang"]);
    });
}

#[test]
fn a_connection_that_was_cut_is_made_again_unseen() {
    let cluster = Cluster::start(&[]);
    let url = cluster.url(Node::Primary, cluster.database("cut"));
    let company = Company::on(&url, 0);
    let alert = company.alarm("20001");
    let desk = Desk::open(&company, &url);
    let cut = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tenure' and pid <> pg_backend_pid()";
    let everyone =
        || tenure::backend::Query::Alerts { view: AlertView::All, filter: Default::default(), slice: Slice { after: None, limit: 50 } };
    let mut wanted = Vec::new();
    for n in 0..5 {
        // Several lie idle, and all of them are dead.
        thread::scope(|scope| (0..3).for_each(|_| drop(scope.spawn(|| desk.query(everyone()).unwrap()))));
        cluster.sql(Node::Primary, "cut", cut);
        desk.note(&alert, &n.to_string()).unwrap();
        cluster.sql(Node::Primary, "cut", cut);
        desk.query(everyone()).unwrap();
        wanted.push(n.to_string());
    }
    assert_eq!(company.notes(&alert), wanted);
    company.sound();
}

#[test]
fn many_at_once_wait_for_their_turn_and_not_for_more_connections() {
    const READERS: usize = 60;
    let cluster = Cluster::start(&[]);
    let url = cluster.url(Node::Primary, cluster.database("crowd"));
    let company = Company::on(&url, 0);
    let (desk, other) = (Desk::open(&company, &url), Desk::open(&company, &url));
    let (opened, open) = (Mutex::new(false), Condvar::new());
    let count = |what: &str| {
        let sql = format!("select count(*) from pg_stat_activity where datname = 'crowd' and application_name = 'tenure'{what}");
        other.service.db().read(|tx| tx.count(&sql, &[])).unwrap()
    };
    thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS)
            .map(|_| {
                scope.spawn(|| {
                    desk.service.db().read(|tx| {
                        tx.count("select 1", &[])?;
                        drop(open.wait_while(opened.lock().unwrap(), |opened| !*opened));
                        tx.count("select 1", &[])
                    })
                })
            })
            .collect();
        while count(" and state = 'idle in transaction'") < 20 {}
        *opened.lock().unwrap() = true;
        open.notify_all();
        readers.into_iter().for_each(|r| assert_eq!(r.join().unwrap().unwrap(), 1));
    });
    // What was opened is kept; one is ours who look.
    assert_eq!(count(""), 21);
}

#[test]
fn a_home_moves_to_a_server_and_back_by_command() {
    let cluster = Cluster::start(&[]);
    let (url, company) = (cluster.url(Node::Primary, cluster.database("moved")), Company::new(30, ""));
    let alert = company.alarm("20001");
    company.ok(&["alert", "note", &alert, "--text", "before the move", "--as", "lin"]);
    let report = company.json(&["migrate", "--to", &url]);
    assert!(report["rows"].as_u64().unwrap() > 100 && report["tables"].as_array().unwrap().len() > 30, "{report:#}");
    let notes = |url: &str| {
        let o = company.at(url, &["alert", "show", &alert, "--json"]);
        let card: serde_json::Value = serde_json::from_slice(&o.stdout).unwrap();
        card["notes"].as_array().unwrap().iter().map(|n| n["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(notes(&url), ["before the move"]);
    assert_eq!(company.refused(3, &["migrate", "--to", &url]), "migrate-used");
    assert_eq!(company.refused(2, &["migrate", "--to", "https://example.test/"]), "cli-backend");
    assert_eq!(company.refused(3, &["migrate", "--to", &url, "--read-only"]), "read-only");
    assert!(company.at(&url, &["alert", "note", &alert, "--text", "on the server", "--as", "lin"]).status.success());

    let home = format!("sqlite:{}", company.dir().with_file_name("home2").display());
    let o = company.at(&url, &["migrate", "--to", &home]);
    let said = String::from_utf8_lossy(&o.stdout);
    assert!(o.status.success() && said.contains("every table the same") && said.contains("audit_items"), "{said}");
    let o = company.command(&["alert", "show", &alert]).env_remove("TENURE_HOME").env("TENURE_BACKEND", &home).output().unwrap();
    let said = String::from_utf8_lossy(&o.stdout);
    assert!(said.contains("before the move") && said.contains("on the server"), "{said}");
}
