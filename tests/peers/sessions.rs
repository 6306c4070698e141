//! What was open before a freeze goes on after it, and is counted until it is gone: orders on a real directory, by the real program.

use crate::{
    kit::{Peer, company::Company},
    linux,
};
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, Scope};
use serde_json::Value;
use std::process::Command;

const BASE: &str = "dc=example,dc=test";

struct Directory {
    peer: Peer,
    company: Company,
}

impl Directory {
    fn new(more: &str) -> Self {
        let (peer, company) = (Peer::start("slapd", &[]), Company::new(0, ""));
        let (url, ca, secret) = (peer.word("url"), peer.word("ca"), company.secret("password", peer.word("password")));
        company.targets(&format!(
            "[[targets]]\nname = \"directory\"\nkind = \"ldap\"\nurl = {url:?}\nca = {ca:?}\nbind_dn = \"cn=tenure,{BASE}\"\n\
             password = {secret}\nbase = {BASE:?}\nmatch = \"employee_number = employeeNumber\"\ntimeout = \"20s\"\n{more}"
        ));
        Self { peer, company }
    }

    fn client(&self, program: &str, dn: &str, password: &str, more: &[&str]) -> (bool, String) {
        let mut command = Command::new(program);
        command.args(["-x", "-H", self.peer.word("url"), "-D", dn, "-w", password]).args(more);
        let out = command.env("LDAPTLS_CACERT", self.peer.word("ca")).output().expect("OpenLDAP's clients run: install ldap-utils");
        (out.status.success(), String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned())
    }

    /// Whether a bind works, and what is said of one that does not.
    fn bind(&self, password: &str) -> (bool, String) {
        self.client("ldapwhoami", &wei(), password, &["-e", "ppolicy"])
    }

    /// What the people who run the directory do: a new password, which on OpenLDAP also takes the lock away.
    fn new_password(&self, password: &str) {
        let root = format!("cn=root,{BASE}");
        let (ok, said) = self.client("ldappasswd", &root, self.peer.word("password"), &["-s", password, &wei()]);
        assert!(ok, "{said}");
    }

    /// Looks until nothing is open any more: the server takes a moment to see that a client has gone.
    fn verified(&self, order: &str) -> Value {
        let look = |o: &Value| {
            self.company.ok(&["freeze", "verify", order]);
            o["state"] == "verified"
        };
        self.company.until(order, "verified", &|_| (), &look)
    }

    async fn connect(&self) -> Ldap {
        let settings = LdapConnSettings::new().set_config(crate::kit::trust(self.peer.word("ca")));
        let (connection, mut live) = LdapConnAsync::with_settings(settings, self.peer.word("url")).await.unwrap();
        tokio::spawn(connection.drive());
        live.simple_bind(&wei(), self.peer.word("password")).await.unwrap().success().unwrap();
        live
    }
}

fn wei() -> String {
    format!("uid=zhang.wei,ou=people,{BASE}")
}

