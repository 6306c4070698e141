//! Imports: a stream is staged and checked, then published chunk by chunk by a job that a crash only delays.
//!
//! `decide` (of customers, `customer`) says what becomes of a row, on a `ledger` (of customers, `books`); `publish` is what the job does, `preview` says what it would do, `quarantine` keeps
//! the rows that it cannot take.
//!
//! A chunk is up to 1,000 mapped rows in one blob, so that staging costs little and no write transaction grows past 1,000 rows.

mod books;
mod customer;
mod decide;
mod ledger;
mod preview;
mod publish;
mod quarantine;

use super::Service;
use crate::{
    backend::{ActRequest, Failure, FailureKind, OnProgress, Preview, Progress, Put, Source, Staged, answer::ImportState},
    connect::sources::{self, ImportKind, Mapping, Moment},
    domain::{
        act::{Act, Entity, Refusal, RefusalClass},
        audit::Item,
        ids::{ImportId, QuarantineId},
        import::{BadRow, ImportRow, Origin},
        sentence::Sentence,
    },
    store::{self, StoreError, Tx, import::Import},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{collections::BTreeSet, fs};

/// Rows in a chunk, and so in a publishing transaction.
const CHUNK: usize = 1_000;
/// Lines that are sorted together: what bounds the memory of an import.
const WINDOW: usize = 400_000;
/// Chunks in a staging transaction.
const CHUNKS_AT_ONCE: usize = 8;
/// Bad rows in the answer.
const SAMPLE: usize = 20;

/// Reason of the rows of an exits file that would end too many people.
const OVER_LIMIT: &str = "import-exits-over-limit";

/// A staged line: good or bad, with its row in the file.
#[derive(Serialize, Deserialize)]
pub(in crate::service) enum Line {
    Good(u64, ImportRow),
    Bad(BadRow),
}

impl Line {
    /// Where a line stands in its window: everything but signals first, in the order of the file.
    fn place(&self) -> (&str, Option<jiff::Timestamp>) {
        match self {
            Self::Good(_, ImportRow::Signal(s)) => (&s.number, Some(s.observed_at)),
            _ => ("", None),
        }
    }
}

fn usage(what: Sentence) -> Failure {
    Failure::new(FailureKind::Usage, what)
}

fn refused(code: &'static str) -> Sentence {
    Sentence::new(code)
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

    /// Takes a stream of bytes. A preview alone leaves nothing behind.
    pub fn stage(&self, what: &Put, bytes: Source, progress: OnProgress) -> Result<Staged, Failure> {
        self.stage_of(what, None, bytes, progress)
    }

    /// The same, with another name for where it comes from than the mapping says.
    pub(super) fn stage_of(&self, what: &Put, source: Option<&str>, bytes: Source, mut progress: OnProgress) -> Result<Staged, Failure> {
        let keep = !matches!(what, Put::Import { preview: Preview::Only, .. });
        if self.read_only && keep {
            return Err(Failure::new(FailureKind::Refused, Sentence::new("read-only")).next(Sentence::new("read-only-next")));
        }
        let (kind, map, file, preview) = match what {
            Put::Import { kind, map, file, preview, .. } => (kind, map, file, preview),
            Put::Evidence { file } => return self.put_evidence(file, bytes, progress),
        };
        let kind: ImportKind = kind.parse().map_err(|_| usage(Sentence::new("import-kind").with("kind", kind)))?;
        let mapping = self.mapping(map.as_deref())?;
        let now = self.db.read(|tx| Ok::<_, StoreError>(tx.now()))?;
        let moment = Moment { now, zone: self.zone.clone() };
        let mut reader = sources::open(kind, mapping.as_ref(), file, &moment, bytes).map_err(usage)?;
        let mut import =
            Import::new(ImportId(self.new_id(now)), kind.into(), map.clone(), source.unwrap_or(reader.source()), file, "staging");
        let mut foreseen = if *preview == Preview::No { None } else { Some(self.begin_preview()?) };
        if keep {
            self.db.write(|tx| store::import::put(tx, &import))?;
        }

        let mut sample = Vec::new();
        let (mut window, mut n) = (Vec::new(), 0);
        let mut exits = BTreeSet::new();
        // Only signals gain from lying sorted; people are staged as they come.
        let large = if kind == ImportKind::Signals { WINDOW } else { CHUNK * CHUNKS_AT_ONCE };
        loop {
            let next = reader.next();
            let end = next.is_none();
            match next {
                Some(Ok(row)) => {
                    note_exit(&row, &mut exits);
                    import.rows += 1;
                    window.push(Line::Good(reader.rows(), row));
                }
                Some(Err(bad)) => {
                    import.bad += 1;
                    if sample.len() < SAMPLE {
                        sample.push(bad.clone());
                    }
                    window.push(Line::Bad(bad));
                }
                None => {}
            }
            if window.len() == large || end {
                // People first and then signals by person: what lies together in the table is written together.
                window.sort_by(|a, b| a.place().cmp(&b.place()));
                if let Some(p) = &mut foreseen {
                    sample.extend(self.foresee(p, &import, &window, SAMPLE - sample.len().min(SAMPLE))?);
                }
                if keep {
                    n = self.stage_window(import.id, &window, n)?;
                }
                window.clear();
            }
            if reader.rows() % CHUNK as u64 == 0 || end {
                progress(Progress { rows: reader.rows(), bytes: reader.bytes(), bad: import.bad.unsigned_abs() });
            }
            if end {
                break;
            }
        }
        let finished = match reader.finish() {
            Ok(f) => f,
            Err(why) => {
                if keep {
                    self.discard(&mut import)?;
                }
                return Err(Failure::new(FailureKind::Failed, why));
            }
        };
        progress(Progress { rows: finished.rows, bytes: finished.bytes, bad: import.bad.unsigned_abs() });
        import.hash = finished.hash;
        import.state = "staged".into();
        let mut change = foreseen.map(|p| p.change).unwrap_or_default();
        self.db.read(|tx| -> Result<(), Failure> {
            change.exits = self.count_exits(tx, &import.source, &exits)?;
            change.over_exit_limit = self.over_limit(tx, change.exits)?;
            Ok(())
        })?;
        import.over_exits = change.over_exit_limit;
        if import.over_exits && kind == ImportKind::Exits && *preview == Preview::No {
            self.set_aside(&mut import, n)?;
        } else if keep {
            self.db.write(|tx| store::import::put(tx, &import))?;
        }
        let id = keep.then_some(import.id);
        Ok(Staged { id, hash: import.hash, rows: import.rows.unsigned_abs(), bad: import.bad.unsigned_abs(), sample, change })
    }

    /// Writes a window of lines as chunks.
    fn stage_window(&self, id: ImportId, window: &[Line], mut n: i64) -> Result<i64, Failure> {
        for group in window.chunks(CHUNK * CHUNKS_AT_ONCE) {
            self.db.write_relaxed(|tx| -> Result<(), Failure> {
                for lines in group.chunks(CHUNK) {
                    store::import::put_chunk(tx, id, n, &packed(lines)?)?;
                    n += 1;
                }
                Ok(())
            })?;
        }
        Ok(n)
    }

    /// Stages rows that need no reading: the sample company's.
    pub fn stage_rows(&self, import: &mut Import, rows: &mut dyn Iterator<Item = ImportRow>) -> Result<(), Failure> {
        let mut n = 0;
        loop {
            let lines: Vec<Line> = (&mut *rows).take(CHUNK).map(|row| Line::Good(0, row)).collect();
            if lines.is_empty() {
                break;
            }
            import.rows += lines.len() as i64;
            let bytes = packed(&lines)?;
            self.db.write_relaxed(|tx| store::import::put_chunk(tx, import.id, n, &bytes))?;
            n += 1;
        }
        Ok(self.db.write(|tx| store::import::put(tx, import))?)
    }

    fn discard(&self, import: &mut Import) -> Result<(), Failure> {
        import.state = "discarded".into();
        Ok(self.db.write(|tx| {
            store::import::drop_chunks(tx, import.id)?;
            store::import::put(tx, import)
        })?)
    }

    /// Live people whose spell the file would end.
    fn count_exits(&self, tx: &mut Tx, source: &str, exits: &Exits) -> Result<u64, Failure> {
        let mut ended = BTreeSet::new();
        for (started, key) in exits {
            let spell = match started {
                None => store::import::live_number(tx, key)?.map(|(s, _)| s),
                // A spell that is over already, of somebody who came back, ends nobody.
                Some(started) => match store::import::known(tx, source, key)? {
                    Some(known) => {
                        store::import::spells(tx, known.id)?.into_iter().find(|s| s.live() && s.started == *started).map(|s| s.id)
                    }
                    None => None,
                },
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

    fn lines(&self, tx: &mut Tx, id: ImportId, n: i64) -> Result<Vec<Line>, Failure> {
        let bytes = store::import::chunk(tx, id, n)?.ok_or_else(|| Failure::broken("a staged chunk is missing"))?;
        unpacked(&bytes)
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

    /// How far an import has come.
    pub(super) fn import_state(&self, tx: &mut Tx, id: ImportId) -> Result<ImportState, Failure> {
        let Some(i) = store::import::get(tx, id)? else {
            return Err(Failure::new(FailureKind::NotFound, Sentence::new("not-found").with("what", "@entity-import")));
        };
        let chunks = store::import::chunks(tx, id)?.max(i.done);
        Ok(ImportState { state: i.state, rows: i.rows, done: i.done, chunks, added: i.added, same: i.same, refused: i.refused })
    }
}

/// A chunk of staged lines as bytes.
pub(in crate::service) fn packed(lines: &[Line]) -> Result<Vec<u8>, Failure> {
    postcard::to_stdvec(lines).map_err(Failure::broken)
}

/// The lines of a chunk.
pub(in crate::service) fn unpacked(bytes: &[u8]) -> Result<Vec<Line>, Failure> {
    postcard::from_bytes(bytes).map_err(Failure::broken)
}

/// Departures that a file states: by employee number, or by the start of the spell and the person's key in the source.
type Exits = BTreeSet<(Option<jiff::civil::Date>, String)>;

fn note_exit(row: &ImportRow, exits: &mut Exits) {
    match row {
        ImportRow::Exit(e) => exits.insert((None, e.number.clone())),
        ImportRow::Employee(e) if !e.state.is_live() => exits.insert((Some(e.started), e.person.clone())),
        _ => false,
    };
}

/// A mapped row that the store cannot take, with what is needed to take it later.
fn kept(import: &Import, row: u64, why: Sentence, what: &ImportRow) -> Result<BadRow, Failure> {
    let mapped = match what {
        ImportRow::Employee(e) => serde_json::to_value(e),
        ImportRow::Signal(s) => serde_json::to_value(s),
        ImportRow::Exit(e) => serde_json::to_value(e),
        ImportRow::Customer(c) => serde_json::to_value(c),
        ImportRow::Order(o) => serde_json::to_value(o),
        ImportRow::Receivable(r) => serde_json::to_value(r),
    };
    let raw = serde_json::json!({ "mapped": mapped.map_err(Failure::broken)? }).to_string();
    Ok(BadRow { origin: Origin { file: import.file.clone(), row }, column: None, why, raw })
}

/// The same bad row of the same source is kept once, however often the file is loaded.
fn quarantine_id(import: &Import, bad: &BadRow) -> QuarantineId {
    let hash: [u8; 32] = Sha256::digest(format!("{}\n{}\n{}\n{}", import.source, import.kind, bad.why.code, bad.raw).as_bytes()).into();
    QuarantineId(uuid::Builder::from_custom_bytes(hash.first_chunk::<16>().copied().unwrap_or_default()).into_uuid())
}
