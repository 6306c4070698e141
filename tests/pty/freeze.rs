//! Two in the morning: an account is frozen on two real providers, one of which goes down half-way, and the terminal is lost.

use crate::{
    harness::{Console, Home},
    kit::{
        Peer,
        proxy::{Fault, Proxy},
        relay::{self, Relay},
        scim::Plain,
    },
};
use std::fs;
use termlens::Signal;

const PEOPLE: &str = "\
number,name,org,post,started
10023,张伟,/集团/北京/销售,销售,2019-03-01
10417,张伟,/集团/上海/质检,质检员,2020-05-01
20031,张伟,/集团/外包,外包,2021-07-01
";

/// The words that the journey waits for.
struct Words {
    lang: &'static str,
    locked: &'static str,
    wrong: &'static str,
    partial: &'static str,
    waits: &'static str,
    confirmed: &'static str,
    complete: &'static str,
}

/// A provider with an account of everybody; ids by number.
fn provider(peer: &Peer) -> (Plain, Vec<(String, String)>) {
    let plain = Plain { base: peer.word("url").into(), token: peer.word("token").into() };
    let ids = ["10023", "10417", "20031"].map(|n| (n.to_owned(), plain.add(&format!("zw{n}"), n)));
    (plain, ids.to_vec())
}

fn id<'a>(all: &'a [(String, String)], number: &str) -> &'a str {
    &all.iter().find(|(n, _)| n == number).unwrap().1
}

fn frozen_at_night(w: &Words) {
    let (idp, crm) = (Peer::start("scim2", &[]), Peer::start("scim2", &[]));
    let ((at_idp, idp_ids), (at_crm, crm_ids)) = (provider(&idp), provider(&crm));
    let proxy = Proxy::before(idp.word("url"));
    let home = Home::empty();
    let target = |name: &str, url: &str, token: &str| {
        let file = home.path().join(name);
        fs::write(&file, token).unwrap();
        format!(
            "[[targets]]\nname = \"{name}\"\nkind = \"scim\"\nurl = \"{url}\"\ntoken = {{ file = {:?} }}\n\
             match = \"employee_number = externalId\"\nsession_max = \"1h\"\ntimeout = \"5s\"\n",
            file.display().to_string()
        )
    };
    let config = [
        "[console]\nlocked = \"00:00-00:00\"\n".to_owned(),
        target("idp", &proxy.url(idp.word("url")), idp.word("token")),
        target("crm", crm.word("url"), crm.word("token")),
    ];
    home.config(&config.concat());
    fs::write(home.path().join("people.csv"), PEOPLE).unwrap();
    home.must(&["import", "employees", home.path().join("people.csv").to_str().unwrap()]);

    let mut console = home.console(w.lang, &[], &[]);
    console.sees(w.locked).press("g f F").types("张伟").press("enter").sees("10417  张伟");
    // Three of one name: the second is pinned by its number, and the others are on screen beside it.
    console.sees("10023  张伟").sees("20031  张伟").press("down enter").sees("zw10417").sees("crm");
    // Locked: the plan may be read, and nothing may be asked for.
    console.press("enter").until("the lock refuses", |s| s.text().contains("L") && s.text().contains("zw10417"));
    assert_eq!(proxy.writes(), 0);
    // The lock is lifted over the plan, which stays.
    console.press("L enter").sees("0417Z").types("INC-7").press("tab tab").types("0023Z").press("ctrl-d");
    // Another 张伟: the form stays, with its text.
    console.sees(w.wrong).sees("INC-7").press("ctrl-u").types("0417Z");
    // It answers while the plan is made, and takes no write when the order runs.
    proxy.always("PATCH", Fault::DropRequest);
    console.press("ctrl-d");
    // The one that is there goes on; what is not done is loud.
    console.sees_in_row("crm", w.confirmed).sees(w.partial);
    // Leaving would leave a step to nobody: it is asked, and said.
    console.press("ctrl-c").sees(w.waits).press("esc").sees(w.partial);
    proxy.down();
    assert!(!at_crm.active(id(&crm_ids, "10417")) && at_idp.active(id(&idp_ids, "10417")));
    console.0.signal(Signal::Hup).unwrap();
    // What is left to do is said where it is read: after the console, on the operator's own screen.
    console.ends_saying("tenure worker");

    proxy.calm();
    proxy.up();
    let mut console = home.console(w.lang, &[], &[]);
    console.sees(w.locked).press("g f").sees_in_row("10417", "L2").press("enter").sees("INC-7");
    console.sees_in_row("idp", w.confirmed).sees(w.complete);
    assert!(!at_idp.active(id(&idp_ids, "10417")));
    for other in ["10023", "20031"] {
        assert!(at_idp.active(id(&idp_ids, other)) && at_crm.active(id(&crm_ids, other)), "the wrong 张伟");
    }
    assert_eq!(proxy.writes(), 1, "nothing was sent twice: {:?}", proxy.forwarded());
    console.press("Q");
    console.ends();
    home.entries();
}

#[test]
fn at_night_in_chinese() {
    frozen_at_night(&Words {
        lang: "zh-CN",
        locked: "只读",
        wrong: "没有执行",
        partial: "部分完成",
        waits: "停在待执行",
        confirmed: "已确认",
        complete: "已冻结",
    });
}

#[test]
fn at_night_in_english() {
    frozen_at_night(&Words {
        lang: "en",
        locked: "LOCKED",
        wrong: "What was typed is not",
        partial: "partial",
        waits: "stay pending",
        confirmed: "confirmed",
        complete: "complete",
    });
}

