//! Targets: real systems on which accounts are found, changed and read back. One file a kind; the words are [`crate::domain::target`]'s.

mod active_directory;
mod command;
mod descriptions;
mod directory;
mod gate;
mod http;
mod http_file;
mod ldap;
mod ldap_line;
mod lockout;
mod run;
mod scim;
mod scim_value;
mod secret;
mod spec;
mod template;
pub(super) mod tls;
pub(super) mod web;

pub use descriptions::{NAMES, shipped};
pub use secret::SecretSource;
pub use spec::{Given, Restrict, TargetSpec};

use crate::domain::{
    sentence::Sentence,
    target::{Account, Call, Card, Health, ReadFault, Sent, StepKind, Subject, TargetKind, WriteRight},
};
use async_trait::async_trait;
use gate::Gate;
use std::{collections::BTreeSet, path::Path, sync::Arc};

/// The fault of a search for a person who has nothing that the target's link rule compares.
pub const NO_VALUE: &str = "target-no-value";

/// One target. Implementations keep their own time-outs ([`Card::timeout`]): every call returns within it. None of them retries a write.
#[async_trait]
pub trait Target: Send + Sync {
    /// What it can do.
    fn card(&self) -> &Card;
    /// Every account that the link rule gives for a person. What comes back is compared with the rule once more: a server that ignores a
    /// filter gives nobody.
    async fn find(&self, whom: &Subject) -> Result<Vec<Account>, ReadFault>;
    /// The account of that id, for links made by hand; `None` when there is none.
    async fn get(&self, id: &str) -> Result<Option<Account>, ReadFault>;
    /// Sends one write, once.
    async fn send(&self, call: &Call) -> Sent;
    /// Whether it answers and what our credential may do.
    async fn check(&self) -> Health;
}

/// Opens the targets of a home, in their order. No call is made and no secret is read yet; relative paths are the home's.
///
/// # Errors
/// Names the target and the key that does not fit.
pub fn open(specs: &[TargetSpec], home: &Path) -> Result<Vec<Arc<dyn Target>>, Sentence> {
    let mut names = BTreeSet::new();
    for spec in specs {
        let stands_alone = |name: &String| specs.iter().any(|other| other.name == *name && other.stands_in_for.is_empty());
        if !spec.stands_in_for.iter().all(stands_alone) {
            return Err(spec.wrong("stands_in_for", "@target-want-stand-in"));
        }
    }
    specs
        .iter()
        .map(|spec| {
            spec.check()?;
            if !names.insert(spec.name.to_lowercase()) {
                return Err(Sentence::new("target-spec-twice").with("target", &spec.name));
            }
            match spec.kind {
                TargetKind::Scim => scim::open(spec, home),
                TargetKind::Ldap => ldap::open(spec, home),
                TargetKind::ActiveDirectory => active_directory::open(spec, home),
                TargetKind::Http => http::open(spec, home),
                TargetKind::Command => command::open(spec, home),
            }
        })
        .collect()
}

/// What a write on the canary account, one that changes nothing, says of our rights.
fn canary(sent: Sent) -> (WriteRight, Option<Sentence>) {
    match sent {
        Sent::Accepted => (WriteRight::Proven, None),
        Sent::Async => (WriteRight::Unproven, None),
        Sent::Rejected { why } | Sent::Unauthorised { why } => (WriteRight::Refused, Some(why)),
        Sent::NotSent { why, .. } | Sent::Unknown { why } => (WriteRight::Unproven, Some(why)),
    }
}

/// Of a described target: a canary that is blocked is blocked once more. One that is open is left alone, since nobody can say of a call that
/// somebody described that taking a block back from it changes nothing.
async fn described_canary(target: &dyn Target, spec: &TargetSpec) -> Result<(WriteRight, Option<Sentence>), ReadFault> {
    let unproven = |code| Ok((WriteRight::Unproven, Some(Sentence::new(code).with("target", &spec.name))));
    let Some(name) = &spec.canary else { return unproven("target-write-unproven") };
    let Some(account) = target.get(name).await? else { return unproven("target-canary-missing") };
    if account.seen.done(StepKind::BlockSignIn, None) != Some(true) {
        return unproven("target-canary-open");
    }
    let (kind, key) = (StepKind::BlockSignIn, String::from("check"));
    Ok(canary(target.send(&Call { account: account.id, login: account.login, kind, key, excepted: true }).await))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_target_has_a_name_of_its_own_and_stands_in_for_others_that_are_there() {
        let target =
            |name: &str, more: &str| format!("[[targets]]\nname = {name:?}\nkind = \"scim\"\nurl = \"http://127.0.0.1:1\"\n{more}\n");
        let opened = |all: &[String]| {
            let file: BTreeMap<String, Vec<TargetSpec>> = toml::from_str(&all.concat()).unwrap();
            open(&file["targets"], Path::new("/nonexistent")).map_err(|e| (e.code.to_string(), e.args.get("target").cloned()))
        };
        let (idp, vpn) = (target("idp", ""), target("vpn", "stands_in_for = [\"idp\"]"));
        assert_eq!(opened(&[vpn.clone(), idp.clone()]).unwrap()[0].card().stands_in_for, ["idp"]);
        let wrong = |name: &str| Some(("target-spec-value".to_owned(), Some(name.to_owned())));
        assert_eq!(opened(std::slice::from_ref(&vpn)).err(), wrong("vpn"), "nobody of that name");
        let second = target("fw", "stands_in_for = [\"vpn\"]");
        assert_eq!(opened(&[vpn, second, idp.clone()]).err(), wrong("fw"), "for one that stands in itself");
        assert_eq!(opened(&[target("fw", "stands_in_for = [\"fw\"]")]).err(), wrong("fw"), "for itself");
        assert_eq!(opened(&[idp, target("IDP", "")]).err().unwrap().0, "target-spec-twice");
    }
}
