//! OpenLDAP with password policy.

use crate::{
    contract::{Case, call, get, gone, holds, one, rejected, subject},
    kit::{
        Home, Peer,
        relay::{Fault, Relay, envelope},
        until,
    },
};
use ldap3::{LdapConnAsync, LdapConnSettings, Scope};
use std::process::Command;
use tenure::domain::target::{Lockout, Protection, Sent, StepKind, WriteRight};

const BASE: &str = "dc=example,dc=test";

fn spec(home: &Home, peer: &Peer, password: &str, more: &str) -> String {
    let right = password == peer.word("password");
    let secret = home.secret(if right { "password" } else { "wrong" }, password);
    let (url, ca) = (peer.word("url"), peer.word("ca"));
    format!(
        "name = \"directory\"\nkind = \"ldap\"\nurl = {url:?}\nca = {ca:?}\nbind_dn = \"cn=tenure,{BASE}\"\npassword = {secret}\nbase = {BASE:?}\n\
         match = \"employee_number = employeeNumber\"\ntimeout = \"20s\"\n{more}"
    )
}

fn ours(home: &Home, peer: &Peer, more: &str) -> String {
    spec(home, peer, peer.word("password"), more)
}

fn dn(uid: &str) -> String {
    format!("uid={uid},ou=people,{BASE}")
}

