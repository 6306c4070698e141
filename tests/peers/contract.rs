//! What every adapter holds against its real server.

use std::sync::Arc;
use tenure::{
    connect::targets::Target,
    domain::target::{Account, Call, Protection, Sent, StepKind, Subject, WriteRight},
};

/// One kind of target, with a person on it.
pub struct Case<'a> {
    pub target: Arc<dyn Target>,
    /// The same place with a credential that is refused.
    pub stranger: Arc<dyn Target>,
    /// The same place without a canary, or with one that must not be written to.
    pub unproven: (Arc<dyn Target>, WriteRight),
    pub whom: Subject,
    pub login: &'a str,
    /// An account that the target's spec lists under `service`, with its login.
    pub protected: (&'a str, &'a str),
    /// An id of the right shape that no account has.
    pub nobody: &'a str,
    /// Whether the person gets in, seen from outside.
    pub gets_in: &'a (dyn Fn() -> bool + Sync),
}

pub fn subject(number: &str, email: Option<&str>) -> Subject {
    Subject { employee_number: number.into(), email: email.map(str::to_owned) }
}

pub fn call(account: &Account, kind: StepKind) -> Call {
    Call { account: account.id.clone(), login: account.login.clone(), kind, key: "k1".into(), excepted: false }
}

pub async fn one(target: &dyn Target, whom: &Subject) -> Account {
    let mut found = target.find(whom).await.unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

pub async fn get(target: &dyn Target, id: &str) -> Account {
    target.get(id).await.unwrap().expect("the account is there")
}

pub fn rejected(sent: &Sent, code: &str) {
    assert!(matches!(sent, Sent::Rejected { why } if why.code == code), "{sent:?}");
}

pub async fn holds(case: &Case<'_>) {
    let target = &*case.target;
    found(case).await;
    blocked_and_back(case).await;

    // A protected account is written to only as a named exception; an unknown one, or one under another name, never.
    let (id, login) = case.protected;
    let account = get(target, id).await;
    assert_eq!(account.protection, Some(Protection::Service));
    let block = Call { account: account.id.clone(), login: login.into(), kind: StepKind::BlockSignIn, key: "k2".into(), excepted: false };
    rejected(&target.send(&block).await, "target-protected");
    assert_eq!(get(target, id).await.seen.enabled, Some(true));
    assert_eq!(target.send(&Call { excepted: true, ..block.clone() }).await, Sent::Accepted);
    assert_eq!(get(target, id).await.seen.enabled, Some(false));
    assert_eq!(target.send(&Call { excepted: true, kind: StepKind::Unblock, ..block.clone() }).await, Sent::Accepted);
    rejected(&target.send(&Call { account: case.nobody.into(), ..block.clone() }).await, "target-no-account");
    assert_eq!(target.get(case.nobody).await.unwrap(), None);
    let person = one(target, &case.whom).await;
    let crossed = Call { login: "somebody.else".into(), ..call(&person, StepKind::BlockSignIn) };
    rejected(&target.send(&crossed).await, "target-other-account");
    rejected(&target.send(&call(&person, StepKind::LockDevice)).await, "target-cannot");
    assert!((case.gets_in)());

    // Our own credential is refused: nothing is covered, and nothing is claimed.
    let fault = case.stranger.find(&case.whom).await.unwrap_err();
    assert!(fault.unauthorised, "{fault:?}");
    let sent = case.stranger.send(&call(&person, StepKind::BlockSignIn)).await;
    assert!(matches!(sent, Sent::Unauthorised { .. }), "{sent:?}");
    assert!((case.gets_in)());

    let health = target.check().await;
    assert!(health.ok && health.why.is_none(), "{health:?}");
    assert_eq!(health.write, WriteRight::Proven);
    let health = case.stranger.check().await;
    assert!(!health.ok && health.why.is_some() && health.write != WriteRight::Proven, "{health:?}");
    let (unproven, right) = &case.unproven;
    let health = unproven.check().await;
    assert!(health.ok && health.write == *right && health.why.is_some(), "{health:?}");
    assert!((case.gets_in)());
}

async fn found(case: &Case<'_>) {
    let target = &*case.target;
    let account = one(target, &case.whom).await;
    assert_eq!(account.login, case.login);
    assert_eq!((account.seen.exists, account.seen.enabled, account.protection), (true, Some(true), None));
    assert_eq!(target.find(&subject("no-such-number", Some("nobody@nowhere.test"))).await.unwrap(), []);
    // What looks like a filter, a wildcard or an option is a name that nobody has.
    for odd in ["*", "x\" or userName pr or \"", "*)(uid=*", "-rf", "a b", "张伟", "\\", "%"] {
        assert_eq!(target.find(&subject(odd, Some(odd))).await.unwrap(), [], "{odd:?}");
    }
    // Who has nothing to be known by is not looked for, and that is not the same as having no account.
    assert_eq!(target.find(&subject(" ", None)).await.unwrap_err().why.code, "target-no-value");
}

async fn blocked_and_back(case: &Case<'_>) {
    let target = &*case.target;
    let before = one(target, &case.whom).await;
    assert!((case.gets_in)(), "he gets in before");
    assert_eq!(before.seen.done(StepKind::BlockSignIn, None), Some(false));
    for _ in 0..2 {
        assert_eq!(target.send(&call(&before, StepKind::BlockSignIn)).await, Sent::Accepted);
        let seen = get(target, &before.id).await.seen;
        assert_eq!(
            (seen.enabled, seen.done(StepKind::BlockSignIn, None), seen.done(StepKind::Unblock, None)),
            (Some(false), Some(true), Some(false))
        );
        assert!(!(case.gets_in)(), "he is locked out");
    }
    for _ in 0..2 {
        assert_eq!(target.send(&call(&before, StepKind::Unblock)).await, Sent::Accepted);
        assert_eq!(get(target, &before.id).await.seen.enabled, Some(true));
        assert!((case.gets_in)(), "he gets in again");
    }
}

/// After the server has gone.
pub async fn gone(target: &dyn Target, account: &Account) {
    let sent = target.send(&call(account, StepKind::BlockSignIn)).await;
    assert!(matches!(sent, Sent::NotSent { .. }), "{sent:?}");
    let fault = target.get(&account.id).await.unwrap_err();
    assert!(!fault.unauthorised, "{fault:?}");
    let health = target.check().await;
    assert!(!health.ok && health.why.is_some(), "{health:?}");
}
