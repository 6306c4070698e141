//! Imports: a stream is staged and checked, then published chunk by chunk by a job that a crash only delays.
//!
//! A chunk is up to 1,000 mapped rows in one blob, so that staging costs little and no write transaction grows past 1,000 rows.

use super::Service;
use crate::{
    backend::{
        ActReply, ActRequest, Failure, FailureKind, OnProgress, Outcome, Progress, Put, Source, Staged,
        answer::{ImportChange, ImportState},
    },
    connect::sources::{self, ImportKind, Mapping, Moment},
    domain::{
        act::{Act, Entity, Refusal, RefusalClass},
        audit::{Entry, Item},
        ids::{ImportId, PersonId, QuarantineId, SpellId},
        import::{BadRow, EmployeeRow, ExitRow, ImportRow, Origin, SignalRow},
        operator::Identity,
        sentence::Sentence,
        signal::{KindPolicy, SignalKind},
    },
    store::{self, StoreError, Tx, audit::Chain, import::Import, signal::Span},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeSet, HashMap},
    fs,
};

/// Rows in a chunk, and so in a publishing transaction.
const CHUNK: usize = 1_000;
/// Chunks in a staging transaction.
const CHUNKS_AT_ONCE: usize = 8;
/// Bad rows in the answer.
const SAMPLE: usize = 20;
/// Employee numbers whose spells are remembered while publishing.
const CACHE: usize = 100_000;

/// Reason of the rows of an exits file that would end too many people.
const OVER_LIMIT: &str = "import-exits-over-limit";

/// A staged line: good or bad, with its row in the file.
#[derive(Serialize, Deserialize)]
enum Line {
    Good(u64, ImportRow),
    Bad(BadRow),
}

fn usage(what: Sentence) -> Failure {
    Failure::new(FailureKind::Usage, what)
}

fn refused(code: &'static str) -> Sentence {
    Sentence::new(code)
}

/// What publishing one row did.
enum Took {
    Added,
    Same,
}

/// What a publishing transaction remembers from chunk to chunk.
#[derive(Default)]
struct Desk {
    spans: HashMap<String, Vec<Span>>,
    kinds: HashMap<SignalKind, KindPolicy>,
    dirty: BTreeSet<SpellId>,
    signals: Vec<(SpellId, SignalRow, i64)>,
    /// People who were new.
    people: i64,
    departed: bool,
}

impl Service {
    /// The mapping that an import names: shipped, in the home's `maps` folder, or the text of a mapping file.
    fn mapping(&self, map: Option<&str>) -> Result<Option<Mapping>, Failure> {
        let Some(map) = map else { return Ok(None) };
        let own = self.dir.join("maps").join(format!("{map}.toml"));
        let text = if map.contains('\n') {
            map.to_owned()
        } else if !map.contains('/') && own.exists() {
            fs::read_to_string(&own).map_err(|e| usage(Sentence::new("config-bad").with("file", own.display()).with("detail", e)))?
        } else {
            sources::shipped(map)
                .ok_or_else(|| usage(Sentence::new("map-unknown").with("name", map).with("known", sources::NAMES.join(", "))))?
                .to_owned()
        };
        Mapping::parse(&text).map(Some).map_err(|why| usage(why).next(Sentence::new("map-next")))
    }

