//! The door to a company on another host: a [`Backend`] over the HTTP API.
//!
//! What was sent and not answered is unknown. An act carries a key, so it is said again until the server tells what became of it; only when
//! that cannot be had the operator hears that it is not known.

use super::{MOST_ANSWER, MOST_EVIDENCE, pipe, problem::Problem};
use crate::{
    backend::{ActReply, ActRequest, Backend, Failure, FailureKind, OnProgress, Progress, Put, Query, Reply, Source, Staged, Watched},
    domain::{operator::Identity, sentence::Sentence},
};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::{
    io::{self, Read},
    path::Path,
    sync::Arc,
    time::Duration,
};
use uuid::Uuid;
use zeroize::Zeroizing;

const CONNECT: Duration = Duration::from_secs(5);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(30);
/// A watch answers after 25 s at the latest.
const WATCH: Duration = Duration::from_secs(40);
/// When an act whose answer was lost is said again.
const AGAIN: [Duration; 4] = [Duration::from_millis(200), Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(6)];
/// When what the server had no place for is said again.
const BUSY: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];
/// Bytes of a file that are sent at a time.
const PIECE: usize = 64 << 10;

/// A [`Backend`] on another host.
pub struct Client {
    http: reqwest::Client,
    base: Url,
    token: Zeroizing<String>,
    who: Identity,
    /// Acts are refused here already.
    read_only: bool,
}

fn fault(kind: FailureKind, code: &'static str, detail: impl ToString) -> Failure {
    Failure::new(kind, Sentence::new(code).with("detail", detail))
}

/// An error with its causes, without the URL: what stands in it is nobody's business.
fn words(e: reqwest::Error) -> String {
    let e = e.without_url();
    let mut out = e.to_string();
    let mut cause = std::error::Error::source(&e);
    while let Some(c) = cause {
        let text = c.to_string();
        if !out.contains(&text) {
            out = format!("{out}: {text}");
        }
        cause = c.source();
    }
    out
}

/// The system's authorities, or one of the company's own.
fn tls(ca: Option<&Path>) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    match ca {
        Some(file) => {
            for cert in CertificateDer::pem_file_iter(file).map_err(|e| format!("{}: {e}", file.display()))? {
                roots.add(cert.map_err(|e| format!("{}: {e}", file.display()))?).map_err(|e| e.to_string())?;
            }
        }
        None => drop(roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs)),
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|e| e.to_string())?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

impl Client {
    /// Asks the server who the token is of. `ca` is a file of authorities in place of the system's.
    ///
    /// # Errors
    /// A URL that would carry the token in plain text to another host, a server that cannot be reached, a token that it does not know.
    pub async fn open(url: &str, token: Zeroizing<String>, ca: Option<&Path>, read_only: bool) -> Result<Self, Failure> {
        let bad = || Failure::new(FailureKind::Usage, Sentence::new("http-url")).next(Sentence::new("http-url-next"));
        let mut base = Url::parse(url).map_err(|_| bad())?;
        let name = base.host_str().unwrap_or_default();
        let here = name == "localhost" || name == "[::1]" || name.starts_with("127.");
        if !(base.scheme() == "https" || base.scheme() == "http" && here) || base.password().is_some() || base.query().is_some() {
            return Err(bad());
        }
        base.set_path(&format!("{}/", base.path().trim_end_matches('/')));
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(CONNECT)
            .user_agent(concat!("tenure/", env!("CARGO_PKG_VERSION")))
            .tls_backend_preconfigured(tls(ca).map_err(|e| fault(FailureKind::Usage, "http-tls", e))?)
            .build()
            .map_err(|e| fault(FailureKind::Usage, "http-tls", words(e)))?;
        // Nobody until the server has said who.
        let nobody = Identity {
            operator: crate::domain::ids::OperatorId(Uuid::nil()),
            name: String::new(),
            role: crate::domain::operator::Role::Auditor,
            proof: crate::domain::operator::Proof::Token,
            key: None,
        };
        let mut client = Self { http, base, token, who: nobody, read_only };
        client.who = client.ask(client.request(Method::GET, "v1/who")?.timeout(ANSWER)).await?;
        Ok(client)
    }

    fn may_write(&self) -> Result<(), Failure> {
        if self.read_only {
            return Err(Failure::new(FailureKind::Refused, Sentence::new("read-only")).next(Sentence::new("read-only-next")));
        }
        Ok(())
    }

    fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, Failure> {
        let url = self.base.join(path).map_err(Failure::broken)?;
        Ok(self.http.request(method, url).bearer_auth(self.token.as_str()))
    }

    /// Sends what changes nothing, and reads the answer.
    async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Failure> {
        let lost = |e| fault(FailureKind::Unreachable, "http-unreachable", words(e)).next(Sentence::new("http-unreachable-next"));
        read(send(request).await.map_err(lost)?).await
    }

    /// One attempt at an act. `Err(Unknown)`: it may have been done.
    async fn attempt(&self, name: &str, body: &serde_json::Value) -> Result<ActReply, Failure> {
        let request = self.request(Method::POST, &format!("v1/acts/{name}"))?.timeout(ANSWER).json(body);
        match send(request).await {
            Ok(response) => {
                let status = response.status();
                read(response).await.map_err(|why| {
                    // A gateway answered in the server's place, or the answer broke off.
                    let is_strange = matches!(why.what.code.as_ref(), "http-strange" | "http-unreachable");
                    if is_strange && (status.is_server_error() || status.is_success()) { unknown(why) } else { why }
                })
            }
            Err(e) if e.is_connect() => {
                Err(fault(FailureKind::Unreachable, "http-unreachable", words(e)).next(Sentence::new("http-unreachable-next")))
            }
            Err(e) => Err(unknown(fault(FailureKind::Unknown, "http-unreachable", words(e)))),
        }
    }
}

/// Sends a request; later, where the server has no place for it now. What it did not take it did not do.
async fn send(request: RequestBuilder) -> reqwest::Result<Response> {
    for wait in BUSY {
        // What is read from a stream is not there twice.
        let Some(now) = request.try_clone() else { break };
        let response = now.send().await?;
        if response.status() != StatusCode::TOO_MANY_REQUESTS {
            return Ok(response);
        }
        tokio::time::sleep(wait).await;
    }
    request.send().await
}

fn unknown(why: Failure) -> Failure {
    let detail = why.what.args.get("detail").cloned().unwrap_or_default();
    fault(FailureKind::Unknown, "http-unknown", detail).next(Sentence::new("http-unknown-next"))
}

/// All of an answer, if it is no longer than `most` bytes.
async fn whole(mut response: Response, most: usize) -> Result<Vec<u8>, Failure> {
    let lost = |e| fault(FailureKind::Unreachable, "http-unreachable", words(e)).next(Sentence::new("http-unreachable-next"));
    let mut all = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(lost)? {
        if all.len() + piece.len() > most {
            let what = Sentence::new("http-strange").with("status", response.status().as_u16()).with("detail", format!("> {most} B"));
            return Err(Failure { what, ..fault(FailureKind::Unreachable, "http-strange", "") });
        }
        all.extend_from_slice(&piece);
    }
    Ok(all)
}

/// A good answer, or the failure that the server tells of.
async fn read<T: DeserializeOwned>(response: Response) -> Result<T, Failure> {
    let status = response.status();
    let strange = |detail: String| Failure {
        what: Sentence::new("http-strange").with("status", status.as_u16()).with("detail", detail),
        ..fault(FailureKind::Unreachable, "http-strange", "")
    };
    let bytes = whole(response, MOST_ANSWER).await?;
    if status.is_success() {
        return serde_json::from_slice(&bytes).map_err(|e| strange(e.to_string()));
    }
    match serde_json::from_slice::<Problem>(&bytes) {
        Ok(problem) => Err(problem.failure),
        Err(_) => Err(strange(status.canonical_reason().unwrap_or_default().into())),
    }
}

/// The fields of what is tagged, without the tag: the path says it.
fn body_of(what: &impl serde::Serialize, tag: &str) -> Result<(String, serde_json::Value), Failure> {
    let mut body = serde_json::to_value(what).map_err(Failure::broken)?;
    let name = body.as_object_mut().and_then(|o| o.remove(tag)).and_then(|n| n.as_str().map(str::to_owned));
    Ok((name.ok_or_else(|| Failure::broken("a request without a name"))?, body))
}

#[async_trait]
impl Backend for Client {
    fn who(&self) -> &Identity {
        &self.who
    }

    async fn query(&self, query: Query) -> Result<Reply, Failure> {
        let (name, body) = body_of(&query, "query")?;
        self.ask(self.request(Method::POST, &format!("v1/queries/{name}"))?.timeout(ANSWER).json(&body)).await
    }

