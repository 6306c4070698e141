//! What OpenLDAP and Active Directory share: a connection, a search, a write, and what their result codes say.
//!
//! A call has a connection of its own. One that is kept may have died, and then nobody could tell whether a write went out on it.

use super::{
    Gate,
    ldap_line::{self, Broken, DEEPEST, Odd, Tls},
    secret::Secret,
    spec::TargetSpec,
    tls,
};
use crate::{
    domain::{
        sentence::Sentence,
        target::{Card, ReadFault, Sent, StepKind},
    },
    text::safe,
};
use futures_util::FutureExt;
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, LdapError, LdapResult, Mod, Scope, SearchEntry, StdStream, ldap_escape};
use rustls::ClientConfig;
use std::{
    collections::HashSet,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::{
    sync::{Mutex, MutexGuard, SemaphorePermit},
    time::{Instant, timeout_at},
};
use uuid::Uuid;

const MOST_WORDS: usize = 160;
const CONNECT: Duration = Duration::from_secs(10);

/// Attribute and values, as bytes: a password of Active Directory is no text.
pub(super) type Change = Mod<Vec<u8>>;

pub(super) fn replace(attribute: &str, values: &[&[u8]]) -> Change {
    Mod::Replace(attribute.into(), set(values))
}

pub(super) fn delete(attribute: &str, values: &[&[u8]]) -> Change {
    Mod::Delete(attribute.into(), set(values))
}

pub(super) fn add(attribute: &str, values: &[&[u8]]) -> Change {
    Mod::Add(attribute.into(), set(values))
}

fn set(values: &[&[u8]]) -> HashSet<Vec<u8>> {
    values.iter().map(|v| v.to_vec()).collect()
}

/// An entry that was read.
pub(super) struct Entry(pub(super) SearchEntry);

impl Entry {
    /// Values of an attribute; names of attributes have no case.
    pub(super) fn all(&self, attribute: &str) -> &[String] {
        let found = self.0.attrs.iter().find(|(k, _)| k.eq_ignore_ascii_case(attribute));
        found.map(|(_, v)| v.as_slice()).unwrap_or_default()
    }

    pub(super) fn first(&self, attribute: &str) -> Option<&str> {
        self.all(attribute).first().map(String::as_str)
    }

    /// The bytes of an attribute, whether or not they happen to be text.
    pub(super) fn bytes(&self, attribute: &str) -> Option<&[u8]> {
        let found = self.0.bin_attrs.iter().find(|(k, _)| k.eq_ignore_ascii_case(attribute)).and_then(|(_, v)| v.first());
        found.map(Vec::as_slice).or_else(|| self.first(attribute).map(str::as_bytes))
    }
}

/// A connection that is bound, and how long it may be used.
pub(super) struct Bound<'a> {
    ldap: Ldap,
    /// Why the line was cut, if it was.
    odd: Arc<OnceLock<Odd>>,
    pub(super) until: Instant,
    _turn: SemaphorePermit<'a>,
}

/// A directory server.
pub(super) struct Directory {
    name: String,
    pub(super) url: String,
    pub(super) base: String,
    starttls: bool,
    tls: Arc<ClientConfig>,
    bind_dn: String,
    password: Secret,
    canary: Option<Secret>,
    timeout: Duration,
    gate: Gate,
    /// Held from the look whether an administrator is the last one until the write is over: two that look at once would both go.
    admins: Mutex<()>,
}

/// Scheme and host of a directory's URL.
pub(super) fn address(spec: &TargetSpec, key: &str, text: &str) -> Result<reqwest::Url, Sentence> {
    let url = reqwest::Url::parse(text).map_err(|_| spec.wrong(key, "@target-want-ldap"))?;
    if !matches!(url.scheme(), "ldap" | "ldaps") || !url.has_host() || !matches!(url.path(), "" | "/") || url.query().is_some() {
        return Err(spec.wrong(key, "@target-want-ldap"));
    }
    if !tls::private(&url, spec.starttls) {
        return Err(Sentence::new("target-plain").with("target", &spec.name));
    }
    Ok(url)
}

