//! Parses the command line, wires the rooms, runs one command.

#![forbid(unsafe_code)]

use clap::{CommandFactory, Parser, error::ErrorKind};
use jiff::{Timestamp, tz::TimeZone};
use std::{
    ffi::OsStr,
    fs::File,
    io::{BufWriter, IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError},
    },
    time::Duration,
};
use tenure::{
    backend::{Failure, FailureKind},
    cli::{self, Cli, Command, Global, Out, Run, Settle, Stop, Use, demo::Demo, key::Key, risk},
    demo::{self, Spec, home::Step},
    domain::{ids::ScoreId, operator::Identity, sentence::Sentence},
    service::{self, Config, Options, Service, migrate::Place, models::Models},
    store,
    text::{self, Lang, Texts},
    worker,
};
use tokio::{
    runtime::Runtime,
    signal::unix::{SignalKind, signal},
    sync::watch,
};

#[path = "main/api.rs"]
mod api;
#[path = "main/config.rs"]
mod config;
#[path = "main/console.rs"]
mod console;
#[path = "main/drafts.rs"]
mod drafts;
#[path = "main/forced.rs"]
mod forced;

fn main() -> ExitCode {
    // Without its hooks a panic is only less readable.
    let _ = color_eyre::install();
    if let Err(why) = forced::enter() {
        return forced::refuse(&why).into();
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => return usage(&e),
    };
    let home = home(&cli.global);
    let texts = Arc::new(Texts::new(&home.as_ref().map_or_else(|_| Vec::new(), |(dir, _)| config::own_texts(dir))));
    // A bad configuration is said by the command that needs it; the language of that sentence is then the terminal's.
    let config = home.as_ref().ok().and_then(|(dir, _)| Config::load(dir).ok()).unwrap_or_default();
    let mut out = Out::stdout(texts, lang(&cli.global, &config), config.time_zone(), cli.global.json);
    let done = home.map_err(Stop::from).and_then(|(dir, data)| run(App { global: cli.global, dir, data }, cli.command, &mut out));
    if done.is_ok() {
        out.old();
    }
    let code = done.unwrap_or_else(|stop| out.fail(&stop));
    match out.flush().map_err(Stop::from) {
        Err(stop @ Stop::Output(_)) if code == 0 => out.fail(&stop).into(),
        _ => code.into(),
    }
}

/// How long a finished worker beside a command sleeps.
const NAP: Duration = Duration::from_millis(20);

/// What every command is started with.
struct App {
    global: Global,
    dir: PathBuf,
    data: Data,
}

/// A command line that cannot be parsed, or a wish for help.
fn usage(e: &clap::Error) -> ExitCode {
    let asked = matches!(e.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if !asked && std::env::args_os().any(|a| a == OsStr::new("--json")) {
        let detail = e.render().to_string();
        let failure = Failure::new(FailureKind::Usage, Sentence::new("cli-usage").with("detail", detail.trim_end()));
        return Out::stdout(Arc::new(Texts::new(&[])), env_lang(), TimeZone::UTC, true).fail(&failure.into()).into();
    }
    // Nobody may read it.
    let _ = e.print();
    u8::try_from(e.exit_code()).unwrap_or(2).into()
}

/// Where the data is.
#[derive(Clone, Debug, PartialEq)]
enum Data {
    /// Where the home says.
    Home,
    /// On the PostgreSQL server of this URL.
    Server(String),
    /// Behind the HTTP API at this URL.
    Api(String),
}

/// The folder that --home or --backend names, else the user's; and where --backend says that the data is.
fn home(global: &Global) -> Result<(PathBuf, Data), Failure> {
    let Some(url) = &global.backend else { return Ok((service::home::locate(global.home.clone())?, Data::Home)) };
    if ["https://", "http://"].iter().any(|scheme| url.starts_with(scheme)) {
        return Ok((service::home::locate(global.home.clone())?, Data::Api(url.clone())));
    }
    match place(url)? {
        Place::Server(url) => Ok((service::home::locate(global.home.clone())?, Data::Server(url))),
        Place::Home(dir) if global.home.as_ref().is_some_and(|home| *home != dir) => {
            Err(Failure::new(FailureKind::Usage, Sentence::new("cli-backend-twice")))
        }
        Place::Home(dir) => Ok((dir, Data::Home)),
    }
}

/// Where a URL says that data is.
fn place(url: &str) -> Result<Place, Failure> {
    if ["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
        return Ok(Place::Server(url.into()));
    }
    // What stands in a URL may be a secret.
    let shown = || url.split_once("://").map_or(url, |(scheme, _)| scheme);
    let unknown = || Failure::new(FailureKind::Usage, Sentence::new("cli-backend").with("url", shown()));
    let path = Path::new(url.strip_prefix("sqlite:").filter(|p| !p.is_empty()).ok_or_else(unknown)?);
    let dir = if path.file_name() == service::home::database(path).file_name() { path.parent().unwrap_or(path) } else { path };
    Ok(Place::Home(dir.into()))
}

fn lang(global: &Global, config: &Config) -> Lang {
    let named = global.lang.as_deref().or(Some(config.console.lang.as_str()));
    named.and_then(|tag| tag.parse().ok()).unwrap_or_else(env_lang)
}

fn env_lang() -> Lang {
    Lang::from_env(|name| std::env::var(name).ok())
}

fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(Failure::broken)
}

