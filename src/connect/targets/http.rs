//! Described calls: what a file of config/targets says about an application's own API.

use super::{
    Target, descriptions,
    directory::unknown_password,
    http_file::{Call as Described, Each, File, Find, Holds, List, Method as Verb, Okay, Read, Said, Step},
    lockout,
    secret::Secret,
    spec::{Given, Ours, Rule, TargetSpec, same},
    template::{Signature, Values, at, body, fill, url},
    web::{Answer, Web, server_time},
};
use crate::{
    domain::{
        sentence::Sentence,
        target::{Account, Call, Card, Health, Observed, ReadFault, Sent, StepCard, StepKind, Subject},
    },
    text::safe,
};
use async_trait::async_trait;
use jiff::Timestamp;
use reqwest::{
    Method, Request, Url,
    header::{HeaderName, HeaderValue},
};
use serde_json::Value;
use std::{collections::BTreeMap, path::Path, sync::Arc};
use tokio::time::Instant;

/// An application with an API of its own.
pub struct Http {
    card: Card,
    spec: TargetSpec,
    rule: Option<Rule>,
    file: File,
    web: Web,
    secret: Option<Secret>,
    canary: Option<Secret>,
    values: Values,
}

/// Opens an application; no call is made yet.
///
/// # Errors
/// Names the target and the key, or the description, that does not fit.
pub(super) fn open(spec: &TargetSpec, home: &Path) -> Result<Arc<dyn Target>, Sentence> {
    let (name, text) = descriptions::text(spec, home)?;
    let file: File = toml::from_str(&text).map_err(|e| descriptions::bad(spec, &name, e.to_string()))?;
    if let Some(wrong) = file.wrong() {
        return Err(descriptions::bad(spec, &name, wrong));
    }
    let mut values = Values::new();
    for key in &file.needs {
        match (spec.values.get(key), file.lists.contains(key)) {
            (Some(Given::One(value)), false) => drop(values.insert(key.clone(), value.clone())),
            (Some(Given::Many(_)), true) => {}
            _ => return Err(spec.wrong(&format!("values.{key}"), "@target-want-value")),
        }
    }
    let sessions = !file.sessions.is_empty();
    let cards = file.step.iter().map(|s| StepCard {
        kind: s.kind,
        reversible: s.reversible,
        destroys: s.destroys,
        idempotent: s.idempotent,
        synchronous: s.synchronous,
        reads_back: s.holds.is_some() || s.trace.is_some() || (s.no_sessions && sessions),
    });
    let mut card = spec.card(String::new(), cards.collect())?;
    card.reads_sessions = sessions;
    card.apps = file.apps;
    card.reads_sign_in = file.read.last_sign_in.is_some();
    let web = Web::open(spec, &card, home)?;
    card.place = web.base.host_str().unwrap_or_default().to_owned();
    let key = |what: &str| Sentence::new("target-spec-missing").with("target", &spec.name).with("key", what).with("kind", spec.kind);
    if file.auth.is_some() && spec.token.is_none() {
        return Err(key("token"));
    }
    if file.signature.is_some() && spec.secret.is_none() {
        return Err(key("secret"));
    }
    if spec.canary_password.is_some() && file.probe.is_none() {
        return Err(spec.wrong("canary_password", "@target-want-probe"));
    }
    let canary = spec.canary_password.as_ref().map(|s| Secret::new(&spec.name, s, home));
    let secret = spec.secret.as_ref().map(|s| Secret::new(&spec.name, s, home));
    Ok(Arc::new(Http { rule: spec.rule()?, spec: spec.clone(), card, file, web, secret, canary, values }))
}

/// Answers that mean that there is nothing: by status, and by what the body says where the description knows that.
#[derive(Clone, Copy, Default)]
struct Nothing<'a> {
    statuses: &'a [u16],
    says: Option<&'a Holds>,
}

impl<'a> From<&'a Find> for Nothing<'a> {
    fn from(find: &'a Find) -> Self {
        Self { statuses: &find.none, says: find.none_says.as_ref() }
    }
}

impl<'a> From<&'a Read> for Nothing<'a> {
    fn from(read: &'a Read) -> Self {
        Self { statuses: &read.gone, says: read.gone_says.as_ref() }
    }
}