    /// Takes a stream of bytes.
    pub fn stage(&self, who: &Identity, what: &Put, bytes: Source, mut progress: OnProgress) -> Result<Staged, Failure> {
        let Put::Import { kind, map, file, preview, .. } = what;
        if self.read_only {
            return Err(Failure::new(FailureKind::Refused, Sentence::new("read-only")).next(Sentence::new("read-only-next")));
        }
        let _ = who;
        let kind: ImportKind = kind.parse().map_err(|_| usage(Sentence::new("import-kind").with("kind", kind)))?;
        let mapping = self.mapping(map.as_deref())?;
        let now = self.db.read(|tx| Ok::<_, StoreError>(tx.now()))?;
        let moment = Moment { now, zone: self.zone.clone() };
        let mut reader = sources::open(kind, mapping.as_ref(), file, &moment, bytes).map_err(usage)?;
        let mut import = Import {
            id: ImportId(self.new_id(now)),
            kind: kind.to_string(),
            map: map.clone(),
            source: reader.source().into(),
            file: file.clone(),
            hash: String::new(),
            state: "staging".into(),
            rows: 0,
            bad: 0,
            done: 0,
            added: 0,
            same: 0,
            refused: 0,
            over_exits: false,
        };
        self.db.write(|tx| store::import::put(tx, &import))?;

        let mut sample = Vec::new();
        let (mut lines, mut chunks, mut n) = (Vec::with_capacity(CHUNK), Vec::new(), 0);
        let mut exits = BTreeSet::new();
        loop {
            let next = reader.next();
            let end = next.is_none();
            match next {
                Some(Ok(row)) => {
                    note_exit(&row, &mut exits);
                    import.rows += 1;
                    lines.push(Line::Good(reader.rows(), row));
                }
                Some(Err(bad)) => {
                    import.bad += 1;
                    if sample.len() < SAMPLE {
                        sample.push(bad.clone());
                    }
                    lines.push(Line::Bad(bad));
                }
                None => {}
            }
            if lines.len() == CHUNK || (end && !lines.is_empty()) {
                chunks.push(postcard::to_stdvec(&lines).map_err(Failure::broken)?);
                lines.clear();
            }
            if chunks.len() == CHUNKS_AT_ONCE || (end && !chunks.is_empty()) {
                self.db.write_relaxed(|tx| {
                    for bytes in chunks.drain(..) {
                        store::import::put_chunk(tx, import.id, n, &bytes)?;
                        n += 1;
                    }
                    Ok::<(), StoreError>(())
                })?;
                progress(Progress { rows: reader.rows(), bytes: reader.bytes(), bad: import.bad.unsigned_abs() });
            }
            if end {
                break;
            }
        }
        let finished = match reader.finish() {
            Ok(f) => f,
            Err(why) => {
                self.discard(&mut import)?;
                return Err(Failure::new(FailureKind::Failed, why));
            }
        };
        progress(Progress { rows: finished.rows, bytes: finished.bytes, bad: import.bad.unsigned_abs() });
        import.hash = finished.hash;
        import.state = "staged".into();
        let mut change = ImportChange::default();
        self.db.read(|tx| -> Result<(), Failure> {
            change.exits = self.count_exits(tx, &import.source, &exits)?;
            change.over_exit_limit = self.over_limit(tx, change.exits)?;
            if *preview {
                self.preview(tx, &import, n, &mut change)?;
            }
            Ok(())
        })?;
        import.over_exits = change.over_exit_limit;
        if import.over_exits && kind == ImportKind::Exits && !preview {
            self.set_aside(&mut import, n)?;
        } else {
            self.db.write(|tx| store::import::put(tx, &import))?;
        }
        Ok(Staged { id: import.id, hash: import.hash, rows: import.rows.unsigned_abs(), bad: import.bad.unsigned_abs(), sample, change })
    }

    /// Stages rows that need no reading: the sample company's.
    pub(super) fn stage_rows(&self, import: &mut Import, rows: &mut dyn Iterator<Item = ImportRow>) -> Result<(), Failure> {
        let mut n = 0;
        loop {
            let lines: Vec<Line> = (&mut *rows).take(CHUNK).map(|row| Line::Good(0, row)).collect();
            if lines.is_empty() {
                break;
            }
            import.rows += lines.len() as i64;
            let bytes = postcard::to_stdvec(&lines).map_err(Failure::broken)?;
            self.db.write_relaxed(|tx| store::import::put_chunk(tx, import.id, n, &bytes))?;
            n += 1;
        }
        Ok(self.db.write(|tx| store::import::put(tx, import))?)
    }

