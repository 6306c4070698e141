//! What publishing a file would do, worked out by the decisions that publishing runs, on a draft of the store.

use super::{
    CHUNK, Line,
    decide::{Desk, Took},
    kept,
    ledger::{Draft, Memory},
};
use crate::{
    backend::{Failure, answer::ImportChange},
    domain::{ids::PersonId, import::BadRow},
    service::Service,
    store::{StoreError, import::Import},
};
use std::collections::BTreeSet;

/// A preview under way.
pub(super) struct Preview {
    memory: Memory,
    desk: Desk,
    /// People that were there before: a panel states a person many times, who counts once.
    changed: BTreeSet<PersonId>,
    pub change: ImportChange,
}

impl Service {
    pub(super) fn begin_preview(&self) -> Result<Preview, StoreError> {
        let desk = self.db.read(|tx| self.desk(tx))?;
        Ok(Preview { memory: Memory::default(), desk, changed: BTreeSet::new(), change: ImportChange::default() })
    }

    /// Takes lines in the order of publishing; up to `room` refused rows come back with their reasons.
    pub(super) fn foresee(&self, p: &mut Preview, import: &Import, lines: &[Line], room: usize) -> Result<Vec<BadRow>, Failure> {
        let mut refused = Vec::new();
        for chunk in lines.chunks(CHUNK) {
            // A snapshot a chunk: one for the whole file would keep the log from being folded in, and publishing sees others' acts too.
            self.db.read(|tx| -> Result<(), Failure> {
                let mut draft = Draft { tx, memory: &mut p.memory };
                for line in chunk {
                    let Line::Good(at, row) = line else { continue };
                    let change = &mut p.change;
                    match self.take(&mut draft, &mut p.desk, &import.source, row)? {
                        Ok(Took::Person(id)) => {
                            change.added += 1;
                            if !draft.memory.is_new(id) {
                                p.changed.insert(id);
                            }
                        }
                        Ok(Took::Signal(..)) => {
                            change.added += 1;
                            change.new_signals += 1;
                        }
                        Ok(Took::Custody) => {
                            change.added += 1;
                            change.changed_custody += 1;
                        }
                        Ok(Took::Same) => change.same += 1,
                        Ok(Took::Expired) => change.expired += 1,
                        Err(why) => {
                            change.refused += 1;
                            if refused.len() < room {
                                refused.push(kept(import, *at, why, row)?);
                            }
                        }
                    }
                }
                Ok(())
            })?;
            p.change.new_people += p.desk.people.unsigned_abs();
            p.change.changed_people = p.changed.len() as u64;
            p.desk.clear();
        }
        Ok(refused)
    }
}
