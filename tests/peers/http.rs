//! Described calls, against Matrix Synapse.

use crate::{
    contract::{Case, call, get, gone, holds, one, rejected, subject},
    kit::{
        Home, Peer,
        company::Company,
        proxy::{Fault, Proxy},
        scim::Plain,
    },
};
use ring::hmac;
use serde_json::{Value, json};
use std::sync::Arc;
use tenure::domain::target::{Lockout, Sent, StepKind, WriteRight};

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
    paths_that_moved(&home, &peer).await;
    locked_out(&home, &peer).await;
    an_order_over_a_path_that_moved(&peer);
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

/// Not what it says, but whether the canary signs in.
async fn locked_out(home: &Home, peer: &Peer) {
    let proxy = Proxy::before(peer.word("url"));
    let text = |secret: &str, password: &str| {
        let password = home.secret(secret, password);
        spec(home, peer, peer.word("token"), &format!("canary = {:?}\ncanary_password = {password}", id("canary")))
            .replace(peer.word("url"), &proxy.url(peer.word("url")))
    };
    let target = home.open(&text("canary", peer.word("password")));
    let canary = get(&*target, &id("canary")).await;
    for kind in [StepKind::Unblock, StepKind::BlockSignIn] {
        assert_eq!(target.send(&call(&canary, kind)).await, Sent::Accepted);
        let open = kind == StepKind::Unblock;
        let health = target.check().await;
        assert_eq!((health.ok, health.write, health.lockout, health.why), (true, WriteRight::Proven, Lockout::Proven, None));
        assert_eq!(get(&*target, &canary.id).await.seen.enabled, Some(open), "as it was");
        assert_eq!(sign_in(peer, "canary").is_ok(), open);
        let stale = home.open(&text("stale", "not-the-password")).check().await;
        assert_eq!(stale.lockout, Lockout::Unproven, "{stale:?}");
        assert_eq!(get(&*target, &canary.id).await.seen.enabled, Some(open), "as it was");
        // It says that it is locked, and lets in.
        proxy.always("POST /_matrix/client/v3/login", Fault::Answer { status: 200, headers: Vec::new(), body: "{}" });
        let health = target.check().await;
        assert_eq!((health.lockout, health.why.unwrap().code.as_ref()), (Lockout::Failed, "target-no-lockout"));
        proxy.calm();
    }
    let mute = home.try_open(&format!(
        "name = \"sso\"\nkind = \"http\"\ndescription = \"keycloak\"\nurl = \"https://sso.example.test\"\ntoken = {0}\n\
         values = {{ realm = \"staff\" }}\ncanary = \"c\"\ncanary_password = {0}\n",
        home.secret("token", "t")
    ));
    assert_eq!(mute.err().unwrap().args["key"], "canary_password", "its description signs nobody in");
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

/// A path that Synapse does not know, a gateway's 404 and a realm that was renamed: none of them makes an account gone, or nobody's.
async fn paths_that_moved(home: &Home, peer: &Peer) {
    let shipped = tenure::connect::targets::shipped("synapse").unwrap();
    let (user, search) = ("\"/_synapse/admin/v2/users/{id}\"", "/_synapse/admin/v1/threepid/email/users/{value}");
    let says = ["none_says = ", "gone_says = "];
    let silent: String = shipped.lines().filter(|l| !says.iter().any(|s| l.starts_with(s))).map(|l| format!("{l}\n")).collect();
    // A search that gives a list, as Keycloak's does, and words that tell nothing.
    let list = ["url = \"/_synapse/admin/v2/users?name={value}\"", "list = \"/users\"", "id = \"/name\"", "", "[read]"].join("\n");
    let from = silent.find("[find]").unwrap();
    let listed = format!("{}[find]\n{list}{}", &silent[..from], silent[from..].split_once("[read]").unwrap().1);
    let blind = format!("{}[read]{}", &silent[..from], silent[from..].split_once("[read]").unwrap().1);
    let write = |name: &str, text: &str| std::fs::write(home.path().join(format!("targets/{name}.toml")), text).unwrap();
    write("read-moved", &shipped.replacen(user, "\"/_synapse/admin/v9/users/{id}\"", 1));
    write("search-moved", &shipped.replacen(search, "/_synapse/admin/v9/{value}", 1));
    write(
        "both-moved",
        &shipped.replacen("[find]\nurl = \"/_synapse", "[find]\nurl = \"/moved/_synapse", 1).replacen(user, "\"/moved/users/{id}\"", 1),
    );
    write("silent", &silent);
    write("listed", &listed);
    write("blind", &blind);
    let proxy = Proxy::before(peer.word("url"));
    let open = |name: &str| {
        let text = spec(home, peer, peer.word("token"), "").replace("\"synapse\"", &format!("{name:?}"));
        home.open(&text.replace(peer.word("url"), &proxy.url(peer.word("url"))))
    };
    let (whom, li, nobody) = (subject("-", Some("zhang.wei@example.test")), id("li.na"), id("nobody"));
    let account = one(&*open("synapse"), &whom).await;
    let block = call(&account, StepKind::BlockSignIn);

    // Synapse itself says so: M_UNRECOGNIZED, in JSON, or HTML where nothing of it is.
    for name in ["read-moved", "both-moved"] {
        let target = open(name);
        for id in [&account.id, &nobody] {
            assert_eq!(target.get(id).await.unwrap_err().why.code, "target-not-json", "{name}");
        }
        assert!(target.find(&whom).await.is_err() && !target.check().await.ok, "{name}");
        assert!(matches!(target.send(&block).await, Sent::NotSent { .. }), "{name}");
    }
    let target = open("search-moved");
    assert_eq!(target.find(&whom).await.unwrap_err().why.code, "target-not-json", "nobody is nobody by a search that is not there");
    assert_eq!(get(&*target, &account.id).await.id, account.id);
    assert!(target.get(&nobody).await.is_err());

    // A gateway, or another application, in its own JSON: to every request, as when a realm was renamed.
    let target = open("synapse");
    for body in
        [r#"{"error":"Realm not found."}"#, r#"{"errcode":"M_UNRECOGNIZED","error":"Unrecognized request"}"#, "[]", "null", "<html>"]
    {
        let fault = Fault::Answer { status: 404, headers: Vec::new(), body };
        proxy.always("GET", fault.clone());
        for target in [&target, &open("listed")] {
            assert!(target.get(&account.id).await.is_err() && target.get(&nobody).await.is_err(), "{body}");
            assert!(target.find(&whom).await.is_err(), "{body}");
            assert!(matches!(target.send(&block).await, Sent::NotSent { .. }), "{body}");
        }
        proxy.calm();
    }
    assert_eq!(proxy.writes(), 0);

    // By status alone somebody is gone only from a list that is there.
    assert_eq!(get(&*open("listed"), &li).await.id, li);
    assert_eq!(open("listed").get(&nobody).await.unwrap(), None);
    for name in ["silent", "blind"] {
        let target = open(name);
        assert_eq!(get(&*target, &li).await.id, li, "{name}");
        assert_eq!(target.get(&nobody).await.unwrap_err().why.code, "target-gone-unproven", "{name}");
    }
}

/// The write takes effect, its answer is lost, and then the path is gone: not done, and not gone with it.
fn an_order_over_a_path_that_moved(peer: &Peer) {
    let (proxy, company) = (Arc::new(Proxy::before(peer.word("url"))), Company::new(0, ""));
    let (url, secret) = (proxy.url(peer.word("url")), company.secret("token", peer.word("token")));
    company.targets(&format!(
        "[[targets]]\nname = \"chat\"\nkind = \"http\"\ndescription = \"synapse\"\nurl = {url:?}\ntoken = {secret}\n\
         match = \"email = threepids/*/address\"\nvalues = {{ server_name = \"example.test\" }}\ntimeout = \"2s\"\nsession_max = \"0s\"\n"
    ));
    company.ok(&["freeze", "link", "10254", "--target", "chat", "--account", &id("li.na"), "--reason", "no address there"]);
    let token = sign_in(peer, "li.na").unwrap();
    let (order, hash) = company.planned("10254");
    let behind = proxy.clone();
    proxy.next("PUT", Fault::DropReply);
    proxy.meanwhile("PUT", move || {
        let body = r#"{"errcode":"M_UNRECOGNIZED","error":"Unrecognized request"}"#;
        behind.always("GET", Fault::Answer { status: 404, headers: Vec::new(), body });
    });
    company.ok(&["freeze", "approve", &order, "--hash", &hash, "--as", "lin"]);
    let _worker = company.worker();
    let never = |o: &Value| assert!(!matches!(o["state"].as_str(), Some("complete" | "verified")), "falsely complete: {o:#}");
    let looks = |o: &Value| o["state"] == "partial" && o["steps"][0]["state"] == "unknown" && o["steps"][0]["attempts"].as_i64() > Some(2);
    let stuck = company.until(&order, "looked at again and again", &never, &looks);
    assert!(stuck["residual_seconds"].is_null(), "{stuck:#}");
    assert_eq!(sign_in(peer, "li.na").unwrap_err()["errcode"], "M_USER_LOCKED", "it had happened");
    proxy.calm();
    company.until_state(&order, "verified");
    assert!(sign_in(peer, "li.na").is_err() && !token_works(peer, &token));
    let put = |(m, _): &&(String, String)| m == "PUT";
    assert_eq!(proxy.forwarded().iter().filter(put).count(), 1, "written once");
    company.sound();
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
