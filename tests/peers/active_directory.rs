//! A Samba domain controller. Its ports are fixed and it takes seconds to start: one serves all tests, each with people of its own.

use crate::{
    contract::{Case, call, get, gone, holds, one, rejected, subject},
    kit::{Home, Peer, company::Company, relay::Relay},
};
use serde_json::Value;
use std::{
    io::Write,
    process::{Command, Stdio},
};
use tenure::domain::target::{Lockout, Protection, Sent, StepKind, WriteRight};

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
fn ticket(peer: &Peer, name: &str, password: &str) -> (bool, String) {
    let mut command = Command::new("kinit");
    command
        .args(["-c", "MEMORY:", name])
        .env("KRB5_CONFIG", peer.word("krb5"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("kinit runs: install krb5-user");
    writeln!(child.stdin.take().unwrap(), "{password}").unwrap();
    let out = child.wait_with_output().unwrap();
    (out.status.success(), String::from_utf8_lossy(&out.stderr).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_holds_on_a_domain_controller() {
    let mut peer = Peer::start("samba", &["clear"]);
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
    races(&home, &peer).await;
    // What is disabled does not get in: tried on the canary, which ends as it was.
    let canary = format!("canary = \"canary\"\ncanary_password = {}", home.secret("canary", &password));
    let proven = home.open(&ours(&home, &peer, &canary)).check().await;
    assert_eq!((proven.ok, proven.lockout, proven.why, control(&peer, "canary").as_str()), (true, Lockout::Proven, None, "512"));
    peer.stop();
    gone(&*target, &account).await;
}

/// By the people who run the domain: a new password, as a help desk sets it.
fn new_password(peer: &Peer, name: &str, password: &str) {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let quoted: Vec<u8> = format!("\"{password}\"").encode_utf16().flat_map(u16::to_le_bytes).collect();
    admin(peer)(&format!("dn: {}\nchangetype: modify\nreplace: unicodePwd\nunicodePwd:: {}\n", dn(name), STANDARD.encode(&quoted)));
}

/// Changes by the domain's own administrator.
fn admin(peer: &Peer) -> impl Fn(&str) + Send + 'static {
    let [url, password, ca] = ["url", "password", "ca"].map(|w| peer.word(w).to_owned());
    move |change| {
        let mut command = Command::new("ldapmodify");
        command.args(["-x", "-H", &url, "-D", "Administrator@example.test", "-w", &password]);
        let mut child = command.env("LDAPTLS_CACERT", &ca).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(change.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
    }
}

/// `userAccountControl`, as the domain's own administrator reads it.
fn control(peer: &Peer, name: &str) -> String {
    let mut command = Command::new("ldapsearch");
    command.args(["-x", "-LLL", "-H", peer.word("url"), "-D", "Administrator@example.test", "-w", peer.word("password")]);
    let out = command.args(["-s", "base", "-b", &dn(name), "userAccountControl"]).env("LDAPTLS_CACERT", peer.word("ca")).output().unwrap();
    assert!(out.status.success(), "{out:?}");
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    text.lines().find_map(|l| l.strip_prefix("userAccountControl: ")).unwrap().to_owned()
}

#[test]
fn an_order_on_a_domain_locks_out_and_a_thaw_gives_back_all_but_the_password() {
    let peer = Peer::start("samba", &[]);
    let (company, password) = (Company::new(0, ""), peer.word("password").to_owned());
    let secret = company.secret("password", &password);
    let (url, ca) = (peer.word("url"), peer.word("ca"));
    company.targets(&format!(
        "[[targets]]\nname = \"domain\"\nkind = \"active_directory\"\nurl = {url:?}\nca = {ca:?}\npassword = {secret}\n\
         bind_dn = \"CN=tenure,CN=Users,{BASE}\"\nbase = {BASE:?}\nmatch = \"employee_number = employeeID\"\ntimeout = \"30s\"\n"
    ));
    let gets_in = |password: &str| (bind(&peer, "zhang.wei", password).0, ticket(&peer, "zhang.wei", password).0);
    assert_eq!((gets_in(&password), control(&peer, "zhang.wei").as_str()), ((true, true), "512"), "he gets in before");
    let order = company.suspend("10252");
    let done = company.until(&order, "complete", &|_| (), &|o| o["state"] == "complete");
    let kinds: Vec<_> =
        done["steps"].as_array().unwrap().iter().map(|s| (s["kind"].as_str().unwrap(), s["state"].as_str().unwrap())).collect();
    assert_eq!(kinds, [("block_sign_in", "confirmed"), ("reset_secret", "confirmed"), ("verify", "confirmed")]);
    assert_eq!((gets_in(&password), control(&peer, "zhang.wei").as_str()), ((false, false), "514"));
    // Locked, and not only strange to his password: with a new one of the help desk he does not get in either.
    new_password(&peer, "zhang.wei", "Not-so-soon.4711");
    let (bound, granted) = (bind(&peer, "zhang.wei", "Not-so-soon.4711").1, ticket(&peer, "zhang.wei", "Not-so-soon.4711").1);
    assert!(bound.contains("data 533") && granted.contains("revoked"), "{bound} {granted}");

    // A ticket of before is good for ten hours, and nothing can be asked about it: it is counted, and nothing is given back while it lives.
    let left = done["residual_seconds"].as_i64().unwrap();
    assert!((35_900..=36_000).contains(&left), "{left}");
    assert_eq!(company.refused(3, &["freeze", "thaw", &order, "--reason", "comes back"]), "freeze-thaw-residual");
    let gap = done["gaps"][0]["n"].to_string();
    let waive = ["freeze", "waive", &order, "--step", &gap, "--evidence", "klist on every host: no ticket of theirs"];
    assert_eq!(company.refused(3, &waive), "refused-own-waiver");
    company.ok(&[&waive[..], &["--as", "lin"]].concat());
    company.ok(&["freeze", "verify", &order]);
    let verified = company.until(&order, "verified", &|_| (), &|o| o["state"] == "verified");
    assert_eq!(verified["residual_seconds"], 0, "{verified:#}");

    let plan = company.json(&["freeze", "thaw", &order, "--plan"]);
    let back: Vec<_> = plan["intent"]["steps"].as_array().unwrap().iter().map(|s| s["kind"].as_str().unwrap()).collect();
    assert_eq!(back, ["unblock", "verify"], "what comes back is listed: the password is not among it");
    let thaw = company.json(&["freeze", "thaw", &order, "--reason", "comes back"]);
    let (thaw, hash) = (thaw["id"].as_str().unwrap(), thaw["plan_hash"].as_str().unwrap());
    assert_eq!(company.refused(3, &["freeze", "approve", thaw, "--hash", hash]), "refused-own-approval");
    assert_eq!(
        (gets_in(&password), control(&peer, "zhang.wei").as_str()),
        ((false, false), "514"),
        "not before another person has said so"
    );
    company.ok(&["freeze", "approve", thaw, "--hash", hash, "--as", "lin"]);
    let thawed = company.until_state(thaw, "complete");
    assert!(thawed["steps"].as_array().unwrap().iter().all(|s| s["state"] == "confirmed"), "{thawed:#}");
    assert_eq!((&company.order(&order)["state"], control(&peer, "zhang.wei").as_str()), (&Value::from("thawed"), "512"));
    // The account is theirs again; the password that they knew is gone for good, and is not asked back from anybody.
    let (ok, said) = bind(&peer, "zhang.wei", &password);
    assert!(!ok && said.contains("data 52e"), "no longer disabled, only unknown: {said}");
    new_password(&peer, "zhang.wei", "Welcome-back.4711");
    assert_eq!(gets_in("Welcome-back.4711"), (true, true), "he gets in again");
    company.sound();
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
    assert!(ticket(peer, "zhang.wei2", peer.word("password")).0 && bind(peer, "zhang.wei2", peer.word("password")).0);
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
    assert!(ticket(peer, "zhang.wei2", peer.word("password")).0);
    assert_eq!(target.send(&call(&account, StepKind::BlockSignIn)).await, Sent::Accepted);
    let (ok, said) = bind(peer, "zhang.wei2", peer.word("password"));
    assert!(!ok && said.contains("data 533"), "{said}");
    let (ok, said) = ticket(peer, "zhang.wei2", peer.word("password"));
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

/// Somebody sets another bit of the same number between our read and our write: theirs is not lost, and ours comes with the next try.
async fn races(home: &Home, peer: &Peer) {
    let relay = Relay::before(peer.word("plain"));
    let target = home.open(&ours(home, peer, "").replace(peer.word("url"), &relay.url()));
    let account = one(&*target, &subject("10252", None)).await;
    // "The password never expires" is 65536, "disabled" is 2.
    for (kind, theirs, ours) in [(StepKind::BlockSignIn, 66_048, 66_050), (StepKind::Unblock, 514, 512)] {
        let (modify, set) = (admin(peer), format!("replace: userAccountControl\nuserAccountControl: {theirs}\n"));
        relay.meanwhile("modify", move || modify(&format!("dn: {}\nchangetype: modify\n{set}", dn("zhang.wei"))));
        let sent = target.send(&call(&account, kind)).await;
        let turned_away = |sent: &Sent| matches!(sent, Sent::NotSent { why, retry_after: Some(0) } if why.code == "target-changed");
        assert!(turned_away(&sent), "{kind}: {sent:?}");
        assert_eq!(control(peer, "zhang.wei"), theirs.to_string(), "{kind}: theirs is not lost");
        assert_eq!(target.send(&call(&account, kind)).await, Sent::Accepted);
        assert_eq!(control(peer, "zhang.wei"), ours.to_string(), "{kind}");
    }
}
