//! One HTTP exchange and what it says: for SCIM and for described calls.
//!
//! Nothing is retried and no redirect is followed. What was certainly not sent is told apart from what may have happened: only a
//! connection that never stood, and the answers by which a server says that it did nothing, count as not sent.

use super::{gate::Gate, secret::Secret, spec::TargetSpec, tls};
use crate::{
    domain::{
        sentence::Sentence,
        target::{Card, ReadFault, Sent},
    },
    text::safe,
};
use jiff::Timestamp;
use reqwest::{
    Client, Request, Response, StatusCode, Url,
    header::{self, HeaderMap},
    redirect::Policy,
};
use serde_json::Value;
use std::{path::Path, time::Duration};
use tokio::time::{Instant, timeout_at};

/// A body is read up to this many bytes: all of 20,000 SCIM users at once, from a server that does not page.
const MOST_BYTES: usize = 32 * 1024 * 1024;
/// Characters of a server's own words that go into a sentence.
const MOST_WORDS: usize = 160;
/// Nobody is waited for longer, whatever the server says: seconds.
const MOST_WAIT: i64 = 86_400;
const CONNECT: Duration = Duration::from_secs(10);

/// What a server answered.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// `None`: empty, or no JSON, or lost on the way behind a status that needs none.
    pub(super) json: Option<Value>,
    pub(super) empty: bool,
}

/// Why there is no answer.
pub(super) enum Lost {
    NotSent(Sentence),
    Unknown(Sentence),
}

/// A target's HTTP side.
pub(super) struct Web {
    name: String,
    client: Client,
    pub(super) base: Url,
    pub(super) token: Option<Secret>,
    timeout: Duration,
    gate: Gate,
}

impl Web {
    pub(super) fn open(spec: &TargetSpec, card: &Card, home: &Path) -> Result<Self, Sentence> {
        let text = spec.need("url", spec.url.as_deref())?;
        let mut base = Url::parse(text).map_err(|_| spec.wrong("url", "@target-want-http"))?;
        let fits = matches!(base.scheme(), "http" | "https") && base.has_host() && base.query().is_none() && base.username().is_empty();
        if !fits || base.password().is_some() || base.fragment().is_some() {
            return Err(spec.wrong("url", "@target-want-http"));
        }
        if !tls::private(&base, false) {
            return Err(Sentence::new("target-plain").with("target", &spec.name));
        }
        // So that what is joined to it lies below it.
        let path = base.path().trim_end_matches('/').to_owned();
        base.set_path(&path);
        // A proxy of the environment would see the credential of a plain loopback call.
        let mut client = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(CONNECT.min(Duration::from_secs(card.timeout.unsigned_abs())))
            .user_agent(concat!("tenure/", env!("CARGO_PKG_VERSION")));
        let broken = |e: reqwest::Error| Sentence::new("target-tls").with("target", &spec.name).with("detail", chain(&e));
        let config = tls::config(spec, home, base.scheme() == "https")?;
        client = client.tls_backend_preconfigured((*config).clone());
        Ok(Self {
            name: spec.name.clone(),
            client: client.build().map_err(broken)?,
            base,
            token: spec.token.as_ref().map(|s| Secret::new(&spec.name, s, home)),
            timeout: Duration::from_secs(card.timeout.unsigned_abs()),
            gate: Gate::new(card),
        })
    }

    /// When a call that starts now is over.
    pub(super) fn until(&self) -> Instant {
        Instant::now() + self.timeout
    }

    pub(super) fn say(&self, code: &'static str) -> Sentence {
        Sentence::new(code).with("target", &self.name)
    }

    /// The base with path segments behind it, each quoted.
    pub(super) fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    /// One exchange.
    pub(super) async fn exchange(&self, request: Request, until: Instant) -> Result<Answer, Lost> {
        let _turn = self.gate.enter(until).await.ok_or_else(|| Lost::NotSent(self.say("target-busy")))?;
        let late = || Lost::Unknown(self.say("target-no-answer").with("seconds", self.timeout.as_secs()));
        let response = match timeout_at(until, self.client.execute(request)).await {
            Err(_) => return Err(late()),
            Ok(Ok(response)) => response,
            Ok(Err(e)) if e.is_connect() || e.is_builder() => {
                return Err(Lost::NotSent(self.say("target-unreachable").with("detail", chain(&e.without_url()))));
            }
            Ok(Err(e)) => return Err(Lost::Unknown(self.say("target-lost").with("detail", chain(&e.without_url())))),
        };
        let (status, headers) = (response.status(), response.headers().clone());
        let body = match timeout_at(until, body(response)).await {
            Ok(Ok(Some(body))) => body,
            // A refusal needs no body; a yes without its end may be anything.
            _ if !status.is_success() => Vec::new(),
            Ok(Ok(None)) => return Err(Lost::Unknown(self.say("target-too-large").with("most", MOST_BYTES))),
            Ok(Err(e)) => return Err(Lost::Unknown(self.say("target-lost").with("detail", chain(&e.without_url())))),
            Err(_) => return Err(late()),
        };
        Ok(Answer { status, headers, json: serde_json::from_slice(&body).ok(), empty: body.is_empty() })
    }

    fn fault(&self, why: Sentence, answer: &Answer) -> ReadFault {
        ReadFault { why, unauthorised: false, retry_after: retry_after(&answer.headers) }
    }

