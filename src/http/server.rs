//! Publishes doors: who shows a good token speaks to a [`Backend`] of their own.

use super::{
    MOST_EVIDENCE, MOST_JSON,
    limits::{Counted, Counts, Gate, Limits, MOST_HEAD, MOST_HEADERS, Place, fits, whole},
    metrics::Metrics,
    openapi, pipe,
    problem::Failed,
};
use crate::{
    backend::{
        ActRequest, Backend, Failure, FailureKind, Preview, Put, Query, Watched,
        ingest::{Batch, Ingested, Knock, MOST_BYTES},
        table::ACTS,
    },
    domain::sentence::Sentence,
};
use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{
        FromRequestParts, MatchedPath, Path, Query as Params, Request, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    middleware::{self, Next},
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
    routing::{get, post},
};
use futures_util::{Stream, StreamExt, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    convert::Infallible,
    io::{self, Read},
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};
use tower_http::compression::CompressionLayer;

/// How often a token is looked at again while a stream is open: revoking it ends the stream within five seconds.
const STILL: Duration = Duration::from_secs(3);
/// How long the data may take to answer whoever asks whether the server is ready.
const PROBE: Duration = Duration::from_secs(5);
/// Bytes of a file that are sent at a time.
const PIECE: u64 = 64 * 1024;
/// How many times as long as a piece a whole file of evidence may take.
const SLOWEST: u32 = 20;
/// How long requests in hand may take once the server is told to end.
const GRACE: Duration = Duration::from_secs(10);

/// What is behind the API. Everything here may block.
pub trait Doors: Send + Sync + 'static {
    /// The door of whoever a token is of.
    ///
    /// # Errors
    /// `token-unknown` for a token that opens none, whatever the reason.
    fn open(&self, token: &str) -> Result<Arc<dyn Backend>, Failure>;
    /// Whether somebody who says this may send a body to a source.
    ///
    /// # Errors
    /// Who may not.
    fn knock(&self, source: &str, knock: &Knock) -> Result<(), Failure>;
    /// Takes a batch of signals from a source that proves itself.
    ///
    /// # Errors
    /// Who may not send, a body that is no batch.
    fn ingest(&self, batch: Batch) -> Result<Ingested, Failure>;
    /// Whether the data can be reached.
    ///
    /// # Errors
    /// Why not.
    fn ready(&self) -> Result<(), Failure>;
}

/// Where and how it is served.
pub struct Served {
    pub listen: SocketAddr,
    /// Certificate chain and key, PEM. `None`: in plain text, behind something that does TLS.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Whether every request is written to standard error, as a line of JSON.
    pub log: bool,
    pub limits: Limits,
}

struct Shared {
    doors: Arc<dyn Doors>,
    metrics: Metrics,
    log: bool,
    limits: Limits,
    counts: Arc<Counts>,
}

type Api = State<Arc<Shared>>;

/// Serves until `end` is done; requests in hand then get ten seconds. `bound` is told the address.
///
/// # Errors
/// An address that cannot be had, a certificate that cannot be read.
pub async fn serve(
    doors: Arc<dyn Doors>,
    how: Served,
    bound: impl FnOnce(SocketAddr),
    end: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let limits = how.limits;
    let shared = Shared { doors, metrics: Metrics::new(), log: how.log, limits, counts: Arc::default() };
    let app = router(Arc::new(shared)).into_make_service();
    let listener = std::net::TcpListener::bind(how.listen)?;
    listener.set_nonblocking(true)?;
    bound(listener.local_addr()?);
    let handle = axum_server::Handle::new();
    let ending = handle.clone();
    tokio::spawn(async move {
        end.await;
        ending.graceful_shutdown(Some(GRACE));
    });
    match how.tls {
        Some((cert, key)) => {
            let tls = axum_server::tls_rustls::RustlsConfig::from_pem_file(cert, key).await?;
            let tls = axum_server::tls_rustls::RustlsAcceptor::new(tls).handshake_timeout(limits.head);
            bounded(axum_server::from_tcp(listener)?.acceptor(tls.acceptor(Gate::new(limits.connections))), limits)
                .handle(handle)
                .serve(app)
                .await
        }
        None => bounded(axum_server::from_tcp(listener)?.acceptor(Gate::new(limits.connections)), limits).handle(handle).serve(app).await,
    }
}

