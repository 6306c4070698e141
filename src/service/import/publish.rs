//! Publishing a staged import: chunk by chunk, idempotent.

use super::{
    CHUNK, Line,
    decide::{Desk, Took, is_over},
    kept,
    ledger::Live,
    quarantine_id,
};
use crate::{
    backend::Failure,
    domain::{
        act::Entity,
        audit::Item,
        ids::{ImportId, SpellId},
        import::{ImportRow, SignalRow},
    },
    service::Service,
    store::{
        self, Tx,
        import::Import,
        signal::{EventKey, event_key},
    },
};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Chunks whose event keys are claimed together.
const AHEAD: i64 = 250;

/// Event keys that were claimed ahead, and for whom and when.
type Fresh = HashMap<EventKey, (SpellId, i64)>;

impl Service {
    /// Publishes a staged import, a chunk a transaction, from where it stopped. `still` says whether the job's lease is still ours.
    pub fn publish(&self, id: ImportId, still: &dyn Fn() -> bool) -> Result<(), Failure> {
        let Some(mut import) = self.db.read(|tx| store::import::get(tx, id))? else { return Ok(()) };
        if import.state != "publishing" {
            return Ok(());
        }
        let chunks = self.db.read(|tx| store::import::chunks(tx, id))?;
        let mut desk = self.db.read(|tx| self.desk(tx))?;
        let mut fresh = Fresh::new();
        let start = import.done;
        while import.done < chunks {
            if !still() {
                return Ok(());
            }
            // Only where nobody comes or goes in between is a signal's place known ahead.
            if (import.done - start) % AHEAD == 0 && import.kind == "signals" {
                fresh = self.claim_ahead(&import, &mut desk, chunks)?;
            }
            self.db.write_relaxed(|tx| self.publish_chunk(tx, &mut import, &mut desk, &mut fresh))?;
            if std::mem::take(&mut desk.moved) {
                // Of its own: an act takes the queue before the employment, a chunk has the employment already.
                self.db.write(|tx| self.queue(tx, "clocks", "all", tx.now(), ""))?;
            }
        }
        self.db.write(|tx| -> Result<(), Failure> {
            tx.lock()?;
            import.state = "published".into();
            store::import::put(tx, &import)?;
            store::import::drop_chunks(tx, id)?;
            let digest = Sha256::digest(format!("{} {} {} {}", import.hash, import.added, import.same, import.refused).as_bytes());
            let item = Item { entity: Entity::Import, id: id.0, person: None, before: None, after: None, sealed: None };
            self.machine_entry(tx, "import.published", import.added, &digest, vec![item])?;
            store::audit::announce(tx, "import", Some(id.0))?;
            self.queue(tx, "score", "all", tx.now(), "")?;
            if desk.departed {
                self.queue(tx, "clocks", "all", tx.now(), "")?;
            }
            // Who has just become known may be the one that earlier rows named.
            if matches!(import.kind.as_str(), "employees" | "customers") && import.added > 0 && store::import::count_quarantine(tx)? > 0 {
                self.queue(tx, "quarantine", "all", tx.now(), "")?;
            }
            Ok(())
        })
    }

    fn publish_chunk(&self, tx: &mut Tx, import: &mut Import, desk: &mut Desk, fresh: &mut Fresh) -> Result<(), Failure> {
        if matches!(import.kind.as_str(), "customers" | "orders" | "receivables") {
            // Operators hand customers over at the same time: what is read here must stay true until it is written.
            tx.lock()?;
        }
        let lines = self.lines(tx, import.id, import.done)?;
        desk.clear();
        let mut bad = Vec::new();
        let mut new: Vec<(SpellId, SignalRow, i64)> = Vec::new();
        let mut live = Live::new(tx, fresh);
        for line in lines {
            let (at, row) = match line {
                Line::Good(at, row) => (at, row),
                Line::Bad(b) => {
                    bad.push(b);
                    continue;
                }
            };
            match (self.take(&mut live, desk, &import.source, &row)?, row) {
                (Ok(Took::Signal(spell, keep)), ImportRow::Signal(s)) => {
                    import.added += 1;
                    new.push((spell, s, keep));
                }
                (Ok(Took::Person(_) | Took::Signal(..) | Took::Custody), _) => import.added += 1,
                (Ok(Took::Same | Took::Expired), _) => import.same += 1,
                (Err(why), row) => bad.push(kept(import, at, why, &row)?),
            }
        }
        if !new.is_empty() {
            let source = store::signal::source_id(tx, &import.source)?;
            let stored = store::signal::insert(tx, source, &import.source, &new)? as i64;
            store::import::count(tx, "signals", stored)?;
            // Another worker, with the same file, was first with these.
            let twice = new.len() as i64 - stored;
            import.added -= twice;
            import.same += twice;
        }
        store::import::count(tx, "people", desk.people)?;
        store::score::mark(tx, desk.dirty.iter().copied())?;
        store::effect::mark(tx, &desk.uncounted)?;
        for b in &bad {
            store::import::quarantine(tx, quarantine_id(import, b), import, b)?;
        }
        import.done += 1;
        import.refused += bad.len() as i64;
        store::import::put(tx, import)?;
        Ok(())
    }

    /// Claims the event keys of the next chunks in key order: scattered over the table they would rewrite a page each. Of the same key the
    /// first row claims it, as it would without this.
    fn claim_ahead(&self, import: &Import, desk: &mut Desk, chunks: i64) -> Result<Fresh, Failure> {
        let mut keys = Vec::new();
        for n in import.done..chunks.min(import.done + AHEAD) {
            self.db.read(|tx| -> Result<(), Failure> {
                let lines = self.lines(tx, import.id, n)?;
                let mut none = Fresh::new();
                let mut live = Live::new(tx, &mut none);
                for line in lines {
                    let Line::Good(_, ImportRow::Signal(s)) = line else { continue };
                    if let Ok((spell, keep)) = self.place(&mut live, desk, &s)?
                        && !is_over(&s, keep, &live)
                    {
                        keys.push((event_key(&import.source, &s.event), spell, s.observed_at.as_microsecond()));
                    }
                }
                Ok(())
            })?;
        }
        // Stable, so that the first of equal keys stays in front.
        keys.sort_by_key(|k| k.0);
        keys.dedup_by_key(|k| k.0);
        let mut fresh = Fresh::new();
        for some in keys.chunks(CHUNK) {
            let new = self.db.write_relaxed(|tx| store::signal::claim(tx, some))?;
            fresh.extend(some.iter().zip(new).filter(|(_, new)| *new).map(|((key, spell, at), _)| (*key, (*spell, *at))));
        }
        Ok(fresh)
    }
}
