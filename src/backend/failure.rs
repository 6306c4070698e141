//! Failures as sentences with a next step; each kind has one exit code (DESIGN.md, command line).

use crate::domain::{
    act::{Refusal, RefusalClass},
    sentence::Sentence,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Class of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// Something broke: exit 1.
    Failed,
    /// The request makes no sense: exit 2.
    Usage,
    /// A rule forbids it: exit 3.
    Refused,
    /// Someone was first: exit 4.
    Conflict,
    /// No such thing: exit 5.
    NotFound,
    /// The company's data cannot be reached: exit 6.
    Unreachable,
    /// Done in part: exit 7.
    Partial,
    /// Sent, and no answer came: may have happened. Exit 6.
    Unknown,
}

impl FailureKind {
    /// The process exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::Conflict => 4,
            Self::NotFound => 5,
            Self::Unreachable | Self::Unknown => 6,
            Self::Partial => 7,
        }
    }
}

/// A failure that a person can read: what happened and, where there is one, what to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
#[error("{}", .what.code)]
pub struct Failure {
    pub kind: FailureKind,
    pub what: Sentence,
    pub next: Option<Sentence>,
}

impl Failure {
    /// A failure with a sentence.
    pub fn new(kind: FailureKind, what: Sentence) -> Self {
        Self { kind, what, next: None }
    }

    /// Adds the next step.
    #[must_use]
    pub fn next(mut self, next: Sentence) -> Self {
        self.next = Some(next);
        self
    }

    /// An unexpected error from below; `detail` must hold no personal data.
    pub fn broken(detail: impl ToString) -> Self {
        Self::new(FailureKind::Failed, Sentence::new("failed-internal").with("detail", detail))
    }
}

impl From<Refusal> for Failure {
    fn from(r: Refusal) -> Self {
        let kind = match r.class {
            RefusalClass::Usage => FailureKind::Usage,
            RefusalClass::Policy => FailureKind::Refused,
            RefusalClass::Conflict => FailureKind::Conflict,
            RefusalClass::NotFound => FailureKind::NotFound,
        };
        Self::new(kind, r.why)
    }
}
