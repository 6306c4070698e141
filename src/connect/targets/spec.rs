//! `[[targets]]` of `tenure.toml`: what a home says of a target.
//!
//! One flat table a target, checked by kind here: a tagged enum would lose the line of a mistake (crates.md 5).

use super::secret::SecretSource;
use crate::domain::{
    sentence::Sentence,
    target::{Card, Protection, ReadFault, StepCard, Subject, TargetKind},
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::PathBuf};

/// One target as written. Which keys a kind takes and wants is checked when targets are opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetSpec {
    /// Shown on screens and kept in orders: letters, digits, `-`, `_` and `.`.
    pub name: String,
    pub kind: TargetKind,
    /// `https://…/v2`, `ldaps://host:636`, base of described calls. Without TLS only on loopback.
    pub url: Option<String>,
    /// Bearer token of SCIM and HTTP, password of `bind_dn` of directories.
    #[serde(alias = "password")]
    pub token: Option<SecretSource>,
    /// Key of the HMAC signature that a description may ask for.
    pub secret: Option<SecretSource>,
    /// The link rule: `employee_number = externalId`, `email = userName`: a field of ours and one of theirs.
    #[serde(rename = "match")]
    pub rule: Option<String>,
    /// `false`: the server's filters are not to be trusted; everybody is listed and compared here. SCIM only.
    pub filter: Option<bool>,
    /// What `active = false` means where it means more than a closed door, for the capability card: `reversible = false` (it cannot be set
    /// to true again), `destroys = true` (the identity or its data goes), `synchronous = false` (an accepted call takes effect later).
    /// SCIM only; descriptions say it themselves.
    pub reversible: Option<bool>,
    pub destroys: Option<bool>,
    pub synchronous: Option<bool>,
    /// For a whole call, `1s` to `10m`; 30 s when absent.
    pub timeout: Option<String>,
    /// Calls at once, 1 to 64.
    pub concurrency: Option<i64>,
    /// Calls a minute, over which none is sent.
    pub rate: Option<i64>,
    /// How long an open session can go on after sign-in is blocked: `8h`. Absent is unknown.
    pub session_max: Option<String>,
    /// Every order on it wants another person's approval first.
    #[serde(default)]
    pub privileged: bool,
    /// A gateway, VPN or firewall: while one of these targets cannot be reached, a block on this one is asked for. It is part of no
    /// ordinary plan.
    #[serde(default)]
    pub stands_in_for: Vec<String>,
    /// Logins or ids of accounts that machines use.
    #[serde(default)]
    pub service: Vec<String>,
    /// Logins or ids of accounts that are kept for emergencies.
    #[serde(default)]
    pub break_glass: Vec<String>,
    /// Group of those who administer the target: its last member who can sign in is protected. A DN in directories, an id in SCIM.
    pub admins: Option<String>,
    /// Login or id of an account that belongs to nobody, on which the health check tries a write that changes nothing.
    pub canary: Option<String>,
    /// Password of the canary. With it the check signs in as the canary, open and blocked, and says whether a block locks out.
    pub canary_password: Option<SecretSource>,
    /// PEM file of the authority that signed the server's certificate; the system's authorities are then not trusted.
    pub ca: Option<PathBuf>,
    /// TLS inside `ldap://`.
    #[serde(default)]
    pub starttls: bool,
    pub bind_dn: Option<String>,
    /// Under which accounts are looked for.
    pub base: Option<String>,
    /// Every domain controller, each asked for `lastLogon`, which is not replicated. `url` alone when absent.
    #[serde(default)]
    pub controllers: Vec<String>,
    /// `cn=Connections,cn=Monitor`: the server's own connections are read as sessions. Only where nothing that keeps sessions of its own
    /// signs people in through the directory.
    pub monitor: Option<String>,
    /// Attribute with the time of the last sign-in, such as `pwdLastSuccess` (OpenLDAP with `lastbind on`) or `authTimestamp`.
    pub last_sign_in: Option<String>,
    /// Described calls: a file of config/targets, or of the home's `targets` folder.
    pub description: Option<String>,
    /// What the description leaves open: realm, domain, lists of clients.
    #[serde(default)]
    pub values: BTreeMap<String, Given>,
    /// L1: the group that is taken away.
    pub restrict: Option<Restrict>,
    /// Put before every command: `["ssh", "-o", "BatchMode=yes", "--", "root@host"]`. What follows is then quoted for the far shell.
    #[serde(default)]
    pub via: Vec<String>,
}