impl Directory {
    pub(super) fn open(spec: &TargetSpec, card: &Card, home: &Path) -> Result<Self, Sentence> {
        let url = spec.need("url", spec.url.as_deref())?.to_owned();
        address(spec, "url", &url)?;
        let missing = || Sentence::new("target-spec-missing").with("target", &spec.name).with("key", "password").with("kind", spec.kind);
        let password = spec.token.as_ref().ok_or_else(missing)?;
        Ok(Self {
            name: spec.name.clone(),
            base: spec.need("base", spec.base.as_deref())?.to_owned(),
            starttls: spec.starttls,
            tls: tls::config(spec, home, spec.starttls || spec.controllers.iter().chain([&url]).any(|u| u.starts_with("ldaps:")))?,
            bind_dn: spec.need("bind_dn", spec.bind_dn.as_deref())?.to_owned(),
            password: Secret::new(&spec.name, password, home),
            canary: spec.canary_password.as_ref().map(|s| Secret::new(&spec.name, s, home)),
            timeout: Duration::from_secs(card.timeout.unsigned_abs()),
            gate: Gate::new(card),
            admins: Mutex::new(()),
            url,
        })
    }

    pub(super) fn until(&self) -> Instant {
        Instant::now() + self.timeout
    }

    pub(super) fn say(&self, code: &'static str) -> Sentence {
        Sentence::new(code).with("target", &self.name)
    }

    pub(super) fn fault(&self, why: Sentence) -> ReadFault {
        ReadFault { why, unauthorised: false, retry_after: None }
    }

    fn late(&self) -> Sentence {
        self.say("target-no-answer").with("seconds", self.timeout.as_secs())
    }

