//! Under `--json` stdout is one document and nothing else.

use super::company::Company;
use serde_json::Value;

#[test]
fn every_query_prints_one_document() {
    let c = Company::new();
    let (alert, _) = c.alert("10001");
    c.ok(&["plan", "create", "10001", "--template", "pay", "--text", "加薪", "--cost", "12000.50"]);
    let plan = c.json(&["plan", "list"])[0]["id"].as_str().unwrap().to_owned();
    let queries: &[&[&str]] = &[
        &["employee", "list"],
        &["employee", "show", "10001"],
        &["employee", "timeline", "10001"],
        &["risk", "score"],
        &["risk", "score", "10001"],
        &["risk", "explain", "10001"],
        &["risk", "predict", "10001", "--set", "pay_gap=0"],
        &["risk", "models"],
        &["alert", "list"],
        &["alert", "show", &alert],
        &["alert", "show", "10001"],
        &["alert", "report", "10001"],
        &["alert", "report", "10001", "--report", "manager_summary"],
        &["plan", "list"],
        &["plan", "show", &plan],
        &["approval", "list"],
        &["signal", "kinds"],
        &["operator", "list"],
        &["operator", "roles"],
        &["operator", "keys"],
        &["quarantine", "list"],
        &["audit", "list"],
        &["audit", "verify"],
        &["audit", "access"],
        &["job", "list"],
        &["config", "show"],
        &["config", "check"],
        &["config", "path"],
        &["config", "keymap"],
    ];
    for q in queries {
        let a = c.ok(&[q, &["--json"][..]].concat());
        assert_eq!(a.err, "", "{q:?}");
        a.json();
        // Words come in both languages, with no code left in them.
        for lang in ["en", "zh-CN"] {
            let a = c.ok(&[q, &["--lang", lang][..]].concat());
            assert!(!a.out.is_empty() && !a.out.contains('⟨'), "{q:?}: {}", a.out);
            assert!(!a.out.contains('\x1b'), "{q:?}");
        }
    }
}

#[test]
fn the_rows_are_those_of_the_contract() {
    let c = Company::new();
    let alerts = c.json(&["alert", "list"]);
    let scores: Vec<(&str, f64)> = alerts
        .as_array()
        .unwrap()
        .iter()
        .map(|r| {
            for key in ["id", "kind", "state", "version", "employee", "score", "band", "owner", "talk_due_at"] {
                assert!(r.get(key).is_some(), "{key}: {r}");
            }
            assert_eq!((&r["owner"], &r["state"], &r["kind"]), (&Value::Null, &"new".into(), &"attrition_risk".into()));
            (r["employee"]["number"].as_str().unwrap(), r["score"].as_f64().unwrap())
        })
        .collect();
    for person in [("10001", 8.2), ("10002", 7.5), ("10003", 8.5)] {
        assert!(scores.contains(&person), "{scores:?}");
    }
    assert_eq!(scores.len(), 3);

    let people = c.json(&["employee", "list"]);
    assert_eq!(people.as_array().unwrap().len(), 6);
    assert!(people.as_array().unwrap().iter().all(|p| p["id"].is_string() && p["number"].is_string() && p["name"].is_string()));

    let line = c.json(&["employee", "timeline", "10001"]);
    let at: Vec<jiff::Timestamp> = line.as_array().unwrap().iter().map(|r| r["at"].as_str().unwrap().parse().unwrap()).collect();
    assert!(at.len() >= 10 && at.windows(2).all(|w| w[0] >= w[1]), "newest first");
    assert!(line.as_array().unwrap().iter().all(|r| r["kind"].is_string() && !r["text"].as_str().unwrap().is_empty()));

    let v = c.json(&["audit", "verify"]);
    assert_eq!(v["ok"], true);
    assert!(v["entries"].as_u64().unwrap() > 0);
    assert_eq!(v["head"].as_str().unwrap().len(), 64);
}

#[test]
fn explanations_are_the_same_to_the_byte() {
    let (a, b) = (Company::new(), Company::new());
    let ask = ["risk", "explain", "10003", "--json"];
    assert_eq!(a.ok(&ask).out, b.ok(&ask).out);
    assert_eq!(a.ok(&ask).out, a.ok(&ask).out);
}

#[test]
fn lists_go_on_where_they_were_limited() {
    let c = Company::new();
    let file = c.file("bad.csv", "number,name,org,post,started\n30001,周一\n30002,吴二\n");
    assert_eq!(c.run(&["import", "employees", &file]).code, 7);
    for person in ["10001", "10002"] {
        c.ok(&["alert", "snooze", person, "--until", "4d", "--reason", "出差"]);
        c.ok(&["plan", "create", person, "--template", "training", "--text", "培训"]);
    }
    for list in [
        &["employee", "list"][..],
        &["alert", "list"],
        &["employee", "timeline", "10001"],
        &["audit", "list"],
        &["plan", "list"],
        &["approval", "list"],
        &["quarantine", "list"],
    ] {
        let all = c.json(list);
        let all = all.as_array().unwrap();
        assert!(all.len() > 1, "{list:?}");
        let first = c.json(&[list, &["--limit", "1"]].concat());
        assert_eq!(first.as_array().unwrap().as_slice(), &all[..1], "{list:?}");
        // A timeline names its marks; rows of the chain are named by their number, all others by their id.
        let mark = ["key", "seq", "id"].iter().find_map(|k| first[0].get(k).filter(|v| !v.is_null())).unwrap();
        let mark = mark.as_str().map_or_else(|| mark.to_string(), str::to_owned);
        let rest = c.json(&[list, &["--after", &mark]].concat());
        assert_eq!(rest.as_array().unwrap().as_slice(), &all[1..], "{list:?}");
    }
    let a = c.run(&["alert", "list", "--after", "00000000-0000-0000-0000-000000000000", "--json"]);
    assert_eq!((a.code, a.error()["code"].as_str()), (5, Some("cursor-no-row")));
}

#[test]
fn an_empty_list_is_an_empty_array() {
    let c = Company::new();
    for list in [&["plan", "list"][..], &["approval", "list"], &["quarantine", "list"], &["employee", "list", "nobody"]] {
        assert_eq!(c.json(list), serde_json::json!([]), "{list:?}");
    }
}
