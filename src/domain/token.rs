//! Tokens: how an operator proves who they are to the HTTP API (DESIGN.md, "Reliability and security rules").
//!
//! A token is 256 random bits. Whoever asks for one makes it and says only its SHA-256: no act, answer, stored row or log ever holds the
//! token itself.

use super::{
    act::{Refusal, RefusalClass},
    ids::{OperatorId, TokenId},
    sentence::Sentence,
};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// What a token may be used for.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Scope {
    /// Everything that its operator may do.
    Full,
    /// Queries only.
    Read,
    /// Sending signals, and nothing else.
    Ingest,
}

/// A token, without what proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Token {
    pub id: TokenId,
    pub operator: OperatorId,
    /// Name of its operator.
    pub name: String,
    pub scope: Scope,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
    pub version: i64,
}

/// Longest life of a token, in days.
pub const MAX_DAYS: i64 = 366;

impl Token {
    /// Whether it still opens the door.
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// A new one, for 1 to [`MAX_DAYS`] days.
    ///
    /// # Errors
    /// A life that is out of range.
    pub fn issue(id: TokenId, operator: OperatorId, name: &str, scope: Scope, days: i64, now: Timestamp) -> Result<Self, Refusal> {
        if !(1..=MAX_DAYS).contains(&days) {
            return Err(Refusal::new(RefusalClass::Usage, Sentence::new("refused-token-days").with("most", MAX_DAYS)));
        }
        let expires_at = now + SignedDuration::from_hours(24 * days);
        Ok(Self { id, operator, name: name.into(), scope, created_at: now, expires_at, revoked_at: None, version: 1 })
    }

    /// The token after it was revoked.
    ///
    /// # Errors
    /// It was revoked before.
    pub fn revoke(&self, now: Timestamp) -> Result<Self, Refusal> {
        match self.revoked_at {
            Some(_) => Err(Refusal::new(RefusalClass::Policy, Sentence::new("refused-no-change"))),
            None => Ok(Self { revoked_at: Some(now), version: self.version + 1, ..self.clone() }),
        }
    }
}

/// Whether a text is a SHA-256 in lower-case hexadecimal digits.
pub fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
