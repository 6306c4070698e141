//! The file of a described HTTP target, as written.

use super::template::{Signature, at, names, names_in};
use crate::domain::target::StepKind;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A file of config/targets for HTTP.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(rename = "about")]
    _about: String,
    /// Against what the file was checked: a running server, or a published contract only.
    #[serde(rename = "checked")]
    _checked: String,
    /// Applications behind it keep sessions of their own, which nobody counts: `session_max` bounds them, or that is unknown.
    #[serde(default)]
    pub(super) apps: bool,
    /// Values that a target must give.
    #[serde(default)]
    pub(super) needs: Vec<String>,
    /// Of those, the ones that are lists: `each` goes through them.
    #[serde(default)]
    pub(super) lists: Vec<String>,
    /// Header in which the token travels, and its text.
    pub(super) auth: Option<Auth>,
    pub(super) signature: Option<Signature>,
    /// Accounts that may be the person's; each of them is then read and compared with the rule.
    pub(super) find: Option<Find>,
    pub(super) read: Read,
    #[serde(default)]
    pub(super) sessions: Vec<List>,
    pub(super) step: Vec<Step>,
    /// Signs in as the canary: whether a block locks out.
    pub(super) probe: Option<Probe>,
}

/// A sign-in as anybody makes it, without our credential: of `{id}`, `{login}` and `{password}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Probe {
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) body: Option<Value>,
    #[serde(default)]
    pub(super) ok: Okay,
    /// How the application says that the account is blocked; a wrong password is neither.
    pub(super) refused: Okay,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Auth {
    pub(super) header: String,
    pub(super) value: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Find {
    /// With `{value}`, what the rule looks for.
    pub(super) url: String,
    /// Pointer to a list of accounts, or to one.
    #[serde(default)]
    pub(super) list: String,
    pub(super) id: String,
    /// Statuses that mean nobody.
    #[serde(default)]
    pub(super) none: Vec<u16>,
    /// What their body says then. A path that moved answers with the same status and other words.
    pub(super) none_says: Option<Holds>,
    /// A list of this length may have been cut, and is then an error.
    pub(super) most: Option<usize>,
    #[serde(default)]
    pub(super) ok: Okay,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Read {
    /// With `{id}`.
    pub(super) url: String,
    /// Statuses that mean that the account is gone.
    pub(super) gone: Vec<u16>,
    /// What their body says then, as of [`Find::none_says`].
    pub(super) gone_says: Option<Holds>,
    pub(super) id: String,
    pub(super) login: String,
    pub(super) display: Option<String>,
    /// An id that no account has, which the health check asks for.
    #[serde(default = "nobody")]
    pub(super) probe: String,
    /// Where the time of the last sign-in stands: milliseconds since 1970, or RFC 3339.
    pub(super) last_sign_in: Option<String>,
    #[serde(default)]
    pub(super) ok: Okay,
}

fn nobody() -> String {
    "tenure-check".into()
}

/// A list that a GET gives: open sessions, or what a step goes through.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct List {
    pub(super) url: String,
    #[serde(default)]
    pub(super) list: String,
    /// Only elements in which this pointer leads to something.
    pub(super) having: Option<String>,
    /// What of an element is `{item}`.
    #[serde(default)]
    pub(super) id: String,
    #[serde(default)]
    pub(super) ok: Okay,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub(super) kind: StepKind,
    pub(super) calls: Vec<Call>,
    pub(super) reversible: bool,
    #[serde(default)]
    pub(super) destroys: bool,
    /// Harmless twice. A step that is not has one call.
    pub(super) idempotent: bool,
    #[serde(default = "yes")]
    pub(super) synchronous: bool,
    /// The wanted state, in what is read of the account.
    pub(super) holds: Option<Holds>,
    /// The wanted state: no session is open.
    #[serde(default)]
    pub(super) no_sessions: bool,
    /// What of the read changes when it is done, where nothing else tells.
    pub(super) trace: Option<String>,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Holds {
    pub(super) at: String,
    pub(super) is: Value,
}

impl Holds {
    pub(super) fn holds(&self, document: &Value) -> Option<bool> {
        let found = at(document, &self.at);
        (!found.is_empty()).then(|| found.iter().all(|v| **v == self.is))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) body: Option<Value>,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    /// Once for every element, as `{item}`: of a list that a GET gives, or of a value of the target.
    pub(super) each: Option<Each>,
    #[serde(default)]
    pub(super) ok: Okay,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Each {
    Value { value: String },
    List(List),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Method {
    Post,
    Put,
    Patch,
    Delete,
}

/// When an answer is a yes: by its status, and where the target says 200 for failures as well, by what its body says.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Okay {
    /// 200 to 299 when empty.
    pub(super) status: Vec<u16>,
    /// Pointer to the code of the answer.
    pub(super) at: Option<String>,
    pub(super) is: Value,
    /// Codes that mean: later.
    pub(super) busy: Vec<Value>,
    /// Codes that mean that our credential is refused.
    pub(super) unauthorised: Vec<Value>,
}

/// What the body of an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Yes,
    No,
    Busy,
    Unauthorised,
    /// It says neither.
    Unclear,
}

impl Okay {
    pub(super) fn takes(&self, status: u16) -> bool {
        if self.status.is_empty() { (200..300).contains(&status) } else { self.status.contains(&status) }
    }

    pub(super) fn said(&self, body: Option<&Value>) -> Said {
        let Some(pointer) = &self.at else { return Said::Yes };
        match body.map(|b| at(b, pointer)).unwrap_or_default().first() {
            Some(code) if **code == self.is => Said::Yes,
            Some(code) if self.busy.contains(code) => Said::Busy,
            Some(code) if self.unauthorised.contains(code) => Said::Unauthorised,
            Some(_) => Said::No,
            None => Said::Unclear,
        }
    }
}

impl File {
    /// The first template that names what nobody gives, or stands below no path.
    pub(super) fn wrong(&self) -> Option<String> {
        let given = |name: &str, extra: &[&str]| extra.contains(&name) || self.needs.iter().any(|n| n == name && !self.lists.contains(n));
        let url = |text: &str, extra: &[&str]| {
            let fine = text.starts_with('/') && text.matches('{').count() == text.matches('}').count();
            (!fine || !names(text).iter().all(|n| given(n, extra))).then(|| text.to_owned())
        };
        let list = |l: &List| url(&l.url, &["id", "login"]);
        let call = |c: &Call| {
            let mut extra = vec!["id", "login", "key", "unknown"];
            let each = match &c.each {
                Some(Each::List(l)) => list(l),
                Some(Each::Value { value }) => (!self.lists.contains(value)).then(|| value.clone()),
                None => None,
            };
            if c.each.is_some() {
                extra.push("item");
            }
            let headers = c.headers.values().find(|h| !names(h).iter().all(|n| given(n, &extra))).cloned();
            let body = c.body.as_ref().and_then(|b| names_in(b).into_iter().find(|n| !given(n, &extra)).map(str::to_owned));
            each.or_else(|| url(&c.url, &extra)).or(headers).or(body)
        };
        let found = self.find.as_ref().and_then(|f| url(&f.url, &["value"]));
        let signature = self.signature.as_ref().filter(|s| !s.known()).map(|s| s.over.clone());
        let auth = self.auth.as_ref().filter(|a| names(&a.value) != ["token"]).map(|a| a.value.clone());
        // What must not happen twice is one call: of several, half may have happened, and nobody could tell which.
        let one = |s: &Step| matches!(s.calls.as_slice(), [c] if c.each.is_none());
        let twice = self.step.iter().find(|s| !s.idempotent && !one(s)).map(|s| format!("{}: idempotent = false", s.kind));
        let empty = self.step.iter().find(|s| s.calls.is_empty()).map(|s| s.kind.to_string());
        let all = self.step.iter().flat_map(|s| s.calls.iter());
        let lists = self.lists.iter().find(|l| !self.needs.contains(l)).cloned();
        let probe = (!names(&self.read.probe).iter().all(|n| given(n, &[]))).then(|| self.read.probe.clone());
        let sign_in = self.probe.as_ref().and_then(|p| {
            let extra = ["id", "login", "password"];
            let body = p.body.as_ref().and_then(|b| names_in(b).into_iter().find(|n| !given(n, &extra)).map(str::to_owned));
            url(&p.url, &extra).or(body)
        });
        let early =
            found.or(probe).or(sign_in).or_else(|| url(&self.read.url, &["id"])).or(signature).or(auth).or(empty).or(twice).or(lists);
        early.or_else(|| self.sessions.iter().find_map(list)).or_else(|| all.into_iter().find_map(call))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_failure_that_comes_as_200_is_a_failure() {
        let ok: Okay = toml::from_str("at = \"/errcode\"\nis = 0\nbusy = [45009]\nunauthorised = [40014]").unwrap();
        let said = |body: Value| ok.said(Some(&body));
        assert_eq!(said(json!({"errcode": 0, "errmsg": "ok"})), Said::Yes);
        assert_eq!(said(json!({"errcode": 310_000})), Said::No);
        assert_eq!(said(json!({"errcode": 45_009})), Said::Busy);
        assert_eq!(said(json!({"errcode": 40_014})), Said::Unauthorised);
        assert_eq!([said(json!({})), ok.said(None)], [Said::Unclear, Said::Unclear]);
        assert!(ok.takes(200) && !ok.takes(404));
    }

    #[test]
    fn the_shipped_files_are_right() {
        for name in ["keycloak", "synapse"] {
            let file: File = toml::from_str(super::super::descriptions::shipped(name).unwrap()).unwrap();
            assert_eq!(file.wrong(), None, "{name}");
        }
    }

    #[test]
    fn a_placeholder_that_nobody_fills_is_named() {
        let text = super::super::descriptions::shipped("synapse").unwrap();
        let file: File = toml::from_str(&text.replacen("{id}", "{idd}", 1)).unwrap();
        assert!(file.wrong().unwrap().contains("{idd}"));
    }
}
