//! Described calls, against Matrix Synapse.

use crate::{
    contract::{Case, call, get, gone, holds, one, rejected, subject},
    kit::{
        Home, Peer,
        proxy::{Fault, Proxy},
        scim::Plain,
    },
};
use ring::hmac;
use serde_json::{Value, json};
use tenure::domain::target::{Sent, StepKind, WriteRight};

fn spec(home: &Home, peer: &Peer, token: &str, more: &str) -> String {
    let token = home.secret(if token == peer.word("token") { "token" } else { "wrong" }, token);
    format!(
        "name = \"chat\"\nkind = \"http\"\ndescription = \"synapse\"\nurl = {:?}\ntoken = {token}\nmatch = \"email = threepids/*/address\"\n\
         values = {{ server_name = \"example.test\" }}\ntimeout = \"20s\"\n{more}",
        peer.word("url")
    )
}

/// Signs in as a client does: the access token, or the error.
fn sign_in(peer: &Peer, name: &str) -> Result<String, Value> {
    let body = json!({"type": "m.login.password", "identifier": {"type": "m.id.user", "user": name}, "password": peer.word("password")});
    let client = Plain { base: peer.word("url").into(), token: String::new() };
    let (status, answer) = client.call("POST", "/_matrix/client/v3/login", Some(&body));
    if status == 200 { Ok(answer["access_token"].as_str().unwrap().into()) } else { Err(answer) }
}

fn token_works(peer: &Peer, token: &str) -> bool {
    Plain { base: peer.word("url").into(), token: token.into() }.call("GET", "/_matrix/client/v3/account/whoami", None).0 == 200
}

fn id(name: &str) -> String {
    format!("@{name}:example.test")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_holds_on_synapse() {
    let mut peer = Peer::start("synapse", &[]);
    let home = Home::new();
    let token = peer.word("token").to_owned();
    let target = home.open(&spec(&home, &peer, &token, &format!("service = [\"@SVC:example.test\"]\ncanary = {:?}", id("canary"))));
    let case = Case {
        target: target.clone(),
        stranger: home.open(&spec(&home, &peer, "not-the-token", "")),
        unproven: (home.open(&spec(&home, &peer, &token, "")), WriteRight::Unproven),
        whom: subject("-", Some("zhang.wei@example.test")),
        login: &id("zhang.wei"),
        protected: (&id("svc"), &id("svc")),
        nobody: &id("nobody"),
        gets_in: &|| sign_in(&peer, "zhang.wei").is_ok(),
    };
    holds(&case).await;
    sessions(&home, &peer).await;
    failures_that_come_as_200(&home, &peer).await;
    signed(&home, &peer).await;
    let account = one(&*target, &case.whom).await;
    peer.stop();
    gone(&*target, &account).await;
}

/// A lock stops the old token and gives it back with the lock: only what is revoked is gone.
async fn sessions(home: &Home, peer: &Peer) {
    let target = home.open(&spec(home, peer, peer.word("token"), ""));
    let account = one(&*target, &subject("-", Some("li.na@example.test"))).await;
    assert_eq!(account.seen.sessions, Some(0));
    let token = sign_in(peer, "li.na").unwrap();
    assert!(token_works(peer, &token));
    assert_eq!(target.send(&call(&account, StepKind::BlockSignIn)).await, Sent::Accepted);
    assert_eq!(sign_in(peer, "li.na").unwrap_err()["errcode"], "M_USER_LOCKED");
    let seen = get(&*target, &account.id).await.seen;
    assert_eq!((seen.sessions, seen.done(StepKind::RevokeSessions, None)), (Some(1), Some(false)), "it is only asleep");
    assert!(!token_works(peer, &token));
    for _ in 0..2 {
        assert_eq!(target.send(&call(&account, StepKind::RevokeSessions)).await, Sent::Accepted);
        let seen = get(&*target, &account.id).await.seen;
        assert_eq!((seen.sessions, seen.done(StepKind::RevokeSessions, None)), (Some(0), Some(true)));
    }
    assert_eq!(target.send(&call(&account, StepKind::Unblock)).await, Sent::Accepted);
    assert!(!token_works(peer, &token), "the old token stays dead");
    assert!(sign_in(peer, "li.na").is_ok());
}

/// A description of the home: what a robot's API answers, put into the line by the proxy.
async fn failures_that_come_as_200(home: &Home, peer: &Peer) {
    let said = "ok = { at = \"/errcode\", is = 0, busy = [45009], unauthorised = [40014] }";
    let text = tenure::connect::targets::shipped("synapse").unwrap().replacen(
        "body = { locked = true }",
        &format!("body = {{ locked = true }}, {said}"),
        1,
    );
    std::fs::create_dir_all(home.path().join("targets")).unwrap();
    std::fs::write(home.path().join("targets/robot.toml"), text).unwrap();
    let proxy = Proxy::before(peer.word("url"));
    let text = spec(home, peer, peer.word("token"), "")
        .replace("\"synapse\"", "\"robot\"")
        .replace(peer.word("url"), &proxy.url(peer.word("url")));
    let target = home.open(&text);
    let account = one(&*target, &subject("-", Some("zhang.wei@example.test"))).await;
    let block = async |body: &'static str| {
        proxy.next("PUT", Fault::Answer { status: 200, headers: Vec::new(), body });
        target.send(&call(&account, StepKind::BlockSignIn)).await
    };
    assert_eq!(block("{\"errcode\":0,\"errmsg\":\"ok\"}").await, Sent::Accepted);
    rejected(&block("{\"errcode\":310000,\"errmsg\":\"sign not match\"}").await, "target-refused");
    assert!(matches!(block("{\"errcode\":45009}").await, Sent::NotSent { .. }));
    assert!(matches!(block("{\"errcode\":40014}").await, Sent::Unauthorised { .. }));
    assert!(matches!(block("{\"result\":\"ok\"}").await, Sent::Unknown { .. }), "it says neither");
    assert!(matches!(block("<html>").await, Sent::Unknown { .. }));
    assert_eq!(proxy.writes(), 0);
}