impl Http {
    fn with(&self, more: &[(&str, &str)]) -> Values {
        let mut values = self.values.clone();
        values.extend(more.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
        values
    }

    fn address(&self, template: &str, values: &Values) -> Result<Url, Sentence> {
        let path = url(template, values).ok_or_else(|| self.web.say("target-login-shape"))?;
        Url::parse(&format!("{}{path}", self.web.base.as_str().trim_end_matches('/'))).map_err(|_| self.web.say("target-login-shape"))
    }

    fn header(&self, request: &mut Request, name: &str, value: &str) -> Result<(), Sentence> {
        let shape = || self.web.say("target-secret-shape");
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| shape())?;
        let mut value = HeaderValue::from_str(value).map_err(|_| shape())?;
        value.set_sensitive(true);
        request.headers_mut().insert(name, value);
        Ok(())
    }

    /// Without our credential.
    fn bare(&self, method: Method, url: Url, body: Option<&Value>) -> Result<(Request, String), Sentence> {
        let mut request = Request::new(method, url);
        self.header(&mut request, "accept", "application/json")?;
        let text = body.map(Value::to_string).unwrap_or_default();
        if body.is_some() {
            self.header(&mut request, "content-type", "application/json")?;
            *request.body_mut() = Some(text.clone().into());
        }
        Ok((request, text))
    }

    async fn request(&self, method: Method, url: Url, body: Option<&Value>) -> Result<Request, Sentence> {
        let (mut request, text) = self.bare(method, url, body)?;
        if let (Some(auth), Some(token)) = (&self.file.auth, &self.web.token) {
            let token = token.read().await?;
            let value = zeroize::Zeroizing::new(auth.value.replace("{token}", &token));
            self.header(&mut request, &auth.header, &value)?;
        }
        if let (Some(signature), Some(secret)) = (&self.file.signature, &self.secret) {
            self.sign(&mut request, signature, &secret.read().await?, &text)?;
        }
        Ok(request)
    }

    fn sign(&self, request: &mut Request, signature: &Signature, secret: &str, body: &str) -> Result<(), Sentence> {
        let now = Timestamp::now();
        let timestamp = if signature.milliseconds { now.as_millisecond() } else { now.as_second() }.to_string();
        if let Some(name) = &signature.timestamp_query {
            request.url_mut().query_pairs_mut().append_pair(name, &timestamp);
        }
        let url = request.url();
        let path = url.query().map_or_else(|| url.path().to_owned(), |q| format!("{}?{q}", url.path()));
        let pairs =
            [("timestamp", timestamp.as_str()), ("method", request.method().as_str()), ("path", &path), ("body", body), ("secret", secret)];
        let values: Values = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let signed = signature.sign(&values).unwrap_or_default();
        if let Some(name) = &signature.query {
            request.url_mut().query_pairs_mut().append_pair(name, &signed);
        }
        if let Some(name) = &signature.timestamp_header {
            self.header(request, name, &timestamp)?;
        }
        if let Some(name) = &signature.header {
            self.header(request, name, &signature.value.replace("{signature}", &signed))?;
        }
        Ok(())
    }

    /// A read: its document, or `None` for an answer that means that there is nothing.
    async fn read(
        &self,
        template: &str,
        values: &Values,
        none: Nothing<'_>,
        ok: &Okay,
        until: Instant,
    ) -> Result<Option<Value>, ReadFault> {
        let fault = |why| ReadFault { why, unauthorised: false, retry_after: None };
        let url = self.address(template, values).map_err(fault)?;
        let request = self.request(Method::GET, url, None).await.map_err(fault)?;
        let answer = self.web.exchange(request, until).await?;
        if none.statuses.contains(&answer.status.as_u16()) {
            // A gateway that lost its route says 404 in HTML, and an application that lost a path says so in JSON: nobody is gone by that.
            let meant = answer.json.as_ref().is_some_and(|body| none.says.is_none_or(|s| s.holds(body) == Some(true)));
            return if meant { Ok(None) } else { Err(self.web.odd(&answer)) };
        }
        if !ok.takes(answer.status.as_u16()) {
            return Err(self.web.read_fault(&answer));
        }
        match (ok.said(answer.json.as_ref()), &answer.json) {
            (Said::Yes, Some(document)) => Ok(Some(document.clone())),
            (Said::Yes | Said::Unclear, _) => Err(self.web.odd(&answer)),
            (Said::Busy, _) => Err(fault(self.web.say("target-rate"))),
            (Said::Unauthorised, _) => Err(ReadFault { unauthorised: true, ..fault(self.web.say("target-unauthorised")) }),
            (Said::No, _) => Err(fault(self.refused(ok, &answer))),
        }
    }

