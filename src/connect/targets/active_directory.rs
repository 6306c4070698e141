//! Active Directory: `userAccountControl`, password reset, `lastLogon` of every controller, effective rights.
//!
//! A disabled account gets no new ticket. What was given before goes on until it ends: ten hours by default, and a connection that is
//! open even longer (field-notes.md 2.1.9); nothing in the directory can be asked for it, so the bound stands in the card.

use super::{
    Target,
    directory::{Bound, Directory, Entry, Group, Named, add, address, delete, named, replace, unknown_password},
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
use futures_util::future::join_all;
use jiff::Timestamp;
use ldap3::{Scope, ldap_escape};
use std::{collections::BTreeMap, path::Path, sync::Arc};
use tokio::time::Instant;
use uuid::Uuid;
use zeroize::Zeroizing;

const CONTROL: &str = "userAccountControl";
const PASSWORD: &str = "unicodePwd";
const DISABLED: i64 = 2;
/// Lifetime of a ticket by default: seconds.
const TICKET: i64 = 10 * 3_600;
/// Seconds from 1601 to 1970.
const EPOCH: i64 = 11_644_473_600;
const ATTRIBUTES: [&str; 9] =
    ["objectGUID", "sAMAccountName", "displayName", "cn", CONTROL, "pwdLastSet", "isCriticalSystemObject", "managedObjects", "memberOf"];

/// A domain.
pub struct ActiveDirectory {
    card: Card,
    spec: TargetSpec,
    rule: Option<Rule>,
    directory: Directory,
    group: Option<Group>,
    controllers: Vec<String>,
    attributes: Vec<String>,
}

fn step(kind: StepKind) -> StepCard {
    let secret = kind == StepKind::ResetSecret;
    StepCard { kind, reversible: !secret, destroys: false, idempotent: true, synchronous: true, reads_back: true }
}

/// Opens a domain; no call is made yet.
///
/// # Errors
/// Names the target and the key that does not fit.
pub(super) fn open(spec: &TargetSpec, home: &Path) -> Result<Arc<dyn Target>, Sentence> {
    let mut kinds = vec![StepKind::BlockSignIn, StepKind::ResetSecret, StepKind::Unblock];
    if spec.restrict.is_some() {
        kinds.extend([StepKind::Restrict, StepKind::Release]);
    }
    let mut card = spec.card(String::new(), kinds.into_iter().map(step).collect())?;
    card.session_max = card.session_max.or(Some(TICKET));
    card.reads_sign_in = true;
    let directory = Directory::open(spec, &card, home)?;
    card.place = address(spec, "url", &directory.url)?.host_str().unwrap_or_default().to_owned();
    for url in &spec.controllers {
        address(spec, "controllers", url)?;
    }
    let mut controllers = spec.controllers.clone();
    if controllers.is_empty() {
        controllers.push(directory.url.clone());
    }
    let rule = spec.rule()?;
    let mut attributes: Vec<String> = ATTRIBUTES.iter().map(|a| (*a).to_owned()).collect();
    attributes.extend(rule.iter().map(|r| r.theirs.clone()));
    Ok(Arc::new(ActiveDirectory { rule, group: Group::of(spec), spec: spec.clone(), card, directory, controllers, attributes }))
}

/// 100 ns since 1601; 0 is never.
fn filetime(text: &str) -> Option<Timestamp> {
    let seconds = text.parse::<i64>().ok().filter(|t| *t > 0)? / 10_000_000 - EPOCH;
    Timestamp::from_second(seconds).ok()
}

/// UTF-16LE in quotes (MS-ADTS 3.1.1.3.1.5.1).
fn quoted(password: &str) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(format!("\"{password}\"").encode_utf16().flat_map(u16::to_le_bytes).collect())
}

fn control(entry: &Entry) -> Option<i64> {
    entry.first(CONTROL)?.parse().ok()
}

fn guid(entry: &Entry) -> Option<Uuid> {
    entry.bytes("objectGUID").and_then(|b| b.try_into().ok()).map(Uuid::from_bytes_le)
}

