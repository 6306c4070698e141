//! Files that are evidence: taken and given a part at a time.

use super::Service;
use crate::{
    backend::{Failure, FailureKind, OnProgress, Progress, Source, Staged, answer::ImportChange},
    domain::{handover::FileRef, ids::PersonId, sentence::Sentence},
    store::{self, StoreError, Tx, blob::PART},
};
use sha2::{Digest, Sha256};
use std::{
    io::{self, Read},
    sync::Arc,
};

/// Largest file that is taken.
const MOST_BYTES: u64 = 20 * 1024 * 1024;

impl Service {
    /// Stores a file that is evidence, under its hash.
    pub(super) fn put_evidence(&self, file: &str, mut bytes: Source, mut progress: OnProgress) -> Result<Staged, Failure> {
        let first = next_part(&mut bytes).map_err(|e| unread(file, e))?;
        if first.is_empty() {
            return Err(Failure::new(FailureKind::Usage, Sentence::new("evidence-empty").with("file", file)));
        }
        let now = self.db.read(|tx| Ok::<_, StoreError>(tx.now()))?;
        let upload = format!("upload {}", self.new_id(now));
        self.db.write(|tx| store::blob::begin(tx, &upload))?;
        let taken = self.take_parts(&upload, file, first, &mut bytes, &mut progress);
        if taken.is_err() {
            // What fails here as well is dropped after a day.
            let _ = self.db.write(|tx| store::blob::drop_file(tx, &upload));
        }
        Ok(Staged { id: None, hash: taken?, rows: 0, bad: 0, sample: Vec::new(), change: ImportChange::default() })
    }

    fn take_parts(
        &self,
        upload: &str,
        file: &str,
        first: Vec<u8>,
        bytes: &mut Source,
        progress: &mut OnProgress,
    ) -> Result<String, Failure> {
        let (mut sum, mut size, mut n, mut part) = (Sha256::new(), 0, 0, first);
        while !part.is_empty() {
            size += part.len() as u64;
            if size > MOST_BYTES {
                let most = MOST_BYTES / 1024 / 1024;
                return Err(Failure::new(FailureKind::Usage, Sentence::new("evidence-large").with("file", file).with("most", most)));
            }
            sum.update(&part);
            self.db.write_relaxed(|tx| store::blob::add(tx, upload, n, &part))?;
            progress(Progress { rows: 0, bytes: size, bad: 0 });
            n += 1;
            part = next_part(bytes).map_err(|e| unread(file, e))?;
        }
        let hash = hex::encode(sum.finalize());
        self.db.write(|tx| store::blob::end(tx, upload, &hash))?;
        Ok(hash)
    }

    /// Whose offboarding a stored file is evidence of. Bytes that do not fit their hash are handed to nobody.
    pub(super) fn file_of(&self, tx: &mut Tx, hash: &str) -> Result<Vec<PersonId>, Failure> {
        match store::blob::digest(tx, hash)? {
            None => Err(Failure::new(FailureKind::NotFound, Sentence::new("not-found").with("what", "@entity-blob"))),
            Some(is) if is != hash => Err(Failure::new(FailureKind::Failed, Sentence::new("evidence-changed").with("hash", hash))),
            Some(_) => Ok(store::blob::people_of(tx, hash)?),
        }
    }
}

/// Whether a file is stored with the bytes of its hash.
pub(super) fn known(tx: &mut Tx, file: Option<&FileRef>) -> Result<bool, StoreError> {
    let Some(file) = file else { return Ok(false) };
    Ok(store::blob::digest(tx, &file.hash)?.is_some_and(|is| is == file.hash))
}

fn unread(file: &str, e: io::Error) -> Failure {
    Failure::new(FailureKind::Failed, Sentence::new("evidence-io").with("file", file).with("detail", e))
}

/// The next bytes of a stream, as many as make a part; none at its end.
fn next_part(from: &mut Source) -> io::Result<Vec<u8>> {
    let mut part = Vec::new();
    from.by_ref().take(PART as u64).read_to_end(&mut part)?;
    Ok(part)
}

/// The bytes of a stored file, a part in memory.
pub(super) struct Stored {
    service: Arc<Service>,
    hash: String,
    n: i64,
    part: io::Cursor<Vec<u8>>,
}

impl Stored {
    pub fn new(service: Arc<Service>, hash: String) -> Self {
        Self { service, hash, n: 0, part: io::Cursor::default() }
    }
}

impl Read for Stored {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.part.read(into)?;
        if n > 0 || into.is_empty() {
            return Ok(n);
        }
        let next = self.service.db.read(|tx| store::blob::part(tx, &self.hash, self.n)).map_err(io::Error::other)?;
        match next {
            Some(part) => {
                self.n += 1;
                self.part = io::Cursor::new(part);
                self.part.read(into)
            }
            // Erased while it was read: half a file is not the end of one.
            None if self.service.db.read(|tx| store::blob::part(tx, &self.hash, 0)).map_err(io::Error::other)?.is_none() => {
                Err(io::ErrorKind::NotFound.into())
            }
            None => Ok(0),
        }
    }
}