/// HTTP/1.1 only, as the client speaks it, and no connection that says nothing for long.
fn bounded<A>(server: axum_server::Server<SocketAddr, A>, limits: Limits) -> axum_server::Server<SocketAddr, A> {
    let mut server = server.http1_only().first_request_timeout(limits.head);
    server.http_builder().http1().header_read_timeout(limits.head).max_headers(MOST_HEADERS).max_buf_size(MOST_HEAD);
    server
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/v1/who", get(who))
        .route("/v1/acts/{name}", post(act))
        .route("/v1/queries/{name}", post(query))
        .route("/v1/changes", get(changes))
        .route("/v1/blobs/{hash}", get(blob))
        .route("/v1/imports", post(import))
        .route("/v1/evidence", post(evidence))
        .route("/v1/ingest/{source}", post(ingest))
        .route("/openapi.json", get(|| async { Json(openapi::document()) }))
        .route("/health/live", get(|| async { StatusCode::NO_CONTENT }))
        .route("/health/ready", get(ready))
        .route("/metrics", get(metrics))
        .fallback(|request: Request| async move { Failed::no_route(request.uri().path()) })
        .method_not_allowed_fallback(|| async { Failed(Failure::new(FailureKind::Usage, Sentence::new("http-method"))) })
        // Lists are many times smaller so, which counts on a telephone. Streams are left as they are.
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(shared.clone(), watch_over))
        .with_state(shared)
}

/// Counts and logs every request: what was asked in general, never whom it was about.
async fn watch_over(State(shared): Api, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().to_string();
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "-".to_owned(), |p| p.as_str().to_owned());
    let mut response = next.run(request).await;
    let took = began.elapsed();
    let status = response.status().as_u16();
    shared.metrics.answered(&method, &route, status, took);
    if shared.log {
        let line = json!({"at": jiff::Timestamp::now(), "method": method, "route": route, "status": status, "ms": took.as_millis() as u64});
        // Nobody may read it.
        let _ = io::Write::write_all(&mut io::stderr(), format!("{line}\n").as_bytes());
    }
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// The door of whoever asks.
struct Door {
    token: String,
    backend: Arc<dyn Backend>,
    /// Held for as long as something is done for it, also when nobody waits for the answer any more.
    place: Arc<Place>,
}

/// What follows `Bearer`, of a length that a token may have.
fn bearer(headers: &HeaderMap) -> String {
    let value = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let (scheme, token) = value.split_once(' ').unwrap_or_default();
    if scheme.eq_ignore_ascii_case("bearer") && token.len() <= 200 { token.trim().to_owned() } else { String::new() }
}

async fn open(doors: Arc<dyn Doors>, token: String) -> Result<Arc<dyn Backend>, Failed> {
    let opened = tokio::task::spawn_blocking(move || doors.open(&token)).await;
    opened.unwrap_or_else(|e| Err(Failure::broken(e))).map_err(Failed)
}

impl FromRequestParts<Arc<Shared>> for Door {
    type Rejection = Failed;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Failed> {
        let token = bearer(&parts.headers);
        let backend = open(shared.doors.clone(), token.clone()).await?;
        // What a token that is none asks for takes no place.
        let of = if parts.uri.path() == "/v1/changes" { Counted::Stream } else { Counted::Request };
        let place = Arc::new(shared.counts.place(&token, of, &shared.limits)?);
        Ok(Self { token, backend, place })
    }
}

async fn who(door: Door) -> Response {
    Json(door.backend.who()).into_response()
}

/// The body as an object; nothing is one without fields.
fn object(body: &Bytes) -> Result<serde_json::Map<String, Value>, Failed> {
    if body.is_empty() {
        return Ok(serde_json::Map::new());
    }
    serde_json::from_slice(body).map_err(Failed::usage)
}

/// An answer in time. What it is about goes on when nobody waits any more, and keeps its place.
async fn in_time<T: Send + 'static>(
    shared: &Shared,
    door: Door,
    late: Failure,
    work: impl Future<Output = Result<T, Failure>> + Send + 'static,
) -> Result<T, Failed> {
    let place = door.place.clone();
    let task = tokio::spawn(async move {
        let done = work.await;
        drop(place);
        done
    });
    match tokio::time::timeout(shared.limits.answer, task).await {
        Ok(done) => Ok(done.map_err(Failure::broken)??),
        Err(_) => Err(Failed(late)),
    }
}

