//! Stored files that are evidence, by content: a row a file, and its bytes in parts, so that nobody has to hold a whole one. A file from
//! before there were parts has its bytes in its row, as the only one.

use super::{Result, Tx};
use crate::{domain::ids::PersonId, vals};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// Bytes of a part, all but the last.
pub const PART: usize = 256 * 1024;

/// What a row holds whose bytes are in parts.
const NONE: &[u8] = &[];

/// Begins a file whose hash is not known yet, under a name of its own. What is never ended is dropped like any that nothing refers to.
pub fn begin(tx: &mut Tx, upload: &str) -> Result<()> {
    let now = tx.now();
    tx.exec("insert into blobs (hash, bytes, at) values ($1, $2, $3)", vals![upload, NONE, now]).map(|_| ())
}

/// Adds a part; `n` counts from 0.
pub fn add(tx: &mut Tx, hash: &str, n: i64, bytes: &[u8]) -> Result<()> {
    let bytes = tx.seal_home_bytes(bytes)?;
    tx.exec("insert into blob_parts (hash, n, bytes) values ($1, $2, $3)", vals![hash, n, bytes]).map(|_| ())
}

/// Ends a file that was begun: from now on its hash is its name. Whoever puts the same again has the whole day again in which to refer to it.
pub fn end(tx: &mut Tx, upload: &str, hash: &str) -> Result<()> {
    if keep(tx, hash)? {
        return drop_file(tx, upload);
    }
    tx.exec("update blob_parts set hash = $2 where hash = $1", vals![upload, hash])?;
    drop_file(tx, upload)
}

/// Stores a file that is at hand.
pub fn put(tx: &mut Tx, hash: &str, bytes: &[u8]) -> Result<()> {
    if keep(tx, hash)? {
        return Ok(());
    }
    for (n, part) in (0..).zip(bytes.chunks(PART)) {
        add(tx, hash, n, part)?;
    }
    Ok(())
}

/// The row of a file, made or kept for another day; whether its bytes are there already. Two who put the same wait for each other here.
fn keep(tx: &mut Tx, hash: &str) -> Result<bool> {
    let now = tx.now();
    tx.exec(
        "insert into blobs (hash, bytes, at) values ($1, $2, $3) on conflict (hash) do update set at = excluded.at",
        vals![hash, NONE, now],
    )?;
    Ok(part(tx, hash, 0)?.is_some())
}

/// Drops a file, if it is there: the row first, so that who puts the same meanwhile waits and stores it anew.
pub fn drop_file(tx: &mut Tx, hash: &str) -> Result<()> {
    tx.exec("delete from blobs where hash = $1", vals![hash])?;
    tx.exec("delete from blob_parts where hash = $1", vals![hash]).map(|_| ())
}

/// Drops some files that were put before an instant and that nothing refers to: no version of an item, no duty, no import. Gives their
/// hashes.
pub fn purge(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<Vec<String>> {
    let stray: Vec<String> = tx.all(
        "select b.hash from blobs b where b.at < $1 and not exists (select 1 from handover_versions v where v.hash = b.hash) \
         and not exists (select 1 from duties d where d.file_hash = b.hash) and not exists (select 1 from imports i where i.hash = b.hash) \
         order by b.hash limit $2",
        vals![before, limit],
        |r| r.get(0),
    )?;
    let mut gone = Vec::with_capacity(stray.len());
    for hash in stray {
        // Unless somebody has put it again by now.
        if tx.exec("delete from blobs where hash = $1 and at < $2", vals![&hash, before])? > 0 {
            tx.exec("delete from blob_parts where hash = $1", vals![&hash])?;
            gone.push(hash);
        }
    }
    Ok(gone)
}

/// A part of a stored file; `None` behind the last.
pub fn part(tx: &mut Tx, hash: &str, n: i64) -> Result<Option<Vec<u8>>> {
    let found = tx.one("select bytes from blob_parts where hash = $1 and n = $2", vals![hash, n], |r| Ok(r.home().bytes(r.get(0)?)))?;
    if found.is_some() || n > 0 {
        return Ok(found);
    }
    tx.one("select bytes from blobs where hash = $1 and length(bytes) > 0", vals![hash], |r| Ok(r.home().bytes(r.get(0)?)))
}

/// SHA-256 of the bytes that are stored under a name, read a part at a time; `None` where there are none.
pub fn digest(tx: &mut Tx, hash: &str) -> Result<Option<String>> {
    let (mut sum, mut n) = (Sha256::new(), 0);
    while let Some(bytes) = part(tx, hash, n)? {
        sum.update(&bytes);
        n += 1;
    }
    Ok((n > 0).then(|| hex::encode(sum.finalize())))
}

/// Whose offboarding a stored file is evidence of.
pub fn people_of(tx: &mut Tx, hash: &str) -> Result<Vec<PersonId>> {
    tx.all("select person from handover_versions where hash = $1 union select person from duties where file_hash = $1", vals![hash], |r| {
        r.get(0)
    })
}
