//! `tenure signal`: kinds of signals, on or off, with their lawful basis.

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
        signal::{KindPolicy, LawfulBasis, SignalKind},
    },
};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum Signal {
    /// Every kind: on or off, basis, purpose, how long it is kept
    Kinds,
    /// Accept a kind from now on, on a recorded basis
    Enable {
        #[arg(value_name = "KIND", value_parser = one_of::<SignalKind>())]
        kind: SignalKind,
        /// Ground of the processing
        #[arg(long, value_parser = one_of::<LawfulBasis>())]
        basis: LawfulBasis,
        #[command(flatten)]
        act: ActArgs,
    },
    /// Stop accepting and weighing a kind
    Disable {
        #[arg(value_name = "KIND", value_parser = one_of::<SignalKind>())]
        kind: SignalKind,
        #[command(flatten)]
        act: ActArgs,
    },
}

pub(super) async fn run(command: Signal, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    match command {
        Signal::Kinds => {
            let reply = backend.query(Query::Kinds).await?;
            let Answer::Kinds(kinds) = reply.answer else { return Err(wrong_answer()) };
            all(out, &kinds)
        }
        Signal::Enable { kind, basis, act: args } => act(backend, out, Act::SignalEnable { kind, basis }, Vec::new(), &args).await,
        Signal::Disable { kind, act: args } => act(backend, out, Act::SignalDisable { kind }, Vec::new(), &args).await,
    }
}

impl Row for KindPolicy {
    const HEADS: &'static [&'static str] = &[
        "cli-head-kind",
        "cli-head-title",
        "cli-head-enabled",
        "cli-head-basis",
        "cli-head-purpose",
        "cli-head-sensitivity",
        "cli-head-keep-days",
    ];

    fn cells(&self, out: &Out) -> Vec<Cell> {
        vec![
            Cell::new(self.kind),
            Cell::new(out.name("signal-kind", self.kind)),
            Cell::new(out.word(if self.enabled { "cli-on" } else { "cli-off" })),
            Cell::new(self.basis.map_or_else(|| "-".into(), |b| out.name("lawful-basis", b))),
            Cell::new(out.name("purpose", &self.purpose)),
            Cell::new(out.name("sensitivity", self.sensitivity)),
            Cell::figure(self.keep_days),
        ]
    }
}