    fn refused(&self, ok: &Okay, answer: &Answer) -> Sentence {
        let code = ok.at.as_ref().zip(answer.json.as_ref()).and_then(|(p, b)| at(b, p).first().map(|v| v.to_string()));
        self.web.say("target-refused").with("status", answer.status.as_u16()).with("detail", safe(&code.unwrap_or_default(), 80))
    }

    /// Elements of a list that a GET gives.
    async fn list(&self, list: &List, values: &Values, until: Instant) -> Result<Vec<String>, ReadFault> {
        let odd = || ReadFault { why: self.web.say("target-not-json").with("status", 200), unauthorised: false, retry_after: None };
        let document = self.read(&list.url, values, Nothing::default(), &list.ok, until).await?.ok_or_else(odd)?;
        let Some(Value::Array(all)) = at(&document, &list.list).first().copied() else { return Err(odd()) };
        let having = |e: &&Value| list.having.as_ref().is_none_or(|p| !at(e, p).is_empty());
        Ok(all.iter().filter(having).map(|e| at(e, &list.id).first().map(|v| text(v)).unwrap_or_default()).collect())
    }

    async fn document(&self, id: &str, until: Instant) -> Result<Option<Value>, ReadFault> {
        let read = &self.file.read;
        let Some(document) = self.read(&read.url, &self.with(&[("id", id)]), read.into(), &read.ok, until).await? else {
            // A realm that was renamed, or a path that moved, may say the same. Who is gone is gone from a search that still answers with a
            // list, or by words that only the application has for it.
            let listed = match &self.file.find {
                Some(find) => self.read(&find.url, &self.with(&[("value", id)]), find.into(), &find.ok, until).await?.is_some(),
                None => false,
            };
            let proven = listed || read.gone_says.is_some();
            let fault = || ReadFault { why: self.web.say("target-gone-unproven"), unauthorised: false, retry_after: None };
            return if proven { Ok(None) } else { Err(fault()) };
        };
        if at(&document, &read.id).first().map(|v| text(v)).as_deref() != Some(id) {
            return Err(ReadFault { why: self.web.say("target-other-account"), unauthorised: false, retry_after: None });
        }
        Ok(Some(document))
    }

    fn login(&self, document: &Value, id: &str) -> String {
        at(document, &self.file.read.login).first().map(|v| text(v)).filter(|t| !t.is_empty()).unwrap_or_else(|| id.to_owned())
    }

    async fn account(&self, id: &str, document: &Value, until: Instant) -> Result<Account, ReadFault> {
        let login = self.login(document, id);
        let mut sessions = (!self.file.sessions.is_empty()).then_some(0);
        for list in &self.file.sessions {
            let open = self.list(list, &self.with(&[("id", id), ("login", &login)]), until).await?.len();
            sessions = sessions.map(|n: i64| n.saturating_add(i64::try_from(open).unwrap_or(i64::MAX)));
        }
        let (mut holds, mut traces) = (BTreeMap::new(), BTreeMap::new());
        for step in &self.file.step {
            let by_read = step.holds.as_ref().map(|h| h.holds(document));
            let by_count = step.no_sessions.then(|| sessions.map(|n| n == 0));
            let told = match (by_read, by_count) {
                (Some(a), Some(b)) => a.zip(b).map(|(a, b)| a && b),
                (Some(a), None) => a,
                (None, b) => b.flatten(),
            };
            holds.extend(told.map(|t| (step.kind, t)));
            if let Some(pointer) = &step.trace {
                traces.insert(step.kind, at(document, pointer).first().map(|v| text(v)).unwrap_or_else(|| "never".into()));
            }
        }
        let read = &self.file.read;
        let display = read.display.as_ref().and_then(|p| at(document, p).first().map(|v| safe(&text(v), 120)));
        let seen = Observed {
            exists: true,
            enabled: holds.get(&StepKind::BlockSignIn).map(|blocked| !blocked),
            last_sign_in: read.last_sign_in.as_ref().and_then(|p| moment(at(document, p).first()?)),
            sessions,
            holds,
            traces,
        };
        let protection = self.spec.protection(&[id, &login]);
        Ok(Account { id: id.to_owned(), login: safe(&login, 120), display, protection, owns: Vec::new(), marks: Vec::new(), seen })
    }