fn run(app: App, command: Option<Command>, out: &mut Out) -> Result<u8, Stop> {
    app.may_name()?;
    match command {
        None => console::first(&app, out),
        Some(Command::Use(Use::Risk(risk::Risk::Predict(p)))) if p.needs_no_home() => predict(&app, &p, out),
        Some(Command::Use(command)) => through_the_door(&app, command, out),
        Some(Command::Run(_)) if app.global.forced => {
            Err(Failure::new(FailureKind::Usage, Sentence::new("forced-run")).next(Sentence::new("forced-next")).into())
        }
        Some(Command::Run(command)) => run_home(app, command, out),
    }
}

impl App {
    /// Whether the home was named, on the command line or in the environment.
    fn is_named(&self) -> bool {
        self.global.home.is_some() || self.global.backend.is_some()
    }

    fn open(&self, create: bool) -> Result<Arc<Service>, Failure> {
        let read_only = self.global.read_only;
        let server = self.server()?;
        // A login makes no home where an administrator has named the wrong folder.
        let create = create && !read_only && !self.global.forced;
        Service::open(Options { create, read_only, server, ..Options::new(&self.dir) })
    }

    /// Who it is that acts.
    fn identify(&self, service: &Service) -> Result<Identity, Failure> {
        let named = self.global.operator.as_deref();
        if self.global.forced { forced::identify(service, named) } else { service.identify(named) }
    }

    /// `--as` is for a home in files, where whoever can read it can do everything anyway, and for a command that the host has fixed.
    fn may_name(&self) -> Result<(), Failure> {
        if self.global.operator.is_some() && !self.global.forced && self.on_server() {
            return Err(Failure::new(FailureKind::Usage, Sentence::new("cli-as-server")).next(Sentence::new("cli-as-server-next")));
        }
        Ok(())
    }

    /// The server in place of what the home says.
    ///
    /// # Errors
    /// The data is behind the HTTP API: nothing is opened here.
    fn server(&self) -> Result<Option<String>, Failure> {
        match &self.data {
            Data::Home => Ok(None),
            Data::Server(url) => Ok(Some(url.clone())),
            Data::Api(_) => {
                Err(Failure::new(FailureKind::Usage, Sentence::new("cli-not-over-http")).next(Sentence::new("cli-file-home-next")))
            }
        }
    }

    /// Whether the data is on a server.
    fn on_server(&self) -> bool {
        self.data != Data::Home || Config::load(&self.dir).is_ok_and(|c| !c.database.url.is_empty())
    }
}

