//! Signals that other systems send: batches, each taken once. No operator's door: a source proves itself, and may do nothing else.

use crate::domain::{ids::ImportId, sentence::Sentence};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most bytes of a batch.
pub const MOST_BYTES: usize = 4 << 20;
/// Most signals of a batch.
pub const MOST_SIGNALS: usize = 5_000;
/// How far the time of a signature may lie from ours, in seconds.
pub const WINDOW: i64 = 300;

/// How a source proves itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Knock {
    /// A token of the scope `ingest`.
    Token(String),
    /// `t=SECONDS,v1=HEX`: HMAC-SHA256 over `SECONDS.BODY`. More than one `v1` while a secret is changed.
    Signature(String),
}

/// What a source sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    pub source: String,
    /// Its name for the batch; the hash of the body where it has none.
    pub key: Option<String>,
    pub knock: Knock,
    /// A JSON array of objects, or a line each.
    pub body: Vec<u8>,
}

/// A signal that went to quarantine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Aside {
    /// Which of the batch, from 1.
    pub row: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    pub why: Sentence,
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ingested {
    pub source: String,
    /// The key under which the same answer is given again for 30 days.
    pub batch: String,
    pub import: ImportId,
    pub accepted: i64,
    /// Known already.
    pub same: i64,
    pub quarantined: i64,
    /// The first of those, at most 20.
    pub why: Vec<Aside>,
    /// The batch was seen before, and this is the stored answer.
    pub replayed: bool,
}
