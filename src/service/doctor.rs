//! What is wrong with a home, and what its protection is worth, in plain words.

use super::{Config, Failure, Options, Service, home, keys};
use crate::{
    domain::sentence::Sentence,
    store::{self, Db, today::GLASS_DAYS},
};
use jiff::SignedDuration;
use std::path::Path;

/// Over which break-glass is counted.
const MONTH: SignedDuration = SignedDuration::from_hours(24 * GLASS_DAYS);

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// False when something should be done about it.
    pub ok: bool,
    pub what: Sentence,
}

/// Looks at a home without changing it; `server` in place of the database that its configuration names.
pub fn check(dir: &Path, server: Option<String>) -> Vec<Finding> {
    let mut out = Vec::new();
    let mut say = |ok, what| out.push(Finding { ok, what });
    let config = match Config::load(dir) {
        Ok(c) => c,
        Err(e) => {
            say(false, e.what);
            return out;
        }
    };
    let file = keys::file(dir, &config.key);
    match keys::mode(dir, &config.key) {
        Some(0o600 | 0o400) => say(true, Sentence::new("doctor-key-mode").with("file", file.display())),
        Some(mode) => say(false, Sentence::new("doctor-key-open").with("file", file.display()).with("mode", format!("{mode:o}"))),
        None => {}
    }
    if keys::is_file(&config.key) && file.parent() == Some(dir) {
        // Said, not hidden: it protects a stolen backup, not a stolen disk.
        say(true, Sentence::new("doctor-key-beside").with("file", file.display()));
    }
    let service = match Service::open(Options { create: false, read_only: true, server, ..Options::new(dir) }) {
        Ok(s) => s,
        Err(e) => {
            say(false, e.what);
            return out;
        }
    };
    match service.db() {
        Db::Sqlite(db) => match db.check() {
            Ok(faults) if faults.is_empty() => say(true, Sentence::new("doctor-pages")),
            Ok(faults) => say(false, Sentence::new("doctor-pages-broken").with("count", faults.len())),
            Err(e) => say(false, super::failure(e).what),
        },
        // Said, not hidden: what the server's own disks do not encrypt lies there in clear.
        Db::Postgres(db) => {
            say(true, Sentence::new("doctor-server").with("server", db.place()));
            say(true, Sentence::new("doctor-server-disk"));
        }
    }
    match service.db().read(super::query::verify) {
        Ok(v) if v.ok => say(true, Sentence::new("doctor-chain").with("entries", v.entries).with("reads", v.access_entries)),
        Ok(v) => {
            let (chain, seq) = v.broken.map_or_else(Default::default, |(c, b)| (c, b.seq));
            say(false, Sentence::new("doctor-chain-broken").with("chain", chain).with("seq", seq));
        }
        Err(e) => say(false, e.what),
    }
    if !service.erasures_are_listed().unwrap_or(false) {
        say(false, Sentence::new("doctor-erased-unlisted").with("dir", dir.display()));
    }
    let failed = service.db().read(|tx| tx.count("select count(*) from jobs where state = 'failed'", &[])).unwrap_or(0);
    if failed > 0 {
        say(false, Sentence::new("doctor-jobs-failed").with("count", failed));
    }
    match service.db().read(|tx| {
        Ok::<_, Failure>((
            service.drill_due(tx)?,
            store::freeze::break_glass(tx, tx.now() - MONTH)?,
            store::freeze::wrong_people(tx, tx.now() - MONTH)?,
        ))
    }) {
        Ok(((last, due), glass, wrong)) => {
            match last {
                Some(d) if due => say(false, Sentence::new("doctor-drill-due").with("at", d.at)),
                None if due => say(false, Sentence::new("doctor-drill-never")),
                Some(d) if d.faults() > 0 => say(false, Sentence::new("doctor-drill-faults").with("at", d.at).with("n", d.faults())),
                Some(d) => say(true, Sentence::new("doctor-drill").with("at", d.at).with("due", d.due_at())),
                None => {}
            }
            if wrong > 0 {
                say(true, Sentence::new("doctor-wrong-person").with("n", wrong));
            }
            if glass > 0 {
                say(true, Sentence::new("doctor-break-glass").with("n", glass));
            }
        }
        Err(e) => say(false, e.what),
    }
    match service.db().read(|tx| service.sinks(tx)) {
        // Said, not hidden: a chain cannot know what was cut off its end.
        Ok(sinks) if sinks.is_empty() => say(true, Sentence::new("doctor-no-anchors")),
        Ok(sinks) => {
            for s in sinks {
                let told = |code| Sentence::new(code).with("sink", &s.name);
                match (s.failing_since, s.at) {
                    (Some(since), _) => {
                        let why = s.error.as_ref().map_or_else(String::new, |e| e.args.get("detail").cloned().unwrap_or_default());
                        say(false, told("doctor-anchor-failing").with("since", since).with("detail", why));
                    }
                    (None, Some(at)) if s.late => say(false, told("doctor-anchor-late").with("at", at)),
                    (None, None) => say(false, told("doctor-anchor-never")),
                    (None, Some(at)) => say(true, told("doctor-anchor").with("at", at).with("acts", s.acts).with("reads", s.access)),
                }
            }
        }
        Err(e) => say(false, super::failure(e).what),
    }
    let quarantine = service.db().read(crate::store::import::count_quarantine).unwrap_or(0);
    if quarantine > 0 {
        say(false, Sentence::new("doctor-quarantine").with("count", quarantine));
    }
    let on_file = matches!(service.db(), Db::Sqlite(_));
    if on_file && !home::database(dir).with_file_name("backups").exists() {
        say(false, Sentence::new("doctor-no-backup"));
    }
    out
}
