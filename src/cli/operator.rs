//! `tenure operator`: who may use this home.

use super::{
    Out, Stop,
    act::{ActArgs, act},
    list::{Row, all, wrong_answer},
    out::Cell,
    words::one_of,
};
use crate::{
    backend::{Answer, Backend, Query},
    domain::{
        act::Act,
        operator::{Operator as OperatorRow, Role},
    },
};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum Operator {
    /// Add an operator
    Add {
        #[arg(value_name = "NAME")]
        name: String,
        #[arg(long, value_parser = one_of::<Role>())]
        role: Role,
        #[command(flatten)]
        act: ActArgs,
    },
    /// All operators, revoked ones too
    List,
    /// End an operator's access; the name stays in the log
    Revoke {
        #[arg(value_name = "NAME")]
        name: String,
        #[command(flatten)]
        act: ActArgs,
    },
}

pub(super) async fn run(command: Operator, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    match command {
        Operator::Add { name, role, act: args } => act(backend, out, Act::OperatorAdd { name, role }, Vec::new(), &args).await,
        Operator::List => {
            let reply = backend.query(Query::Operators).await?;
            let Answer::Operators(rows) = reply.answer else { return Err(wrong_answer()) };
            all(out, &rows)
        }
        Operator::Revoke { name, act: args } => act(backend, out, Act::OperatorRevoke { name }, Vec::new(), &args).await,
    }
}

impl Row for OperatorRow {
    const HEADS: &'static [&'static str] = &["cli-head-name", "cli-head-role", "cli-head-at", "cli-head-revoked"];

    fn cells(&self, out: &Out) -> Vec<Cell> {
        vec![
            Cell::new(&self.name),
            Cell::new(out.name("role", self.role)),
            Cell::new(out.when(self.created_at)),
            Cell::new(self.revoked_at.map_or_else(|| "-".into(), |t| out.when(t))),
        ]
    }
}
