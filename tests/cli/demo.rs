//! The sample company from the command line.

use super::company::Company;

const AS_OF: &str = "2026-03-02T09:00:00+08:00";

fn demo(c: &Company, more: &[&str]) -> super::company::Answer {
    c.run(&[&["demo", "--employees", "200", "--as-of", AS_OF, "--no-console"], more].concat())
}

#[test]
fn the_same_seed_and_day_make_the_same_company() {
    let (a, b, other) = (Company::empty(), Company::empty(), Company::empty());
    for c in [&a, &b] {
        assert_eq!(demo(c, &["--json"]).code, 0);
    }
    assert_eq!(demo(&other, &["--seed", "2"]).code, 0);
    // A day is its first moment in the company's zone.
    let [day, moment] = ["2026-03-02", "2026-03-02T00:00:00+08:00"].map(|as_of| {
        let c = Company::empty();
        c.ok(&["demo", "--employees", "20", "--as-of", as_of, "--no-console"]);
        c.ok(&["employee", "list", "--json"]).out
    });
    assert_eq!(day, moment);
    let all = |c: &Company| {
        [
            &["employee", "list", "--json"][..],
            &["alert", "list", "--view", "all", "--json"],
            &["plan", "list", "--json"],
            &["customer", "list", "--json"],
        ]
        .map(|args| c.ok(args).out)
    };
    assert_eq!(all(&a), all(&b));
    assert_ne!(all(&a)[0], all(&other)[0]);
    a.entries();

    let people = a.json(&["employee", "list"]);
    let namesakes = people.as_array().unwrap().iter().filter(|p| p["name"] == "张伟").count();
    assert!(namesakes >= 3, "{namesakes}");
    let mut scores: Vec<f64> = people.as_array().unwrap().iter().filter_map(|p| p["score"].as_f64()).collect();
    scores.sort_by(f64::total_cmp);
    assert!(scores.last().is_some_and(|s| *s >= 8.0));
}

#[test]
fn only_made_data_is_ever_made_anew() {
    let c = Company::empty();
    assert_eq!(demo(&c, &[]).code, 0);
    let before = c.ok(&["employee", "list", "--json"]).out;
    assert_eq!(demo(&c, &[]).code, 4);
    assert_eq!(demo(&c, &["--reset"]).code, 0);
    assert_eq!(c.ok(&["employee", "list", "--json"]).out, before);

    let real = Company::new();
    for more in [&[][..], &["--reset"]] {
        assert_eq!(demo(&real, more).code, 3);
    }
    assert_eq!(real.json(&["employee", "list"]).as_array().unwrap().len(), 6);
}

#[test]
fn many_signals_are_written_and_loaded() {
    let c = Company::empty();
    assert_eq!(demo(&c, &[]).code, 0);
    let file = c.file("many.csv", "");
    let a = demo(&c, &["--write-signals", &file, "--signals", "3000"]);
    assert_eq!(a.code, 0, "{a:?}");
    let first = c.ok(&["import", "signals", &file, "--json"]).json();
    assert_eq!((&first["rows"], &first["result"]["added"]), (&3000.into(), &3000.into()));
    let again = c.ok(&["import", "signals", &file, "--json"]).json();
    assert_eq!((&again["result"]["added"], &again["result"]["same"]), (&0.into(), &3000.into()));
}