/// A bind by OpenLDAP's own client: whether it worked, and what was said.
fn bind(peer: &Peer, uid: &str, password: &str) -> (bool, String) {
    let mut command = Command::new("ldapwhoami");
    command.args(["-x", "-e", "ppolicy", "-H", peer.word("url"), "-D", &dn(uid), "-w", password]).env("LDAPTLS_CACERT", peer.word("ca"));
    let out = command.output().expect("ldapwhoami runs: install ldap-utils");
    (out.status.success(), String::from_utf8_lossy(&out.stderr).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_holds_on_openldap() {
    let mut peer = Peer::start("slapd", &[]);
    let home = Home::new();
    let target = home.open(&ours(&home, &peer, "service = [\"svc-backup\"]\ncanary = \"canary\""));
    let reader = ours(&home, &peer, "canary = \"canary\"").replace("cn=tenure", "cn=reader");
    let password = peer.word("password").to_owned();
    let case = Case {
        target: target.clone(),
        stranger: home.open(&spec(&home, &peer, "not-the-password", "")),
        unproven: (home.open(&reader), WriteRight::Refused),
        whom: subject("10252", None),
        login: "zhang.wei",
        protected: (&dn("svc-backup"), "svc-backup"),
        nobody: "00000000-0000-0000-0000-000000000000",
        gets_in: &|| bind(&peer, "zhang.wei", &password).0,
    };
    holds(&case).await;
    let account = one(&*target, &case.whom).await;
    assert_eq!(get(&*target, &dn("zhang.wei")).await.id, account.id, "by name or by id, it is the same account");
    assert_eq!(get(&*target, "zhang.wei").await.id, account.id);

    // The server says why, and a canary that is locked proves as much as one that is not.
    assert_eq!(target.send(&call(&account, StepKind::BlockSignIn)).await, Sent::Accepted);
    let (ok, said) = bind(&peer, "zhang.wei", &password);
    assert!(!ok && said.contains("Account locked"), "{said}");
    let canary = get(&*target, "canary").await;
    assert_eq!(target.send(&call(&canary, StepKind::BlockSignIn)).await, Sent::Accepted);
    assert_eq!(target.check().await.write, WriteRight::Proven);
    assert_eq!(get(&*target, "canary").await.seen.enabled, Some(false));
    assert_eq!(home.open(&reader).check().await.write, WriteRight::Refused);
    let open = home.open(&ours(&home, &peer, "")).check().await;
    assert!(open.ok && open.write == WriteRight::Unproven);

    peer.stop();
    gone(&*target, &account).await;
}

/// Not what the server says, but whether the canary gets in.
#[tokio::test(flavor = "multi_thread")]
async fn off_is_proven_to_lock_out_by_signing_in_as_the_canary() {
    let peer = Peer::start("slapd", &["clear"]);
    let home = Home::new();
    let relay = Relay::before(peer.word("plain"));
    let (right, wrong) = (home.secret("canary", peer.word("password")), home.secret("stale", "not-the-password"));
    let spec = |password: &str| {
        let text =
            ours(&home, &peer, &format!("canary = \"canary\"\ncanary_password = {password}")).replace(peer.word("url"), &relay.url());
        text.lines().filter(|l| !l.starts_with("ca = ")).map(|l| format!("{l}\n")).collect::<String>()
    };
    let target = home.open(&spec(&right));
    let canary = get(&*target, "canary").await;
    for (kind, enabled) in [(StepKind::Unblock, true), (StepKind::BlockSignIn, false)] {
        assert_eq!(target.send(&call(&canary, kind)).await, Sent::Accepted);
        let health = target.check().await;
        assert_eq!((health.ok, health.lockout, &health.why), (true, Lockout::Proven, &None));
        assert_eq!(serde_json::to_value(&health).unwrap()["lockout"], "proven");
        assert_eq!(get(&*target, "canary").await.seen.enabled, Some(enabled), "as it was");
        // A password that is not the canary's proves nothing, also where it is refused.
        let health = home.open(&spec(&wrong)).check().await;
        assert_eq!((health.ok, health.write, health.lockout), (true, WriteRight::Proven, Lockout::Unproven));
        assert_eq!(
            (health.why.unwrap().code.as_ref(), get(&*target, "canary").await.seen.enabled),
            ("target-canary-password", Some(enabled))
        );
        // The block reads back and lets in all the same.
        relay.always(&format!("bind {}", dn("canary")), Fault::Garble(|n| envelope(n, &[0x61, 7, 0x0a, 1, 0, 4, 0, 4, 0])));
        let health = target.check().await;
        assert_eq!((health.ok, health.write, health.lockout), (true, WriteRight::Proven, Lockout::Failed));
        assert_eq!((health.why.unwrap().code.as_ref(), get(&*target, "canary").await.seen.enabled), ("target-no-lockout", Some(enabled)));
        relay.calm();
        // One that nobody can bring back is told.
        if enabled {
            relay.next("modify", Fault::Pass);
            relay.next("modify", Fault::Pass);
            relay.next("modify", Fault::DropRequest);
            let health = target.check().await;
            assert_eq!((health.lockout, health.why.unwrap().code.as_ref()), (Lockout::Unproven, "target-canary-left"));
        }
    }
    let mute = home.open(&spec(&right).replace("canary_password", "# "));
    assert_eq!(mute.check().await.lockout, Lockout::Unproven);
    assert_eq!(home.try_open(&spec(&right).replace("canary = ", "# ")).err().unwrap().args["key"], "canary");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_secret_locks_the_old_one_out_and_leaves_the_lock() {
    let peer = Peer::start("slapd", &[]);
    let home = Home::new();
    let target = home.open(&ours(&home, &peer, ""));
    let account = one(&*target, &subject("10252", None)).await;
    let trace = account.seen.traces[&StepKind::ResetSecret].clone();
    assert_eq!(account.seen.done(StepKind::ResetSecret, Some(&trace)), Some(false));
    assert_eq!(target.send(&call(&account, StepKind::BlockSignIn)).await, Sent::Accepted);
    assert_eq!(target.send(&call(&account, StepKind::ResetSecret)).await, Sent::Accepted);
    let seen = get(&*target, &account.id).await.seen;
    assert_eq!(seen.done(StepKind::ResetSecret, Some(&trace)), Some(true));
    // The server itself unlocks whoever gets a new password.
    assert_eq!(seen.done(StepKind::BlockSignIn, None), Some(true), "still locked");
    assert!(bind(&peer, "zhang.wei", peer.word("password")).1.contains("Account locked"));
    assert_eq!(target.send(&call(&account, StepKind::Unblock)).await, Sent::Accepted);
    let (ok, said) = bind(&peer, "zhang.wei", peer.word("password"));
    assert!(!ok && !said.contains("Account locked"), "the old secret is gone: {said}");
    // Without a lock it sets none.
    assert_eq!(target.send(&call(&account, StepKind::ResetSecret)).await, Sent::Accepted);
    assert_eq!(get(&*target, &account.id).await.seen.enabled, Some(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_bound_outlives_the_lock_and_is_counted_until_it_is_gone() {
    let peer = Peer::start("slapd", &[]);
    let home = Home::new();
    let target = home.open(&ours(&home, &peer, "monitor = \"cn=Connections,cn=Monitor\"\nlast_sign_in = \"pwdLastSuccess\""));
    assert!(target.card().reads_sessions && target.card().reads_sign_in);
    let account = one(&*target, &subject("10252", None)).await;
    assert_eq!((account.seen.sessions, account.seen.last_sign_in), (Some(0), None));

    let settings = LdapConnSettings::new().set_config(crate::kit::trust(peer.word("ca")));
    let (connection, mut live) = LdapConnAsync::with_settings(settings, peer.word("url")).await.unwrap();
    tokio::spawn(connection.drive());
    live.simple_bind(&dn("zhang.wei"), peer.word("password")).await.unwrap().success().unwrap();
    assert_eq!(target.send(&call(&account, StepKind::BlockSignIn)).await, Sent::Accepted);
    assert!(!bind(&peer, "zhang.wei", peer.word("password")).0);
    let seen = get(&*target, &account.id).await.seen;
    assert_eq!((seen.enabled, seen.sessions), (Some(false), Some(1)));
    assert!(seen.last_sign_in.is_some(), "the tripwire has a time");
    let found = live.search(BASE, Scope::Subtree, "(uid=li.na)", ["cn"]).await.unwrap().success().unwrap();
    assert_eq!(found.0.len(), 1, "he still reads the directory");
    live.unbind().await.unwrap();
    until("the last session ends", || async { get(&*target, &account.id).await.seen.sessions == Some(0) }).await;

    // Without the monitor nothing is claimed.
    let blind = home.open(&ours(&home, &peer, "session_max = \"8h\""));
    assert_eq!((blind.card().reads_sessions, blind.card().session_max), (false, Some(28_800)));
    assert_eq!(get(&*blind, &account.id).await.seen.sessions, None);
    assert_eq!(home.open(&ours(&home, &peer, "")).card().session_max, None, "unknown is not zero");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_taken_away_and_the_last_administrator_is_not() {
    let peer = Peer::start("slapd", &[]);
    let home = Home::new();
    let more = format!("admins = \"cn=admins,{BASE}\"\nrestrict = {{ group = \"cn=export,{BASE}\" }}");
    let target = home.open(&ours(&home, &peer, &more));
    let (wei, na) = (one(&*target, &subject("10252", None)).await, one(&*target, &subject("10254", None)).await);
    assert_eq!((wei.protection, na.protection), (None, None));
    assert_eq!(wei.seen.done(StepKind::Restrict, None), Some(false));
    for (kind, restricted) in
        [(StepKind::Restrict, true), (StepKind::Restrict, true), (StepKind::Release, false), (StepKind::Release, false)]
    {
        assert_eq!(target.send(&call(&wei, kind)).await, Sent::Accepted);
        let seen = get(&*target, &wei.id).await.seen;
        assert_eq!((seen.done(StepKind::Restrict, None), seen.enabled), (Some(restricted), Some(true)));
    }
    // Both at once: each is not the last one as long as the other is there.
    let (a, b) = (call(&wei, StepKind::BlockSignIn), call(&na, StepKind::BlockSignIn));
    let (a, b) = tokio::join!(target.send(&a), target.send(&b));
    assert_eq!([&a, &b].iter().filter(|s| ***s == Sent::Accepted).count(), 1, "{a:?} {b:?}");
    for one in [&wei, &na] {
        assert!(matches!(target.send(&call(one, StepKind::Unblock)).await, Sent::Accepted));
    }
    assert_eq!(target.send(&call(&wei, StepKind::BlockSignIn)).await, Sent::Accepted);
    assert_eq!(get(&*target, &na.id).await.protection, Some(Protection::LastAdmin));
    rejected(&target.send(&call(&na, StepKind::BlockSignIn)).await, "target-protected");
    assert!(bind(&peer, "li.na", peer.word("password")).0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_was_moved_is_not_gone_and_a_server_that_hangs_says_nothing() {
    let peer = Peer::start("slapd", &[]);
    let home = Home::new();
    let narrow = ours(&home, &peer, "").replace(&format!("base = {BASE:?}"), &format!("base = \"ou=people,{BASE}\"")).replace("20s", "2s");
    let target = home.open(&narrow);
    let account = one(&*target, &subject("10252", None)).await;
    let mut command = Command::new("ldapmodrdn");
    command.args(["-x", "-H", peer.word("url"), "-D", &format!("cn=root,{BASE}"), "-w", peer.word("password"), "-s", BASE]);
    let moved = command.args([&dn("zhang.wei"), "uid=zhang.wei"]).env("LDAPTLS_CACERT", peer.word("ca")).output().unwrap();
    assert!(moved.status.success(), "{moved:?}");
    assert_eq!(target.find(&subject("10252", None)).await.unwrap(), [], "outside the base the rule finds nobody");
    assert_eq!(target.send(&call(&account, StepKind::BlockSignIn)).await, Sent::Accepted);
    assert_eq!(get(&*target, &account.id).await.seen.enabled, Some(false));

    // It takes connections and answers nothing: our own deadline ends the call.
    let signal = |s: &str| assert!(Command::new("kill").args([s, peer.word("pid")]).status().unwrap().success());
    signal("-STOP");
    let sent = target.send(&call(&account, StepKind::Unblock)).await;
    let fault = target.get(&account.id).await;
    signal("-CONT");
    assert!(matches!(&sent, Sent::NotSent { .. }), "{sent:?}");
    assert!(fault.is_err());
    assert_eq!(get(&*target, &account.id).await.seen.enabled, Some(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_was_cut_is_an_error_and_a_wrong_base_too() {
    let peer = Peer::start("slapd", &[]);
    let home = Home::new();
    let by_mail = ours(&home, &peer, "").replace("employee_number = employeeNumber", "email = mail");
    let target = home.open(&by_mail);
    assert_eq!(one(&*target, &subject("-", Some("Zhang.Wei@example.test"))).await.login, "zhang.wei");
    let fault = target.find(&subject("-", Some("shared@example.test"))).await.unwrap_err();
    assert_eq!(fault.why.code, "target-incomplete", "six accounts, five entries a search");
    let elsewhere = home.open(&by_mail.replace(&format!("base = {BASE:?}"), &format!("base = \"ou=nowhere,{BASE}\"")));
    assert_eq!(elsewhere.find(&subject("-", Some("zhang.wei@example.test"))).await.unwrap_err().why.code, "target-base");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_bind_without_a_certificate_that_is_ours() {
    let (peer, other) = (Peer::start("slapd", &[]), Peer::start("slapd", &[]));
    let home = Home::new();
    let whom = subject("10252", None);
    let starttls = ours(&home, &peer, "starttls = true").replace(peer.word("url"), peer.word("plain"));
    one(&*home.open(&starttls), &whom).await;
    for wrong in [ours(&home, &peer, ""), starttls.clone()] {
        let fault = home.open(&wrong.replace(peer.word("ca"), other.word("ca"))).find(&whom).await.unwrap_err();
        assert_eq!(fault.why.code, "target-unreachable", "another authority");
        let named = wrong.replace("127.0.0.1", "127.0.0.2");
        assert!(home.open(&named).find(&whom).await.is_err(), "another host");
    }
    // In clear the server refuses the bind, and our own spec refuses it over a network.
    let clear = starttls.replace("starttls = true", "");
    assert_eq!(home.open(&clear).find(&whom).await.unwrap_err().why.code, "target-ldap-tls");
    assert_eq!(home.try_open(&clear.replace("127.0.0.1", "ldap.example.test")).err().unwrap().code, "target-plain");
    let none = ours(&home, &peer, "").replace(peer.word("ca"), "/nonexistent/ca.pem");
    assert_eq!(home.try_open(&none).err().unwrap().code, "target-ca");
}
