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
    backend::{ActRequest, Answer, Backend, Failure, FailureKind, Query, answer::RoleRow, file},
    domain::{
        act::Act,
        operator::{Operator as OperatorRow, Role},
        role::Grant,
        sentence::Sentence,
        ssh_key::{SshKey, fingerprint, is_fingerprint},
        token::{Scope, Token},
    },
};
use clap::Subcommand;
use rand::RngCore;
use sha2::{Digest, Sha256};
use std::path::Path;
use uuid::Uuid;

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
        /// The unit, with all below it, where the role holds for one only: /集团/华东
        #[arg(long, value_name = "PATH")]
        org: Option<String>,
        #[command(flatten)]
        act: ActArgs,
    },
    /// Give an operator another role or unit; more than you have yourself waits for a second person
    Role {
        #[arg(value_name = "NAME")]
        name: String,
        #[arg(long, value_parser = one_of::<Role>())]
        role: Role,
        /// The unit, with all below it, where the role holds for one only: /集团/华东
        #[arg(long, value_name = "PATH")]
        org: Option<String>,
        #[command(flatten)]
        act: ActArgs,
    },
    /// What each role may ask and do, about whom, and what is hidden from it
    Roles,
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
    /// Issue a token for the HTTP API: it is shown once and kept nowhere
    Token {
        #[arg(value_name = "NAME")]
        name: String,
        /// Days until it expires, at most 366
        #[arg(long, default_value_t = 90, value_name = "DAYS")]
        days: i64,
        #[arg(long, default_value = "full", value_parser = one_of::<Scope>())]
        scope: Scope,
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// All tokens, those that are over too
    Tokens,
    /// End a token; streams that are open with it end within seconds
    Untoken {
        #[arg(value_name = "ID")]
        id: Uuid,
        #[command(flatten)]
        act: ActArgs,
    },
    /// Register a key of SSH: who logs in with it on a shared host is this operator
    Key {
        #[arg(value_name = "NAME")]
        name: String,
        /// Public key file, or a fingerprint as ssh-keygen -l prints it
        #[arg(value_name = "FILE|FINGERPRINT")]
        public: String,
        #[command(flatten)]
        act: ActArgs,
    },
    /// All keys of SSH, the removed ones too
    Keys,
    /// Remove a key of SSH; whoever is in with it stays until they leave
    Unkey {
        /// Public key file, or a fingerprint as ssh-keygen -l prints it
        #[arg(value_name = "FILE|FINGERPRINT")]
        public: String,
        #[command(flatten)]
        act: ActArgs,
    },
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
        Operator::Add { name, role, employee, org, act: args } => {
            let person = match employee {
                Some(text) => Some(pick::person(backend, out, &text).await?.id),
                None => None,
            };
            act(backend, out, Act::OperatorAdd { name, role, person, org }, Vec::new(), &args).await
        }
        Operator::Role { name, role, org, act: args } => act(backend, out, Act::OperatorRole { name, role, org }, Vec::new(), &args).await,
        Operator::Roles => {
            let reply = backend.query(Query::Roles).await?;
            let Answer::Roles(rows) = reply.answer else { return Err(wrong_answer()) };
            all(out, &rows)
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
        Operator::Token { name, days, scope, reason } => token(backend, out, name, days, scope, reason).await,
        Operator::Tokens => {
            let reply = backend.query(Query::Tokens).await?;
            let Answer::Tokens(rows) = reply.answer else { return Err(wrong_answer()) };
            all(out, &rows)
        }
        Operator::Untoken { id, act: args } => act(backend, out, Act::TokenRevoke, vec![id], &args).await,
        Operator::Key { name, public, act: args } => {
            let fingerprint = print_of(&public)?;
            act(backend, out, Act::OperatorKey { name, fingerprint }, Vec::new(), &args).await
        }
        Operator::Keys => {
            let reply = backend.query(Query::SshKeys).await?;
            let Answer::SshKeys(rows) = reply.answer else { return Err(wrong_answer()) };
            all(out, &rows)
        }
        Operator::Unkey { public, act: args } => {
            let fingerprint = print_of(&public)?;
            act(backend, out, Act::OperatorUnkey { fingerprint }, Vec::new(), &args).await
        }
        Operator::Revoke { name, act: args } => act(backend, out, Act::OperatorRevoke { name }, Vec::new(), &args).await,
    }
}

