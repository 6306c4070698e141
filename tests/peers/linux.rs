//! Linux accounts, on this host and through ssh.

use crate::{
    contract::{Case, call, get, gone, holds, one, rejected, subject},
    kit::{Home, Peer, until},
};
use std::process::{Child, Command, Stdio};
use tenure::domain::target::{Call, Protection, Sent, StepKind, WriteRight};

/// ssh with a key, or with the password when there is none.
fn ssh(peer: &Peer, key: Option<&str>, user: &str) -> Command {
    let dir = peer.word("dir");
    let mut command = Command::new("ssh");
    command.args(["-F", &format!("{dir}/config"), "-o", "NumberOfPasswordPrompts=1"]);
    match key {
        Some(key) => command.args(["-o", "BatchMode=yes", "-i", &format!("{dir}/{key}")]),
        None => command
            .args(["-o", "PubkeyAuthentication=no", "-o", "PreferredAuthentications=password"])
            .env("SSH_ASKPASS", format!("{dir}/askpass"))
            .env("SSH_ASKPASS_REQUIRE", "force"),
    };
    command.arg("--").arg(format!("{user}@here"));
    command
}

pub fn gets_in(peer: &Peer, key: Option<&str>, user: &str) -> bool {
    ssh(peer, key, user).arg("true").stdin(Stdio::null()).output().unwrap().status.success()
}

/// Employee numbers are the peer's own: several may live on one host.
pub fn number(peer: &Peer, n: u8) -> String {
    format!("{}{n}", peer.word("mark"))
}

/// A session that goes on until its input ends.
pub fn session(peer: &Peer, user: &str) -> Child {
    let mut child = ssh(peer, Some("user"), user)
        .arg("echo in; cat")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = [0; 3];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut line).unwrap();
    child
}

pub fn spec(peer: &Peer, via: Option<&str>, more: &str) -> String {
    let via = via.map(|key| {
        let dir = peer.word("dir");
        let words = ["ssh", "-F", &format!("{dir}/config"), "-o", "BatchMode=yes", "-i", &format!("{dir}/{key}"), "--", "root@here"];
        format!("via = {words:?}\n")
    });
    format!(
        "name = \"jump\"\nkind = \"command\"\ndescription = \"linux-account\"\nmatch = \"employee_number = gecos\"\ntimeout = \"30s\"\n{}{more}",
        via.unwrap_or_default()
    )
}

async fn contract(via: Option<&str>) {
    let mut peer = Peer::start("sshd", &[]);
    let home = Home::new();
    let (wei, svc, canary) =
        (format!("{}wei", peer.word("mark")), format!("{}svc", peer.word("mark")), format!("{}can", peer.word("mark")));
    let target = home.open(&spec(&peer, via, &format!("service = [{svc:?}]\ncanary = {canary:?}")));
    let case = Case {
        target: target.clone(),
        stranger: home.open(&spec(&peer, Some("wrong"), "")),
        unproven: (home.open(&spec(&peer, via, "")), WriteRight::Unproven),
        whom: subject(&number(&peer, 1), None),
        login: &wei,
        protected: (&svc, &svc),
        nobody: "tnrnobodyatall",
        gets_in: &|| {
            let (key, password) = (gets_in(&peer, Some("user"), &wei), gets_in(&peer, None, &wei));
            assert_eq!(key, password, "one lock for the key and for the password");
            key
        },
    };
    holds(&case).await;
    let account = one(&*target, &case.whom).await;
    assert_eq!(account.display.as_deref(), Some(format!("Zhang Wei,{},,", number(&peer, 1)).as_str()));
    assert_eq!(target.card().place, via.map_or_else(host, |_| "root@here".into()), "the host is named");
    let open = home.open(&spec(&peer, via, &format!("canary = {wei:?}"))).check().await;
    assert!(open.ok && open.write == WriteRight::Unproven && open.why.is_some_and(|w| w.code == "target-canary-open"));
    peer.stop();
    if via.is_some() {
        gone(&*target, &account).await;
    } else {
        assert_eq!(target.get(&account.id).await.unwrap(), None, "the account was removed with the peer");
    }
}

