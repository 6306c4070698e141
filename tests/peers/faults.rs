//! A failing line between us and a real SCIM server: what each failure is called, and what the server really did.

use crate::{
    contract::{call, one, subject},
    kit::{
        Home, Peer,
        company::Company,
        proxy::{Fault, Proxy},
        scim::Plain,
    },
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::sync::Arc;
use tenure::{
    connect::targets::Target,
    domain::target::{Account, Sent, StepKind},
};

struct Line {
    proxy: Proxy,
    idp: Plain,
    target: Arc<dyn Target>,
    account: Account,
    _home: Home,
    _peer: Peer,
}

async fn line() -> Line {
    let peer = Peer::start("scim2", &[]);
    let idp = Plain { base: peer.word("url").into(), token: peer.word("token").into() };
    idp.add("zhang.wei", "10252");
    let proxy = Proxy::before(peer.word("url"));
    let home = Home::new();
    let token = home.secret("token", peer.word("token"));
    let url = proxy.url(peer.word("url"));
    let target = home.open(&format!(
        "name = \"idp\"\nkind = \"scim\"\nurl = {url:?}\ntoken = {token}\nmatch = \"employee_number = externalId\"\ntimeout = \"2s\""
    ));
    let account = one(&*target, &subject("10252", None)).await;
    Line { proxy, idp, target, account, _home: home, _peer: peer }
}

impl Line {
    /// Blocks under a fault of the write: what we call it, and whether the server did it.
    async fn block(&self, fault: Fault) -> (Sent, bool) {
        self.idp.set_active(&self.account.id, true);
        self.proxy.next("PATCH", fault);
        let sent = self.target.send(&call(&self.account, StepKind::BlockSignIn)).await;
        self.proxy.calm();
        (sent, !self.idp.active(&self.account.id))
    }
}

fn unknown(sent: &Sent) -> bool {
    matches!(sent, Sent::Unknown { .. })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_answer_is_lost_is_unknown_whether_it_happened_or_not() {
    let line = line().await;
    for (fault, happened) in [
        (Fault::DropReply, true),
        (Fault::DropRequest, false),
        (Fault::Stall, true),
        (Fault::StallBefore, false),
        (Fault::Drip(100), true),
        (Fault::answer(500), false),
        (Fault::answer(502), false),
        (Fault::answer(503), false),
        (Fault::answer(504), false),
        (Fault::Answer { status: 200, headers: Vec::new(), body: "<html>Welcome to the hotel</html>" }, false),
    ] {
        let (sent, did) = line.block(fault.clone()).await;
        assert!(unknown(&sent), "{fault:?}: {sent:?}");
        assert_eq!(did, happened, "{fault:?}");
        // The read-back tells, and then a second try is harmless.
        let seen = line.target.get(&line.account.id).await.unwrap().unwrap().seen;
        assert_eq!(seen.done(StepKind::BlockSignIn, None), Some(happened), "{fault:?}");
        assert_eq!(line.target.send(&call(&line.account, StepKind::BlockSignIn)).await, Sent::Accepted);
        assert!(!line.idp.active(&line.account.id));
    }
    assert_eq!(line.proxy.seen("PATCH"), 20, "one write a call, and none of them twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_was_turned_away_was_not_sent() {
    let line = line().await;
    for (fault, after) in
        [(Fault::retry(429, 7), Some(7)), (Fault::answer(429), None), (Fault::retry(503, 30), Some(30)), (Fault::answer(412), Some(0))]
    {
        let (sent, did) = line.block(fault.clone()).await;
        assert!(matches!(&sent, Sent::NotSent { retry_after, .. } if *retry_after == after), "{fault:?}: {sent:?}");
        assert!(!did, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_a_refusal() {
    let line = line().await;
    let (sent, did) = line.block(Fault::answer(401)).await;
    assert!(matches!(sent, Sent::Unauthorised { .. }) && !did, "{sent:?}");
    let location = vec![("Location", "https://elsewhere.test/v2/Users/1".to_owned())];
    for fault in [
        Fault::answer(400),
        Fault::answer(403),
        Fault::answer(409),
        Fault::Answer { status: 302, headers: location.clone(), body: "" },
        Fault::Answer { status: 307, headers: location, body: "" },
    ] {
        let (sent, did) = line.block(fault.clone()).await;
        assert!(matches!(&sent, Sent::Rejected { .. }) && !did, "{fault:?}: {sent:?}");
    }
    let (sent, _) = line.block(Fault::Answer { status: 200, headers: Vec::new(), body: "{}" }).await;
    assert_eq!(sent, Sent::Accepted, "a yes is believed until the read-back");
    let seen = line.target.get(&line.account.id).await.unwrap().unwrap().seen;
    assert_eq!(seen.done(StepKind::BlockSignIn, None), Some(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_between_our_read_and_our_write_is_not_overwritten() {
    let line = line().await;
    let (behind, id) = (Plain { base: line.idp.base.clone(), token: line.idp.token.clone() }, line.account.id.clone());
    line.proxy.meanwhile("PATCH", move || {
        let operation = json!({"op": "replace", "path": "displayName", "value": "Zhang Wei (moved)"});
        let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]});
        assert!(behind.call("PATCH", &format!("/Users/{id}"), Some(&body)).0 < 300);
    });
    let sent = line.target.send(&call(&line.account, StepKind::BlockSignIn)).await;
    let changed = |s: &Sent| matches!(s, Sent::NotSent { why, retry_after: Some(0) } if why.code == "target-changed");
    assert!(changed(&sent), "the server held our If-Match against its version: {sent:?}");
    assert!(line.idp.active(&line.account.id));
    assert_eq!(line.target.send(&call(&line.account, StepKind::BlockSignIn)).await, Sent::Accepted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_that_fails_sends_nothing_and_finds_nobody() {
    let line = line().await;
    let whom = subject("10252", None);
    for fault in [
        Fault::DropReply,
        Fault::Stall,
        Fault::StallBefore,
        Fault::Truncate,
        Fault::Drip(100),
        Fault::answer(401),
        Fault::retry(429, 5),
        Fault::answer(500),
        Fault::retry(503, 9),
        Fault::Answer { status: 200, headers: Vec::new(), body: "<html>500 with a smile</html>" },
        Fault::Answer { status: 200, headers: Vec::new(), body: "[]" },
        Fault::Answer { status: 200, headers: Vec::new(), body: "{\"totalResults\":3,\"Resources\":[]}" },
        Fault::Answer { status: 302, headers: vec![("Location", "https://elsewhere.test/".into())], body: "" },
    ] {
        let writes = line.proxy.writes();
        for _ in 0..2 {
            // A filter that fails is followed by the plain list.
            line.proxy.next("GET", fault.clone());
        }
        let found = line.target.find(&whom).await;
        line.proxy.calm();
        let e = found.expect_err("a list that was not seen is no list");
        assert_eq!(e.unauthorised, fault == Fault::answer(401), "{fault:?}");
        let wait = match &fault {
            Fault::Answer { headers, .. } => headers.iter().find(|h| h.0 == "Retry-After").map(|h| h.1.parse().unwrap()),
            _ => None,
        };
        assert_eq!(e.retry_after, wait, "{fault:?}");
        line.proxy.next("GET", fault.clone());
        let sent = line.target.send(&call(&line.account, StepKind::BlockSignIn)).await;
        line.proxy.calm();
        assert!(matches!(sent, Sent::NotSent { .. } | Sent::Unauthorised { .. }), "{fault:?}: {sent:?}");
        assert_eq!(line.proxy.writes(), writes, "{fault:?}");
        assert!(line.idp.active(&line.account.id));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_flaps_is_not_sent_while_it_is_down_and_works_when_it_is_up() {
    let line = line().await;
    for _ in 0..3 {
        line.proxy.down();
        let sent = line.target.send(&call(&line.account, StepKind::BlockSignIn)).await;
        assert!(matches!(&sent, Sent::NotSent { why, .. } if why.code == "target-unreachable"), "{sent:?}");
        assert!(line.idp.active(&line.account.id));
        line.proxy.up();
        assert_eq!(line.target.send(&call(&line.account, StepKind::BlockSignIn)).await, Sent::Accepted);
        assert!(!line.idp.active(&line.account.id));
        line.idp.set_active(&line.account.id, true);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_tls_no_call() {
    let line = line().await;
    let home = Home::new();
    let token = home.secret("token", &line.idp.token);
    let url = line.proxy.url(&line.idp.base).replace("http://", "https://");
    let target = home.open(&format!(
        "name = \"idp\"\nkind = \"scim\"\nurl = {url:?}\ntoken = {token}\nmatch = \"employee_number = externalId\"\nca = {:?}",
        ca(&home)
    ));
    let sent = target.send(&call(&line.account, StepKind::BlockSignIn)).await;
    assert!(matches!(&sent, Sent::NotSent { why, .. } if why.code == "target-unreachable"), "{sent:?}");
    assert!(!target.check().await.ok);
    let plain = home.try_open("name = \"idp\"\nkind = \"scim\"\nurl = \"http://idp.example.test/v2\"").err().unwrap();
    assert_eq!(plain.code, "target-plain", "no credential in clear over a network");
}

/// Any authority: the handshake fails before it matters.
fn ca(home: &Home) -> String {
    let out = std::process::Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=ca", "-keyout", "/dev/null"])
        .output()
        .unwrap();
    let path = home.path().join("ca.pem");
    std::fs::write(&path, out.stdout).unwrap();
    path.display().to_string()
}

/// A server whose clock is off answers well: the check says so in words, either way, and only beyond what a round trip may take.
#[test]
fn a_clock_that_is_off_is_said_with_what_follows() {
    let peer = Peer::start("scim2", &[]);
    let proxy = Proxy::before(peer.word("url"));
    let company = Company::new(0, "");
    let (url, token) = (proxy.url(peer.word("url")), company.secret("token", peer.word("token")));
    company.targets(&format!(
        "[[targets]]\nname = \"idp\"\nkind = \"scim\"\nurl = {url:?}\ntoken = {token}\nmatch = \"employee_number = externalId\"\n"
    ));
    for (seconds, said) in [(-600_i64, Some("behind")), (600, Some("ahead of")), (5, None)] {
        let at = (Timestamp::now() + SignedDuration::from_secs(seconds)).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        proxy.next("GET /v2/ServiceProviderConfig", Fault::Answer { status: 200, headers: vec![("Date", at)], body: "{}" });
        let o = company.run(&["--lang", "en", "freeze", "targets", "--check"]);
        let text = String::from_utf8_lossy(&o.stdout);
        match said {
            Some(said) => assert!(text.contains(&format!("s {said} this machine's")) && text.contains("Kerberos"), "{text}"),
            None => assert!(!text.contains("clock"), "{text}"),
        }
    }
}