async fn act(State(shared): Api, Path(name): Path<String>, door: Door, body: Body) -> Result<Response, Failed> {
    let body = whole(body, MOST_JSON, &shared.limits).await?;
    if !ACTS.iter().any(|row| row.name == name) {
        return Err(Failed::no_route(&format!("/v1/acts/{name}")));
    }
    let mut fields = object(&body)?;
    let act = fields.entry("act").or_insert_with(|| json!({}));
    act.as_object_mut().ok_or_else(|| Failed::usage("act: an object"))?.insert("act".into(), name.into());
    let request: ActRequest = serde_json::from_value(fields.into()).map_err(Failed::usage)?;
    let late =
        Failure::new(FailureKind::Unknown, Sentence::new("http-unknown").with("detail", "-")).next(Sentence::new("http-unknown-next"));
    let backend = door.backend.clone();
    Ok(Json(in_time(&shared, door, late, async move { backend.act(request).await }).await?).into_response())
}

async fn query(State(shared): Api, Path(name): Path<String>, door: Door, body: Body) -> Result<Response, Failed> {
    let body = whole(body, MOST_JSON, &shared.limits).await?;
    if !openapi::queries().any(|known| known == name) {
        return Err(Failed::no_route(&format!("/v1/queries/{name}")));
    }
    let mut fields = object(&body)?;
    fields.insert("query".into(), name.into());
    let query: Query = serde_json::from_value(fields.into()).map_err(Failed::usage)?;
    let late = Failure::new(FailureKind::Unreachable, Sentence::new("http-late"));
    let backend = door.backend.clone();
    Ok(Json(in_time(&shared, door, late, async move { backend.query(query).await }).await?).into_response())
}

#[derive(Deserialize)]
struct After {
    #[serde(default)]
    after: i64,
}

/// What changed: one answer, or a stream where the client wants one (`Accept: text/event-stream`).
async fn changes(
    State(shared): Api,
    after: Result<Params<After>, QueryRejection>,
    headers: HeaderMap,
    door: Door,
) -> Result<Response, Failed> {
    let after = after.map_err(Failed::usage)?;
    let streams = headers.get(header::ACCEPT).is_some_and(|a| a.as_bytes().starts_with(b"text/event-stream"));
    // A client that was cut off says how far it had come.
    let last = headers.get("Last-Event-ID").and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    let mark = last.unwrap_or(after.after);
    shared.metrics.watching.inc();
    let open = Watching(shared.clone());
    if !streams {
        let news = next(&shared, &door, mark, &mut Instant::now()).await;
        drop(open);
        return Ok(Json(news?).into_response());
    }
    Ok(Sse::new(stream_of(shared, door, mark, open)).into_response())
}

/// An open stream, counted.
struct Watching(Arc<Shared>);

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.metrics.watching.dec();
    }
}

/// Waits for news; ends when the token is no longer good, however often there are some. `seen` is when it was last seen to be.
async fn next(shared: &Arc<Shared>, door: &Door, mark: i64, seen: &mut Instant) -> Result<Watched, Failed> {
    let waits = door.backend.watch(mark);
    tokio::pin!(waits);
    loop {
        let left = STILL.saturating_sub(seen.elapsed());
        if let Ok(news) = tokio::time::timeout(left, &mut waits).await {
            return news.map_err(Failed);
        }
        drop(open(shared.doors.clone(), door.token.clone()).await?);
        *seen = Instant::now();
    }
}

fn stream_of(shared: Arc<Shared>, door: Door, mark: i64, open: Watching) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(Some((shared, door, mark, open, Instant::now())), |at| async move {
        let (shared, door, mark, open, mut seen) = at?;
        match next(&shared, &door, mark, &mut seen).await {
            Ok(news) => {
                let event = Event::default().id(news.mark.to_string()).event("changed");
                let event = event.json_data(&news).unwrap_or_default();
                let mark = news.mark;
                Some((Ok(event), Some((shared, door, mark, open, seen))))
            }
            Err(why) => {
                let event = Event::default().event("ended").data(why.0.what.code.as_ref());
                Some((Ok(event), None))
            }
        }
    })
}

async fn blob(hash: Result<Path<String>, PathRejection>, door: Door) -> Result<Response, Failed> {
    let Path(hash) = hash.map_err(Failed::usage)?;
    let bytes = door.backend.get(&hash).await?;
    // A piece is read when the one before is sent; nobody holds a thread between. The place is held to the end.
    let pieces = stream::unfold(Some((bytes, door.place)), |at| async move {
        let (mut bytes, place) = at?;
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = Vec::new();
            bytes.by_ref().take(PIECE).read_to_end(&mut piece).map(|_| (piece, bytes))
        });
        match read.await.unwrap_or_else(|e| Err(io::Error::other(e))) {
            Ok((piece, _)) if piece.is_empty() => None,
            Ok((piece, bytes)) => Some((Ok(piece), Some((bytes, place)))),
            // Cut off, so that it is not taken for whole.
            Err(e) => Some((Err(e), None)),
        }
    });
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], Body::from_stream(pieces.fuse())).into_response())
}