    async fn act(&self, mut request: ActRequest) -> Result<ActReply, Failure> {
        self.may_write()?;
        // Without one a lost answer could never be settled.
        request.key.get_or_insert_with(|| Uuid::new_v4().to_string());
        let (name, act) = body_of(&request.act, "act")?;
        let mut body = serde_json::to_value(&request).map_err(Failure::broken)?;
        if let Some(fields) = body.as_object_mut() {
            fields.insert("act".into(), act);
        }
        let answer = self.attempt(&name, &body).await;
        if !matches!(&answer, Err(why) if why.kind == FailureKind::Unknown) {
            return answer;
        }
        for wait in AGAIN {
            tokio::time::sleep(wait).await;
            // Only an answer to the act settles it. Whoever is turned away by now, or does not come through, knows no more than before.
            if let Ok(told) = self.attempt(&name, &body).await {
                return Ok(told);
            }
        }
        answer
    }

    async fn put(&self, what: Put, bytes: Source, mut progress: OnProgress) -> Result<Staged, Failure> {
        self.may_write()?;
        let (path, params) = match what {
            Put::Import { kind, map, file, bytes, preview } => {
                let preview = serde_json::to_value(preview).ok().and_then(|p| p.as_str().map(str::to_owned));
                let given = [
                    ("kind", Some(kind)),
                    ("file", Some(file)),
                    ("map", map),
                    ("preview", preview),
                    ("bytes", bytes.map(|n| n.to_string())),
                ];
                ("v1/imports", given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect::<Vec<_>>())
            }
            Put::Evidence { file } => ("v1/evidence", vec![("file", file)]),
        };
        let (send, pieces) = pipe::pipe();
        // Ends when the request does: nobody takes the pieces then.
        tokio::task::spawn_blocking(move || {
            let (mut from, mut sent) = (bytes, Progress::default());
            let mut piece = vec![0; PIECE];
            loop {
                match from.read(&mut piece) {
                    Ok(0) => return drop(send.blocking_send(Ok(None))),
                    Ok(n) => {
                        if send.blocking_send(Ok(Some(Bytes::copy_from_slice(piece.get(..n).unwrap_or_default())))).is_err() {
                            return;
                        }
                        sent.bytes += n as u64;
                        progress(sent);
                    }
                    Err(e) => return drop(send.blocking_send(Err(e))),
                }
            }
        });
        let body = reqwest::Body::wrap_stream(stream::unfold(pieces, |mut pieces| async move { Some((pieces.next().await?, pieces)) }));
        self.ask(self.request(Method::POST, path)?.query(&params).body(body)).await
    }

    async fn get(&self, hash: &str) -> Result<Source, Failure> {
        let lost = |e| fault(FailureKind::Unreachable, "http-unreachable", words(e)).next(Sentence::new("http-unreachable-next"));
        let response = self.request(Method::GET, &format!("v1/blobs/{hash}"))?.send().await.map_err(lost)?;
        if !response.status().is_success() {
            return Err(read::<serde::de::IgnoredAny>(response).await.err().unwrap_or_else(|| Failure::broken("no problem document")));
        }
        let (send, pieces) = pipe::pipe();
        // Ends when nobody reads any more.
        tokio::spawn(async move {
            let mut body = response.bytes_stream();
            while let Some(piece) = body.next().await {
                let piece = piece.map(Some).map_err(|e| io::Error::other(words(e)));
                let broken = piece.is_err();
                if send.send(piece).await.is_err() || broken {
                    return;
                }
            }
            let _ = send.send(Ok(None)).await;
        });
        Ok(Box::new(Fitting { bytes: pieces.take(MOST_EVIDENCE), hash: hash.to_owned(), sum: Sha256::new() }))
    }

    async fn watch(&self, mark: i64) -> Result<Watched, Failure> {
        self.ask(self.request(Method::GET, "v1/changes")?.query(&[("after", mark)]).timeout(WATCH)).await
    }
}

/// The bytes of a stored file, which must be those of its hash in the end.
struct Fitting {
    bytes: io::Take<pipe::Pipe>,
    hash: String,
    sum: Sha256,
}

impl Read for Fitting {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.bytes.read(into)?;
        self.sum.update(into.get(..n).unwrap_or_default());
        if n == 0 && !into.is_empty() && hex::encode(self.sum.clone().finalize()) != self.hash {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the bytes are not those of the hash"));
        }
        Ok(n)
    }
}
