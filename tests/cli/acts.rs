//! Acts from the command line: the talk in time, four eyes, bulk.

use super::company::Company;

#[test]
fn a_risk_is_seen_owned_talked_about_and_resolved() {
    let c = Company::new();
    c.ok(&["alert", "ack", "10001", "--as", "chen", "--expect", "1"]);
    let row = c.json(&["alert", "show", "10001"]);
    assert_eq!((row["state"].as_str(), row["owner"].as_str(), row["version"].as_i64()), (Some("acked"), Some("chen"), Some(2)));
    c.ok(&["alert", "note", "10001", "--text", "周二约谈"]);
    c.ok(&["alert", "talk", "10001", "--needs", "晋升", "--next", "谈方案", "--at", "1h ago", "--as", "chen"]);
    let row = c.json(&["alert", "show", "10001"]);
    assert_eq!((row["state"].as_str(), row["version"].as_i64()), (Some("in_progress"), Some(3)), "a note carries no version");
    assert_eq!(row["talk_records"][0]["needs"], "晋升");
    assert_eq!(row["talk_records"][0]["who"], "chen");
    c.ok(&["alert", "resolve", "10001", "--outcome", "staying"]);
    assert_eq!(c.json(&["alert", "list"]).as_array().unwrap().len(), 2);
    assert_eq!(c.json(&["alert", "list", "--state", "resolved"])[0]["outcome"], "staying");
    c.ok(&["alert", "reopen", "10001", "--reason", "又有变化"]);
    assert_eq!(c.json(&["alert", "show", "10001"])["generation"], 2);
}

#[test]
fn the_loser_of_a_race_is_told_who_was_first() {
    let c = Company::new();
    let (id, version) = c.alert("10001");
    c.ok(&["alert", "ack", &id, "--expect", &version, "--as", "chen"]);
    let a = c.run(&["alert", "ack", &id, "--expect", &version, "--as", "lin", "--json"]);
    assert_eq!((a.code, a.out.as_str()), (4, ""));
    assert_eq!(a.error()["args"]["by"], "chen");
    let a = c.run(&["alert", "ack", &id, "--as", "lin"]);
    assert!(a.code == 4 && a.err.contains("chen"), "{a:?}");
}

#[test]
fn a_long_snooze_waits_for_somebody_else() {
    let c = Company::new();
    let a = c.ok(&["alert", "snooze", "10001", "--until", "4d", "--reason", "出差", "--as", "chen", "--json"]);
    assert!(a.json()["outcomes"][0]["pending"].is_string());
    assert_eq!(c.json(&["alert", "show", "10001"])["state"], "new");
    let approval = c.json(&["approval", "list"])[0]["id"].as_str().unwrap().to_owned();
    let a = c.run(&["approval", "grant", &approval, "--as", "chen", "--json"]);
    assert_eq!((a.code, a.error()["code"].as_str()), (3, Some("refused-own-approval")));
    c.ok(&["approval", "grant", &approval, "--as", "lin"]);
    assert_eq!(c.json(&["alert", "show", "10001"])["state"], "snoozed");
    c.ok(&["alert", "snooze", "10002", "--until", "4h", "--reason", "开会"]);
    assert_eq!(c.json(&["alert", "show", "10002"])["state"], "snoozed");
}

#[test]
fn a_plan_is_proposed_by_one_and_approved_by_another() {
    let c = Company::new();
    c.ok(&["plan", "create", "10001", "--template", "promotion_path", "--text", "晋升", "--alert", "10001", "--as", "chen"]);
    let plan = c.json(&["plan", "list"])[0]["id"].as_str().unwrap().to_owned();
    let a = c.ok(&["plan", "submit", &plan, "--as", "chen"]);
    assert!(a.out.contains("approval"), "{}", a.out);
    let approval = c.json(&["approval", "list"])[0]["id"].as_str().unwrap().to_owned();
    c.ok(&["approval", "grant", &approval, "--as", "lin"]);
    for state in ["in_talk", "committed", "delivered"] {
        c.ok(&["plan", "advance", &plan]);
        assert_eq!(c.json(&["plan", "show", &plan])["state"], state);
    }
    let a = c.run(&["plan", "outcome", &plan, "--days", "90", "--outcome", "retained", "--json"]);
    assert_eq!((a.code, a.error()["code"].as_str()), (3, Some("refused-outcome-early")));
}