    /// One write.
    async fn call(&self, call: &Described, values: &Values, until: Instant) -> Sent {
        let not_sent = |why| Sent::NotSent { why, retry_after: None };
        let method = verb(call.method);
        let url = match self.address(&call.url, values) {
            Ok(url) => url,
            Err(why) => return not_sent(why),
        };
        let content = match call.body.as_ref().map(|b| body(b, values)) {
            Some(None) => return not_sent(self.web.say("target-login-shape")),
            content => content.flatten(),
        };
        let mut request = match self.request(method, url, content.as_ref()).await {
            Ok(request) => request,
            Err(why) => return not_sent(why),
        };
        for (name, template) in &call.headers {
            let value = fill(template, values, str::to_owned).unwrap_or_default();
            if let Err(why) = self.header(&mut request, name, &value) {
                return not_sent(why);
            }
        }
        let answer = match self.web.exchange(request, until).await {
            Ok(answer) => answer,
            Err(lost) => return lost.into(),
        };
        if !call.ok.takes(answer.status.as_u16()) {
            return match self.web.sent(&answer) {
                // A yes that the description does not know.
                Sent::Accepted | Sent::Async => Sent::Unknown { why: self.refused(&call.ok, &answer) },
                sent => sent,
            };
        }
        match call.ok.said(answer.json.as_ref()) {
            Said::Yes if !answer.status.is_success() => Sent::Accepted,
            Said::Yes => self.web.sent(&answer),
            Said::No => Sent::Rejected { why: self.refused(&call.ok, &answer) },
            Said::Busy => Sent::NotSent { why: self.web.say("target-rate"), retry_after: None },
            Said::Unauthorised => Sent::Unauthorised { why: self.web.say("target-unauthorised") },
            Said::Unclear => Sent::Unknown { why: self.refused(&call.ok, &answer) },
        }
    }

    /// Whether the canary gets in.
    async fn signs_in(&self, id: String) -> Result<bool, ReadFault> {
        let fault = |why| ReadFault { why, unauthorised: false, retry_after: None };
        let (Some(probe), Some(secret)) = (&self.file.probe, &self.canary) else { return Ok(false) };
        let until = self.web.until();
        let document = self.document(&id, until).await?.ok_or_else(|| fault(self.web.say("target-canary-missing")))?;
        // Read anew each time: one that was replaced is not remembered.
        secret.forget();
        let password = secret.read().await.map_err(fault)?;
        let values = self.with(&[("id", &id), ("login", &self.login(&document, &id)), ("password", &password)]);
        let content = probe.body.as_ref().and_then(|b| body(b, &values));
        let url = self.address(&probe.url, &values).map_err(fault)?;
        let (request, _) = self.bare(verb(probe.method), url, content.as_ref()).map_err(fault)?;
        let answer = self.web.exchange(request, until).await?;
        let says = |rule: &Okay| rule.takes(answer.status.as_u16()) && rule.said(answer.json.as_ref()) == Said::Yes;
        match (says(&probe.ok), says(&probe.refused)) {
            (true, _) => Ok(true),
            (_, true) => Ok(false),
            _ => Err(fault(self.refused(&probe.refused, &answer))),
        }
    }

    async fn run(&self, step: &Step, values: &Values, until: Instant) -> Result<Sent, ReadFault> {
        let mut last = Sent::Accepted;
        for call in &step.calls {
            let items = match &call.each {
                None => vec![None],
                Some(Each::Value { value }) => match self.spec.values.get(value) {
                    Some(Given::Many(all)) => all.iter().cloned().map(Some).collect(),
                    _ => Vec::new(),
                },
                Some(Each::List(list)) => self.list(list, values, until).await?.into_iter().map(Some).collect(),
            };
            for item in items {
                let mut values = values.clone();
                values.extend(item.map(|i| ("item".to_owned(), i)));
                match self.call(call, &values, until).await {
                    Sent::Accepted => {}
                    Sent::Async => last = Sent::Async,
                    // A step of several calls is harmless twice: it is done again from its first.
                    sent => return Ok(sent),
                }
            }
        }
        Ok(last)
    }