fn through_the_door(app: &App, command: Use, out: &mut Out) -> Result<u8, Stop> {
    if let Data::Api(url) = &app.data {
        return runtime()?.block_on(async {
            let backend = api::client(app, url, out).await?;
            cli::run(command, &backend, out).await
        });
    }
    let service = app.open(command.acts())?;
    let session = service.session(app.identify(&service)?);
    let settle = if app.global.read_only { Settle::No } else { command.settle() };
    match settle {
        Settle::Before => drop(worker::drain(&service)?),
        Settle::Retry => drop(worker::retry(&service)?),
        Settle::No | Settle::Beside => {}
    }
    let rooms = runtime()?;
    let answered = std::thread::scope(|scope| {
        let (stop, stopped) = mpsc::channel::<()>();
        if settle == Settle::Beside {
            // What goes wrong here is seen by the last drain, or in the queue.
            scope.spawn(move || while stopped.recv_timeout(NAP) == Err(RecvTimeoutError::Timeout) && worker::drain(&service).is_ok() {});
        }
        let answered = rooms.block_on(cli::run(command, &session, out));
        drop(stop);
        answered
    });
    let settled = if settle == Settle::Beside { worker::drain(session.service()).map(|_| ()) } else { Ok(()) };
    session.flush()?;
    let code = answered?;
    settled?;
    if settle == Settle::Beside {
        steps_wait(session.service(), out)?;
    }
    Ok(code)
}

/// Says where orders of the home have something left to do, for nobody does it once this process has ended.
fn steps_wait(service: &Service, out: &Out) -> Result<(), Failure> {
    let open = service.db().read(store::freeze::targets_in_hand).map_err(Failure::from)?;
    if !open.is_empty() {
        out.hint(&Sentence::new("cli-steps-wait").with("targets", open.join(", ")));
    }
    Ok(())
}

/// A prediction of stated inputs: needs a scorer and no company.
fn predict(app: &App, command: &risk::Predict, out: &mut Out) -> Result<u8, Stop> {
    let models = Models::load(&app.dir)?;
    let config = Config::load(&app.dir)?;
    let model = models.get(command.model.as_deref().unwrap_or(&config.scoring.model))?;
    let inputs = command.inputs()?.unwrap_or_default();
    let evaluation = model.predict(&inputs).map_err(|what| Failure::new(FailureKind::Usage, what))?;
    let now = Timestamp::now();
    let day = now.to_zoned(out.zone.clone()).date();
    risk::print_prediction(out, &evaluation.to_score(model, ScoreId(uuid::Uuid::nil()), day, now))
}

fn run_home(app: App, command: Run, out: &mut Out) -> Result<u8, Stop> {
    // These go past the door, which would refuse them.
    let changes = match &command {
        Run::Demo(d) => d.write_signals.is_none(),
        Run::Worker { .. } | Run::Restore { .. } | Run::Migrate { .. } | Run::Key(Key::Rotate) => true,
        _ => false,
    };
    if changes && app.global.read_only {
        return Err(Failure::new(FailureKind::Refused, Sentence::new("read-only")).next(Sentence::new("read-only-next")).into());
    }
    if matches!(command, Run::Demo(_) | Run::Restore { .. }) && app.on_server() {
        let what = Sentence::new("cli-file-home");
        return Err(Failure::new(FailureKind::Usage, what).next(Sentence::new("cli-file-home-next")).into());
    }
    match command {
        Run::Demo(d) => return demo(app, &d, out),
        Run::Worker { once } => return work(&app, once, out),
        Run::Serve(how) => api::serve(&app, how, out)?,
        Run::Backup { file } => {
            service::backup::backup(&*app.open(false)?, &file)?;
            done(out, &Sentence::new("cli-backup-done").with("file", file.display()))?;
        }
        Run::Restore { file } => {
            let kept = service::backup::restore(&app.dir, &file)?;
            done(out, &Sentence::new("cli-restored").with("file", file.display()).with("kept", kept.display()))?;
        }
        Run::Migrate { to } => {
            let report = service::migrate::migrate(&*app.open(false)?, &place(&to)?)?;
            if out.json {
                out.json(&report)?;
                return Ok(0);
            }
            let done = Sentence::new("cli-migrated").with("from", report.from).with("to", report.to).with("rows", report.rows);
            let done = done.with("acts", report.acts).with("reads", report.reads);
            let tables: Vec<_> = report.tables.into_iter().map(|t| (t.table, t.rows, t.digest)).collect();
            cli::migrate::print(out, &done, &tables)?;
        }
        Run::Key(Key::Export) => {
            let key = service::keys::export(&app.dir)?;
            if out.json { out.json(&serde_json::json!({"key": *key}))? } else { out.line(&key)? }
        }
        Run::Key(Key::Rotate) => {
            service::keys::rotate(&*app.open(false)?)?;
            done(out, &Sentence::new("cli-key-rotated"))?;
        }
        Run::Config(c) => return config::run(&app, &c, out),
        Run::Doctor => {
            if let Data::Api(url) = &app.data {
                return api::doctor(&app, url, out);
            }
            let findings: Vec<_> = service::doctor::check(&app.dir, app.server()?).into_iter().map(|f| (f.ok, f.what)).collect();
            return cli::doctor::print(out, &findings);
        }
        Run::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "tenure", &mut script);
            out.write(&String::from_utf8_lossy(&script))?;
        }
    }
    Ok(0)
}

