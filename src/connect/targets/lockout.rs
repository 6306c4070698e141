//! Whether "off" locks out, seen from outside: signs in as the canary while it is open and while it is blocked.
//!
//! A server may say yes, read back as blocked, and let people in all the same (peers.md, trap 8). Only a sign-in tells.

use super::{Target, spec::TargetSpec};
use crate::domain::{
    sentence::Sentence,
    target::{Account, Call, Health, Lockout, ReadFault, Sent, StepKind, WriteRight},
};

/// Tries it where the home names a canary and its password. The canary ends as it was.
pub(super) async fn prove<R>(health: &mut Health, target: &dyn Target, spec: &TargetSpec, signs_in: impl Fn(String) -> R + Send + Sync)
where
    R: Future<Output = Result<bool, ReadFault>> + Send,
{
    let Some(canary) = spec.canary.as_ref().filter(|_| spec.canary_password.is_some()) else { return };
    if health.ok && health.write != WriteRight::Refused {
        let (lockout, why) = tried(target, canary, signs_in).await.unwrap_or_else(|why| (Lockout::Unproven, Some(why)));
        health.locks_out(lockout, why);
    }
}

async fn tried<R>(
    target: &dyn Target,
    canary: &str,
    signs_in: impl Fn(String) -> R + Send + Sync,
) -> Result<(Lockout, Option<Sentence>), Sentence>
where
    R: Future<Output = Result<bool, ReadFault>> + Send,
{
    let say = |code| Sentence::new(code).with("target", &target.card().name).with("account", canary);
    let read = async || target.get(canary).await.map_err(|e| e.why)?.ok_or_else(|| say("target-canary-missing"));
    let account = read().await?;
    let blocked = account.seen.done(StepKind::BlockSignIn, None).ok_or_else(|| say("target-canary-unread"))?;
    let first = signs_in(account.id.clone()).await.map_err(|e| e.why)?;
    // Nothing is changed where the first try already tells.
    match (blocked, first) {
        (true, true) => return Ok((Lockout::Failed, Some(say("target-no-lockout")))),
        (false, false) => return Err(say("target-canary-password")),
        _ => {}
    }
    let (there, back) = if blocked { (StepKind::Unblock, StepKind::BlockSignIn) } else { (StepKind::BlockSignIn, StepKind::Unblock) };
    let second = match send(target, &account, there).await {
        // Nothing happened, and nothing is to be brought back.
        Sent::NotSent { why, .. } | Sent::Rejected { why } | Sent::Unauthorised { why } => return Err(why),
        Sent::Unknown { why } => Err(why),
        Sent::Accepted | Sent::Async => match holds(target, &account, there).await {
            true => signs_in(account.id.clone()).await.map_err(|e| e.why),
            false => Err(say("target-canary-unread")),
        },
    };
    // Whatever was seen, and also when nobody knows whether it was turned.
    send(target, &account, back).await;
    if !holds(target, &account, back).await {
        return Err(say("target-canary-left"));
    }
    let (open, shut) = if blocked {
        (second?, signs_in(account.id.clone()).await.map_err(|e| e.why)?)
    } else {
        let shut = second?;
        (signs_in(account.id.clone()).await.map_err(|e| e.why)?, shut)
    };
    match (open, shut) {
        (true, false) => Ok((Lockout::Proven, None)),
        (_, true) => Ok((Lockout::Failed, Some(say("target-no-lockout")))),
        // It let the canary in before: then it is the way back that does not work.
        (false, false) => Err(say(if blocked { "target-canary-password" } else { "target-canary-left" })),
    }
}

async fn send(target: &dyn Target, account: &Account, kind: StepKind) -> Sent {
    target.send(&Call { account: account.id.clone(), login: account.login.clone(), kind, key: "check".into(), excepted: true }).await
}

/// Whether the canary reads back as it was to be.
async fn holds(target: &dyn Target, account: &Account, kind: StepKind) -> bool {
    target.get(&account.id).await.ok().flatten().and_then(|a| a.seen.done(kind, None)) == Some(true)
}
