//! SCIM 2.0 (RFC 7643, RFC 7644), as real servers speak it.
//!
//! What comes back is believed only where it can be checked: a user is ours when its own attributes satisfy the link rule, whatever the
//! filter was; a list counts when all of it was seen; an answer to a write is a promise that the read-back settles.

use super::{
    Target,
    scim_value::{carries, filter, number, text, truth, values},
    spec::{Rule, TargetSpec, same},
    web::{Answer, Web, server_time},
};
use crate::{
    domain::{
        sentence::Sentence,
        target::{Account, Call, Card, Health, Observed, Protection, ReadFault, Sent, StepCard, StepKind, Subject, WriteRight},
    },
    text::safe,
};
use async_trait::async_trait;
use jiff::Timestamp;
use reqwest::{Method, Request, StatusCode, Url, header};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::time::Instant;
use zeroize::Zeroizing;

const JSON: &str = "application/scim+json";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// Users asked for at a time once the server's own first page was not all.
const PAGE: usize = 200;
/// Pages after which a list counts as endless.
const MOST_PAGES: usize = 1_000;

/// What the server says of itself (`/ServiceProviderConfig`).
#[derive(Clone, Copy, Debug)]
struct Features {
    patch: bool,
    filter: bool,
    etag: bool,
}

/// A SCIM server.
pub struct Scim {
    card: Card,
    spec: TargetSpec,
    rule: Option<Rule>,
    web: Web,
    features: Mutex<Option<Features>>,
    admins: tokio::sync::Mutex<()>,
}

/// A user as the server gave it.
struct User {
    body: Value,
    etag: Option<String>,
}

fn step(spec: &TargetSpec, kind: StepKind) -> StepCard {
    let door = matches!(kind, StepKind::BlockSignIn | StepKind::Unblock);
    let reversible = !door || spec.reversible.unwrap_or(true);
    let destroys = kind == StepKind::BlockSignIn && spec.destroys.unwrap_or(false);
    let synchronous = !door || spec.synchronous.unwrap_or(true);
    StepCard { kind, reversible, destroys, idempotent: true, synchronous, reads_back: true }
}

/// Opens a SCIM target; no call is made yet.
///
/// # Errors
/// Names the target and the key that does not fit.
pub(super) fn open(spec: &TargetSpec, home: &Path) -> Result<Arc<dyn Target>, Sentence> {
    let mut kinds = vec![StepKind::BlockSignIn];
    if spec.reversible != Some(false) {
        kinds.push(StepKind::Unblock);
    }
    if spec.restrict.is_some() {
        kinds.extend([StepKind::Restrict, StepKind::Release]);
    }
    let mut card = spec.card(String::new(), kinds.into_iter().map(|k| step(spec, k)).collect())?;
    let web = Web::open(spec, &card, home)?;
    card.place = web.base.host_str().unwrap_or_default().to_owned();
    Ok(Arc::new(Scim { card, rule: spec.rule()?, spec: spec.clone(), web, features: Mutex::default(), admins: Default::default() }))
}