    async fn write(&self, call: &Call, until: Instant) -> Result<Sent, ReadFault> {
        let rejected = |code| Sent::Rejected { why: self.web.say(code) };
        let Some(step) = self.file.step.iter().find(|s| s.kind == call.kind) else { return Ok(rejected("target-cannot")) };
        let Some(document) = self.document(&call.account, until).await? else { return Ok(rejected("target-no-account")) };
        let login = self.login(&document, &call.account);
        if !same(&safe(&login, 120), &call.login) {
            return Ok(rejected("target-other-account"));
        }
        let restores = matches!(call.kind, StepKind::Unblock | StepKind::Release);
        if !call.excepted && !restores && self.spec.protection(&[&call.account, &login]).is_some() {
            return Ok(rejected("target-protected"));
        }
        let unknown = unknown_password();
        let values = self.with(&[("id", &call.account), ("login", &login), ("key", &call.key), ("unknown", &unknown)]);
        self.run(step, &values, until).await
    }
}

#[async_trait]
impl Target for Http {
    fn card(&self) -> &Card {
        &self.card
    }

    async fn find(&self, whom: &Subject) -> Result<Vec<Account>, ReadFault> {
        let (Some(rule), Some(find)) = (&self.rule, &self.file.find) else { return Ok(Vec::new()) };
        let value = rule.value(whom, &self.card)?;
        // A step in a path: nobody is called so.
        if matches!(value, "." | "..") {
            return Ok(Vec::new());
        }
        let until = self.web.until();
        let Some(document) = self.read(&find.url, &self.with(&[("value", value)]), find.into(), &find.ok, until).await? else {
            return Ok(Vec::new());
        };
        let found: Vec<&Value> = match at(&document, &find.list).first() {
            Some(Value::Array(all)) => all.iter().collect(),
            Some(one) => vec![one],
            None => Vec::new(),
        };
        if find.most.is_some_and(|most| found.len() >= most) {
            return Err(ReadFault { why: self.web.say("target-incomplete"), unauthorised: false, retry_after: None });
        }
        let pointer = if rule.theirs.starts_with('/') { rule.theirs.clone() } else { format!("/{}", rule.theirs) };
        let mut out = Vec::new();
        for id in found.into_iter().filter_map(|f| at(f, &find.id).first().map(|v| text(v))) {
            // An account that vanished in between is nobody's.
            let Some(account) = self.document(&id, until).await? else { continue };
            let equal = |v: &&Value| if rule.ours == Ours::EmployeeNumber { text(v) == value } else { same(&text(v), value) };
            let theirs = at(&account, &pointer);
            if theirs.iter().any(equal) {
                let marks = theirs.iter().map(|v| text(v)).collect();
                out.push(Account { marks, ..self.account(&id, &account, until).await? });
            }
        }
        Ok(out)
    }

    async fn get(&self, id: &str) -> Result<Option<Account>, ReadFault> {
        let until = self.web.until();
        match self.document(id, until).await? {
            Some(document) => self.account(id, &document, until).await.map(Some),
            None => Ok(None),
        }
    }

    async fn send(&self, call: &Call) -> Sent {
        self.write(call, self.web.until()).await.unwrap_or_else(Sent::from)
    }

    async fn check(&self) -> Health {
        let began = Instant::now();
        let mut health = Health::of(&self.card);
        let probe = self.spec.canary.clone().or_else(|| fill(&self.file.read.probe, &self.values, str::to_owned)).unwrap_or_default();
        let (until, read) = (self.web.until(), &self.file.read);
        let found = match self.read(&read.url, &self.with(&[("id", &probe)]), read.into(), &read.ok, until).await {
            Ok(_) => super::described_canary(self, &self.spec).await,
            Err(e) => Err(e),
        };
        health.skew = self.clock(until).await;
        health.settle(found);
        lockout::prove(&mut health, self, &self.spec, |id| self.signs_in(id)).await;
        health.took_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
        health
    }
}

impl Http {
    async fn clock(&self, until: Instant) -> Option<i64> {
        let request = self.request(Method::GET, self.web.base.clone(), None).await.ok()?;
        let answer = self.web.exchange(request, until).await.ok()?;
        server_time(&answer.headers).map(|t| t.as_second() - Timestamp::now().as_second())
    }
}

fn verb(method: Verb) -> Method {
    match method {
        Verb::Post => Method::POST,
        Verb::Put => Method::PUT,
        Verb::Patch => Method::PATCH,
        Verb::Delete => Method::DELETE,
    }
}

/// A value as text: strings as they are, the rest as JSON.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Milliseconds since 1970, or RFC 3339; 0 is never.
fn moment(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(n) => n.as_i64().filter(|n| *n > 0).and_then(|n| Timestamp::from_millisecond(n).ok()),
        other => other.as_str()?.parse().ok(),
    }
}
