//! Customers from the command line: files in, a leaver's list, a hand-over, what is refused.

use super::company::Company;
use serde_json::Value;

const CUSTOMERS: &str = "\
number,name,contact,owner,owned_from
K001,宏远贸易,王经理 13800000001,10002,2024-01-01
K002,华东纺织,,10002,2024-02-01
K003,无主公司,,公海,
";

/// A company whose 10002 has two customers and is on notice.
fn company() -> Company {
    let c = Company::new();
    let last = jiff::Zoned::now().date().saturating_add(jiff::ToSpan::days(20));
    for (kind, text) in [
        ("customers", CUSTOMERS.to_owned()),
        ("orders", "number,customer,placed_on,amount,state\nD1,K001,2026-01-10,1200.50,open\n".into()),
        ("receivables", "number,customer,amount,due_on\nR1,K001,4123,2026-03-31\n".into()),
        ("exits", format!("number,last_day,exit\n10002,{last},resigned\n")),
    ] {
        let file = c.file(&format!("{kind}.csv"), &text);
        assert_eq!(c.json(&["import", kind, &file])["result"]["refused"], 0);
    }
    c
}

fn numbers(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|r| r["number"].as_str().unwrap()).collect()
}

#[test]
fn a_leavers_customers_are_listed_and_handed_over() {
    let c = company();
    let list = c.json(&["customer", "list", "--owner", "10002"]);
    assert_eq!(numbers(&list), ["K001", "K002"]);
    assert_eq!(
        (&list[0]["open_orders"], &list[0]["receivable_fen"], &list[0]["owner"]["number"]),
        (&1.into(), &412_300.into(), &"10002".into())
    );
    assert_eq!(numbers(&c.json(&["customer", "list", "--view", "leaving"])), ["K001", "K002"]);
    assert_eq!(numbers(&c.json(&["customer", "list", "--view", "pool"])), ["K003"]);
    assert_eq!(numbers(&c.json(&["customer", "list", "华东"])), ["K002"]);
    let after = list[0]["id"].as_str().unwrap();
    assert_eq!(numbers(&c.json(&["customer", "list", "--after", after, "--limit", "1"])), ["K002"]);

    let a = c.ok(&["customer", "transfer", "K001", "K002", "--to", "20002", "--as", "chen", "--lang", "zh-CN"]);
    assert!(a.out.contains("K001 宏远贸易") && a.out.lines().count() == 2, "{}", a.out);
    for step in ["requested", "pending"] {
        c.ok(&["customer", "advance", "K001"]);
        assert_eq!(c.json(&["customer", "show", "K001"])["transfer"]["state"], step);
    }
    let a = c.run(&["customer", "advance", "K001", "--json"]);
    assert_eq!((a.code, a.error()["code"].as_str()), (3, Some("refused-transfer-early")));
    c.ok(&["customer", "advance", "K001", "--confirmed"]);
    let card = c.json(&["customer", "show", "K001"]);
    assert_eq!((card["owner"]["number"].as_str(), card["transfers"][0]["state"].as_str()), (Some("20002"), Some("transferred")));
    assert_eq!((card["receivable_fen"].as_i64(), card["ownerships"].as_array().unwrap().len()), (Some(412_300), 2));
    let text = c.ok(&["customer", "show", "K001"]).out;
    assert!(text.contains("¥4,123.00") && text.contains("D1") && text.contains("20002 张伟"), "{text}");
    assert_eq!(numbers(&c.json(&["customer", "list", "--view", "moving"])), ["K002"]);
    c.ok(&["customer", "fail", "K002", "--reason", "另作安排"]);
    c.ok(&["customer", "pool", "K002", "--reason", "无人接替"]);
    assert_eq!(numbers(&c.json(&["customer", "list", "--view", "pool"])), ["K002", "K003"]);
    c.ok(&["customer", "collect", "K002", "--collector", "20003"]);
    assert_eq!(c.json(&["customer", "show", "K002"])["collector"]["number"], "20003");
    assert_eq!(c.json(&["customer", "list", "--owner", "10002"]), Value::Array(vec![]));
    // Who looked at which customers is in the access log.
    let log = c.ok(&["audit", "access"]).out;
    assert!(log.contains("read the customer list") && log.contains("read a customer's card (one customer)"), "{log}");
    c.entries();
}

