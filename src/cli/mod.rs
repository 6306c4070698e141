//! The command line: one file a subcommand, thin. It parses, asks the door ([`Backend`]), and prints.
//!
//! [`Use`] holds the subcommands that go through the door; [`Run`] those that run a home and are wired in `main`.

mod act;
mod alert;
pub mod anchor;
mod approval;
mod audit;
pub mod config;
mod contest;
mod customer;
pub mod demo;
pub mod doctor;
mod employee;
mod freeze;
mod import;
mod job;
pub mod key;
mod list;
pub mod migrate;
mod offboarding;
mod operator;
pub mod out;
mod pick;
mod plan;
mod progress;
mod quarantine;
mod report;
pub mod risk;
mod signal;
mod when;
mod words;

pub use out::{Out, Stop};

use crate::backend::Backend;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// A terminal console for the people who keep staff from leaving badly.
///
/// Without a subcommand it opens the console.
#[derive(Debug, Parser)]
#[command(name = "tenure", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 failed, 2 usage, 3 refused by policy, 4 conflict (someone was first), 5 not found, \
                          6 unreachable, 7 done in part";

/// Flags that every subcommand takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Folder of the home (database, key, configuration)
    #[arg(long, global = true, env = "TENURE_HOME", hide_env_values = true, value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// Where the company's data is: sqlite:DIR or postgres://USER@HOST/NAME or https://HOST
    #[arg(long, global = true, env = "TENURE_BACKEND", hide_env_values = true, value_name = "URL")]
    pub backend: Option<String>,
    /// File with the token for https://HOST; TENURE_TOKEN is the other way
    #[arg(long, global = true, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Certificate authorities (PEM) for https://HOST, in place of the system's
    #[arg(long, global = true, env = "TENURE_CA", hide_env_values = true, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Act as this operator, on a home in files; the user of the operating system is the default
    #[arg(long = "as", global = true, value_name = "OPERATOR")]
    pub operator: Option<String>,
    /// Command of a login by SSH, which sshd has fixed: the key says who it is, and only the console runs. See
    /// config/deploy/shared-host.md
    #[arg(long)]
    pub forced: bool,
    /// Refuse every act
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Language of sentences
    #[arg(long, global = true, value_name = "LANG", value_parser = ["en", "zh-CN"])]
    pub lang: Option<String>,
    /// Print one JSON document and nothing else
    #[arg(long, global = true)]
    pub json: bool,
    /// Theme of the console
    #[arg(long, global = true, value_name = "NAME")]
    pub theme: Option<String>,
}

/// Every subcommand.
#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(flatten)]
    Use(Use),
    #[command(flatten)]
    Run(Run),
}

/// Subcommands that go through the door.
#[derive(Debug, Subcommand)]
pub enum Use {
    /// Load people, signals, departures, customers, orders or receivables from a file
    Import(import::Import),
    /// Rows that imports refused
    #[command(subcommand)]
    Quarantine(quarantine::Quarantine),
    /// People: list, card, timeline
    #[command(subcommand)]
    Employee(employee::Employee),
    /// Scores and what pushed them
    #[command(subcommand)]
    Risk(risk::Risk),
    /// The alert queue
    #[command(subcommand)]
    Alert(alert::Alert),
    /// Retention plans
    #[command(subcommand)]
    Plan(plan::Plan),
    /// Freezing accounts: plans, orders, targets
    #[command(subcommand)]
    Freeze(freeze::Freeze),
    /// People who leave: handover, gates, what the law asks
    #[command(subcommand)]
    Offboarding(offboarding::Offboarding),
    /// Customers: owners, transfers, what is owed
    #[command(subcommand)]
    Customer(customer::Customer),
    /// What waits for a second person
    #[command(subcommand)]
    Approval(approval::Approval),
    /// Kinds of signals and their lawful basis
    #[command(subcommand)]
    Signal(signal::Signal),
    /// Operators of this home
    #[command(subcommand)]
    Operator(operator::Operator),
    /// Figures about the company as a whole
    #[command(subcommand)]
    Report(report::Report),
    /// The audit chain and the access log
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Queued machine work
    #[command(subcommand)]
    Job(job::Job),
}

