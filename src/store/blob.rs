//! Stored files that are evidence, by content.

use super::{Result, Tx};
use crate::{domain::ids::PersonId, vals};
use jiff::Timestamp;

/// Stores bytes under their hash. Whoever puts them again has the whole day again in which to refer to them.
pub fn put(tx: &mut Tx, hash: &str, bytes: &[u8]) -> Result<()> {
    let now = tx.now();
    let bytes = tx.seal_home_bytes(bytes)?;
    tx.exec(
        "insert into blobs (hash, bytes, at) values ($1, $2, $3) on conflict (hash) do update set at = excluded.at",
        vals![hash, bytes, now],
    )?;
    Ok(())
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
    for hash in &stray {
        tx.exec("delete from blobs where hash = $1", vals![hash])?;
    }
    Ok(stray)
}

/// Stored bytes.
pub fn get(tx: &mut Tx, hash: &str) -> Result<Option<Vec<u8>>> {
    tx.one("select bytes from blobs where hash = $1", vals![hash], |r| Ok(r.home().bytes(r.get(0)?)))
}

/// Whose offboarding a stored file is evidence of.
pub fn people_of(tx: &mut Tx, hash: &str) -> Result<Vec<PersonId>> {
    tx.all("select person from handover_versions where hash = $1 union select person from duties where file_hash = $1", vals![hash], |r| {
        r.get(0)
    })
}
