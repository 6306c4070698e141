//! Domain.md "Failure cases", the rows on freezing that only a real program on a real disk or a real server shows. The others are in
//! tests/contract/failures.rs, `orders` and `sessions`.

use crate::kit::{Peer, company::Company, scim::Plain};
use serde_json::Value;

fn idp(people: usize) -> (Peer, Plain, Company) {
    let peer = Peer::start("scim2", &[]);
    let idp = Plain { base: peer.word("url").into(), token: peer.word("token").into() };
    let company = Company::new(people, "");
    let (url, token) = (peer.word("url"), company.secret("token", peer.word("token")));
    company.targets(&format!(
        "[[targets]]\nname = \"idp\"\nkind = \"scim\"\nurl = {url:?}\ntoken = {token}\nmatch = \"employee_number = externalId\"\n\
         timeout = \"1s\"\nsession_max = \"0s\"\n"
    ));
    (peer, idp, company)
}

/// One account that carries the addresses of two people: it is nobody's until somebody says whose.
#[test]
fn an_account_of_two_is_quarantined() {
    let (peer, idp, company) = idp(0);
    let users = [("both", vec!["wei@example.test", "na@example.test"]), ("na", vec!["li.na@example.test"])];
    for (login, mails) in users {
        let emails: Vec<_> = mails.iter().map(|m| serde_json::json!({"value": m, "type": "work"})).collect();
        let user = serde_json::json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": login, "active": true, "emails": emails,
        });
        assert_eq!(idp.call("POST", "/Users", Some(&user)).0, 201);
    }
    let (url, token) = (peer.word("url"), company.secret("token", peer.word("token")));
    company.targets(&format!(
        "[[targets]]\nname = \"idp\"\nkind = \"scim\"\nurl = {url:?}\ntoken = {token}\nmatch = \"email = emails.value\"\nsession_max = \"0s\"\n"
    ));
    let file = company.file(
        "mails.csv",
        "number,name,org,post,started,email\n10252,章维,/集团/制造部,质检员,2022-01-01,wei@example.test\n\
         10254,李娜,/集团/制造部,质检员,2022-01-01,na@example.test\n",
    );
    company.ok(&["import", "employees", &file]);
    for number in ["10252", "10254"] {
        let plan = company.json(&["freeze", "plan", number, "--level", "suspend"]);
        assert_eq!(plan["blocked"][0]["code"], "freeze-ambiguous", "{number}: {plan:#}");
        assert_eq!(company.refused(3, &["freeze", "request", number, "--level", "suspend", "--reason", "x"]), "freeze-ambiguous");
    }
    assert!(!peer.log().contains("PATCH"));
}

/// The disk is full at one byte after the other: the act is refused or kept, and nothing is sent that is not journalled.
#[test]
fn audit_store_full() {
    let limits: Vec<u32> = (48..1_600).step_by(64).collect();
    let (peer, idp, company) = idp(limits.len());
    let mut people = Vec::new();
    for (n, limit) in limits.iter().enumerate() {
        let number = (30_000 + n).to_string();
        let id = idp.add(&format!("user{n}"), &number);
        let o = company.cramped(*limit, &["freeze", "request", &number, "--level", "suspend", "--reason", "left", "--json"]);
        // What is kept is read by a process that has room.
        let orders = company.json(&["freeze", "list", &number]);
        let order = orders[0]["id"].as_str().map(str::to_owned);
        let sent = peer.log().lines().filter(|l| l.contains(&format!("\"PATCH /v2/Users/{id} "))).count();
        match &order {
            // Nothing was kept: it was refused, in words, and nobody was asked to do anything.
            None => {
                let said: Value = serde_json::from_slice(&o.stderr).unwrap_or_else(|e| panic!("{limit} KiB: {e}: {o:?}"));
                assert!(!said["error"]["message"].as_str().unwrap().contains('⟨'), "{said}");
                assert_eq!((sent, o.status.success()), (0, false), "{limit} KiB: sent without an order");
            }
            Some(order) => {
                let steps = company.order(order)["steps"].clone();
                let journalled = steps[0]["attempts"] != 0;
                assert!(sent == 0 || journalled, "{limit} KiB: sent and not journalled: {steps:#}");
            }
        }
        people.push((id, order, sent));
    }
    assert!(people.iter().any(|p| p.1.is_none()), "no disk was full enough");
    assert!(people.iter().any(|p| p.1.is_some() && p.2 == 0), "no order was kept and not sent");
    assert!(people.iter().any(|p| p.2 == 1), "no disk had room");
    // There is room again: what was kept is done, once; what was refused never happens.
    let _worker = company.worker();
    for (id, order, _) in &people {
        if let Some(order) = order {
            company.until_state(order, "verified");
        }
        let sent = peer.log().lines().filter(|l| l.contains(&format!("\"PATCH /v2/Users/{id} "))).count();
        assert_eq!((sent, idp.active(id)), (usize::from(order.is_some()), order.is_none()));
    }
    company.sound();
}

/// The disk is full to the last byte: everything is refused but a break-glass freeze, which is carried out and stands in the chain.
#[test]
fn audit_store_full_and_break_glass() {
    let (peer, idp, company) = idp(1);
    let (id, other) = (idp.add("user0", "30000"), idp.add("zhang.wei", "20001"));
    let disk = company.small_disk(64);
    let patches = |id: &str| peer.log().lines().filter(|l| l.contains(&format!("\"PATCH /v2/Users/{id} "))).count();
    let ordinary = ["freeze", "request", "20001", "--level", "suspend", "--reason", "left"];
    let refused = || assert_eq!((company.refused(1, &ordinary).as_str(), patches(&other)), ("store-disk", 0));
    disk.fill();
    refused();
    let urgent = ["freeze", "request", "30000", "--level", "suspend", "--mode", "emergency", "--ticket", "INC-7", "--reason", "walks out"];
    let order = company.json(&urgent)["id"].as_str().unwrap().to_owned();
    assert_eq!((idp.active(&id), patches(&id)), (false, 1));
    // The room that it was given is nobody else's.
    refused();
    disk.clear();
    assert!(company.order(&order)["steps"].as_array().unwrap().iter().all(|s| s["state"] == "confirmed"));
    company.sound();
    // And is kept again.
    company.ok(&ordinary);
    assert_eq!(std::fs::metadata(company.dir().join("tenure.reserve")).unwrap().len(), 16 << 20);
}

#[test]
fn back_dated_termination() {
    let (_peer, idp, company) = idp(0);
    let id = idp.add("zhang.wei", "20001");
    let yesterday = jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::get("Asia/Shanghai").unwrap()).yesterday().unwrap().date();
    let file = company.file("exits.csv", &format!("number,last_day,exit\n20001,{yesterday},resigned\n"));
    company.ok(&["import", "exits", &file]);
    // The hour of the last day has passed: at once, on one person's word, to be confirmed.
    let asked = ["freeze", "request", "20001", "--level", "suspend", "--last-day-at", "18:00", "--reason", "left yesterday"];
    let order = company.json(&asked);
    assert_eq!((&order["intent"]["mode"], &order["intent"]["at"]), (&Value::from("immediate"), &Value::Null));
    assert!(order["confirm_due"].is_string());
    company.until_state(order["id"].as_str().unwrap(), "verified");
    assert!(!idp.active(&id));
    // What was said to be planned is not made into something else.
    let planned = [&asked[..], &["--mode", "planned"]].concat();
    assert_eq!(company.refused(3, &planned), "freeze-no-time");
}
