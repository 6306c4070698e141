//! The drill of break-glass: once a month somebody sees that it would work, without touching anybody (domain.md "Approver unreachable").

use crate::domain::sentence::Sentence;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Days after which the next drill is due.
pub const DAYS: i64 = 31;

/// One thing that a break-glass freeze would need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    pub ok: bool,
    pub what: Sentence,
}

impl Line {
    /// It is there.
    pub fn good(what: Sentence) -> Self {
        Self { ok: true, what }
    }

    /// It is not.
    pub fn bad(what: Sentence) -> Self {
        Self { ok: false, what }
    }
}

/// A drill that was held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Drill {
    pub at: Timestamp,
    pub by: String,
    pub lines: Vec<Line>,
}

impl Drill {
    /// How many things were wrong.
    pub fn faults(&self) -> usize {
        self.lines.iter().filter(|l| !l.ok).count()
    }

    /// When the next one is due.
    pub fn due_at(&self) -> Timestamp {
        self.at + SignedDuration::from_hours(24 * DAYS)
    }
}
