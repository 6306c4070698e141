//! `tenure approval`: what waits for a second person.

use super::{
    Out, Stop,
    act::{ActArgs, act, act_code},
    list::{Part, Row, stream},
    out::Cell,
    pick,
};
use crate::{
    backend::{Answer, Backend, Query, answer::ApprovalRow},
    domain::act::Act,
};
use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub enum Approval {
    /// Requests that wait or were decided
    List {
        #[command(flatten)]
        part: Part,
    },
    /// Say yes; the proposer never can
    Grant(To),
    /// Say no, with --reason
    Deny(To),
}

/// Targets and flags of an act.
#[derive(Debug, Args)]
pub struct To {
    /// Ids of approvals
    #[arg(value_name = "APPROVAL", required = true)]
    approvals: Vec<String>,
    #[command(flatten)]
    act: ActArgs,
}

pub(super) async fn run(command: Approval, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    let (to, what) = match command {
        Approval::List { part } => {
            let ask = |slice| Query::Approvals { slice };
            return stream(backend, out, &part, ask, |a| if let Answer::Approvals(p) = a { Some(p) } else { None }).await;
        }
        Approval::Grant(to) => (to, Act::ApprovalGrant),
        Approval::Deny(to) => (to, Act::ApprovalDeny),
    };
    let ids = to.approvals.iter().map(|p| pick::id(p)).collect::<Result<_, _>>()?;
    act(backend, out, what, ids, &to.act).await
}

impl Row for ApprovalRow {
    const HEADS: &'static [&'static str] = &[
        "cli-head-id",
        "cli-head-state",
        "cli-head-what",
        "cli-head-proposer",
        "cli-head-number",
        "cli-head-name",
        "cli-head-at",
        "cli-head-decided-by",
    ];

    fn cells(&self, out: &Out) -> Vec<Cell> {
        let a = &self.approval;
        let person = self.employee.as_ref();
        vec![
            Cell::new(a.id),
            Cell::new(out.name("approval-state", a.state)),
            Cell::new(out.word(act_code(&a.act).trim_start_matches('@'))),
            Cell::new(&a.proposer_name),
            Cell::new(person.map_or("-", |p| &p.number)),
            Cell::new(person.map_or("-", |p| &p.name)),
            Cell::new(out.when(a.asked_at)),
            Cell::new(a.decided_by.as_deref().unwrap_or("-")),
        ]
    }
}