/// Subcommands that run a home rather than use it.
#[derive(Debug, Subcommand)]
pub enum Run {
    /// The sample company: build it and open the console
    Demo(demo::Demo),
    /// Run the home's jobs (scores, clocks, backups)
    Worker {
        /// Run what is due now, then stop
        #[arg(long)]
        once: bool,
    },
    /// Publish this home as an HTTP API, and run its jobs
    Serve(Serve),
    /// Write a backup while the home is in use
    Backup {
        /// The file to write
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Put a verified backup in place; the replaced database is kept aside
    Restore {
        /// A file that `tenure backup` wrote
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Move the company into an empty database: every row is read back and compared
    Migrate {
        /// Where to: postgres://USER@HOST/NAME or sqlite:DIR
        #[arg(long, value_name = "URL")]
        to: String,
    },
    /// The key of the database
    #[command(subcommand)]
    Key(key::Key),
    /// The configuration of this home
    #[command(subcommand)]
    Config(config::Config),
    /// Check the home and say plainly what is wrong or unprotected
    Doctor,
    /// Completions for a shell
    Completions {
        /// The shell
        #[arg(value_name = "SHELL")]
        shell: clap_complete::Shell,
    },
}

/// How a home is published.
#[derive(Debug, Args)]
pub struct Serve {
    /// Address and port; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7465")]
    pub listen: std::net::SocketAddr,
    /// Certificate chain (PEM); without one it speaks plain text, for something in front that does TLS
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Key of the certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Leave the jobs to workers
    #[arg(long)]
    pub no_worker: bool,
}

/// What is done with the jobs of an embedded home, which may have no worker, around a subcommand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settle {
    No,
    /// Due jobs run first.
    Before,
    /// Due jobs run beside it, and what it left is done before the process ends.
    Beside,
    /// Failed jobs become due again first.
    Retry,
}

impl Use {
    /// Whether this may change the company, and so may begin a home that is not there yet. Queries of nothing say that it is not there.
    pub fn acts(&self) -> bool {
        match self {
            Self::Import(_) => true,
            Self::Quarantine(c) => matches!(c, quarantine::Quarantine::Retry(_)),
            Self::Signal(c) => !matches!(c, signal::Signal::Kinds),
            Self::Operator(c) => !matches!(c, operator::Operator::List | operator::Operator::Keys),
            _ => false,
        }
    }

    /// What is done with the home's jobs around this subcommand.
    pub fn settle(&self) -> Settle {
        match self {
            // What a dry run finds is what is there.
            Self::Import(c) if c.dry_run => Settle::No,
            Self::Import(_) => Settle::Beside,
            Self::Quarantine(quarantine::Quarantine::Retry(_)) => Settle::Beside,
            Self::Signal(signal::Signal::Enable { .. } | signal::Signal::Disable { .. }) => Settle::Beside,
            Self::Risk(risk::Risk::Score { .. }) | Self::Report(_) => Settle::Before,
            Self::Freeze(c) if c.runs() => Settle::Beside,
            Self::Audit(audit::Audit::Anchor(a)) if a.writes() => Settle::Beside,
            Self::Approval(approval::Approval::Grant(_)) => Settle::Beside,
            Self::Job(job::Job::Retry) => Settle::Retry,
            _ => Settle::No,
        }
    }
}

/// Runs one subcommand through the door; returns the exit code of a request that was answered.
pub async fn run(command: Use, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    match command {
        Use::Import(c) => import::run(c, backend, out).await,
        Use::Quarantine(c) => quarantine::run(c, backend, out).await,
        Use::Employee(c) => employee::run(c, backend, out).await,
        Use::Risk(c) => risk::run(c, backend, out).await,
        Use::Alert(c) => alert::run(c, backend, out).await,
        Use::Plan(c) => plan::run(c, backend, out).await,
        Use::Freeze(c) => freeze::run(c, backend, out).await,
        Use::Offboarding(c) => offboarding::run(c, backend, out).await,
        Use::Customer(c) => customer::run(c, backend, out).await,
        Use::Approval(c) => approval::run(c, backend, out).await,
        Use::Signal(c) => signal::run(c, backend, out).await,
        Use::Operator(c) => operator::run(c, backend, out).await,
        Use::Report(c) => report::run(c, backend, out).await,
        Use::Audit(c) => audit::run(c, backend, out).await,
        Use::Job(c) => job::run(c, backend, out).await,
    }
}
