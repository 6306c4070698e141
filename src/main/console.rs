//! The console over a home, and how it starts.

use super::{App, Data, api, config, drafts, runtime, steps_wait};
use jiff::Timestamp;
use std::{ffi::OsString, io::IsTerminal, os::unix::process::CommandExt, path::PathBuf, process, sync::Arc, time::Duration};
use tenure::{
    backend::{Failure, FailureKind},
    cli::{Out, Stop},
    console::{self, look::Glyphs, runtime::files::Files},
    domain::sentence::Sentence,
    service::Config,
    store, worker,
};
use tokio::sync::watch;

/// Whether somebody sits at the other end.
pub fn on_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// The console; from an empty home perhaps on to `tenure demo`, with the flags of this command.
pub fn first(app: &App, out: &mut Out) -> Result<u8, Stop> {
    let left = open(app, out)?;
    if !left.for_sample {
        return Ok(0);
    }
    // Another program in this process: keys, signals and locks of the console that was left are gone with it.
    let mut given = std::env::args_os().skip(1);
    let mut args: Vec<OsString> = Vec::new();
    while let Some(arg) = given.next() {
        match arg.to_str() {
            Some("--lang") => drop(given.next()),
            Some(one) if one.starts_with("--lang=") => {}
            _ => args.push(arg),
        }
    }
    args.extend(["--lang", left.lang.tag(), "demo"].map(OsString::from));
    let program = std::env::current_exe().map_err(Failure::broken)?;
    Err(Failure::broken(process::Command::new(program).args(args).exec()).into())
}

/// How long calls in flight and a job in hand may take once the console was left.
pub const GRACE: Duration = Duration::from_secs(3);

/// The console, with the home's jobs running behind it.
pub fn open(app: &App, out: &mut Out) -> Result<console::Left, Stop> {
    if out.json || !on_terminal() {
        let what = Sentence::new("cli-console-needs-terminal");
        return Err(Failure::new(FailureKind::Usage, what).next(Sentence::new("cli-console-needs-terminal-next")).into());
    }
    if let Data::Api(url) = &app.data {
        return api::console(app, url, out);
    }
    let service = app.open(true)?;
    service.lean()?;
    let mut options = look(app, service.config(), out)?;
    // In a home that was named the sample company takes the place of what is there: nothing, or the entry of who opened it.
    let used = app.is_named() && service.db().read(|tx| store::audit::head(tx, store::audit::Chain::Acts)).map_err(Failure::from)?.0 > 1;
    options.no_sample = used.then(|| Sentence::new("off-sample-used"));
    let who = app.identify(&service)?;
    if app.global.forced {
        // A session may be cut at any time, and its host has a worker.
        options.runs = false;
        let inbox = service.boxes(&who).map(|boxes| boxes.inbox);
        // Without folders nothing is read, and all the rest can be done.
        options.files = Files::Inbox(inbox.unwrap_or_else(|why| {
            options.faults.push(why.what);
            PathBuf::new()
        }));
        options.no_sample = Some(Sentence::new("off-no-sample"));
    }
    let mut taken = Vec::new();
    if !app.global.read_only {
        (taken, options.drafts) = drafts::take(&service, &who)?;
    }
    let session = Arc::new(service.session(who.clone()));
    let rooms = runtime()?;
    let left = rooms.block_on(async {
        // The worker ends when `_stop` is dropped.
        let (_stop, stopped) = watch::channel(false);
        if options.runs {
            tokio::spawn(worker::run(service, stopped));
        }
        console::run(session.clone(), options).await
    });
    // Before anything that may take its time: the terminal may be gone, and whoever waits for the process is about to kill it.
    let written = left.as_ref().map_or(Ok(()), |left| drafts::keep(session.service(), &who, &taken, &left.drafts));
    // A job in hand may end; a longer one is cut short, and whoever opens the home next goes on with it.
    rooms.shutdown_timeout(GRACE);
    session.flush()?;
    let left = left?;
    written?;
    if !left.for_sample && !app.global.read_only && !app.global.forced {
        steps_wait(session.service(), out)?;
    }
    Ok(left)
}

/// How the console starts: the command line before the home's configuration, that before the terminal.
pub fn look(app: &App, of: &Config, out: &Out) -> Result<console::Options, Failure> {
    let theme = app.global.theme.as_deref().unwrap_or(&of.console.theme);
    let bad =
        |name: &str, text: &str| Failure::new(FailureKind::Usage, Sentence::new("cli-bad-value").with("name", name).with("text", text));
    let mut options = console::Options::new(out.lang, out.texts.clone()).for_terminal(|name| std::env::var(name).ok());
    options.theme = theme.parse().map_err(|_| bad("theme", theme))?;
    match of.console.glyphs.as_str() {
        "auto" => {}
        "unicode" => options.glyphs = Glyphs::Narrow,
        other => options.glyphs = other.parse().map_err(|_| bad("console.glyphs", other))?,
    }
    options.themes = config::own_themes(&app.dir);
    options.keymap = std::fs::read_to_string(app.dir.join("keymap.toml")).ok();
    options.read_only = app.global.read_only;
    options.runs = !app.global.read_only;
    options.locked = of.console.locked_at(Timestamp::now().to_zoned(of.time_zone()).time());
    options.given = of.console.read_only.then_some(console::model::LockedBy::Profile);
    options.zone = out.zone.clone();
    // Never the URL of a server: a password may be in it.
    options.backend = match &app.data {
        Data::Api(url) => url.clone(),
        Data::Home if of.database.url.is_empty() => format!("SQLite  {}", app.dir.display()),
        Data::Home | Data::Server(_) => "PostgreSQL".into(),
    };
    options.environment = of.company.environment.clone();
    // The console reads the keymap itself and shows its faults.
    options.faults = config::faults(&app.dir);
    Ok(options)
}