/// A value for a description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Given {
    One(String),
    Many(Vec<String>),
}

/// A group whose membership is what L1 takes away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restrict {
    /// Its distinguished name, or its SCIM id.
    pub group: String,
    /// Attribute that holds the members; `member` when absent. Directories only.
    pub attribute: Option<String>,
}

/// A field of ours that a link rule compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ours {
    EmployeeNumber,
    Email,
}

/// A link rule: which field of ours equals which of theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) ours: Ours,
    pub(super) theirs: String,
}

impl Rule {
    /// What a person's account must carry.
    ///
    /// # Errors
    /// [`NO_VALUE`](super::NO_VALUE) where the person has nothing of the kind: nobody can be looked for.
    pub(super) fn value<'a>(&self, whom: &'a Subject, card: &Card) -> Result<&'a str, ReadFault> {
        let value = match self.ours {
            Ours::EmployeeNumber => Some(whom.employee_number.as_str()),
            Ours::Email => whom.email.as_deref(),
        };
        let none = || Sentence::new(super::NO_VALUE).with("target", &card.name);
        let fault = || ReadFault { why: none(), unauthorised: false, retry_after: None };
        value.map(str::trim).filter(|v| !v.is_empty()).ok_or_else(fault)
    }
}

impl TargetSpec {
    /// An error that names the target and the key.
    pub(super) fn wrong(&self, key: &str, wanted: &'static str) -> Sentence {
        Sentence::new("target-spec-value").with("target", &self.name).with("key", key).with("wanted", wanted)
    }