#[derive(Deserialize)]
struct ImportOf {
    kind: String,
    file: String,
    #[serde(default)]
    map: Option<String>,
    #[serde(default)]
    preview: Preview,
    #[serde(default)]
    bytes: Option<u64>,
}

async fn import(State(shared): Api, door: Door, of: Result<Params<ImportOf>, QueryRejection>, body: Body) -> Result<Response, Failed> {
    let Params(ImportOf { kind, file, map, preview, bytes }) = of.map_err(Failed::usage)?;
    take(&shared, door, Put::Import { kind, map, file, bytes, preview }, body).await
}

#[derive(Deserialize)]
struct EvidenceOf {
    file: String,
}

async fn evidence(State(shared): Api, door: Door, of: Result<Params<EvidenceOf>, QueryRejection>, body: Body) -> Result<Response, Failed> {
    let Params(of) = of.map_err(Failed::usage)?;
    fits(&body, MOST_EVIDENCE)?;
    // Not by a byte at a time either.
    let taken = tokio::time::timeout(shared.limits.body * SLOWEST, take(&shared, door, Put::Evidence { file: of.file }, body)).await;
    taken.unwrap_or_else(|_| Err(Failed::slow()))
}

/// Hands a body on while it arrives. One that is cut off is not taken for a whole one.
async fn take(shared: &Shared, door: Door, what: Put, body: Body) -> Result<Response, Failed> {
    let (send, pieces) = pipe::pipe();
    let mut body = body.into_data_stream();
    let feed = async move {
        loop {
            // Who sends nothing for long has gone.
            let next = tokio::time::timeout(shared.limits.body, body.next()).await;
            let is_late = next.is_err();
            let piece = next.unwrap_or_else(|e| Some(Err(axum::Error::new(e)))).transpose().map_err(io::Error::other);
            let is_last = !matches!(piece, Ok(Some(_)));
            // Who takes it may have had enough: it says why.
            let is_taken = send.send(piece).await.is_ok();
            if is_last || !is_taken {
                return is_late && is_taken;
            }
        }
    };
    let put = door.backend.put(what, Box::new(pieces), Box::new(|_| {}));
    let (is_late, staged) = tokio::join!(feed, put);
    if is_late {
        return Err(Failed::slow());
    }
    Ok(Json(staged?).into_response())
}

/// Signals from another system: signed with its secret, or under a token that may do nothing else.
async fn ingest(
    State(shared): Api,
    source: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Failed> {
    let Path(source) = source.map_err(Failed::usage)?;
    let text = |name: &str| headers.get(name).map(|v| v.to_str().map(str::to_owned).map_err(|_| Failed::usage(name))).transpose();
    let (knock, by) = match text("Tenure-Signature")? {
        Some(signature) => (Knock::Signature(signature), source.clone()),
        None => (Knock::Token(bearer(&headers)), bearer(&headers)),
    };
    let (doors, of, said) = (shared.doors.clone(), source.clone(), knock.clone());
    tokio::task::spawn_blocking(move || doors.knock(&of, &said)).await.unwrap_or_else(|e| Err(Failure::broken(e)))?;
    let _place = shared.counts.place(&by, Counted::Request, &shared.limits)?;
    let body = whole(body, MOST_BYTES, &shared.limits).await?;
    let batch = Batch { source, key: text("Idempotency-Key")?, knock, body: body.into() };
    let taken = tokio::task::spawn_blocking(move || shared.doors.ingest(batch)).await;
    Ok(Json(taken.unwrap_or_else(|e| Err(Failure::broken(e)))?).into_response())
}

async fn ready(State(shared): Api) -> Result<StatusCode, Failed> {
    let checked = tokio::time::timeout(PROBE, tokio::task::spawn_blocking(move || shared.doors.ready())).await;
    let late = |_| {
        let what = Sentence::new("http-unreachable").with("detail", format!("no answer within {} s", PROBE.as_secs()));
        Ok(Err(Failure::new(FailureKind::Unreachable, what)))
    };
    checked.unwrap_or_else(late).unwrap_or_else(|e| Err(Failure::broken(e)))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn metrics(State(shared): Api) -> Response {
    ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], shared.metrics.text()).into_response()
}
