//! `tenure audit anchor`, `audit anchors`, `audit verify --anchor`: signed heads, and what became of the chains since.
//!
//! Whoever verifies does not take the server's word: every entry is fetched as it is stored and hashed here.

use super::{
    Out, Stop,
    act::{ActArgs, send},
    list::{Row, all, wrong_answer},
    out::{Cell, Tone},
};
use crate::{
    backend::{
        Answer, Backend, Failure, FailureKind, Query,
        answer::{Anchors, SinkRow},
        query::Slice,
    },
    domain::{
        act::Act,
        anchor::{Check, Flawed},
        audit::{Broken, Chain, Verifier},
        sentence::Sentence,
    },
};
use clap::Args;
use jiff::SignedDuration;
use serde::Serialize;
use std::{fs, path::Path, time::Duration};
use strum::IntoEnumIterator;

/// Entries that are fetched at a time.
const PAGE: u32 = 500;
/// How often it is asked whether the sinks have taken it, and for how long.
const LOOK: Duration = Duration::from_millis(100);
const PATIENCE: SignedDuration = SignedDuration::from_secs(30);
/// Flaws that are said in words; `--json` has them all.
const MOST: usize = 20;

#[derive(Debug, Args)]
pub struct Anchor {
    /// Print the home's public key instead, for an auditor to keep elsewhere
    #[arg(long, conflicts_with = "print")]
    key: bool,
    /// Print the signed line instead, and write it to no sink
    #[arg(long)]
    print: bool,
}

impl Anchor {
    /// Whether sinks are written to.
    pub(super) fn writes(&self) -> bool {
        !self.key && !self.print
    }
}

async fn ask(backend: &dyn Backend, out: Option<&mut Out>) -> Result<Anchors, Stop> {
    let reply = backend.query(Query::Anchors).await?;
    if let Some(out) = out {
        out.now = reply.at;
    }
    let Answer::Anchors(found) = reply.answer else { return Err(wrong_answer()) };
    Ok(*found)
}

pub(super) async fn run(command: Anchor, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    let found = ask(backend, Some(out)).await?;
    if command.key {
        if out.json {
            out.json(&serde_json::json!({"home": found.home, "key": found.key}))?
        } else {
            out.line(&found.key)?
        }
        return Ok(0);
    }
    if command.print {
        out.write(&format!("{}\n", found.now.line()))?;
        return Ok(0);
    }
    send(backend, Act::AuditAnchor, Vec::new(), &ActArgs::default()).await?;
    let asked = found.now.at;
    let mut sinks = found.sinks;
    while sinks.iter().any(|s| s.tried_at.is_none_or(|at| at < asked)) {
        tokio::time::sleep(LOOK).await;
        let now = ask(backend, None).await?;
        sinks = now.sinks;
        if now.now.at.duration_since(asked) > PATIENCE {
            break;
        }
    }
    print(out, &sinks)?;
    out.flush()?;
    let waits = sinks.iter().filter(|s| s.tried_at.is_none_or(|at| at < asked)).count();
    let failed = sinks.iter().filter(|s| s.failing_since.is_some()).count();
    if waits + failed > 0 {
        let what = Sentence::new("cli-anchor-failed").with("failed", failed).with("waits", waits);
        return Err(Failure::new(FailureKind::Failed, what).next(Sentence::new("cli-anchor-failed-next")).into());
    }
    Ok(0)
}

pub(super) async fn list(backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    let found = ask(backend, Some(out)).await?;
    print(out, &found.sinks)
}

fn print(out: &mut Out, sinks: &[SinkRow]) -> Result<u8, Stop> {
    all(out, sinks)
}

