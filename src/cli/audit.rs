//! `tenure audit`: the act chain, the access log, and the proof that neither was touched.

use super::{
    Out, Stop,
    anchor::{self, Held},
    list::{Part, Row, stream, wrong_answer},
    out::Cell,
};
use crate::{
    backend::{
        Answer, Backend, Failure, FailureKind, Filter, Query,
        answer::{AuditRow, Verified},
    },
    domain::sentence::Sentence,
};
use clap::Subcommand;
use serde::Serialize;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Acts, newest first
    List {
        /// Only this operator's
        #[arg(long, value_name = "OPERATOR")]
        by: Option<String>,
        /// Name of an act or its beginning: alert, alert.ack
        #[arg(long = "act", value_name = "ACT")]
        act: Option<String>,
        #[command(flatten)]
        part: Part,
    },
    /// Walk both chains; exit 1 names the first broken entry
    Verify {
        /// Recompute both chains here and hold them against the anchors of a file
        #[arg(long = "anchor", value_name = "FILE")]
        anchors: Option<PathBuf>,
        /// Public key of the home, as `audit anchor --key` printed it; without one the home is believed
        #[arg(long, value_name = "PUB", requires = "anchors")]
        key: Option<String>,
    },
    /// Write a signed head of both chains to every sink now
    Anchor(anchor::Anchor),
    /// Where anchors are written, and since when a sink takes none
    Anchors,
    /// Who looked at whom
    Access {
        #[command(flatten)]
        part: Part,
    },
}

pub(super) async fn run(command: Audit, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    let take = |a| if let Answer::Audit(p) = a { Some(p) } else { None };
    match command {
        Audit::List { by, act, part } => {
            let filter = Filter { owner: by, act, ..Filter::default() };
            stream(backend, out, &part, |slice| Query::Audit { filter: filter.clone(), slice }, take).await
        }
        Audit::Access { part } => stream(backend, out, &part, |slice| Query::Access { slice }, take).await,
        Audit::Verify { anchors, key } => {
            let held = match anchors {
                Some(file) => Some(anchor::hold(backend, &file, key).await?),
                None => None,
            };
            let reply = backend.query(Query::AuditVerify).await?;
            let Answer::Verified(v) = reply.answer else { return Err(wrong_answer()) };
            verify(out, &v, held.as_ref())
        }
        Audit::Anchor(a) => anchor::run(a, backend, out).await,
        Audit::Anchors => anchor::list(backend, out).await,
    }
}

fn verify(out: &mut Out, v: &Verified, held: Option<&Held>) -> Result<u8, Stop> {
    #[derive(Serialize)]
    struct BrokenTold<'a> {
        chain: &'a str,
        seq: i64,
        fault: &'a str,
    }
    #[derive(Serialize)]
    struct Told<'a> {
        ok: bool,
        entries: i64,
        head: &'a str,
        access_entries: i64,
        access_head: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        broken: Option<BrokenTold<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        anchors: Option<&'a Held>,
    }
    let recomputed = held.and_then(|h| h.broken.as_ref());
    let broken = v.broken.as_ref().or(recomputed).map(|(chain, b)| BrokenTold { chain, seq: b.seq, fault: &b.fault });
    let ok = broken.is_none() && held.is_none_or(|h| h.flaws.is_empty());
    let failure = broken.as_ref().map(|b| {
        let fault = format!("@chain-fault-{}", b.fault);
        let what = Sentence::new("cli-chain-broken").with("chain", b.chain).with("seq", b.seq).with("fault", fault);
        Failure::new(FailureKind::Failed, what)
    });
    if out.json {
        out.json(&Told {
            ok,
            entries: v.entries,
            head: &v.head,
            access_entries: v.access_entries,
            access_head: &v.access_head,
            broken,
            anchors: held,
        })?;
    } else if failure.is_none() {
        let s = Sentence::new("cli-chain-ok").with("entries", v.entries).with("access", v.access_entries).with("head", &v.head);
        out.tell(&s)?;
    }
    if let Some(held) = held {
        held.tell(out)?;
    }
    out.flush()?;
    match failure.or_else(|| held.and_then(Held::failure)) {
        Some(f) => Err(f.into()),
        None => Ok(0),
    }
}

impl Row for AuditRow {
    const HEADS: &'static [&'static str] =
        &["cli-head-seq", "cli-head-at", "cli-head-by", "cli-head-proof", "cli-head-what", "cli-head-subjects"];

    fn cells(&self, out: &Out) -> Vec<Cell> {
        let what = out.text(&self.what);
        let subjects: Vec<String> = self.subjects.iter().map(|p| format!("{} {}", p.number, p.name)).collect();
        vec![
            Cell::figure(self.entry.seq),
            Cell::new(out.when(self.entry.at)),
            Cell::new(&self.entry.operator_name),
            Cell::new(out.name("proof", self.entry.proof)),
            Cell::new(self.note.as_ref().map_or_else(|| what.clone(), |n| format!("{what}: {n}"))),
            Cell::new(subjects.join(", ")),
        ]
    }

    fn json(&self, out: &Out) -> serde_json::Result<String> {
        #[derive(Serialize)]
        struct Told<'a> {
            text: String,
            #[serde(flatten)]
            row: &'a AuditRow,
        }
        serde_json::to_string(&Told { text: out.text(&self.what), row: self })
    }
}