    /// One block at a time where administrators are counted; nothing to wait for elsewhere.
    pub(super) async fn one_at_a_time(&self, spec: &TargetSpec, kind: StepKind) -> Option<MutexGuard<'_, ()>> {
        if spec.admins.is_some() && kind == StepKind::BlockSignIn { Some(self.admins.lock().await) } else { None }
    }

    /// What an answer that was not passed on is.
    fn odd(&self, what: Odd) -> Sentence {
        match what {
            Odd::NotLdap => self.say("target-not-ldap"),
            Odd::Nested => self.say("target-nested").with("most", DEEPEST),
            Odd::TooLarge(most) => self.say("target-too-large").with("most", most),
        }
    }

    /// One call of the client. Its parser panics on an answer that is no LDAP: that is a fault of the target like any other, and nothing
    /// of ours ends with it. `odd` says why a line was cut before the parser saw what came; `lost` names one that ended by itself.
    async fn heard<T>(
        &self,
        until: Instant,
        odd: &OnceLock<Odd>,
        lost: &'static str,
        call: impl Future<Output = Result<T, LdapError>>,
    ) -> Result<T, Sentence> {
        match timeout_at(until, AssertUnwindSafe(call).catch_unwind()).await {
            Ok(Ok(Ok(answer))) => Ok(answer),
            Ok(Ok(Err(e))) => Err(match odd.get() {
                Some(what) => self.odd(*what),
                None => self.say(lost).with("detail", super::web::chain(&e)),
            }),
            Ok(Err(_)) => Err(self.say("target-not-ldap")),
            Err(_) => Err(self.late()),
        }
    }

    /// A line to a server of the directory, in TLS where its URL or the home says so.
    async fn line(&self, url: &str, until: Instant) -> Result<ldap_line::Line, Sentence> {
        let unreachable = |detail: String| self.say("target-unreachable").with("detail", detail);
        let url = reqwest::Url::parse(url).map_err(|e| unreachable(e.to_string()))?;
        let (usual, tls) = match url.scheme() {
            "ldaps" => (636, Tls::AtOnce(self.tls.clone())),
            _ if self.starttls => (389, Tls::Asked(self.tls.clone())),
            _ => (389, Tls::Never),
        };
        let opened = ldap_line::open(url.host_str().unwrap_or_default(), url.port().unwrap_or(usual), tls, until);
        match timeout_at(until.min(Instant::now() + CONNECT), opened).await {
            Ok(Ok(line)) => Ok(line),
            Ok(Err(Broken::Io(e))) => Err(unreachable(super::web::chain(&e))),
            Ok(Err(Broken::Odd(what))) => Err(self.odd(what)),
            Ok(Err(Broken::NoTls(code))) => Err(self.say("target-ldap").with("code", code).with("detail", "StartTLS")),
            Err(_) => Err(unreachable("timeout".into())),
        }
    }

    /// Connects to a server of the directory and binds as somebody.
    async fn bind_as(&self, url: &str, dn: &str, password: &str, until: Instant) -> Result<(Bound<'_>, LdapResult), ReadFault> {
        let turn = self.gate.enter(until).await.ok_or_else(|| self.fault(self.say("target-busy")))?;
        let (end, odd) = self.line(url, until).await.map_err(|why| self.fault(why))?;
        let settings = LdapConnSettings::new().set_std_stream(StdStream::Unix(end));
        let client = self.heard(until, &odd, "target-unreachable", LdapConnAsync::with_settings(settings, "ldapi:///")).await;
        let (connection, mut ldap) = client.map_err(|why| self.fault(why))?;
        tokio::spawn(async move {
            // Its end is seen by whoever waits for an answer on it.
            let _ = connection.drive().await;
        });
        let bound = self.heard(until, &odd, "target-unreachable", ldap.simple_bind(dn, password)).await;
        let result = bound.map_err(|why| self.fault(why))?;
        Ok((Bound { ldap, odd, until, _turn: turn }, result))
    }

    /// Connects to a server of the directory and binds as ourselves.
    pub(super) async fn bind(&self, url: &str, until: Instant) -> Result<Bound<'_>, ReadFault> {
        let password = self.password.read().await.map_err(|why| self.fault(why))?;
        let (bound, result) = self.bind_as(url, &self.bind_dn, &password, until).await?;
        match result.rc {
            0 => Ok(bound),
            // inappropriateAuthentication, invalidCredentials, no such account
            48 | 49 | 32 => {
                self.password.forget();
                Err(ReadFault { unauthorised: true, ..self.fault(self.say("target-unauthorised")) })
            }
            _ => Err(self.fault(self.result(&result))),
        }
    }

    /// Whether the canary gets in.
    pub(super) async fn signs_in(&self, dn: &str, until: Instant) -> Result<bool, ReadFault> {
        let Some(secret) = &self.canary else { return Ok(false) };
        // Read anew each time: one that was replaced is not remembered.
        secret.forget();
        let password = secret.read().await.map_err(|why| self.fault(why))?;
        match self.bind_as(&self.url, dn, &password, until).await?.1 {
            result if result.rc == 0 => Ok(true),
            // Refused as such; unwillingToPerform is how some say "disabled".
            result if matches!(result.rc, 48 | 49 | 53) => Ok(false),
            result => Err(self.fault(self.result(&result))),
        }
    }

    fn result(&self, result: &LdapResult) -> Sentence {
        match result.rc {
            8 | 13 => self.say("target-ldap-tls"),
            10 => self.say("target-referral"),
            50 => self.say("target-forbidden"),
            51 | 52 => self.say("target-closed"),
            3 | 4 | 11 => self.say("target-incomplete"),
            rc => self.say("target-ldap").with("code", rc).with("detail", safe(&result.text, MOST_WORDS)),
        }
    }

    /// Every entry that a filter gives. A part of them is an error: it must not pass for all. Referrals are not followed.
    pub(super) async fn search(
        &self,
        on: &mut Bound<'_>,
        base: &str,
        scope: Scope,
        filter: &str,
        attributes: &[&str],
    ) -> Result<Vec<Entry>, ReadFault> {
        let found = self.heard(on.until, &on.odd, "target-lost", on.ldap.search(base, scope, filter, attributes)).await;
        let ldap3::SearchResult(found, result) = found.map_err(|why| self.fault(why))?;
        let entries = || found.into_iter().filter(|e| !e.is_ref()).map(|e| Entry(SearchEntry::construct(e))).collect();
        match result.rc {
            0 => catch_unwind(AssertUnwindSafe(entries)).map_err(|_| self.fault(self.say("target-not-ldap"))),
            32 if scope == Scope::Base => Ok(Vec::new()),
            32 => Err(self.fault(self.say("target-base").with("base", safe(base, MOST_WORDS)))),
            _ => Err(self.fault(self.result(&result))),
        }
    }

    /// Who is not found is gone only from a base that can still be read: a right that we lost looks the same.
    pub(super) async fn gone(&self, on: &mut Bound<'_>) -> Result<(), ReadFault> {
        match self.entry(on, &self.base, &["1.1"]).await? {
            Some(_) => Ok(()),
            None => Err(self.fault(self.say("target-base").with("base", safe(&self.base, MOST_WORDS)))),
        }
    }

    /// The one entry of a list; two are nobody's.
    pub(super) fn only(&self, found: Vec<Entry>) -> Result<Option<Entry>, ReadFault> {
        let several = found.len() > 1;
        found.into_iter().next().map_or(Ok(None), |e| if several { Err(self.fault(self.say("target-several"))) } else { Ok(Some(e)) })
    }

    /// The entry of a name.
    pub(super) async fn entry(&self, on: &mut Bound<'_>, dn: &str, attributes: &[&str]) -> Result<Option<Entry>, ReadFault> {
        Ok(self.search(on, dn, Scope::Base, "(objectClass=*)", attributes).await?.into_iter().next())
    }

    /// One write. `fine` are result codes that say that the wanted state was there before.
    pub(super) async fn modify(&self, on: &mut Bound<'_>, dn: &str, changes: Vec<Change>, fine: &[u32]) -> Sent {
        let result = match self.heard(on.until, &on.odd, "target-lost", on.ldap.modify(dn, changes)).await {
            Ok(result) => result,
            Err(why) => return Sent::Unknown { why },
        };
        let why = self.result(&result);
        match result.rc {
            0 => Sent::Accepted,
            rc if fine.contains(&rc) => Sent::Accepted,
            49 => Sent::Unauthorised { why: self.say("target-unauthorised") },
            // busy, unavailable
            51 | 52 => Sent::NotSent { why, retry_after: None },
            // operationsError, timeLimitExceeded, adminLimitExceeded, loopDetect, other
            1 | 3 | 11 | 54 | 80 => Sent::Unknown { why },
            32 => Sent::Rejected { why: self.say("target-no-account") },
            _ => Sent::Rejected { why },
        }
    }

    /// Puts an account into the group that L1 takes away, or out of it.
    pub(super) async fn set_member(&self, on: &mut Bound<'_>, group: &Group, dn: &str, member: bool) -> Sent {
        match self.is_member(on, group, dn).await {
            Ok(now) if now == member => return Sent::Accepted,
            Ok(_) => {}
            Err(e) => return e.into(),
        }
        let values: [&[u8]; 1] = [dn.as_bytes()];
        // attributeOrValueExists, entryAlreadyExists (Active Directory); noSuchAttribute
        if member {
            self.modify(on, &group.dn, vec![add(&group.attribute, &values)], &[20, 68]).await
        } else {
            self.modify(on, &group.dn, vec![delete(&group.attribute, &values)], &[16]).await
        }
    }

    pub(super) async fn is_member(&self, on: &mut Bound<'_>, group: &Group, dn: &str) -> Result<bool, ReadFault> {
        let held = format!("({}={})", group.attribute, ldap_escape(dn));
        if !self.search(on, &group.dn, Scope::Base, &held, &["cn"]).await?.is_empty() {
            return Ok(true);
        }
        match self.entry(on, &group.dn, &["cn"]).await? {
            Some(_) => Ok(false),
            None => Err(self.fault(self.say("target-no-group"))),
        }
    }
}

