//! Exit codes, and errors that are sentences with a next step.

use super::company::{Company, answer, bare};

/// A stage that waits for what it asks for itself would leave every case standing.
#[test]
fn a_template_that_locks_itself_is_found_by_config_check() {
    let c = Company::empty();
    let folder = c.home().join("offboarding");
    std::fs::create_dir_all(&folder).unwrap();
    let shipped = include_str!("../../config/offboarding/standard.toml");
    let bad = shipped.replacen("opens_after = [\"g1\", \"g2\", \"g3\", \"g4\"]", "opens_after = [\"g5\"]", 1);
    std::fs::write(folder.join("standard.toml"), bad).unwrap();
    let a = c.run(&["config", "check"]);
    assert!(a.code == 1 && a.out.contains("data_export") && a.out.contains("g5"), "{} {}{}", a.code, a.out, a.err);
}

#[test]
fn config_check_names_every_mistake() {
    let c = Company::empty();
    let bad = "[limits]\nmax_exit_share = 2.0\n[console]\nlocked = \"night\"\nfont = 1\n[[targets]]\nname = \"idp\"\nkind = \"scim\"\n\
               url = \"https://idp.example.com\"\ntimeout = \"soon\"\nsession_max = \"long\"\n[offboarding]\ntemplate = \"none\"\n";
    std::fs::create_dir_all(c.home()).unwrap();
    std::fs::write(c.home().join("tenure.toml"), bad).unwrap();
    let a = c.run(&["config", "check"]);
    for named in ["max_exit_share", "night", "font", "timeout", "session_max", "none.toml"] {
        assert!(a.code == 1 && a.out.contains(named), "{named}: {} {}{}", a.code, a.out, a.err);
    }
}

#[test]
fn a_command_line_that_makes_no_sense_is_exit_2() {
    for args in
        [&["nonsense"][..], &["alert", "ack"], &["import", "people", "x.csv"], &["alert", "list", "--view", "some"], &["--lang", "fr"]]
    {
        let a = answer(bare(args).output().unwrap());
        assert_eq!(a.code, 2, "{args:?}");
        assert!(a.out.is_empty() && !a.err.is_empty(), "{args:?}");
        let a = answer(bare(&[args, &["--json"]].concat()).output().unwrap());
        assert_eq!((a.code, a.error()["code"].as_str()), (2, Some("cli-usage")), "{args:?}");
    }
    let a = answer(bare(&["--backend", "mysql://x", "alert", "list", "--json"]).output().unwrap());
    assert_eq!((a.code, a.error()["code"].as_str()), (2, Some("cli-backend")));
}

#[test]
fn a_name_that_three_people_have_is_exit_2_with_the_candidates() {
    let c = Company::new();
    let a = c.run(&["employee", "show", "张伟"]);
    assert_eq!((a.code, a.out.as_str()), (2, ""));
    for number in ["20001", "20002", "20003"] {
        assert!(a.err.contains(number), "{}", a.err);
    }
    let before = c.entries();
    let a = c.run(&["alert", "ack", "张伟", "--json"]);
    assert_eq!((a.code, a.out.as_str()), (2, ""));
    let e = a.error();
    assert_eq!(e["candidates"].as_array().unwrap().len(), 3);
    assert!(e["candidates"][0]["id"].is_string() && e["next"].is_string());
    assert_eq!(c.entries(), before, "nothing was done");
}

#[test]
fn what_is_not_there_is_exit_5() {
    let c = Company::new();
    let nobody = uuid::Uuid::nil().to_string();
    for args in [
        &["employee", "show", "99999"][..],
        &["risk", "explain", "没有人"],
        &["alert", "show", &nobody],
        &["alert", "ack", &nobody],
        &["alert", "ack", "20001"],
        &["plan", "show", &nobody],
        &["alert", "list", "--as", "nobody"],
        &["import", "employees", "no-such-file.csv"],
    ] {
        let a = c.run(&[args, &["--json"]].concat());
        assert_eq!((a.code, a.out.as_str()), (5, ""), "{args:?}: {a:?}");
        assert!(!a.error()["message"].as_str().unwrap().is_empty());
    }
    let a = Company::empty().run(&["alert", "list", "--json"]);
    assert_eq!((a.code, a.error()["next"].is_string()), (5, true), "no home: {a:?}");
}

#[test]
fn what_the_rules_forbid_is_exit_3() {
    let c = Company::new();
    let a = c.run(&["alert", "resolve", "10001", "--outcome", "staying", "--json"]);
    assert_eq!((a.code, a.error()["code"].as_str()), (3, Some("refused-no-talk")));
    let a = c.run(&["alert", "ack", "10001", "--read-only"]);
    assert_eq!(a.code, 3, "{a:?}");
    assert_eq!(c.json(&["alert", "show", "10001"])["state"], "new");
}

#[test]
fn a_wrong_key_says_so_and_prints_nothing_else() {
    let c = Company::new();
    let key = "00".repeat(32);
    let a = answer(c.command(&["alert", "list", "--json"]).env("TENURE_KEY", key).output().unwrap());
    assert_eq!((a.code, a.out.as_str()), (1, ""));
    assert_eq!(a.error()["code"], "store-wrong-key");
}