/// Says what was done: a sentence, or under `--json` the sentence as data.
fn done(out: &mut Out, what: &Sentence) -> Result<(), Stop> {
    if out.json {
        let text = out.text(what);
        return out.json(&serde_json::json!({"ok": true, "code": what.code, "args": what.args, "text": text}));
    }
    Ok(out.tell(what)?)
}

/// Runs the home's jobs: once, or until the process is told to end.
fn work(app: &App, once: bool, out: &mut Out) -> Result<u8, Stop> {
    let service = app.open(true)?;
    if once {
        let ran = worker::drain(&service)?;
        let what = Sentence::new("cli-worker-ran").with("jobs", ran.jobs).with("failed", ran.failed);
        if out.json {
            out.json(&serde_json::json!({"jobs": ran.jobs, "failed": ran.failed}))?
        } else {
            out.tell(&what)?
        }
        return Ok(u8::from(ran.failed > 0));
    }
    runtime()?.block_on(async {
        let (stop, stopped) = watch::channel(false);
        let mut terminated = signal(SignalKind::terminate()).map_err(Failure::broken)?;
        let running = tokio::spawn(worker::run(service, stopped));
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminated.recv() => {}
        }
        // The job in hand is finished first; killing the process instead loses nothing either.
        let _ = stop.send(true);
        running.await.map_err(Failure::broken)?
    })?;
    Ok(0)
}

fn demo(app: App, command: &Demo, out: &mut Out) -> Result<u8, Stop> {
    let zone = Config::default().time_zone();
    let as_of = command.as_of.map_or_else(|| Ok(Timestamp::now()), |t| t.instant(&zone)).map_err(Failure::broken)?;
    let spec = Spec { employees: command.employees, seed: command.seed, ..Spec::new(as_of, zone) };
    if let Some(path) = &command.write_signals {
        let failed = |e: std::io::Error| {
            Stop::from(Failure::new(FailureKind::Failed, Sentence::new("cli-unwritable").with("file", path.display()).with("error", e)))
        };
        let mut file = BufWriter::new(File::create(path).map_err(failed)?);
        let written = demo::write_signals(&spec, command.signals, &mut file).and_then(|n| file.flush().map(|()| n)).map_err(failed)?;
        done(out, &Sentence::new("cli-demo-signals").with("signals", written).with("file", path.display()))?;
        return Ok(0);
    }
    let dir = if app.is_named() { app.dir.clone() } else { service::home::sample_dir(None)? };
    let shown = std::io::stderr().is_terminal() && !out.json;
    let opens = !command.no_console && !out.json && console::on_terminal();
    let built = demo::home::build(&dir, &spec, command.reset, |step| {
        let key = match step {
            Step::People => "cli-demo-people",
            Step::Signals => "cli-demo-signals-step",
            Step::Scores => "cli-demo-scores",
            Step::Story => "cli-demo-story",
            Step::Customers => "cli-demo-customers",
        };
        if shown {
            // Nobody needs it.
            let _ = write!(std::io::stderr(), "\r{}", text::fit(&out.word(key), 40));
        }
    });
    if shown {
        let _ = write!(std::io::stderr(), "\r{}\r", " ".repeat(40));
    }
    let app = App { dir, ..app };
    match built {
        // Built before: whoever asks for the demo again wants to see it.
        Err(e) if e.what.code == "demo-exists" && opens => return console::open(&app, out).map(|_| 0),
        built => built?,
    }
    let service = app.open(false)?;
    let (people, signals) = service.db().read(store::import::counts).map_err(Failure::from)?;
    drop(service);
    let built = Sentence::new("cli-demo-built").with("home", app.dir.display()).with("people", people).with("signals", signals);
    done(out, &built)?;
    if opens {
        console::open(&app, out)?;
    }
    Ok(0)
}
