//! Two SCIM servers of different make.

use crate::{
    contract::{Case, call, get, gone, holds, one, rejected, subject},
    kit::{Home, Peer, scim::Plain},
};
use std::fs;
use tenure::domain::target::{Protection, Sent, StepKind, WriteRight};

fn plain(peer: &Peer) -> Plain {
    Plain { base: peer.word("url").into(), token: peer.word("token").into() }
}

fn spec(home: &Home, peer: &Peer, token: &str, more: &str) -> String {
    let token = home.secret(if token == peer.word("token") { "token" } else { "wrong" }, token);
    format!(
        "name = \"idp\"\nkind = \"scim\"\nurl = {:?}\ntoken = {token}\nmatch = \"employee_number = externalId\"\ntimeout = \"20s\"\n{more}",
        peer.word("url")
    )
}

async fn contract(script: &str, args: &[&str]) {
    let mut peer = Peer::start(script, args);
    let (home, idp) = (Home::new(), plain(&peer));
    let id = idp.add("zhang.wei", "10252");
    idp.add("zhang.wei2", "10253");
    let service = idp.add("svc-backup", "s1");
    idp.add("canary", "c1");
    let token = peer.word("token").to_owned();
    let target = home.open(&spec(&home, &peer, &token, "service = [\"SVC-backup\"]\ncanary = \"canary\""));
    let case = Case {
        target: target.clone(),
        stranger: home.open(&spec(&home, &peer, "not-the-token", "")),
        unproven: (home.open(&spec(&home, &peer, &token, "")), WriteRight::Unproven),
        whom: subject("10252", None),
        login: "zhang.wei",
        protected: (&service, "svc-backup"),
        nobody: "00000000-0000-0000-0000-000000000000",
        gets_in: &|| idp.active(&id),
    };
    holds(&case).await;
    let account = one(&*target, &case.whom).await;
    assert_eq!(account.id, id);
    let missing = home.open(&spec(&home, &peer, &token, "canary = \"nobody-at-all\"")).check().await;
    assert!(missing.ok && missing.write == WriteRight::Unproven && missing.why.is_some_and(|w| w.code == "target-canary-missing"));
    peer.stop();
    gone(&*target, &account).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_holds_on_scim2_server() {
    contract("scim2", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_holds_on_scimmy() {
    contract("scimmy", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_holds_where_filters_are_ignored_and_booleans_are_text() {
    contract("scimmy", &["no-filter", "text-booleans"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_holds_where_only_put_writes() {
    contract("scimmy", &["no-patch"]).await;
    let folder = Home::new();
    let page = folder.path().join("features.json");
    let off = serde_json::json!({"supported": false});
    let features = serde_json::json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"], "patch": off, "etag": off, "changePassword": off, "sort": off,
        "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0}, "filter": {"supported": true, "maxResults": 100},
        "authenticationSchemes": [],
    });
    fs::write(&page, features.to_string()).unwrap();
    contract("scim2", &[page.to_str().unwrap()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_users_the_right_one_is_found_on_any_page_and_never_the_first() {
    for (script, args) in [("scim2", &[][..]), ("scimmy", &[]), ("scimmy", &["no-filter", "pages"])] {
        let peer = Peer::start(script, args);
        let (home, idp) = (Home::new(), plain(&peer));
        let ids: Vec<_> = (0..65).map(|n| idp.add(&format!("user{n}"), &format!("{}", 20_000 + n))).collect();
        let target = home.open(&spec(&home, &peer, peer.word("token"), ""));
        for n in [0, 19, 20, 64] {
            assert_eq!(one(&*target, &subject(&format!("{}", 20_000 + n), None)).await.id, ids[n], "{script} {args:?} {n}");
        }
        assert_eq!(target.find(&subject("2006", None)).await.unwrap(), [], "a part of a number is another number");
        let by_mail = spec(&home, &peer, peer.word("token"), "").replace("employee_number = externalId", "email = emails.value");
        let by_mail = home.open(&by_mail);
        assert_eq!(one(&*by_mail, &subject("-", Some("USER64@example.test"))).await.id, ids[64], "{script} {args:?}");
        let nothing = by_mail.find(&subject("-", None)).await.unwrap_err();
        assert_eq!(nothing.why.code, "target-no-value", "whoever has no address is not looked for by address");
        let log = peer.log();
        assert!(!log.contains("PATCH") && !log.contains("PUT"), "reads only: {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_never_ends_is_an_error_and_nobody_is_taken_from_it() {
    // Neither filters nor pages, and the total is right: twenty of 25 are all that is ever seen.
    let peer = Peer::start("scimmy", &["no-filter"]);
    let (home, idp) = (Home::new(), plain(&peer));
    for n in 0..25 {
        idp.add(&format!("user{n}"), &format!("{}", 20_000 + n));
    }
    let target = home.open(&spec(&home, &peer, peer.word("token"), ""));
    for number in ["20000", "20024", "30000"] {
        assert_eq!(target.find(&subject(number, None)).await.unwrap_err().why.code, "target-incomplete");
    }
}

/// Some servers fail on a plain `?count=`, with a page of HTML under the type of SCIM: it is not asked for, and a failure is a failure.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_fails_on_a_count_is_read_and_a_page_of_html_is_nobody() {
    for (habit, found) in [("count-fails", true), ("pages-fail", false)] {
        let peer = Peer::start("scimmy", &["no-filter", "pages", habit]);
        let (home, idp) = (Home::new(), plain(&peer));
        let ids: Vec<_> = (0..45).map(|n| idp.add(&format!("user{n}"), &format!("{}", 20_000 + n))).collect();
        let page = if found { "/Users?count=5" } else { "/Users?startIndex=21&count=20" };
        assert_eq!(idp.call("GET", page, None).0, 500, "it does fail");
        let target = home.open(&spec(&home, &peer, peer.word("token"), ""));
        for n in [3, 44] {
            let number = (20_000 + n).to_string();
            if found {
                assert_eq!(one(&*target, &subject(&number, None)).await.id, ids[n]);
            } else {
                assert_eq!(target.find(&subject(&number, None)).await.unwrap_err().why.code, "target-fault", "not from a part of the list");
            }
        }
        assert_eq!(get(&*target, &ids[44]).await.id, ids[44], "one by one they are read");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_users_under_one_number_are_both_given() {
    let peer = Peer::start("scim2", &[]);
    let (home, idp) = (Home::new(), plain(&peer));
    let (a, b) = (idp.add("zhang.wei", "10252"), idp.add("zhang.wei-old", "10252"));
    let found = home.open(&spec(&home, &peer, peer.word("token"), "")).find(&subject("10252", None)).await.unwrap();
    let mut ids: Vec<_> = found.into_iter().map(|f| f.id).collect();
    ids.sort();
    let mut wanted = [a, b];
    wanted.sort();
    assert_eq!(ids, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_taken_away_and_given_back() {
    for script in ["scim2", "scimmy"] {
        let peer = Peer::start(script, &[]);
        let (home, idp) = (Home::new(), plain(&peer));
        let (id, other) = (idp.add("zhang.wei", "10252"), idp.add("li.na", "10253"));
        let group = idp.group("sales-export", &[&id, &other]);
        let target = home.open(&spec(&home, &peer, peer.word("token"), &format!("restrict = {{ group = {group:?} }}")));
        let account = one(&*target, &subject("10252", None)).await;
        let members = || {
            let (_, body) = idp.call("GET", &format!("/Groups/{group}"), None);
            let all = body["members"].as_array().cloned().unwrap_or_default();
            all.iter().map(|m| m["value"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        for _ in 0..2 {
            assert_eq!(target.send(&call(&account, StepKind::Restrict)).await, Sent::Accepted, "{script}");
            assert_eq!(members(), std::slice::from_ref(&other), "{script}");
            assert_eq!(get(&*target, &id).await.seen.done(StepKind::Restrict, None), Some(true));
        }
        assert!(idp.active(&id), "L1 leaves the sign-in open");
        for _ in 0..2 {
            assert_eq!(target.send(&call(&account, StepKind::Release)).await, Sent::Accepted);
            assert_eq!(members().len(), 2);
            assert_eq!(get(&*target, &id).await.seen.done(StepKind::Restrict, None), Some(false));
        }
        let gone = home.open(&spec(&home, &peer, peer.word("token"), "restrict = { group = \"no-such-group\" }"));
        let sent = gone.send(&call(&account, StepKind::Restrict)).await;
        assert!(matches!(&sent, Sent::NotSent { why, .. } if why.code == "target-no-group"), "{sent:?}");
        rejected(&home.open(&spec(&home, &peer, peer.word("token"), "")).send(&call(&account, StepKind::Restrict)).await, "target-cannot");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_administrator_is_not_locked_out() {
    for script in ["scim2", "scimmy"] {
        let peer = Peer::start(script, &[]);
        let (home, idp) = (Home::new(), plain(&peer));
        let (wei, na) = (idp.add("zhang.wei", "10252"), idp.add("li.na", "10254"));
        let group = idp.group("admins", &[&wei, &na]);
        let target = home.open(&spec(&home, &peer, peer.word("token"), &format!("admins = {group:?}")));
        let (wei, na) = (one(&*target, &subject("10252", None)).await, one(&*target, &subject("10254", None)).await);
        assert_eq!((wei.protection, na.protection), (None, None), "{script}");
        // Both at once: each is not the last one as long as the other is there.
        let (a, b) = (call(&wei, StepKind::BlockSignIn), call(&na, StepKind::BlockSignIn));
        let (a, b) = tokio::join!(target.send(&a), target.send(&b));
        assert_eq!([&a, &b].iter().filter(|s| ***s == Sent::Accepted).count(), 1, "{a:?} {b:?}");
        let (last, off) = if a == Sent::Accepted { (&na, &wei) } else { (&wei, &na) };
        assert_eq!(get(&*target, &last.id).await.protection, Some(Protection::LastAdmin));
        rejected(&target.send(&call(last, StepKind::BlockSignIn)).await, "target-protected");
        assert_eq!(target.send(&call(off, StepKind::Unblock)).await, Sent::Accepted);
        assert_eq!(get(&*target, &last.id).await.protection, None);
    }
}

#[test]
fn a_server_where_inactive_means_gone_says_so_on_its_card() {
    let home = Home::new();
    let spec = |more: &str| format!("name = \"forge\"\nkind = \"scim\"\nurl = \"https://forge.example.test/v2\"\n{more}");
    let card = home.open(&spec("reversible = false\ndestroys = true\nsynchronous = false")).card().clone();
    let block = card.step(StepKind::BlockSignIn).unwrap();
    assert!(!block.reversible && block.destroys && !block.synchronous);
    assert_eq!(card.step(StepKind::Unblock), None, "what cannot be taken back is not offered");
    let usual = home.open(&spec("")).card().clone();
    assert!(usual.step(StepKind::Unblock).is_some_and(|s| s.reversible && s.synchronous && !s.destroys));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_replaced_is_read_again_after_a_refusal() {
    let peer = Peer::start("scim2", &[]);
    let (home, idp) = (Home::new(), plain(&peer));
    idp.add("zhang.wei", "10252");
    let target = home.open(&spec(&home, &peer, "expired", ""));
    assert!(target.find(&subject("10252", None)).await.unwrap_err().unauthorised);
    home.secret("wrong", peer.word("token"));
    one(&*target, &subject("10252", None)).await;
}