    /// What a read that was not a success says.
    pub(super) fn read_fault(&self, answer: &Answer) -> ReadFault {
        if answer.status == StatusCode::UNAUTHORIZED {
            if let Some(token) = &self.token {
                token.forget();
            }
            return ReadFault { unauthorised: true, ..self.fault(self.say("target-unauthorised"), answer) };
        }
        self.fault(self.refusal(answer), answer)
    }

    /// A success that is not what the protocol says.
    pub(super) fn odd(&self, answer: &Answer) -> ReadFault {
        self.fault(self.say("target-not-json").with("status", answer.status.as_u16()), answer)
    }

    fn refusal(&self, answer: &Answer) -> Sentence {
        let status = answer.status.as_u16();
        match status {
            300..=399 => {
                let to = answer.headers.get(header::LOCATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
                let to = self.base.join(to).ok().and_then(|u| u.host_str().map(str::to_owned)).unwrap_or_default();
                self.say("target-redirect").with("to", safe(&to, MOST_WORDS))
            }
            403 => self.say("target-forbidden"),
            404 | 410 => self.say("target-no-account"),
            412 => self.say("target-changed"),
            429 => self.say("target-rate"),
            503 => self.say("target-closed"),
            500..=599 => self.say("target-fault").with("status", status),
            _ => self.say("target-refused").with("status", status).with("detail", safe(&words(answer), MOST_WORDS)),
        }
    }

    /// What the answer to a write says.
    pub(super) fn sent(&self, answer: &Answer) -> Sent {
        let retry = retry_after(&answer.headers);
        match answer.status.as_u16() {
            202 => Sent::Async,
            200..=299 if answer.empty || answer.json.is_some() => Sent::Accepted,
            // A portal or a proxy that says "welcome".
            200..=299 => Sent::Unknown { why: self.say("target-not-json").with("status", answer.status.as_u16()) },
            401 => {
                if let Some(token) = &self.token {
                    token.forget();
                }
                Sent::Unauthorised { why: self.say("target-unauthorised") }
            }
            // Somebody changed it between our read and our write: nothing was written.
            412 => Sent::NotSent { why: self.refusal(answer), retry_after: Some(0) },
            425 | 429 => Sent::NotSent { why: self.say("target-rate"), retry_after: retry },
            // With the time to come back the server itself turned us away; without, a gateway may be talking of what it lost.
            503 if retry.is_some() => Sent::NotSent { why: self.refusal(answer), retry_after: retry },
            501 => Sent::Rejected { why: self.refusal(answer) },
            408 | 500..=599 => Sent::Unknown { why: self.refusal(answer) },
            _ => Sent::Rejected { why: self.refusal(answer) },
        }
    }
}

/// A read that got no answer: it changed nothing, whatever became of it.
impl From<Lost> for ReadFault {
    fn from(lost: Lost) -> Self {
        let (Lost::NotSent(why) | Lost::Unknown(why)) = lost;
        Self { why, unauthorised: false, retry_after: None }
    }
}

impl From<Lost> for Sent {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::NotSent(why) => Self::NotSent { why, retry_after: None },
            Lost::Unknown(why) => Self::Unknown { why },
        }
    }
}

/// `None`: longer than is read.
async fn body(mut response: Response) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut out = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if out.len() + chunk.len() > MOST_BYTES {
            return Ok(None);
        }
        out.extend_from_slice(&chunk);
    }
    Ok(Some(out))
}

/// The server's own words, where it has some.
fn words(answer: &Answer) -> String {
    let json = answer.json.as_ref();
    let found = ["/detail", "/scimType", "/error", "/errorMessage", "/message", "/errmsg"].iter().find_map(|p| json?.pointer(p)?.as_str());
    found.unwrap_or_default().to_owned()
}

/// An error with its causes, without the URL: a filter holds personal data.
pub(in crate::connect) fn chain(e: &dyn std::error::Error) -> String {
    let mut out = e.to_string();
    let mut next = e.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !out.contains(&text) {
            out = format!("{out}: {text}");
        }
        next = cause.source();
    }
    safe(&out, MOST_WORDS)
}

/// Seconds of `Retry-After`: a number, or a date by the server's own clock.
fn retry_after(headers: &HeaderMap) -> Option<i64> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = match text.parse::<i64>() {
        Ok(seconds) => seconds,
        Err(_) => date(text)?.as_second() - server_time(headers).unwrap_or_else(Timestamp::now).as_second(),
    };
    Some(seconds.clamp(0, MOST_WAIT))
}

fn date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text).ok().map(|z| z.timestamp())
}

/// The server's clock.
pub(super) fn server_time(headers: &HeaderMap) -> Option<Timestamp> {
    date(headers.get(header::DATE)?.to_str().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_a_number_or_a_date_and_never_endless() {
        let of = |pairs: &[(header::HeaderName, &str)]| retry_after(&pairs.iter().map(|(k, v)| (k.clone(), v.parse().unwrap())).collect());
        assert_eq!(of(&[(header::RETRY_AFTER, "7")]), Some(7));
        assert_eq!(of(&[(header::RETRY_AFTER, "99999999")]), Some(MOST_WAIT));
        assert_eq!(of(&[(header::RETRY_AFTER, "-3")]), Some(0));
        assert_eq!(of(&[(header::RETRY_AFTER, "soon")]), None);
        let dated = [(header::DATE, "Sun, 06 Nov 1994 08:49:37 GMT"), (header::RETRY_AFTER, "Sun, 06 Nov 1994 08:51:07 GMT")];
        assert_eq!(of(&dated), Some(90));
        assert_eq!(of(&[]), None);
    }
}