#[test]
fn several_alerts_are_one_request_with_a_result_each() {
    let c = Company::new();
    c.ok(&["alert", "ack", "10002", "--as", "chen"]);
    let before = c.entries();
    let a = c.run(&["alert", "ack", "10001", "10002", "10003", "--as", "lin", "--json"]);
    assert_eq!(a.code, 7, "{a:?}");
    let v = a.json();
    let refused: Vec<bool> = v["outcomes"].as_array().unwrap().iter().map(|o| !o["refusal"].is_null()).collect();
    assert_eq!(refused, [false, true, false]);
    assert_eq!(a.error()["code"], "cli-some-refused");
    assert_eq!(c.entries(), before + 1);
    assert_eq!(c.run(&["alert", "ack", "10001", "10003", "--expect", "1"]).code, 2);
    assert_eq!(c.run(&["alert", "ack", "10001", "10003"]).code, 4, "all refused");
}

#[test]
fn a_switched_off_kind_weighs_nothing() {
    let c = Company::new();
    let score = || c.json(&["risk", "explain", "10001"])["score"].as_f64().unwrap();
    assert_eq!(score(), 8.2);
    c.ok(&["signal", "disable", "resume_update"]);
    assert!(score() < 8.2);
    c.ok(&["signal", "enable", "resume_update", "--basis", "consent"]);
    assert_eq!(score(), 8.2);
}

#[test]
fn an_erased_person_is_gone_and_the_chain_verifies() {
    let c = Company::new();
    c.ok(&["alert", "note", "10001", "--text", "周二约谈"]);
    assert_eq!(c.run(&["employee", "erase", "10001"]).code, 2, "a reason is asked for");
    c.ok(&["employee", "erase", "10001", "--reason", "本人要求"]);
    assert_eq!(c.run(&["employee", "show", "李研"]).code, 5);
    let all = c.ok(&["audit", "list", "--json"]).out;
    assert!(!all.contains("李研") && !all.contains("周二约谈"));
    c.entries();
}

#[test]
fn a_key_replays_what_counts_from_now() {
    let c = Company::new();
    for act in [&["snooze", "10002", "--until", "4h", "--reason", "开会"][..], &["talk", "10001", "--needs", "晋升"]] {
        let keyed = |more: &[&str]| c.run(&[&["alert"], act, &["--key", act[0], "--json"], more].concat());
        let first = keyed(&[]);
        assert_eq!(first.code, 0, "{first:?}");
        let entries = c.entries();
        let again = keyed(&[]).json();
        assert_eq!((&again["replayed"], &again["entry"]), (&true.into(), &first.json()["entry"]));
        assert_eq!(c.entries(), entries);
    }
    // Another span is another request.
    let a = c.run(&["alert", "snooze", "10002", "--until", "5h", "--reason", "开会", "--key", "snooze", "--json"]);
    assert_eq!((a.code, a.error()["code"].as_str()), (3, Some("act-key-reused")));
}

#[test]
fn the_id_of_a_person_means_the_open_alert() {
    let c = Company::new();
    let person = c.json(&["alert", "show", "10001"])["employee"]["id"].as_str().unwrap().to_owned();
    c.ok(&["alert", "ack", &person]);
    assert_eq!(c.json(&["alert", "show", &person])["state"], "acked");
}

/// No target answers here: the drill says so, and doctor keeps saying it until the next.
#[test]
fn a_drill_says_what_would_fail_by_night() {
    let c = Company::new();
    let target = "[[targets]]\nname = \"idp\"\nkind = \"scim\"\nurl = \"http://127.0.0.1:9/v2\"\ntoken = { env = \"IDP_TOKEN\" }\nmatch = \"employee_number = externalId\"\n";
    std::fs::write(c.home().join("tenure.toml"), target).unwrap();
    let codes = |v: &serde_json::Value| -> Vec<String> {
        v["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap().to_owned()).collect()
    };
    let said = |code: &str| codes(&c.run(&["doctor", "--json"]).json()).iter().any(|c| c == code);
    assert!(said("doctor-drill-never"));
    assert_eq!(c.run(&["freeze", "drill", "--last"]).code, 5);
    let before = c.entries();
    let a = c.run(&["freeze", "drill", "--json"]);
    assert_eq!((a.code, c.entries()), (1, before + 1), "{a:?}");
    let d = a.json();
    assert!(d["ok"] == false && d["by"].is_string() && d["due_at"].is_string(), "{d}");
    assert!(codes(&d).contains(&"drill-target-down".to_owned()) && codes(&d).contains(&"drill-reserve".to_owned()), "{d}");
    for lang in ["en", "zh-CN"] {
        let a = c.run(&["freeze", "drill", "--last", "--lang", lang]);
        assert!(a.code == 1 && a.out.contains("idp") && !a.out.contains('⟨'), "{a:?}");
    }
    assert!(said("doctor-drill-faults") && !said("doctor-drill-never"));
}
