//! Everything the console can ask for, as data. The runtime carries it out and answers with a [`Msg`](super::msg::Msg).

use crate::backend::{ActRequest, Query};
use std::path::PathBuf;

/// Number of a request; an answer to an older one is dropped.
pub type ReqId = u64;
/// Number of an act in flight.
pub type JobId = u64;

/// What an answer is for. A newer question in a slot cancels the older one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    Home,
    Today,
    Alerts,
    People,
    Card,
    Series,
    Timeline,
    Plans,
    Approvals,
    Freezes,
    Order,
    Audit,
    Board,
    /// What is owed, beside the board.
    Owed,
    Case,
    /// What an open overlay waits for: a report, an explanation, a what-if, the operators.
    Overlay,
    /// Which orders are under way, before the console is left.
    Leave,
    Verify,
    Admin,
    /// What stands beside a section of the admin pane.
    Tokens,
    Queue,
    Quarantine,
    Drill,
    /// The targets, asked one by one.
    Health,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Reads; may be cancelled by a newer one in the same slot.
    Query {
        slot: Slot,
        req: ReqId,
        query: Query,
    },
    /// Acts; never cancelled.
    Act {
        job: JobId,
        request: ActRequest,
    },
    /// Puts a file of this machine into the store; the act that waits for it then names it.
    Put {
        job: JobId,
        path: PathBuf,
    },
    /// Reads a stored file, for the reader.
    Get {
        req: ReqId,
        /// SHA-256, hex.
        hash: String,
    },
    /// Keeps one long poll.
    Watch {
        mark: i64,
    },
    /// Loads a file; never cancelled.
    Import {
        req: ReqId,
        /// Idempotency key of the publishing.
        key: String,
        /// `employees`, `signals` or `exits`.
        kind: &'static str,
        file: String,
        /// Name or file of a mapping.
        map: Option<String>,
    },
    /// Puts text on the terminal's clipboard.
    Copy(String),
    /// Paints every cell again.
    Repaint,
    Quit,
    /// Leaves because the terminal is gone: what was typed is kept.
    HangUp,
    /// Leaves for the sample company, which whoever started the console makes.
    Sample,
}