impl Scim {
    async fn request(&self, method: Method, url: Url, body: Option<&Value>) -> Result<Request, Sentence> {
        let mut request = Request::new(method, url);
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, header::HeaderValue::from_static("application/scim+json, application/json;q=0.9"));
        if let Some(token) = &self.web.token {
            let bearer = Zeroizing::new(format!("Bearer {}", token.read().await?.as_str()));
            let mut value = header::HeaderValue::from_str(&bearer).map_err(|_| self.web.say("target-secret-shape"))?;
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        if let Some(body) = body {
            headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(JSON));
            *request.body_mut() = Some(body.to_string().into());
        }
        Ok(request)
    }

    async fn read(&self, url: Url, until: Instant) -> Result<Answer, ReadFault> {
        let request = self.request(Method::GET, url, None).await.map_err(fault)?;
        Ok(self.web.exchange(request, until).await?)
    }

    async fn features(&self, until: Instant) -> Result<Features, ReadFault> {
        if let Some(known) = *self.features.lock().unwrap_or_else(PoisonError::into_inner) {
            return Ok(known);
        }
        self.discover(until).await
    }

    /// A server without the page is taken at the protocol's word: PATCH and filters are tried, ETags are not.
    async fn discover(&self, until: Instant) -> Result<Features, ReadFault> {
        let answer = self.read(self.web.url(&["ServiceProviderConfig"]), until).await?;
        let found = match (&answer.json, answer.status) {
            (Some(page), status) if status.is_success() => {
                let says = |name: &str, usual: bool| page.get(name).and_then(|f| f.get("supported")).and_then(truth).unwrap_or(usual);
                Features { patch: says("patch", true), filter: says("filter", true), etag: says("etag", false) }
            }
            (_, StatusCode::NOT_FOUND | StatusCode::NOT_IMPLEMENTED | StatusCode::FORBIDDEN) => {
                Features { patch: true, filter: true, etag: false }
            }
            (_, status) if status.is_success() => return Err(self.web.odd(&answer)),
            _ => return Err(self.web.read_fault(&answer)),
        };
        *self.features.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
        Ok(found)
    }

    async fn user(&self, id: &str, until: Instant) -> Result<Option<User>, ReadFault> {
        let answer = self.read(self.web.url(&["Users", id]), until).await?;
        if matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::GONE) {
            // A gateway that lost its route, or a path that moved, says 404 too. Who is gone is gone from a list that is there.
            if answer.json.is_none() {
                return Err(self.web.odd(&answer));
            }
            return match self.matching("id", id, until).await?.is_empty() {
                true => Ok(None),
                false => Err(fault(self.web.say("target-not-gone"))),
            };
        }
        if !answer.status.is_success() {
            return Err(self.web.read_fault(&answer));
        }
        let etag = answer.headers.get(header::ETAG).and_then(|v| v.to_str().ok()).map(str::to_owned);
        match &answer.json {
            // Some servers keep users under their names, and some answer with another one.
            Some(body) if text(body, "id") == Some(id) => {
                let etag = etag.or_else(|| body.pointer("/meta/version").and_then(Value::as_str).map(str::to_owned));
                Ok(Some(User { body: body.clone(), etag }))
            }
            Some(_) => Err(fault(self.web.say("target-other-account"))),
            None => Err(self.web.odd(&answer)),
        }
    }

    /// Every user for whom `wanted` holds. All pages are seen, or it is an error: a part of a list must not pass for nobody.
    async fn list(&self, filter: Option<&str>, wanted: &(dyn Fn(&Value) -> bool + Sync), until: Instant) -> Result<Vec<Value>, ReadFault> {
        let (mut seen, mut out) = (HashSet::new(), Vec::new());
        let mut start = 1;
        for _ in 0..MOST_PAGES {
            let mut url = self.web.url(&["Users"]);
            if let Some(filter) = filter {
                url.query_pairs_mut().append_pair("filter", filter);
            }
            // Not on the first page: some servers fail on a plain `count`, and one that answers in full needs no second.
            if start > 1 {
                url.query_pairs_mut().append_pair("startIndex", &start.to_string()).append_pair("count", &PAGE.to_string());
            }
            let answer = self.read(url, until).await?;
            if answer.status == StatusCode::NOT_FOUND {
                return Err(fault(self.web.say("target-no-endpoint")));
            }
            if !answer.status.is_success() {
                return Err(self.web.read_fault(&answer));
            }
            let Some(page) = answer.json.as_ref().filter(|p| p.is_object()) else { return Err(self.web.odd(&answer)) };
            let users = page.get("Resources").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let total = page.get("totalResults").and_then(number);
            let before = seen.len();
            for user in users {
                let Some(id) = text(user, "id") else { return Err(self.web.odd(&answer)) };
                if seen.insert(id.to_owned()) && wanted(user) {
                    out.push(user.clone());
                }
            }
            match total {
                Some(total) if seen.len() >= total => return Ok(out),
                None if seen.len() == before => return Ok(out),
                // A server that ignores `startIndex` gives the same page for ever.
                Some(_) if seen.len() == before => break,
                _ => start += users.len(),
            }
        }
        Err(fault(self.web.say("target-incomplete")))
    }

    async fn matching(&self, attribute: &str, value: &str, until: Instant) -> Result<Vec<Value>, ReadFault> {
        let wanted = |user: &Value| carries(user, attribute, value);
        if self.features(until).await?.filter && self.spec.filter != Some(false) {
            let filter = filter(attribute, value);
            match self.list(Some(&filter), &wanted, until).await {
                Err(e) if e.unauthorised || e.retry_after.is_some() => return Err(e),
                // This filter is not understood; the list is.
                Err(e) if matches!(e.why.code.as_ref(), "target-refused" | "target-fault" | "target-forbidden") => {}
                other => return other,
            }
        }
        self.list(None, &wanted, until).await
    }

    /// Ids of a group's members; `None` when the server does not show them.
    async fn members(&self, group: &str, until: Instant) -> Result<Option<Vec<String>>, ReadFault> {
        let answer = self.read(self.web.url(&["Groups", group]), until).await?;
        match &answer.json {
            Some(found) if answer.status.is_success() => match found.get("members").and_then(Value::as_array) {
                Some(members) => Ok(Some(members.iter().filter_map(|m| text(m, "value")).map(str::to_owned).collect())),
                // An empty list may be left out (RFC 7643, 2.5); so may all lists, by a server that never shows members. Only where other
                // groups show theirs is nobody in this one.
                None => Ok(self.shows_members(until).await?.then(Vec::new)),
            },
            None if answer.status.is_success() => Err(self.web.odd(&answer)),
            _ if answer.status == StatusCode::NOT_FOUND => Err(fault(self.web.say("target-no-group"))),
            _ => Err(self.web.read_fault(&answer)),
        }
    }

    /// Whether the server shows who is in a group, as far as its first page of groups tells.
    async fn shows_members(&self, until: Instant) -> Result<bool, ReadFault> {
        let answer = self.read(self.web.url(&["Groups"]), until).await?;
        let all = answer.json.as_ref().filter(|_| answer.status.is_success()).and_then(|l| l.get("Resources")?.as_array());
        Ok(all.is_some_and(|all| all.iter().any(|g| g.get("members").is_some_and(Value::is_array))))
    }

    /// Whether the user is in the group that L1 takes away.
    async fn in_group(&self, id: &str, until: Instant) -> Result<Option<bool>, ReadFault> {
        let Some(restrict) = &self.spec.restrict else { return Ok(None) };
        Ok(self.members(&restrict.group, until).await?.map(|all| all.iter().any(|m| m == id)))
    }

    /// Whether it is the last member of the administrators' group who can sign in.
    async fn last_admin(&self, id: &str, until: Instant) -> Result<bool, ReadFault> {
        let Some(admins) = &self.spec.admins else { return Ok(false) };
        let Some(all) = self.members(admins, until).await? else { return Err(fault(self.web.say("target-no-members"))) };
        if !all.iter().any(|m| m == id) {
            return Ok(false);
        }
        for other in all.iter().filter(|m| *m != id) {
            let user = self.user(other, until).await?;
            if user.is_some_and(|u| u.body.get("active").and_then(truth) != Some(false)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn protection(&self, id: &str, login: &str, until: Instant) -> Result<Option<Protection>, ReadFault> {
        match self.spec.protection(&[id, login]) {
            None if self.last_admin(id, until).await? => Ok(Some(Protection::LastAdmin)),
            known => Ok(known),
        }
    }

    async fn account(&self, user: &Value, until: Instant) -> Result<Option<Account>, ReadFault> {
        let Some(id) = text(user, "id") else { return Ok(None) };
        let login = text(user, "userName").unwrap_or(id);
        let enabled = user.get("active").and_then(truth);
        let mut holds = BTreeMap::new();
        if let Some(enabled) = enabled {
            holds.extend([(StepKind::BlockSignIn, !enabled), (StepKind::Unblock, enabled)]);
        }
        if let Some(member) = self.in_group(id, until).await? {
            holds.extend([(StepKind::Restrict, !member), (StepKind::Release, member)]);
        }
        let display = text(user, "displayName").or_else(|| user.pointer("/name/formatted").and_then(Value::as_str));
        Ok(Some(Account {
            id: id.to_owned(),
            login: safe(login, 120),
            display: display.map(|d| safe(d, 120)),
            protection: self.protection(id, login, until).await?,
            owns: Vec::new(),
            marks: Vec::new(),
            seen: Observed { exists: true, enabled, holds, ..Observed::default() },
        }))
    }

    async fn write(&self, method: Method, url: Url, body: &Value, etag: Option<&str>, until: Instant) -> Sent {
        let mut request = match self.request(method, url, Some(body)).await {
            Ok(request) => request,
            Err(why) => return Sent::NotSent { why, retry_after: None },
        };
        if let Some(value) = etag.and_then(|e| header::HeaderValue::from_str(e).ok()) {
            request.headers_mut().insert(header::IF_MATCH, value);
        }
        match self.web.exchange(request, until).await {
            Ok(answer) if matches!(answer.status, StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED) => {
                Sent::Rejected { why: self.web.say(UNSUPPORTED) }
            }
            Ok(answer) => self.web.sent(&answer),
            Err(lost) => lost.into(),
        }
    }

    async fn set_active(&self, user: &User, active: bool, until: Instant) -> Sent {
        let features = match self.features(until).await {
            Ok(features) => features,
            Err(e) => return e.into(),
        };
        let id = text(&user.body, "id").unwrap_or_default();
        let etag = user.etag.as_deref().filter(|_| features.etag);
        if features.patch {
            let operation = json!({"op": "replace", "path": "active", "value": active});
            let body = json!({"schemas": [PATCH], "Operations": [operation]});
            let sent = self.write(Method::PATCH, self.web.url(&["Users", id]), &body, etag, until).await;
            // It said that it can, and cannot.
            if !matches!(&sent, Sent::Rejected { why } if why.code == UNSUPPORTED) {
                return sent;
            }
        }
        let mut body = user.body.clone();
        if let Some(fields) = body.as_object_mut() {
            // What only the server writes; strict ones refuse it.
            fields.retain(|k, _| k != "meta" && k != "groups");
            fields.insert("active".into(), Value::Bool(active));
        }
        self.write(Method::PUT, self.web.url(&["Users", id]), &body, etag, until).await
    }

    async fn set_member(&self, id: &str, member: bool, until: Instant) -> Sent {
        let Some(restrict) = &self.spec.restrict else { return Sent::Rejected { why: self.web.say("target-cannot") } };
        match self.in_group(id, until).await {
            Ok(now) if now == Some(member) => return Sent::Accepted,
            Ok(_) => {}
            Err(e) => return e.into(),
        }
        let operation = if member {
            json!({"op": "add", "path": "members", "value": [{"value": id}]})
        } else {
            json!({"op": "remove", "path": format!("members[value eq {}]", Value::from(id))})
        };
        let body = json!({"schemas": [PATCH], "Operations": [operation]});
        self.write(Method::PATCH, self.web.url(&["Groups", &restrict.group]), &body, None, until).await
    }

    /// The user of a call, when it may be written to.
    async fn subject(&self, call: &Call, until: Instant) -> Result<User, Sent> {
        let rejected = |code| Sent::Rejected { why: self.web.say(code) };
        if self.card.step(call.kind).is_none() {
            return Err(rejected("target-cannot"));
        }
        let user = self.user(&call.account, until).await.map_err(Sent::from)?.ok_or_else(|| rejected("target-no-account"))?;
        let login = text(&user.body, "userName").unwrap_or(&call.account);
        if !same(&safe(login, 120), &call.login) {
            return Err(rejected("target-other-account"));
        }
        let restores = matches!(call.kind, StepKind::Unblock | StepKind::Release);
        if !call.excepted && !restores && self.protection(&call.account, login, until).await.map_err(Sent::from)?.is_some() {
            return Err(rejected("target-protected"));
        }
        Ok(user)
    }

    async fn canary(&self, until: Instant) -> Result<(WriteRight, Option<Sentence>), ReadFault> {
        let Some(canary) = &self.spec.canary else {
            // Any read with the credential; whether a filter is understood does not matter.
            self.matching("userName", "tenure-check", until).await?;
            return Ok((WriteRight::Unproven, Some(self.web.say("target-write-unproven"))));
        };
        let found = self.matching("userName", canary, until).await?;
        let id = found.first().and_then(|u| text(u, "id")).unwrap_or(canary);
        let Some(user) = self.user(id, until).await? else {
            return Ok((WriteRight::Unproven, Some(self.web.say("target-canary-missing"))));
        };
        let active = user.body.get("active").and_then(truth).unwrap_or(true);
        Ok(super::canary(self.set_active(&user, active, until).await))
    }
}

const UNSUPPORTED: &str = "target-cannot";

#[async_trait]
impl Target for Scim {
    fn card(&self) -> &Card {
        &self.card
    }

    async fn find(&self, whom: &Subject) -> Result<Vec<Account>, ReadFault> {
        let until = self.web.until();
        let Some(rule) = &self.rule else { return Ok(Vec::new()) };
        let value = rule.value(whom, &self.card)?;
        let mut out = Vec::new();
        for user in self.matching(&rule.theirs, value, until).await? {
            let marks = values(&user, &rule.theirs);
            out.extend(self.account(&user, until).await?.map(|a| Account { marks, ..a }));
        }
        Ok(out)
    }

    async fn get(&self, id: &str) -> Result<Option<Account>, ReadFault> {
        let until = self.web.until();
        match self.user(id, until).await? {
            Some(user) => self.account(&user.body, until).await,
            None => Ok(None),
        }
    }

    async fn send(&self, call: &Call) -> Sent {
        let until = self.web.until();
        // Where administrators are counted, they go one at a time.
        let counts = self.spec.admins.is_some() && call.kind == StepKind::BlockSignIn;
        let _alone = if counts { Some(self.admins.lock().await) } else { None };
        let user = match self.subject(call, until).await {
            Ok(user) => user,
            Err(sent) => return sent,
        };
        match call.kind {
            StepKind::BlockSignIn => self.set_active(&user, false, until).await,
            StepKind::Unblock => self.set_active(&user, true, until).await,
            StepKind::Restrict => self.set_member(&call.account, false, until).await,
            StepKind::Release => self.set_member(&call.account, true, until).await,
            _ => Sent::Rejected { why: self.web.say("target-cannot") },
        }
    }

    async fn check(&self) -> Health {
        let (until, began) = (self.web.until(), Instant::now());
        let mut health = Health::of(&self.card);
        let answer = self.read(self.web.url(&["ServiceProviderConfig"]), until).await;
        health.skew = answer.ok().and_then(|a| server_time(&a.headers)).map(|t| t.as_second() - Timestamp::now().as_second());
        let found = async {
            self.discover(until).await?;
            self.canary(until).await
        };
        health.settle(found.await);
        health.took_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
        health
    }
}

fn fault(why: Sentence) -> ReadFault {
    ReadFault { why, unauthorised: false, retry_after: None }
}