#[test]
fn an_edited_entry_is_exit_1_and_named() {
    let c = Company::new();
    let key = c.ok(&["key", "export"]).out;
    let db = rusqlite::Connection::open(c.home().join("tenure.db")).unwrap();
    db.execute_batch(&format!("pragma key=\"x'{}'\"", key.trim())).unwrap();
    let seq: i64 = db.query_row("select max(seq) - 1 from audit", [], |r| r.get(0)).unwrap();
    let edit = "update audit set bytes = cast(replace(cast(bytes as text), 'os_user', 'token') as blob) where seq = ?1";
    assert_eq!(db.execute(edit, [seq]).unwrap(), 1);
    drop(db);
    let a = c.run(&["audit", "verify", "--json"]);
    assert_eq!(a.code, 1, "{a:?}");
    let v = a.json();
    assert_eq!((&v["ok"], &v["broken"]["seq"], &v["broken"]["chain"]), (&false.into(), &seq.into(), &"acts".into()));
    assert_eq!(a.error()["code"], "cli-chain-broken");
    let a = c.run(&["audit", "verify"]);
    assert!(a.code == 1 && a.err.contains(&format!("entry {seq}")), "{a:?}");
    assert_eq!(c.run(&["doctor"]).code, 1);
}

#[test]
fn a_file_that_is_no_backup_is_not_restored() {
    let c = Company::new();
    let backup = c.file("b.tenure", "not a backup");
    let before = super::company::snapshot(&c.home());
    let a = c.run(&["restore", &backup]);
    assert_eq!(a.code, 1, "{a:?}");
    let names = |s: &[(std::path::PathBuf, Vec<u8>)]| s.iter().map(|f| f.0.clone()).collect::<Vec<_>>();
    assert_eq!(names(&before), names(&super::company::snapshot(&c.home())));
}

#[test]
fn a_backup_can_be_put_back() {
    let c = Company::new();
    let file = c.file("kept.tenure", "");
    std::fs::remove_file(&file).unwrap();
    c.ok(&["backup", &file]);
    let before = c.entries();
    c.ok(&["alert", "ack", "10001"]);
    assert_eq!(c.entries(), before + 1);
    c.ok(&["restore", &file, "--json"]).json();
    assert_eq!(c.json(&["alert", "show", "10001"])["state"], "new");
    assert_eq!(c.entries(), before);
}

#[test]
fn bad_rows_are_kept_and_the_rest_is_loaded_or_nothing_is() {
    let c = Company::new();
    let file = c.file("more.csv", "number,name,org,post,started\n30001,周一,/集团,工程师,2023-01-01\n30002,吴二,/集团,工程师,someday\n");
    let count = || c.json(&["employee", "list"]).as_array().unwrap().len();
    let a = c.run(&["import", "employees", &file, "--strict", "--json"]);
    assert_eq!((a.code, count()), (1, 6), "{a:?}");
    assert_eq!(a.json()["published"], false);
    let a = c.run(&["import", "employees", &file, "--dry-run", "--json"]);
    assert_eq!((a.code, count()), (0, 6), "{a:?}");
    assert_eq!(a.json()["change"]["new_people"], 1);
    let a = c.run(&["import", "employees", &file, "--json"]);
    assert_eq!((a.code, count()), (7, 7), "{a:?}");
    assert_eq!(a.json()["sample"][0]["row"], 2);
    assert_eq!(a.json()["sample"][0]["column"], "started");
    let kept = c.json(&["quarantine", "list"]);
    assert_eq!((kept[0]["file"].as_str(), kept[0]["row"].as_u64()), (Some("more.csv"), Some(2)));
    assert!(!kept.to_string().contains("吴二"));
}

#[test]
fn a_row_that_cannot_be_split_stays_with_its_reason() {
    let c = Company::new();
    let file = c.file("short.csv", "number,name,org,post,started\n30001,周一,/集团,工程师,2023-01-01\n30002,吴二\n");
    assert_eq!(c.run(&["import", "employees", &file]).code, 7);
    // People came, so what is in quarantine was tried again at once; and then by hand.
    let kept = c.json(&["quarantine", "list"]);
    assert_eq!((kept[0]["row"].as_u64(), kept[0]["code"].as_str()), (Some(2), Some("row-ragged")), "{kept}");
    let again = c.ok(&["quarantine", "retry"]);
    assert!(!again.out.is_empty());
    assert_eq!(c.json(&["quarantine", "list"]), kept);
    assert!(c.json(&["job", "list"]).as_array().unwrap().iter().all(|j| j["kind"] != "import"));
}

#[test]
fn a_home_that_is_open_read_only_stays_as_it_is() {
    let c = Company::empty();
    c.ok(&["demo", "--employees", "20", "--no-console"]);
    c.ok(&["backup", "copy.db"]);
    let before = c.json(&["employee", "list"]);
    for command in [&["demo", "--reset", "--no-console"][..], &["worker", "--once"], &["restore", "copy.db"], &["key", "rotate"]] {
        let a = c.run(&[command, &["--read-only", "--json"]].concat());
        assert_eq!((a.code, a.error()["code"].as_str()), (3, Some("read-only")), "{command:?}");
    }
    assert_eq!(c.json(&["employee", "list"]), before);
}
