//! `tenure import`: stage a file, say what it would change, publish it.

use super::{
    Out, Stop,
    act::{ActArgs, send},
    out::pad,
};
use crate::{
    backend::{Backend, Failure, FailureKind, OnProgress, Progress, Put, Source, Staged},
    domain::{act::Act, import::BadRow, sentence::Sentence},
    text::number::thousands,
};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::{
    fs::File,
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// What a file holds.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Kind {
    Employees,
    Signals,
    Exits,
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

pub(super) async fn run(c: Import, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    let (source, bytes) = open(&c.file)?;
    let name = c.file.file_name().map_or_else(|| "-".into(), |n| n.to_string_lossy().into_owned());
    let kind = c.kind.to_possible_value().map(|v| v.get_name().to_owned()).unwrap_or_default();
    let preview = c.dry_run || c.strict;
    let put = Put::Import { kind, map: c.map.as_deref().map(mapping).transpose()?, file: name, bytes, preview };
    let bar = Bar::new(out, bytes);
    let staged = backend.put(put, source, bar.on_progress()).await;
    bar.clear();
    let staged = staged?;

    let bad = staged.bad + staged.change.refused;
    let strict = c.strict && bad > 0;
    let publish = !c.dry_run && !strict;
    let what = if publish { Act::ImportPublish } else { Act::ImportDiscard };
    // A dry run leaves nothing behind, so its flags are not those of an act.
    let args = if publish { c.act } else { ActArgs::default() };
    let reply = send(backend, what, vec![staged.id.into()], &args).await?;
    print(out, &staged, publish, reply.entry)?;
    if strict {
        return Err(Failure::new(FailureKind::Failed, Sentence::new("cli-import-strict").with("bad", bad)).into());
    }
    if publish && bad > 0 {
        let what = Sentence::new("cli-import-partial").with("bad", bad);
        return Err(Failure::new(FailureKind::Partial, what).next(Sentence::new("cli-import-partial-next")).into());
    }
    Ok(0)
}

/// Opens a file; its length is known unless it is a stream.
fn open(path: &Path) -> Result<(Source, Option<u64>), Stop> {
    if path.as_os_str() == "-" {
        return Ok((Box::new(io::stdin()), None));
    }
    let file = File::open(path).map_err(|e| unreadable(path, &e))?;
    let bytes = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|m| m.len());
    Ok((Box::new(file), bytes))
}

/// A mapping's name as it is, or the text of the file that the argument names.
fn mapping(map: &str) -> Result<String, Stop> {
    let path = Path::new(map);
    if path.is_file() || map.contains('/') || map.ends_with(".toml") {
        return std::fs::read_to_string(path).map_err(|e| unreadable(path, &e));
    }
    Ok(map.into())
}

/// The failure for a file that cannot be read.
pub(super) fn unreadable(path: &Path, e: &io::Error) -> Stop {
    let kind = if e.kind() == io::ErrorKind::NotFound { FailureKind::NotFound } else { FailureKind::Failed };
    Failure::new(kind, Sentence::new("cli-unreadable").with("file", path.display()).with("error", e)).into()
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
        Self {
            file: &bad.origin.file,
            row: bad.origin.row,
            column: bad.column.as_deref(),
            code: &bad.why.code,
            reason: out.text(&bad.why),
        }
    }
}