/// A group and the attribute that holds its members.
pub(super) struct Group {
    pub(super) dn: String,
    pub(super) attribute: String,
}

impl Group {
    pub(super) fn of(spec: &TargetSpec) -> Option<Self> {
        let restrict = spec.restrict.as_ref()?;
        Some(Self { dn: restrict.group.clone(), attribute: restrict.attribute.clone().unwrap_or_else(|| "member".into()) })
    }
}

/// How an account is named by hand or in an order: by its immutable id, or by its distinguished name.
pub(super) enum Named<'a> {
    Id(Uuid),
    Dn(&'a str),
}

pub(super) fn named(id: &str) -> Option<Named<'_>> {
    match Uuid::parse_str(id) {
        Ok(uuid) => Some(Named::Id(uuid)),
        Err(_) => id.contains('=').then_some(Named::Dn(id)),
    }
}

/// A password that nobody knows: 32 characters of four kinds, as strict policies want them.
pub(super) fn unknown_password() -> zeroize::Zeroizing<String> {
    use rand::seq::{IndexedRandom, SliceRandom};
    const KINDS: [&[u8]; 4] = [b"ABCDEFGHJKLMNPQRSTUVWXYZ", b"abcdefghijkmnopqrstuvwxyz", b"23456789", b"!#%+-.:=_"];
    // The generator of `rand` is seeded from the system and made for secrets.
    let mut random = rand::rng();
    let mut out: Vec<u8> = (0..32).filter_map(|n| KINDS.get(n % KINDS.len())?.choose(&mut random).copied()).collect();
    out.shuffle(&mut random);
    zeroize::Zeroizing::new(String::from_utf8(out).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_that_nobody_knows_suits_strict_policies() {
        let (a, b) = (unknown_password(), unknown_password());
        assert_ne!(a, b);
        for p in [a, b] {
            assert_eq!(p.len(), 32);
            let kinds = [char::is_uppercase, char::is_lowercase, |c: char| c.is_ascii_digit(), |c: char| !c.is_alphanumeric()];
            assert!(kinds.iter().all(|k| p.chars().any(*k)));
        }
    }
}
