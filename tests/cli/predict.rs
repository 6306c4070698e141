//! `tenure risk predict` works anywhere, and refuses what is not an object of known numbers.

use super::company::{Company, answer, bare};

const ARTICLE: &str =
    r#"{"resume_updates_90d":2,"attendance_growth":0.5,"performance_drop":0.2,"performance_falling_quarters":0,"pay_gap":0.15}"#;

#[test]
fn the_articles_first_person_scores_8_2_without_any_home() {
    let c = Company::empty();
    let file = c.file("inputs.json", ARTICLE);
    let a = answer(bare(&["risk", "predict", "--inputs", &file, "--json"]).env("HOME", "/nonexistent").output().unwrap());
    assert_eq!((a.code, a.err.as_str()), (0, ""));
    let v = a.json();
    assert_eq!((&v["score"], &v["band"]), (&8.2.into(), &"high".into()));
    assert_eq!(v["missing"], serde_json::json!([]));
    assert!(v["model"].is_string());
    let sum: f64 = v["contributions"].as_array().unwrap().iter().map(|c| c["contribution"].as_f64().unwrap()).sum();
    assert!((v["intercept"].as_f64().unwrap() + sum - v["logit"].as_f64().unwrap()).abs() < 1e-9);
    assert!((v["probability"].as_f64().unwrap() - 0.82).abs() < 0.005);
    for part in v["contributions"].as_array().unwrap() {
        assert!(part["feature"].is_string() && part["value"].is_number());
    }
    assert!(!c.home().exists(), "a prediction makes no home");
}

#[test]
fn what_is_absent_is_missing() {
    let c = Company::empty();
    let v = c.json(&["risk", "predict", "--inputs", &c.file("i.json", "{}")]);
    assert_eq!(v["score"], 1.4);
    assert_eq!(v["band"], "low");
    assert_eq!(v["missing"].as_array().unwrap().len(), 5);
    assert_eq!(v["contributions"], serde_json::json!([]));
}

#[test]
fn a_bad_file_is_exit_2_and_says_why() {
    let c = Company::empty();
    for bad in [
        r#"{"pay_gap":NaN}"#,
        r#"{"pay_gap":"0.15"}"#,
        r#"{"pay_gap":true}"#,
        r#"{"pay_gap":1e999}"#,
        r#"{"pay_gap":-0.1}"#,
        r#"{"pay_gap":0.1,"pay_gap":0.2}"#,
        r#"{"salary":0.15}"#,
        r#"[0.15]"#,
        "pay_gap=0.15",
        "",
    ] {
        let file = c.file("bad.json", bad);
        let a = c.run(&["risk", "predict", "--inputs", &file, "--json"]);
        assert_eq!((a.code, a.out.as_str()), (2, ""), "{bad}: {a:?}");
        assert!(!a.error()["message"].as_str().unwrap().is_empty(), "{bad}");
    }
    assert_eq!(c.run(&["risk", "predict", "--inputs", "no-such-file.json"]).code, 5);
    assert_eq!(c.run(&["risk", "predict"]).code, 2);
}
