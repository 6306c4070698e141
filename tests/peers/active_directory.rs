//! A Samba domain controller. Its ports are fixed and it takes seconds to start: one serves all tests, each with people of its own.

use crate::{
    contract::{Case, call, get, gone, holds, one, rejected, subject},
    kit::{Home, Peer},
};
use std::process::{Command, Stdio};
use tenure::domain::target::{Protection, Sent, StepKind, WriteRight};

const BASE: &str = "DC=example,DC=test";

fn spec(home: &Home, peer: &Peer, password: &str, more: &str) -> String {
    let right = password == peer.word("password");
    let secret = home.secret(if right { "password" } else { "wrong" }, password);
    let (url, ca) = (peer.word("url"), peer.word("ca"));
    format!(
        "name = \"domain\"\nkind = \"active_directory\"\nurl = {url:?}\nca = {ca:?}\nbind_dn = \"CN=tenure,CN=Users,{BASE}\"\npassword = {secret}\n\
         base = {BASE:?}\nmatch = \"employee_number = employeeID\"\ntimeout = \"30s\"\n{more}"
    )
}

fn ours(home: &Home, peer: &Peer, more: &str) -> String {
    spec(home, peer, peer.word("password"), more)
}

fn dn(name: &str) -> String {
    format!("CN={name},CN=Users,{BASE}")
}

/// A bind by OpenLDAP's client: whether it worked, and what was said. There is no whoami here; a search proves it.
fn bind(peer: &Peer, name: &str, password: &str) -> (bool, String) {
    let mut command = Command::new("ldapsearch");
    command.args([
        "-x",
        "-H",
        peer.word("url"),
        "-D",
        &format!("{name}@example.test"),
        "-w",
        password,
        "-s",
        "base",
        "-b",
        &dn(name),
        "cn",
    ]);
    let out = command.env("LDAPTLS_CACERT", peer.word("ca")).output().expect("ldapsearch runs: install ldap-utils");
    (out.status.success(), String::from_utf8_lossy(&out.stderr).into_owned())
}

