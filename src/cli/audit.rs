//! `tenure audit`: the act chain, the access log, and the proof that neither was touched.

use super::{
    Out, Stop,
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
    Verify,
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
        Audit::Verify => {
            let reply = backend.query(Query::AuditVerify).await?;
            let Answer::Verified(v) = reply.answer else { return Err(wrong_answer()) };
            verify(out, &v)
        }
    }
}

fn verify(out: &mut Out, v: &Verified) -> Result<u8, Stop> {
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
    }
    let broken = v.broken.as_ref().map(|(chain, b)| BrokenTold { chain, seq: b.seq, fault: &b.fault });
    let failure = broken.as_ref().map(|b| {
        let fault = format!("@chain-fault-{}", b.fault);
        let what = Sentence::new("cli-chain-broken").with("chain", b.chain).with("seq", b.seq).with("fault", fault);
        Failure::new(FailureKind::Failed, what)
    });
    if out.json {
        out.json(&Told {
            ok: v.ok,
            entries: v.entries,
            head: &v.head,
            access_entries: v.access_entries,
            access_head: &v.access_head,
            broken,
        })?;
    } else if v.ok {
        let s = Sentence::new("cli-chain-ok").with("entries", v.entries).with("access", v.access_entries).with("head", &v.head);
        out.tell(&s)?;
    }
    out.flush()?;
    match failure {
        Some(f) => Err(f.into()),
        None => Ok(u8::from(!v.ok)),
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