    pub(super) fn need<'a>(&self, key: &str, value: Option<&'a str>) -> Result<&'a str, Sentence> {
        value
            .filter(|v| !v.trim().is_empty())
            .ok_or_else(|| Sentence::new("target-spec-missing").with("target", &self.name).with("key", key).with("kind", self.kind))
    }

    /// Checks the name, the keys that the kind takes, and every value that can be checked without the network.
    pub(super) fn check(&self) -> Result<(), Sentence> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if self.name.is_empty() || self.name.len() > 40 || !self.name.chars().all(plain) {
            return Err(self.wrong("name", "@target-want-name"));
        }
        use TargetKind::{ActiveDirectory, Command, Http, Ldap, Scim};
        let unfit: [(&str, bool, &[TargetKind]); 21] = [
            ("url", self.url.is_some(), &[Scim, Ldap, ActiveDirectory, Http]),
            ("token", self.token.is_some(), &[Scim, Ldap, ActiveDirectory, Http]),
            ("secret", self.secret.is_some(), &[Http]),
            ("canary_password", self.canary_password.is_some(), &[Ldap, ActiveDirectory, Http]),
            ("filter", self.filter.is_some(), &[Scim]),
            ("reversible", self.reversible.is_some(), &[Scim]),
            ("destroys", self.destroys.is_some(), &[Scim]),
            ("synchronous", self.synchronous.is_some(), &[Scim]),
            ("ca", self.ca.is_some(), &[Scim, Ldap, ActiveDirectory, Http]),
            ("starttls", self.starttls, &[Ldap, ActiveDirectory]),
            ("bind_dn", self.bind_dn.is_some(), &[Ldap, ActiveDirectory]),
            ("base", self.base.is_some(), &[Ldap, ActiveDirectory]),
            ("controllers", !self.controllers.is_empty(), &[ActiveDirectory]),
            ("monitor", self.monitor.is_some(), &[Ldap]),
            ("last_sign_in", self.last_sign_in.is_some(), &[Ldap]),
            ("admins", self.admins.is_some(), &[Scim, Ldap, ActiveDirectory]),
            ("description", self.description.is_some(), &[Http, Command]),
            ("values", !self.values.is_empty(), &[Http, Command]),
            ("restrict", self.restrict.is_some(), &[Scim, Ldap, ActiveDirectory]),
            ("restrict.attribute", self.restrict.as_ref().is_some_and(|r| r.attribute.is_some()), &[Ldap, ActiveDirectory]),
            ("via", !self.via.is_empty(), &[Command]),
        ];
        for (key, set, kinds) in unfit {
            if set && !kinds.contains(&self.kind) {
                return Err(Sentence::new("target-spec-unfit").with("target", &self.name).with("key", key).with("kind", self.kind));
            }
        }
        for (key, source) in [("token", &self.token), ("secret", &self.secret), ("canary_password", &self.canary_password)] {
            if source.as_ref().is_some_and(|s| !s.is_one()) {
                return Err(self.wrong(key, "@target-want-secret"));
            }
        }
        if self.canary_password.is_some() {
            self.need("canary", self.canary.as_deref())?;
        }
        self.timeout()?;
        self.concurrency()?;
        self.session_max()?;
        self.rate()?;
        self.rule()?;
        Ok(())
    }

    fn duration(&self, key: &str, text: &str, least: i64, most: i64) -> Result<i64, Sentence> {
        let seconds = text.parse::<SignedDuration>().ok().map(|d| d.as_secs()).filter(|s| (least..=most).contains(s));
        seconds.ok_or_else(|| self.wrong(key, if key == "timeout" { "@target-want-timeout" } else { "@target-want-duration" }))
    }

    /// Seconds.
    pub(super) fn timeout(&self) -> Result<i64, Sentence> {
        self.timeout.as_deref().map_or(Ok(30), |t| self.duration("timeout", t, 1, 600))
    }

    /// Seconds.
    pub(super) fn session_max(&self) -> Result<Option<i64>, Sentence> {
        self.session_max.as_deref().map(|t| self.duration("session_max", t, 0, 10 * 365 * 86_400)).transpose()
    }

    pub(super) fn concurrency(&self) -> Result<i64, Sentence> {
        let usual = match self.kind {
            TargetKind::Scim | TargetKind::Http => 16,
            TargetKind::Ldap | TargetKind::ActiveDirectory => 8,
            TargetKind::Command => 4,
        };
        let wanted = self.concurrency.unwrap_or(usual);
        if (1..=64).contains(&wanted) { Ok(wanted) } else { Err(self.wrong("concurrency", "@target-want-concurrency")) }
    }

    fn rate(&self) -> Result<Option<i64>, Sentence> {
        match self.rate {
            Some(rate) if !(1..=1_000_000).contains(&rate) => Err(self.wrong("rate", "@target-want-rate")),
            rate => Ok(rate),
        }
    }

    /// The link rule; there is none where every account is linked by hand.
    pub(super) fn rule(&self) -> Result<Option<Rule>, Sentence> {
        let Some(text) = &self.rule else { return Ok(None) };
        let read = || {
            let (ours, theirs) = text.split_once('=')?;
            let ours = match ours.trim() {
                "employee_number" => Ours::EmployeeNumber,
                "email" => Ours::Email,
                _ => return None,
            };
            let theirs = theirs.trim();
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '/' | '*');
            (!theirs.is_empty() && theirs.chars().all(fits)).then(|| Rule { ours, theirs: theirs.to_owned() })
        };
        read().map(Some).ok_or_else(|| self.wrong("match", "@target-want-match"))
    }

    /// The card, with the steps that the adapter can do.
    pub(super) fn card(&self, place: String, steps: Vec<StepCard>) -> Result<Card, Sentence> {
        Ok(Card {
            name: self.name.clone(),
            kind: self.kind,
            place,
            steps,
            session_max: self.session_max()?,
            privileged: self.privileged,
            reads_sign_in: false,
            reads_sessions: false,
            apps: false,
            timeout: self.timeout()?,
            concurrency: self.concurrency()?,
            rate: self.rate()?,
            stands_in_for: self.stands_in_for.clone(),
        })
    }

    /// The protection that the home gives an account, by any of its names.
    pub(super) fn protection(&self, names: &[&str]) -> Option<Protection> {
        let listed = |list: &[String]| list.iter().any(|l| names.iter().any(|n| same(l, n)));
        if listed(&self.break_glass) {
            Some(Protection::BreakGlass)
        } else if listed(&self.service) {
            Some(Protection::Service)
        } else {
            None
        }
    }
}

/// Equal but for case and surrounding space.
pub(super) fn same(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}
