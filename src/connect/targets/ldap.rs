//! OpenLDAP with password policy: locked is `pwdAccountLockedTime: 000001010000Z`, "until an administrator unlocks it" (ITS#4978).
//!
//! The lock stops binds by password and nothing else: connections that are bound go on, and so does what signs in by a key.

use super::{
    Target,
    directory::{Bound, Directory, Entry, Group, Named, add, delete, named, replace, unknown_password},
    lockout,
    spec::{Rule, TargetSpec, same},
};
use crate::{
    domain::{
        sentence::Sentence,
        target::{Account, Call, Card, Health, Observed, Protection, ReadFault, Sent, StepCard, StepKind, Subject, WriteRight},
    },
    text::safe,
};
use async_trait::async_trait;
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use ldap3::{Scope, ldap_escape};
use std::{collections::BTreeMap, path::Path, sync::Arc};
use tokio::time::Instant;

const LOCK: &str = "pwdAccountLockedTime";
/// Locked for good. Any other value is a lock after failed attempts, which ends by itself.
const FOR_GOOD: &str = "000001010000Z";
const NO_SUCH_ATTRIBUTE: u32 = 16;

/// An OpenLDAP server.
pub struct OpenLdap {
    card: Card,
    spec: TargetSpec,
    rule: Option<Rule>,
    directory: Directory,
    group: Option<Group>,
    /// What is read of an account.
    attributes: Vec<String>,
}

fn step(kind: StepKind) -> StepCard {
    // The old password is gone for good.
    let secret = kind == StepKind::ResetSecret;
    StepCard { kind, reversible: !secret, destroys: false, idempotent: true, synchronous: true, reads_back: true }
}

/// Opens a directory; no call is made yet.
///
/// # Errors
/// Names the target and the key that does not fit.
pub(super) fn open(spec: &TargetSpec, home: &Path) -> Result<Arc<dyn Target>, Sentence> {
    let mut kinds = vec![StepKind::BlockSignIn, StepKind::ResetSecret, StepKind::Unblock];
    if spec.restrict.is_some() {
        kinds.extend([StepKind::Restrict, StepKind::Release]);
    }
    let mut card = spec.card(String::new(), kinds.into_iter().map(step).collect())?;
    card.reads_sign_in = spec.last_sign_in.is_some();
    card.reads_sessions = spec.monitor.is_some();
    let directory = Directory::open(spec, &card, home)?;
    card.place = super::directory::address(spec, "url", &directory.url)?.host_str().unwrap_or_default().to_owned();
    let rule = spec.rule()?;
    let mut attributes: Vec<String> =
        ["entryUUID", "uid", "cn", "displayName", LOCK, "pwdChangedTime"].iter().map(|a| (*a).to_owned()).collect();
    attributes.extend(rule.iter().map(|r| r.theirs.clone()).chain(spec.last_sign_in.clone()));
    Ok(Arc::new(OpenLdap { rule, group: Group::of(spec), spec: spec.clone(), card, directory, attributes }))
}

/// Time as directories write it: `20261125031500Z`, with or without a fraction.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let digits = text.strip_suffix('Z')?.split(['.', ',']).next()?;
    DateTime::strptime("%Y%m%d%H%M%S", digits).ok()?.to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp())
}