    /// Puts every row of an exits file into quarantine: it would end too many people at once.
    fn set_aside(&self, import: &mut Import, chunks: i64) -> Result<(), Failure> {
        import.state = "discarded".into();
        for n in 0..chunks {
            self.db.write(|tx| -> Result<(), Failure> {
                for line in self.lines(tx, import.id, n)? {
                    let bad = match line {
                        Line::Good(row, ImportRow::Exit(e)) => kept(import, row, refused(OVER_LIMIT), &e)?,
                        Line::Good(..) => continue,
                        Line::Bad(bad) => bad,
                    };
                    store::import::quarantine(tx, quarantine_id(import, &bad), import, &bad)?;
                }
                Ok(())
            })?;
        }
        Ok(self.db.write(|tx| {
            store::import::drop_chunks(tx, import.id)?;
            store::import::put(tx, import)
        })?)
    }

    fn discard(&self, import: &mut Import) -> Result<(), Failure> {
        import.state = "discarded".into();
        Ok(self.db.write(|tx| {
            store::import::drop_chunks(tx, import.id)?;
            store::import::put(tx, import)
        })?)
    }

    /// Live people whose spell the file would end.
    fn count_exits(&self, tx: &mut Tx, source: &str, exits: &BTreeSet<(bool, String)>) -> Result<u64, Failure> {
        let mut ended = BTreeSet::new();
        for (by_number, key) in exits {
            let spell = if *by_number {
                store::import::live_number(tx, key)?.map(|(s, _)| s)
            } else {
                match store::import::known(tx, source, key)? {
                    Some(known) => store::import::spells(tx, known.id)?.into_iter().find(|s| s.live).map(|s| s.id),
                    None => None,
                }
            };
            ended.extend(spell);
        }
        Ok(ended.len() as u64)
    }

    /// Whether that many exits at once look like a mistake (domain.md, failure case "HR file marks 3,000 as left").
    fn over_limit(&self, tx: &mut Tx, exits: u64) -> Result<bool, Failure> {
        let live = store::import::count_live(tx)?;
        let limits = &self.config.limits;
        Ok(exits as i64 >= limits.min_exit_count && exits as f64 > live as f64 * limits.max_exit_share)
    }

    /// What publishing would change, without changing it.
    fn preview(&self, tx: &mut Tx, import: &Import, chunks: i64, change: &mut ImportChange) -> Result<(), Failure> {
        let mut desk = self.desk(tx)?;
        let now = tx.now();
        // A panel states a person many times: people are counted once.
        let (mut new, mut changed) = (BTreeSet::new(), BTreeSet::new());
        let mut numbers = BTreeSet::new();
        for n in 0..chunks {
            for line in self.lines(tx, import.id, n)? {
                let Line::Good(_, row) = line else { continue };
                match row {
                    ImportRow::Employee(e) => match store::import::known(tx, &import.source, &e.person)? {
                        None => {
                            numbers.insert(e.number);
                            new.insert(e.person);
                        }
                        Some(k) if (k.stated_on, &k.stated_hash) >= (e.stated_on, &store::import::stated_hash(&e)) => change.same += 1,
                        Some(_) => {
                            changed.insert(e.person);
                        }
                    },
                    ImportRow::Signal(s) => match self.place(tx, &mut desk, &s)? {
                        Ok((_, keep)) if s.observed_at + jiff::SignedDuration::from_hours(24 * keep) <= now => change.expired += 1,
                        Ok(_) => match store::signal::by_event(tx, &store::signal::event_key(&import.source, &s.event))? {
                            Some(_) => change.same += 1,
                            None => change.new_signals += 1,
                        },
                        // The person comes in this very file.
                        Err(why) if why.code == "import-unknown-number" && numbers.contains(&s.number) => change.new_signals += 1,
                        Err(_) => change.refused += 1,
                    },
                    ImportRow::Exit(e) => match store::import::live_number(tx, &e.number)? {
                        Some(_) => {
                            changed.insert(e.number);
                        }
                        None => change.refused += 1,
                    },
                }
            }
        }
        change.new_people = new.len() as u64;
        change.changed_people = changed.len() as u64;
        Ok(())
    }

