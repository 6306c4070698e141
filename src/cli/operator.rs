//! `tenure operator`: who may use this home.

use super::{
    Out, Stop,
    act::{ActArgs, act},
    list::{Row, all, wrong_answer},
    out::{Cell, Tone},
    pick,
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
        /// Whose login it is: employee number, id or name
        #[arg(long, value_name = "PERSON")]
        employee: Option<String>,
        #[command(flatten)]
        act: ActArgs,
    },
    /// Say whose login an operator is: nobody decides about themselves, and the login ends with the person's accounts
    Link {
        #[arg(value_name = "NAME")]
        name: String,
        /// Employee number, id or name
        #[arg(value_name = "PERSON", required_unless_present = "nobody")]
        person: Option<String>,
        /// It is nobody's who works here
        #[arg(long, conflicts_with = "person")]
        nobody: bool,
        #[command(flatten)]
        act: ActArgs,
    },
    /// All operators, revoked and ended ones too
    List,
    /// Give back an operator who was ended with the accounts of their person; another operator must do it
    Restore {
        #[arg(value_name = "NAME")]
        name: String,
        #[command(flatten)]
        act: ActArgs,
    },
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
        Operator::Add { name, role, employee, act: args } => {
            let person = match employee {
                Some(text) => Some(pick::person(backend, out, &text).await?.id),
                None => None,
            };
            act(backend, out, Act::OperatorAdd { name, role, person }, Vec::new(), &args).await
        }
        Operator::Link { name, person, act: args, .. } => {
            let person = match person {
                Some(text) => Some(pick::person(backend, out, &text).await?.id),
                None => None,
            };
            act(backend, out, Act::OperatorLink { name, person }, Vec::new(), &args).await
        }
        Operator::Restore { name, act: args } => act(backend, out, Act::OperatorRestore { name }, Vec::new(), &args).await,
        Operator::List => {
            let reply = backend.query(Query::Operators).await?;
            let Answer::Operators(rows) = reply.answer else { return Err(wrong_answer()) };
            all(out, &rows)
        }
        Operator::Revoke { name, act: args } => act(backend, out, Act::OperatorRevoke { name }, Vec::new(), &args).await,
    }
}

impl Row for OperatorRow {
    const HEADS: &'static [&'static str] =
        &["cli-head-name", "cli-head-role", "cli-head-at", "cli-head-linked", "cli-head-revoked", "cli-head-ended"];

    fn cells(&self, out: &Out) -> Vec<Cell> {
        vec![
            Cell::new(&self.name),
            Cell::new(out.name("role", self.role)),
            Cell::new(out.when(self.created_at)),
            Cell::new(if self.person.is_some() { out.word("cli-yes") } else { "-".into() }),
            Cell::new(self.revoked_at.map_or_else(|| "-".into(), |t| out.when(t))),
            Cell::new(self.ended_at.map_or_else(|| "-".into(), |t| out.when(t))).tone(Tone::Warn),
        ]
    }
}
