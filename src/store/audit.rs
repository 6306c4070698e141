//! The two chains, person keys, and the feed that `watch` reads.

use super::{Result, StoreError, Tx};
use crate::{
    domain::{
        audit::{Entry, link},
        ids::PersonId,
    },
    vals,
};
use uuid::Uuid;

pub use crate::domain::audit::Chain;

impl Chain {
    fn table(self) -> &'static str {
        match self {
            Self::Acts => "audit",
            Self::Access => "access",
        }
    }
}

/// A stored entry: (seq, bytes, hash).
pub type Stored = (i64, Vec<u8>, Vec<u8>);

/// Sequence number and hash of the last entry.
pub fn head(tx: &mut Tx, chain: Chain) -> Result<(i64, [u8; 32])> {
    let found =
        tx.one("select seq, hash from heads where chain = $1", vals![chain.name()], |r| Ok((r.get::<i64>(0)?, r.get::<Vec<u8>>(1)?)))?;
    match found {
        Some((seq, hash)) => Ok((seq, hash.try_into().map_err(|_| StoreError::Column(1))?)),
        None => Err(StoreError::Schema("the chain has no head".into())),
    }
}

/// Makes the head rows of a new database.
pub fn begin(tx: &mut Tx) -> Result<()> {
    for chain in [Chain::Acts, Chain::Access] {
        tx.exec(
            "insert into heads (chain, seq, hash) values ($1, 0, $2) on conflict (chain) do nothing",
            vals![chain.name(), crate::domain::audit::GENESIS.as_slice()],
        )?;
    }
    Ok(())
}

/// Appends an entry: moves the head, fills in `seq` and `prev`. Returns the sequence number.
///
/// The head is moved before it is read: from then on the row is ours, and who appends at the same time waits instead of failing.
pub fn append(tx: &mut Tx, chain: Chain, mut entry: Entry) -> Result<i64> {
    let moved = tx.exec("update heads set seq = seq + 1 where chain = $1", vals![chain.name()])?;
    if moved != 1 {
        return Err(StoreError::Schema("the chain has no head".into()));
    }
    let (seq, hash) = head(tx, chain)?;
    entry.seq = seq;
    entry.prev = hex::encode(hash);
    let bytes = entry.bytes();
    let now = link(chain.name(), &hash, &bytes);
    tx.exec(
        &format!("insert into {} (seq, bytes, hash, at, act, operator_name) values ($1, $2, $3, $4, $5, $6)", chain.table()),
        vals![entry.seq, bytes, now.as_slice(), entry.at, &entry.act, &entry.operator_name],
    )?;
    if chain == Chain::Acts {
        for item in &entry.items {
            if let Some(person) = item.person {
                tx.exec(
                    "insert into audit_items (person, seq, id) values ($1, $2, $3) on conflict do nothing",
                    vals![person, entry.seq, item.id],
                )?;
            }
        }
    }
    tx.exec("update heads set hash = $2 where chain = $1", vals![chain.name(), now.as_slice()])?;
    Ok(entry.seq)
}

/// Entries newest first, below `before`, optionally only of one operator or of acts with a prefix.
pub fn page(tx: &mut Tx, chain: Chain, before: i64, operator: Option<&str>, act: Option<&str>, limit: i64) -> Result<Vec<Stored>> {
    tx.all(
        &format!(
            "select seq, bytes, hash from {} where seq < $1 and ($2 = '' or operator_name = $2) and ($3 = '' or substr(act, 1, length($3)) = $3) \
             order by seq desc limit $4",
            chain.table()
        ),
        vals![before, operator.unwrap_or(""), act.unwrap_or(""), limit],
        |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)),
    )
}

/// Entries after a number, oldest first: the stretch of a chain that somebody recomputes.
pub fn stretch(tx: &mut Tx, chain: Chain, after: i64, limit: i64) -> Result<Vec<Stored>> {
    tx.all(&format!("select seq, bytes, hash from {} where seq > $1 order by seq limit $2", chain.table()), vals![after, limit], |r| {
        Ok((r.get(0)?, r.get(1)?, r.get(2)?))
    })
}

/// Walks a chain from the beginning.
pub fn walk(tx: &mut Tx, chain: Chain, mut f: impl FnMut(i64, &[u8], &[u8], i64, &str, &str) -> Result<()>) -> Result<()> {
    tx.stream(&format!("select seq, bytes, hash, at, act, operator_name from {} order by seq", chain.table()), |r| {
        f(r.get(0)?, &r.get::<Vec<u8>>(1)?, &r.get::<Vec<u8>>(2)?, r.get(3)?, &r.get::<String>(4)?, &r.get::<String>(5)?)
    })
}

/// Entries that concern a person, newest first by time, below an (instant, number): (number, instant, bytes).
pub fn of_person(tx: &mut Tx, person: PersonId, below: (i64, i64), limit: i64) -> Result<Vec<(i64, i64, Vec<u8>)>> {
    tx.all(
        "select seq, at, bytes from audit where seq in (select seq from audit_items where person = $1) and (at, seq) < ($2, $3) \
         order by at desc, seq desc limit $4",
        vals![person, below.0, below.1, limit],
        |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)),
    )
}

/// The sealed key of a person; `None` when there is none (yet, or any more).
pub fn person_key(tx: &mut Tx, person: PersonId) -> Result<Option<Vec<u8>>> {
    tx.one("select sealed from person_keys where person = $1", vals![person], |r| r.get(0))
}

/// Stores a person's sealed key; false when there is one already, which stays: something may be sealed with it.
pub fn put_person_key(tx: &mut Tx, person: PersonId, sealed: &[u8]) -> Result<bool> {
    let sql = "insert into person_keys (person, sealed) values ($1, $2) on conflict do nothing";
    Ok(tx.exec(sql, vals![person, sealed])? == 1)
}

/// Says that something changed, for every watcher.
pub fn announce(tx: &mut Tx, what: &str, id: Option<Uuid>) -> Result<()> {
    tx.wake()?;
    tx.exec("insert into feed (what, id) values ($1, $2)", vals![what, id])?;
    Ok(())
}

/// What was announced after `mark`, at most 200 rows.
pub fn announced(tx: &mut Tx, mark: i64) -> Result<Vec<(i64, String, Option<Uuid>)>> {
    tx.all("select seq, what, id from feed where seq > $1 order by seq limit 200", vals![mark], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
}

/// The newest mark.
pub fn newest(tx: &mut Tx) -> Result<i64> {
    tx.count("select max(seq) from feed", &[])
}