    fn lines(&self, tx: &mut Tx, id: ImportId, n: i64) -> Result<Vec<Line>, Failure> {
        let bytes = store::import::chunk(tx, id, n)?.ok_or_else(|| Failure::broken("a staged chunk is missing"))?;
        postcard::from_bytes(&bytes).map_err(Failure::broken)
    }

    /// Decides `import.publish` and `import.discard`: publishing itself is a job.
    pub(super) fn decide_import(
        &self,
        tx: &mut Tx,
        request: &ActRequest,
        id: ImportId,
    ) -> Result<Result<super::act::Decided, Refusal>, Failure> {
        let refuse = |class, what| Ok(Err(Refusal::new(class, what)));
        let Some(mut import) = store::import::get(tx, id)? else {
            return refuse(RefusalClass::NotFound, Sentence::new("refused-not-found"));
        };
        if import.over_exits && request.act == Act::ImportPublish {
            return refuse(
                RefusalClass::Policy,
                Sentence::new("refused-import-exits").with("share", format!("{:.0}", self.config.limits.max_exit_share * 100.0)),
            );
        }
        if import.state != "staged" {
            return refuse(RefusalClass::Conflict, Sentence::new("refused-import-state").with("state", &import.state));
        }
        if request.act == Act::ImportDiscard {
            import.state = "discarded".into();
            store::import::drop_chunks(tx, id)?;
        } else {
            import.state = "publishing".into();
            self.queue(tx, "import", &id.to_string(), tx.now(), "")?;
        }
        store::import::put(tx, &import)?;
        let item = Item { entity: Entity::Import, id: id.0, person: None, before: None, after: None, sealed: None };
        Ok(Ok(super::act::Decided { changes: Vec::new(), items: vec![item], version: None, pending: None }))
    }

    fn desk(&self, tx: &mut Tx) -> Result<Desk, StoreError> {
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
        while import.done < chunks {
            if !still() {
                return Ok(());
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
            // People who have just become known may be the ones that earlier rows named.
            if import.kind == "employees" && import.added > 0 && store::import::count_quarantine(tx)? > 0 {
                self.queue(tx, "quarantine", "all", tx.now(), "")?;
            }
            Ok(())
        })
    }