async fn still_reads(live: &mut Ldap) -> bool {
    let found = live.search(BASE, Scope::Subtree, "(uid=li.na)", ["cn"]).await.unwrap().success();
    found.is_ok_and(|f| f.0.len() == 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_was_open_is_residual_access_until_it_is_gone() {
    let directory = Directory::new("monitor = \"cn=Connections,cn=Monitor\"\nlast_sign_in = \"pwdLastSuccess\"");
    let (company, password) = (&directory.company, directory.peer.word("password"));
    assert!(directory.bind(password).0, "he gets in before");
    let mut live = directory.connect().await;
    let order = company.suspend("10252");
    let seen = company.order(&order);
    assert_eq!((&seen["state"], &seen["residual_seconds"]), (&Value::from("complete"), &Value::Null), "{seen:#}");
    let (ok, said) = directory.bind(password);
    assert!(!ok && said.contains("Account locked"), "{said}");
    assert!(still_reads(&mut live).await, "he is still in");
    company.ok(&["freeze", "verify", &order]);
    let seen = company.order(&order);
    assert_eq!((&seen["state"], &seen["residual_seconds"]), (&Value::from("complete"), &Value::Null), "{seen:#}");
    // While it lives nothing is given back: that would make it his again.
    assert_eq!(company.refused(3, &["freeze", "thaw", &order, "--reason", "comes back"]), "freeze-thaw-unknown");

    live.unbind().await.unwrap();
    let seen = directory.verified(&order);
    assert_eq!(seen["residual_seconds"], 0);
    assert!(seen["gaps"][0]["over_at"].is_string(), "{seen:#}");

    let thaw = company.json(&["freeze", "thaw", &order, "--reason", "comes back"]);
    let (thaw, hash) = (thaw["id"].as_str().unwrap(), thaw["plan_hash"].as_str().unwrap());
    assert!(directory.bind(password).1.contains("Account locked"), "not before another person has said so");
    company.ok(&["freeze", "approve", thaw, "--hash", hash, "--as", "lin"]);
    company.until_state(thaw, "complete");
    let (ok, said) = directory.bind(password);
    assert!(!ok && !said.contains("Account locked"), "unlocked; the old password was reset: {said}");
    directory.new_password("a new one 4711");
    assert!(directory.bind("a new one 4711").0, "he gets in again");
    company.sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bound_runs_down_where_nothing_can_be_counted() {
    let directory = Directory::new("session_max = \"8h\"");
    let company = &directory.company;
    let mut live = directory.connect().await;
    let order = company.suspend("10252");
    let left = || company.order(&order)["residual_seconds"].as_i64().unwrap();
    let first = left();
    assert!((28_700..=28_800).contains(&first), "{first}");
    assert!(still_reads(&mut live).await);
    live.unbind().await.unwrap();
    // It cannot be seen that he is gone: only time ends it.
    company.ok(&["freeze", "verify", &order]);
    let next = left();
    assert!(next > 0 && next <= first);
    assert_eq!(company.order(&order)["state"], "complete");
    assert_eq!(company.refused(3, &["freeze", "thaw", &order, "--reason", "comes back"]), "freeze-thaw-residual");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_after_the_freeze_trips_the_wire_once() {
    let directory = Directory::new("monitor = \"cn=Connections,cn=Monitor\"\nlast_sign_in = \"pwdLastSuccess\"");
    let company = &directory.company;
    assert!(directory.bind(directory.peer.word("password")).0);
    let order = company.suspend("10252");
    directory.verified(&order);
    assert_eq!((company.alerts("freeze_drift"), company.alerts("post_freeze_activity")), (0, 0), "a sign-in before is none after");
    // Somebody gives him a new password behind our back, and he comes in: in another second, as the directory counts.
    directory.new_password("a new one 4711");
    let frozen = jiff::Timestamp::now().as_second();
    while jiff::Timestamp::now().as_second() == frozen {
        std::thread::yield_now();
    }
    assert!(directory.bind("a new one 4711").0);
    for _ in 0..2 {
        company.ok(&["freeze", "verify", &order]);
        let seen = company.order(&order);
        assert_eq!((&seen["state"], &seen["residual_seconds"]), (&Value::from("drifted"), &Value::Null), "{seen:#}");
        assert_eq!((company.alerts("freeze_drift"), company.alerts("post_freeze_activity")), (1, 1));
    }
    company.ok(&["freeze", "resume", &order]);
    directory.verified(&order);
    assert!(directory.bind("a new one 4711").1.contains("Account locked"));
}

#[test]
fn a_session_with_a_key_ends_before_the_clock_is_at_zero() {
    let peer = Peer::start("sshd", &[]);
    let (company, number, login) = (Company::new(0, ""), linux::number(&peer, 1), format!("{}wei", peer.word("mark")));
    company.hire(&number, "章维");
    company.targets(&format!("[[targets]]\n{}", linux::spec(&peer, Some("root"), "")));
    assert!(linux::gets_in(&peer, Some("user"), &login), "he gets in before");
    let mut live = linux::session(&peer, &login);
    let _worker = company.worker();
    let asked = company.start(&["freeze", "request", &number, "--level", "suspend", "--reason", "for cause", "--json"]);
    let order = loop {
        let all = company.json(&["freeze", "list"]);
        if let Some(id) = all[0]["id"].as_str() {
            break id.to_owned();
        }
    };
    let live = std::cell::RefCell::new(&mut live);
    let honest = |o: &Value| {
        let gone = live.borrow_mut().try_wait().unwrap().is_some();
        assert!(o["residual_seconds"] != 0 || gone, "he is still in: {o:#}");
    };
    let done = company.until(&order, "verified", &honest, &|o| o["state"] == "verified");
    let kinds: Vec<_> = done["steps"].as_array().unwrap().iter().map(|s| s["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["block_sign_in", "kill_live", "verify"]);
    assert!(!live.borrow_mut().wait().unwrap().success());
    assert!(asked.output().status.success());
    assert!(!linux::gets_in(&peer, Some("user"), &login) && !linux::gets_in(&peer, None, &login), "neither by key nor by password");
    // Given back, after another person has said so.
    let thaw = company.json(&["freeze", "thaw", &order, "--reason", "comes back"]);
    let (thaw, hash) = (thaw["id"].as_str().unwrap(), thaw["plan_hash"].as_str().unwrap());
    assert!(!linux::gets_in(&peer, Some("user"), &login));
    company.ok(&["freeze", "approve", thaw, "--hash", hash, "--as", "lin"]);
    company.until_state(thaw, "complete");
    assert!(linux::gets_in(&peer, Some("user"), &login) && linux::gets_in(&peer, None, &login));
}