#[test]
fn refusals_have_their_exit_codes() {
    let c = company();
    let code = |args: &[&str]| {
        let a = c.run(&[args, &["--json"]].concat());
        assert_eq!(a.out, "");
        (a.code, a.error()["code"].as_str().unwrap().to_owned())
    };
    let is = |code: i32, why: &str| (code, why.to_owned());
    let before = c.entries();
    assert_eq!(code(&["customer", "show", "K999"]), is(5, "cli-no-customer"));
    assert_eq!(code(&["customer", "transfer", "K001", "--to", "99999"]), is(5, "cli-no-person"));
    assert_eq!(code(&["customer", "transfer", "K003", "--to", "10002"]), is(3, "refused-taker-leaving"));
    assert_eq!(code(&["customer", "transfer", "K001", "--to", "20002", "--expect", "9"]), is(4, "refused-conflict"));
    assert_eq!(code(&["customer", "pool", "K001"]), is(2, "act-reason"));
    assert_eq!(code(&["customer", "pool", "K001", "--reason", "x"]), is(3, "refused-no-collector"));
    assert_eq!(code(&["customer", "advance", "K001"]), is(4, "refused-no-transfer"));
    assert_eq!(c.entries(), before);
    let a = c.run(&["customer", "transfer", "K001", "--to", "张伟"]);
    assert_eq!(a.code, 2, "three people have that name: {a:?}");

    let bad = c.file("bad.csv", "number,customer,amount,due_on\nR2,K001,-5,2026-03-31\nR3,K404,5,2026-03-31\n");
    let a = c.run(&["import", "receivables", &bad]);
    assert_eq!(a.code, 7, "{a:?}");
    assert!(a.out.contains("row 1, column amount") && a.out.contains("negative"), "{}", a.out);
    let kept = c.json(&["quarantine", "list"]);
    let codes: Vec<_> = kept.as_array().unwrap().iter().map(|q| q["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"row-negative") && codes.contains(&"import-unknown-customer"), "{kept}");
    assert_eq!(c.run(&["import", "customers", &c.file("dry.csv", CUSTOMERS), "--dry-run", "--json"]).json()["change"]["same"], 3);
}

/// A customer who was asked may still decline: the leaver's case says until when, and counts it as open.
#[test]
fn a_case_names_the_customer_who_may_decline() {
    let c = company();
    let last = jiff::Zoned::now().date().saturating_add(jiff::ToSpan::days(20)).to_string();
    c.ok(&["offboarding", "start", "10002", "--exit", "resigned", "--last-day", &last, "--as", "chen"]);
    c.ok(&["customer", "transfer", "K001", "--to", "20002"]);
    for _ in 0..2 {
        c.ok(&["customer", "advance", "K001"]);
    }
    let shown = c.json(&["offboarding", "show", "10002"]);
    let of = |n: usize| (&shown["customers"][n]["number"], shown["customers"][n]["until"].is_string(), &shown["customers"][n]["due"]);
    assert_eq!([of(0), of(1)], [(&"K001".into(), true, &false.into()), (&"K002".into(), false, &false.into())]);
    let until = shown["customers"][0]["until"].as_str().unwrap();
    let g2 = shown["gates"].as_array().unwrap().iter().find(|g| g["gate"] == "g2").unwrap();
    assert_eq!((&g2["holds"], &g2["missing"][0]["args"]["at"]), (&false.into(), &until.into()));
    let text = c.ok(&["offboarding", "show", "10002"]).out;
    assert!(text.contains("K001 宏远贸易: still the leaver's; the customer may decline until 20"), "{text}");
    assert!(c.ok(&["offboarding", "show", "10002", "--lang", "zh-CN"]).out.contains("K001 宏远贸易：仍归离职员工；客户在 20"));
}
