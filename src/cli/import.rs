//! `tenure import`: stage a file, say what it would change, publish it.

use super::{
    Out, Stop,
    act::{ActArgs, send},
    list::wrong_answer,
    progress::Bar,
};
use crate::{
    backend::{
        Answer, Backend, Failure, FailureKind, Preview, Put, Query, Source, Staged,
        answer::{ImportChange, ImportState},
        file,
    },
    domain::{act::Act, ids::ImportId, import::BadRow, sentence::Sentence},
    text::number::thousands,
};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::{
    io,
    path::PathBuf,
    time::{Duration, Instant},
};

/// What a file holds.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Kind {
    Employees,
    Signals,
    Exits,
    Customers,
    Orders,
    Receivables,
}

/// Bad rows are kept in quarantine; the rest is loaded (exit 7), or with --strict nothing is (exit 1).
#[derive(Debug, Args)]
pub struct Import {
    #[arg(value_name = "KIND")]
    kind: Kind,
    /// CSV or NDJSON, UTF-8 or GB18030; - reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Mapping of columns: a file, or the name of a shipped or own one
    #[arg(long, value_name = "NAME|FILE")]
    map: Option<String>,
    /// Say what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Load nothing when any row is bad
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    act: ActArgs,
}

/// How often a loading import is asked how far it has come.
const ASK: Duration = Duration::from_millis(50);
/// Longer than a dead worker's lease: after that nobody is loading.
const PATIENCE: Duration = Duration::from_secs(90);

pub(super) async fn run(c: Import, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    let (source, bytes): (Source, _) = if c.file.as_os_str() == "-" { (Box::new(io::stdin()), None) } else { file::open(&c.file)? };
    let name = c.file.file_name().unwrap_or(c.file.as_os_str()).to_string_lossy().into_owned();
    let kind = c.kind.to_possible_value().map(|v| v.get_name().to_owned()).unwrap_or_default();
    let map = c.map.as_deref().map(file::mapping).transpose()?;
    let preview = match (c.dry_run, c.strict) {
        (true, _) => Preview::Only,
        (false, true) => Preview::Also,
        (false, false) => Preview::No,
    };
    let put = Put::Import { kind, map, file: name, bytes, preview };
    let mut bar = Bar::new(out, "cli-progress-read");
    let staged = backend.put(put, source, Box::new(move |p| bar.show(p.rows, bytes.map(|all| (p.bytes, all))))).await?;

    let strict = c.strict && staged.bad + staged.change.refused > 0;
    let (entry, loaded) = match staged.id {
        None => (None, None),
        Some(id) if strict => (send(backend, Act::ImportDiscard, vec![id.into()], &ActArgs::default()).await?.entry, None),
        Some(id) => (send(backend, Act::ImportPublish, vec![id.into()], &c.act).await?.entry, Some(loaded(id, backend, out).await?)),
    };
    print(out, &staged, loaded.as_ref(), entry)?;
    if strict {
        let bad = staged.bad + staged.change.refused;
        return Err(Failure::new(FailureKind::Failed, Sentence::new("cli-import-strict").with("bad", bad)).into());
    }
    match loaded {
        Some(state) if state.refused > 0 => {
            let what = Sentence::new("cli-import-partial").with("bad", state.refused);
            Err(Failure::new(FailureKind::Partial, what).next(Sentence::new("cli-import-partial-next")).into())
        }
        _ => Ok(0),
    }
}

/// Waits until a worker has loaded the file: the one of this process, or another's.
async fn loaded(id: ImportId, backend: &dyn Backend, out: &Out) -> Result<ImportState, Stop> {
    let mut bar = Bar::new(out, "cli-progress-load");
    let mut moved = (Instant::now(), -1);
    loop {
        let Answer::Import(state) = backend.query(Query::Import { id }).await?.answer else { return Err(wrong_answer()) };
        if state.state == "published" {
            return Ok(state);
        }
        if state.done != moved.1 {
            moved = (Instant::now(), state.done);
        } else if moved.0.elapsed() > PATIENCE {
            let what = Sentence::new("cli-import-waits");
            return Err(Failure::new(FailureKind::Unreachable, what).next(Sentence::new("cli-import-waits-next")).into());
        }
        let (rows, done, all) = (state.rows.unsigned_abs(), state.done.unsigned_abs(), state.chunks.unsigned_abs().max(1));
        bar.show(rows.saturating_mul(done) / all, Some((done, all)));
        tokio::time::sleep(ASK).await;
    }
}

/// A refused row without its content: a file, a row and a column are enough to find it.
#[derive(Serialize)]
pub(super) struct BadRowTold<'a> {
    file: &'a str,
    row: u64,
    column: Option<&'a str>,
    code: &'a str,
    reason: String,
}

impl<'a> BadRowTold<'a> {
    pub(super) fn new(out: &Out, bad: &'a BadRow) -> Self {
        Self { file: &bad.origin.file, row: bad.origin.row, column: bad.column.as_deref(), code: &bad.why.code, reason: out.text(&bad.why) }
    }
}

fn print(out: &mut Out, staged: &Staged, loaded: Option<&ImportState>, entry: Option<i64>) -> Result<(), Stop> {
    #[derive(Serialize)]
    struct Told<'a> {
        published: bool,
        entry: Option<i64>,
        hash: &'a str,
        rows: u64,
        bad: u64,
        /// What was loaded.
        #[serde(skip_serializing_if = "Option::is_none")]
        result: Option<&'a ImportState>,
        /// What would change, where it was asked for.
        #[serde(skip_serializing_if = "Option::is_none")]
        change: Option<&'a ImportChange>,
        sample: Vec<BadRowTold<'a>>,
    }
    let change = loaded.is_none().then_some(&staged.change);
    let read = staged.rows + staged.bad;
    let bad = loaded.map_or(staged.bad + staged.change.refused, |l| l.refused.unsigned_abs());
    if out.json {
        let sample = staged.sample.iter().map(|b| BadRowTold::new(out, b)).collect();
        let published = loaded.is_some();
        out.json(&Told { published, entry, hash: &staged.hash, rows: read, bad, result: loaded, change, sample })?;
        return Ok(out.flush()?);
    }
    for row in &staged.sample {
        let told = BadRowTold::new(out, row);
        let s = Sentence::new("cli-bad-row")
            .with("file", told.file)
            .with("row", told.row)
            .with("column", told.column.unwrap_or("-"))
            .with("reason", &told.reason);
        out.tell(&s)?;
    }
    let head = if loaded.is_some() { "cli-import-done" } else { "cli-import-would" };
    out.tell(&Sentence::new(head).with("rows", thousands(read)).with("bad", thousands(bad)))?;
    let count = |n: u64| if n == 0 { String::new() } else { thousands(n) };
    if let Some(l) = loaded {
        out.fields(&[("cli-import-added", count(l.added.unsigned_abs())), ("cli-import-same", count(l.same.unsigned_abs()))])?;
    }
    if let Some(c) = change {
        out.fields(&[
            ("cli-import-new-people", count(c.new_people)),
            ("cli-import-changed-people", count(c.changed_people)),
            ("cli-import-new-signals", count(c.new_signals)),
            ("cli-import-exits", count(c.exits)),
            ("cli-import-changed-custody", count(c.changed_custody)),
            ("cli-import-same", count(c.same)),
            ("cli-import-expired", count(c.expired)),
        ])?;
        if c.over_exit_limit {
            out.say("cli-import-over-exit-limit")?;
        }
    }
    Ok(out.flush()?)
}
