//! What became of the anchors, by sink: when one was last written there, and since when none could be.

use super::{Result, Row, Tx};
use crate::{domain::sentence::Sentence, vals};
use jiff::Timestamp;

/// How a sink stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    pub sink: String,
    /// When it was last tried.
    pub tried_at: Option<Timestamp>,
    /// The last anchor that it took: when, and the numbers of the two heads.
    pub at: Option<Timestamp>,
    pub acts: i64,
    pub access: i64,
    /// Since when it has taken none.
    pub failing_since: Option<Timestamp>,
    /// Tries since then.
    pub failed: i64,
    pub error: Option<Sentence>,
}

const COLUMNS: &str = "sink, tried_at, at, acts, access, failing_since, failed, error";

fn map(r: &Row) -> Result<Standing> {
    let error: Option<String> = r.get(7)?;
    Ok(Standing {
        sink: r.get(0)?,
        tried_at: r.get(1)?,
        at: r.get(2)?,
        acts: r.get(3)?,
        access: r.get(4)?,
        failing_since: r.get(5)?,
        failed: r.get(6)?,
        error: error.and_then(|e| serde_json::from_str(&e).ok()),
    })
}

/// Every sink that was ever tried.
pub fn all(tx: &mut Tx) -> Result<Vec<Standing>> {
    tx.all(&format!("select {COLUMNS} from anchors order by sink"), &[], map)
}

/// Writes how a sink stands.
pub fn put(tx: &mut Tx, s: &Standing) -> Result<()> {
    let error = s.error.as_ref().map(|e| serde_json::to_string(e).unwrap_or_default());
    tx.exec(
        "insert into anchors (sink, tried_at, at, acts, access, failing_since, failed, error) values ($1, $2, $3, $4, $5, $6, $7, $8) \
         on conflict (sink) do update set tried_at = excluded.tried_at, at = excluded.at, acts = excluded.acts, access = excluded.access, \
         failing_since = excluded.failing_since, failed = excluded.failed, error = excluded.error",
        vals![&s.sink, s.tried_at, s.at, s.acts, s.access, s.failing_since, s.failed, error],
    )?;
    Ok(())
}

/// Forgets a sink that the configuration no longer names.
pub fn forget(tx: &mut Tx, sink: &str) -> Result<()> {
    tx.exec("delete from anchors where sink = $1", vals![sink]).map(|_| ())
}

/// Sinks for which a job waits or runs.
pub fn queued(tx: &mut Tx) -> Result<Vec<String>> {
    tx.all("select key from jobs where kind = 'anchor' and state <> 'failed'", &[], |r| r.get(0))
}