    fn publish_chunk(&self, tx: &mut Tx, import: &mut Import, desk: &mut Desk) -> Result<(), Failure> {
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
            let source = store::signal::source_id(tx, &import.source)?;
            let new = store::signal::insert(tx, source, &import.source, &desk.signals)? as i64;
            let known = desk.signals.len() as i64 - new;
            if known > 0 {
                self.contradictions(tx, import, desk, &rows, &mut bad)?;
            }
            counts.0 += new;
            counts.1 += known;
            store::import::count(tx, "signals", new)?;
            if new > 0 {
                desk.dirty.extend(desk.signals.iter().map(|(s, _, _)| *s));
            }
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

    /// A repeated event id that says something else is kept for a person to look at; the first one stays.
    fn contradictions(&self, tx: &mut Tx, import: &Import, desk: &Desk, rows: &[u64], bad: &mut Vec<BadRow>) -> Result<(), Failure> {
        for ((spell, s, _), row) in desk.signals.iter().zip(rows) {
            let Some(found) = store::signal::by_event(tx, &store::signal::event_key(&import.source, &s.event))? else { continue };
            if found != (*spell, s.observed_at.as_microsecond(), s.kind, s.value, s.baseline) {
                bad.push(kept(import, *row, refused("import-event-changed"), s)?);
            }
        }
        Ok(())
    }

    /// The spell that a signal belongs to, and how many days its kind is kept.
    fn place(&self, tx: &mut Tx, desk: &mut Desk, s: &SignalRow) -> Result<Result<(SpellId, i64), Sentence>, Failure> {
        let Some(policy) = desk.kinds.get(&s.kind).filter(|k| k.enabled && k.basis.is_some()) else {
            return Ok(Err(refused("import-kind-off").with("kind", format!("@signal-kind-{}", super::timeline::kebab(s.kind)))));
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
        if same.is_some_and(|s| (s.stated_on, &s.stated_hash) >= (e.stated_on, &hash)) {
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
        store::import::end_spell(tx, spell, e.last_day, e.exit)?;
        desk.spans.remove(&e.number);
        desk.departed = true;
        Ok(Ok(Took::Added))
    }

    /// How far an import has come.
    pub(super) fn import_state(&self, tx: &mut Tx, id: ImportId) -> Result<ImportState, Failure> {
        let Some(i) = store::import::get(tx, id)? else {
            return Err(Failure::new(FailureKind::NotFound, Sentence::new("not-found").with("what", "@entity-import")));
        };
        let chunks = store::import::chunks(tx, id)?.max(i.done);
        Ok(ImportState { state: i.state, rows: i.rows, done: i.done, chunks, added: i.added, same: i.same, refused: i.refused })
    }

    /// Stages every quarantined row again, by the mapping it came with, and publishes them; what is still wrong comes back.
    pub(super) fn retry_quarantine(&self, who: &Identity, request: &ActRequest) -> Result<ActReply, Failure> {
        let groups = self.restage()?;
        let n = groups.len();
        let entry = self.db.write(|tx| -> Result<Option<i64>, Failure> {
            tx.lock()?;
            let at = tx.now();
            let items: Vec<Item> = groups
                .iter()
                .map(|id| Item { entity: Entity::Import, id: id.0, person: None, before: None, after: None, sealed: None })
                .collect();
            if n == 0 {
                return Ok(None);
            }
            Ok(Some(store::audit::append(
                tx,
                Chain::Acts,
                Entry {
                    seq: 0,
                    prev: String::new(),
                    at,
                    operator: Some(who.operator),
                    operator_name: who.name.clone(),
                    proof: who.proof,
                    act: request.act.name().into(),
                    purpose: None,
                    detail: None,
                    count: Some(n as i64),
                    digest: None,
                    items,
                },
            )?))
        })?;
        let outcomes = groups
            .into_iter()
            .map(|id| Outcome { id: id.0, entity: Entity::Import, refusal: None, version: None, pending: None })
            .collect();
        Ok(ActReply { outcomes, entry, replayed: false, touched: Vec::new() })
    }

    /// Moves quarantined rows into new imports, one a mapping, and queues their publishing.
    pub fn restage(&self) -> Result<Vec<ImportId>, Failure> {
        // Rows of an exits file that was over the limit stay until the limit, as it is now, lets all of them through.
        let held = self.db.read(|tx| -> Result<bool, Failure> {
            let waiting = store::import::count_refused(tx, OVER_LIMIT)?;
            self.over_limit(tx, waiting.unsigned_abs())
        })?;
        let mut made: HashMap<(String, Option<String>, String), Import> = HashMap::new();
        let mut after = None;
        let newest = self.db.read(|tx| Ok::<_, StoreError>(tx.now()))?;
        loop {
            let page: Vec<_> = self
                .db
                .read(|tx| store::import::quarantined(tx, after, CHUNK as i64))?
                .into_iter()
                .filter(|k| k.row.at <= newest)
                .collect();
            let Some(last) = page.last() else { break };
            after = Some((last.row.at.as_microsecond(), last.row.id.0));
            self.db.write(|tx| -> Result<(), Failure> {
                let moment = Moment { now: tx.now(), zone: self.zone.clone() };
                let mut chunks: HashMap<(String, Option<String>, String), Vec<Line>> = HashMap::new();
                for k in page.into_iter().filter(|k| !(held && k.row.row.why.code == OVER_LIMIT)) {
                    let source = store::import::get(tx, k.import)?.map_or_else(|| "import".into(), |i| i.source);
                    let kind: ImportKind = k.kind.parse().map_err(Failure::broken)?;
                    let mapping = self.mapping(k.map.as_deref()).unwrap_or_default();
                    let origin = k.row.row.origin.clone();
                    let lines = match direct(&k.row.row.raw) {
                        Some(row) => vec![Line::Good(origin.row, row)],
                        None => sources::map_raw(kind, mapping.as_ref(), &origin, &moment, &k.row.row.raw)
                            .into_iter()
                            .map(|r| r.map_or_else(Line::Bad, |row| Line::Good(origin.row, row)))
                            .collect(),
                    };
                    store::import::release(tx, k.row.id)?;
                    chunks.entry((k.kind, k.map, source)).or_default().extend(lines);
                }
                for (group, lines) in chunks {
                    let import = made.entry(group.clone()).or_insert_with(|| Import {
                        id: ImportId(self.new_id(moment.now)),
                        kind: group.0.clone(),
                        map: group.1.clone(),
                        source: group.2.clone(),
                        file: "quarantine".into(),
                        hash: String::new(),
                        state: "publishing".into(),
                        rows: 0,
                        bad: 0,
                        done: 0,
                        added: 0,
                        same: 0,
                        refused: 0,
                        over_exits: false,
                    });
                    import.rows += lines.len() as i64;
                    let n = store::import::chunks(tx, import.id)?;
                    store::import::put_chunk(tx, import.id, n, &postcard::to_stdvec(&lines).map_err(Failure::broken)?)?;
                    store::import::put(tx, import)?;
                    self.queue(tx, "import", &import.id.to_string(), tx.now(), "")?;
                }
                Ok(())
            })?;
        }
        Ok(made.into_values().map(|i| i.id).collect())
    }

    /// Bytes of a stored blob.
    pub(super) fn blob(&self, hash: &str) -> Result<Vec<u8>, Failure> {
        self.db
            .read(|tx| tx.one("select bytes from blobs where hash = $1", crate::vals![hash], |r| r.get::<Vec<u8>>(0)))?
            .ok_or_else(|| Failure::new(FailureKind::NotFound, Sentence::new("not-found").with("what", "@entity-blob")))
    }
}

/// The key of a row that states a departure: by employee number, or by the person's key in the source.
fn note_exit(row: &ImportRow, exits: &mut BTreeSet<(bool, String)>) {
    match row {
        ImportRow::Exit(e) => exits.insert((true, e.number.clone())),
        ImportRow::Employee(e) if !e.state.is_live() => exits.insert((false, e.person.clone())),
        _ => false,
    };
}

/// Midnight UTC of the day after an ISO date, in microseconds: later than the start of that day in every zone.
fn start_of(date: &str) -> i64 {
    let day: Option<jiff::civil::Date> = date.parse().ok();
    day.and_then(|d| d.tomorrow().ok())
        .and_then(|d| d.to_zoned(jiff::tz::TimeZone::UTC).ok())
        .map_or(i64::MAX, |z| z.timestamp().as_microsecond())
}

/// A mapped row that the store cannot take, with what is needed to take it later.
fn kept(import: &Import, row: u64, why: Sentence, what: &impl Serialize) -> Result<BadRow, Failure> {
    let raw = serde_json::json!({ "mapped": what }).to_string();
    Ok(BadRow { origin: Origin { file: import.file.clone(), row }, column: None, why, raw })
}

/// A row that was mapped before it was refused.
fn direct(raw: &str) -> Option<ImportRow> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Mapped {
        Signal(SignalRow),
        Employee(EmployeeRow),
        Exit(ExitRow),
    }
    #[derive(Deserialize)]
    struct Kept {
        mapped: Mapped,
    }
    serde_json::from_str::<Kept>(raw).ok().map(|k| match k.mapped {
        Mapped::Signal(s) => ImportRow::Signal(s),
        Mapped::Employee(e) => ImportRow::Employee(e),
        Mapped::Exit(e) => ImportRow::Exit(e),
    })
}

/// The same bad row of the same source is kept once, however often the file is loaded.
fn quarantine_id(import: &Import, bad: &BadRow) -> QuarantineId {
    let hash: [u8; 32] = Sha256::digest(format!("{}\n{}\n{}\n{}", import.source, import.kind, bad.why.code, bad.raw).as_bytes()).into();
    QuarantineId(uuid::Builder::from_custom_bytes(hash.first_chunk::<16>().copied().unwrap_or_default()).into_uuid())
}
