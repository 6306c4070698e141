//! `tenure job`: queued machine work.

use super::{
    Out, Stop,
    list::{Part, Row, stream},
    out::Cell,
};
use crate::backend::{Answer, Backend, Query, answer::JobRow};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum Job {
    /// What waits, runs or failed
    List {
        #[command(flatten)]
        part: Part,
    },
    /// Put the failed ones back into the queue, and list what is in it
    Retry,
}

pub(super) async fn run(command: Job, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    let part = match command {
        Job::List { part } => part,
        // `main` has put them back.
        Job::Retry => Part::default(),
    };
    stream(backend, out, &part, |slice| Query::Jobs { slice }, |a| if let Answer::Jobs(p) = a { Some(p) } else { None }).await
}

impl Row for JobRow {
    const HEADS: &'static [&'static str] =
        &["cli-head-id", "cli-head-kind", "cli-head-state", "cli-head-due", "cli-head-attempts", "cli-head-error"];

    fn cells(&self, out: &Out) -> Vec<Cell> {
        vec![
            Cell::new(self.id),
            Cell::new(&self.kind),
            Cell::new(out.name("job-state", &self.state)),
            Cell::new(out.when(self.due_at)),
            Cell::figure(self.attempts),
            Cell::new(self.error.as_deref().unwrap_or_default()),
        ]
    }
}
