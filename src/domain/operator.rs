//! Operators of the console, and how an identity was proven (domain.md 13).

use super::ids::OperatorId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// Roles of domain.md 13. Until roles are enforced everyone may do everything; the role is recorded from the first act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    Triager,
    Hrbp,
    HrManager,
    HrDirector,
    LineManager,
    ItSupport,
    SecurityApprover,
    PrivacyOfficer,
    SysAdmin,
    Auditor,
}

/// How the identity of an operator was established; it is in every audit entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Display, EnumString, EnumIter, IntoStaticStr)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    pub id: OperatorId,
    /// Unique, lower case.
    pub name: String,
    pub role: Role,
    pub created_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
    pub version: i64,
}

/// A proven operator: what a backend is opened for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub operator: OperatorId,
    pub name: String,
    pub role: Role,
    pub proof: Proof,
}
