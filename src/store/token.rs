//! Tokens, by the SHA-256 of what proves them.

use super::{Result, Row, Tx};
use crate::{
    domain::{
        ids::{OperatorId, TokenId},
        token::Token,
    },
    vals,
};

const SELECT: &str = "select t.id, t.operator, o.name, t.scope, t.created_at, t.expires_at, t.revoked_at, t.version \
                      from tokens t join operators o on o.id = t.operator";

fn map(r: &Row) -> Result<Token> {
    Ok(Token {
        id: r.get(0)?,
        operator: r.get(1)?,
        name: r.get(2)?,
        scope: r.get(3)?,
        created_at: r.get(4)?,
        expires_at: r.get(5)?,
        revoked_at: r.get(6)?,
        version: r.get(7)?,
    })
}

/// All tokens by operator and age, those that are over too.
pub fn all(tx: &mut Tx) -> Result<Vec<Token>> {
    tx.all(&format!("{SELECT} order by o.name, t.created_at, t.id"), &[], map)
}

/// The token with that id.
pub fn get(tx: &mut Tx, id: TokenId) -> Result<Option<Token>> {
    tx.one(&format!("{SELECT} where t.id = $1"), vals![id], map)
}

/// The tokens of an operator that were not revoked.
pub fn of_operator(tx: &mut Tx, operator: OperatorId) -> Result<Vec<Token>> {
    tx.all(&format!("{SELECT} where t.operator = $1 and t.revoked_at is null order by t.created_at, t.id"), vals![operator], map)
}

/// The token that a SHA-256 (hex) is of.
pub fn by_hash(tx: &mut Tx, hash: &str) -> Result<Option<Token>> {
    tx.one(&format!("{SELECT} where t.hash = $1"), vals![hash], map)
}

/// Writes a new token.
pub fn add(tx: &mut Tx, t: &Token, hash: &str) -> Result<()> {
    tx.exec(
        "insert into tokens (id, operator, hash, scope, created_at, expires_at, revoked_at, version) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        vals![t.id, t.operator, hash, t.scope, t.created_at, t.expires_at, t.revoked_at, t.version],
    )?;
    Ok(())
}

/// Writes what changed of a token.
pub fn put(tx: &mut Tx, t: &Token) -> Result<()> {
    tx.exec("update tokens set revoked_at = $2, version = $3 where id = $1", vals![t.id, t.revoked_at, t.version])?;
    Ok(())
}