impl OpenLdap {
    async fn bind(&self, until: Instant) -> Result<Bound<'_>, ReadFault> {
        self.directory.bind(&self.directory.url, until).await
    }

    async fn search(&self, on: &mut Bound<'_>, filter: &str) -> Result<Vec<Entry>, ReadFault> {
        let attributes: Vec<_> = self.attributes.iter().map(String::as_str).collect();
        self.directory.search(on, &self.directory.base, Scope::Subtree, filter, &attributes).await
    }

    /// Under the base, or wherever it was moved: an account outside the base is not gone.
    async fn by_id(&self, on: &mut Bound<'_>, id: uuid::Uuid) -> Result<Option<Entry>, ReadFault> {
        let filter = format!("(entryUUID={id})");
        if let Some(entry) = self.search(on, &filter).await?.into_iter().next() {
            return Ok(Some(entry));
        }
        let root = self.directory.entry(on, "", &["namingContexts"]).await?;
        let attributes: Vec<_> = self.attributes.iter().map(String::as_str).collect();
        for context in root.iter().flat_map(|r| r.all("namingContexts")) {
            if let Some(entry) = self.directory.search(on, context, Scope::Subtree, &filter, &attributes).await?.into_iter().next() {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    async fn entry(&self, on: &mut Bound<'_>, id: &str) -> Result<Option<Entry>, ReadFault> {
        let found = match named(id) {
            Some(Named::Id(uuid)) => self.by_id(on, uuid).await?,
            Some(Named::Dn(dn)) => {
                let attributes: Vec<_> = self.attributes.iter().map(String::as_str).collect();
                self.directory.entry(on, dn, &attributes).await?
            }
            None => self.directory.only(self.search(on, &format!("(uid={})", ldap_escape(id))).await?)?,
        };
        if found.is_none() {
            self.directory.gone(on).await?;
        }
        Ok(found)
    }

    /// Open connections of an account on this server.
    async fn sessions(&self, on: &mut Bound<'_>, dn: &str) -> Result<Option<i64>, ReadFault> {
        let Some(monitor) = &self.spec.monitor else { return Ok(None) };
        let all = "(objectClass=monitorConnection)";
        let found = self.directory.search(on, monitor, Scope::OneLevel, all, &["monitorConnectionAuthzDN"]).await?;
        // No connection at all: then not even our own is shown, and the answer means nothing.
        if found.is_empty() {
            return Ok(None);
        }
        let theirs = found.iter().filter(|c| c.first("monitorConnectionAuthzDN").is_some_and(|d| same(d, dn))).count();
        Ok(i64::try_from(theirs).ok())
    }

    /// Whether it is the last account of the administrators' group that can sign in.
    async fn last_admin(&self, on: &mut Bound<'_>, dn: &str) -> Result<bool, ReadFault> {
        let Some(admins) = &self.spec.admins else { return Ok(false) };
        let Some(group) = self.directory.entry(on, admins, &["member", "uniqueMember"]).await? else {
            return Err(self.directory.fault(self.directory.say("target-no-group")));
        };
        let members: Vec<_> = group.all("member").iter().chain(group.all("uniqueMember")).cloned().collect();
        if !members.iter().any(|m| same(m, dn)) {
            return Ok(false);
        }
        for other in members.iter().filter(|m| !same(m, dn)) {
            let entry = self.directory.entry(on, other, &[LOCK]).await?;
            if entry.is_some_and(|e| e.first(LOCK) != Some(FOR_GOOD)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn account(&self, on: &mut Bound<'_>, entry: &Entry) -> Result<Account, ReadFault> {
        let dn = entry.0.dn.clone();
        let login = self.login(entry).to_owned();
        let id = entry.first("entryUUID").unwrap_or(&dn).to_owned();
        let locked = entry.first(LOCK) == Some(FOR_GOOD);
        let mut holds = BTreeMap::from([(StepKind::BlockSignIn, locked), (StepKind::Unblock, !locked)]);
        if let Some(group) = &self.group {
            let member = self.directory.is_member(on, group, &dn).await?;
            holds.extend([(StepKind::Restrict, !member), (StepKind::Release, member)]);
        }
        let mut protection = self.spec.protection(&[&id, &dn, &login]);
        if protection.is_none() && self.last_admin(on, &dn).await? {
            protection = Some(Protection::LastAdmin);
        }
        let seen = Observed {
            exists: true,
            enabled: Some(!locked),
            last_sign_in: self.spec.last_sign_in.as_ref().and_then(|a| time(entry.first(a)?)),
            sessions: self.sessions(on, &dn).await?,
            holds,
            traces: BTreeMap::from([(StepKind::ResetSecret, entry.first("pwdChangedTime").unwrap_or("never").to_owned())]),
        };
        let display = entry.first("displayName").or_else(|| entry.first("cn")).map(|d| safe(d, 120));
        Ok(Account { id, login, display, protection, owns: Vec::new(), marks: Vec::new(), seen })
    }

    fn login<'a>(&self, entry: &'a Entry) -> &'a str {
        entry.first("uid").unwrap_or(&entry.0.dn)
    }

    async fn set_secret(&self, on: &mut Bound<'_>, entry: &Entry) -> Sent {
        let password = unknown_password();
        let mut changes = vec![replace("userPassword", &[password.as_bytes()])];
        // The overlay takes the lock away with a new password, also when the same write replaces it; only a write that itself deletes the
        // lock keeps what it adds after (seen on 2.5).
        if entry.first(LOCK) == Some(FOR_GOOD) {
            changes.extend([delete(LOCK, &[]), add(LOCK, &[FOR_GOOD.as_bytes()])]);
        }
        self.directory.modify(on, &entry.0.dn, changes, &[]).await
    }

    async fn write(&self, on: &mut Bound<'_>, call: &Call) -> Result<Sent, ReadFault> {
        let rejected = |code| Sent::Rejected { why: self.directory.say(code) };
        if self.card.step(call.kind).is_none() {
            return Ok(rejected("target-cannot"));
        }
        let Some(entry) = self.entry(on, &call.account).await? else { return Ok(rejected("target-no-account")) };
        if !same(self.login(&entry), &call.login) {
            return Ok(rejected("target-other-account"));
        }
        let _alone = self.directory.one_at_a_time(&self.spec, call.kind).await;
        let restores = matches!(call.kind, StepKind::Unblock | StepKind::Release);
        if !call.excepted && !restores && self.account(on, &entry).await?.protection.is_some() {
            return Ok(rejected("target-protected"));
        }
        let dn = entry.0.dn.clone();
        Ok(match (call.kind, &self.group) {
            (StepKind::BlockSignIn, _) => self.directory.modify(on, &dn, vec![replace(LOCK, &[FOR_GOOD.as_bytes()])], &[]).await,
            (StepKind::Unblock, _) => self.directory.modify(on, &dn, vec![delete(LOCK, &[])], &[NO_SUCH_ATTRIBUTE]).await,
            (StepKind::ResetSecret, _) => self.set_secret(on, &entry).await,
            (StepKind::Restrict, Some(group)) => self.directory.set_member(on, group, &dn, false).await,
            (StepKind::Release, Some(group)) => self.directory.set_member(on, group, &dn, true).await,
            _ => rejected("target-cannot"),
        })
    }

    /// Whether the canary gets in.
    async fn signs_in(&self, id: String) -> Result<bool, ReadFault> {
        let until = self.directory.until();
        let entry = self.entry(&mut self.bind(until).await?, &id).await?;
        let entry = entry.ok_or_else(|| self.directory.fault(self.directory.say("target-canary-missing")))?;
        self.directory.signs_in(&entry.0.dn, until).await
    }

    /// A write that changes nothing: a locked canary is locked once more, an open one unlocked once more.
    async fn canary(&self, until: Instant) -> Result<(WriteRight, Option<Sentence>), ReadFault> {
        let mut on = self.bind(until).await?;
        let unproven = |code| Ok((WriteRight::Unproven, Some(self.directory.say(code))));
        let Some(canary) = &self.spec.canary else {
            self.search(&mut on, "(uid=tenure-check)").await?;
            return unproven("target-write-unproven");
        };
        let Some(entry) = self.entry(&mut on, canary).await? else { return unproven("target-canary-missing") };
        let dn = entry.0.dn.clone();
        let sent = if entry.first(LOCK) == Some(FOR_GOOD) {
            self.directory.modify(&mut on, &dn, vec![replace(LOCK, &[FOR_GOOD.as_bytes()])], &[]).await
        } else {
            self.directory.modify(&mut on, &dn, vec![delete(LOCK, &[])], &[NO_SUCH_ATTRIBUTE]).await
        };
        Ok(super::canary(sent))
    }
}

#[async_trait]
impl Target for OpenLdap {
    fn card(&self) -> &Card {
        &self.card
    }

    async fn find(&self, whom: &Subject) -> Result<Vec<Account>, ReadFault> {
        let Some(rule) = &self.rule else { return Ok(Vec::new()) };
        let value = rule.value(whom, &self.card)?;
        let mut on = self.bind(self.directory.until()).await?;
        let mut out = Vec::new();
        for entry in self.search(&mut on, &format!("({}={})", rule.theirs, ldap_escape(value))).await? {
            if entry.all(&rule.theirs).iter().any(|v| same(v, value)) {
                out.push(Account { marks: entry.all(&rule.theirs).to_vec(), ..self.account(&mut on, &entry).await? });
            }
        }
        Ok(out)
    }

    async fn get(&self, id: &str) -> Result<Option<Account>, ReadFault> {
        let mut on = self.bind(self.directory.until()).await?;
        match self.entry(&mut on, id).await? {
            Some(entry) => self.account(&mut on, &entry).await.map(Some),
            None => Ok(None),
        }
    }

    async fn send(&self, call: &Call) -> Sent {
        let mut on = match self.bind(self.directory.until()).await {
            Ok(on) => on,
            Err(e) => return e.into(),
        };
        self.write(&mut on, call).await.unwrap_or_else(Sent::from)
    }

    async fn check(&self) -> Health {
        let began = Instant::now();
        let mut health = Health::of(&self.card);
        health.settle(self.canary(self.directory.until()).await);
        lockout::prove(&mut health, self, &self.spec, |id| self.signs_in(id)).await;
        health.took_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
        health
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directory_times_are_read() {
        assert_eq!(time("20261125031500Z").unwrap().to_string(), "2026-11-25T03:15:00Z");
        assert_eq!(time("20261125031500.123456Z").unwrap().to_string(), "2026-11-25T03:15:00Z");
        assert_eq!([time(FOR_GOOD), time("never"), time("")], [None, None, None]);
    }
}
