//! Quarantine: what an import could not take, kept with its reason, and taken again.

use super::{CHUNK, Line, OVER_LIMIT, kept, packed, quarantine_id, refused};
use crate::{
    backend::{ActReply, ActRequest, Failure, Outcome},
    connect::sources::{self, ImportKind, Moment},
    domain::{
        act::Entity,
        audit::{Entry, Item},
        ids::ImportId,
        import::{CustomerFact, EmployeeRow, ExitRow, ImportRow, OrderFact, ReceivableFact, SignalRow},
        operator::Identity,
    },
    service::Service,
    store::{
        self, StoreError,
        audit::Chain,
        import::{Import, Kept},
    },
};
use serde::Deserialize;
use std::collections::HashMap;

impl Service {
    /// Stages every quarantined row again, by the mapping it came with, and publishes them; what is still wrong comes back.
    pub(in crate::service) fn retry_quarantine(&self, who: &Identity, request: &ActRequest) -> Result<ActReply, Failure> {
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
                Entry { count: Some(n as i64), ..Entry::new(at, Some(who), request.act.name(), items) },
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
                let stays = |k: &Kept| (held && k.row.row.why.code == OVER_LIMIT) || sources::is_raw_line(&k.row.row.raw);
                for k in page.into_iter().filter(|k| !stays(k)) {
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
                    let import = made.entry(group.clone()).or_insert_with(|| {
                        Import::new(ImportId(self.new_id(moment.now)), &group.0, group.1.clone(), &group.2, "quarantine", "publishing")
                    });
                    import.rows += lines.len() as i64;
                    let n = store::import::chunks(tx, import.id)?;
                    store::import::put_chunk(tx, import.id, n, &packed(&lines)?)?;
                    store::import::put(tx, import)?;
                    self.queue(tx, "import", &import.id.to_string(), tx.now(), "")?;
                }
                Ok(())
            })?;
        }
        Ok(made.into_values().map(|i| i.id).collect())
    }

    /// Puts every row of an exits file into quarantine: it would end too many people at once.
    pub(super) fn set_aside(&self, import: &mut Import, chunks: i64) -> Result<(), Failure> {
        import.state = "discarded".into();
        for n in 0..chunks {
            self.db.write(|tx| -> Result<(), Failure> {
                for line in self.lines(tx, import.id, n)? {
                    let bad = match line {
                        Line::Good(at, row @ ImportRow::Exit(_)) => kept(import, at, refused(OVER_LIMIT), &row)?,
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
}

/// A row that was mapped before it was refused.
fn direct(raw: &str) -> Option<ImportRow> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Mapped {
        Signal(SignalRow),
        Employee(EmployeeRow),
        Exit(ExitRow),
        Order(OrderFact),
        Receivable(ReceivableFact),
        // Last: an employee's row has all that a customer's must have.
        Customer(CustomerFact),
    }
    #[derive(Deserialize)]
    struct Whole {
        mapped: Mapped,
    }
    serde_json::from_str::<Whole>(raw).ok().map(|k| match k.mapped {
        Mapped::Signal(s) => ImportRow::Signal(s),
        Mapped::Employee(e) => ImportRow::Employee(Box::new(e)),
        Mapped::Exit(e) => ImportRow::Exit(e),
        Mapped::Order(o) => ImportRow::Order(o),
        Mapped::Receivable(r) => ImportRow::Receivable(r),
        Mapped::Customer(c) => ImportRow::Customer(Box::new(c)),
    })
}
