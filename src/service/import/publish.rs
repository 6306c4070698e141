//! Publishing a staged import: chunk by chunk, idempotent, whatever the order of rows and files.

use super::{Line, customer::bare, kept, quarantine_id, refused};
use crate::{
    backend::Failure,
    domain::{
        act::Entity,
        audit::Item,
        ids::{ImportId, PersonId, SpellId},
        import::{BadRow, EmployeeRow, ExitRow, ImportRow, SignalRow},
        sentence::Sentence,
        signal::{KindPolicy, SignalKind},
    },
    service::Service,
    store::{
        self, StoreError, Tx,
        import::Import,
        signal::{EventKey, Span, event_key},
    },
};
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};

/// Chunks whose event keys are claimed together.
const AHEAD: i64 = 250;
/// Employee numbers whose spells are remembered while publishing.
const CACHE: usize = 100_000;

/// What publishing one row did.
enum Took {
    Added,
    Same,
}

/// What a publishing transaction remembers from chunk to chunk.
#[derive(Default)]
pub(super) struct Desk {
    spans: HashMap<String, Vec<Span>>,
    kinds: HashMap<SignalKind, KindPolicy>,
    dirty: BTreeSet<SpellId>,
    signals: Vec<(SpellId, SignalRow, i64)>,
    /// Event keys that were claimed ahead, and for whom and when.
    fresh: HashMap<EventKey, (SpellId, i64)>,
    /// People who were new.
    people: i64,
    departed: bool,
}

impl Service {
    pub(super) fn desk(&self, tx: &mut Tx) -> Result<Desk, StoreError> {
        Ok(Desk { kinds: store::signal::kinds(tx)?.into_iter().map(|k| (k.kind, k)).collect(), ..Desk::default() })
    }

