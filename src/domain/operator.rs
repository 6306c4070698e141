//! Operators of the console, and how an identity was proven (domain.md 13).

pub use super::role::Role;

use super::{
    ids::{FreezeId, OperatorId, PersonId, SshKeyId},
    sentence::Sentence,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// How the identity of an operator was established; it is in every audit entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Proof {
    /// `--as NAME` on a home that the caller can read anyway.
    Asserted,
    /// The operating system's user of the process.
    OsUser,
    SshKey,
    Token,
    /// The machine itself: jobs.
    Machine,
}

/// An operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Operator {
    pub id: OperatorId,
    /// Unique, lower case.
    pub name: String,
    pub role: Role,
    /// The unit, with all below it, where the role holds for one only: `/集团/华东`.
    #[serde(default)]
    pub org: Option<String>,
    pub created_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
    /// Whose login it is, where somebody said so: name and number tell it otherwise.
    #[serde(default)]
    pub person: Option<PersonId>,
    /// The suspension of that person's accounts ended this one too.
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
    /// The order that did; its thaw gives the operator back.
    #[serde(default)]
    pub ended_by: Option<FreezeId>,
    pub version: i64,
}

impl Operator {
    /// A new operator.
    pub fn new(id: OperatorId, name: String, role: Role, person: Option<PersonId>, now: Timestamp) -> Self {
        Self { id, name, role, org: None, created_at: now, revoked_at: None, person, ended_at: None, ended_by: None, version: 1 }
    }

    /// Whether the operator may do or see anything.
    pub fn is_active(&self) -> bool {
        self.revoked_at.is_none() && self.ended_at.is_none()
    }

    /// Why the operator may not, if so.
    pub fn shut_out(&self) -> Option<Sentence> {
        let code = match (self.revoked_at, self.ended_at) {
            (Some(_), _) => "operator-revoked",
            (None, Some(_)) => "operator-ended",
            (None, None) => return None,
        };
        Some(Sentence::new(code).with("name", &self.name))
    }

    /// The operator after the accounts of its person were suspended; `None` when it was ended before.
    pub fn end(&self, by: FreezeId, now: Timestamp) -> Option<Self> {
        self.is_active().then(|| Self { ended_at: Some(now), ended_by: Some(by), version: self.version + 1, ..self.clone() })
    }

    /// The operator after it was given back; `None` when nothing had ended it.
    pub fn restore(&self) -> Option<Self> {
        self.ended_at.map(|_| Self { ended_at: None, ended_by: None, version: self.version + 1, ..self.clone() })
    }
}

/// A proven operator: what a backend is opened for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Identity {
    pub operator: OperatorId,
    pub name: String,
    pub role: Role,
    pub proof: Proof,
    /// The registered key of SSH that proved it: who it is ends with the key.
    #[serde(skip)]
    pub key: Option<SshKeyId>,
}
