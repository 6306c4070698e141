//! `tenure quarantine`: rows that imports refused.

use super::{
    Out, Stop,
    act::{ActArgs, act},
    import::BadRowTold,
    list::{Part, Row, stream},
    out::Cell,
};
use crate::{
    backend::{Answer, Backend, Query, answer::QuarantineRow},
    domain::act::Act,
};
use clap::Subcommand;
use jiff::Timestamp;
use serde::Serialize;

#[derive(Debug, Subcommand)]
pub enum Quarantine {
    /// File, row, column and reason of each
    List {
        #[command(flatten)]
        part: Part,
    },
    /// Map and load them again
    Retry(ActArgs),
}

pub(super) async fn run(command: Quarantine, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    match command {
        Quarantine::List { part } => {
            let ask = |slice| Query::Quarantine { slice };
            stream(backend, out, &part, ask, |a| if let Answer::Quarantine(p) = a { Some(p) } else { None }).await
        }
        Quarantine::Retry(args) => act(backend, out, Act::QuarantineRetry, Vec::new(), &args).await,
    }
}

impl Row for QuarantineRow {
    const HEADS: &'static [&'static str] = &["cli-head-at", "cli-head-file", "cli-head-row", "cli-head-column", "cli-head-why"];

    fn cells(&self, out: &Out) -> Vec<Cell> {
        vec![
            Cell::new(out.when(self.at)),
            Cell::new(&self.row.origin.file),
            Cell::figure(self.row.origin.row),
            Cell::new(self.row.column.as_deref().unwrap_or("-")),
            Cell::new(out.text(&self.row.why)),
        ]
    }

    fn json(&self, out: &Out) -> serde_json::Result<String> {
        #[derive(Serialize)]
        struct Told<'a> {
            id: String,
            at: Timestamp,
            #[serde(flatten)]
            row: BadRowTold<'a>,
        }
        serde_json::to_string(&Told { id: self.id.to_string(), at: self.at, row: BadRowTold::new(out, &self.row) })
    }
}