fn host() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_holds_on_this_host() {
    contract(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_holds_through_ssh() {
    contract(Some("root")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_outlives_the_lock_and_dies_by_the_kill() {
    for via in [None, Some("root")] {
        let peer = Peer::start("sshd", &[]);
        let home = Home::new();
        let target = home.open(&spec(&peer, via, ""));
        let account = one(&*target, &subject(&number(&peer, 1), None)).await;
        assert_eq!(account.seen.sessions, Some(0));
        assert_eq!(account.seen.done(StepKind::KillLive, None), Some(true), "nothing to kill");
        let mut live = session(&peer, &account.login);
        assert_eq!(target.send(&call(&account, StepKind::BlockSignIn)).await, Sent::Accepted);
        assert!(!gets_in(&peer, Some("user"), &account.login));
        let seen = get(&*target, &account.id).await.seen;
        assert!(seen.sessions.is_some_and(|n| n > 0) && seen.done(StepKind::KillLive, None) == Some(false), "{seen:?}");
        assert!(live.try_wait().unwrap().is_none(), "he is still in");
        for _ in 0..2 {
            assert_eq!(target.send(&call(&account, StepKind::KillLive)).await, Sent::Accepted);
        }
        assert!(!live.wait().unwrap().success());
        until("the last process ends", || async { get(&*target, &account.id).await.seen.done(StepKind::KillLive, None) == Some(true) })
            .await;
        assert_eq!(get(&*target, &account.id).await.seen.sessions, Some(0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_without_a_password_is_locked_out_and_let_in_again() {
    let peer = Peer::start("sshd", &[]);
    let target = Home::new().open(&spec(&peer, Some("root"), ""));
    let account = one(&*target, &subject(&number(&peer, 4), None)).await;
    assert!(gets_in(&peer, Some("user"), &account.login));
    assert_eq!(account.seen.enabled, Some(true));
    assert_eq!(target.send(&call(&account, StepKind::BlockSignIn)).await, Sent::Accepted);
    assert!(!gets_in(&peer, Some("user"), &account.login));
    assert_eq!(get(&*target, &account.id).await.seen.enabled, Some(false));
    assert_eq!(target.send(&call(&account, StepKind::Unblock)).await, Sent::Accepted);
    assert!(gets_in(&peer, Some("user"), &account.login));
    assert_eq!(get(&*target, &account.id).await.seen.done(StepKind::Unblock, None), Some(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_systems_own_accounts_and_numbers_for_names_are_not_touched() {
    let peer = Peer::start("sshd", &[]);
    let target = Home::new().open(&spec(&peer, None, ""));
    for name in ["root", "daemon"] {
        let account = get(&*target, name).await;
        assert_eq!(account.protection, Some(Protection::Service), "{name}");
        rejected(&target.send(&call(&account, StepKind::BlockSignIn)).await, "target-protected");
    }
    for odd in ["0", "1000", "-L", "root;id", "$(id)", "../root", "root ", "", "张伟"] {
        assert_eq!(target.get(odd).await.unwrap(), None, "{odd:?}");
        let block = Call { account: odd.into(), login: odd.into(), kind: StepKind::BlockSignIn, key: "k".into(), excepted: true };
        rejected(&target.send(&block).await, "target-no-account");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_read_the_shadow_file_is_told_so_and_not_that_nobody_is_there() {
    let peer = Peer::start("sshd", &[]);
    let home = Home::new();
    let ordinary = spec(&peer, Some("user"), "").replace("root@here", &format!("{}two@here", peer.word("mark")));
    let target = home.open(&ordinary);
    let fault = target.get(&format!("{}wei", peer.word("mark"))).await.unwrap_err();
    assert_eq!((fault.why.code.as_ref(), fault.unauthorised), ("target-exit", false), "{fault:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_hangs_is_killed_and_its_end_is_unknown() {
    let home = Home::new();
    std::fs::create_dir(home.path().join("targets")).unwrap();
    let file = "about = \"a\"\nchecked = \"b\"\n[find]\nargv = [\"getent\", \"passwd\"]\nseparator = \":\"\nlogin = 0\nfields = { login = 0 }\n\
        [[read]]\nargv = [\"getent\", \"passwd\", \"--\", \"{login}\"]\nseparator = \":\"\nlogin = 0\ngone = [2]\n\
        [[step]]\nkind = \"block_sign_in\"\nreversible = true\nidempotent = true\ncalls = [{ argv = [\"sleep\", \"600\"] }]\n\
        [[step]]\nkind = \"unblock\"\nreversible = true\nidempotent = true\ncalls = [{ argv = [\"/nonexistent/program\"] }]\n\
        [[step]]\nkind = \"kill_live\"\nreversible = false\nidempotent = true\ncalls = [{ argv = [\"false\"] }]\n";
    std::fs::write(home.path().join("targets/slow.toml"), file).unwrap();
    let target =
        home.open("name = \"slow\"\nkind = \"command\"\ndescription = \"slow\"\nmatch = \"employee_number = login\"\ntimeout = \"1s\"");
    let account = one(&*target, &subject("root", None)).await;
    assert_eq!(account.seen.enabled, None, "nothing tells");
    assert!(!target.card().step(StepKind::BlockSignIn).unwrap().reads_back);
    let sent = target.send(&call(&account, StepKind::BlockSignIn)).await;
    assert!(matches!(&sent, Sent::Unknown { why } if why.code == "target-no-answer"), "{sent:?}");
    let sent = target.send(&call(&account, StepKind::Unblock)).await;
    assert!(matches!(&sent, Sent::NotSent { why, .. } if why.code == "target-start"), "{sent:?}");
    rejected(&target.send(&call(&account, StepKind::KillLive)).await, "target-exit");
    let open = "name = \"slow\"\nkind = \"command\"\ndescription = \"slow\"\n";
    for wrong in ["[\"sleep\", \"{login}\"]", "[\"sleep\", \"--\", \"{other}\"]", "[]"] {
        let text = file.replacen("[\"sleep\", \"600\"]", wrong, 1);
        std::fs::write(home.path().join("targets/slow.toml"), text).unwrap();
        assert_eq!(home.try_open(open).err().unwrap().code, "target-description", "{wrong}");
    }
}
