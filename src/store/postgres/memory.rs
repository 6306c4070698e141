//! The last head of the act chain that a client saw acknowledged. A server that lacks it has lost acts: a standby that was promoted before it
//! had them, or the old primary that woke up again. Nothing is written to such a server.

use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};
use tokio_postgres::SimpleQueryMessage;

/// Takes the row that makes acts serial. Whoever has it and says nothing more has lost it soon: several may be cut off at once, and each of
/// them gets its turn.
pub(super) const LOCK: &str = "set local idle_in_transaction_session_timeout = '5s'; select seq from heads where chain = 'acts' for update";
/// Reads it.
pub(super) const HEAD: &str = "select seq, hash from heads where chain = 'acts'";

/// Number and hash (hex, as the server writes it) of an entry.
pub(super) type Head = (i64, String);

/// The heads among the rows that statements gave.
pub(super) fn heads(said: &[SimpleQueryMessage]) -> impl Iterator<Item = Head> {
    said.iter().filter_map(|m| match m {
        SimpleQueryMessage::Row(row) if row.len() == 2 => Some((row.get(0)?.parse().ok()?, row.get(1)?.to_owned())),
        _ => None,
    })
}

/// Kept in a file of the home, so that the next process knows it too.
pub(super) struct Memory {
    file: Option<PathBuf>,
    last: Mutex<Option<Head>>,
}

impl Memory {
    /// One a database, whichever of its servers answers.
    pub(super) fn open(database: &str, dir: Option<&Path>) -> Self {
        let name = hex::encode(Sha256::digest(database));
        let file = dir.map(|d| d.join(format!("head-{}", name.get(..8).unwrap_or_default())));
        let last = file.as_ref().and_then(|f| fs::read_to_string(f).ok()).and_then(|text| {
            let (seq, hash) = text.trim().split_once(' ')?;
            Some((seq.parse().ok()?, hash.to_owned()))
        });
        Self { file, last: Mutex::new(last) }
    }

    pub(super) fn last(&self) -> Option<Head> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Remembers what was just acknowledged. A file that cannot be written makes the next process forgetful, not this one.
    pub(super) fn keep(&self, said: &[SimpleQueryMessage]) {
        // An empty chain has nothing to lose.
        let Some(head) = heads(said).next().filter(|(seq, _)| *seq > 0) else { return };
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_ref().is_some_and(|(seq, _)| *seq >= head.0) {
            return;
        }
        if let Some(file) = &self.file {
            let part = file.with_extension("part");
            let _ = fs::write(&part, format!("{} {}\n", head.0, head.1)).and_then(|()| fs::rename(&part, file));
        }
        *last = Some(head);
    }
}