impl Row for SinkRow {
    const HEADS: &'static [&'static str] = &["cli-head-name", "cli-head-place", "cli-head-anchored", "cli-head-entries", "cli-head-state"];

    fn cells(&self, out: &Out) -> Vec<Cell> {
        let state = match (&self.failing_since, self.late) {
            (Some(since), _) => {
                let why = self.error.as_ref().map(|e| out.text(e)).unwrap_or_default();
                let said = Sentence::new("cli-anchor-since").with("since", since).with("why", why);
                Cell::new(out.text(&said)).tone(Tone::Alarm)
            }
            (None, true) => Cell::new(out.word("cli-anchor-late")).tone(Tone::Warn),
            (None, false) => Cell::new(out.word("cli-anchor-good")),
        };
        vec![
            Cell::strong(&self.name),
            Cell::new(&self.place),
            Cell::new(self.at.map_or_else(|| "-".into(), |at| out.when(at))),
            Cell::new(format!("{} / {}", self.acts, self.access)),
            state,
        ]
    }
}

/// A file of anchors held against chains that were recomputed here.
#[derive(Debug, Serialize)]
pub struct Held {
    /// Whether the key was named by whoever verifies; otherwise it is the one that the home told.
    pub own_key: bool,
    /// Good anchors of this home.
    pub good: usize,
    /// First entry that does not follow from the one before.
    #[serde(skip)]
    pub broken: Option<(String, Broken)>,
    pub flaws: Vec<Flawed>,
}

/// Fetches both chains, entry by entry, and holds the anchors of a file against them.
///
/// # Errors
/// A file that cannot be read, a key that is none, a home that cannot be asked.
pub async fn hold(backend: &dyn Backend, file: &Path, key: Option<String>) -> Result<Held, Stop> {
    let text = fs::read(file).map_err(|e| {
        let kind = if e.kind() == std::io::ErrorKind::NotFound { FailureKind::NotFound } else { FailureKind::Failed };
        Failure::new(kind, Sentence::new("cli-anchor-file").with("file", file.display()).with("detail", e))
    })?;
    if key.as_ref().is_some_and(|k| k.len() != 64 || !k.bytes().all(|b| b.is_ascii_hexdigit())) {
        return Err(Failure::new(FailureKind::Usage, Sentence::new("cli-anchor-key")).into());
    }
    let told = ask(backend, None).await?;
    let own_key = key.is_some();
    let mut check = Check::new(&text, &told.home, key.as_deref().unwrap_or(&told.key));
    let mut broken = None;
    let mut ends = Vec::new();
    for chain in Chain::iter() {
        let mut verifier = Verifier::new(chain.name());
        let (mut after, mut end) = (None, 0);
        loop {
            let slice = Slice { after, limit: PAGE };
            let reply = backend.query(Query::Chain { chain, slice }).await?;
            let Answer::Chain(page) = reply.answer else { return Err(wrong_answer()) };
            for link in page.rows {
                // After a break nothing follows from anything: the hashes that are stored are compared all the same.
                if broken.is_none() {
                    let hash = hex::decode(&link.hash).unwrap_or_default();
                    broken = verifier.next(link.seq, link.bytes.as_bytes(), &hash).err().map(|b| (chain.name().to_owned(), b));
                }
                check.entry(chain, link.seq, &link.hash);
                end = link.seq;
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        ends.push(end);
    }
    let (good, flaws) = match ends.as_slice() {
        [acts, access] => check.finish(*acts, *access),
        _ => return Err(wrong_answer()),
    };
    Ok(Held { own_key, good, broken, flaws })
}

impl Held {
    /// What was found, in words.
    pub fn tell(&self, out: &mut Out) -> Result<(), Stop> {
        for f in self.flaws.iter().take(MOST) {
            out.tell(&f.what)?;
        }
        if self.flaws.len() > MOST {
            out.tell(&Sentence::new("cli-anchor-more").with("n", self.flaws.len() - MOST))?;
        }
        if self.flaws.is_empty() {
            out.tell(&Sentence::new("cli-anchor-ok").with("n", self.good))?;
        }
        if !self.own_key {
            out.hint(&Sentence::new("cli-anchor-key-believed"));
        }
        Ok(())
    }

    /// Why the exit code is 1.
    pub fn failure(&self) -> Option<Failure> {
        if self.flaws.is_empty() {
            return None;
        }
        let what = Sentence::new("cli-anchor-flaws").with("n", self.flaws.len()).with("good", self.good);
        Some(Failure::new(FailureKind::Failed, what).next(Sentence::new("cli-anchor-flaws-next")))
    }
}
