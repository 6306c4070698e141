//! The door: everything the console, the command line and the HTTP API hold of a company (DESIGN.md, "One door").
//!
//! A [`Backend`] is opened for one proven operator and has five verbs. `query` answers one page and a cursor, `act` changes something
//! or refuses, `put` and `get` move bytes, `watch` names what changed.

pub mod answer;
pub mod failure;
pub mod file;
pub mod filter;
pub mod ingest;
pub mod query;
pub mod table;

pub use answer::{Answer, Page, Reply};
pub use failure::{Failure, FailureKind};
pub use filter::Filter;
pub use query::{Cursor, Query};

use crate::domain::{
    act::{Act, Entity, Refusal},
    ids::{ApprovalId, ImportId},
    import::BadRow,
    operator::Identity,
};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What an operator was looking at when a key was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    pub id: Uuid,
    /// Version on screen; `None` asks for the act on whatever is there now.
    pub version: Option<i64>,
}

/// One request to act. Several targets are one transaction: those that may, commit; the others come back refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActRequest {
    pub act: Act,
    /// Empty for acts that need none (`operator.add`).
    #[serde(default)]
    pub targets: Vec<Target>,
    /// Idempotency key, scoped to the operator: the same key and body give the same answer for 30 days.
    #[serde(default)]
    pub key: Option<String>,
    #[serde(default)]
    pub reason: Option<String>,
    /// The act's instant as it was written where it counts from now (`4h`, `now`): a key is bound to these words, so that the same
    /// command said again is a replay and no other request.
    #[serde(default)]
    pub written: Option<String>,
}

impl ActRequest {
    /// A request for one target.
    pub fn one(act: Act, id: impl Into<Uuid>, version: Option<i64>) -> Self {
        Self { act, targets: vec![Target { id: id.into(), version }], key: None, reason: None, written: None }
    }
}

/// What became of one target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    pub id: Uuid,
    pub entity: Entity,
    /// `None` when it was done; nothing of this target was applied otherwise.
    pub refusal: Option<Refusal>,
    /// Version after the act.
    pub version: Option<i64>,
    /// Set when the act now waits for another person instead.
    pub pending: Option<ApprovalId>,
}

/// Answer to an act: an outcome per target, and the touched rows as they are now, so that list and outcome change in one frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ActReply {
    pub outcomes: Vec<Outcome>,
    /// Sequence number of the audit entry; `None` when all were refused.
    pub entry: Option<i64>,
    /// True when the key was seen before and this is the stored answer.
    pub replayed: bool,
    /// Touched alerts, plans and customers.
    #[serde(default)]
    pub touched: Vec<Touched>,
}

/// A row that an act changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Touched {
    Alert(Box<answer::AlertRow>),
    Plan(Box<answer::PlanRow>),
    Freeze(Box<answer::FreezeRow>),
    Offboarding(Box<answer::OffboardingCard>),
    Customer(Box<answer::CustomerRow>),
}

/// What a put stream is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Put {
    /// A file to import: staged and checked, published by `import.publish`.
    Import {
        /// `employees`, `signals`, `exits`, `customers`, `orders` or `receivables`.
        kind: String,
        /// Name of a mapping in config/maps or text of a mapping file; `None` takes the standard columns.
        map: Option<String>,
        /// File name for messages.
        file: String,
        /// Total bytes where known, for the progress bar.
        bytes: Option<u64>,
        /// Whether to work out what publishing would change; costs a look-up a row.
        preview: Preview,
    },
    /// A file that is evidence of a handover or of a duty: kept under its hash, which an act then names.
    Evidence {
        /// File name for messages.
        file: String,
    },
}

/// How much of an import is looked at beforehand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Preview {
    /// Staged only.
    #[default]
    No,
    /// Staged, and said what publishing would change (`--strict`).
    Also,
    /// Said what publishing would change; nothing is staged, nothing is left behind (`--dry-run`).
    Only,
}

/// How far a `put` has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub rows: u64,
    pub bytes: u64,
    pub bad: u64,
}

/// What a `put` left behind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Staged {
    /// To publish or discard; `None` after [`Preview::Only`].
    pub id: Option<ImportId>,
    /// SHA-256 of the bytes, hex.
    pub hash: String,
    pub rows: u64,
    pub bad: u64,
    /// The first bad rows, at most 20, with those that a preview saw refused; all are in quarantine after publishing.
    pub sample: Vec<BadRow>,
    /// What publishing would change.
    pub change: answer::ImportChange,
}

/// Something that changed in the company since a watch mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Changed {
    /// `alert`, `plan`, `score`, ...
    pub what: String,
    /// `None`: more than can be named; ask again for what is shown.
    pub id: Option<Uuid>,
}

/// Answer to a watch: a new mark and what changed up to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Watched {
    pub mark: i64,
    pub changed: Vec<Changed>,
}

/// By how much the store's clock, as an answer told it, is ahead of ours; `None` where it is no more than an answer's way and somebody's
/// rounding. It is shown and nothing else: whatever is decided is decided by the store's clock.
pub fn skew(at: Timestamp, now: Timestamp) -> Option<SignedDuration> {
    let ahead = at.duration_since(now);
    (ahead.abs() > SKEW).then_some(ahead)
}

/// A difference of clocks that is said.
const SKEW: SignedDuration = SignedDuration::from_secs(30);

/// A stream that `put` reads and `get` gives.
pub type Source = Box<dyn std::io::Read + Send>;
/// Called by `put` now and then with how far it has come.
pub type OnProgress = Box<dyn FnMut(Progress) + Send>;

/// The door to one company for one proven operator.
#[async_trait]
pub trait Backend: Send + Sync {
    /// Who the backend is open for.
    fn who(&self) -> &Identity;
    /// One page of an answer.
    async fn query(&self, query: Query) -> Result<Reply, Failure>;
    /// Does one act, or refuses.
    async fn act(&self, request: ActRequest) -> Result<ActReply, Failure>;
    /// Takes a stream of bytes.
    async fn put(&self, what: Put, bytes: Source, progress: OnProgress) -> Result<Staged, Failure>;
    /// Bytes of a stored blob, by its SHA-256. Reading them may block.
    async fn get(&self, hash: &str) -> Result<Source, Failure>;
    /// Waits until something changed after `mark` (at most about 30 s; 0 answers at once with today's mark).
    async fn watch(&self, mark: i64) -> Result<Watched, Failure>;
}