fn print(out: &mut Out, staged: &Staged, published: bool, entry: Option<i64>) -> Result<(), Stop> {
    #[derive(Serialize)]
    struct Told<'a> {
        published: bool,
        entry: Option<i64>,
        hash: &'a str,
        rows: u64,
        bad: u64,
        change: &'a crate::backend::answer::ImportChange,
        sample: Vec<BadRowTold<'a>>,
    }
    let c = &staged.change;
    if out.json {
        let sample = staged.sample.iter().map(|b| BadRowTold::new(out, b)).collect();
        let told = Told { published, entry, hash: &staged.hash, rows: staged.rows, bad: staged.bad, change: c, sample };
        out.json(&told)?;
    } else {
        for bad in &staged.sample {
            let told = BadRowTold::new(out, bad);
            let s = Sentence::new("cli-bad-row")
                .with("file", told.file)
                .with("row", told.row)
                .with("column", told.column.unwrap_or("-"))
                .with("reason", &told.reason);
            out.tell(&s)?;
        }
        let head = if published { "cli-import-done" } else { "cli-import-would" };
        let s = Sentence::new(head).with("rows", thousands(staged.rows)).with("bad", thousands(staged.bad + c.refused));
        out.tell(&s)?;
        let count = |n: u64| if n == 0 { String::new() } else { thousands(n) };
        out.fields(&[
            ("cli-import-new-people", count(c.new_people)),
            ("cli-import-changed-people", count(c.changed_people)),
            ("cli-import-new-signals", count(c.new_signals)),
            ("cli-import-exits", count(c.exits)),
            ("cli-import-same", count(c.same)),
        ])?;
        if c.over_exit_limit {
            out.say("cli-import-over-exit-limit")?;
        }
    }
    out.flush()?;
    Ok(())
}

/// A line on a terminal's stderr that shows how far an import has come.
struct Bar {
    shown: bool,
    total: Option<u64>,
    columns: usize,
    words: [String; 2],
}

impl Bar {
    fn new(out: &Out, total: Option<u64>) -> Self {
        let shown = io::stderr().is_terminal() && !out.json;
        let columns = crossterm::terminal::size().map_or(80, |(w, _)| usize::from(w));
        Self { shown, total, columns, words: [out.word("cli-progress-rows"), out.word("cli-progress-left")] }
    }

    fn on_progress(&self) -> OnProgress {
        if !self.shown {
            return Box::new(|_| ());
        }
        let (total, columns, words) = (self.total, self.columns, self.words.clone());
        let begun = Instant::now();
        let mut last = None;
        Box::new(move |p| {
            // Ten times a second is as fast as a person reads.
            if last.is_some_and(|t: Instant| t.elapsed() < Duration::from_millis(100)) {
                return;
            }
            last = Some(Instant::now());
            let line = progress(p, total, begun.elapsed(), &words);
            let _ = write!(io::stderr().lock(), "\r{}", pad(&line, columns.saturating_sub(1), false));
        })
    }

    fn clear(&self) {
        if self.shown {
            let _ = write!(io::stderr().lock(), "\r{}\r", " ".repeat(self.columns.saturating_sub(1)));
        }
    }
}

fn progress(p: Progress, total: Option<u64>, spent: Duration, words: &[String; 2]) -> String {
    let seconds = spent.as_secs_f64().max(0.001);
    let rate = (p.rows as f64 / seconds) as u64;
    let rows = format!("{} {}  {}/s", thousands(p.rows), words[0], thousands(rate));
    let Some(total) = total.filter(|t| *t > 0) else { return rows };
    let part = (p.bytes as f64 / total as f64).clamp(0.0, 1.0);
    let full = (part * 20.0) as usize;
    let left = if part > 0.0 { (seconds / part - seconds) as u64 } else { 0 };
    format!(
        "[{}{}] {:>3}%  {rows}  {}:{:02} {}",
        "#".repeat(full),
        "-".repeat(20 - full),
        (part * 100.0) as u64,
        left / 60,
        left % 60,
        words[1]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_shows_rate_and_time_left() {
        let words = ["rows".into(), "left".into()];
        let p = Progress { rows: 50_000, bytes: 250, bad: 0 };
        let line = progress(p, Some(1000), Duration::from_secs(10), &words);
        assert_eq!(line, "[#####---------------]  25%  50,000 rows  5,000/s  0:30 left");
        assert_eq!(progress(p, None, Duration::from_secs(10), &words), "50,000 rows  5,000/s");
        assert!(crate::text::width(&progress(Progress { bytes: 2000, ..p }, Some(1000), Duration::ZERO, &words)) < 80);
    }
}