/// A Kerberos ticket by MIT's client.
fn ticket(peer: &Peer, name: &str) -> (bool, String) {
    use std::io::Write;
    let mut command = Command::new("kinit");
    command
        .args(["-c", "MEMORY:", name])
        .env("KRB5_CONFIG", peer.word("krb5"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("kinit runs: install krb5-user");
    writeln!(child.stdin.take().unwrap(), "{}", peer.word("password")).unwrap();
    let out = child.wait_with_output().unwrap();
    (out.status.success(), String::from_utf8_lossy(&out.stderr).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_holds_on_a_domain_controller() {
    let mut peer = Peer::start("samba", &[]);
    let home = Home::new();
    let target = home.open(&ours(&home, &peer, "service = [\"svc-backup\"]\ncanary = \"canary\""));
    let reader = ours(&home, &peer, "canary = \"canary\"").replace("CN=tenure", "CN=reader");
    let password = peer.word("password").to_owned();
    let case = Case {
        target: target.clone(),
        stranger: home.open(&spec(&home, &peer, "Not-the-passw0rd", "")),
        unproven: (home.open(&reader), WriteRight::Refused),
        whom: subject("10252", None),
        login: "zhang.wei",
        protected: (&dn("svc-backup"), "svc-backup"),
        nobody: "00000000-0000-0000-0000-000000000000",
        gets_in: &|| bind(&peer, "zhang.wei", &password).0,
    };
    holds(&case).await;
    let account = one(&*target, &case.whom).await;
    assert_eq!(target.card().session_max, Some(36_000), "a ticket's life");
    assert_eq!(get(&*target, &dn("zhang.wei")).await.id, account.id);
    assert!(target.check().await.skew.is_some_and(|s| s.abs() < 60), "it says its time");
    rights(&home, &peer, &account).await;
    tripwire(&home, &peer).await;
    secrets(&home, &peer).await;
    groups(&home, &peer).await;
    peer.stop();
    gone(&*target, &account).await;
}

/// Without the right a refusal is a refusal, and what the domain itself needs is protected unasked.
async fn rights(home: &Home, peer: &Peer, account: &tenure::domain::target::Account) {
    let reader = home.open(&ours(home, peer, "").replace("CN=tenure", "CN=reader"));
    rejected(&reader.send(&call(account, StepKind::BlockSignIn)).await, "target-forbidden");
    assert!(bind(peer, "zhang.wei", peer.word("password")).0);
    let target = home.open(&ours(home, peer, ""));
    for name in ["Administrator", "krbtgt"] {
        let account = get(&*target, name).await;
        assert_eq!(account.protection, Some(Protection::Service), "{name}");
        rejected(&target.send(&call(&account, StepKind::BlockSignIn)).await, "target-protected");
    }
}

async fn tripwire(home: &Home, peer: &Peer) {
    let two = format!("controllers = [{0:?}, {0:?}]", peer.word("url"));
    let target = home.open(&ours(home, peer, &two));
    let whom = subject("10253", None);
    let account = one(&*target, &whom).await;
    assert_eq!(account.seen.last_sign_in, None, "never yet");
    assert!(ticket(peer, "zhang.wei2").0 && bind(peer, "zhang.wei2", peer.word("password")).0);
    assert!(get(&*target, &account.id).await.seen.last_sign_in.is_some());
    // A controller that does not answer may have seen what the others have not: unknown. The account is read all the same.
    let one_down = home.open(&ours(home, peer, &format!("controllers = [{:?}, \"ldaps://127.0.0.1:1\"]", peer.word("url"))));
    let seen = get(&*one_down, &account.id).await.seen;
    assert_eq!((seen.enabled, seen.last_sign_in), (Some(true), None));
}

async fn secrets(home: &Home, peer: &Peer) {
    let target = home.open(&ours(home, peer, ""));
    let account = one(&*target, &subject("10253", None)).await;
    let trace = account.seen.traces[&StepKind::ResetSecret].clone();
    assert!(ticket(peer, "zhang.wei2").0);
    assert_eq!(target.send(&call(&account, StepKind::BlockSignIn)).await, Sent::Accepted);
    let (ok, said) = bind(peer, "zhang.wei2", peer.word("password"));
    assert!(!ok && said.contains("data 533"), "{said}");
    let (ok, said) = ticket(peer, "zhang.wei2");
    assert!(!ok && said.contains("revoked"), "{said}");
    assert_eq!(target.send(&call(&account, StepKind::ResetSecret)).await, Sent::Accepted);
    let seen = get(&*target, &account.id).await.seen;
    assert_eq!((seen.done(StepKind::ResetSecret, Some(&trace)), seen.enabled), (Some(true), Some(false)));
    assert_eq!(target.send(&call(&account, StepKind::Unblock)).await, Sent::Accepted);
    let (ok, said) = bind(peer, "zhang.wei2", peer.word("password"));
    assert!(!ok && said.contains("data 52e"), "the old secret is gone: {said}");
}

async fn groups(home: &Home, peer: &Peer) {
    let more = format!("restrict = {{ group = \"CN=export,CN=Users,{BASE}\" }}\nadmins = \"CN=export,CN=Users,{BASE}\"");
    let target = home.open(&ours(home, peer, &more));
    let account = one(&*target, &subject("10252", None)).await;
    assert_eq!(account.protection, Some(Protection::LastAdmin), "the group has one member");
    let mut restrict = call(&account, StepKind::Restrict);
    restrict.excepted = true;
    for _ in 0..2 {
        assert_eq!(target.send(&restrict).await, Sent::Accepted);
        assert_eq!(get(&*target, &account.id).await.seen.done(StepKind::Restrict, None), Some(true));
    }
    for _ in 0..2 {
        assert_eq!(target.send(&call(&account, StepKind::Release)).await, Sent::Accepted);
        assert_eq!(get(&*target, &account.id).await.seen.done(StepKind::Restrict, None), Some(false));
    }
}