/// The client of a directory panics on an answer that is no LDAP, in a task of its own or in ours: the console stays, and the order goes on.
#[test]
fn an_answer_that_is_no_ldap_takes_no_console_down() {
    let peer = Peer::start("slapd", &["clear"]);
    let relay = Relay::before(peer.word("plain"));
    let home = Home::empty();
    let file = home.path().join("password");
    fs::write(&file, peer.word("password")).unwrap();
    let (base, url) = (peer.word("base"), relay.url());
    let config = format!(
        "[console]\nlocked = \"00:00-00:00\"\n[[targets]]\nname = \"directory\"\nkind = \"ldap\"\nurl = {url:?}\n\
         bind_dn = \"cn=tenure,{base}\"\npassword = {{ file = {:?} }}\nbase = {base:?}\nmatch = \"employee_number = employeeNumber\"\n\
         timeout = \"5s\"\nsession_max = \"1h\"\n",
        file.display().to_string()
    );
    home.config(&config);
    fs::write(home.path().join("people.csv"), "number,name,org,post,started\n10252,章维,/集团/上海/质检,质检员,2020-05-01\n").unwrap();
    home.must(&["import", "employees", home.path().join("people.csv").to_str().unwrap()]);
    let mut console = home.console("en", &[], &[]);
    console.sees("LOCKED").press("L g f F").types("10252").press("enter").sees("zhang.wei");
    console.press("enter").sees("0417Z").types("INC-7").press("tab tab").types("0252Z");
    relay.next("modify", relay::Fault::Garble(relay::NO_RESULT));
    relay.next("modify", relay::Fault::Garble(relay::EMPTY));
    console.press("ctrl-d").sees_in_row("directory", "confirmed").sees("complete");
    assert_eq!(relay.seen("modify"), 2, "each write once");
    assert!(console.screen().alternate_screen(), "it has the terminal still");
    console.press("Q");
    console.ends();
    home.entries();
}

/// A suspension that the console itself carries out, left while its call is at the provider. Gives the provider, its account, the proxy
/// that holds the answer, the home, and the console once the operator has the terminal back.
fn left_with_a_call_in_flight(fault: Fault) -> (Peer, Plain, String, Proxy, Home, Console) {
    let peer = Peer::start("scim2", &[]);
    let (plain, ids) = provider(&peer);
    let proxy = Proxy::before(peer.word("url"));
    let home = Home::empty();
    let token = home.path().join("token");
    fs::write(&token, peer.word("token")).unwrap();
    home.config(&format!(
        "[console]\nlocked = \"\"\n[[targets]]\nname = \"idp\"\nkind = \"scim\"\nurl = {:?}\ntoken = {{ file = {:?} }}\n\
         match = \"employee_number = externalId\"\nsession_max = \"0s\"\ntimeout = \"7s\"\n",
        proxy.url(peer.word("url")),
        token.display().to_string()
    ));
    fs::write(home.path().join("people.csv"), PEOPLE).unwrap();
    home.must(&["import", "employees", home.path().join("people.csv").to_str().unwrap()]);
    let mut console = home.console("en", &[], &[]);
    console.sees("Today").press("g f F").types("10417").press("enter").sees("zw10417");
    console.press("enter").sees("0417Z").types("INC-7").press("tab tab").types("0417Z");
    proxy.next("PATCH", fault);
    console.press("ctrl-d");
    proxy.until_seen("PATCH", 1);
    console.sees_in_row("idp", "sent").press("Q").sees("the order waits").press("enter");
    console.until("the terminal is given back", |s| !s.alternate_screen());
    (peer, plain, id(&ids, "10417").to_owned(), proxy, home, console)
}

/// State and attempts of the first step, which is the call.
fn first_step(home: &Home) -> (String, u64) {
    let order = home.json(&["freeze", "list", "--view", "all"])[0]["id"].as_str().unwrap().to_owned();
    let step = home.json(&["freeze", "show", &order])["steps"][0].clone();
    (step["state"].as_str().unwrap().to_owned(), step["attempts"].as_u64().unwrap())
}

#[test]
fn a_call_in_flight_gets_its_answer_after_the_console_was_left() {
    let (_peer, plain, account, proxy, home, mut console) = left_with_a_call_in_flight(Fault::Late);
    // It was seen as sent, and nothing more, before the console was left.
    proxy.release();
    assert_eq!(console.0.wait_exit().unwrap().code(), Some(0));
    assert_eq!((first_step(&home), plain.active(&account)), (("confirmed".to_owned(), 1), false));
    home.entries();
}

#[test]
fn a_call_that_is_not_answered_holds_nobody_and_is_read_back() {
    let (_peer, plain, account, proxy, home, mut console) = left_with_a_call_in_flight(Fault::Stall);
    assert_eq!(console.0.wait_exit().unwrap().code(), Some(0));
    // The call had more time than that: it was left as it was, not waited for.
    assert_eq!(first_step(&home), ("sent".to_owned(), 1));
    proxy.release();
    let mut console = home.console("en", &[], &[]);
    console
        .sees("Today")
        .press("g f")
        .sees_in_row("10417", "L2")
        .press("enter")
        .sees("INC-7")
        .sees_in_row("idp", "confirmed")
        .sees("verified")
        .press("Q");
    console.ends();
    assert_eq!((first_step(&home), plain.active(&account)), (("confirmed".to_owned(), 1), false));
    assert_eq!(proxy.writes(), 1, "what had happened was not sent again: {:?}", proxy.forwarded());
    home.entries();
}