    /// Publishes a staged import, a chunk a transaction, from where it stopped. `still` says whether the job's lease is still ours.
    pub fn publish(&self, id: ImportId, still: &dyn Fn() -> bool) -> Result<(), Failure> {
        let Some(mut import) = self.db.read(|tx| store::import::get(tx, id))? else { return Ok(()) };
        if import.state != "publishing" {
            return Ok(());
        }
        let chunks = self.db.read(|tx| store::import::chunks(tx, id))?;
        let mut desk = self.db.read(|tx| self.desk(tx))?;
        let mut departed = false;
        let start = import.done;
        while import.done < chunks {
            if !still() {
                return Ok(());
            }
            if (import.done - start) % AHEAD == 0 && matches!(import.kind.as_str(), "employees" | "signals") {
                self.claim_ahead(&import, &mut desk, chunks)?;
            }
            self.db.write_relaxed(|tx| self.publish_chunk(tx, &mut import, &mut desk))?;
            departed |= desk.departed;
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
            if departed {
                self.queue(tx, "clocks", "all", tx.now(), "")?;
            }
            // Who has just become known may be the one that earlier rows named.
            if matches!(import.kind.as_str(), "employees" | "customers") && import.added > 0 && store::import::count_quarantine(tx)? > 0 {
                self.queue(tx, "quarantine", "all", tx.now(), "")?;
            }
            Ok(())
        })
    }

    fn publish_chunk(&self, tx: &mut Tx, import: &mut Import, desk: &mut Desk) -> Result<(), Failure> {
        if matches!(import.kind.as_str(), "customers" | "orders" | "receivables") {
            // Operators hand customers over at the same time: what is read here must stay true until it is written.
            tx.lock()?;
        }
        let lines = self.lines(tx, import.id, import.done)?;
        desk.dirty.clear();
        desk.signals.clear();
        desk.people = 0;
        let mut bad = Vec::new();
        let mut rows = Vec::new();
        let mut counts = (0i64, 0i64);
        for line in lines {
            match line {
                Line::Bad(b) => bad.push(b),
                Line::Good(row, ImportRow::Signal(s)) => match self.place(tx, desk, &s)? {
                    Ok((_, keep)) if s.observed_at + jiff::SignedDuration::from_hours(24 * keep) <= tx.now() => counts.1 += 1,
                    Ok((spell, keep)) => {
                        rows.push(row);
                        desk.signals.push((spell, s, keep));
                    }
                    Err(why) => bad.push(kept(import, row, why, &s)?),
                },
                Line::Good(row, what @ (ImportRow::Customer(_) | ImportRow::Order(_) | ImportRow::Receivable(_))) => {
                    match self.take(tx, &import.source, &what, true)? {
                        Ok(true) => counts.0 += 1,
                        Ok(false) => counts.1 += 1,
                        Err(why) => bad.push(kept(import, row, why, &bare(&what))?),
                    }
                }
                Line::Good(row, ImportRow::Employee(e)) => match self.employ(tx, desk, &import.source, &e)? {
                    Ok(Took::Added) => counts.0 += 1,
                    Ok(_) => counts.1 += 1,
                    Err(why) => bad.push(kept(import, row, why, &e)?),
                },
                Line::Good(row, ImportRow::Exit(e)) => match self.exit(tx, desk, &e)? {
                    Ok(Took::Added) => counts.0 += 1,
                    Ok(_) => counts.1 += 1,
                    Err(why) => bad.push(kept(import, row, why, &e)?),
                },
            }
        }
        if !desk.signals.is_empty() {
            self.publish_signals(tx, import, desk, &rows, &mut bad, &mut counts)?;
        }
        store::import::count(tx, "people", desk.people)?;
        store::score::mark(tx, desk.dirty.iter().copied())?;
        for b in &bad {
            store::import::quarantine(tx, quarantine_id(import, b), import, b)?;
        }
        import.done += 1;
        import.added += counts.0;
        import.same += counts.1;
        import.refused += bad.len() as i64;
        store::import::put(tx, import)?;
        Ok(())
    }

    /// Claims the event keys of the next chunks in key order: scattered over the table they would rewrite a page each.
    fn claim_ahead(&self, import: &Import, desk: &mut Desk, chunks: i64) -> Result<(), Failure> {
        let mut keys = Vec::new();
        for n in import.done..chunks.min(import.done + AHEAD) {
            self.db.read(|tx| -> Result<(), Failure> {
                for line in self.lines(tx, import.id, n)? {
                    let Line::Good(_, ImportRow::Signal(s)) = line else { continue };
                    // A person who comes in this very file is not known yet: such a signal claims its key when it is stored.
                    if let Ok((spell, _)) = self.place(tx, desk, &s)? {
                        keys.push((event_key(&import.source, &s.event), spell, s.observed_at.as_microsecond()));
                    }
                }
                Ok(())
            })?;
        }
        keys.sort_unstable();
        keys.dedup_by_key(|k| k.0);
        desk.fresh.clear();
        for some in keys.chunks(super::CHUNK) {
            let new = self.db.write_relaxed(|tx| store::signal::claim(tx, some))?;
            desk.fresh.extend(some.iter().zip(new).filter(|(_, new)| *new).map(|((key, spell, at), _)| (*key, (*spell, *at))));
        }
        Ok(())
    }

    /// Stores the placed signals of a chunk. A repeated event id that says something else is kept for a person to look at; the first one
    /// stays.
    fn publish_signals(
        &self,
        tx: &mut Tx,
        import: &Import,
        desk: &mut Desk,
        rows: &[u64],
        bad: &mut Vec<BadRow>,
        counts: &mut (i64, i64),
    ) -> Result<(), Failure> {
        let changed = || refused("import-event-changed");
        let mut known = Vec::new();
        let mut new = Vec::with_capacity(desk.signals.len());
        for ((spell, s, keep), row) in std::mem::take(&mut desk.signals).into_iter().zip(rows) {
            let key = event_key(&import.source, &s.event);
            let own = (spell, s.observed_at.as_microsecond());
            let first = match desk.fresh.remove(&key) {
                Some(first) => first,
                None => {
                    let new = store::signal::claim(tx, &[(key, own.0, own.1)])?;
                    if new == [true] { own } else { store::signal::claimed(tx, &key)?.unwrap_or(own) }
                }
            };
            if first == own {
                known.push((key, *row));
                new.push((spell, s, keep));
            } else {
                bad.push(kept(import, *row, changed(), &s)?);
            }
        }
        let source = store::signal::source_id(tx, &import.source)?;
        let added = store::signal::insert(tx, source, &import.source, &new)? as i64;
        if added < new.len() as i64 {
            for ((key, row), (spell, s, _)) in known.iter().zip(&new) {
                let stored = store::signal::by_event(tx, key)?;
                if stored.is_some_and(|f| f != (*spell, s.observed_at.as_microsecond(), s.kind, s.value, s.baseline)) {
                    bad.push(kept(import, *row, changed(), s)?);
                }
            }
        }
        counts.0 += added;
        counts.1 += new.len() as i64 - added;
        store::import::count(tx, "signals", added)?;
        if added > 0 {
            desk.dirty.extend(new.iter().map(|(spell, _, _)| *spell));
        }
        Ok(())
    }

    /// The spell that a signal belongs to, and how many days its kind is kept.
    pub(super) fn place(&self, tx: &mut Tx, desk: &mut Desk, s: &SignalRow) -> Result<Result<(SpellId, i64), Sentence>, Failure> {
        let Some(policy) = desk.kinds.get(&s.kind).filter(|k| k.enabled && k.basis.is_some()) else {
            return Ok(Err(refused("import-kind-off").with("kind", format!("@signal-kind-{}", crate::service::timeline::kebab(s.kind)))));
        };
        let keep = policy.keep_days;
        if !desk.spans.contains_key(&s.number) {
            if desk.spans.len() >= CACHE {
                desk.spans.clear();
            }
            desk.spans.insert(s.number.clone(), store::signal::spans(tx, &s.number)?);
        }
        let spans = desk.spans.get(&s.number).map(Vec::as_slice).unwrap_or_default();
        if let [only] = spans
            && only.last_day.is_none()
            && s.observed_at.as_microsecond() >= start_of(&only.started)
        {
            // Nearly every row: one spell, still running, begun before in every zone.
            return Ok(Ok((only.spell, keep)));
        }
        if spans.is_empty() {
            return Ok(Err(refused("import-unknown-number").with("number", &s.number)));
        }
        let on = self.day(s.observed_at).to_string();
        let mut fits = spans.iter().filter(|p| p.started <= on && p.last_day.as_ref().is_none_or(|l| on <= *l));
        match (fits.next(), fits.next()) {
            (Some(p), None) => Ok(Ok((p.spell, keep))),
            (Some(_), Some(_)) => Ok(Err(refused("import-ambiguous-number").with("number", &s.number))),
            _ => Ok(Err(refused("import-outside-employment").with("number", &s.number).with("on", on))),
        }
    }

    /// Takes what a file says about a person. The row with the latest `stated_on` wins, whatever the order of rows and files.
    fn employ(&self, tx: &mut Tx, desk: &mut Desk, source: &str, e: &EmployeeRow) -> Result<Result<Took, Sentence>, Failure> {
        if e.last_day.is_some_and(|l| l < e.started) {
            return Ok(Err(refused("import-ends-before-start")));
        }
        if !e.state.is_live() && e.last_day.is_none() {
            return Ok(Err(refused("import-no-last-day")));
        }
        let now = tx.now();
        let hash = store::import::stated_hash(e);
        let known = store::import::known(tx, source, &e.person)?;
        let spells = match &known {
            Some(k) => store::import::spells(tx, k.id)?,
            None => Vec::new(),
        };
        let same = spells.iter().find(|s| s.started == e.started);
        if let Some(s) = same
            && (s.stated_hash == hash || (s.stated_on, &s.stated_hash) >= (e.stated_on, &hash))
        {
            // Stated again later: nothing changes that a person can see, but an older statement no longer counts.
            if s.stated_hash == hash && e.stated_on > s.stated_on {
                store::import::restate(tx, s.id, e.stated_on, &hash)?;
            }
            return Ok(Ok(Took::Same));
        }
        let person = known.as_ref().map_or_else(|| PersonId(self.new_id(now)), |k| k.id);
        let spell = same.map_or_else(|| SpellId(self.new_id(now)), |s| s.id);
        if e.state.is_live() {
            if spells.iter().any(|s| s.live && s.id != spell) {
                return Ok(Err(refused("import-overlap").with("number", &e.number)));
            }
            if store::import::live_number(tx, &e.number)?.is_some_and(|(s, _)| s != spell) {
                return Ok(Err(refused("import-number-taken").with("number", &e.number)));
            }
        }
        match &known {
            Some(k) if (k.stated_on, &k.stated_hash) >= (e.stated_on, &hash) => {}
            Some(k) => store::import::put_person(tx, person, source, e, k.spell)?,
            None => {
                store::import::put_person(tx, person, source, e, spell)?;
                desk.people += 1;
            }
        }
        store::import::put_spell(tx, spell, person, e)?;
        store::import::show_spell(tx, person)?;
        desk.spans.remove(&e.number);
        if e.state.is_live() {
            desk.dirty.insert(spell);
        } else if same.is_some_and(|s| s.live) {
            desk.departed = true;
        }
        Ok(Ok(Took::Added))
    }

    /// Ends the live spell with a number.
    fn exit(&self, tx: &mut Tx, desk: &mut Desk, e: &ExitRow) -> Result<Result<Took, Sentence>, Failure> {
        let Some((spell, _)) = store::import::live_number(tx, &e.number)? else {
            let gone = store::signal::spans(tx, &e.number)?.iter().any(|s| s.last_day.as_deref() == Some(&e.last_day.to_string()));
            return Ok(if gone { Ok(Took::Same) } else { Err(refused("import-unknown-number").with("number", &e.number)) });
        };
        let started = store::signal::spans(tx, &e.number)?.into_iter().find(|s| s.spell == spell).map(|s| s.started);
        if started.is_some_and(|s| e.last_day.to_string() < s) {
            return Ok(Err(refused("import-ends-before-start")));
        }
        let gone = e.last_day < self.day(tx.now());
        store::import::end_spell(tx, spell, e.last_day, e.exit, gone)?;
        desk.spans.remove(&e.number);
        desk.departed |= gone;
        Ok(Ok(Took::Added))
    }
}

/// Midnight UTC of the day after an ISO date, in microseconds: later than the start of that day in every zone.
fn start_of(date: &str) -> i64 {
    let day: Option<jiff::civil::Date> = date.parse().ok();
    day.and_then(|d| d.tomorrow().ok())
        .and_then(|d| d.to_zoned(jiff::tz::TimeZone::UTC).ok())
        .map_or(i64::MAX, |z| z.timestamp().as_microsecond())
}