impl ActiveDirectory {
    async fn bind(&self, until: Instant) -> Result<Bound<'_>, ReadFault> {
        self.directory.bind(&self.directory.url, until).await
    }

    fn attributes(&self) -> Vec<&str> {
        self.attributes.iter().map(String::as_str).collect()
    }

    async fn search(&self, on: &mut Bound<'_>, filter: &str) -> Result<Vec<Entry>, ReadFault> {
        let filter = format!("(&(objectCategory=person)(objectClass=user){filter})");
        self.directory.search(on, &self.directory.base, Scope::Subtree, &filter, &self.attributes()).await
    }

    async fn entry(&self, on: &mut Bound<'_>, id: &str) -> Result<Option<Entry>, ReadFault> {
        let found = match named(id) {
            Some(Named::Id(guid)) => self.directory.entry(on, &format!("<GUID={guid}>"), &self.attributes()).await?,
            Some(Named::Dn(dn)) => self.directory.entry(on, dn, &self.attributes()).await?,
            None => self.directory.only(self.search(on, &format!("(sAMAccountName={})", ldap_escape(id))).await?)?,
        };
        if found.is_none() {
            self.directory.gone(on).await?;
        }
        Ok(found)
    }

    /// The latest sign-in that any controller saw: `lastLogon` is not replicated. `None` also when one of them does not answer.
    async fn last_sign_in(&self, guid: Uuid, until: Instant) -> Option<Timestamp> {
        let asked = self.controllers.iter().map(|url| async move {
            let mut on = self.directory.bind(url, until).await.ok()?;
            let entry = self.directory.entry(&mut on, &format!("<GUID={guid}>"), &["lastLogon"]).await.ok()??;
            Some(entry.first("lastLogon").and_then(filetime))
        });
        join_all(asked).await.into_iter().collect::<Option<Vec<_>>>()?.into_iter().flatten().max()
    }

    /// Whether it is the last enabled account of the administrators' group.
    async fn last_admin(&self, on: &mut Bound<'_>, entry: &Entry) -> Result<bool, ReadFault> {
        let Some(admins) = &self.spec.admins else { return Ok(false) };
        // Through groups in groups (LDAP_MATCHING_RULE_IN_CHAIN).
        let enabled = format!(
            "(memberOf:1.2.840.113556.1.4.1941:={})(!({CONTROL}:1.2.840.113556.1.4.803:={DISABLED}))",
            ldap_escape(admins.as_str())
        );
        let all = self.search(on, &enabled).await?;
        let own = guid(entry);
        Ok(all.iter().any(|a| guid(a) == own) && all.len() == 1)
    }

    async fn account(&self, on: &mut Bound<'_>, entry: &Entry) -> Result<Account, ReadFault> {
        let dn = entry.0.dn.clone();
        let (Some(id), Some(login)) = (guid(entry), entry.first("sAMAccountName")) else {
            return Err(self.directory.fault(self.directory.say("target-other-account")));
        };
        let name = id.to_string();
        let enabled = control(entry).map(|c| c & DISABLED == 0);
        let mut holds = BTreeMap::new();
        if let Some(enabled) = enabled {
            holds.extend([(StepKind::BlockSignIn, !enabled), (StepKind::Unblock, enabled)]);
        }
        if let Some(group) = &self.group {
            let member = self.directory.is_member(on, group, &dn).await?;
            holds.extend([(StepKind::Restrict, !member), (StepKind::Release, member)]);
        }
        let mut protection = self.spec.protection(&[&name, &dn, login]);
        // krbtgt, the built-in administrator, controllers.
        if protection.is_none() && entry.first("isCriticalSystemObject").is_some_and(|v| v.eq_ignore_ascii_case("true")) {
            protection = Some(Protection::Service);
        }
        if protection.is_none() && self.last_admin(on, entry).await? {
            protection = Some(Protection::LastAdmin);
        }
        let display = entry.first("displayName").or_else(|| entry.first("cn")).map(|d| safe(d, 120));
        let traces = BTreeMap::from([(StepKind::ResetSecret, entry.first("pwdLastSet").unwrap_or("never").to_owned())]);
        let seen = Observed { exists: true, enabled, holds, traces, ..Observed::default() };
        let owns = entry.all("managedObjects").iter().map(|o| safe(o, 120)).collect();
        Ok(Account { id: name, login: login.to_owned(), display, protection, owns, marks: Vec::new(), seen })
    }

    /// With the last sign-in, once the connection to the first controller is free again.
    async fn seen(&self, mut account: Account, until: Instant) -> Account {
        if let Ok(guid) = Uuid::parse_str(&account.id) {
            account.seen.last_sign_in = self.last_sign_in(guid, until).await;
        }
        account
    }

    /// Read, change one bit, write, read again. The old value goes with the write: a server that finds another one there refuses (Windows;
    /// Samba 4.17, tried), so that nobody else's bit is lost.
    async fn set_disabled(&self, on: &mut Bound<'_>, entry: &Entry, disabled: bool) -> Sent {
        let Some(old) = control(entry) else { return Sent::Rejected { why: self.directory.say("target-forbidden") } };
        let new = if disabled { old | DISABLED } else { old & !DISABLED };
        if new == old {
            return Sent::Accepted;
        }
        let (was, is) = (old.to_string(), new.to_string());
        let changes = vec![delete(CONTROL, &[was.as_bytes()]), add(CONTROL, &[is.as_bytes()])];
        match self.directory.modify(on, &entry.0.dn, changes, &[]).await {
            // noSuchAttribute: somebody changed it between our read and our write.
            Sent::Rejected { why } if why.args.get("code").is_some_and(|c| c == "16") => {
                Sent::NotSent { why: self.directory.say("target-changed"), retry_after: Some(0) }
            }
            Sent::Accepted => match self.directory.entry(on, &entry.0.dn, &[CONTROL]).await {
                Ok(Some(now)) if control(&now).is_some_and(|c| (c & DISABLED != 0) == disabled) => Sent::Accepted,
                _ => Sent::Unknown { why: self.directory.say("target-changed") },
            },
            sent => sent,
        }
    }

    /// Twice, so that neither of the two hashes that a controller keeps is one that was known (field-notes.md 2.1.2).
    async fn set_secret(&self, on: &mut Bound<'_>, dn: &str) -> Sent {
        for first in [true, false] {
            let password = unknown_password();
            let sent = self.directory.modify(on, dn, vec![replace(PASSWORD, &[&quoted(&password)])], &[]).await;
            match sent {
                Sent::Accepted => {}
                // Half of it happened.
                Sent::NotSent { why, .. } if !first => return Sent::Unknown { why },
                sent => return sent,
            }
        }
        Sent::Accepted
    }

    async fn write(&self, on: &mut Bound<'_>, call: &Call) -> Result<Sent, ReadFault> {
        let rejected = |code| Sent::Rejected { why: self.directory.say(code) };
        if self.card.step(call.kind).is_none() {
            return Ok(rejected("target-cannot"));
        }
        let Some(entry) = self.entry(on, &call.account).await? else { return Ok(rejected("target-no-account")) };
        if !entry.first("sAMAccountName").is_some_and(|login| same(login, &call.login)) {
            return Ok(rejected("target-other-account"));
        }
        let _alone = self.directory.one_at_a_time(&self.spec, call.kind).await;
        let restores = matches!(call.kind, StepKind::Unblock | StepKind::Release);
        if !call.excepted && !restores && self.account(on, &entry).await?.protection.is_some() {
            return Ok(rejected("target-protected"));
        }
        Ok(match (call.kind, &self.group) {
            (StepKind::BlockSignIn, _) => self.set_disabled(on, &entry, true).await,
            (StepKind::Unblock, _) => self.set_disabled(on, &entry, false).await,
            (StepKind::ResetSecret, _) => self.set_secret(on, &entry.0.dn).await,
            (StepKind::Restrict, Some(group)) => self.directory.set_member(on, group, &entry.0.dn, false).await,
            (StepKind::Release, Some(group)) => self.directory.set_member(on, group, &entry.0.dn, true).await,
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

    /// What the controller says that we may write of the canary.
    async fn rights(&self, until: Instant) -> Result<(WriteRight, Option<Sentence>), ReadFault> {
        let mut on = self.bind(until).await?;
        let dn = match &self.spec.canary {
            Some(canary) => match self.entry(&mut on, canary).await? {
                Some(entry) => entry.0.dn,
                None => return Ok((WriteRight::Unproven, Some(self.directory.say("target-canary-missing")))),
            },
            None => return Ok((WriteRight::Unproven, Some(self.directory.say("target-write-unproven")))),
        };
        let entry = self.directory.entry(&mut on, &dn, &["allowedAttributesEffective"]).await?;
        let may = entry.is_some_and(|e| e.all("allowedAttributesEffective").iter().any(|a| a.eq_ignore_ascii_case(CONTROL)));
        Ok(if may { (WriteRight::Proven, None) } else { (WriteRight::Refused, Some(self.directory.say("target-write-refused"))) })
    }

    /// The controller's clock, beside ours: seconds.
    async fn skew(&self, until: Instant) -> Result<Option<i64>, ReadFault> {
        let mut on = self.bind(until).await?;
        let root = self.directory.entry(&mut on, "", &["currentTime"]).await?;
        let now = root.and_then(|r| super::ldap::time(r.first("currentTime")?));
        Ok(now.map(|t| t.as_second() - Timestamp::now().as_second()))
    }
}

#[async_trait]
impl Target for ActiveDirectory {
    fn card(&self) -> &Card {
        &self.card
    }

    async fn find(&self, whom: &Subject) -> Result<Vec<Account>, ReadFault> {
        let Some(rule) = &self.rule else { return Ok(Vec::new()) };
        let value = rule.value(whom, &self.card)?;
        let until = self.directory.until();
        let mut found = Vec::new();
        {
            let mut on = self.bind(until).await?;
            for entry in self.search(&mut on, &format!("({}={})", rule.theirs, ldap_escape(value))).await? {
                if entry.all(&rule.theirs).iter().any(|v| same(v, value)) {
                    found.push(self.account(&mut on, &entry).await?);
                }
            }
        }
        Ok(join_all(found.into_iter().map(|a| self.seen(a, until))).await)
    }

    async fn get(&self, id: &str) -> Result<Option<Account>, ReadFault> {
        let until = self.directory.until();
        let account = {
            let mut on = self.bind(until).await?;
            match self.entry(&mut on, id).await? {
                Some(entry) => self.account(&mut on, &entry).await?,
                None => return Ok(None),
            }
        };
        Ok(Some(self.seen(account, until).await))
    }

    async fn send(&self, call: &Call) -> Sent {
        let mut on = match self.bind(self.directory.until()).await {
            Ok(on) => on,
            Err(e) => return e.into(),
        };
        self.write(&mut on, call).await.unwrap_or_else(Sent::from)
    }

    async fn check(&self) -> Health {
        let (began, until) = (Instant::now(), self.directory.until());
        let mut health = Health::of(&self.card);
        health.skew = self.skew(until).await.unwrap_or(None);
        health.settle(self.rights(until).await);
        lockout::prove(&mut health, self, &self.spec, |id| self.signs_in(id)).await;
        health.took_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
        health
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_passwords_are_in_the_shape_of_windows() {
        assert_eq!(filetime("116444736000000000").unwrap().to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(filetime("133780000000000000").unwrap().to_string(), "2024-12-06T23:06:40Z");
        assert_eq!([filetime("0"), filetime("x")], [None, None]);
        assert_eq!(quoted("aé").as_slice(), [0x22, 0, 0x61, 0, 0xe9, 0, 0x22, 0]);
    }
}