/// What goes over the line carries a signature that the far side can make again from the same bytes.
async fn signed(home: &Home, peer: &Peer) {
    let signature = "[signature]\nover = \"{timestamp}\\n{method}\\n{path}\\n{body}\"\nencoding = \"hex\"\nquery = \"sign\"\ntimestamp_query = \"ts\"\n";
    let text = tenure::connect::targets::shipped("synapse").unwrap().replacen("[find]", &format!("{signature}[find]"), 1);
    std::fs::write(home.path().join("targets/signed.toml"), text).unwrap();
    let proxy = Proxy::before(peer.word("url"));
    let bare = spec(home, peer, peer.word("token"), "")
        .replace("\"synapse\"", "\"signed\"")
        .replace(peer.word("url"), &proxy.url(peer.word("url")));
    assert_eq!(home.try_open(&bare).err().unwrap().code, "target-spec-missing", "a signature wants a key");
    let secret = home.secret("sign", "It's a Secret to Everybody");
    let target = home.open(&format!("{bare}secret = {secret}\n"));
    let account = one(&*target, &subject("-", Some("zhang.wei@example.test"))).await;
    assert_eq!(target.send(&call(&account, StepKind::Unblock)).await, Sent::Accepted);
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"It's a Secret to Everybody");
    let forwarded = proxy.forwarded();
    assert!(forwarded.iter().any(|(m, _)| m == "PUT"));
    for (method, path) in forwarded {
        let (path, sign) = path.rsplit_once("&sign=").unwrap();
        let timestamp = path.rsplit_once("ts=").unwrap().1;
        let body = if method == "PUT" { "{\"locked\":false}" } else { "" };
        let over = format!("{timestamp}\n{method}\n{path}\n{body}");
        assert_eq!(sign, hex::encode(hmac::sign(&key, over.as_bytes()).as_ref()), "{over}");
    }
}

#[test]
fn what_a_description_needs_is_asked_for_by_name() {
    let home = Home::new();
    let token = home.secret("token", "t");
    let spec = |values: &str| {
        let base = "name = \"sso\"\nkind = \"http\"\ndescription = \"keycloak\"\nurl = \"https://sso.example.test\"\n";
        home.try_open(&format!("{base}token = {token}\nmatch = \"email = email\"\n{values}"))
    };
    assert!(spec("values = { realm = \"staff\" }").is_ok());
    for wrong in ["", "values = { realm = [\"a\"] }", "values = { realms = \"a\" }"] {
        assert_eq!(spec(wrong).err().unwrap().args["key"], "values.realm", "{wrong}");
    }
}
