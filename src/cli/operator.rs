//! `tenure operator`: who may use this home.

use super::{
    Out, Stop,
    act::{ActArgs, act},
    list::{Row, all, wrong_answer},
    out::Cell,
    words::one_of,
};
use crate::{
    backend::{ActRequest, Answer, Backend, Failure, Query},
    domain::{
        act::Act,
        operator::{Operator as OperatorRow, Role},
        sentence::Sentence,
        token::{Scope, Token},
    },
};
use clap::Subcommand;
use rand::RngCore;
use sha2::{Digest, Sha256};
use uuid::Uuid;

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
        Operator::Token { name, days, scope, reason } => token(backend, out, name, days, scope, reason).await,
        Operator::Tokens => {
            let reply = backend.query(Query::Tokens).await?;
            let Answer::Tokens(rows) = reply.answer else { return Err(wrong_answer()) };
            all(out, &rows)
        }
        Operator::Untoken { id, act: args } => act(backend, out, Act::TokenRevoke, vec![id], &args).await,
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
        out.json(&serde_json::json!({"id": made.id, "operator": name, "scope": scope, "days": days, "token": token}))?;
    } else {
        out.line(&token)?;
        out.hint(&Sentence::new("cli-token-once").with("days", days));
    }
    Ok(0)
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
