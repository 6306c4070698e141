//! The HTTP API from both ends: a home is published, or a company on another host is opened.

use super::{
    App,
    console::{GRACE, look},
    runtime,
};
use jiff::{Timestamp, tz::TimeZone};
use std::sync::Arc;
use tenure::{
    backend::{
        self, Answer, Backend, Failure, FailureKind, Query,
        ingest::{Batch, Ingested, Knock},
    },
    cli::{self, Out, Stop},
    console,
    domain::sentence::Sentence,
    http,
    service::{Config, Doors},
    store, worker,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};
use zeroize::Zeroizing;

async fn open(app: &App, url: &str) -> Result<http::Client, Failure> {
    if app.global.forced {
        return Err(Failure::new(FailureKind::Usage, Sentence::new("cli-not-over-http")).next(Sentence::new("cli-file-home-next")));
    }
    let missing = || Failure::new(FailureKind::Usage, Sentence::new("http-token")).next(Sentence::new("http-token-next"));
    let token = match &app.global.token_file {
        Some(file) => std::fs::read_to_string(file).map_err(|e| {
            Failure::new(FailureKind::Usage, Sentence::new("http-token-file").with("file", file.display()).with("detail", e))
        })?,
        None => std::env::var("TENURE_TOKEN").map_err(|_| missing())?,
    };
    let token = Zeroizing::new(token.trim().to_owned());
    if token.is_empty() {
        return Err(missing());
    }
    http::Client::open(url, token, app.global.ca.as_deref(), app.global.read_only).await
}

/// How far the clocks are apart, where that is worth saying.
fn clocks(at: Timestamp) -> Option<Sentence> {
    backend::skew(at, Timestamp::now()).map(|skew| Sentence::new("cli-clock").with("seconds", skew.as_secs().abs()))
}

/// The door of the HTTP API, with the company's zone.
pub async fn client(app: &App, url: &str, out: &mut Out) -> Result<http::Client, Failure> {
    let client = open(app, url).await?;
    let reply = client.query(Query::Home).await?;
    if let Answer::Home(home) = reply.answer
        && let Ok(zone) = TimeZone::get(&home.zone)
    {
        out.zone = zone;
    }
    if let Some(what) = clocks(reply.at) {
        out.hint(&what);
    }
    Ok(client)
}

/// What is wrong or unprotected on the way to a company behind the HTTP API.
pub fn doctor(app: &App, url: &str, out: &mut Out) -> Result<u8, Stop> {
    let rooms = runtime()?;
    let (client, reply) = rooms.block_on(async {
        let client = open(app, url).await?;
        let reply = client.query(Query::Home).await?;
        Ok::<_, Failure>((client, reply))
    })?;
    let who = client.who();
    let proof = out.name("proof", who.proof);
    let way = if url.starts_with("https://") { "doctor-api-tls" } else { "doctor-api-plain" };
    let mut findings = vec![
        (true, Sentence::new("doctor-api").with("server", url).with("name", &who.name).with("proof", proof)),
        (true, Sentence::new(way).with("server", url)),
    ];
    findings.push(clocks(reply.at).map_or_else(|| (true, Sentence::new("doctor-api-clock")), |what| (false, what)));
    cli::doctor::print(out, &findings)
}

/// The console of a company behind the HTTP API; its jobs run elsewhere.
pub fn console(app: &App, url: &str, out: &mut Out) -> Result<console::Left, Stop> {
    let rooms = runtime()?;
    let backend = rooms.block_on(client(app, url, out))?;
    let mut options = look(app, &Config::load(&app.dir)?, out)?;
    options.runs = false;
    options.no_sample = Some(Sentence::new("off-sample-used"));
    let left = rooms.block_on(console::run(Arc::new(backend), options));
    rooms.shutdown_timeout(GRACE);
    Ok(left?)
}

/// The home behind the HTTP API.
struct Published(Doors);

impl http::Doors for Published {
    fn open(&self, token: &str) -> Result<Arc<dyn Backend>, Failure> {
        Ok(self.0.open(token)?)
    }

    fn knock(&self, source: &str, knock: &Knock) -> Result<(), Failure> {
        self.0.service().knock(source, knock)
    }

    fn ingest(&self, batch: Batch) -> Result<Ingested, Failure> {
        self.0.service().ingest(&batch)
    }

    fn ready(&self) -> Result<(), Failure> {
        Ok(self.0.service().db().read(|tx| store::audit::head(tx, store::audit::Chain::Acts)).map(|_| ())?)
    }
}

/// Publishes the home until the process is told to end.
pub fn serve(app: &App, how: cli::Serve, out: &mut Out) -> Result<(), Stop> {
    let service = app.open(true)?;
    let served = http::Served { listen: how.listen, tls: how.tls_cert.zip(how.tls_key), log: true, limits: http::Limits::default() };
    let scheme = if served.tls.is_some() { "https" } else { "http" };
    let rooms = runtime()?;
    let ended = rooms.block_on(async {
        let (stop, stopped) = watch::channel(false);
        let mut terminated = signal(SignalKind::terminate()).map_err(Failure::broken)?;
        let running = (!how.no_worker && !app.global.read_only).then(|| tokio::spawn(worker::run(service.clone(), stopped)));
        let mut told = Ok(());
        let bound = |at| {
            let url = format!("{scheme}://{at}");
            let line = if out.json {
                out.json(&serde_json::json!({"url": url}))
            } else {
                out.tell(&Sentence::new("cli-serving").with("url", url)).map_err(Stop::from)
            };
            told = line.and_then(|()| Ok(out.flush()?));
        };
        let end = async move {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminated.recv() => {}
            }
        };
        let doors = Arc::new(Published(Doors::new(service)));
        let served = http::serve(doors.clone(), served, bound, end).await;
        doors.0.flush()?;
        let _ = stop.send(true);
        if let Some(running) = running {
            running.await.map_err(Failure::broken)??;
        }
        told?;
        served
            .map_err(|e| Stop::from(Failure::new(FailureKind::Failed, Sentence::new("cli-serve").with("at", how.listen).with("detail", e))))
    });
    rooms.shutdown_timeout(GRACE);
    ended
}