/// Makes a token, and has its hash entered.
async fn token(backend: &dyn Backend, out: &mut Out, name: String, days: i64, scope: Scope, reason: Option<String>) -> Result<u8, Stop> {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    let token = format!("tnr_{}", hex::encode(bytes));
    let hash = hex::encode(Sha256::digest(token.as_bytes()));
    let act = Act::TokenAdd { name: name.clone(), hash, scope, days };
    let reply = backend.act(ActRequest { act, targets: Vec::new(), key: None, reason, written: None }).await?;
    let made = reply.outcomes.into_iter().next().ok_or_else(|| Failure::broken("no outcome"))?;
    if let Some(why) = made.refusal {
        return Err(Failure::from(why).into());
    }
    if out.json {
        let pending = made.pending;
        out.json(&serde_json::json!({"id": made.id, "operator": name, "scope": scope, "days": days, "token": token, "pending": pending}))?;
    } else {
        out.line(&token)?;
        out.hint(&Sentence::new("cli-token-once").with("days", days));
        if let Some(approval) = made.pending {
            out.hint(&Sentence::new("cli-token-waits").with("approval", approval));
        }
    }
    Ok(0)
}

/// The fingerprint that is named, or of the one key in the file that is.
fn print_of(key: &str) -> Result<String, Stop> {
    if is_fingerprint(key) {
        return Ok(key.into());
    }
    let text = std::fs::read_to_string(key).map_err(|e| file::unreadable(Path::new(key), &e))?;
    let mut keys = text.lines().filter_map(fingerprint);
    match (keys.next(), keys.next()) {
        (Some(one), None) => Ok(one),
        _ => Err(Failure::new(FailureKind::Usage, Sentence::new("cli-not-a-key").with("file", key))
            .next(Sentence::new("cli-not-a-key-next"))
            .into()),
    }
}

impl Row for SshKey {
    const HEADS: &'static [&'static str] = &["cli-head-name", "cli-head-fingerprint", "cli-head-at", "cli-head-removed"];

    fn cells(&self, out: &Out) -> Vec<Cell> {
        vec![
            Cell::new(&self.name),
            Cell::new(&self.fingerprint),
            Cell::new(out.when(self.created_at)),
            Cell::new(self.removed_at.map_or_else(|| "-".into(), |t| out.when(t))),
        ]
    }
}

impl Row for Token {
    const HEADS: &'static [&'static str] =
        &["cli-head-id", "cli-head-name", "cli-head-scope", "cli-head-at", "cli-head-expires", "cli-head-revoked"];

    fn cells(&self, out: &Out) -> Vec<Cell> {
        vec![
            Cell::new(self.id),
            Cell::new(&self.name),
            Cell::new(out.name("token-scope", self.scope)),
            Cell::new(out.when(self.created_at)),
            Cell::new(out.when(self.expires_at)),
            Cell::new(self.revoked_at.map_or_else(|| "-".into(), |t| out.when(t))),
        ]
    }
}

impl Row for RoleRow {
    const HEADS: &'static [&'static str] =
        &["cli-head-role", "cli-head-operators", "cli-head-permissions", "cli-head-about", "cli-head-hidden"];

    fn cells(&self, out: &Out) -> Vec<Cell> {
        let each = |f: &dyn Fn(&Grant) -> String| self.grants.iter().map(f).collect::<Vec<_>>().join("; ");
        let fields = |g: &Grant| g.hides.iter().map(|f| out.name("role-field", f)).collect::<Vec<_>>().join(" ");
        vec![
            Cell::new(out.name("role", self.role)),
            Cell::new(self.operators),
            Cell::new(each(&|g| g.of.join(" "))),
            Cell::new(each(&|g| out.name("role-scope", g.scope))),
            Cell::new(each(&|g| if g.hides.is_empty() { "-".into() } else { fields(g) })),
        ]
    }
}

impl Row for OperatorRow {
    const HEADS: &'static [&'static str] =
        &["cli-head-name", "cli-head-role", "cli-head-org", "cli-head-at", "cli-head-linked", "cli-head-revoked", "cli-head-ended"];

    fn cells(&self, out: &Out) -> Vec<Cell> {
        vec![
            Cell::new(&self.name),
            Cell::new(out.name("role", self.role)),
            Cell::new(self.org.as_deref().unwrap_or("-")),
            Cell::new(out.when(self.created_at)),
            Cell::new(if self.person.is_some() { out.word("cli-yes") } else { "-".into() }),
            Cell::new(self.revoked_at.map_or_else(|| "-".into(), |t| out.when(t))),
            Cell::new(self.ended_at.map_or_else(|| "-".into(), |t| out.when(t))).tone(Tone::Warn),
        ]
    }
}
